/**
 * One relay as a device sees it: connects, proves itself, stays connected, and says when it is up or down.
 *
 * It must never hold the access key (signing is an argument), never keep frames for later (the outbox in the vault
 * does that), and never say `up` before the relay said welcome. Socket, clock, timers and chance are arguments.
 */
import { accessProof } from '../core/admission.ts';
import { type Bytes, hex } from '../wire/bytes.ts';
import { Fault } from '../wire/fault.ts';
import { type ClientFrame, decodeRelayFrame, encodeClientFrame, type RelayFrame } from '../wire/frame.ts';
import type { AccessKey, OrgId, RelayId } from '../wire/id.ts';
import { versions } from '../wire/version.ts';
import { linkLimit, retryMs } from './limit.ts';
import type { DownCode, LinkPorts, SocketLike } from './port.ts';

export interface LinkConfig {
  readonly relay: RelayId;
  /** `host:port`, tried in turn; at least one. */
  readonly addresses: readonly string[];
  readonly org: OrgId;
  readonly access: AccessKey;
  /** Signs with the access key under the label `access`. */
  signAccess(parts: readonly Bytes[]): Bytes;
  /** The newest admission list this device holds, brought to a relay that has none or an older one. */
  admission?(): { readonly version: number; readonly list: Bytes } | undefined;
}

export interface LinkUp {
  readonly relay: RelayId;
  /** Store id, hexadecimal: another one than before means that the relay lost its disk. */
  readonly store: string;
  /** Relay time minus ours, corrected by half the round trip. */
  readonly offsetMs: number;
  readonly rttMs: number;
  /** Version of the admission list in force there. */
  readonly admission: number;
}
export interface LinkDown {
  readonly relay: RelayId;
  readonly code: DownCode;
  readonly text: string;
  /** When the next try comes; undefined after `close()`. */
  readonly retryInMs: number | undefined;
}
export interface LinkEvents {
  up(up: LinkUp): void;
  /** After every `up`, and after every attempt that failed. */
  down(down: LinkDown): void;
  /** Frames after `up`, in order. Answers to the link's own frames are not among them. */
  frame(relay: RelayId, frame: RelayFrame): void;
}

/** The `ref` of the link's own frames; callers must use smaller ones. */
export const linkRef = 0xffffffff;

type Talk =
  | { readonly at: 'opening' }
  | { readonly at: 'hello'; readonly sentAtMs: number }
  | { readonly at: 'admit' | 'proof'; readonly sentAtMs: number; readonly challenge: Challenge }
  | { readonly at: 'up' };
type Challenge = Extract<RelayFrame, { type: 'challenge' }>;
interface Measured {
  readonly offsetMs: number;
  readonly rttMs: number;
}

export class Link {
  readonly #config: LinkConfig;
  readonly #ports: LinkPorts;
  readonly #events: LinkEvents;
  #socket: SocketLike | undefined;
  #talk: Talk = { at: 'opening' };
  #measured: Measured | undefined;
  #hasBroughtList = false;
  #failures = 0;
  #address = 0;
  #isClosed = false;
  #cancelRetry: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #cancelStable: (() => void) | undefined;

  /** Begins to connect at once; the first event comes later, never from inside the constructor. */
  constructor(config: LinkConfig, ports: LinkPorts, events: LinkEvents) {
    this.#config = config;
    this.#ports = ports;
    this.#events = events;
    this.#cancelRetry = ports.setTimer(0, () => this.#connect());
  }

  get relay(): RelayId {
    return this.#config.relay;
  }

  get isUp(): boolean {
    return this.#talk.at === 'up' && this.#socket !== undefined;
  }

  /** Bytes handed over and not yet taken by the network. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0;
  }

  /** False if the link is not up or too much is waiting already: keep the frame and offer it again. */
  send(frame: ClientFrame): boolean {
    if (!this.isUp || this.bufferedBytes > linkLimit.outgoingBytes) return false;
    this.#send(frame);
    return true;
  }

  /** The network changed, the machine woke, or a newer list came: try now, and ask at once whether an old connection still lives. */
  wake(): void {
    if (this.#isClosed) return;
    this.#failures = 0;
    if (this.isUp) this.#ask();
    else this.#connect();
  }

  /** Ends this connection and begins another: what came on it could not be kept here, so the relay must say it again. */
  restart(): void {
    if (this.#socket !== undefined) this.#fail('lost', 'this device begins the connection anew');
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const wasThere = this.#socket !== undefined;
    this.#drop();
    if (wasThere)
      this.#events.down({ relay: this.relay, code: 'closed', text: 'closed on this device', retryInMs: undefined });
  }

  #connect(): void {
    this.#drop();
    if (this.#isClosed) return;
    const { addresses, relay } = this.#config;
    const address = addresses[this.#address % addresses.length] ?? '';
    this.#talk = { at: 'opening' };
    this.#measured = undefined;
    this.#hasBroughtList = false;
    this.#watch(linkLimit.handshakeMs, () => this.#fail('timeout', 'the relay did not answer in time'));
    try {
      this.#socket = this.#ports.connect(address, relay, {
        onOpen: () => this.#hello(),
        onMessage: (bytes) => this.#receive(bytes),
        onPong: () => this.#isAlive(),
        onClose: (code, text) => this.#fail(code, text),
      });
    } catch (error) {
      this.#fail('unreachable', error instanceof Fault ? error.message : 'the relay cannot be reached');
    }
  }

  #hello(): void {
    this.#talk = { at: 'hello', sentAtMs: this.#ports.now() };
    this.#send({ type: 'hello', versions });
  }

  #receive(bytes: Bytes): void {
    let frame: RelayFrame;
    try {
      frame = decodeRelayFrame(bytes);
    } catch {
      this.#fail('malformed', 'the relay sent something that is not a frame');
      return;
    }
    const talk = this.#talk;
    if (talk.at !== 'up') {
      this.#greet(talk, frame);
      return;
    }
    this.#isAlive();
    if ('ref' in frame && frame.ref === linkRef) return;
    this.#events.frame(this.relay, frame);
  }

  #greet(talk: Exclude<Talk, { at: 'up' }>, frame: RelayFrame): void {
    if (talk.at === 'hello' && frame.type === 'challenge') {
      this.#measure(talk.sentAtMs, frame.timeMs);
      this.#prove(frame);
    } else if (talk.at === 'proof' && frame.type === 'welcome') {
      this.#measure(talk.sentAtMs, frame.timeMs);
      this.#goUp(talk.challenge, frame.admission);
    } else if (talk.at === 'proof' && frame.type === 'refused' && frame.code === 'not-admitted' && this.#bringList()) {
      this.#talk = { at: 'admit', sentAtMs: this.#ports.now(), challenge: talk.challenge };
    } else if (talk.at === 'admit' && frame.type === 'admitted') {
      this.#prove(talk.challenge);
    } else if (frame.type === 'refused') {
      const { code } = frame;
      this.#fail(code === 'broken' ? 'busy' : code, frame.text);
    } else {
      this.#fail('wrong-order', 'the relay sent a frame that does not belong there');
    }
  }

  #prove(challenge: Challenge): void {
    const { org, access, relay } = this.#config;
    // The version is the relay's choice among ours; one we did not offer would be signed for nothing we speak.
    if (!versions.includes(challenge.version)) {
      this.#fail('unsupported-version', 'the relay chose a version this device did not offer');
      return;
    }
    // The pin signed is the configured one, which the socket has checked: a relay in the middle cannot use the proof.
    const signature = this.#config.signAccess(accessProof(challenge.nonce, relay, org, challenge.version));
    this.#talk = { at: 'proof', sentAtMs: this.#ports.now(), challenge };
    this.#send({ type: 'proof', org, access, signature });
  }

  #goUp(challenge: Challenge, admission: number): void {
    this.#talk = { at: 'up' };
    this.#cancelStable = this.#ports.setTimer(linkLimit.stableMs, () => {
      this.#failures = 0;
    });
    this.#isAlive();
    const { offsetMs, rttMs } = this.#measured ?? { offsetMs: 0, rttMs: 0 };
    if ((this.#config.admission?.()?.version ?? 0) > admission) this.#bringList();
    this.#events.up({ relay: this.relay, store: hex(challenge.store), offsetMs, rttMs, admission });
  }

  /** Once per connection: a relay that does not take the list the first time will not take it the second. */
  #bringList(): boolean {
    const held = this.#config.admission?.();
    if (held === undefined || this.#hasBroughtList) return false;
    this.#hasBroughtList = true;
    this.#send({ type: 'admit', ref: linkRef, list: held.list });
    return true;
  }

  /** Of the two measurements the one with the shorter round trip is nearer the truth. */
  #measure(sentAtMs: number, relayMs: number): void {
    const nowMs = this.#ports.now();
    const rttMs = Math.max(0, nowMs - sentAtMs);
    if (this.#measured !== undefined && this.#measured.rttMs <= rttMs) return;
    this.#measured = { offsetMs: Math.round(relayMs - (sentAtMs + nowMs) / 2), rttMs };
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(encodeClientFrame(frame));
  }

  #isAlive(): void {
    if (this.isUp) this.#watch(linkLimit.pingMs, () => this.#ask());
  }

  #ask(): void {
    this.#socket?.ping();
    this.#watch(linkLimit.pongMs, () => this.#fail('timeout', 'the relay fell silent'));
  }

  #watch(ms: number, fire: () => void): void {
    this.#cancelWatch?.();
    this.#cancelWatch = this.#ports.setTimer(ms, fire);
  }

  #fail(code: DownCode, text: string): void {
    if (this.#isClosed) return;
    const wasUp = this.isUp;
    this.#drop();
    this.#failures += 1;
    if (!wasUp) this.#address += 1; // the address that worked is tried first
    const { length } = this.#config.addresses;
    const isSameRound = this.#failures % length !== 0;
    const waitMs = isSameRound
      ? linkLimit.nextAddressMs
      : retryMs(Math.ceil(this.#failures / length), this.#ports.random());
    // Another address may lead to the right key. An answer of the relay itself is the same at each of them.
    const isLasting =
      code === 'not-admitted' || code === 'unsupported-version' || (code === 'wrong-pin' && !isSameRound);
    const retryInMs = isLasting ? Math.max(waitMs, linkLimit.refusedRetryMs) : waitMs;
    this.#cancelRetry = this.#ports.setTimer(retryInMs, () => this.#connect());
    this.#events.down({ relay: this.relay, code, text, retryInMs });
  }

  #drop(): void {
    for (const cancel of [this.#cancelRetry, this.#cancelWatch, this.#cancelStable]) cancel?.();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#talk = { at: 'opening' };
    socket?.close();
  }
}
