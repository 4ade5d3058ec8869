/** Requests for grants. */
import { roomId } from '../../../src/core/id.ts';
import { type SignKey, sign } from '../../../src/core/key.ts';
import type { SignLabel } from '../../../src/core/label.ts';
import { makeNeed, maxTags, type Need } from '../../../src/core/need.ts';
import { type Bytes, hex } from '../../../src/wire/bytes.ts';
import { type Coded, field, list, maybe, record, uint } from '../../../src/wire/cbor.ts';
import type { Input, Vector } from '../subject.ts';
import { any, bad, changed, flip, nowMs, ofSuite, ok, type Scene } from './scene.ts';

const wide = record({
  suite: field(1, uint()),
  device: field(2, any),
  room: field(3, any),
  tags: field(4, list(any, 100)),
  nonce: field(5, any),
  time: field(6, uint()),
  prekey: maybe(7, any),
  more: maybe(8, any),
});

/** The request that the payload shows too. */
export const needBy = ({ bela, room, random }: Scene, facts: Partial<Need> = {}) => {
  const need = { device: bela.device, room: room.id, tags: [random(8)], nonce: random(16), timeMs: nowMs, ...facts };
  return { need, ...makeNeed(bela.keys.sign, need) };
};

export function needVectors(scene: Scene): readonly Vector[] {
  const { ada, bela, prekey, random, roster } = scene;
  const made = needBy(scene);
  const input = (body: Bytes, signature: Bytes, changes: Input = {}): Input => ({
    body: hex(body),
    signature: hex(signature),
    roster,
    ...changes,
  });
  const good = (name: string, { need, body, signature }: typeof made) =>
    ok(name, input(body, signature), { suite: 1, ...need });
  const resigned = (body: Bytes, label: SignLabel = 'need', key: SignKey = bela.keys.sign) =>
    input(body, sign(key, label, body));
  const wrongBody = (why: string, changes: Partial<Coded<typeof wide>>) =>
    bad(why, 'malformed', resigned(changed(wide, made.body, changes)));
  const tags = Array.from({ length: maxTags + 1 }, () => random(8));
  return [
    good('for one epoch', made),
    good('for whatever is sent in now', needBy(scene, { tags: [] })),
    good('for 16 epochs, with a prekey to answer to', needBy(scene, { tags: tags.slice(1), prekey: prekey.record })),
    bad(
      'by a device that is not known',
      'not-a-member',
      input(made.body, made.signature, { roster: roster.slice(0, 1) }),
    ),
    bad('in the name of another device', 'bad-signature', resigned(made.body, 'need', ada.keys.sign)),
    bad('signed under another label', 'bad-signature', resigned(made.body, 'want')),
    bad(
      'signed as a want of a room',
      'bad-signature',
      input(made.body, sign(bela.keys.sign, 'want', roomId.bytes(made.need.room), made.body)),
    ),
    bad(
      'for another room',
      'bad-signature',
      input(changed(wide, made.body, { room: new Uint8Array(32) }), made.signature),
    ),
    bad(
      'another nonce',
      'bad-signature',
      input(changed(wide, made.body, { nonce: new Uint8Array(16) }), made.signature),
    ),
    bad('an altered signature', 'bad-signature', input(made.body, flip(made.signature, 0))),
    bad('suite 2', 'unknown-suite', resigned(ofSuite(made.body, 2))),
    wrongBody('17 tags', { tags }),
    wrongBody('a tag of 7 bytes', { tags: [new Uint8Array(7)] }),
    wrongBody('a nonce of 15 bytes', { nonce: new Uint8Array(15) }),
    wrongBody('a room of 31 bytes', { room: new Uint8Array(31) }),
    wrongBody('a prekey of 1,501 bytes', { prekey: new Uint8Array(1501) }),
    wrongBody('a field that is not known', { more: new Uint8Array() }),
    bad('cut short', 'malformed', input(made.body.subarray(0, -1), made.signature)),
  ];
}
