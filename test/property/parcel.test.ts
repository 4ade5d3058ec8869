/** The relay writes deliver frames by hand: they are those of the one encoder, whatever is in them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framed, headRoom, isWhole, parcelAfter, parcelOf, readItems, writeHead } from '../../server/parcel.ts';
import { equal } from '../../src/wire/bytes.ts';
import { decodeRelayFrame, encodeRelayFrame } from '../../src/wire/frame.ts';
import { topicId } from '../../src/wire/id.ts';
import { Writer } from '../../src/wire/item.ts';
import { limit } from '../../src/wire/limit.ts';

const topic = topicId.of(new Uint8Array(32).fill(7));
const edges = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
const envelope = fc.oneof(
  fc.uint8Array({ minLength: limit.envelopeMinBytes, maxLength: 300 }),
  fc.constantFrom(255, 256, 65_535, 65_536, limit.envelopeBytes).map((size) => new Uint8Array(size)),
);
const items = fc.array(fc.record({ offset: number, receivedAtMs: number, envelope }), { minLength: 1, maxLength: 30 });

test('a parcel is the frame that the encoder writes, and reads back as what went in', () => {
  fc.assert(
    fc.property(items, (given) => {
      const parcel = parcelOf(topic, given);
      const triples = given.map(({ offset, receivedAtMs, envelope }) => [offset, receivedAtMs, envelope] as const);
      // Not `toEqual`: it takes seconds over the bytes of large envelopes.
      expect(equal(parcel.frame, encodeRelayFrame({ type: 'deliver', topic, items: triples }))).toBe(true);
      const back = readItems(parcel.items);
      expect(back.map(({ offset, receivedAtMs }) => [offset, receivedAtMs])).toEqual(
        given.map(({ offset, receivedAtMs }) => [offset, receivedAtMs]),
      );
      expect(back.every((item, i) => equal(item.envelope, given[i]?.envelope ?? new Uint8Array()))).toBe(true);
      const bytes = new Uint8Array(headRoom + parcel.items.length);
      bytes.set(parcel.items, headRoom);
      const again = framed(new Uint8Array(32).fill(7), bytes, parcel.count, parcel.first, parcel.last);
      expect(equal(again.frame, parcel.frame)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('what the disk gives back is whole exactly if the decoder of every device says so', () => {
  const readable = (bytes: Uint8Array) => {
    try {
      return readItems(bytes);
    } catch {
      return [];
    }
  };
  const small = fc.array(
    fc.record({ offset: number, receivedAtMs: number, envelope: fc.uint8Array({ minLength: 32, maxLength: 40 }) }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(
      small,
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: -1, max: 1 }),
      (given, place, bit, more) => {
        const inOrder = [...new Map(given.map((item) => [item.offset, item])).values()].toSorted(
          (a, b) => a.offset - b.offset,
        );
        const { items, first, last, count } = parcelOf(topic, inOrder);
        expect(isWhole(items, first, last, count)).toBe(true);
        const damaged = Uint8Array.from({ length: items.length + more }, (_, i) => items[i] ?? 0);
        const at = place % damaged.length;
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        const read = readable(damaged);
        const offsets = read.map(({ offset }) => offset);
        const isInOrder = offsets.every((offset, i) => i === 0 || offset > (offsets[i - 1] ?? 0));
        const isSame = read.length === count && offsets[0] === first && offsets.at(-1) === last && isInOrder;
        expect(isWhole(damaged, first, last, count)).toBe(isSame);
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([23, 24, 255, 256, limit.itemsPerDelivery])('a parcel of %i items has the right head', (count) => {
  const given = Array.from({ length: count }, (_, i) => ({
    offset: i + 1,
    receivedAtMs: 1,
    envelope: new Uint8Array(limit.envelopeMinBytes),
  }));
  const frame = decodeRelayFrame(parcelOf(topic, given).frame);
  expect(frame.type === 'deliver' && frame.items.length).toBe(count);
});

test('every head is that of the encoder', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), number, (major, value) => {
      const writer = new Writer();
      writer.head(major, value);
      const bytes = new Uint8Array(9);
      expect(bytes.subarray(0, writeHead(bytes, 0, major, value))).toEqual(writer.done());
    }),
  );
});

test('what comes after an offset is what was behind it', () => {
  const given = [3, 5, 9].map((offset) => ({ offset, receivedAtMs: 1, envelope: new Uint8Array(40).fill(offset) }));
  const parcel = parcelOf(topic, given);
  const offsetsAfter = (after: number) => {
    const rest = parcelAfter(topic, parcel, after);
    return rest === undefined ? [] : readItems(rest.items).map(({ offset }) => offset);
  };
  expect([0, 2, 3, 4, 8, 9].map(offsetsAfter)).toEqual([[3, 5, 9], [3, 5, 9], [5, 9], [5, 9], [9], []]);
});
