/**
 * Every reader of bytes from outside, given what nobody honest sends: cut, lengthened, flipped, noise, lengths without
 * end. A reader ends in a value or in a PeerFault; and where there is a signature or a commitment, in a PeerFault for
 * every bit that is not as it was made. Forms that are not canonical: canonical.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { type Bytes, concat } from '../../src/wire/bytes.ts';
import { faultOf } from '../kit/fault.ts';
import { variantsOf } from '../kit/noncanonical.ts';
import { outsides } from '../kit/outside.ts';

await loadSodium();
const table = outsides();

const flip = (bytes: Bytes, bit: number): Bytes =>
  bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

it('the table has every structure once, and each of them is read', () => {
  const names = table.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(table.map(({ name, read, bytes }) => [name, faultOf(() => read(bytes))])).toEqual(
    names.map((name) => [name, 'none']),
  );
});

describe.each(table)('$name', ({ bytes, read, traits }) => {
  it('is refused when it is cut short at any byte, and when anything comes after it', () => {
    const taken = Array.from({ length: bytes.length }, (_, size) => size).filter(
      (size) => faultOf(() => read(bytes.subarray(0, size))) === 'none',
    );
    expect(taken).toEqual([]);
    for (const more of [Uint8Array.of(0), Uint8Array.of(0xff), Uint8Array.of(0xf6), bytes, new Uint8Array(5000)])
      expect(faultOf(() => read(concat(bytes, more)))).not.toBe('none');
  });

  it('noise ends in a value or in a PeerFault', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      // A good beginning, then noise: gets further in.
      fc
        .tuple(fc.nat({ max: bytes.length }), fc.uint8Array({ maxLength: 400 }))
        .map(([size, tail]) => concat(bytes.subarray(0, size), tail)),
      // Some bytes of the good one changed.
      fc
        .array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
        .map((changes) => {
          const altered = bytes.slice();
          for (const [at, byte] of changes) altered[at] = byte;
          return altered;
        }),
      // A part of it moved to another place.
      fc
        .tuple(fc.nat({ max: bytes.length }), fc.nat({ max: bytes.length }), fc.nat({ max: bytes.length }))
        .map(([from, to, at]) => concat(bytes.subarray(0, at), bytes.subarray(Math.min(from, to), Math.max(from, to)))),
    );
    fc.assert(
      fc.property(noise, (each) => {
        faultOf(() => read(each));
      }),
      { numRuns: 300 },
    );
  });

  it('a length without end is refused, and no room is made for what is only promised', () => {
    // What is raw has no lengths but one of 16 bits, which the cuts above are about.
    const endless = traits.includes('raw')
      ? []
      : variantsOf(bytes).filter(({ kind }) => kind === 'a length without end');
    expect(endless.length > 0).toBe(!traits.includes('raw'));
    const mostMade = Math.max(
      0,
      ...endless.map((variant) => {
        const before = process.memoryUsage().arrayBuffers;
        expect(faultOf(() => read(variant.bytes))).not.toBe('none');
        return process.memoryUsage().arrayBuffers - before;
      }),
    );
    expect(mostMade).toBeLessThan(4 * 1024 * 1024);
  });
});

describe.each(table.filter(({ traits }) => traits.includes('sealed')))('$name', ({ bytes, read }) => {
  const isRefused = (bit: number) => faultOf(() => read(flip(bytes, bit))) !== 'none';

  it('is refused for every single bit that is flipped', () => {
    // A list costs a millisecond to turn down: of long ones another sample of bits in each run.
    const bit = fc.nat({ max: 8 * bytes.length - 1 });
    if (bytes.length > 2000) fc.assert(fc.property(bit, isRefused), { numRuns: 1500 });
    else
      expect(Array.from({ length: 8 * bytes.length }, (_, each) => each).filter((each) => !isRefused(each))).toEqual(
        [],
      );
  });
});
