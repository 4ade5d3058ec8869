/**
 * Signatures and hashes that are still to be checked, and with what. A relay checks the same documents as a device with
 * other means, so what both share names none: nothing here may import libsodium, or hold a secret.
 */
import type { Bytes } from '../wire/bytes.ts';
import { domain, type SignLabel } from './label.ts';

/** A signature that is still to be checked. Nothing in it is secret. */
export interface Check {
  readonly publicKey: Bytes;
  readonly signature: Bytes;
  /** The labelled parts as they are signed. */
  readonly text: Bytes;
}

/**
 * With what hashes and signatures are checked. Devices have `sodiumChecker` alone, since all must accept exactly the same
 * signatures; a relay brings its own, which accepts none that this one does not.
 */
export interface Checker {
  /** BLAKE2b-256. */
  hash(bytes: Bytes): Bytes;
  /** As `passes`. */
  passes(check: Check): boolean;
}

export const makeCheck = (publicKey: Bytes, signature: Bytes, label: SignLabel, ...parts: readonly Bytes[]): Check => ({
  publicKey,
  signature,
  text: domain('sign', label, ...parts),
});
