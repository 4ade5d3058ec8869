/**
 * Some envelopes of one topic, in order, in the very form in which a deliver frame carries them. They are encoded
 * once when they arrive; from then on the same bytes go to every listener, to the disk, and from there to whoever
 * comes back for them.
 *
 * It must never write anything that src/wire/frame.ts would write otherwise: test/property/parcel.test.ts holds the
 * two against each other.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import { Broken, PeerFault } from '../src/wire/fault.ts';
import { deliveredItem } from '../src/wire/frame.ts';
import { type TopicId, topicId } from '../src/wire/id.ts';
import { Reader } from '../src/wire/item.ts';
import { limit } from '../src/wire/limit.ts';

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

const tripleHead = 0x83;
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
    bytes[this.#at] = tripleHead;
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

/** Throws `Broken('corrupt')` when a damaged disk gave other bytes back than it took, as far as their form shows it. */
export function readItems(items: Bytes): Item[] {
  const reader = new Reader(items);
  const out: Item[] = [];
  try {
    while (!reader.atEnd) {
      const from = reader.at;
      const [offset, receivedAtMs, envelope] = deliveredItem.read(reader);
      out.push({ offset, receivedAtMs, envelope, bytes: items.subarray(from, reader.at) });
    }
  } catch (cause) {
    if (!(cause instanceof PeerFault)) throw cause;
    throw new Broken('corrupt', 'a parcel is not what was written', { cause });
  }
  return out;
}

/**
 * Whether this is what `readItems` would read as `count` items from offset `first` to offset `last`. It looks at heads
 * alone and makes nothing, because it is done for all that is read from the disk: the decoder takes four times as long.
 */
export function isWhole(items: Bytes, first: number, last: number, count: number): boolean {
  let [at, before, found] = [0, first - 1, 0];
  while (at < items.length) {
    if (items[at] !== tripleHead) return false;
    at += 1;
    const offset = readHead(items, at, 0);
    if (offset <= before || (found === 0 && offset !== first)) return false;
    at += sizeOfHead(offset);
    const receivedAtMs = readHead(items, at, 0);
    if (receivedAtMs < 0) return false;
    at += sizeOfHead(receivedAtMs);
    const length = readHead(items, at, 2);
    if (length < limit.envelopeMinBytes || length > limit.envelopeBytes) return false;
    at += sizeOfHead(length) + length;
    before = offset;
    found += 1;
  }
  return at === items.length && before === last && found === count;
}

const sizeOfHead = (value: number): number =>
  value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x1_0000_0000 ? 5 : 9;

/** A CBOR head in its shortest form, as `Writer.head` of src/wire/item.ts; answers the place behind it. */
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

/** What `writeHead` wrote, or -1 where it would have written something else. */
function readHead(bytes: Bytes, at: number, major: number): number {
  const head = bytes[at] ?? 0xff;
  if (head >> 5 !== major) return -1;
  const info = head & 0x1f;
  if (info < 24) return info;
  if (info > 27) return -1;
  const size = 1 << (info - 24);
  let value = 0;
  for (let i = at + 1; i <= at + size; i++) value = value * 256 + (bytes[i] ?? 0);
  return value <= Number.MAX_SAFE_INTEGER && sizeOfHead(value) === 1 + size ? value : -1;
}

function writeU32(bytes: Bytes, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
