/**
 * A relay checks signatures with Node's Ed25519 and devices with libsodium's. What a relay lets pass must pass there:
 * each attack below is one that OpenSSL by itself takes.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../server/check.ts';
import type { Check } from '../../../src/core/check.ts';
import { loadSodium, sodium } from '../../../src/core/sodium.ts';
import { sodiumChecker } from '../../../src/core/verify.ts';
import { type Bytes, concat, fromHex, utf8 } from '../../../src/wire/bytes.ts';

beforeAll(loadSodium);

const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const little = (bytes: Bytes): bigint => BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`);
const bytesOf = (value: bigint): Bytes => fromHex(value.toString(16).padStart(64, '0')).toReversed();
const sha512 = (...parts: readonly Bytes[]): Bytes =>
  new Uint8Array(
    createHash('sha512')
      .update(concat(...parts))
      .digest(),
  );

/** OpenSSL without what check.ts looks at first. */
const bare = ({ publicKey, signature, text }: Check): boolean => {
  const key = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, text, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
};
const answers = (check: Check) => ({
  bare: bare(check),
  relay: nodeChecker.passes(check),
  device: sodiumChecker.passes(check),
});

/** The points of order 1, 2, 4 and 8, in every way of writing them. */
const small = [
  ...['01'.padEnd(64, '0'), `01${'0'.repeat(60)}80`],
  ...[`ec${'f'.repeat(60)}7f`, `ec${'f'.repeat(62)}`],
  ...['0'.repeat(64), `${'0'.repeat(62)}80`],
  ...['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ...['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
  ...['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ...['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
  ...[`ee${'f'.repeat(60)}7f`, `ee${'f'.repeat(62)}`],
  ...[`ed${'f'.repeat(60)}7f`, `ed${'f'.repeat(62)}`],
].map(fromHex);
const base = fromHex(`58${'66'.repeat(31)}`);
const texts = Array.from({ length: 100 }, (_, i) => utf8(`text ${i}`));

describe('what a relay checks with', () => {
  it.each(small)('turns down key %# of small order, under which anybody signs', (publicKey) => {
    const signature = concat(base, bytesOf(1n));
    const taken = texts.map((text) => ({ publicKey, signature, text })).filter(bare);
    expect(taken.length).toBeGreaterThan(0);
    for (const check of taken) expect(answers(check)).toEqual({ bare: true, relay: false, device: false });
  });

  it('turns down a signature whose first half is of small order', () => {
    const seed = new Uint8Array(32).fill(9);
    const { publicKey } = sodium().crypto_sign_seed_keypair(seed);
    const scalar = sha512(seed).slice(0, 32);
    scalar[0] = (scalar[0] ?? 0) & 248;
    scalar[31] = ((scalar[31] ?? 0) & 63) | 64;
    const one = bytesOf(1n);
    for (const text of texts.slice(0, 5)) {
      const s = (little(sha512(one, publicKey, text)) * little(scalar)) % order;
      const check = { publicKey, signature: concat(one, bytesOf(s)), text };
      expect(answers(check)).toEqual({ bare: true, relay: false, device: false });
    }
  });

  it('takes what was signed, and nothing that was changed: other text, other key, S and its double by the order', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat({ max: 511 }),
        (seed, text, bit) => {
          const { publicKey, privateKey } = sodium().crypto_sign_seed_keypair(seed);
          const signature = sodium().crypto_sign_detached(text, privateKey);
          // A Buffer as well: frames are, and `slice` of one is no copy.
          const check = { publicKey, signature: Buffer.from(signature), text };
          expect(answers(check)).toEqual({ bare: true, relay: true, device: true });
          expect([...check.signature]).toEqual([...signature]);
          const flipped = signature.slice();
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const beyond = concat(signature.subarray(0, 32), bytesOf(little(signature.slice(32)) + order));
          const others = [
            { ...check, signature: flipped },
            { ...check, signature: beyond },
            { ...check, text: concat(text, utf8('x')) },
            { ...check, publicKey: sodium().crypto_sign_seed_keypair(seed.map((byte) => byte ^ 1)).publicKey },
            { ...check, signature: signature.subarray(0, 63) },
            { ...check, publicKey: publicKey.subarray(0, 31) },
          ];
          for (const other of others)
            expect([nodeChecker.passes(other), sodiumChecker.passes(other)]).toEqual([false, false]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('hashes as devices do', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        expect(nodeChecker.hash(bytes)).toEqual(sodiumChecker.hash(bytes));
      }),
    );
  });
});
