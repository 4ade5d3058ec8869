/** What a sealed packet carries. What these say is judged elsewhere: grant.ts, need.ts, entry.ts. */
import { encodeBody } from '../../../src/core/body.ts';
import { forgetBefore, makeGrant, openEpoch } from '../../../src/core/epoch.ts';
import { encodePayload, type Payload } from '../../../src/core/payload.ts';
import { type Bytes, hex, u16be, u32be } from '../../../src/wire/bytes.ts';
import { encode, field, record, uint } from '../../../src/wire/cbor.ts';
import type { Input, Vector } from '../subject.ts';
import { makeEntries, textBy } from './entry.ts';
import { needBy } from './need.ts';
import { any, arrayHead, bad, changed, nowMs, ok, runs, type Scene } from './scene.ts';

const grantShape = record({ bucket: field(1, uint()), secret: field(2, any), announcement: field(3, any) });
const needShape = record({ body: field(1, any), signature: field(2, any) });

export function payloadVectors(scene: Scene): readonly Vector[] {
  const { ada, bela, room, otherRoom, facts, random, listPrekey } = scene;
  const epoch = openEpoch(ada.keys.sign, ada.device, facts, nowMs, random);
  const granter = { key: bela.keys.sign, device: bela.device };
  const first = makeGrant(epoch, granter, listPrekey.id);
  const { need: _, ...need } = needBy(scene);
  const entries = Object.values(makeEntries(scene)).map(({ bytes }) => bytes);
  const operation = textBy(scene, random, {
    said: '',
    room: otherRoom.id,
    body: encodeBody({ type: 'add', members: [bela.member], devices: [] }),
  });
  const good = (name: string, payload: Payload) => ok(name, { payload: hex(encodePayload(payload)) }, payload);
  const input = (tag: number, map: Bytes): Input => ({ payload: `82${hex(new Uint8Array([tag]))}${hex(map)}` });
  const grantWith = (changes: object) => input(1, changed(grantShape, encode(grantShape, first), changes));
  const needWith = (changes: object) => input(2, changed(needShape, encode(needShape, need), changes));
  const roomField = `01 5820 ${room.id}`;
  const log = (count: number) => runs([`8203 a2 ${roomField} 03${arrayHead(count)}`, 1], ['40', count]);
  const give = (count: number) => runs([`8204 a2 ${roomField} 02${arrayHead(count)}`, 1], ['40', count]);
  const entryOf = (size: number) => runs([`8204 a2 ${roomField} 02 81 59${hex(u16be(size))}`, 1], ['00', size]);
  const genesis = (size: number) =>
    runs([`8203 a3 ${roomField} 02 5a${hex(u32be(size))}`, 1], ['00', size], ['0380', 1]);
  return [
    good('a grant from the first bucket', { type: 'grant', ...first }),
    good('a grant from the third bucket, signed', {
      type: 'grant',
      ...makeGrant(forgetBefore(epoch, 2), granter, listPrekey.id),
    }),
    good('a grant with its room: an invitation', {
      type: 'grant',
      ...makeGrant(epoch, granter, listPrekey.id, otherRoom.genesis),
    }),
    good('a request for grants', { type: 'need', ...need }),
    good('the operations of a room', {
      type: 'log',
      room: otherRoom.id,
      genesis: otherRoom.genesis,
      entries: [operation.bytes],
    }),
    good('the operations of a room that follows from the list', { type: 'log', room: room.id, entries: [] }),
    good('entries', { type: 'give', room: room.id, entries }),
    ok('128 operations', { payload: log(128) }, { type: 'log' }),
    ok('512 entries', { payload: give(512) }, { type: 'give' }),
    ok('a genesis of 81,920 bytes', { payload: genesis(81_920) }, { type: 'log' }),
    ok('an entry of 52,352 bytes', { payload: entryOf(52_352) }, { type: 'give' }),
    bad('129 operations', 'malformed', { payload: log(129) }),
    bad('513 entries', 'malformed', { payload: give(513) }),
    bad('a genesis of 81,921 bytes', 'malformed', { payload: genesis(81_921) }),
    bad('an entry of 52,353 bytes', 'malformed', { payload: entryOf(52_353) }),
    bad('a grant of bucket 65,536', 'malformed', grantWith({ bucket: 65_536 })),
    bad('a grant with a secret of 31 bytes', 'malformed', grantWith({ secret: random(31) })),
    bad('a grant with an announcement of 3,073 bytes', 'malformed', grantWith({ announcement: new Uint8Array(3073) })),
    bad('a request of 2,049 bytes', 'malformed', needWith({ body: new Uint8Array(2049) })),
    bad('a request with a signature of 63 bytes', 'malformed', needWith({ signature: random(63) })),
    bad('a request that says it is a grant', 'malformed', input(1, encode(needShape, need))),
    bad('tag 0', 'malformed', { payload: '8200a0' }),
    bad('tag 5', 'malformed', { payload: '8205a0' }),
    bad('operations without a room', 'malformed', { payload: '8203a10380' }),
    bad('a byte after the end', 'malformed', {
      payload: `${hex(encodePayload({ type: 'give', room: room.id, entries }))}00`,
    }),
    bad('nothing at all', 'malformed', { payload: '' }),
  ];
}
