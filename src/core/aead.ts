/**
 * The only cipher: XChaCha20-Poly1305 with a 32-byte key commitment in front (docs/protocol.md section 4.1).
 * Without the commitment one ciphertext can open under two keys to two texts ("invisible salamanders").
 *
 *   nonce = 24 random bytes
 *   k ‖ com = BLAKE2b-512(key, "aead", nonce, aad)
 *   out = nonce ‖ com ‖ XChaCha20-Poly1305(k, nonce, ad = com, plain)
 */
import { type Bytes, concat } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { derive, type Random } from './key.ts';
import { sameSecret } from './secret.ts';
import { sodium } from './sodium.ts';

const NONCE = 24;
const COMMITMENT = 32;
const TAG = 16;

/** Bytes that `seal` adds. */
export const sealOverhead: number = NONCE + COMMITMENT + TAG;

export function seal(key: Bytes, aad: Bytes, plain: Bytes, random: Random): Bytes {
  const nonce = random(NONCE);
  const keys = derive(key, 'aead', 64, nonce, aad);
  const commitment = keys.slice(32);
  const body = sodium().crypto_aead_xchacha20poly1305_ietf_encrypt(
    plain,
    commitment,
    null,
    nonce,
    keys.subarray(0, 32),
  );
  keys.fill(0);
  return concat(nonce, commitment, body);
}

/** Throws `PeerFault`: `malformed` (too short), `bad-commitment` (wrong key, nonce or aad), `bad-ciphertext`. */
export function open(key: Bytes, aad: Bytes, sealed: Bytes): Bytes {
  if (sealed.length < sealOverhead) throw new PeerFault('malformed', 'a ciphertext is too short');
  const nonce = sealed.subarray(0, NONCE);
  const commitment = sealed.subarray(NONCE, NONCE + COMMITMENT);
  const keys = derive(key, 'aead', 64, nonce, aad);
  try {
    // First, and in constant time: nothing is decrypted under a key the sender did not commit to.
    if (!sameSecret(commitment, keys.subarray(32)))
      throw new PeerFault('bad-commitment', 'sealed with another key, or altered');
    return sodium().crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      sealed.subarray(NONCE + COMMITMENT),
      commitment,
      nonce,
      keys.subarray(0, 32),
    );
  } catch (cause) {
    if (cause instanceof PeerFault) throw cause;
    throw new PeerFault('bad-ciphertext', 'a ciphertext was altered');
  } finally {
    keys.fill(0);
  }
}
