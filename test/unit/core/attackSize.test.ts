/** Everything larger than it may be, each one step beyond its bound: refused when read, and never made. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBody } from '../../../src/core/body.ts';
import { makeEntry, readEntry } from '../../../src/core/entry.ts';
import { makeHave, makeWant, readHave, readWant } from '../../../src/core/envelope.ts';
import { openEpoch } from '../../../src/core/epoch.ts';
import { entryId, roomId } from '../../../src/core/id.ts';
import { makeNeed, readNeed } from '../../../src/core/need.ts';
import { encodePayload, readPayload } from '../../../src/core/payload.ts';
import { makePrekey } from '../../../src/core/prekey.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { type Bytes, concat, u16be, u32be } from '../../../src/wire/bytes.ts';
import { CallerFault } from '../../../src/wire/fault.ts';
import { decodeClientFrame, decodeRelayFrame, encodeClientFrame, encodeRelayFrame } from '../../../src/wire/frame.ts';
import { topicId } from '../../../src/wire/id.ts';
import { limit } from '../../../src/wire/limit.ts';
import { faultOf } from '../../kit/fault.ts';
import { castOfGrants } from '../../kit/grant.ts';

beforeAll(loadSodium);

/** Enough of CBOR to write what our own encoder refuses to. */
type Value = number | string | boolean | Bytes | readonly Value[] | ReadonlyMap<number, Value>;
function cbor(value: Value): Bytes {
  const head = (major: number, n: number): Bytes => {
    const first = major << 5;
    if (n < 24) return new Uint8Array([first | n]);
    if (n < 0x1_00) return new Uint8Array([first | 24, n]);
    if (n < 0x1_00_00) return concat(new Uint8Array([first | 25]), u16be(n));
    if (n <= 0xffffffff) return concat(new Uint8Array([first | 26]), u32be(n));
    return concat(new Uint8Array([first | 27]), u32be(Math.floor(n / 2 ** 32)), u32be(n % 2 ** 32));
  };
  if (typeof value === 'boolean') return new Uint8Array([value ? 0xf5 : 0xf4]);
  if (typeof value === 'number') return head(0, value);
  if (typeof value === 'string') return concat(head(3, value.length), Buffer.from(value));
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(cbor));
  const map = [...(value as ReadonlyMap<number, Value>)];
  return concat(head(5, map.length), ...map.flatMap(([key, each]) => [head(0, key), cbor(each)]));
}
const map = (...values: readonly Value[]): Value => new Map(values.map((value, i) => [i + 1, value]));

const id = new Uint8Array(32);
const signature = new Uint8Array(64);
const many = <T>(n: number, what: T): readonly T[] => Array.from({ length: n }, () => what);
/** Ascending, as sets are. */
const set = (n: number): readonly Bytes[] => Array.from({ length: n }, (_, i) => concat(u32be(i), new Uint8Array(28)));
const bytes = (n: number): Bytes => new Uint8Array(n);

const anyone = () => id;
const room = roomId.of(id);
const entry = (header: Value, body: number) => () =>
  readEntry(cbor(map(cbor(header), signature, bytes(16), bytes(body))), room, anyone);
/** The header of a feed's first entry, which has no field 4. */
const first = ({ heads = [], timeMs = 0, control = [] }: Readonly<Record<string, Value>>): Value =>
  new Map<number, Value>([
    [1, 1],
    [2, id],
    [3, 0],
    [5, heads],
    [6, timeMs],
    [7, control],
  ]);
const claimOf = (body: Value) => ({ body: cbor(body), signature });

describe('too much', () => {
  // What fits goes on to be turned down for its signature, or is read.
  it.each<readonly [string, readonly string[], number, (n: number) => unknown]>([
    ['the body of an entry', ['bad-signature'], 49_152, (n) => entry(first({}), n)()],
    ['heads that an entry names', ['bad-signature'], 8, (n) => entry(first({ heads: set(n) }), 1)()],
    ['operations that an entry names', ['bad-signature'], 64, (n) => entry(first({ control: set(n) }), 1)()],
    ['the place of an entry', ['bad-signature'], 0xfffffffe, (n) => entry(map(1, id, n, id, [], 0, []), 1)()],
    ['the time of an entry', ['bad-signature'], Number.MAX_SAFE_INTEGER, (n) => entry(first({ timeMs: n }), 1)()],
    [
      'spans in a have',
      ['bad-signature'],
      2_000,
      (n) => readHave({ type: 'have', ...claimOf(map(id, 0, many(n, [id, 0, 1]), false)) }, room, anyone),
    ],
    [
      'ranges in a want',
      ['bad-signature'],
      200,
      (n) => readWant({ type: 'want', ...claimOf(map(id, 0, many(n, [id, 0, 1]), [], bytes(16))) }, room, anyone),
    ],
    [
      'operations in a want',
      ['bad-signature'],
      64,
      (n) => readWant({ type: 'want', ...claimOf(map(id, 0, [], many(n, id), bytes(16))) }, room, anyone),
    ],
    [
      'tags in a need',
      ['bad-signature'],
      16,
      (n) => readNeed(claimOf(map(1, id, id, many(n, bytes(8)), bytes(16), 0)), anyone),
    ],
    ['entries in a give', ['none'], 512, (n) => readPayload(cbor([4, map(id, many(n, bytes(1)))]))],
    ['the size of one of them', ['none'], 52_352, (n) => readPayload(cbor([4, map(id, [bytes(n)])]))],
    [
      'operations in a log',
      ['none'],
      128,
      (n) =>
        readPayload(
          cbor([
            3,
            new Map<number, Value>([
              [1, id],
              [3, many(n, bytes(1))],
            ]),
          ]),
        ),
    ],
    ['the room in a log', ['none'], 81_920, (n) => readPayload(cbor([3, map(id, bytes(n), [])]))],
    ['the bucket of a grant', ['none'], 0xffff, (n) => readPayload(cbor([1, map(n, id, bytes(9))]))],
    ['the announcement in a grant', ['none'], 3_072, (n) => readPayload(cbor([1, map(0, id, bytes(n))]))],
    [
      'items in a delivery',
      ['none'],
      limit.itemsPerDelivery,
      (n) => decodeRelayFrame(cbor([4, map(id, many(n, [1, 1, bytes(32)]))])),
    ],
    ['an envelope', ['none'], limit.envelopeBytes, (n) => decodeRelayFrame(cbor([4, map(id, [[1, 1, bytes(n)]])]))],
    ['a cast', ['none'], limit.castBytes, (n) => decodeRelayFrame(cbor([6, map(id, bytes(n))]))],
    [
      'the words of a refusal',
      ['none'],
      limit.textBytes,
      (n) =>
        decodeRelayFrame(
          cbor([
            8,
            new Map<number, Value>([
              [3, 1],
              [4, 'x'.repeat(n)],
            ]),
          ]),
        ),
    ],
    [
      'items in an append',
      ['none'],
      limit.itemsPerAppend,
      (n) => decodeClientFrame(cbor([3, map(1, many(n, [id, bytes(32)]))])),
    ],
  ])('%s: as much as there may be is read, one more is refused', (_, fits, most, read) => {
    expect(fits).toContain(faultOf(() => read(most)));
    expect(faultOf(() => read(most + 1))).toBe('malformed');
  });

  it('a frame of more than a mebibyte is not looked at', () => {
    const huge = cbor([4, map(id, many(9, [1, 1, bytes(limit.envelopeBytes)]))]);
    for (const read of [decodeRelayFrame, decodeClientFrame]) expect(faultOf(() => read(huge))).toBe('too-large');
  });

  it('is never made either', () => {
    const { at, facts, random } = castOfGrants();
    const { keys, device } = at(0);
    const common = { device, seq: 0, heads: [], timeMs: 0, control: [], salt: bytes(16), body: bytes(1) };
    const ids = set(65).map((each) => entryId.of(each));
    const claim = { device, timeMs: 0 };
    const made: readonly (() => unknown)[] = [
      () => encodeBody({ type: 'text', text: 'x'.repeat(40_001) }),
      () => makeEntry(keys.sign, room, { ...common, body: bytes(49_153) }),
      () => makeEntry(keys.sign, room, { ...common, heads: ids.slice(0, 9) }),
      () => makeEntry(keys.sign, room, { ...common, control: ids }),
      () => openEpoch(keys.sign, device, { ...facts, control: ids }, 0, random),
      () => makeHave(keys.sign, room, { ...claim, spans: many(2_001, [device, 0, 1] as const), ask: false }),
      () =>
        makeWant(keys.sign, room, {
          ...claim,
          ranges: many(201, [device, 0, 1] as const),
          operations: [],
          nonce: bytes(16),
        }),
      () => makeNeed(keys.sign, { ...claim, room, tags: many(17, bytes(8)), nonce: bytes(16) }),
      () => encodePayload({ type: 'give', room, entries: many(513, bytes(1)) }),
      () => encodePayload({ type: 'log', room, entries: many(129, bytes(1)) }),
      () => makePrekey(keys.sign, device, { seq: 2 ** 32 }, { nowMs: 0, forMs: 1 }, random),
      () => encodeRelayFrame({ type: 'cast', topic: topicId.of(id), bytes: bytes(limit.castBytes + 1) }),
      () => encodeClientFrame({ type: 'append', ref: 1, items: [[topicId.of(id), bytes(limit.envelopeBytes + 1)]] }),
    ];
    for (const make of made) expect(faultOf(make, CallerFault)).toBe('invalid');
  });
});
