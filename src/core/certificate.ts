/**
 * A device certificate: a member's identity key says "these three keys are a device of mine", and each of the
 * three signs the same bytes back (proof of possession), so nobody can certify a key they do not hold.
 */
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, field, rawBytes, record, text, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type AccessKey, accessKey } from '../wire/id.ts';
import { type DeviceId, deviceOf, type MemberId, memberId, memberOf } from './id.ts';
import { makeSignKey, type Random, type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import { verify } from './verify.ts';

const key = rawBytes({ size: 32 });
const signature = rawBytes({ size: 64 });

const body = record({
  suite: field(1, uint(255)),
  member: field(2, memberId),
  sign: field(3, key),
  access: field(4, key),
  evidence: field(5, key),
  createdAtMs: field(6, uint()),
  name: field(7, text(60)),
});

const certificate = record({
  body: field(1, rawBytes({ max: 512 })),
  identity: field(2, signature),
  signProof: field(3, signature),
  accessProof: field(4, signature),
  evidenceProof: field(5, signature),
});

export const maxCertificateBytes = 1024;

/** A device as others see it. */
export interface Device {
  readonly id: DeviceId;
  readonly member: MemberId;
  readonly signKey: Bytes;
  readonly access: AccessKey;
  /** Signs evidence packs as an SSH key; nothing else. */
  readonly evidenceKey: Bytes;
  readonly name: string;
  readonly createdAtMs: number;
}

/** The keys behind it, on the device itself and nowhere else. Never backed up. */
export interface DeviceKeys {
  readonly sign: SignKey;
  readonly access: SignKey;
  readonly evidence: SignKey;
}

export const makeDeviceKeys = (random: Random): DeviceKeys => ({
  sign: makeSignKey(random),
  access: makeSignKey(random),
  evidence: makeSignKey(random),
});

export function makeCertificate(identity: SignKey, keys: DeviceKeys, name: string, nowMs: number): Bytes {
  const bytes = encode(body, {
    suite,
    member: memberOf(identity.publicKey),
    sign: keys.sign.publicKey,
    access: keys.access.publicKey,
    evidence: keys.evidence.publicKey,
    createdAtMs: nowMs,
    name,
  });
  return encode(certificate, {
    body: bytes,
    identity: sign(identity, 'certificate', bytes),
    signProof: sign(keys.sign, 'possession', bytes),
    accessProof: sign(keys.access, 'possession', bytes),
    evidenceProof: sign(keys.evidence, 'possession', bytes),
  });
}

/** Throws `PeerFault`: `malformed`, `unknown-suite`, `not-a-member` (another member's), `bad-signature`. */
export function readCertificate(bytes: Bytes, identityKey: Bytes): Device {
  const outer = decode(certificate, bytes);
  const inner = decode(body, outer.body);
  if (inner.suite !== suite)
    throw new PeerFault('unknown-suite', `a device certificate of suite ${inner.suite} is not known here`);
  if (inner.member !== memberOf(identityKey))
    throw new PeerFault('not-a-member', 'a device certificate belongs to another member');
  const valid =
    verify(identityKey, outer.identity, 'certificate', outer.body) &&
    verify(inner.sign, outer.signProof, 'possession', outer.body) &&
    verify(inner.access, outer.accessProof, 'possession', outer.body) &&
    verify(inner.evidence, outer.evidenceProof, 'possession', outer.body);
  if (!valid) throw new PeerFault('bad-signature', 'a device certificate does not verify');
  return {
    id: deviceOf(inner.sign),
    member: inner.member,
    signKey: inner.sign,
    access: accessKey.of(inner.access),
    evidenceKey: inner.evidence,
    name: inner.name,
    createdAtMs: inner.createdAtMs,
  };
}
