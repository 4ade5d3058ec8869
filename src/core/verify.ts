/**
 * Hashes and signature checks: everything that needs public values only. Beside admission.ts this is the one
 * part of the core a relay may import, so nothing here may open a ciphertext or hold a secret.
 */
import type { Bytes } from '../wire/bytes.ts';
import { type EnvelopeId, envelopeId } from '../wire/id.ts';
import { domain, type HashLabel, type SignLabel } from './label.ts';
import { sodium } from './sodium.ts';

/** BLAKE2b-256 (RFC 7693) over the labelled parts. */
export function hash(label: HashLabel, ...parts: readonly Bytes[]): Bytes {
  return sodium().crypto_generichash(32, domain('hash', label, ...parts), null);
}

/**
 * Ed25519 (RFC 8032) over the labelled parts. False for anything that is not a valid signature, including
 * inputs of the wrong size; never throws.
 */
export function verify(publicKey: Bytes, signature: Bytes, label: SignLabel, ...parts: readonly Bytes[]): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return sodium().crypto_sign_verify_detached(signature, domain('sign', label, ...parts), publicKey);
  } catch {
    return false; // libsodium throws on keys it will not use at all
  }
}

export const idOfEnvelope = (envelope: Bytes): EnvelopeId => envelopeId.of(hash('envelope', envelope));
