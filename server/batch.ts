/**
 * From what arrived to what the database is handed: envelopes grouped by topic, encoded once as parcels, and the
 * parcels of some turns of the event loop packed into one buffer that changes threads. Pure.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import { type OrgId, orgId, type TopicId, topicId } from '../src/wire/id.ts';
import { limit } from '../src/wire/limit.ts';
import type { Ask, Batch, Place, Row } from './message.ts';
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

const plain = (bytes: Bytes): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

export class Groups {
  readonly #byOrg = new Map<OrgId, Map<TopicId, Group>>();

  of(org: OrgId, topic: TopicId): Group {
    let topics = this.#byOrg.get(org);
    if (topics === undefined) {
      topics = new Map();
      this.#byOrg.set(org, topics);
    }
    const held = topics.get(topic);
    if (held !== undefined) return held;
    const place = { org: plain(orgId.bytes(org)), topic: plain(topicId.bytes(topic)) };
    const made = { org, topic, place, fresh: [], asks: [] };
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

/** One buffer for all of it; parcels of one topic become one row where they fit. */
export function packBatch(wave: Wave, mostBytes: number): Batch {
  let total = 0;
  for (const { parcel } of wave.sent) total += parcel.items.length;
  for (const { offered } of wave.asks) total += offered.envelope.length;
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(total).buffer);
  const places: Place[] = [];
  const indices = new Map<TopicId, Map<OrgId, number>>();
  let at = 0;
  const rows: Row[] = [];
  for (const together of joinable(wave.sent, mostBytes)) {
    const [head] = together;
    if (head === undefined) continue;
    const from = at;
    const marks: number[] = [];
    let size = 0;
    for (const { parcel, offered, size: more } of together) {
      bytes.set(parcel.items, at);
      at += parcel.items.length;
      for (const [i, { slot }] of offered.entries()) marks.push(slot, parcel.first + i);
      size += more;
    }
    rows.push({
      place: indexOf(head.org, head.topic, head.place),
      first: head.parcel.first,
      last: together.at(-1)?.parcel.last ?? 0,
      receivedAtMs: together.at(-1)?.receivedAtMs ?? 0,
      from,
      to: at,
      size,
      marks: Float64Array.from(marks),
    });
  }
  const asks: Ask[] = wave.asks.map(({ place, offered: { envelope, slot } }) => {
    bytes.set(envelope, at);
    at += envelope.length;
    places.push(place);
    return { place: places.length - 1, slot, from: at - envelope.length, to: at };
  });
  return { bytes, places, rows, asks, sweepBeforeMs: wave.sweepBeforeMs, reserve: wave.reserve };

  function indexOf(org: OrgId, topic: TopicId, place: Place): number {
    const orgs = indices.get(topic) ?? new Map<OrgId, number>();
    indices.set(topic, orgs);
    const known = orgs.get(org);
    if (known !== undefined) return known;
    places.push(place);
    orgs.set(org, places.length - 1);
    return places.length - 1;
  }
}

/** In the order of their first offsets, each list of one topic and within the bounds of a parcel. */
function joinable(all: readonly Sent[], mostBytes: number): Sent[][] {
  const lists: Sent[][] = [];
  const open = new Map<string, { readonly list: Sent[]; bytes: number; count: number }>();
  for (const sent of all) {
    const key = sent.org + sent.topic;
    const { length } = sent.parcel.items;
    const last = open.get(key);
    const fits =
      last !== undefined &&
      last.bytes + length <= mostBytes &&
      last.count + sent.offered.length <= limit.itemsPerDelivery;
    if (fits) {
      last.list.push(sent);
      last.bytes += length;
      last.count += sent.offered.length;
    } else {
      const list = [sent];
      lists.push(list);
      open.set(key, { list, bytes: length, count: sent.offered.length });
    }
  }
  return lists;
}
