/**
 * What was said of numbered envelopes by a relay that is killed again and again: acknowledged, shown live, read back
 * from its store. It finds what contradicts: an offset with two envelopes, an envelope with two offsets, something
 * acknowledged that is gone. Numbers spread over a few topics, so that commits hold several.
 */
import type { Bytes } from '../../src/wire/bytes.ts';
import type { ClientFrame, RelayFrame } from '../../src/wire/frame.ts';
import type { TopicId } from '../../src/wire/id.ts';
import { envelopeNumber, numberOf, type RawClient, topicNumber } from './relay.ts';
import { until } from './until.ts';

export const recordTopics: readonly TopicId[] = [1, 2, 3].map(topicNumber);
const sizes = [300, 900, 40, 5000, 300, 120];

export const topicOf = (n: number): TopicId => recordTopics[n % recordTopics.length] ?? topicNumber(1);
const envelopeOf = (n: number): Bytes => envelopeNumber(n, sizes[n % sizes.length]);

const isWhole = (envelope: Bytes): boolean => {
  const whole = envelopeOf(numberOf(envelope));
  return whole.length === envelope.length && whole.every((byte, i) => byte === envelope[i]);
};

type Items = readonly (readonly [offset: number, envelope: Bytes])[];

export class Record {
  /** `topic/offset` of what was acknowledged, or shown, or read from the store: one envelope for good. */
  readonly #numberAt = new Map<string, number>();
  readonly #acknowledged = new Map<number, number>();
  readonly #kept = new Map<number, number>();
  readonly #contradictions: string[] = [];
  #next = 0;
  #shown = 0;

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }
  get shownCount(): number {
    return this.#shown;
  }
  /** Sentences about what cannot be; empty when all is well. */
  get contradictions(): readonly string[] {
    return this.#contradictions;
  }

  newNumber(): number {
    this.#next += 1;
    return this.#next;
  }

  /** What is acknowledged now. */
  acknowledged(): ReadonlySet<number> {
    return new Set(this.#acknowledged.keys());
  }

  isAcknowledged(n: number): boolean {
    return this.#acknowledged.has(n);
  }

  acknowledge(n: number, offset: number): void {
    this.#place(topicOf(n), offset, n, 'acknowledged');
    const before = this.#acknowledged.get(n) ?? this.#kept.get(n);
    if (before !== undefined && before !== offset) this.#say(`number ${n} was acknowledged at ${before} and ${offset}`);
    this.#acknowledged.set(n, offset);
  }

  /** A live delivery: it may be lost with a crash, its offset is taken all the same. */
  show(topic: TopicId, offset: number, envelope: Bytes): void {
    this.#shown += 1;
    if (!isWhole(envelope)) this.#say(`what was shown at ${offset} is not what was sent`);
    this.#place(topic, offset, numberOf(envelope), 'shown');
  }

  /** All of a topic behind `after`, as a store gave it. `due`: the numbers that must be among it, else all acknowledged. */
  keep(topic: TopicId, after: number, items: Items, due: Iterable<number> = this.#acknowledged.keys()): void {
    let last = after;
    const found = new Map<number, number>();
    for (const [offset, envelope] of items) {
      const n = numberOf(envelope);
      if (offset <= last) this.#say(`offset ${offset} comes after ${last}`);
      last = offset;
      if (!isWhole(envelope)) this.#say(`what is kept at ${offset} is not what was sent`);
      if (found.has(n)) this.#say(`number ${n} is kept twice`);
      found.set(n, offset);
      const before = this.#kept.get(n) ?? this.#acknowledged.get(n);
      if (before !== undefined && before !== offset) this.#say(`number ${n} was at ${before} and is at ${offset}`);
      this.#place(topic, offset, n, 'kept');
      this.#kept.set(n, offset);
    }
    for (const n of due)
      if (topicOf(n) === topic && (this.#acknowledged.get(n) ?? 0) > after && !found.has(n))
        this.#say(`number ${n} was acknowledged and is gone`);
  }

  #place(topic: TopicId, offset: number, n: number, how: string): void {
    const place = `${topic}/${offset}`;
    const before = this.#numberAt.get(place);
    if (before !== undefined && before !== n) this.#say(`offset ${offset} was ${before}'s and is ${how} as ${n}'s`);
    this.#numberAt.set(place, n);
  }

  #say(text: string): void {
    if (this.#contradictions.length < 20) this.#contradictions.push(text);
  }
}

/** Appends numbers over one socket, several frames in flight, and tells the record what was answered. */
export class Writer {
  readonly #client: RawClient;
  readonly #record: Record;
  readonly #inFlight = new Map<number, readonly number[]>();
  #ref = 0;
  readonly refusals: string[] = [];

  constructor(client: RawClient, record: Record) {
    this.#client = client;
    this.#record = record;
  }

  send(numbers: readonly number[]): void {
    this.#ref += 1;
    this.#inFlight.set(this.#ref, numbers);
    const frame: ClientFrame = {
      type: 'append',
      ref: this.#ref,
      items: numbers.map((n) => [topicOf(n), envelopeOf(n)] as const),
    };
    this.#client.send(frame);
  }

  /** Takes in what was answered. Answers how many frames are still without. */
  look(): number {
    const others: RelayFrame[] = [];
    for (const frame of this.#client.frames.splice(0)) {
      if (frame.type === 'appended') {
        const numbers = this.#inFlight.get(frame.ref) ?? [];
        for (const [i, [offset]] of frame.receipts.entries()) this.#record.acknowledge(numbers[i] ?? -1, offset);
        this.#inFlight.delete(frame.ref);
      } else if (frame.type === 'refused' && frame.ref !== undefined) {
        this.refusals.push(frame.code);
        this.#inFlight.delete(frame.ref);
      } else others.push(frame);
    }
    this.#client.frames.push(...others);
    return this.#inFlight.size;
  }

  /** Numbers without an answer: to be tried again, as a device does. */
  get unanswered(): readonly number[] {
    return [...this.#inFlight.values()].flat();
  }
}

/** Reads what a store has of each topic behind a cursor, over a fresh tail, and stays to be shown what comes. */
export class Reader {
  readonly #client: RawClient;
  readonly #record: Record;

  constructor(client: RawClient, record: Record) {
    this.#client = client;
    this.#record = record;
  }

  /** Nobody may append meanwhile. Answers the new cursors. `due`: what must be there, else all that was acknowledged. */
  async readAll(
    cursors: ReadonlyMap<TopicId, number> = new Map(),
    due?: ReadonlySet<number>,
  ): Promise<ReadonlyMap<TopicId, number>> {
    const next = new Map<TopicId, number>();
    for (const topic of recordTopics) {
      const after = cursors.get(topic) ?? 0;
      this.#client.send({ type: 'tail', topic, from: after });
      await until(() => this.#client.frames.find(({ type }) => type === 'live'), 'the end of a topic', 20_000);
      const items = this.#client.frames
        .splice(0)
        .flatMap((frame) =>
          frame.type === 'deliver' ? frame.items.map(([offset, , each]) => [offset, each] as const) : [],
        );
      this.#record.keep(topic, after, items, due);
      next.set(topic, items.at(-1)?.[0] ?? after);
    }
    return next;
  }

  /** Takes in what was shown live. */
  look(): void {
    for (const frame of this.#client.frames.splice(0))
      if (frame.type === 'deliver')
        for (const [offset, , envelope] of frame.items) this.#record.show(frame.topic, offset, envelope);
  }
}
