/**
 * Hashes and signature checks with what Node brings. A relay needs no other cryptography, so it loads no library that
 * could decrypt, and none that it would have to wait for at its start (docs/decision/0018).
 *
 * It must never let pass what a device would not: OpenSSL takes keys and signatures of small order and keys written in
 * another way than the one, and libsodium does not, so these are turned down here first.
 */
import { createPublicKey, verify } from 'node:crypto';
import { blake2b } from '@noble/hashes/blake2.js';
import type { Check, Checker } from '../src/core/check.ts';
import { type Bytes, concat, fromHex, hex } from '../src/wire/bytes.ts';

/** What stands before the 32 bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410). */
const keyHead = fromHex('302a300506032b6570032100');

/** The y of every point of order 1, 2, 4 or 8: with any of them one signature holds for many texts. */
const smallOrder: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Whether the point is written the one way there is, y below 2^255 − 19, and is none of those. The sign of x is apart. */
function isSound(point: Bytes): boolean {
  const y = Uint8Array.from(point); // `slice` of a Buffer would be a view, and the signature be changed
  y[31] = (y[31] ?? 0) & 0x7f;
  const isBeyond = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff) && (y[0] ?? 0) >= 0xed;
  return !isBeyond && !smallOrder.has(hex(y));
}

function passes({ publicKey, signature, text }: Check): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (!isSound(publicKey) || !isSound(signature.subarray(0, 32))) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(concat(keyHead, publicKey)), format: 'der', type: 'spki' });
    return verify(null, text, key, signature);
  } catch {
    return false; // bytes that are no point
  }
}

export const nodeChecker: Checker = { hash: (bytes) => blake2b(bytes, { dkLen: 32 }), passes };
