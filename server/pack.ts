/**
 * A wave as two buffers, and back. What a row is made of stands once here, beside its reader: both ends are this file.
 */
import type { OrgId, TopicId } from '../src/wire/id.ts';
import { limit } from '../src/wire/limit.ts';
import type { Sent, Wave } from './batch.ts';
import type { Ask, Batch, Packed, Place, Row } from './message.ts';

const placeBytes = 64;
const headNumbers = 5; // reserve, sweepBeforeMs, places, rows, asks
const rowNumbers = 7; // place, first, last, receivedAtMs, bytes of items, size, marks; then the marks
const askNumbers = 3; // place, slot, bytes

/** Parcels of one topic become one row where they fit into `mostBytes`. */
export function packWave(wave: Wave, mostBytes: number): Packed {
  const rows = joinable(wave.sent, mostBytes);
  const places: Place[] = [];
  const indices = new Map<Place, number>();
  const indexOf = (place: Place): number => {
    const known = indices.get(place) ?? places.length;
    if (known === places.length) {
      places.push(place);
      indices.set(place, known);
    }
    return known;
  };
  const rowPlaces = rows.map(([head]) => (head === undefined ? 0 : indexOf(head.place)));
  const askPlaces = wave.asks.map(({ place }) => indexOf(place));
  let [size, count] = [
    places.length * placeBytes,
    headNumbers + rowNumbers * rows.length + askNumbers * askPlaces.length,
  ];
  for (const { parcel, offered } of wave.sent) {
    size += parcel.items.length;
    count += 2 * offered.length;
  }
  for (const { offered } of wave.asks) size += offered.envelope.length;
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  const numbers = new Float64Array(count);
  numbers.set([wave.reserve ?? -1, wave.sweepBeforeMs ?? -1, places.length, rows.length, askPlaces.length]);
  let [at, n] = [0, headNumbers];
  for (const { org, topic } of places) {
    bytes.set(org, at);
    bytes.set(topic, at + org.length);
    at += placeBytes;
  }
  rows.forEach((parts, i) => {
    const start = n;
    n += rowNumbers;
    let [length, envelopes] = [0, 0];
    for (const { parcel, offered, size: more } of parts) {
      bytes.set(parcel.items, at);
      at += parcel.items.length;
      length += parcel.items.length;
      envelopes += more;
      for (let k = 0; k < offered.length; k++) {
        numbers[n] = offered[k]?.slot ?? 0;
        numbers[n + 1] = parcel.first + k;
        n += 2;
      }
    }
    const [first, last] = [parts[0], parts.at(-1)];
    const { receivedAtMs = 0 } = last ?? {};
    numbers.set(
      [rowPlaces[i] ?? 0, first?.parcel.first ?? 0, last?.parcel.last ?? 0, receivedAtMs, length, envelopes],
      start,
    );
    numbers[start + 6] = n - start - rowNumbers;
  });
  wave.asks.forEach(({ offered: { envelope, slot } }, i) => {
    bytes.set(envelope, at);
    at += envelope.length;
    numbers.set([askPlaces[i] ?? 0, slot, envelope.length], n);
    n += askNumbers;
  });
  return { numbers, bytes };
}

export function unpackWave({ numbers, bytes }: Packed): Batch {
  let [at, n] = [0, 0];
  const next = (): number => numbers[n++] ?? 0;
  const take = (size: number): Uint8Array<ArrayBuffer> => {
    at += size;
    return bytes.subarray(at - size, at);
  };
  const [reserve, sweepBeforeMs, placeCount, rowCount, askCount] = [next(), next(), next(), next(), next()];
  const places: Place[] = [];
  for (let i = 0; i < placeCount; i++) places.push({ org: take(placeBytes / 2), topic: take(placeBytes / 2) });
  const rows: Row[] = [];
  for (let i = 0; i < rowCount; i++) {
    const [place, first, last, receivedAtMs, length, size, marks] = [
      next(),
      next(),
      next(),
      next(),
      next(),
      next(),
      next(),
    ];
    rows.push({ place, first, last, receivedAtMs, items: take(length), size, marks: numbers.subarray(n, n + marks) });
    n += marks;
  }
  const asks: Ask[] = [];
  for (let i = 0; i < askCount; i++) asks.push({ place: next(), slot: next(), envelope: take(next()) });
  return {
    places,
    rows,
    asks,
    reserve: reserve < 0 ? undefined : reserve,
    sweepBeforeMs: sweepBeforeMs < 0 ? undefined : sweepBeforeMs,
  };
}

/** In the order of their first offsets, each list of one topic and within the bounds of a parcel. */
function joinable(all: readonly Sent[], mostBytes: number): Sent[][] {
  const lists: Sent[][] = [];
  const open = new Map<OrgId, Map<TopicId, { readonly list: Sent[]; bytes: number; count: number }>>();
  for (const sent of all) {
    const topics = open.get(sent.org) ?? new Map();
    open.set(sent.org, topics);
    const { length } = sent.parcel.items;
    const count = sent.offered.length;
    const last = topics.get(sent.topic);
    if (last !== undefined && last.bytes + length <= mostBytes && last.count + count <= limit.itemsPerDelivery) {
      last.list.push(sent);
      last.bytes += length;
      last.count += count;
    } else {
      const list = [sent];
      lists.push(list);
      topics.set(sent.topic, { list, bytes: length, count });
    }
  }
  return lists;
}
