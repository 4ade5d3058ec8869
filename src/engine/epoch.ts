/** Epochs of rooms: which to send in, opening one and granting it, taking one that was granted. */
import {
  acceptGrant,
  type Epoch,
  isFor,
  makeGrant,
  openEpoch,
  type RoomFacts,
  readGrant,
  roomOfGrant,
} from '../core/epoch.ts';
import type { DeviceId, RoomId } from '../core/id.ts';
import type { ListDevice, MusterList } from '../core/list.ts';
import { sealPacket } from '../core/packet.ts';
import { hashRoster, inboxOf, type RoomInfo, readRoom, rosterOf } from '../core/room.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { post } from './outbox.ts';
import type { RoomState } from './state.ts';
import { type Turn, withKey } from './turn.ts';

/** An epoch older than this is not sent in any more: what it protects would depend on one secret for too long. */
const maxAgeMs = 24 * 3_600_000;
/** Epochs of one room that are kept at a time: two months of daily ones. */
const maxEpochs = 64;

interface Roster {
  readonly devices: ReadonlyMap<DeviceId, ListDevice>;
  readonly hash: Bytes;
}
/** What follows from a list and a room, kept because it is asked for at every step. */
const rosters = new WeakMap<MusterList, Map<RoomId, Roster>>();

function knownRoster(info: RoomInfo, list: MusterList): Roster {
  const ofList = rosters.get(list) ?? new Map<RoomId, Roster>();
  rosters.set(list, ofList);
  const known = ofList.get(info.id);
  if (known !== undefined) return known;
  const devices = rosterOf(info, list);
  const made = { devices, hash: hashRoster(devices.keys()) };
  ofList.set(info.id, made);
  return made;
}

/**
 * The newest epoch that was announced, by a device of the room as it is now, to exactly the devices of the room as
 * it is now, and is young enough to send in. Clocks may differ by as much as an epoch lives, in both directions: an
 * epoch from the far future would otherwise never grow old.
 */
export function pickEpoch(room: RoomState, list: MusterList, nowMs: number): Epoch | undefined {
  const roster = knownRoster(room.info, list);
  let best: Epoch | undefined;
  for (const epoch of room.epochs.values()) {
    if (epoch.listVersion < list.version || Math.abs(nowMs - epoch.openedAtMs) > maxAgeMs) continue;
    if (!isFor(epoch, roster.devices, roster.hash)) continue;
    const newer =
      best === undefined ||
      epoch.openedAtMs > best.openedAtMs ||
      (epoch.openedAtMs === best.openedAtMs && epoch.id > best.id);
    if (newer) best = epoch;
  }
  return best;
}

/** Adds a room and starts to follow its topic on every relay that is up. */
export function addRoom(turn: Turn, info: RoomInfo): void {
  if (turn.state.rooms.has(info.id)) return;
  const room: RoomState = {
    info,
    epochs: new Map(),
    buckets: new Map(),
    feeds: new Map(),
    heads: [],
    unsealed: [],
    haves: new Map(),
  };
  turn.setRoom(room);
  turn.state = { ...turn.state, topics: withKey(turn.state.topics, info.topic, info.id) };
  turn.write({ type: 'room', room: info.id, genesis: info.genesis });
  turn.homeChanged();
  for (const relay of turn.state.relays.values()) {
    if (relay.up)
      turn.effect({
        type: 'send',
        relay: relay.id,
        frame: { type: 'tail', topic: info.topic, from: relay.cursors.get(info.topic) ?? 0 },
      });
  }
}

/** Opens an epoch and grants it to every other device of the room, in one batch. */
export function openRoomEpoch(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const { self, list } = turn.state;
  const facts = factsOf(turn, room.info);
  const epoch = openEpoch(self.keys.sign, self.device, facts, turn.nowMs, turn.random);
  addEpoch(turn, epoch);
  // Rooms that follow from the list are known to whoever gets the grant; others are invitations.
  const genesis = room.info.kind === 'org' || room.info.kind === 'drill' ? undefined : room.info.genesis;
  const granter = { key: self.keys.sign, device: self.device };
  for (const device of rosterOf(room.info, list).values()) {
    if (device.id === self.device) continue;
    const grant = makeGrant(epoch, granter, device.prekey.id, genesis);
    post(turn, inboxOf(list, device.id), sealPacket(device.prekey, grant, turn.random));
    grant.fill(0);
  }
}

function factsOf(turn: Turn, info: RoomInfo): RoomFacts {
  return { room: info.id, control: [], listVersion: turn.state.list.version, roster: rosterOf(info, turn.state.list) };
}

function addEpoch(turn: Turn, epoch: Epoch): void {
  const room = turn.room(epoch.room);
  const epochs = new Map(room.epochs).set(epoch.tag, epoch);
  const surplus = epochs.size > maxEpochs ? leastNeeded([...epochs.values()]) : undefined;
  turn.write({
    type: 'epoch',
    room: epoch.room,
    epoch: epoch.id,
    announcement: epoch.announcement,
    bucket: epoch.bucket,
    secret: epoch.secret.open().slice(),
  });
  if (surplus !== undefined) {
    epochs.delete(surplus.tag);
    turn.write({ type: 'epoch-gone', room: surplus.room, epoch: surplus.id });
  }
  turn.setRoom({ ...room, epochs });
  turn.unlocked = true;
  turn.roomChanged(epoch.room);
}

/**
 * The oldest of whoever opened the most: a member who opens many, dated as it likes, drives out its own and nobody
 * else's.
 */
function leastNeeded(epochs: readonly Epoch[]): Epoch | undefined {
  const counts = new Map<DeviceId, number>();
  for (const { device } of epochs) counts.set(device, (counts.get(device) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return epochs
    .filter(({ device }) => counts.get(device) === most)
    .sort((a, b) => a.openedAtMs - b.openedAtMs || (a.id < b.id ? -1 : 1))[0];
}

/** Takes a grant out of a sealed packet. Being granted an epoch of an unknown room is being invited to it. */
export function takeGrant(turn: Turn, payload: Bytes): void {
  const grant = readGrant(payload);
  const { list, self } = turn.state;
  const known = turn.state.rooms.get(roomOfGrant(grant))?.info;
  const info = known ?? (grant.room === undefined ? undefined : readRoom(grant.room, list));
  if (info === undefined) throw new PeerFault('out-of-place', 'a grant for a room this device does not know');
  // These follow from the list and are all known: one more would be opened and granted by every device, every day.
  if (known === undefined && (info.kind === 'org' || info.kind === 'drill'))
    throw new PeerFault('out-of-place', 'an invitation to a room that nobody invites to');
  const facts = factsOf(turn, info);
  if (!facts.roster.has(self.device)) throw new PeerFault('not-a-member', 'a grant for a room this device is not in');
  const own = list.devices.get(self.device);
  if (own === undefined) throw new PeerFault('not-a-member', 'this device is not on the muster list');
  const epoch = acceptGrant(grant, facts, own.prekey.id);
  addRoom(turn, info);
  const held = turn.room(info.id).epochs.get(epoch.tag);
  // A grant from the first bucket fits the opener's signed commitment; a later one rests on the granter's word alone.
  if (held === undefined || (held.bucket > 0 && epoch.bucket === 0)) addEpoch(turn, epoch);
}
