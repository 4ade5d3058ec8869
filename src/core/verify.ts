/** Hashes and signature checks of devices: everything that needs public values only. */
import type { Bytes } from '../wire/bytes.ts';
import { type EnvelopeId, envelopeId } from '../wire/id.ts';
import { type Check, type Checker, makeCheck } from './check.ts';
import { domain, type HashLabel, type SignLabel } from './label.ts';
import { sodium } from './sodium.ts';

/** BLAKE2b-256 (RFC 7693) over the labelled parts. */
export function hash(label: HashLabel, ...parts: readonly Bytes[]): Bytes {
  return sodiumChecker.hash(domain('hash', label, ...parts));
}

/**
 * Ed25519 (RFC 8032). False for anything that is not a valid signature, including inputs of the wrong size; never
 * throws.
 */
export function passes({ publicKey, signature, text }: Check): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return sodium().crypto_sign_verify_detached(signature, text, publicKey);
  } catch {
    return false; // libsodium throws on keys it will not use at all
  }
}

export const sodiumChecker: Checker = { hash: (bytes) => sodium().crypto_generichash(32, bytes, null), passes };

/** As `passes`, over the labelled parts. */
export const verify = (publicKey: Bytes, signature: Bytes, label: SignLabel, ...parts: readonly Bytes[]): boolean =>
  passes(makeCheck(publicKey, signature, label, ...parts));

export const idOfEnvelope = (envelope: Bytes): EnvelopeId => envelopeId.of(hash('envelope', envelope));
