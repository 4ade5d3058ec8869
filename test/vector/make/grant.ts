/** Announcements and grants, judged by the operations and the list they name (rules R1, R6 and R7). */
import {
  type Epoch,
  forgetBefore,
  type Grant,
  makeGrant,
  messageKey,
  openEpoch,
  type RoomFacts,
} from '../../../src/core/epoch.ts';
import { deviceId, type EntryId, entryId, prekeyId } from '../../../src/core/id.ts';
import { sign } from '../../../src/core/key.ts';
import { encodePayload } from '../../../src/core/payload.ts';
import { hex } from '../../../src/wire/bytes.ts';
import { type Coded, decode, encode, field, list, record, uint } from '../../../src/wire/cbor.ts';
import type { Input, Vector } from '../subject.ts';
import { any, bad, changed, flip, nowMs, ofSuite, ok, type Scene, signed } from './scene.ts';

const wide = record({
  suite: field(1, uint()),
  room: field(2, any),
  control: field(3, list(any, 100)),
  listVersion: field(4, uint()),
  roster: field(5, any),
  commitment: field(6, any),
  device: field(7, any),
  openedAt: field(8, uint()),
});

/** Two operations nobody needs to see: one that changed nothing, one by which Béla is out. */
const [kept, removed] = [1, 2].map((byte) => entryId.of(new Uint8Array(32).fill(byte))) as [EntryId, EntryId];
const unknown = entryId.of(new Uint8Array(32).fill(3));

export function grantVectors(scene: Scene): readonly Vector[] {
  const { ada, bela, room, otherRoom, facts, random, listPrekey, stranger, roster } = scene;
  const [ofAda] = roster;
  if (ofAda === undefined) throw new Error('Ada has a device');
  const without = (device: string) => new Map([...facts.roster].filter(([id]) => id !== device));
  const open = (changes: Partial<RoomFacts> = {}, by = ada) =>
    openEpoch(by.keys.sign, by.device, { ...facts, ...changes }, nowMs, random);
  const epoch = open();
  const later = forgetBefore(epoch, 2);
  const granter = { key: bela.keys.sign, device: bela.device };
  const theirs = { key: stranger.keys.sign, device: stranger.device };
  const to = listPrekey.id;
  const input = (grant: Grant, changes: Input = {}): Input => ({
    payload: hex(encodePayload({ type: 'grant', ...grant })),
    room: room.id,
    listVersion: 1,
    roster,
    known: [kept, removed],
    rosterAt: [
      [[], roster],
      [[kept], roster],
      [[removed], [ofAda]],
    ],
    to,
    ...changes,
  });
  const from = (of: Epoch) => makeGrant(of, granter, to);
  const first = from(epoch);
  /** After the removal that operation `removed` stands for. */
  const after: Input = { roster: [ofAda] };
  const shown = (of: Epoch, isFor = true) => {
    const { id, tag, bucket, device, listVersion, control, openedAtMs } = of;
    const keys = [0, 1, 3].map((ahead) => hex(messageKey(of, bucket + ahead)));
    return { id, tag, bucket, device, listVersion, control, openedAtMs, keys, isFor };
  };
  const good = (name: string, of: Epoch, changes: Input = {}, isFor = true) =>
    ok(name, input(from(of), changes), shown(of, isFor));
  const wrong = (why: string, expect: string, grant: Grant, changes: Input = {}) =>
    bad(why, expect, input(grant, changes));
  const announced = decode(signed, epoch.announcement);
  const reannounced = (changes: Partial<Coded<typeof wide>>) => {
    const body = changed(wide, announced.body, changes);
    return { ...first, announcement: encode(signed, { body, signature: sign(ada.keys.sign, 'epoch', body) }) };
  };
  const ofSuite2 = ofSuite(announced.body, 2);
  const covering = { control: [removed], roster: without(bela.device) };
  const ids = (count: number) => Array.from({ length: count }, (_, i) => new Uint8Array(32).fill(i));
  const signedLater = from(later);
  return [
    good('from the first bucket', epoch),
    good('from the third bucket, signed by another device of the room', later),
    good('naming an operation', open({ control: [kept] })),
    good('naming the operation by which a device is out', open(covering), after),
    good('from before a removal: to be read, and not sent in', epoch, after, false),
    good('from an older list: to be read, and not sent in', epoch, { listVersion: 2 }, false),
    ok('with its room', input(makeGrant(epoch, granter, to, otherRoom.genesis)), shown(epoch)),
    wrong('R1: naming an operation that is not here', 'unknown-reference', from(open({ control: [unknown] }))),
    wrong(
      'R1: naming one that is here and one that is not',
      'unknown-reference',
      from(open({ control: [kept, unknown] })),
    ),
    wrong('R1: naming a list that is not here', 'unknown-reference', from(open({ listVersion: 2 }))),
    wrong('R6: another secret than was announced', 'bad-commitment', { ...first, secret: flip(first.secret, 0) }),
    wrong('R6: from a later bucket and not signed', 'not-a-member', {
      ...first,
      bucket: 2,
      secret: later.secret.open(),
    }),
    wrong('R6: from a later bucket, without who signed it', 'not-a-member', lacking(signedLater, 'granter')),
    wrong('R6: from a later bucket, without the signature', 'not-a-member', lacking(signedLater, 'signature')),
    wrong('R6: from a later bucket, signed by a stranger', 'not-a-member', makeGrant(later, theirs, to)),
    wrong('R6: from a later bucket, signed by a device that is out', 'not-a-member', signedLater, after),
    wrong(
      'R6: from a later bucket, signed with the wrong key',
      'bad-signature',
      makeGrant(later, { ...theirs, device: bela.device }, to),
    ),
    wrong(
      'R6: from a later bucket, signed for another prekey',
      'bad-signature',
      makeGrant(later, granter, prekeyId.of(new Uint8Array(32))),
    ),
    wrong('R6: from a later bucket, another secret', 'bad-signature', {
      ...signedLater,
      secret: flip(signedLater.secret, 0),
    }),
    wrong('R6: from a later bucket than was signed', 'bad-signature', { ...signedLater, bucket: 3 }),
    wrong(
      'R7: opened by a device outside the roster',
      'not-a-member',
      from(openEpoch(theirs.key, theirs.device, facts, nowMs, random)),
    ),
    wrong(
      'R7: opened by the device that the operation it names puts out',
      'not-a-member',
      from(open(covering, bela)),
      after,
    ),
    wrong(
      'R7: opened by a device that is out, naming an older operation',
      'not-a-member',
      from(open({ control: [kept] }, bela)),
      after,
    ),
    wrong(
      'R7: announced to a device that the operation it names puts out',
      'out-of-place',
      from(open({ control: [removed] })),
      after,
    ),
    wrong('announced to fewer devices than there are', 'out-of-place', from(open({ roster: without(bela.device) }))),
    wrong('of another room', 'out-of-place', from(open({ room: otherRoom.id }))),
    wrong('an altered announcement', 'bad-signature', { ...first, announcement: flip(epoch.announcement, -1) }),
    wrong(
      'announced by another device than signed',
      'bad-signature',
      reannounced({ device: deviceId.bytes(bela.device) }),
    ),
    wrong('suite 2', 'unknown-suite', { ...first, announcement: encode(signed, { ...announced, body: ofSuite2 }) }),
    wrong('operations out of order', 'malformed', reannounced({ control: [...ids(2)].reverse() })),
    wrong('65 operations', 'malformed', reannounced({ control: ids(65) })),
    wrong('a commitment of 31 bytes', 'malformed', reannounced({ commitment: new Uint8Array(31) })),
    wrong('an announcement that is none', 'malformed', { ...first, announcement: new Uint8Array(100) }),
  ];
}

/** A grant without one of its fields. */
function lacking(grant: Grant, field: 'granter' | 'signature'): Grant {
  const { [field]: _, ...rest } = grant;
  return rest;
}
