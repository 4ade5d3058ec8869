/** What a member's or a relay's own software would never make: forged entries, and frames nobody asked for. */
import { type Body, encodeBody, readBody } from '../../src/core/body.ts';
import { type Entry, makeEntry } from '../../src/core/entry.ts';
import { sealEnvelope } from '../../src/core/envelope.ts';
import { type Epoch, makeGrant } from '../../src/core/epoch.ts';
import type { RoomId } from '../../src/core/id.ts';
import { sealPacket, startChain } from '../../src/core/packet.ts';
import { encodePayload, type Payload } from '../../src/core/payload.ts';
import { inboxOf, orgRoom, type RoomInfo } from '../../src/core/room.ts';
import { isVoid } from '../../src/core/standing.ts';
import { pickEpoch } from '../../src/engine/epoch.ts';
import type { RoomState } from '../../src/engine/state.ts';
import type { TopicId } from '../../src/wire/id.ts';
import type { DrillFacts } from './muster.ts';
import { World, type WorldDevice } from './world.ts';

export const everyone = (world: World): RoomInfo => orgRoom(world.founded.list);

/** Texts as they came, by the room they are in or all. */
export const textsOf = (device: WorldDevice): readonly string[] =>
  [...device.vault.entries.values()].flatMap(({ entry }) => {
    const body = readBody(entry.body);
    return body?.type === 'text' ? [body.text] : [];
  });

/** Texts of one room that count, as they came. */
export const textsIn = (world: World, i: number, room: RoomId): readonly string[] =>
  [...world.device(i).vault.entries.values()].flatMap(({ entry }) => {
    const body = readBody(entry.body);
    const voids = roomIn(world, i, room).voids.get(entry.device) ?? [];
    return entry.room === room && body?.type === 'text' && !isVoid(voids, entry.seq) ? [body.text] : [];
  });

export const write = (world: World, i: number, text: string): number =>
  world.command(i, { type: 'send-text', room: everyone(world).id, text });

/** All are open and have heard of each other, and the first of them wrote once in everyone's room. */
export function talked(seed: number, members = 3, drills: readonly DrillFacts[] = []): World {
  const world = new World(seed, { members, drills });
  world.startAll();
  world.run(4_000);
  write(world, 0, 'one');
  world.run(3_000);
  return world;
}

export function roomIn(world: World, i: number, room: RoomId): RoomState {
  const state = world.device(i).running.rooms.get(room);
  if (state === undefined) throw new Error('the device is not in that room');
  return state;
}

export function epochIn(world: World, i: number, room: RoomId): Epoch {
  const epoch = pickEpoch(roomIn(world, i, room), world.listOf(i), world.nowMs);
  if (epoch === undefined) throw new Error('there is no epoch to send in');
  return epoch;
}

/** An entry by device `by`, next in its feed unless another place is given. */
export function forge(
  world: World,
  by: number,
  room: RoomId,
  body: Body,
  place: { readonly seq?: number; readonly previous?: Entry['id']; readonly timeMs?: number } = {},
): Entry {
  const { self } = world.device(by);
  const feed = roomIn(world, by, room).feeds.get(self.device);
  const seq = place.seq ?? feed?.count ?? 0;
  const previous = place.previous ?? feed?.head;
  return makeEntry(self.keys.sign, room, {
    device: self.device,
    seq,
    ...(seq === 0 || previous === undefined ? {} : { previous }),
    heads: [],
    timeMs: place.timeMs ?? world.nowMs,
    control: [],
    body: encodeBody(body),
    salt: world.random(16),
  });
}

export const sealed = (world: World, by: number, entry: Entry): Uint8Array =>
  sealEnvelope(epochIn(world, by, entry.room), 0, { type: 'entry', bytes: entry.bytes }, world.random);

let offset = 1_000_000;
/** Envelopes on a topic, from relay 0, to one device. */
export const slip = (world: World, i: number, topic: TopicId, ...envelopes: readonly Uint8Array[]): void =>
  world.hand(i, 0, {
    type: 'deliver',
    topic,
    items: envelopes.map((bytes) => [offset++, world.nowMs, bytes] as const),
  });

/** A packet to device `i`, sealed to the prekey the list brings, as anybody could. */
export function packetTo(world: World, i: number, payload: Payload): Uint8Array {
  const prekey = world.founded.list.devices.get(world.device(i).self.device)?.prekey;
  if (prekey === undefined) throw new Error('it is on the list');
  return sealPacket(startChain(prekey, world.random), encodePayload(payload), world.random).packet;
}

/** An epoch, granted by device `by` to device `i`, straight into its inbox. */
export function grantTo(world: World, by: number, i: number, epoch: Epoch, genesis?: Uint8Array): void {
  const { list } = world.founded;
  const { self } = world.device(i);
  const prekey = list.devices.get(self.device)?.prekey;
  if (prekey === undefined) throw new Error('it is on the list');
  const granter = { key: world.device(by).self.keys.sign, device: world.device(by).self.device };
  const grant = makeGrant(epoch, granter, prekey.id, genesis);
  slip(world, i, inboxOf(list, self.device), packetTo(world, i, { type: 'grant', ...grant }));
}

/** Looks like an envelope of an epoch that nobody opened. */
export const garbage = (world: World): Uint8Array =>
  Uint8Array.from([1, 1, ...world.random(8), 0, 0, ...world.random(60)]);
