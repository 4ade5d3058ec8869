/**
 * One socket: frames in, frames out, and the one catch between them. It knows the order of the conversation
 * (the door until welcome, the hub and the store after it) and it counts what its device uses up.
 *
 * It must never act on a frame of a socket that is over, never send without a bound, and never let an error of
 * one socket reach another.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import { Broken, Fault, PeerFault, Refused } from '../src/wire/fault.ts';
import {
  type ClientFrame,
  decodeClientFrame,
  encodeRelayFrame,
  type RefusalCode,
  type RelayFrame,
} from '../src/wire/frame.ts';
import type { TopicId } from '../src/wire/id.ts';
import { Bucket } from './bucket.ts';
import type { Door, Entrant, Gate } from './gate.ts';
import type { Hub, Listener, Outlet } from './hub.ts';
import type { RelayLimits } from './limit.ts';
import { leftOutText, refusalCodeOf, refusalText } from './refusal.ts';
import type { Store } from './storage.ts';

/** The socket as a session needs it. */
export interface Wire {
  readonly waitingBytes: number;
  /** What came from the other side so far, parts of messages too. */
  readonly heardBytes: number;
  /** Of the peer, where it is known. */
  readonly address: string | undefined;
  /** `onTaken` when the network has taken the bytes. */
  send(bytes: Bytes, onTaken: () => void): void;
  /** Says goodbye, and cuts after the grace time whatever the other side does. */
  close(code: number, reason: string): void;
  cut(): void;
}

/** What one device uses up, over all its sockets and reconnects. */
export interface Usage {
  readonly frames: Bucket;
  readonly envelopes: Bucket;
  readonly bytes: Bucket;
}
export const usage = (limits: RelayLimits, nowMs: number): Usage => ({
  frames: new Bucket(limits.framesPerSecond, limits.framesAtOnce, nowMs),
  envelopes: new Bucket(limits.envelopesPerSecond, limits.envelopesAtOnce, nowMs),
  bytes: new Bucket(limits.bytesPerSecond, limits.bytesAtOnce, nowMs),
});

export interface SessionParts {
  readonly gate: Gate;
  readonly hub: Hub;
  readonly store: Store;
  readonly limits: RelayLimits;
  now(): number;
  /** The device is inside: gives the usage counted for it. */
  onEnter(session: Session, entrant: Entrant): Usage;
  onRefused(code: RefusalCode, error: unknown, where?: Where): void;
}

/** For the log alone, which leaves it out unless asked. */
export interface Where {
  readonly address?: string | undefined;
  readonly topic?: TopicId | undefined;
}

interface Inside {
  readonly entrant: Entrant;
  readonly usage: Usage;
  readonly listener: Listener;
}

/** Websocket close codes of ours: 4000 + what happened. The refusal frame before it says it in words. */
const closeCodes: ReadonlyMap<RefusalCode, number> = new Map([
  ['not-admitted', 4403],
  ['rate', 4429],
]);

export class Session implements Outlet {
  readonly #parts: SessionParts;
  readonly #wire: Wire;
  /** Gone once the device is inside. */
  #door: Door | undefined;
  #inside: Inside | undefined;
  #isOver = false;
  #heardBytes = -1;
  readonly #onTaken = (): void => this.#inside?.listener.drain();

  constructor(parts: SessionParts, wire: Wire) {
    this.#parts = parts;
    this.#wire = wire;
    this.#door = parts.gate.door();
  }

  get entrant(): Entrant | undefined {
    return this.#inside?.entrant;
  }

  /** Whether something came since this was asked last, if only a part of a message: a slow line is not a dead one. */
  wasHeard(): boolean {
    const { heardBytes } = this.#wire;
    const isHeard = heardBytes !== this.#heardBytes;
    this.#heardBytes = heardBytes;
    return isHeard;
  }

  /** A message of the socket. Never throws, never rejects: this is the boundary. */
  async receive(bytes: Bytes): Promise<void> {
    if (this.#isOver) return;
    let frame: ClientFrame | undefined;
    try {
      frame = decodeClientFrame(bytes);
      if (this.#inside === undefined) await this.#enter(frame);
      else await this.#serve(this.#inside, frame, bytes.length);
    } catch (error) {
      this.#refuse(error, frame);
    }
  }

  /** For what cannot be a frame at all: text messages. */
  refuseMessage(): void {
    this.#refuse(new PeerFault('malformed', 'a text message'), undefined);
  }

  /** Tells why and closes; nothing that still arrives is looked at. */
  end(code: RefusalCode): void {
    if (this.#isOver) return;
    this.#send({ type: 'refused', code, text: refusalText(code) });
    this.#finish(closeCodes.get(code) ?? 4400, code);
  }

  /** The relay stops; the device should come back. */
  leave(): void {
    if (!this.#isOver) this.#finish(1001, 'the relay stops');
  }

  /** The socket is gone, for whatever reason. */
  gone(): void {
    this.#isOver = true;
    this.#inside?.listener.leave();
  }

  async #enter(frame: ClientFrame): Promise<void> {
    const step = await this.#door?.step(frame);
    if (step === undefined) return;
    if (this.#isOver) return;
    // Between proof and welcome nothing is awaited by the door, but a list may have come while one was: look again.
    if (step.entrant !== undefined && !this.#parts.gate.isAdmitted(step.entrant))
      throw new Refused('not-admitted', 'revoked while entering');
    if (step.entrant !== undefined) {
      const { org } = step.entrant;
      this.#door = undefined;
      this.#inside = {
        entrant: step.entrant,
        usage: this.#parts.onEnter(this, step.entrant),
        listener: this.#parts.hub.join(this, org),
      };
    }
    if (step.frame.type === 'refused')
      this.#parts.onRefused(step.frame.code, undefined, { address: this.#wire.address });
    this.#send(step.frame);
    if (step.isOver === true) this.#finish(4403, 'not-admitted');
  }

  async #serve(inside: Inside, frame: ClientFrame, size: number): Promise<void> {
    const { gate, hub, store, limits } = this.#parts;
    const { entrant, usage, listener } = inside;
    this.#count(usage.frames, 1);
    switch (frame.type) {
      case 'append': {
        this.#count(usage.envelopes, frame.items.length);
        this.#count(usage.bytes, size);
        const receipts = await store.append({
          org: entrant.org,
          items: frame.items,
          quotaBytes: gate.quotaBytes(entrant.org),
        });
        this.#send({
          type: 'appended',
          ref: frame.ref,
          receipts: receipts.map(({ offset, receivedAtMs }) => [offset, receivedAtMs] as const),
        });
        return;
      }
      case 'tail':
        listener.tail(frame.topic, frame.from);
        return;
      case 'untail':
        listener.untail(frame.topic);
        return;
      case 'cast':
        this.#count(usage.bytes, size);
        hub.cast(listener, frame.topic, frame.bytes);
        return;
      case 'admit': {
        // Signature checks cost more than other frames; a list is rare.
        this.#count(usage.frames, Math.ceil(limits.framesPerSecond / limits.strangerListsPerSecond));
        this.#send({ type: 'admitted', ref: frame.ref, version: await gate.admit(frame.list) });
        return;
      }
      case 'hello':
      case 'proof':
        throw new PeerFault('wrong-order', `${frame.type} from a device that is inside`);
      default:
        frame satisfies never;
    }
  }

  #count(bucket: Bucket, amount: number): void {
    const retryAfterMs = bucket.take(amount, this.#parts.now());
    if (retryAfterMs > 0) throw new TooFast(retryAfterMs);
  }

  #refuse(error: unknown, frame: ClientFrame | undefined): void {
    if (this.#isOver) return;
    const code = refusalCodeOf(error);
    const topic = frame !== undefined && 'topic' in frame ? frame.topic : undefined;
    this.#parts.onRefused(code, error, { address: this.#wire.address, topic });
    this.#send({
      type: 'refused',
      code,
      text: refusalText(code),
      ...(frame !== undefined && 'ref' in frame && { ref: frame.ref }),
      ...(frame !== undefined && 'topic' in frame && { topic: frame.topic }),
      ...(error instanceof TooFast && { retryAfterMs: Math.min(error.retryAfterMs, 86_400_000) }),
    });
    // A peer that does not speak the protocol will not begin to; a list that does not hold is an answer like another.
    const isAnswer =
      error instanceof Refused || frame?.type === 'admit' || !(error instanceof Fault && error.side === 'peer');
    if (this.#inside === undefined || !isAnswer) this.#finish(closeCodes.get(code) ?? 4400, code);
  }

  #send(frame: RelayFrame): void {
    this.send(encodeRelayFrame(frame));
  }

  #finish(closeCode: number, reason: string): void {
    this.gone();
    this.#wire.close(closeCode, reason);
  }

  // What the hub sees of this socket.

  waitingBytes(): number {
    return this.#wire.waitingBytes;
  }

  isOpen(): boolean {
    return !this.#isOver;
  }

  send(bytes: Bytes): void {
    if (this.#isOver) return;
    // Answers cannot wait on disk as envelopes can: who asks and does not read is cut.
    if (this.#wire.waitingBytes > this.#parts.limits.outgoingCutBytes) {
      this.gone();
      this.#wire.cut();
      return;
    }
    this.#wire.send(bytes, this.#onTaken);
  }

  fail(topic: TopicId, error: unknown): void {
    const code = refusalCodeOf(error);
    this.#parts.onRefused(code, error, { address: this.#wire.address, topic });
    this.#send({ type: 'refused', topic, code, text: refusalText(code) });
  }

  leaveOut(topic: TopicId): void {
    const damage = new Broken('corrupt', 'a damaged part of a topic was left out');
    this.#parts.onRefused('broken', damage, { address: this.#wire.address, topic });
    // Without the topic: with it the device would take it for not tailed, and ask for all of it again and again.
    this.#send({ type: 'refused', code: 'broken', text: leftOutText });
  }
}

class TooFast extends Refused {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('rate', 'a device went over its rate');
    this.retryAfterMs = retryAfterMs;
  }
}
