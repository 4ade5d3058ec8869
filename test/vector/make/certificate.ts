/** Certificates of devices. */
import { makeCertificate } from '../../../src/core/certificate.ts';
import { sign } from '../../../src/core/key.ts';
import { type Bytes, hex } from '../../../src/wire/bytes.ts';
import { decode, encode, field, record } from '../../../src/wire/cbor.ts';
import type { Input, Vector } from '../subject.ts';
import { any, bad, flip, nowMs, ofSuite, ok, type Scene, sig } from './scene.ts';

const certificateShape = record({
  body: field(1, any),
  identity: field(2, sig),
  sign: field(3, sig),
  access: field(4, sig),
  evidence: field(5, sig),
});

export function certificateVectors(scene: Scene): readonly Vector[] {
  const { identity, stranger, ada } = scene;
  const certificate = makeCertificate(identity, ada.keys, 'laptop', nowMs);
  const parts = decode(certificateShape, certificate);
  const input = (bytes: Bytes, key = identity): Input => ({ certificate: hex(bytes), identity: hex(key.publicKey) });
  const wrong = (why: string, expect: string, changes: Partial<typeof parts>) =>
    bad(why, expect, input(encode(certificateShape, { ...parts, ...changes })));
  const resigned = (body: Bytes) =>
    encode(certificateShape, {
      body,
      identity: sign(identity, 'certificate', body),
      sign: sign(ada.keys.sign, 'possession', body),
      access: sign(ada.keys.access, 'possession', body),
      evidence: sign(ada.keys.evidence, 'possession', body),
    });
  const theirs = sign(stranger.keys.sign, 'possession', parts.body);
  return [
    ok('a laptop', input(certificate), {
      id: ada.device,
      member: ada.member,
      signKey: ada.keys.sign.publicKey,
      access: hex(ada.keys.access.publicKey),
      evidenceKey: ada.keys.evidence.publicKey,
      name: 'laptop',
      createdAtMs: nowMs,
    }),
    bad('of another member', 'not-a-member', input(certificate, scene.otherIdentity)),
    bad('suite 2', 'unknown-suite', input(resigned(ofSuite(parts.body, 2)))),
    wrong('not signed by the identity', 'bad-signature', { identity: flip(parts.identity, 0) }),
    wrong('the identity signed for possession instead', 'bad-signature', {
      identity: sign(identity, 'possession', parts.body),
    }),
    wrong('a signing key nobody showed to hold', 'bad-signature', { sign: theirs }),
    wrong('an access key nobody showed to hold', 'bad-signature', { access: theirs }),
    wrong('an evidence key nobody showed to hold', 'bad-signature', { evidence: theirs }),
    wrong('possession shown under the label of certificates', 'bad-signature', {
      sign: sign(ada.keys.sign, 'certificate', parts.body),
    }),
    wrong('altered', 'bad-signature', { body: flip(parts.body, -1) }),
    bad('cut short', 'malformed', input(certificate.subarray(0, -1))),
  ];
}
