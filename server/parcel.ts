/**
 * Some envelopes of one topic, in order, in the very form in which a deliver frame carries them. They are encoded
 * once when they arrive; from then on the same bytes go to every listener, to the disk, and from there to whoever
 * comes back for them.
 *
 * It must never write anything that src/wire/frame.ts would write otherwise: test/property/parcel.test.ts holds the
 * two against each other.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import { Reader } from '../src/wire/cbor.ts';
import { deliveredItem } from '../src/wire/frame.ts';
import { type TopicId, topicId } from '../src/wire/id.ts';

export interface Stored {
  readonly offset: number;
  readonly receivedAtMs: number;
  readonly envelope: Bytes;
}

export interface Parcel {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** The whole deliver frame. */
  readonly frame: Bytes;
  /** The part of it that is the items, one after another, without the head of their array. */
  readonly items: Bytes;
}

/** One of the items, with the bytes that stand for it among them. */
export interface Item extends Stored {
  readonly bytes: Bytes;
}

/** The most that stands before the items: the frame's heads, the topic, the head of the array. */
export const headRoom = 48;

const offsetAndTime = 1 + 9 + 9; // at most: head of the triple, two integers
export const itemSize = (envelope: Bytes): number => offsetAndTime + 5 + envelope.length;

/** A parcel with room for `size` bytes of items, as `itemSize` counts them, to be filled item by item. */
export class ParcelWriter {
  readonly #topic: Bytes;
  readonly #bytes: Buffer;
  #at = headRoom;
  #first = 0;
  #last = 0;
  #count = 0;

  constructor(topic: Bytes, size: number) {
    this.#topic = topic;
    this.#bytes = Buffer.allocUnsafe(headRoom + size);
  }

  add(offset: number, receivedAtMs: number, envelope: Bytes): void {
    const bytes = this.#bytes;
    if (this.#count === 0) this.#first = offset;
    this.#last = offset;
    this.#count += 1;
    bytes[this.#at] = 0x83;
    let at = writeHead(bytes, this.#at + 1, 0, offset);
    at = writeHead(bytes, at, 0, receivedAtMs);
    at = writeHead(bytes, at, 2, envelope.length);
    bytes.set(envelope, at);
    this.#at = at + envelope.length;
  }

  done(): Parcel {
    return framed(this.#topic, this.#bytes.subarray(0, this.#at), this.#count, this.#first, this.#last);
  }
}

export function parcelOf(topic: TopicId, items: readonly Stored[]): Parcel {
  let size = 0;
  for (const { envelope } of items) size += itemSize(envelope);
  const writer = new ParcelWriter(topicId.bytes(topic), size);
  for (const { offset, receivedAtMs, envelope } of items) writer.add(offset, receivedAtMs, envelope);
  return writer.done();
}

/** Writes the heads in front of items that stand behind `headRoom` free bytes. */
export function framed(topic: Bytes, bytes: Bytes, count: number, first: number, last: number): Parcel {
  const headSize = 2 + 1 + 1 + 2 + topic.length + 1 + sizeOfHead(count);
  const start = headRoom - headSize;
  bytes.set([0x82, 4, 0xa2, 1, 0x58, 32], start);
  bytes.set(topic, start + 6);
  bytes[start + 6 + topic.length] = 2;
  writeHead(bytes, start + 7 + topic.length, 4, count);
  return { first, last, count, frame: bytes.subarray(start), items: bytes.subarray(headRoom) };
}

/** What comes after offset `after`: the parcel itself if that is all of it. */
export function parcelAfter(topic: TopicId, parcel: Parcel, after: number): Parcel | undefined {
  if (parcel.first > after) return parcel;
  if (parcel.last <= after) return undefined;
  return parcelOf(
    topic,
    readItems(parcel.items).filter(({ offset }) => offset > after),
  );
}

/** Throws `PeerFault('malformed')` when a damaged disk gave other bytes back than it took. */
export function readItems(items: Bytes): Item[] {
  const reader = new Reader(items);
  const out: Item[] = [];
  while (!reader.atEnd) {
    const from = reader.at;
    const [offset, receivedAtMs, envelope] = deliveredItem.read(reader);
    out.push({ offset, receivedAtMs, envelope, bytes: items.subarray(from, reader.at) });
  }
  return out;
}

const sizeOfHead = (value: number): number =>
  value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x1_0000_0000 ? 5 : 9;

/** A CBOR head in its shortest form, as `Writer.head` of src/wire/cbor.ts; answers the place behind it. */
export function writeHead(bytes: Bytes, at: number, major: number, value: number): number {
  const top = major << 5;
  if (value < 24) {
    bytes[at] = top | value;
    return at + 1;
  }
  if (value < 0x100) {
    bytes[at] = top | 24;
    bytes[at + 1] = value;
    return at + 2;
  }
  if (value < 0x10000) {
    bytes[at] = top | 25;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value;
    return at + 3;
  }
  const isLong = value >= 0x1_0000_0000;
  bytes[at] = top | (isLong ? 27 : 26);
  let end = at + 1;
  if (isLong) end = writeU32(bytes, end, Math.floor(value / 0x1_0000_0000));
  return writeU32(bytes, end, value);
}

function writeU32(bytes: Bytes, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
