/**
 * Sealed packets, device to device (docs/protocol.md section 4.3). The packet is not authenticated; what it carries
 * (payload.ts) proves itself by its content.
 *
 *   header = suite ‖ 0x02 ‖ prekey id[0..16] ‖ H("kem", ct)[0..16] ‖ u32 i
 *   packet = header ‖ u16 |ct| ‖ ct or nothing ‖ aead(K_i, aad = header, pad(payload))
 *   S_0 = KDF(shared, "packet-root", H("kem", ct), prekey id, recipient)   K_i = KDF(S_i, "packet-key")
 *   S_{i+1} = KDF(S_i, "packet-next")
 *
 * One encapsulation serves many packets: it is left out once the other side has shown that it has it. The sender
 * forgets S_i; the recipient keeps S_0 as long as the prekey's seed, from which it follows, so packets open in any
 * order. Losing either side's memory of it costs one encapsulation more, never a conversation.
 */
import { type Bytes, concat, equal, hex, readU16be, readU32be, u16be, u32be } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { open as openSealed, seal } from './aead.ts';
import { type DeviceId, deviceId, type PrekeyId, prekeyId } from './id.ts';
import { derive, type Random } from './key.ts';
import { suite } from './label.ts';
import { pad, unpad } from './padding.ts';
import { decapsulate, encapsulate, type OwnPrekey, type Prekey } from './prekey.ts';
import { Secret } from './secret.ts';
import { hash } from './verify.ts';

export const packetType = 2;
const REF = 16;
const HEADER = 2 + REF + REF + 4;
const KEM_BYTES = 1120;
/** Packets of one chain. Each costs the recipient a derivation per place before anything is authenticated. */
export const maxChain = 1024;

/** The sender's side of one encapsulation: the next packet's secret, and no earlier one. */
export interface Chain {
  readonly device: DeviceId;
  readonly prekey: PrekeyId;
  readonly kem: Bytes;
  readonly ciphertext: Bytes;
  readonly secret: Secret<'pair'>;
  readonly index: number;
  /** The recipient has shown that it has the ciphertext. */
  readonly isHeard: boolean;
}

/** The recipient's side: kept, with the prekey it came to, so that packets without a ciphertext open. */
export interface Pair {
  readonly prekey: PrekeyId;
  readonly secret: Secret<'pair'>;
}
/** Hex of the first 16 bytes of H("kem", ct): how a packet names its encapsulation. */
export type PairRef = string;

export interface Opened {
  readonly payload: Bytes;
  readonly ref: PairRef;
  readonly pair: Pair;
}

export function startChain(prekey: Prekey, random: Random): Chain {
  const { ciphertext, shared } = encapsulate(prekey, random);
  const kem = hash('kem', ciphertext);
  const secret = rootOf(shared, kem, prekey.id, prekey.device);
  return { device: prekey.device, prekey: prekey.id, kem, ciphertext, secret, index: 0, isHeard: false };
}

function rootOf(shared: Bytes, kem: Bytes, prekey: PrekeyId, recipient: DeviceId): Secret<'pair'> {
  const root = derive(shared, 'packet-root', 32, kem, prekeyId.bytes(prekey), deviceId.bytes(recipient));
  const secret = new Secret('pair', root);
  root.fill(0);
  shared.fill(0);
  return secret;
}

/**
 * The packet, and the chain to seal the next one with. The secret of the chain that went in is to be wiped, as soon as
 * the caller can no longer come back to it.
 */
export function sealPacket(
  chain: Chain,
  payload: Bytes,
  random: Random,
): { readonly packet: Bytes; readonly chain: Chain } {
  const header = concat(
    new Uint8Array([suite, packetType]),
    prekeyId.bytes(chain.prekey).subarray(0, REF),
    chain.kem.subarray(0, REF),
    u32be(chain.index),
  );
  const ciphertext = chain.isHeard ? new Uint8Array() : chain.ciphertext;
  const key = derive(chain.secret.open(), 'packet-key', 32);
  const plain = pad(payload);
  const packet = concat(header, u16be(ciphertext.length), ciphertext, seal(key, header, plain, random));
  key.fill(0);
  plain.fill(0);
  const next = derive(chain.secret.open(), 'packet-next', 32);
  const secret = new Secret('pair', next);
  next.fill(0);
  return { packet, chain: { ...chain, secret, index: chain.index + 1 } };
}

/**
 * Opens a packet with our prekeys and the pairs we keep. Throws `PeerFault`: `malformed`, `unknown-suite`,
 * `unknown-key` (none of our prekeys, or an encapsulation we do not have), or as `open` in aead.ts.
 */
export function openPacket(
  packet: Bytes,
  ours: readonly OwnPrekey[],
  pairs: ReadonlyMap<PairRef, Pair>,
  recipient: DeviceId,
): Opened {
  if (packet[0] !== suite) throw new PeerFault('unknown-suite', 'a packet of an unknown suite');
  const size = packet.length < HEADER + 2 ? -1 : readU16be(packet, HEADER);
  const sealedAt = HEADER + 2 + size;
  if (packet[1] !== packetType || (size !== 0 && size !== KEM_BYTES) || packet.length < sealedAt)
    throw new PeerFault('malformed', 'not a sealed packet');
  const index = readU32be(packet, HEADER - 4);
  if (index >= maxChain) throw new PeerFault('malformed', 'a packet too far on in its chain');
  const prekey = ours.find((own) => equal(prekeyId.bytes(own.id).subarray(0, REF), packet.subarray(2, 2 + REF)));
  if (prekey === undefined) throw new PeerFault('unknown-key', 'sealed to a prekey this device no longer holds');
  const ref = packet.subarray(2 + REF, 2 + 2 * REF);
  const ciphertext = packet.subarray(HEADER + 2, sealedAt);
  // Also where the pair is known: a relay could otherwise alter these bytes, and each copy would be another envelope.
  if (size > 0 && !equal(hash('kem', ciphertext).subarray(0, REF), ref))
    throw new PeerFault('malformed', 'the encapsulation is not the one named');
  const pair = pairs.get(hex(ref)) ?? pairFrom(ciphertext, prekey, recipient);
  if (pair.prekey !== prekey.id) throw new PeerFault('malformed', 'an encapsulation to another prekey');
  const header = packet.subarray(0, HEADER);
  const key = keyAt(pair, index);
  try {
    return { payload: unpad(openSealed(key, header, packet.subarray(sealedAt))), ref: hex(ref), pair };
  } finally {
    key.fill(0);
  }
}

function pairFrom(ciphertext: Bytes, prekey: OwnPrekey, recipient: DeviceId): Pair {
  if (ciphertext.length === 0) throw new PeerFault('unknown-key', 'a packet without an encapsulation we hold');
  const kem = hash('kem', ciphertext);
  return { prekey: prekey.id, secret: rootOf(decapsulate(prekey, ciphertext), kem, prekey.id, recipient) };
}

function keyAt(pair: Pair, index: number): Bytes {
  let secret = pair.secret.open();
  for (let i = 0; i < index; i++) {
    const next = derive(secret, 'packet-next', 32);
    if (i > 0) secret.fill(0);
    secret = next;
  }
  const key = derive(secret, 'packet-key', 32);
  if (index > 0) secret.fill(0);
  return key;
}
