/**
 * Sealed packets, device to device: they carry grants and nothing else (docs/protocol.md section 4.3). The packet
 * is not authenticated; what it carries proves itself by its content.
 *
 *   header = suite ‖ 0x02 ‖ prekey id[0..16] ‖ H("kem", ct)[0..16] ‖ u32 i
 *   packet = header ‖ u16 |ct| ‖ ct ‖ aead(K_i, aad = header, pad(payload))
 *   S_0 = KDF(shared, "packet-root", H("kem", ct), prekey id, recipient)   K_i = KDF(S_i, "packet-key")
 *
 * This version makes every packet with its own encapsulation (i = 0); the header has room for chains.
 */
import { type Bytes, concat, readU16be, readU32be, u16be, u32be } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { open as openSealed, seal } from './aead.ts';
import { deviceId, prekeyId } from './id.ts';
import { derive, type Random } from './key.ts';
import { suite } from './label.ts';
import { pad, unpad } from './padding.ts';
import { decapsulate, encapsulate, type OwnPrekey, type Prekey } from './prekey.ts';
import { hash } from './verify.ts';

export const packetType = 2;
const HEADER = 2 + 16 + 16 + 4;
const KEM_BYTES = 1120;

function packetKey(shared: Bytes, kem: Bytes, prekey: Bytes, recipient: Bytes): Bytes {
  const root = derive(shared, 'packet-root', 32, kem, prekey, recipient);
  const key = derive(root, 'packet-key', 32);
  root.fill(0);
  shared.fill(0);
  return key;
}

export function sealPacket(prekey: Prekey, payload: Bytes, random: Random): Bytes {
  const { ciphertext, shared } = encapsulate(prekey, random);
  const kem = hash('kem', ciphertext);
  const header = concat(
    new Uint8Array([suite, packetType]),
    prekeyId.bytes(prekey.id).subarray(0, 16),
    kem.subarray(0, 16),
    u32be(0),
  );
  const key = packetKey(shared, kem, prekeyId.bytes(prekey.id), deviceId.bytes(prekey.device));
  return concat(header, u16be(ciphertext.length), ciphertext, seal(key, header, pad(payload), random));
}

/** Throws `PeerFault`: `malformed`, `unknown-suite`, `unknown-key` (none of our prekeys), or as `open` in aead.ts. */
export function openPacket(packet: Bytes, ours: readonly OwnPrekey[], recipient: Bytes): Bytes {
  if (packet[0] !== suite) throw new PeerFault('unknown-suite', 'a packet of an unknown suite');
  const kemAt = HEADER + 2;
  if (packet[1] !== packetType || packet.length < kemAt + KEM_BYTES || readU16be(packet, HEADER) !== KEM_BYTES) {
    throw new PeerFault('malformed', 'not a sealed packet');
  }
  if (readU32be(packet, HEADER - 4) !== 0) throw new PeerFault('malformed', 'a packet chain that is not known here');
  const header = packet.subarray(0, HEADER);
  const prekey = ours.find((own) =>
    prekeyId
      .bytes(own.id)
      .subarray(0, 16)
      .every((byte, i) => byte === packet[2 + i]),
  );
  if (prekey === undefined) throw new PeerFault('unknown-key', 'sealed to a prekey this device no longer holds');
  const ciphertext = packet.subarray(kemAt, kemAt + KEM_BYTES);
  const kem = hash('kem', ciphertext);
  if (!kem.subarray(0, 16).every((byte, i) => byte === packet[18 + i]))
    throw new PeerFault('malformed', 'the encapsulation is not the one named');
  const key = packetKey(decapsulate(prekey, ciphertext), kem, prekeyId.bytes(prekey.id), recipient);
  try {
    return unpad(openSealed(key, header, packet.subarray(kemAt + KEM_BYTES)));
  } finally {
    key.fill(0);
  }
}
