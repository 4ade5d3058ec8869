/**
 * What a new device hands to a custodian: its keys, with proof that it holds them, and the prekey others will use
 * before they have met it. Both sides read the same safety words aloud, so a swapped file is noticed.
 */
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, field, rawBytes, record, text, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type Device, maxCertificateBytes, readCertificate } from './certificate.ts';
import { suite } from './label.ts';
import { maxPrekeyBytes, readPrekey } from './prekey.ts';
import { hash } from './verify.ts';

const shape = record({
  suite: field(1, uint(255)),
  /** Key of the member's line in the contact file. */
  handle: field(2, text(60)),
  identity: field(3, rawBytes({ size: 32 })),
  certificate: field(4, rawBytes({ max: maxCertificateBytes })),
  prekey: field(5, rawBytes({ max: maxPrekeyBytes })),
});

export interface JoinRequest {
  readonly handle: string;
  readonly identity: Bytes;
  readonly certificate: Bytes;
  readonly prekey: Bytes;
  readonly device: Device;
  /** What both people read aloud stands for. */
  readonly digest: Bytes;
}

export const maxJoinBytes = 4096;

export const encodeJoin = (facts: Pick<JoinRequest, 'handle' | 'identity' | 'certificate' | 'prekey'>): Bytes =>
  encode(shape, { suite, ...facts });

/** Throws `PeerFault` unless every key in it is proved. */
export function readJoin(bytes: Bytes): JoinRequest {
  const inner = decode(shape, bytes);
  if (inner.suite !== suite)
    throw new PeerFault('unknown-suite', `a join request of suite ${inner.suite} is not known to this version`);
  const device = readCertificate(inner.certificate, inner.identity);
  readPrekey(inner.prekey, device);
  const { handle, identity, certificate, prekey } = inner;
  return { handle, identity, certificate, prekey, device, digest: hash('join', bytes) };
}
