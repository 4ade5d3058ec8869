/** Seeded randomness: the same seed, the same run. xorshift128+, good enough to be different, never for keys of people. */
import type { Random } from '../../src/core/key.ts';

export function seeded(seed: number): Random & { next(): number } {
  let a = (seed ^ 0x9e3779b9) >>> 0 || 1;
  let b = (seed * 0x85ebca6b) >>> 0 || 2;
  const next = (): number => {
    let t = a;
    a = b;
    t ^= (t << 23) >>> 0;
    t ^= t >>> 17;
    t ^= b ^ (b >>> 26);
    b = t >>> 0;
    return ((a + b) >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 16; i++) next();
  const random = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => Math.floor(next() * 256));
  return Object.assign(random, { next });
}
