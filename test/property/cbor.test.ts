/** CBOR: what was encoded decodes, another library agrees, and noise ends in a value or in a PeerFault. */
import { decode as peerDecode, encode as peerEncode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, equal, hex } from '../../src/wire/bytes.ts';
import {
  bool,
  type Codec,
  decode,
  encode,
  field,
  int,
  list,
  maybe,
  rawBytes,
  record,
  text,
  tuple,
  uint,
  variant,
} from '../../src/wire/cbor.ts';
import { CallerFault, PeerFault } from '../../src/wire/fault.ts';
import { shapes } from '../vector/subject.ts';

/** A shape, values for it, and the same value as the other library has it. */
interface Case {
  readonly codec: Codec<unknown>;
  readonly value: unknown;
  readonly peer: unknown;
}

const caseOf = <T>(codec: Codec<T>, value: T, peer: unknown = value): Case => ({
  codec: codec as Codec<unknown>,
  value,
  peer,
});
const safe = fc.maxSafeInteger();
const natural = fc.maxSafeNat();

const leafCase: fc.Arbitrary<Case> = fc.oneof(
  natural.map((n) => caseOf(uint(), n)),
  safe.map((n) => caseOf(int, n)),
  fc.boolean().map((b) => caseOf(bool, b)),
  fc.uint8Array({ maxLength: 400 }).map((b) => caseOf(rawBytes({ max: 400 }), b)),
  fc.string({ unit: 'binary', maxLength: 80 }).map((t) => caseOf(text(400), t)),
);

const itemCase: fc.Arbitrary<Case> = fc.oneof(
  leafCase,
  fc.array(safe, { maxLength: 40 }).map((items) => caseOf(list(int, 40), items)),
  fc
    .tuple(leafCase, leafCase)
    .map(([a, b]) => caseOf(tuple(a.codec, b.codec), [a.value, b.value] as const, [a.peer, b.peer])),
);

const anyCase: fc.Arbitrary<Case> = fc.oneof(
  itemCase,
  fc.tuple(itemCase, itemCase, itemCase, fc.boolean()).map(([a, b, c, isThere]) => {
    const shape = record({ a: field(1, a.codec), b: maybe(23, b.codec), c: field(300, c.codec) });
    const value = { a: a.value, ...(isThere ? { b: b.value } : {}), c: c.value };
    const pairs: (readonly [number, unknown])[] = [
      [1, a.peer],
      ...(isThere ? [[23, b.peer] as const] : []),
      [300, c.peer],
    ];
    return caseOf(shape as Codec<unknown>, value, new Map(pairs));
  }),
  itemCase.map((a) => {
    const shape = variant({ some: [4, record({ a: field(1, a.codec) })] });
    return caseOf(shape as Codec<unknown>, { type: 'some', a: a.value }, [4, new Map([[1, a.peer]])]);
  }),
);

const strict = {
  useMaps: true,
  strict: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
} as const;

describe('cbor', () => {
  it('gives back what was encoded, and another library reads and writes the same bytes', () => {
    fc.assert(
      fc.property(anyCase, ({ codec, value, peer }) => {
        const bytes = encode(codec, value);
        expect(decode(codec, bytes)).toEqual(value);
        expect(peerDecode(bytes, strict)).toEqual(peer);
        expect(hex(peerEncode(peer))).toBe(hex(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts nothing that it would have written in another way, nor that the other library calls not strict', () => {
    const bits = fc.oneof(fc.uint8Array({ maxLength: 40 }), mutated());
    fc.assert(
      fc.property(bits, fc.constantFrom(...Object.values(shapes)), (bytes, shape) => {
        const codec = shape as Codec<unknown>;
        const value = attempt(codec, bytes);
        if (value === undefined) return;
        expect(hex(encode(codec, value.value))).toBe(hex(bytes));
        expect(() => peerDecode(bytes, strict)).not.toThrow();
      }),
      { numRuns: 20_000 },
    );
  });

  it('refuses every beginning of an encoding that is not the whole of it', () => {
    fc.assert(
      fc.property(anyCase, ({ codec, value }) => {
        const bytes = encode(codec, value);
        for (let size = 0; size < bytes.length; size++) expect(attempt(codec, bytes.subarray(0, size))).toBeUndefined();
        expect(attempt(codec, Uint8Array.of(...bytes, 0))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('keeps what cannot be written out of the bytes', () => {
    const odd: readonly (readonly [Codec<never>, unknown])[] = [
      [uint() as Codec<never>, -1],
      [uint() as Codec<never>, 1.5],
      [uint() as Codec<never>, 2 ** 53],
      [uint() as Codec<never>, Number.NaN],
      [int as Codec<never>, -(2 ** 53)],
      [text(8) as Codec<never>, '\ud800'],
      [text(8) as Codec<never>, 'more than eight'],
      [rawBytes({ size: 2 }) as Codec<never>, new Uint8Array(3)],
      [list(int, 1) as Codec<never>, [1, 2]],
      [record({ a: field(1, int) }) as Codec<never>, {}],
      [tuple(int, int) as Codec<never>, [1]],
    ];
    for (const [codec, value] of odd) expect(() => encode(codec, value as never)).toThrow(CallerFault);
  });
});

/** Encodings of the shapes with some bytes changed: closer to the truth than noise. */
function mutated(): fc.Arbitrary<Bytes> {
  const good = [
    'a2010518 18f4',
    'a301050261611818f4',
    '8201a10102',
    '8209a0',
    '83010203',
    '8207f4',
    '1b001fffffffffffff',
    '62c3bc',
  ];
  return fc
    .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 255 })), { maxLength: 3 }))
    .map(([from, changes]) => {
      const bytes = Uint8Array.from(Buffer.from(from.replaceAll(' ', ''), 'hex'));
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      return bytes;
    });
}

function attempt<T>(codec: Codec<T>, bytes: Bytes): { readonly value: T } | undefined {
  try {
    return { value: decode(codec, bytes) };
  } catch (fault) {
    if (fault instanceof PeerFault && fault.code === 'malformed') return undefined;
    throw fault;
  }
}

it('the comparison of bytes can tell', () => {
  expect(equal(new Uint8Array([1, 2]), new Uint8Array([1, 2]))).toBe(true);
  expect(equal(new Uint8Array([1, 2]), new Uint8Array([1, 3]))).toBe(false);
  expect(equal(new Uint8Array([1]), new Uint8Array([1, 0]))).toBe(false);
});
