/** Raw keys of Curve25519 and Ed25519 as Node's OpenSSL takes them: the second opinion of the published vectors. */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto';
import { type Bytes, concat, fromHex } from '../../src/wire/bytes.ts';

// What stands in front of the 32 bytes in PKCS #8 and SubjectPublicKeyInfo (RFC 8410).
const prefix = {
  x25519: { secret: '302e020100300506032b656e04220420', public: '302a300506032b656e032100' },
  ed25519: { secret: '302e020100300506032b657004220420', public: '302a300506032b6570032100' },
} as const;
type Curve = keyof typeof prefix;

const secretKey = (curve: Curve, raw: Bytes): KeyObject =>
  createPrivateKey({ key: Buffer.from(concat(fromHex(prefix[curve].secret), raw)), format: 'der', type: 'pkcs8' });
const publicKey = (curve: Curve, raw: Bytes): KeyObject =>
  createPublicKey({ key: Buffer.from(concat(fromHex(prefix[curve].public), raw)), format: 'der', type: 'spki' });

export const opensslSign = (seed: Bytes, message: Bytes): Bytes => nodeSign(null, message, secretKey('ed25519', seed));
export const opensslVerify = (key: Bytes, message: Bytes, signature: Bytes): boolean =>
  nodeVerify(null, message, publicKey('ed25519', key), signature);

/** Throws where the result would be zero. */
export const opensslX25519 = (scalar: Bytes, point: Bytes): Bytes =>
  diffieHellman({ privateKey: secretKey('x25519', scalar), publicKey: publicKey('x25519', point) });
export const opensslX25519Base = (scalar: Bytes): Bytes =>
  createPublicKey(secretKey('x25519', scalar)).export({ format: 'der', type: 'spki' }).subarray(-32);
