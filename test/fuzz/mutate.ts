/**
 * Ways to spoil a frame. Some know nothing of what they spoil; most look for the heads of its CBOR items first, so
 * that what comes out is wrong in one place and passes every check before that place.
 */
import { type Bytes, concat } from '../../src/wire/bytes.ts';

/** Numbers from 0 to 1 by a seed; `kit/random.ts` makes one. */
export interface Dice {
  next(): number;
}

export const below = (dice: Dice, count: number): number => Math.floor(dice.next() * count);

export function pick<T>(dice: Dice, from: readonly T[]): T {
  const found = from[below(dice, from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

interface Head {
  readonly at: number;
  /** Bytes of the head alone. */
  readonly size: number;
  readonly major: number;
  /** First byte after the whole item, as far as the bytes go. */
  readonly end: number;
}

const headsAtMost = 400;
const depthAtMost = 16;

/** The heads of all items, outer ones first. Stops where the bytes stop making sense. */
export function headsOf(bytes: Bytes): readonly Head[] {
  const heads: Head[] = [];
  const walk = (start: number, depth: number): number => {
    const first = bytes[start];
    if (first === undefined || depth > depthAtMost || heads.length >= headsAtMost) return bytes.length;
    const info = first & 0x1f;
    const more = info < 24 ? 0 : info < 28 ? 1 << (info - 24) : 0;
    let value = info < 24 ? info : 0;
    for (let i = 1; i <= more; i++) value = value * 256 + (bytes[start + i] ?? 0);
    const major = first >> 5;
    const place = heads.length;
    heads.push({ at: start, size: 1 + more, major, end: bytes.length });
    let at = start + 1 + more;
    if (major === 2 || major === 3) at += value;
    const inner = major === 4 ? value : major === 5 ? 2 * value : 0;
    for (let i = 0; i < inner && at < bytes.length && heads.length < headsAtMost; i++) at = walk(at, depth + 1);
    const end = Math.min(at, bytes.length);
    heads[place] = { at: start, size: 1 + more, major, end };
    return end;
  };
  walk(0, 0);
  return heads;
}

/** A head of any width, also where a shorter one would do, also beyond what a number can hold. */
function headBytes(major: number, value: bigint, width: 0 | 1 | 2 | 4 | 8): Bytes {
  const top = major << 5;
  if (width === 0) return Uint8Array.of(top | Number(value & 0x1fn));
  const out = [top | (24 + Math.log2(width))];
  for (let i = width - 1; i >= 0; i--) out.push(Number((value >> BigInt(8 * i)) & 0xffn));
  return Uint8Array.from(out);
}

const edges = [0n, 1n, 23n, 24n, 31n, 32n, 33n, 255n, 256n, 511n, 512n, 513n, 65_535n, 65_536n, 131_072n, 131_073n];
const giants = [1_048_576n, 0xffff_ffffn, 1n << 32n, (1n << 53n) - 1n, 1n << 53n, (1n << 63n) - 1n, (1n << 64n) - 1n];
const widths = [0, 1, 2, 4, 8] as const;
const loud = [
  0x00, 0x17, 0x18, 0x1b, 0x1f, 0x20, 0x40, 0x5b, 0x5f, 0x7f, 0x80, 0x9b, 0x9f, 0xa0, 0xbf, 0xc0, 0xf4, 0xf6, 0xfb,
  0xff,
];

const cut = (bytes: Bytes, from: number, to: number, between: Bytes = new Uint8Array(0)): Bytes =>
  concat(bytes.subarray(0, from), between, bytes.subarray(to));

type Mutation = (bytes: Bytes, dice: Dice, other: Bytes) => Bytes;

const withHead =
  (change: (head: Head, bytes: Bytes, dice: Dice, other: Bytes) => Bytes): Mutation =>
  (bytes, dice, other) => {
    const heads = headsOf(bytes);
    return heads.length === 0 ? Uint8Array.of(pick(dice, loud)) : change(pick(dice, heads), bytes, dice, other);
  };

/** Numbers of items around what lists may hold: versions, items of an append. */
const counts = [0, 1, 2, 7, 8, 9, 10, 23, 24, 255, 256, 511, 512, 513, 514, 600];

/** An array with its first item again and again, and a count that is true. */
const regrow: Mutation = (bytes, dice) => {
  const heads = headsOf(bytes);
  const arrays = heads.filter(({ major, at, size, end }) => major === 4 && end > at + size);
  if (arrays.length === 0) return Uint8Array.of(pick(dice, loud));
  const array = pick(dice, arrays);
  const first = heads.find(({ at }) => at === array.at + array.size);
  const item = first === undefined ? new Uint8Array(0) : bytes.subarray(first.at, first.end);
  const count = Math.min(pick(dice, counts), Math.floor(250_000 / Math.max(1, item.length)));
  const head = headBytes(4, BigInt(count), count < 24 ? 0 : count < 256 ? 1 : 2);
  return cut(bytes, array.at, array.end, concat(head, ...Array.from({ length: count }, () => item)));
};

const mutations: readonly Mutation[] = [
  regrow,
  // Blind ones.
  (bytes, dice) => {
    const out = bytes.slice();
    for (let i = 1 + below(dice, 4); i > 0; i--) {
      const at = below(dice, out.length);
      out[at] = (out[at] ?? 0) ^ (1 << below(dice, 8));
    }
    return out;
  },
  (bytes, dice) => {
    const out = bytes.slice();
    out[below(dice, out.length)] = pick(dice, loud);
    return out;
  },
  (bytes, dice) => bytes.slice(0, below(dice, bytes.length)),
  (bytes, dice) =>
    concat(
      bytes,
      Uint8Array.from({ length: 1 + below(dice, 40) }, () => below(dice, 256)),
    ),
  (bytes, dice, other) =>
    concat(bytes.subarray(0, below(dice, bytes.length)), other.subarray(below(dice, other.length))),
  (bytes, dice) => {
    const from = below(dice, bytes.length);
    return cut(bytes, from, from + 1 + below(dice, 64));
  },
  (bytes, dice) => {
    const from = below(dice, bytes.length);
    const piece = bytes.subarray(from, from + 1 + below(dice, 64));
    return cut(bytes, from, from, piece);
  },
  (_bytes, dice) => Uint8Array.from({ length: below(dice, 200) }, () => below(dice, 256)),
  // Ones that look.
  withHead((head, bytes, dice) =>
    cut(bytes, head.at, head.at + head.size, headBytes(head.major, pick(dice, edges), pick(dice, widths))),
  ),
  withHead((head, bytes, dice) =>
    cut(bytes, head.at, head.at + head.size, headBytes(head.major, pick(dice, giants), 8)),
  ),
  withHead((head, bytes, dice) => {
    const out = bytes.slice();
    out[head.at] = ((out[head.at] ?? 0) & 0x1f) | (below(dice, 8) << 5);
    return out;
  }),
  withHead((head, bytes) => cut(bytes, head.at, head.end)),
  withHead((head, bytes) => cut(bytes, head.at, head.at, bytes.subarray(head.at, head.end))),
  withHead((head, bytes, dice, other) => {
    const theirs = headsOf(other);
    const { at, end } = theirs[below(dice, theirs.length)] ?? { at: 0, end: 0 };
    return cut(bytes, head.at, head.end, other.subarray(at, end));
  }),
  withHead((head, bytes, dice) => {
    const depth = 1 + below(dice, dice.next() < 0.05 ? 20_000 : 40);
    return cut(bytes, head.at, head.at, new Uint8Array(depth).fill(pick(dice, [0x81, 0x82, 0xa1, 0xc1, 0x9f, 0xbf])));
  }),
  // The same item again and again: as many as the count says, or more.
  withHead((head, bytes, dice) => {
    const item = bytes.subarray(head.at, head.end);
    const times = dice.next() < 0.1 ? Math.min(600, Math.ceil(200_000 / Math.max(1, item.length))) : 3;
    const copies = Array.from({ length: 1 + below(dice, times) }, () => item);
    return cut(bytes, head.at, head.at, concat(...copies));
  }),
];

/** A spoilt copy: one thing wrong most of the time, a few things now and then. */
export function mutate(bytes: Bytes, dice: Dice, other: Bytes): Bytes {
  let out = bytes;
  const times = dice.next() < 0.75 ? 1 : 2 + below(dice, 3);
  for (let i = 0; i < times; i++) out = out.length === 0 ? bytes : pick(dice, mutations)(out, dice, other);
  return out;
}
