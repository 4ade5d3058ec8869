/** Envelopes. What entries in them say: entry.ts; what devices hold and miss: claim.ts. */
import { seal } from '../../../src/core/aead.ts';
import { sealEnvelope } from '../../../src/core/envelope.ts';
import { type Epoch, forgetBefore, messageKey, openEpoch } from '../../../src/core/epoch.ts';
import { pad } from '../../../src/core/padding.ts';
import { type Bytes, concat, fromHex, hex, utf8 } from '../../../src/wire/bytes.ts';
import type { Input, Vector } from '../subject.ts';
import { claims } from './claim.ts';
import { makeEntries } from './entry.ts';
import { bad, flip, nowMs, ok, type Scene } from './scene.ts';

export function envelopeVectors(scene: Scene): readonly Vector[] {
  const { ada, facts, random } = scene;
  const epoch = openEpoch(ada.keys.sign, ada.device, facts, nowMs, random);
  const other = openEpoch(ada.keys.sign, ada.device, facts, nowMs, random);
  const frame = { type: 'entry', bytes: makeEntries(scene).first.bytes } as const;
  const { have, want } = claims(scene);
  const now = sealEnvelope(epoch, 0, frame, random);
  const later = sealEnvelope(epoch, 5, frame, random);
  const input = (envelope: Bytes, of: Epoch = epoch): Input => ({
    announcement: hex(of.announcement),
    bucket: of.bucket,
    secret: hex(of.secret.open()),
    envelope: hex(envelope),
  });
  const wrong = (why: string, expect: string, at: number) => bad(why, expect, input(flip(now, at)));
  const sealedRaw = (plain: Bytes) => {
    const header = now.subarray(0, 12);
    return concat(header, seal(messageKey(epoch, 0), header, plain, random));
  };
  const sealedFrame = (text: string) => input(sealedRaw(pad(fromHex(text.replaceAll(' ', '')))));
  return [
    ok('an entry in the first bucket', input(now), frame),
    ok('an entry in the sixth bucket', input(later), frame),
    ok('the same, by a device that erased the buckets before', input(later, forgetBefore(epoch, 4)), frame),
    ok('what a device holds', input(sealEnvelope(epoch, 0, have.frame, random)), have.frame),
    ok('what a device misses', input(sealEnvelope(epoch, 0, want.frame, random)), want.frame),
    wrong('suite 0', 'unknown-suite', 0),
    wrong('type 0', 'malformed', 1),
    wrong('another epoch is named', 'bad-commitment', 2),
    wrong('another bucket is named', 'bad-commitment', 11),
    wrong('an altered nonce', 'bad-commitment', 12),
    wrong('an altered commitment', 'bad-commitment', 36),
    wrong('an altered ciphertext', 'bad-ciphertext', 68),
    wrong('an altered tag', 'bad-ciphertext', -1),
    bad('opened with another epoch', 'bad-commitment', input(now, other)),
    bad('of a bucket whose key is erased', 'unknown-key', input(now, forgetBefore(epoch, 1))),
    bad('eleven bytes', 'malformed', input(now.subarray(0, 11))),
    bad('cut short', 'bad-ciphertext', input(now.subarray(0, -1))),
    bad('sealed without padding', 'bad-padding', input(sealedRaw(utf8('x')))),
    bad('sealed, padded and not a frame', 'malformed', input(sealedRaw(pad(utf8('x'))))),
    bad('a frame of tag 4', 'malformed', sealedFrame(`8204 a1 01 40`)),
    bad('a claim without a signature', 'malformed', sealedFrame('8202 a1 01 40')),
  ];
}
