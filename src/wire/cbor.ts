/**
 * A strict, deterministic CBOR subset (RFC 8949 section 4.2.1) as combinators: one value describes both
 * directions, so a structure cannot be written one way and read another.
 *
 * Used: unsigned and negative integers, byte strings, text strings, arrays, maps with ascending unsigned keys,
 * true and false. Refused: floats, tags, null, indefinite lengths, non-minimal heads, duplicate or unordered
 * keys, unknown keys, trailing bytes, integers beyond 2^53 - 1. Reading follows the expected shape, so depth is
 * bounded by the shape and no length from outside is trusted before the bytes are there.
 *
 * `decode` ends in a value or in a PeerFault, never in anything else.
 */
import { type Bytes, fromUtf8, utf8 } from './bytes.ts';
import { ARRAY, BSTR, MAP, malformed, misfit, NINT, Reader, TSTR, UINT, Writer } from './item.ts';

export interface Codec<T> {
  read(reader: Reader): T;
  write(writer: Writer, value: T): void;
}
export type Coded<C> = C extends Codec<infer T> ? T : never;

/** Bytes of `value`, canonical. Throws `CallerFault('invalid')` when the value does not fit the shape. */
export function encode<T>(codec: Codec<T>, value: T): Bytes {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.done();
}

/** The one value these bytes stand for. Throws `PeerFault('malformed')`, nothing else. Byte strings are views. */
export function decode<T>(codec: Codec<T>, bytes: Bytes): T {
  const reader = new Reader(bytes);
  const value = codec.read(reader);
  if (!reader.atEnd) throw malformed('bytes after the end');
  return value;
}

/** 0 … max, at most 2^53 - 1. */
export function uint(max: number = Number.MAX_SAFE_INTEGER): Codec<number> {
  return {
    read(reader) {
      const value = reader.head(UINT);
      if (value > max) throw malformed('a number is out of range');
      return value;
    },
    write(writer, value) {
      if (value > max) throw misfit('a number is out of range');
      writer.head(UINT, value);
    },
  };
}

/** A whole number of either sign within ± (2^53 - 1). */
export const int: Codec<number> = {
  read(reader) {
    if (reader.peekMajor() !== NINT) return reader.head(UINT);
    const value = -1 - reader.head(NINT);
    if (!Number.isSafeInteger(value)) throw malformed('an integer is too large');
    return value;
  },
  write(writer, value) {
    if (!Number.isSafeInteger(value)) throw misfit('an integer out of range');
    if (value < 0) writer.head(NINT, -1 - value);
    else writer.head(UINT, value);
  },
};

export const bool: Codec<boolean> = {
  read: (reader) => reader.bool(),
  write: (writer, value) => writer.bool(value),
};

export type SizeRule = { readonly size: number } | { readonly max: number; readonly min?: number };

function fits(rule: SizeRule, length: number): boolean {
  return 'size' in rule ? length === rule.size : length <= rule.max && length >= (rule.min ?? 0);
}

/** A byte string of an exact size or up to a maximum. Reading gives a view of the input. */
export function rawBytes(rule: SizeRule): Codec<Bytes> {
  return {
    read(reader) {
      const length = reader.head(BSTR);
      if (!fits(rule, length)) throw malformed('a byte string has the wrong size');
      return reader.take(length);
    },
    write(writer, value) {
      if (!fits(rule, value.length)) throw misfit('a byte string has the wrong size');
      writer.head(BSTR, value.length);
      writer.raw(value);
    },
  };
}

/** UTF-8 text of at most `maxBytes` bytes. */
export function text(maxBytes: number): Codec<string> {
  return {
    read(reader) {
      const length = reader.head(TSTR);
      if (length > maxBytes) throw malformed('a text is too long');
      return fromUtf8(reader.take(length));
    },
    write(writer, value) {
      if (!value.isWellFormed()) throw misfit('a text with half a character');
      const bytes = utf8(value);
      if (bytes.length > maxBytes) throw misfit('a text is too long');
      writer.head(TSTR, bytes.length);
      writer.raw(bytes);
    },
  };
}

/** One of a closed set of words, carried as its index: a word outside the set cannot be written or read. */
export function oneOf<const W extends readonly string[]>(...words: W): Codec<W[number]> {
  return {
    read(reader) {
      const word = words[reader.head(UINT)];
      if (word === undefined) throw malformed('an unknown choice');
      return word;
    },
    write(writer, value) {
      const index = words.indexOf(value);
      if (index < 0) throw misfit('an unknown choice');
      writer.head(UINT, index);
    },
  };
}

export function list<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    read(reader) {
      const length = reader.head(ARRAY);
      if (length > max) throw malformed('a list is too long');
      const out: T[] = [];
      for (let i = 0; i < length; i++) out.push(item.read(reader));
      return out;
    },
    write(writer, value) {
      if (value.length > max) throw misfit('a list is too long');
      writer.head(ARRAY, value.length);
      for (const each of value) item.write(writer, each);
    },
  };
}

/** A list that stands for a set: strictly ascending, so that there is one form for one set. */
export function ascending<T extends string>(item: Codec<T>, max: number): Codec<readonly T[]> {
  const inner = list(item, max);
  const isAscending = (values: readonly T[]) => values.every((value, i) => i === 0 || (values[i - 1] ?? '') < value);
  return {
    read(reader) {
      const values = inner.read(reader);
      if (!isAscending(values)) throw malformed('a set is out of order');
      return values;
    },
    write(writer, values) {
      if (!isAscending(values)) throw misfit('a set is out of order');
      inner.write(writer, values);
    },
  };
}

interface Field<T, Optional extends boolean> {
  readonly key: number;
  readonly codec: Codec<T>;
  readonly optional: Optional;
}
export const field = <T>(key: number, codec: Codec<T>): Field<T, false> => ({ key, codec, optional: false });
/** A field that may be absent. Absence is the only "nothing": there is no null. */
export const maybe = <T>(key: number, codec: Codec<T>): Field<T, true> => ({ key, codec, optional: true });

// biome-ignore lint/suspicious/noExplicitAny: the field types are inferred one by one, this is only their bound
type Fields = Record<string, Field<any, boolean>>;
export type Shape<F extends Fields> = {
  readonly [K in keyof F as F[K]['optional'] extends true ? never : K]: Coded<F[K]['codec']>;
} & {
  readonly [K in keyof F as F[K]['optional'] extends true ? K : never]?: Coded<F[K]['codec']>;
};

/** A map with ascending unsigned keys, read into an object. Unknown, missing and repeated keys are refused. */
export function record<F extends Fields>(fields: F): Codec<Shape<F>> {
  const inOrder = Object.entries(fields).sort(([, a], [, b]) => a.key - b.key);
  return {
    read(reader) {
      let left = reader.head(MAP);
      const out: Record<string, unknown> = {};
      let key = left > 0 ? reader.head(UINT) : -1;
      for (const [name, each] of inOrder) {
        if (left === 0 || key !== each.key) {
          if (!each.optional) throw malformed(`field ${each.key} is missing`);
          continue;
        }
        out[name] = each.codec.read(reader);
        left -= 1;
        if (left > 0) key = reader.head(UINT);
      }
      if (left > 0) throw malformed('an unknown field or fields out of order');
      return out as Shape<F>;
    },
    write(writer, value) {
      const given = value as Record<string, unknown>;
      const present = inOrder.filter(([name]) => given[name] !== undefined);
      writer.head(MAP, present.length);
      for (const [name, each] of inOrder) {
        if (given[name] === undefined) {
          if (!each.optional) throw misfit(`${name} is missing`);
          continue;
        }
        writer.head(UINT, each.key);
        each.codec.write(writer, given[name]);
      }
    },
  };
}

type Codecs = readonly Codec<unknown>[];
type Values<C extends Codecs> = { readonly [I in keyof C]: Coded<C[I]> };

/** An array of a fixed number of items, each with its own shape. */
// biome-ignore lint/suspicious/noExplicitAny: see Fields
export function tuple<C extends readonly Codec<any>[]>(...items: C): Codec<Values<C>> {
  return {
    read(reader) {
      if (reader.head(ARRAY) !== items.length) throw malformed('an array has the wrong length');
      return items.map((item) => item.read(reader)) as Values<C>;
    },
    write(writer, value) {
      if (value.length !== items.length) throw misfit('an array has the wrong length');
      writer.head(ARRAY, items.length);
      items.forEach((item, i) => {
        item.write(writer, value[i]);
      });
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: see Fields
type Cases = Record<string, readonly [number, Codec<any>]>;
export type Variant<C extends Cases> = {
  [K in keyof C]: { readonly type: K } & Coded<C[K][1]>;
}[keyof C];

/** A tagged union: `[tag, map]` on the wire, `{ type, ...fields }` in memory. */
export function variant<C extends Cases>(cases: C): Codec<Variant<C>> {
  const byTag = new Map(Object.entries(cases).map(([name, [tag, codec]]) => [tag, { name, codec }]));
  return {
    read(reader) {
      if (reader.head(ARRAY) !== 2) throw malformed('a tagged pair was expected');
      const found = byTag.get(reader.head(UINT));
      if (found === undefined) throw malformed('an unknown tag');
      return { type: found.name, ...(found.codec.read(reader) as object) } as Variant<C>;
    },
    write(writer, value) {
      const found = cases[value.type as keyof C & string];
      if (found === undefined) throw misfit('an unknown tag');
      writer.head(ARRAY, 2);
      writer.head(UINT, found[0]);
      found[1].write(writer, value);
    },
  };
}

/** A codec seen through a pair of functions; `into` may throw a PeerFault. */
export function mapped<A, B>(codec: Codec<A>, into: (a: A) => B, from: (b: B) => A): Codec<B> {
  return {
    read: (reader) => into(codec.read(reader)),
    write: (writer, value) => codec.write(writer, from(value)),
  };
}

/** A structure carried as a byte string inside another: signed bytes stay verbatim and are never re-encoded. */
export function checked<T>(codec: Codec<T>, check: (value: T) => boolean, what: string): Codec<T> {
  return {
    read(reader) {
      const value = codec.read(reader);
      if (!check(value)) throw malformed(what);
      return value;
    },
    write(writer, value) {
      if (!check(value)) throw misfit(what);
      codec.write(writer, value);
    },
  };
}
