/**
 * Ed25519 and X25519 against what others published. Signatures go through `verify` itself, with the label taken from the
 * message: what is measured is this project's verifier, not the library under it.
 */
import { createHash } from 'node:crypto';
import sumo from 'libsodium-wrappers-sumo';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { prekeyId } from '../../src/core/id.ts';
import { makeSignKey, sign, signRaw } from '../../src/core/key.ts';
import { domain } from '../../src/core/label.ts';
import { decapsulate, encapsulate, type Prekey } from '../../src/core/prekey.ts';
import { Secret } from '../../src/core/secret.ts';
import { loadSodium, sodium } from '../../src/core/sodium.ts';
import { verify } from '../../src/core/verify.ts';
import { type Bytes, concat, fromHex, hex, utf8 } from '../../src/wire/bytes.ts';
import { seeded } from '../kit/random.ts';
import { opensslSign, opensslVerify, opensslX25519 } from './openssl.ts';
import { ed25519, ed25519Wycheproof, small, speccheck, x25519, x25519Wycheproof } from './published.ts';

/** A label that nothing else here is about: under it `domain` gives the message as it is, under all others what it always does. */
const bare = 'grant';
const published = (key: Bytes, signature: Bytes, message: Bytes): boolean => verify(key, signature, bare, message);

vi.mock(import('../../src/core/label.ts'), async (load) => {
  const real = await load();
  const mocked: typeof real.domain = (space, label, ...parts) =>
    label === 'grant' && space === 'sign' ? concat(...parts) : real.domain(space, label, ...parts);
  return { ...real, domain: mocked };
});

beforeAll(async () => {
  await loadSodium();
  await sumo.ready;
});

describe('Ed25519', () => {
  it.each([
    ['RFC 8032', ed25519.rfc8032.vectors, 5],
    ['the reference implementation', ed25519.reference.vectors, 141],
  ])('signs and verifies as in the vectors of %s, and OpenSSL agrees', (_from, vectors, size) => {
    expect(vectors).toHaveLength(size);
    for (const { seed, public: publicKey, message, signature } of vectors) {
      const key = makeSignKey(() => fromHex(seed));
      expect(hex(key.publicKey)).toBe(publicKey);
      expect(hex(signRaw(key, fromHex(message)))).toBe(signature);
      expect(published(key.publicKey, fromHex(signature), fromHex(message))).toBe(true);
      expect(published(key.publicKey, fromHex(signature), concat(fromHex(message), utf8('!')))).toBe(false);
      expect(opensslVerify(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
    }
  });

  it('says what Wycheproof says, in all 151 tests', () => {
    const tests = ed25519Wycheproof.groups.flatMap((group) =>
      group.tests.map((test) => ({ ...test, key: fromHex(group.public) })),
    );
    expect(tests.map((test) => test.id).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 151 }, (_, i) => i + 1),
    );
    expect(tests.filter((test) => test.result === 'valid')).toHaveLength(88);
    const wrong = tests.filter(
      ({ key, signature, message, result }) =>
        published(key, fromHex(signature), fromHex(message)) !== (result === 'valid'),
    );
    expect(wrong.map((test) => test.id)).toEqual([]);
  });

  // OpenSSL takes 0, 1, 2 and 11 as well: a verifier that does not look at the order of the key.
  it.each(speccheck.vectors)('“Taming the many EdDSAs” $id, $about: $taken', (vector) => {
    expect(published(fromHex(vector.public), fromHex(vector.signature), fromHex(vector.message))).toBe(vector.taken);
  });

  it('has all twelve of them, and takes no other than the one that holds without clearing the cofactor', () => {
    expect(speccheck.vectors.map((vector) => vector.id)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(speccheck.vectors.flatMap((vector) => (vector.taken ? [vector.id] : []))).toEqual([3]);
  });

  it('signs and verifies as OpenSSL does, over the labelled bytes', () => {
    const random = seeded(2);
    for (let i = 0; i < 8; i++) {
      const seed = random(32);
      const key = makeSignKey(() => seed.slice());
      const part = random(i * 7);
      const made = sign(key, 'entry', part);
      expect(hex(made)).toBe(hex(opensslSign(seed, domain('sign', 'entry', part))));
      expect(verify(key.publicKey, made, 'entry', part)).toBe(true);
      expect(verify(key.publicKey, made, 'have', part)).toBe(false);
    }
  });

  it.each(small.smallOrder.keys)(
    'refuses the key %s of small order, under which one signature fits many texts',
    (publicKey) => {
      // S = 0 and R any point of small order: without the check it fits whenever the hash times the key is that point.
      for (const r of small.smallOrder.keys) {
        const signature = concat(fromHex(r), new Uint8Array(32));
        for (let i = 0; i < 16; i++)
          expect(verify(fromHex(publicKey), signature, 'entry', new Uint8Array([i]))).toBe(false);
      }
    },
  );

  it('refuses a commitment R of mixed order, which a verifier that clears the cofactor would take', () => {
    const seed = new Uint8Array(32).fill(7);
    const key = makeSignKey(() => seed.slice());
    const half = new Uint8Array(createHash('sha512').update(seed).digest().subarray(0, 32));
    half[0] = (half[0] ?? 0) & 248;
    half[31] = ((half[31] ?? 0) & 127) | 64;
    const a = sumo.crypto_core_ed25519_scalar_reduce(concat(half, new Uint8Array(32)));
    const r = sumo.crypto_core_ed25519_scalar_reduce(createHash('sha512').update('r').digest());
    const message = domain('sign', 'entry', utf8('x'));
    const signatureFor = (point: Bytes): Bytes => {
      const h = sumo.crypto_core_ed25519_scalar_reduce(
        createHash('sha512').update(point).update(key.publicKey).update(message).digest(),
      );
      return concat(point, sumo.crypto_core_ed25519_scalar_add(r, sumo.crypto_core_ed25519_scalar_mul(h, a)));
    };
    const clean = sumo.crypto_scalarmult_ed25519_base_noclamp(r);
    // Made by hand it verifies; with any of the seven other points of small order added to R it does not, as in OpenSSL.
    expect(verify(key.publicKey, signatureFor(clean), 'entry', utf8('x'))).toBe(true);
    for (const point of small.smallOrder.keys.slice(1)) {
      const mixed = signatureFor(addPoint(clean, fromHex(point)));
      expect(hex(mixed.subarray(0, 32))).not.toBe(hex(clean));
      expect(verify(key.publicKey, mixed, 'entry', utf8('x'))).toBe(false);
      expect(opensslVerify(key.publicKey, message, mixed)).toBe(false);
    }
  });

  it('is false, never an error, for inputs of the wrong size', () => {
    const key = makeSignKey(seeded(4));
    const made = sign(key, 'entry');
    expect(verify(key.publicKey, made, 'entry')).toBe(true);
    expect(verify(key.publicKey.subarray(1), made, 'entry')).toBe(false);
    expect(verify(key.publicKey, made.subarray(1), 'entry')).toBe(false);
    expect(verify(new Uint8Array(32).fill(0xff), made, 'entry')).toBe(false);
    expect(verify(new Uint8Array(), new Uint8Array(), 'entry')).toBe(false);
  });
});

const addPoint = (a: Bytes, b: Bytes): Bytes => sumo.crypto_core_ed25519_add(a, b);

describe('X25519', () => {
  it.each(x25519.vectors)('is the one of RFC 7748: scalar $scalar', ({ scalar, u, out }) => {
    expect(hex(sodium().crypto_scalarmult(fromHex(scalar), fromHex(u)))).toBe(out);
    expect(hex(opensslX25519(fromHex(scalar), fromHex(u)))).toBe(out);
  });

  it.each(x25519.iterations)('is the one of RFC 7748 after $count iterations', ({ count, out }) => {
    let k: Bytes = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));
    let u = k;
    for (let i = 0; i < count; i++) [k, u] = [sodium().crypto_scalarmult(k, u), k];
    expect(hex(k)).toBe(out);
  });

  const zero = '0'.repeat(64);
  const low = x25519Wycheproof.vectors.filter((vector) => vector.shared === zero);

  it('says what Wycheproof says, and throws where the result would be zero; OpenSSL agrees', () => {
    expect(x25519Wycheproof.vectors.map((vector) => vector.id)).toEqual(Array.from({ length: 93 }, (_, i) => i + 1));
    const outcome = (work: () => Bytes): string => {
      try {
        return hex(work());
      } catch {
        return zero;
      }
    };
    const wrong = x25519Wycheproof.vectors.filter((vector) => {
      const [scalar, point] = [fromHex(vector.private), fromHex(vector.public)];
      const ours = outcome(() => sodium().crypto_scalarmult(scalar, point));
      return ours !== vector.shared || outcome(() => opensslX25519(scalar, point)) !== vector.shared;
    });
    expect(wrong.map((vector) => vector.id)).toEqual([]);
  });

  it('a packet whose X25519 part is of low order is refused, in each of the encodings', () => {
    const points = [...new Set(low.map((vector) => vector.public))];
    expect(points).toHaveLength(14);
    const seed = new Uint8Array(32).fill(3);
    const own = { id: prekeyId.of(seed), seq: 0, createdAtMs: 0, record: seed, seed: new Secret('prekey', seed) };
    const pair = sodium().crypto_kem_xwing_seed_keypair(seed);
    const made = sodium().crypto_kem_xwing_enc_deterministic(pair.publicKey, new Uint8Array(64).fill(4));
    expect(hex(decapsulate(own, made.ciphertext))).toBe(hex(made.sharedSecret));
    for (const point of points) {
      const ciphertext = concat(made.ciphertext.subarray(0, 1088), fromHex(point));
      expect(() => decapsulate(own, ciphertext), point).toThrow(expect.objectContaining({ code: 'bad-ciphertext' }));
    }
  });

  it('nothing is sealed to a prekey whose X25519 part is of low order, or whose ML-KEM part is not reduced', () => {
    const seed = new Uint8Array(32).fill(3);
    const { publicKey } = sodium().crypto_kem_xwing_seed_keypair(seed);
    const sealTo = (key: Bytes) => encapsulate({ key } as Prekey, seeded(6));
    expect(sealTo(publicKey).shared).toHaveLength(32);
    for (const { public: point } of low)
      expect(() => sealTo(concat(publicKey.subarray(0, 1184), fromHex(point))), point).toThrow();
    // The first coefficient as 4095, above the modulus 3329.
    expect(() => sealTo(concat(Uint8Array.of(0xff, 0xff), publicKey.subarray(2)))).toThrow();
  });
});
