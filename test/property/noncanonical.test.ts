/** The helper that makes second forms: another decoder takes those for the same value, and every kind comes. */
import { decode, encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equal, fromHex, hex } from '../../src/wire/bytes.ts';
import { type Kind, sameKinds, variantsOf } from '../kit/noncanonical.ts';

/** As forgiving as that decoder gets. */
const lenient = (bytes: Uint8Array): unknown =>
  decode(bytes, { useMaps: true, allowIndefinite: true, strict: false, tags: { 55799: (inner) => inner() } });

/** It knows no strings of indefinite length: of those the two bytes around the one part are taken away again. */
function isChunked(bytes: Uint8Array, original: Uint8Array): boolean {
  if (bytes.length !== original.length + 2) return false;
  const from = bytes.findIndex((byte, i) => byte !== original[i]);
  if (bytes[from] !== 0x5f && bytes[from] !== 0x7f) return false;
  return bytes.some(
    (byte, to) =>
      byte === 0xff &&
      to > from &&
      equal(concat(bytes.subarray(0, from), bytes.subarray(from + 1, to), bytes.subarray(to + 1)), original),
  );
}

const key = fc.integer({ min: 0, max: 400 });
const inOrder = (pairs: readonly (readonly [number, unknown])[]) => new Map(pairs.toSorted(([a], [b]) => a - b));
const { item } = fc.letrec((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    fc.maxSafeInteger(),
    fc.boolean(),
    // In front of each a byte that nothing begins with, so that none is taken for a structure and looked into.
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.of(0x1f, ...bytes)),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.array(tie('item'), { maxLength: 4 }),
    fc.uniqueArray(fc.tuple(key, tie('item')), { maxLength: 4, selector: ([each]) => each }).map(inOrder),
  ),
}));

describe('second forms', () => {
  it('of a small map are these', () => {
    const made = (hexed: string, kind: Kind) =>
      variantsOf(fromHex(hexed)).flatMap((variant) => (variant.kind === kind ? [hex(variant.bytes)] : []));
    const map = 'a20105024161'; // {1: 5, 2: 'a' as bytes}
    expect(made(map, 'a longer head')).toHaveLength(5 * 4);
    expect(made(map, 'a longer head')).toEqual(
      expect.arrayContaining(['b8020105024161', 'bb00000000000000020105024161', 'a2180105024161', 'a2010502580161']),
    );
    expect(made(map, 'an indefinite length')).toEqual(['bf0105024161ff', 'a20105025f4161ff']);
    expect(made(map, 'keys out of order')).toEqual(['a20241610105']);
    expect(made(map, 'a key twice')).toEqual(['a301050105024161', 'a30105024161024161']);
    expect(made(map, 'a float')).toContain('a201fb4014000000000000024161');
    expect(made(map, 'a tag')).toContain('a20105d9d9f7024161');
    expect(made(map, 'null for a value')).toEqual(['a201f6024161', 'a2010502f6']);
    expect(made('a1024161', 'null for what is absent').slice(0, 2)).toEqual(['a201f6024161', 'a202416103f6']);
    expect(made('a1024161', 'undefined for what is absent')).toContain('a201f7024161');
    expect(made(map, 'text for a key')).toEqual(['a2613105024161', 'a2010561324161']);
    expect(made('4161', 'a length without end')).toEqual([
      '5a0001000061',
      '5a0010000061',
      '5a0100000061',
      '5affffffff61',
      '5b000000010000000061',
      '5b001fffffffffffff61',
      '5bffffffffffffffff61',
    ]);
    expect(made('20', 'a float')).toEqual(['fbbff0000000000000']);
  });

  it('reach into byte strings that hold a structure, and give them the length they then have', () => {
    const inside = variantsOf(fromHex('a10142a105')).filter((variant) => variant.isInside);
    expect(inside).toEqual([]); // a map of one pair, cut short: no structure
    const whole = variantsOf(fromHex('a10143a10105')).filter((variant) => variant.isInside);
    expect(whole.map((variant) => hex(variant.bytes))).toContain('a10144a1180105');
    expect(variantsOf(fromHex('a10143a10105')).some((variant) => !variant.isInside)).toBe(true);
    // An array of a tag and a map is one too; other arrays are not, ids could look like them.
    expect(variantsOf(fromHex('448201a0f4')).every((variant) => !variant.isInside)).toBe(true);
    expect(variantsOf(fromHex('438201a0')).some((variant) => variant.isInside)).toBe(true);
    expect(variantsOf(fromHex('43820101')).some((variant) => variant.isInside)).toBe(false);
  });

  it('are other bytes for a value that another decoder finds the same, or another or none where they say so', () => {
    const seen = new Set<Kind>();
    fc.assert(
      fc.property(item, (value) => {
        const bytes = encode(value);
        for (const variant of variantsOf(bytes)) {
          seen.add(variant.kind);
          expect(hex(variant.bytes)).not.toBe(hex(bytes));
          if (variant.kind === 'a length without end') expect(() => lenient(variant.bytes)).toThrow();
          else if (isChunked(variant.bytes, bytes)) expect(variant.kind).toBe('an indefinite length');
          else if (sameKinds.includes(variant.kind)) expect(lenient(variant.bytes)).toEqual(value);
          else expect(lenient(variant.bytes)).not.toEqual(value);
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBe(sameKinds.length + 5);
  });

  it('are made of canonical CBOR only', () => {
    for (const odd of ['1801', '9f01ff', 'f6', 'fb4014000000000000', 'a201', '0000'])
      expect(() => variantsOf(fromHex(odd))).toThrow('not one canonical CBOR item');
  });
});
