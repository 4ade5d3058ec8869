/** Seeded randomness: the same seed, the same run. sfc32 (Doty-Humphrey, PractRand), never for keys of people. */
import type { Random } from '../../src/core/key.ts';

export function seeded(seed: number): Random & { next(): number } {
  let [a, b, c, counter] = [0x9e3779b9 ^ seed, Math.imul(seed, 0x85ebca6b), 0x243f6a88, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 16; i++) next();
  const random = (size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = Math.floor(next() * 256);
    return bytes;
  };
  return Object.assign(random, { next });
}
