/** The primitives against what others published, and against Node's own OpenSSL where it has them. Curves: publishedCurve.test.ts. */
import { createHash } from 'node:crypto';
import sumo from 'libsodium-wrappers-sumo';
import { beforeAll, describe, expect, it } from 'vitest';
import { open, seal } from '../../src/core/aead.ts';
import { derive } from '../../src/core/key.ts';
import { domain } from '../../src/core/label.ts';
import { loadSodium, sodium } from '../../src/core/sodium.ts';
import { hash } from '../../src/core/verify.ts';
import { stretch } from '../../src/vault/stretch.ts';
import { type Bytes, concat, fromHex, hex, utf8 } from '../../src/wire/bytes.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import { seeded } from '../kit/random.ts';
import { opensslX25519, opensslX25519Base } from './openssl.ts';
import { argon2id, blake2b, small, xchachaWycheproof, xwing } from './published.ts';

beforeAll(async () => {
  await loadSodium();
  await sumo.ready;
});

const sha = (name: string, bytes: Bytes, outputLength?: number): Bytes =>
  createHash(name, outputLength === undefined ? {} : { outputLength })
    .update(bytes)
    .digest();
const count = (size: number): Bytes => Uint8Array.from({ length: size }, (_, i) => i);

describe('X-Wing', () => {
  it('has the three vectors of the draft', () => expect(xwing.vectors).toHaveLength(3));

  it.each(xwing.vectors)('is the published one: seed $seed', ({ seed, eseed, pk, ct, ss }) => {
    const pair = sodium().crypto_kem_xwing_seed_keypair(fromHex(seed));
    expect(hex(pair.publicKey)).toBe(pk);
    const { ciphertext, sharedSecret } = sodium().crypto_kem_xwing_enc_deterministic(fromHex(pk), fromHex(eseed));
    expect(hex(ciphertext)).toBe(ct);
    expect(hex(sharedSecret)).toBe(ss);
    expect(hex(sodium().crypto_kem_xwing_dec(fromHex(ct), fromHex(seed)))).toBe(ss);
  });

  it('is ML-KEM-768 of libsodium and X25519 and SHA-3 of OpenSSL, put together as the draft says', () => {
    const random = seeded(1);
    for (let i = 0; i < 8; i++) {
      const [seed, eseed] = [random(32), random(64)];
      const expanded = sha('shake256', seed, 96);
      const kem = sodium().crypto_kem_mlkem768_seed_keypair(expanded.subarray(0, 64));
      const pkX = opensslX25519Base(expanded.subarray(64));
      const pair = sodium().crypto_kem_xwing_seed_keypair(seed);
      expect(hex(pair.publicKey)).toBe(hex(concat(kem.publicKey, pkX)));
      const inner = sodium().crypto_kem_mlkem768_enc_deterministic(kem.publicKey, eseed.subarray(0, 32));
      const ctX = opensslX25519Base(eseed.subarray(32));
      const ssX = opensslX25519(eseed.subarray(32), pkX);
      const label = fromHex('5c2e2f2f5e5c');
      const ss = sha('sha3-256', concat(inner.sharedSecret, ssX, ctX, pkX, label));
      const made = sodium().crypto_kem_xwing_enc_deterministic(pair.publicKey, eseed);
      expect(hex(made.ciphertext)).toBe(hex(concat(inner.ciphertext, ctX)));
      expect(hex(made.sharedSecret)).toBe(hex(ss));
    }
  });

  it('gives another secret and no error for an altered ciphertext: only the commitment tells', () => {
    const pair = sodium().crypto_kem_xwing_seed_keypair(new Uint8Array(32).fill(3));
    const { ciphertext, sharedSecret } = sodium().crypto_kem_xwing_enc_deterministic(
      pair.publicKey,
      new Uint8Array(64).fill(4),
    );
    const altered = ciphertext.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
    expect(hex(sodium().crypto_kem_xwing_dec(altered, pair.privateKey))).not.toBe(hex(sharedSecret));
  });
});

describe('BLAKE2b', () => {
  it.each(small.blake2b.vectors)('is the one of the RFC: "$message"', ({ message, hash: expected }) => {
    expect(hex(sodium().crypto_generichash(64, fromHex(message), null))).toBe(expected);
  });

  it('is the reference one for every text up to 255 bytes, with and without a key', () => {
    expect([blake2b.unkeyed.length, blake2b.keyed.length]).toEqual([256, 256]);
    const made = (key: Bytes | null) =>
      blake2b.keyed.map((_, size) => hex(sodium().crypto_generichash(64, count(size), key)));
    expect(made(null)).toEqual(blake2b.unkeyed);
    expect(made(count(64))).toEqual(blake2b.keyed);
  });

  it('is OpenSSL’s, over the labelled bytes', () => {
    const random = seeded(5);
    for (let i = 0; i < 32; i++) {
      const part = random(i * 13);
      const labelled = domain('hash', 'entry', part);
      expect(hex(sodium().crypto_generichash(64, labelled, null))).toBe(hex(sha('blake2b512', labelled)));
      expect(hex(hash('entry', part))).toBe(hex(sodium().crypto_generichash(32, labelled, null)));
    }
  });

  it('derives with the key as BLAKE2b’s own key: another key, label, size or split of the parts gives another value', () => {
    const key = new Uint8Array(32).fill(1);
    const values = [
      derive(key, 'bucket', 32, utf8('ab')),
      derive(new Uint8Array(32).fill(2), 'bucket', 32, utf8('ab')),
      derive(key, 'message', 32, utf8('ab')),
      derive(key, 'bucket', 64, utf8('ab')).subarray(0, 32),
      derive(key, 'bucket', 32, utf8('a'), utf8('b')),
      derive(key, 'bucket', 32, utf8('ab'), new Uint8Array()),
    ].map(hex);
    expect(new Set(values).size).toBe(values.length);
  });
});

describe('XChaCha20-Poly1305', () => {
  const vectors = [...small.xchacha20poly1305.vectors, ...xchachaWycheproof.vectors];

  it('is the published one, both ways, and opens to nothing when a bit of the tag is another', () => {
    expect(vectors).toHaveLength(1 + 31);
    const library = sodium();
    for (const { key, nonce, aad, plain, sealed } of vectors) {
      const [k, n, a] = [fromHex(key), fromHex(nonce), fromHex(aad)];
      expect(hex(library.crypto_aead_xchacha20poly1305_ietf_encrypt(fromHex(plain), a, null, n, k))).toBe(sealed);
      const openWith = (bytes: Bytes) => library.crypto_aead_xchacha20poly1305_ietf_decrypt(null, bytes, a, n, k);
      expect(hex(openWith(fromHex(sealed)))).toBe(plain);
      for (let bit = 0; bit < 128; bit++) {
        const altered = fromHex(sealed);
        const at = altered.length - 16 + (bit >> 3);
        altered[at] = (altered[at] ?? 0) ^ (1 << (bit & 7));
        expect(() => openWith(altered)).toThrow();
      }
    }
  });

  it('is what aead.ts has behind the nonce and the commitment, which is its associated data', () => {
    for (const { key, nonce, aad, plain } of vectors) {
      const [k, n, a, text] = [key, nonce, aad, plain].map(fromHex) as [Bytes, Bytes, Bytes, Bytes];
      const sealed = seal(k, a, text, () => n);
      const keys = derive(k, 'aead', 64, n, a);
      const body = sodium().crypto_aead_xchacha20poly1305_ietf_encrypt(
        text,
        keys.subarray(32),
        null,
        n,
        keys.subarray(0, 32),
      );
      expect(hex(sealed)).toBe(hex(concat(n, keys.subarray(32), body)));
      expect(hex(open(k, a, sealed))).toBe(plain);
      // Straight from the cipher, without a commitment, nothing opens.
      expect(() => open(k, a, concat(n, a, body))).toThrow(PeerFault);
    }
  });
});

describe('Argon2id', () => {
  it.each(argon2id.libsodium.vectors)('is the published one: salt $salt', (vector) => {
    const { passphrase, salt, passes, memoryBytes, key } = vector;
    const algorithm = sumo.crypto_pwhash_ALG_ARGON2ID13;
    const made = sumo.crypto_pwhash(key.length / 2, fromHex(passphrase), fromHex(salt), passes, memoryBytes, algorithm);
    expect(hex(made)).toBe(key);
  });

  it.each(argon2id.others.vectors)(
    'stretches as two other implementations do: salt $salt, $passes passes',
    async (vector) => {
      const { passphrase, salt, passes, memoryBytes, key } = vector;
      expect(hex((await stretch(passphrase, utf8(salt), { passes, memoryBytes })).open())).toBe(key);
    },
  );

  it('stretches a passphrase to the same key on a keyboard that writes ü as u and two dots', async () => {
    const vector = argon2id.others.vectors.find(({ passphrase }) => passphrase.normalize('NFD') !== passphrase);
    if (vector === undefined) throw new Error('one of them has an umlaut');
    const { passphrase, salt, passes, memoryBytes, key } = vector;
    const stretched = await stretch(passphrase.normalize('NFD'), utf8(salt), { passes, memoryBytes });
    expect(hex(stretched.open())).toBe(key);
  });
});
