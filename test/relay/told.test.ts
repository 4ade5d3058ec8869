/** What a window is told of a vault in which others had a hand: true, and told at all. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Body, encodeBody } from '../../src/core/body.ts';
import { type Entry, makeEntry } from '../../src/core/entry.ts';
import { deviceOf, drillId, entryId, memberId } from '../../src/core/id.ts';
import { makeSignKey, type SignKey } from '../../src/core/key.ts';
import { orgRoom } from '../../src/core/room.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import { readinessOf } from '../../src/engine/drill.ts';
import type { Row } from '../../src/engine/row.ts';
import { systemRandom } from '../../src/responder/device.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { viewSearch } from '../../src/responder/search.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { viewHome } from '../../src/responder/view.ts';
import { relayId, topicId } from '../../src/wire/id.ts';
import { Live } from '../kit/live.ts';

let live: Live;
let device: Responder;
beforeAll(async () => {
  live = await Live.found({ members: 1, relays: 1 });
  device = await live.open(0);
});
afterAll(async () => {
  device.close();
  await live.end();
});

const room = () => orgRoom(live.list).id;
const filled = (n: number) => new Uint8Array(32).fill(n);

function entryBy(key: SignKey, seq: number, body: Body): Entry {
  return makeEntry(key, room(), {
    device: deviceOf(key.publicKey),
    seq,
    ...(seq === 0 ? {} : { previous: entryId.of(filled(6)) }),
    heads: [],
    timeMs: Date.now(),
    control: [],
    body: encodeBody(body),
    salt: systemRandom(16),
  });
}

const rowOf = (entry: Entry): Row => ({
  type: 'entry',
  entry,
  sealed: true,
  receivedAtMs: Date.now(),
  isNotable: false,
});

it('whoever stepped in for somebody who is on no list, or left it, makes no screen unreadable', () => {
  const key = makeSignKey(systemRandom);
  const nobody = memberId.of(filled(7));
  const body: Body = {
    type: 'answer',
    drill: drillId.of(filled(8)),
    answer: 'there',
    standInFor: nobody,
    readiness: readinessOf(device.state, Date.now()),
  };
  device.vault.apply([rowOf(entryBy(key, 0, body))]);
  expect(viewRoom(device, room(), undefined, 10).messages.at(-1)?.text).toContain(
    'stepped in for somebody who has left',
  );
  expect(viewHome(device).rooms[0]?.last?.text).toContain('stepped in for');
});

it('a relay that is not on the list any more counts for none that is', async () => {
  const { entry = '' } = await device.command({ type: 'send-text', room: room(), text: 'who has it?' });
  const bytes = systemRandom(400);
  const parcel = { id: idOfEnvelope(bytes), topic: topicId.of(filled(5)), bytes, held: [], isKept: true };
  device.vault.apply([
    { type: 'parcel', parcel: { ...parcel, entry: { room: room(), id: entryId.parse(entry) } }, atMs: 0 },
    { type: 'at', id: parcel.id, relay: relayId.of(filled(9)), offset: 1, isHeld: true },
  ]);
  const told = viewRoom(device, room(), undefined, 10).messages.find((each) => each.entry === entry);
  expect([told?.relays, told?.relaysTotal]).toEqual([0, 1]);
});

it('what does not count hides nothing that does from a search', async () => {
  await device.command({ type: 'send-text', room: room(), text: 'the needle' });
  const key = makeSignKey(systemRandom);
  const out = deviceOf(key.publicKey);
  device.vault.apply(
    Array.from({ length: 25 }, (_, seq) => rowOf(entryBy(key, seq, { type: 'text', text: 'a needle' }))),
  );
  const state = device.state.rooms.get(room());
  if (state === undefined) throw new Error('it is in that room');
  Object.assign(state, { voids: new Map([[out, [{ from: 0, to: 25 }]]]) });
  const found = viewSearch(device, 'needle', { limit: 10 });
  expect([found.messages.map(({ text }) => text), found.more]).toEqual([['the needle'], false]);
});
