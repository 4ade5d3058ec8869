import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pad, paddedSize, unpad } from '../../src/core/padding.ts';
import { PeerFault } from '../../src/wire/fault.ts';

describe('padding', () => {
  it('gives back what was padded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (data) => {
        expect(unpad(pad(data))).toEqual(data);
      }),
    );
  });

  it('adds at most 12 % above 256 bytes, and never less than what is there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1 << 20 }), (size) => {
        const padded = paddedSize(size);
        expect(padded).toBeGreaterThanOrEqual(Math.max(256, size));
        if (size > 256) expect(padded).toBeLessThanOrEqual(size * 1.12);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps lengths to a few: of a million sizes there are fewer than 300', () => {
    const sizes = new Set<number>();
    for (let size = 0; size <= 1 << 20; size += 7) sizes.add(paddedSize(size));
    expect(sizes.size).toBeLessThan(300);
    for (const size of sizes) expect(paddedSize(size)).toBe(size);
  });

  it('has one form for one text: whatever else is changed or added is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (data, at, change) => {
        const padded = pad(data);
        const inTail = 4 + data.length + (at % Math.max(1, padded.length - 4 - data.length));
        if (inTail < padded.length) {
          const altered = padded.map((byte, i) => (i === inTail ? byte ^ change : byte));
          expect(() => unpad(altered)).toThrow(PeerFault);
        }
        expect(() => unpad(padded.subarray(0, -1))).toThrow(PeerFault);
        expect(() => unpad(Uint8Array.of(...padded, 0))).toThrow(PeerFault);
      }),
    );
  });

  it('noise is refused or has one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (noise) => {
        try {
          expect(pad(unpad(noise))).toEqual(noise);
        } catch (fault) {
          if (!(fault instanceof PeerFault)) throw fault;
        }
      }),
    );
  });
});
