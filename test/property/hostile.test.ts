/**
 * Every reader of bytes from outside, given what nobody honest sends: cut, flipped, noise. A reader ends in a value or in
 * a PeerFault; and where there is a signature or a commitment, in a PeerFault for every bit that is not as it was made.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { joinBundle, readBundle } from '../../src/core/bundle.ts';
import { makeDraft, readDraft } from '../../src/core/draft.ts';
import { encodeJoin, readJoin } from '../../src/core/join.ts';
import { leaf } from '../../src/core/leaf.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { decode } from '../../src/wire/cbor.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import { fromHex, hex } from '../../src/wire/bytes.ts';
import { foundMuster } from '../kit/muster.ts';
import { seeded } from '../kit/random.ts';
import { makeVectors } from '../vector/make.ts';
import { type Input, subjects, type Vector } from '../vector/subject.ts';

await loadSodium();
const files = new Map(makeVectors().map((file) => [file.subject, file.vectors]));
beforeAll(loadSodium);

/** The input that comes from outside. */
const outside: Readonly<Record<string, string>> = {
  frame: 'bytes',
  aead: 'sealed',
  padding: 'padded',
  genesis: 'genesis',
  certificate: 'certificate',
  prekey: 'prekey',
  packet: 'packet',
  entry: 'entry',
  grant: 'grant',
  envelope: 'envelope',
  have: 'body',
  list: 'list',
  admission: 'admission',
  room: 'genesis',
};
/** Those where every bit is under a signature, a hash that is signed, or a commitment. */
const authenticated = [
  'aead',
  'certificate',
  'prekey',
  'packet',
  'entry',
  'grant',
  'envelope',
  'have',
  'list',
  'admission',
];

const good = (subject: string): readonly Vector[] =>
  (files.get(subject) ?? []).filter((vector) => vector.expect === 'ok');

/** The code of the fault, or `ok`. Anything else than a PeerFault comes through and fails the test. */
function outcome(subject: string, input: Input): string {
  try {
    subjects[subject]?.(input);
    return 'ok';
  } catch (fault) {
    if (fault instanceof PeerFault) return fault.code;
    throw fault;
  }
}

const withBytes = (subject: string, vector: Vector, bytes: Uint8Array): Input => ({
  ...vector.input,
  [outside[subject] ?? '']: hex(bytes),
});
const bytesOf = (subject: string, vector: Vector): Uint8Array => fromHex(String(vector.input[outside[subject] ?? '']));

it('every subject with bytes from outside is here', () => {
  expect(Object.keys(outside).sort()).toEqual([...files.keys()].filter((name) => name !== 'cbor').sort());
  for (const subject of Object.keys(outside)) expect(good(subject).length, subject).toBeGreaterThan(0);
});

describe.each(Object.keys(outside))('%s', (subject) => {
  it('is refused when it is cut short at any byte', () => {
    for (const vector of good(subject)) {
      const bytes = bytesOf(subject, vector);
      for (let size = 0; size < bytes.length; size++) {
        const result = outcome(subject, withBytes(subject, vector, bytes.subarray(0, size)));
        if (result === 'ok') expect.fail(`${vector.name} was taken with ${size} of ${bytes.length} bytes`);
      }
    }
  });

  it('noise ends in a value or in a PeerFault', () => {
    const [vector] = good(subject);
    if (vector === undefined) throw new Error('there is a good vector');
    const bytes = bytesOf(subject, vector);
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      // A good beginning, then noise: gets further in.
      fc
        .tuple(fc.nat({ max: bytes.length }), fc.uint8Array({ maxLength: 400 }))
        .map(([size, tail]) => Uint8Array.of(...bytes.subarray(0, size), ...tail)),
      // Some bytes of the good one changed.
      fc
        .array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
        .map((changes) => {
          const altered = bytes.slice();
          for (const [at, byte] of changes) altered[at] = byte;
          return altered;
        }),
    );
    fc.assert(
      fc.property(noise, (each) => {
        outcome(subject, withBytes(subject, vector, each));
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(authenticated)('%s', (subject) => {
  it('is refused for every single bit that is flipped', () => {
    const [vector] = good(subject);
    if (vector === undefined) throw new Error('there is a good vector');
    const bytes = bytesOf(subject, vector);
    expect(outcome(subject, vector.input)).toBe('ok');
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const result = outcome(subject, withBytes(subject, vector, bytes));
      if (result === 'ok') expect.fail(`bit ${bit & 7} of byte ${bit >> 3} does not matter`);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    }
  }, 180_000);
});

/** Files that people carry: what is inside them is read by the readers above. */
it.each([
  ['bundle', readBundle],
  ['draft', readDraft],
  ['join request', readJoin],
] as const)('noise for a %s ends in a value or in a PeerFault', (name, read) => {
  const { listBytes, genesis, leaves, selves, identities } = foundMuster(seeded(6), { members: 1, relays: 1 });
  const [own] = leaves
    .map((bytes) => decode(leaf, bytes).body)
    .flatMap((body) => (body.type === 'member' ? body.devices : []));
  if (own === undefined || identities[0] === undefined || selves.length !== 1) throw new Error('a member has a device');
  const good = [
    joinBundle(listBytes, genesis),
    makeDraft(
      { genesis, version: 1, issuedAtMs: 1, expiresAtMs: 2 },
      leaves.map((bytes) => decode(leaf, bytes).body),
      seeded(7),
    ),
    encodeJoin({ handle: 'ada', identity: identities[0].publicKey, ...own }),
  ];
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 });
  const altered = fc.tuple(fc.constantFrom(...good), changes, fc.nat()).map(([bytes, each, size]) => {
    const copy = bytes.slice(0, size % 3 === 0 ? size % bytes.length : bytes.length);
    for (const [at, byte] of each) if (copy.length > 0) copy[at % copy.length] = byte;
    return copy;
  });
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), altered), (bytes) => {
      try {
        read(bytes);
        taken += 1;
      } catch (fault) {
        if (!(fault instanceof PeerFault)) throw fault;
      }
    }),
    { numRuns: 400 },
  );
  // Some of them were good: the noise got as far as it could.
  if (name !== 'bundle') expect(taken).toBeGreaterThan(0);
});
