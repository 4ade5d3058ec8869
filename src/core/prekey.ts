/**
 * Prekeys: the X-Wing keys (draft-connolly-cfrg-xwing-kem: X25519 + ML-KEM-768) that grants are sealed to. Signed
 * by the device, numbered and hash-chained, so that a record a device did not make shows up as one.
 */
import type { Bytes } from '../wire/bytes.ts';
import { type Coded, checked, decode, encode, field, maybe, rawBytes, record, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type DeviceId, deviceId, type PrekeyId, prekeyId } from './id.ts';
import { type Random, type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import { Secret } from './secret.ts';
import { sodium } from './sodium.ts';
import { hash, verify } from './verify.ts';

const body = checked(
  record({
    suite: field(1, uint(255)),
    device: field(2, deviceId),
    seq: field(3, uint(0xffffffff)),
    previous: maybe(4, prekeyId),
    key: field(5, rawBytes({ size: 1216 })),
    createdAtMs: field(6, uint()),
    notAfterMs: field(7, uint()),
  }),
  (value) => (value.seq === 0) === (value.previous === undefined),
  'the first prekey has no predecessor and every other one has',
);
const signed = record({ body: field(1, rawBytes({ max: 1400 })), signature: field(2, rawBytes({ size: 64 })) });
export const maxPrekeyBytes = 1500;

/** Somebody's prekey, checked. */
export type Prekey = Coded<typeof body> & { readonly id: PrekeyId };

/** Our own: the public record and the 32-byte seed. */
export interface OwnPrekey {
  readonly id: PrekeyId;
  readonly seq: number;
  readonly createdAtMs: number;
  readonly record: Bytes;
  readonly seed: Secret<'prekey'>;
}

export function makePrekey(
  signKey: SignKey,
  device: DeviceId,
  chain: { readonly seq: number; readonly previous?: PrekeyId },
  life: { readonly nowMs: number; readonly forMs: number },
  random: Random,
): OwnPrekey {
  const seed = random(32);
  const pair = sodium().crypto_kem_xwing_seed_keypair(seed);
  const bytes = encode(body, {
    suite,
    device,
    ...chain,
    key: pair.publicKey,
    createdAtMs: life.nowMs,
    notAfterMs: life.nowMs + life.forMs,
  });
  const record = encode(signed, { body: bytes, signature: sign(signKey, 'prekey', bytes) });
  const own = restorePrekey(record, seed);
  seed.fill(0);
  return own;
}

/** Our own prekey as our vault gives it back. */
export function restorePrekey(record: Bytes, seed: Bytes): OwnPrekey {
  const { seq, createdAtMs } = decode(body, decode(signed, record).body);
  return { id: prekeyId.of(hash('prekey', record)), seq, createdAtMs, record, seed: new Secret('prekey', seed) };
}

/**
 * Whether `next` comes after the newest record we know of that device. Throws `PeerFault('equivocation')` when the two
 * cannot be of one chain: somebody else has the device's signing key, or a copy of it is running.
 */
export function isNewer(next: Prekey, known: Prekey): boolean {
  const isForked =
    (next.seq === known.seq && next.id !== known.id) || (next.seq === known.seq + 1 && next.previous !== known.id);
  if (isForked) throw new PeerFault('equivocation', 'a device made two different prekeys for one place in its chain');
  return next.seq > known.seq;
}

/** Throws `PeerFault`: `malformed`, `unknown-suite`, `out-of-place` (another device's), `bad-signature`. */
export function readPrekey(bytes: Bytes, device: { readonly id: DeviceId; readonly signKey: Bytes }): Prekey {
  const outer = decode(signed, bytes);
  const inner = decode(body, outer.body);
  if (inner.suite !== suite) throw new PeerFault('unknown-suite', `a prekey of suite ${inner.suite} is not known here`);
  if (inner.device !== device.id) throw new PeerFault('out-of-place', 'a prekey belongs to another device');
  if (!verify(device.signKey, outer.signature, 'prekey', outer.body))
    throw new PeerFault('bad-signature', 'a prekey does not verify');
  if (!isUsable(inner.key)) throw new PeerFault('malformed', 'a prekey holds a key that nothing can be sealed to');
  return { ...inner, id: prekeyId.of(hash('prekey', bytes)) };
}

/**
 * A key of low order, or an ML-KEM part that is not reduced, is signed like any other and refused only when somebody
 * seals to it: one such member would keep everyone from opening an epoch. So it is tried before it is believed.
 */
function isUsable(key: Bytes): boolean {
  try {
    sodium().crypto_kem_xwing_enc_deterministic(key, new Uint8Array(64));
    return true;
  } catch {
    return false;
  }
}

/** Encapsulates to a prekey. 64 random bytes go in, so a simulation can repeat it. */
export function encapsulate(prekey: Prekey, random: Random): { readonly ciphertext: Bytes; readonly shared: Bytes } {
  const coins = random(64);
  const { ciphertext, sharedSecret } = sodium().crypto_kem_xwing_enc_deterministic(prekey.key, coins);
  coins.fill(0);
  return { ciphertext, shared: sharedSecret };
}

/**
 * ML-KEM rejects implicitly: a wrong ciphertext gives another secret and no error, so the result means nothing
 * until the commitment of what it sealed has been checked. Throws `PeerFault` where X25519 gives all zeros.
 */
export function decapsulate(own: OwnPrekey, ciphertext: Bytes): Bytes {
  try {
    return sodium().crypto_kem_xwing_dec(ciphertext, own.seed.open());
  } catch {
    throw new PeerFault('bad-ciphertext', 'a key encapsulation was refused');
  }
}
