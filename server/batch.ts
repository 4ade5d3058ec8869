/**
 * From what arrived to what the database is handed: the envelopes of one turn of the event loop grouped by topic and
 * encoded once as parcels, and the parcels of some turns gathered into a wave.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import { type OrgId, orgId, type TopicId, topicId } from '../src/wire/id.ts';
import { limit } from '../src/wire/limit.ts';
import type { Done, Place } from './message.ts';
import { itemSize, type Parcel, ParcelWriter } from './parcel.ts';
import type { Append, Receipt } from './storage.ts';

/** An append on its way. */
export interface Waiting {
  readonly append: Append;
  readonly bytes: number;
  readonly receipts: Receipt[];
  /** Envelopes that turned out not to be there and go into a later batch. */
  missing: Offered[];
  isOver: boolean;
  resolve(receipts: readonly Receipt[]): void;
  reject(fault: Error): void;
}
/** One envelope of it. */
export interface Offered {
  readonly waiting: Waiting;
  readonly index: number;
  readonly envelope: Bytes;
  readonly slot: number;
}
/** A topic, with what came for it in this turn. */
export interface Group {
  readonly org: OrgId;
  readonly topic: TopicId;
  readonly place: Place;
  readonly fresh: Offered[];
  readonly asks: Offered[];
}
export interface Sent {
  readonly org: OrgId;
  readonly topic: TopicId;
  readonly place: Place;
  readonly parcel: Parcel;
  readonly offered: readonly Offered[];
  readonly receivedAtMs: number;
  readonly size: number;
  /** Listeners have had it. */
  isShown: boolean;
}
/** What goes to disk together. */
export class Wave {
  readonly waiting = new Set<Waiting>();
  readonly sent: Sent[] = [];
  readonly asks: { readonly place: Place; readonly offered: Offered }[] = [];
  reserve: number | undefined;
  sweepBeforeMs: number | undefined;

  get isEmpty(): boolean {
    return this.waiting.size === 0 && this.reserve === undefined && this.sweepBeforeMs === undefined;
  }
}

/** Of a topic that is only read: thousands are tailed by devices that sit idle, and nothing is kept of those. */
export const placeOf = (org: OrgId, topic: TopicId): Place => ({
  org: Uint8Array.from(orgId.bytes(org)),
  topic: Uint8Array.from(topicId.bytes(topic)),
});

/** The bytes of the topics that are appended to. Bounded, and simply begun anew. */
export class Places {
  readonly #held = new Map<OrgId, Map<TopicId, Place>>();
  #size = 0;

  of(org: OrgId, topic: TopicId): Place {
    const topics = this.#held.get(org);
    const held = topics?.get(topic);
    if (held !== undefined) return held;
    const made = placeOf(org, topic);
    if (this.#size >= 8192) {
      this.#held.clear();
      this.#size = 0;
    }
    this.#held.set(org, (this.#held.get(org) ?? new Map<TopicId, Place>()).set(topic, made));
    this.#size += 1;
    return made;
  }
}

export class Groups {
  readonly #byOrg = new Map<OrgId, Map<TopicId, Group>>();
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  of(org: OrgId, topic: TopicId): Group {
    let topics = this.#byOrg.get(org);
    if (topics === undefined) {
      topics = new Map();
      this.#byOrg.set(org, topics);
    }
    const held = topics.get(topic);
    if (held !== undefined) return held;
    const made = { org, topic, place: this.#places.of(org, topic), fresh: [], asks: [] };
    topics.set(topic, made);
    return made;
  }

  *[Symbol.iterator](): Generator<Group> {
    for (const topics of this.#byOrg.values()) yield* topics.values();
  }
}

/** Encodes what is new in a group with offsets from `first` on, in parcels of at most `mostBytes`. */
export function parcelsOf(group: Group, first: number, receivedAtMs: number, mostBytes: number): Sent[] {
  const { org, topic, place, fresh } = group;
  const sent: Sent[] = [];
  for (let from = 0; from < fresh.length; ) {
    let to = from;
    let size = 0;
    for (; to < fresh.length && to - from < limit.itemsPerDelivery; to++) {
      const more = itemSize(fresh[to]?.envelope ?? new Uint8Array());
      if (to > from && size + more > mostBytes) break;
      size += more;
    }
    const offered = fresh.slice(from, to);
    const writer = new ParcelWriter(place.topic, size);
    let bytes = 0;
    offered.forEach(({ waiting, index, envelope }, i) => {
      const offset = first + from + i;
      writer.add(offset, receivedAtMs, envelope);
      waiting.receipts[index] = { offset, receivedAtMs };
      bytes += envelope.length;
    });
    sent.push({ org, topic, place, parcel: writer.done(), offered, receivedAtMs, size: bytes, isShown: false });
    from = to;
  }
  return sent;
}

/**
 * Gives what turned out to be there already the receipt it had, and notes what was only looked up and is not there.
 * Answers how many envelopes are new on disk, and their bytes.
 */
export function takeDone(wave: Wave, done: Done): { readonly count: number; readonly bytes: number } {
  const repeats = new Map(done.repeats);
  let [count, bytes] = [0, 0];
  for (const { offered, size } of wave.sent) {
    count += offered.length;
    bytes += size;
    if (repeats.size === 0) continue;
    for (const { waiting, index, envelope } of offered) {
      const receipt = repeats.get(waiting.receipts[index]?.offset ?? 0);
      if (receipt === undefined) continue;
      waiting.receipts[index] = receipt;
      count -= 1;
      bytes -= envelope.length;
    }
  }
  wave.asks.forEach(({ offered }, i) => {
    const receipt = done.found[i];
    if (receipt === undefined) offered.waiting.missing.push(offered);
    else offered.waiting.receipts[offered.index] = receipt;
  });
  return { count, bytes };
}
