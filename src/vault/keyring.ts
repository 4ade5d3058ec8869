/** This device's own keys as they stand in the vault. The only place where they are turned into bytes and back. */
import { type Device, type DeviceKeys, maxCertificateBytes, readCertificate } from '../core/certificate.ts';
import { prekeyId } from '../core/id.ts';
import { restoreSignKey, type SignKey } from '../core/key.ts';
import { maxPrekeyBytes, type OwnPrekey, restorePrekey } from '../core/prekey.ts';
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, field, list, rawBytes, record, text } from '../wire/cbor.ts';

const key = rawBytes({ size: 64 });
const shape = record({
  handle: field(1, text(60)),
  identity: field(2, key),
  sign: field(3, key),
  access: field(4, key),
  evidence: field(5, key),
  certificate: field(6, rawBytes({ max: maxCertificateBytes })),
  prekeys: field(
    7,
    list(
      record({
        id: field(1, prekeyId),
        record: field(2, rawBytes({ max: maxPrekeyBytes })),
        seed: field(3, rawBytes({ size: 32 })),
      }),
      64,
    ),
  ),
});

export interface Keyring {
  /** Key of the member's line in the contact file this device was made for. */
  readonly handle: string;
  readonly identity: SignKey;
  readonly keys: DeviceKeys;
  readonly certificate: Bytes;
  readonly prekeys: readonly OwnPrekey[];
  readonly device: Device;
}

export function encodeKeyring(ring: Omit<Keyring, 'device'>): Bytes {
  return encode(shape, {
    handle: ring.handle,
    identity: ring.identity.secret.open(),
    sign: ring.keys.sign.secret.open(),
    access: ring.keys.access.secret.open(),
    evidence: ring.keys.evidence.secret.open(),
    certificate: ring.certificate,
    prekeys: ring.prekeys.map(({ id, record: bytes, seed }) => ({ id, record: bytes, seed: seed.open() })),
  });
}

export function readKeyring(bytes: Bytes): Keyring {
  const inner = decode(shape, bytes);
  const identity = restoreSignKey(inner.identity);
  return {
    handle: inner.handle,
    identity,
    keys: {
      sign: restoreSignKey(inner.sign),
      access: restoreSignKey(inner.access),
      evidence: restoreSignKey(inner.evidence),
    },
    certificate: inner.certificate,
    prekeys: inner.prekeys.map((prekey) => restorePrekey(prekey.record, prekey.seed)),
    device: readCertificate(inner.certificate, identity.publicKey),
  };
}
