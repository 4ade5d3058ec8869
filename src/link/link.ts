/**
 * One relay as a device sees it: connects, proves itself, stays connected, and says when it is up or down.
 *
 * It must never hold the access key (signing is an argument), never keep frames for later (the outbox in the vault
 * does that), and never say `up` before the relay said welcome. Socket, clock, timers and chance are arguments.
 */
import { accessProof } from '../core/admission.ts';
import { type Bytes, hex } from '../wire/bytes.ts';
import { type ClientFrame, decodeRelayFrame, encodeClientFrame, type RelayFrame } from '../wire/frame.ts';
import type { RelayId } from '../wire/id.ts';
import { versions } from '../wire/version.ts';
import { sayPlace } from './address.ts';
import type { LinkConfig, LinkEvents, LinkUp } from './event.ts';
import { linkLimit, retryMs } from './limit.ts';
import type { DownCode, LinkPorts, Route, SocketLike } from './port.ts';
import { type ProxySetting, sayProxy } from './proxy.ts';
import { type Failure, laneOf, Race } from './race.ts';

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

const noWay = 'there is no way to this relay: no proxy is known, and this device may not go directly';

/** Each sentence once: three addresses behind one dead proxy are one thing to say. */
const textsOf = (failures: readonly Failure[]): readonly string[] => [...new Set(failures.map(({ text }) => text))];

export class Link {
  readonly #config: LinkConfig;
  readonly #ports: LinkPorts;
  readonly #events: LinkEvents;
  /** What to do about proxies now. */
  #proxy: ProxySetting;
  #race: Race | undefined;
  #socket: SocketLike | undefined;
  #route: Route | undefined;
  #talk: Talk = { at: 'opening' };
  #measured: Measured | undefined;
  #hasBroughtList = false;
  #failures = 0;
  /** The lane that led to welcome last, and the one that won and then led to nothing. */
  #goodLane: string | undefined;
  #badLane: string | undefined;
  #isClosed = false;
  #cancelRetry: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #cancelStable: (() => void) | undefined;
  #cancelBeat: (() => void) | undefined;

  /** Begins to connect at once; the first event comes later, never from inside the constructor. */
  constructor(config: LinkConfig, ports: LinkPorts, events: LinkEvents) {
    this.#config = config;
    this.#proxy = config.proxy;
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

  /** The network changed, or a newer list came: try now, and ask at once whether an old connection still lives. */
  wake(): void {
    if (this.#isClosed) return;
    this.#failures = 0;
    if (!this.isUp) {
      this.#connect();
      return;
    }
    this.#socket?.ping();
    this.#allowSilence(linkLimit.wakePongMs);
  }

  /**
   * The machine slept, or its clock was set: the connection is most likely dead and what was measured on it is wrong,
   * so it begins anew at once.
   */
  renew(): void {
    this.#beginAnew('this machine slept, or its clock was set: the connection begins anew');
  }

  /** Another proxy setting. What stands or is being tried ends at once: it may be a way that is forbidden from now on. */
  goBy(proxy: ProxySetting): void {
    this.#proxy = proxy;
    this.#goodLane = undefined;
    this.#badLane = undefined;
    this.#beginAnew('the proxy was set anew: the connection begins anew');
  }

  #beginAnew(why: string): void {
    if (this.#isClosed) return;
    this.#failures = 0;
    if (this.isUp) this.#fail('lost', why, 'at-once');
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
    this.#talk = { at: 'opening' };
    this.#measured = undefined;
    this.#hasBroughtList = false;
    this.#watch(linkLimit.handshakeMs, () => this.#fallSilent());
    const plan = {
      relay,
      addresses,
      setting: this.#proxy,
      ...(this.#goodLane === undefined ? {} : { first: this.#goodLane }),
      ...(this.#badLane === undefined ? {} : { last: this.#badLane }),
    };
    const race = new Race(plan, this.#ports, {
      won: (socket, route) => {
        this.#socket = socket;
        this.#route = route;
        this.#hello();
      },
      failed: () => this.#failAll(race.failures),
      onMessage: (bytes) => this.#receive(bytes),
      onHeard: () => this.#isAlive(),
      onClose: (code, text) => this.#fail(code, text),
    });
    this.#race = race;
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
    this.#beat();
    const { offsetMs, rttMs } = this.#measured ?? { offsetMs: 0, rttMs: 0 };
    if ((this.#config.admission?.()?.version ?? 0) > admission) this.#bringList();
    const store = hex(challenge.store);
    this.#events.up({ relay: this.relay, ...this.#way(), store, offsetMs, rttMs, admission });
  }

  #way(): Pick<LinkUp, 'address' | 'proxy'> {
    const route = this.#route;
    if (route === undefined) return { address: '' };
    this.#goodLane = laneOf(route);
    this.#badLane = undefined;
    const place = sayPlace(route);
    const address = place === route.address ? place : `${route.address} (${place})`;
    return route.proxy === undefined ? { address } : { address, proxy: sayProxy(route.proxy) };
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
    if (this.isUp) this.#allowSilence(linkLimit.pingMs + linkLimit.pongMs);
  }

  #allowSilence(ms: number): void {
    this.#watch(ms, () => this.#fail('timeout', 'the relay fell silent'));
  }

  /** Also while much comes: what the relay asks waits behind that, and it must hear that somebody is here. */
  #beat(): void {
    this.#cancelBeat = this.#ports.setTimer(linkLimit.pingMs, () => {
      this.#socket?.ping();
      this.#beat();
    });
  }

  #fallSilent(): void {
    const others = this.#socket === undefined ? textsOf(this.#race?.failures ?? []) : [];
    this.#fail('timeout', ['the relay did not answer in time', ...others].join('; '));
  }

  /** No way led there. Called by the worst of it, a wrong key; waited out only if there is one on every way. */
  #failAll(failures: readonly Failure[]): void {
    const codes = new Set(failures.map(({ code }) => code));
    const code = (['wrong-pin', 'proxy'] as const).find((each) => codes.has(each)) ?? 'unreachable';
    const text = textsOf(failures).join('; ') || noWay;
    this.#fail(code, text, codes.size === 1 && code === 'wrong-pin' ? 'lasting' : undefined);
  }

  #watch(ms: number, fire: () => void): void {
    this.#cancelWatch?.();
    this.#cancelWatch = this.#ports.setTimer(ms, fire);
  }

  #fail(code: DownCode, text: string, when?: 'at-once' | 'lasting'): void {
    if (this.#isClosed) return;
    if (!this.isUp && this.#route !== undefined) {
      this.#badLane = laneOf(this.#route);
      this.#goodLane = undefined;
    }
    this.#drop();
    this.#failures += 1;
    const waitMs = retryMs(this.#failures, this.#ports.random());
    const isLasting = when === 'lasting' || code === 'not-admitted' || code === 'unsupported-version';
    const retryInMs = when === 'at-once' ? 0 : isLasting ? Math.max(waitMs, linkLimit.refusedRetryMs) : waitMs;
    this.#cancelRetry = this.#ports.setTimer(retryInMs, () => this.#connect());
    this.#events.down({ relay: this.relay, code, text, retryInMs });
  }

  #drop(): void {
    for (const cancel of [this.#cancelRetry, this.#cancelWatch, this.#cancelStable, this.#cancelBeat]) cancel?.();
    const race = this.#race;
    this.#race = undefined;
    this.#socket = undefined;
    this.#route = undefined;
    this.#talk = { at: 'opening' };
    race?.close();
  }
}
