/**
 * Keys of this device and signatures made with them. No key serves two algorithms or two purposes: signing,
 * relay access and evidence are three keys, so that what one is seen to sign says nothing about the others.
 */
import type { Bytes } from '../wire/bytes.ts';
import { domain, type KeyLabel, type SignLabel, type TopicLabel } from './label.ts';
import { Secret } from './secret.ts';
import { sodium } from './sodium.ts';

/** Fresh bytes: the operating system's in a device, a seeded stream in a simulation. */
export type Random = (size: number) => Bytes;

export interface SignKey {
  readonly publicKey: Bytes;
  /** 64 bytes as libsodium keeps them: seed and public key (RFC 8032). */
  readonly secret: Secret<'sign'>;
}

export function makeSignKey(random: Random): SignKey {
  const seed = random(32);
  const pair = sodium().crypto_sign_seed_keypair(seed);
  seed.fill(0);
  return { publicKey: pair.publicKey, secret: new Secret('sign', pair.privateKey) };
}

/** From the 64 bytes of `secret.open()`, as read back from a vault. */
export function restoreSignKey(secret: Bytes): SignKey {
  return { publicKey: secret.slice(32), secret: new Secret('sign', secret) };
}

/** Ed25519 over the labelled parts; `verify` in verify.ts is its pair. */
export function sign(key: SignKey, label: SignLabel, ...parts: readonly Bytes[]): Bytes {
  return sodium().crypto_sign_detached(domain('sign', label, ...parts), key.secret.open());
}

/** Ed25519 over bytes whose format carries its own domain separation (SSHSIG). For the evidence key alone. */
export function signRaw(key: SignKey, message: Bytes): Bytes {
  return sodium().crypto_sign_detached(message, key.secret.open());
}

/** BLAKE2b keyed with `key` over the labelled parts, `size` bytes (16 … 64). */
export function derive(key: Bytes, label: KeyLabel | TopicLabel, size: number, ...parts: readonly Bytes[]): Bytes {
  return sodium().crypto_generichash(size, domain('key', label, ...parts), key);
}
