/**
 * What must hold of everything a relay says, whatever it was told. The judge sees frames in and frames out and
 * knows nothing of the relay's insides.
 */
import { createHash } from 'node:crypto';
import type { Bytes } from '../../src/wire/bytes.ts';
import { equal, hex } from '../../src/wire/bytes.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import {
  type ClientFrame,
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeRelayFrame,
  type RelayFrame,
} from '../../src/wire/frame.ts';
import type { TopicId } from '../../src/wire/id.ts';

export class Wrong extends Error {}

/** Frame and text of the refusal to read it. Throws `Wrong` if it ends in anything but a frame or a PeerFault. */
export function readFrame(bytes: Bytes): { readonly frame?: ClientFrame; readonly fault?: string } {
  readBack('a relay frame', bytes, decodeRelayFrame, encodeRelayFrame);
  return readBack('a client frame', bytes, decodeClientFrame, encodeClientFrame);
}

function readBack<F>(
  what: string,
  bytes: Bytes,
  read: (bytes: Bytes) => F,
  write: (frame: F) => Bytes,
): { readonly frame?: F; readonly fault?: string } {
  let frame: F;
  try {
    frame = read(bytes);
  } catch (fault) {
    if (fault instanceof PeerFault) return { fault: fault.message };
    throw new Wrong(`reading ${what} ended in ${String(fault)}`);
  }
  let again: Bytes;
  try {
    again = write(frame);
  } catch (fault) {
    throw new Wrong(`${what} was read that must not be: ${String(fault)}`);
  }
  if (!equal(again, bytes)) throw new Wrong(`${what} has two forms: it was read and would be written otherwise`);
  return { frame };
}

const digest = (envelope: Bytes): string => createHash('sha1').update(envelope).digest('base64');

/** All that one relay has said of its topics. */
export class Ledger {
  readonly #byOffset = new Map<string, string>();
  readonly #byEnvelope = new Map<string, number>();
  readonly #acknowledged = new Map<string, string>();
  readonly #mayForget: boolean;

  /** `mayForget`: the relay drops old envelopes, which may then come again at a new offset. */
  constructor(mayForget: boolean) {
    this.#mayForget = mayForget;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  seen(topic: TopicId, offset: number, envelope: Bytes): void {
    const id = digest(envelope);
    const place = `${topic}/${offset}`;
    const before = this.#byOffset.get(place);
    if (before !== undefined && before !== id) throw new Wrong(`offset ${offset} was given to two envelopes`);
    this.#byOffset.set(place, id);
    const elsewhere = this.#byEnvelope.get(`${topic}/${id}`);
    if (!this.#mayForget && elsewhere !== undefined && elsewhere !== offset)
      throw new Wrong(`one envelope has the offsets ${elsewhere} and ${offset}`);
    this.#byEnvelope.set(`${topic}/${id}`, offset);
  }

  acknowledge(topic: TopicId, offset: number, envelope: Bytes): void {
    this.seen(topic, offset, envelope);
    this.#acknowledged.set(`${topic}/${offset}`, digest(envelope));
  }

  topics(): readonly string[] {
    return [...new Set([...this.#acknowledged.keys()].map((place) => place.slice(0, place.indexOf('/'))))];
  }

  /** Everything of one topic, read again from a relay that was opened anew. */
  checkTopic(topic: string, items: readonly (readonly [number, Bytes])[]): void {
    const found = new Map(items.map(([offset, envelope]) => [offset, digest(envelope)]));
    const lowest = this.#mayForget ? (items[0]?.[0] ?? Number.MAX_SAFE_INTEGER) : 0;
    for (const [place, id] of this.#acknowledged) {
      const offset = Number(place.slice(place.indexOf('/') + 1));
      if (place.startsWith(`${topic}/`) && offset >= lowest && found.get(offset) !== id)
        throw new Wrong(`offset ${offset} was acknowledged and is not there`);
    }
  }
}

type Appending = Extract<ClientFrame, { type: 'append' }>;

/** One socket's conversation. */
export class Conversation {
  isOver = false;
  isInside = false;
  challenge: Extract<RelayFrame, { type: 'challenge' }> | undefined;
  /** What came since it was last looked at. */
  answers: RelayFrame[] = [];
  sentBytes = 0;
  readonly #ledger: Ledger;
  readonly #appends = new Map<number, Appending[]>();
  /** Numbers that two appends had at once: their answers cannot be told apart. */
  readonly #ambiguous = new Set<number>();
  readonly #cursors = new Map<TopicId, number>();
  #waitsFor = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The device is about to say this. */
  told(frame: ClientFrame): void {
    if (!this.isInside || this.isOver) return;
    if (frame.type === 'append') {
      const waiting = this.#appends.get(frame.ref) ?? [];
      if (waiting.length > 0) this.#ambiguous.add(frame.ref);
      this.#appends.set(frame.ref, [...waiting, frame]);
      this.#waitsFor += 1;
    }
    if (frame.type === 'tail') this.#cursors.delete(frame.topic);
  }

  /** The relay said this. */
  heard(bytes: Bytes): void {
    if (this.isOver) throw new Wrong('the relay speaks on a socket that it has closed');
    this.sentBytes += bytes.length;
    const frame = this.#read(bytes);
    this.answers.push(frame);
    if (frame.type === 'refused' && (frame.code === 'disk' || frame.code === 'broken'))
      throw new Wrong(`the relay says ${frame.code}, and nothing ails its disk`);
    if (frame.type === 'welcome') this.isInside = true;
    if (frame.type === 'challenge') this.challenge = frame;
    if (frame.type === 'appended') this.#acknowledged(frame);
    if (frame.type === 'refused' && frame.ref !== undefined) this.#refused(frame.ref);
    if (frame.type === 'deliver') this.#delivered(frame);
  }

  /** Nothing is on its way any more: every append has had its one answer, unless the socket is over. */
  checkAnswered(): void {
    if (!this.isOver && this.#waitsFor > 0) throw new Wrong(`${this.#waitsFor} appends were never answered`);
  }

  #read(bytes: Bytes): RelayFrame {
    try {
      return decodeRelayFrame(bytes);
    } catch (fault) {
      throw new Wrong(`the relay sent what no device can read: ${String(fault)} ${hex(bytes.subarray(0, 60))}`);
    }
  }

  #acknowledged(frame: Extract<RelayFrame, { type: 'appended' }>): void {
    if (!this.isInside) throw new Wrong('an acknowledgement for a stranger');
    const waiting = this.#appends.get(frame.ref) ?? [];
    const [append] = waiting;
    if (append === undefined) throw new Wrong('an acknowledgement for nothing that was asked');
    if (!this.#ambiguous.has(frame.ref)) {
      if (append.items.length !== frame.receipts.length) throw new Wrong('an acknowledgement of another size');
      append.items.forEach(([topic, envelope], i) => {
        const [offset] = frame.receipts[i] ?? [0];
        this.#ledger.acknowledge(topic, offset, envelope);
      });
    }
    waiting.shift();
    this.#waitsFor -= 1;
  }

  #refused(ref: number): void {
    const waiting = this.#appends.get(ref);
    if (waiting === undefined || waiting.length === 0) return; // an admit has a ref as well
    waiting.pop();
    this.#waitsFor -= 1;
  }

  #delivered({ topic, items }: Extract<RelayFrame, { type: 'deliver' }>): void {
    if (!this.isInside) throw new Wrong('a delivery for a stranger');
    for (const [offset, , envelope] of items) {
      const cursor = this.#cursors.get(topic);
      if (cursor !== undefined && offset <= cursor) throw new Wrong(`offset ${offset} was delivered after ${cursor}`);
      this.#cursors.set(topic, offset);
      this.#ledger.seen(topic, offset, envelope);
    }
  }
}
