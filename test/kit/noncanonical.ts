/**
 * Takes canonical CBOR apart and puts it together in forms that another decoder takes for the same (or that somebody
 * careless might), for readers that must take one form only. Knows nothing of what the bytes stand for.
 */
import { type Bytes, concat } from '../../src/wire/bytes.ts';

const [UINT, NINT, BSTR, TSTR, ARRAY, MAP] = [0, 1, 2, 3, 4, 5];

interface Item {
  readonly major: number;
  readonly value: number;
  /** Size of the argument in bytes; 0 where it is in the first byte. */
  readonly width: number;
  /** From the first byte of the head up to the end. */
  readonly from: number;
  readonly contentAt: number;
  readonly to: number;
  /** Of a map: key, value, key, value … Of a byte string: the structure in it, if there is one. */
  readonly items: readonly Item[];
}

export type Kind =
  | 'a longer head'
  | 'an indefinite length'
  | 'keys out of order'
  | 'a key twice'
  | 'a float'
  | 'a tag'
  // Those above stand for the same value, those below for another, or for nothing.
  | 'null for a value'
  | 'null for what is absent'
  | 'undefined for what is absent'
  | 'text for a key'
  | 'a length without end';

export interface Variant {
  readonly kind: Kind;
  /** Inside a byte string, at whatever depth. */
  readonly isInside: boolean;
  readonly bytes: Bytes;
}

export const sameKinds: readonly Kind[] = [
  'a longer head',
  'an indefinite length',
  'keys out of order',
  'a key twice',
  'a float',
  'a tag',
];

/** All variants with one thing changed. Throws if the bytes are not one canonical item. */
export function variantsOf(bytes: Bytes): readonly Variant[] {
  const root = parse(bytes, 0);
  if (root === undefined || root.to !== bytes.length) throw new Error('not one canonical CBOR item');
  const variants: Variant[] = [];
  const walk = (item: Item, isInside: boolean): void => {
    for (const [kind, changed] of changesOf(bytes, item))
      variants.push({ kind, isInside, bytes: render(bytes, root, item, changed) });
    for (const each of item.items) walk(each, isInside || item.major === BSTR);
  };
  walk(root, false);
  return variants;
}

function* changesOf(bytes: Bytes, item: Item): Generator<readonly [Kind, Bytes]> {
  const { major, value, items } = item;
  const content = bytes.subarray(item.contentAt, item.to);
  const whole = bytes.subarray(item.from, item.to);
  const parts = items.map((each) => bytes.subarray(each.from, each.to));
  if (major > MAP) return;
  for (const width of [1, 2, 4, 8])
    if (width > item.width) yield ['a longer head', concat(head(major, value, width), content)];
  yield ['a tag', concat(Uint8Array.of(0xd9, 0xd9, 0xf7), whole)];
  if (major === UINT || major === NINT) yield ['a float', float(major === UINT ? value : -1 - value)];
  else {
    const inner = major === BSTR || major === TSTR ? whole : content;
    yield ['an indefinite length', concat(Uint8Array.of((major << 5) | 31), inner, Uint8Array.of(0xff))];
    for (const length of [2 ** 16, 2 ** 20, 2 ** 24, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1])
      yield ['a length without end', concat(head(major, length, length < 2 ** 32 ? 4 : 8), content)];
    yield ['a length without end', concat(Uint8Array.of((major << 5) | 27), new Uint8Array(8).fill(0xff), content)];
  }
  if (major !== MAP) return;
  const pair = (at: number): Bytes => concat(...parts.slice(2 * at, 2 * at + 2));
  const rest = (from: number, to: number): Bytes => concat(...parts.slice(2 * from, 2 * to));
  for (let at = 0; at < value; at++) {
    yield ['a key twice', concat(head(MAP, value + 1), rest(0, at + 1), rest(at, value))];
    const before = concat(head(MAP, value), rest(0, at));
    const key = items[2 * at];
    yield ['null for a value', concat(before, parts[2 * at] ?? whole, Uint8Array.of(0xf6), rest(at + 1, value))];
    const text = new TextEncoder().encode(String(key?.value));
    yield [
      'text for a key',
      concat(before, head(TSTR, text.length), text, parts[2 * at + 1] ?? whole, rest(at + 1, value)),
    ];
    if (at + 1 < value) yield ['keys out of order', concat(before, pair(at + 1), pair(at), rest(at + 2, value))];
  }
  const keys = items.filter((_, i) => i % 2 === 0).map((each) => each.value);
  for (let key = 1; key <= 9; key++) {
    if (keys.includes(key)) continue;
    const at = keys.filter((each) => each < key).length;
    for (const [kind, byte] of [
      ['null for what is absent', 0xf6],
      ['undefined for what is absent', 0xf7],
    ] as const)
      yield [kind, concat(head(MAP, value + 1), rest(0, at), Uint8Array.of(key, byte), rest(at, value))];
  }
}

/** The whole with `changed` in the place of one item; byte strings around it get the length they then have. */
function render(bytes: Bytes, item: Item, target: Item, changed: Bytes): Bytes {
  if (item === target) return changed;
  if (target.from < item.from || target.to > item.to || item.items.length === 0)
    return bytes.subarray(item.from, item.to);
  const content = concat(...item.items.map((each) => render(bytes, each, target, changed)));
  return concat(head(item.major, item.major === BSTR ? content.length : item.value), content);
}

function head(major: number, value: number, width = leastWidth(value)): Bytes {
  if (width === 0) return Uint8Array.of((major << 5) | value);
  const argument = Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) % 256);
  return Uint8Array.of((major << 5) | (24 + Math.log2(width)), ...argument);
}

const leastWidth = (value: number): number =>
  value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;

function float(value: number): Bytes {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xfb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

/** The canonical item that begins there, or nothing. */
function parse(bytes: Bytes, from: number): Item | undefined {
  const first = bytes[from];
  if (first === undefined) return undefined;
  const [major, info] = [first >> 5, first & 31];
  if (major > MAP && first !== 0xf4 && first !== 0xf5) return undefined;
  if (info > 27) return undefined;
  const width = info < 24 ? 0 : 2 ** (info - 24);
  const contentAt = from + 1 + width;
  if (contentAt > bytes.length) return undefined;
  const value = width === 0 ? info : bytes.subarray(from + 1, contentAt).reduce((sum, byte) => sum * 256 + byte, 0);
  if (major <= MAP && leastWidth(value) !== width) return undefined;
  const item = { major, value, width, from, contentAt };
  if (major === BSTR || major === TSTR) {
    const to = contentAt + value;
    return to > bytes.length ? undefined : { ...item, to, items: major === BSTR ? insideOf(bytes, contentAt, to) : [] };
  }
  const items: Item[] = [];
  const count = major === ARRAY ? value : major === MAP ? 2 * value : 0;
  let to = contentAt;
  for (let i = 0; i < count; i++) {
    const each = parse(bytes, to);
    if (each === undefined) return undefined;
    items.push(each);
    to = each.to;
  }
  return { ...item, to, items };
}

/** Maps and pairs of a tag and a map that fill a byte string are taken for a structure; ids and keys are not. */
function insideOf(bytes: Bytes, from: number, to: number): readonly Item[] {
  const item = parse(bytes.subarray(0, to), from);
  const isStructure = item?.to === to && (item.major === MAP || item.items[1]?.major === MAP) && item.items.length > 0;
  return isStructure ? [item] : [];
}
