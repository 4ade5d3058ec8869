/** Epochs of rooms: which to send in, opening one and granting it, taking one that was granted. */
import {
  acceptGrant,
  type Epoch,
  forgetBefore,
  forgetReached,
  type Grant,
  isBucketTooFar,
  isFor,
  makeGrant,
  openEpoch,
} from '../core/epoch.ts';
import { maxEnvelopesPerEpoch, maxEpochsPerHour } from '../core/horizon.ts';
import type { DeviceId, EpochId, PrekeyId, RoomId } from '../core/id.ts';
import type { ListDevice, MusterList } from '../core/list.ts';
import type { Membership } from '../core/membership.ts';
import { maxLogEntries } from '../core/payload.ts';
import { type RoomInfo, readRoom } from '../core/room.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { packetsOf, postPacket, prekeyOf } from './packet.ts';
import { bucketIn, clockSlackMs, grantFacts, horizonOf, judged, lastAddedMs, makeRoomState } from './room.ts';
import { withErased } from './shelf.ts';
import type { RoomState } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** Epochs of one room that are kept at a time. */
const maxEpochs = 64;

/** Whether an epoch suits a room as it is, kept for as long as the room stays so: it is asked at every step. */
const suits = new WeakMap<Membership, Map<EpochId, boolean>>();

function isSuited(epoch: Epoch, room: RoomState, list: MusterList): boolean {
  const known = suits.get(room.membership) ?? new Map<EpochId, boolean>();
  suits.set(room.membership, known);
  const before = known.get(epoch.id);
  if (before !== undefined) return before;
  const made = isFor(epoch, grantFacts(room, list));
  known.set(epoch.id, made);
  return made;
}

/**
 * The newest epoch that nobody who is out can read, that is young enough, and that has not carried too much. Clocks may
 * differ by as much as an epoch lives, in both directions: an epoch from the far future would otherwise never grow old.
 */
export function pickEpoch(room: RoomState, list: MusterList, nowMs: number): Epoch | undefined {
  let best: Epoch | undefined;
  for (const epoch of room.epochs.values()) {
    if (Math.abs(nowMs - epoch.openedAtMs) > horizonOf(room).epochMs) continue;
    // After a clock that ran ahead for a while, this device has only buckets that the others would not open for hours.
    if (isBucketTooFar(epoch, epoch.bucket, nowMs)) continue;
    if ((room.counts.get(epoch.tag) ?? 0) >= maxEnvelopesPerEpoch || !isSuited(epoch, room, list)) continue;
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
  turn.setRoom(makeRoomState(info, turn.state.list));
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

/** Epochs this device may still open in a room within the hour: a person who presses a button must not flood it. */
export const openingsLeft = (room: RoomState, device: DeviceId, nowMs: number): number =>
  maxEpochsPerHour - openedBy(room, device, nowMs);

const openedBy = (room: RoomState, device: DeviceId, atMs: number): number =>
  [...room.epochs.values()].filter((each) => each.device === device && Math.abs(atMs - each.openedAtMs) < 3_600_000)
    .length;

/** Opens an epoch and grants it to every other device of the room, in one batch. Throws `CallerFault('not-allowed')`. */
export function openRoomEpoch(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const { self, list } = turn.state;
  if (openingsLeft(room, self.device, turn.nowMs) <= 0)
    throw new CallerFault(
      'not-allowed',
      'This room got many new keys within the hour. Wait a little; nothing was changed.',
    );
  // Newer than what is sent in now, whatever clock that was opened by: otherwise nobody would send in it.
  const before = pickEpoch(room, list, turn.nowMs);
  const atMs = Math.max(turn.nowMs, (before?.openedAtMs ?? 0) + 1);
  const epoch = openEpoch(self.keys.sign, self.device, grantFacts(room, list), atMs, turn.random);
  addEpoch(turn, epoch);
  // An operation that is still to be sealed will go out in this epoch, which nobody can judge who does not have it.
  const isUntold = room.unsealed.some(({ id }) => room.operations.has(id));
  for (const device of room.membership.roster.values()) {
    if (device.id === self.device) continue;
    if (isUntold || isUnheard(room, device)) sendOperations(turn, room, device);
    sendGrant(turn, room, device, epoch);
  }
}

/** A device that a list brought in later, of somebody who is in. It cannot ask about a room that it does not know of. */
const isUnheard = ({ info, haves, feeds }: RoomState, device: ListDevice): boolean =>
  info.founder !== undefined && device.createdAtMs > info.createdAtMs && !haves.has(device.id) && !feeds.has(device.id);

/** Grants an epoch, as it is held, to one device. */
export function sendGrant(turn: Turn, room: RoomState, device: ListDevice, epoch: Epoch): void {
  const { self } = turn.state;
  // Rooms that follow from the list are known to whoever gets the grant. One with operations is told of by them.
  const isInvitation = room.info.founder !== undefined && room.control.operations.size === 0;
  const granter = { key: self.keys.sign, device: self.device };
  const to = prekeyOf(turn, device).id;
  const grant = makeGrant(epoch, granter, to, isInvitation ? room.info.genesis : undefined);
  postPacket(turn, device, { type: 'grant', ...grant }, epoch.tag);
}

/** Lets somebody in who came later: from the bucket of now on, and not before. */
export function sendCurrentGrant(turn: Turn, room: RoomState, device: ListDevice, epoch: Epoch): void {
  const later = forgetBefore(epoch, bucketIn(room, epoch, turn.nowMs));
  sendGrant(turn, room, device, later);
  if (later !== epoch) turn.forget(later.secret);
}

/** Tells a device of a room's operations: before it has them, it can judge no grant that names them. */
export function sendOperations(turn: Turn, room: RoomState, device: ListDevice): void {
  const genesis = room.info.founder === undefined ? {} : { genesis: room.info.genesis };
  const all = [...room.operations.values(), ...room.backing.values()];
  // One of a room without operations tells of the room alone.
  for (const entries of all.length === 0 ? [[]] : packetsOf(all, maxLogEntries))
    postPacket(turn, device, { type: 'log', room: room.info.id, ...genesis, entries });
}

/** Tells a device of a room that it is in and does not know of, and lets it in to what is sent in, if something is. */
export function sendInvitation(turn: Turn, room: RoomState, device: ListDevice): void {
  sendOperations(turn, room, device);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  if (epoch !== undefined) sendEntitled(turn, room, device, epoch);
}

/** Grants the epoch that is sent in: as it is held to who was in when it was opened, to others from now on. */
export function sendEntitled(turn: Turn, room: RoomState, device: ListDevice, epoch: Epoch): void {
  if (wasThere(room, device, epoch)) sendGrant(turn, room, device, epoch);
  else sendCurrentGrant(turn, room, device, epoch);
}

/** In by what an epoch names; one of an earlier list was not for devices that came with a later one. */
export const wasThere = ({ membership }: RoomState, { id, since }: ListDevice, epoch: Epoch): boolean =>
  membership.rosterAt(epoch.control).has(id) && since <= epoch.listVersion;

function addEpoch(turn: Turn, epoch: Epoch): void {
  const room = turn.room(epoch.room);
  const epochs = withKey(room.epochs, epoch.tag, epoch);
  turn.setRoom({ ...room, epochs, missing: withoutKey(room.missing, epoch.tag) });
  writeEpoch(turn, epoch);
  const surplus = epochs.size > maxEpochs ? leastNeeded([...epochs.values()]) : undefined;
  if (surplus !== undefined) dropEpoch(turn, surplus);
  turn.unlocked = true;
  turn.roomChanged(epoch.room);
}

/** A copy of the secret: the one in memory may be overwritten before the row is on disk. */
export function writeEpoch(turn: Turn, { room, id, announcement, bucket, secret }: Epoch): void {
  turn.write({ type: 'epoch', room, epoch: id, announcement, bucket, secret: secret.open().slice() });
}

/** What was sealed in it cannot be read here any more. `isOver`: its time is over, and it must not come back. */
export function dropEpoch(turn: Turn, epoch: Epoch, isOver = false): void {
  const room = turn.room(epoch.room);
  turn.write({ type: 'epoch-gone', room: epoch.room, epoch: epoch.id, ...(isOver ? { erased: epoch.tag } : {}) });
  turn.forget(epoch.secret);
  forgetReached(epoch);
  const left = { ...room, epochs: withoutKey(room.epochs, epoch.tag) };
  turn.setRoom(isOver ? withErased(left, epoch.tag) : left);
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

/**
 * Takes a grant out of a sealed packet. Being granted an epoch of an unknown room is being invited to it. Throws
 * `PeerFault`, `unknown-reference` when it may hold once more is known.
 */
export function takeGrant(turn: Turn, grant: Grant, roomId: RoomId, to: PrekeyId): void {
  const { list, self } = turn.state;
  const room = turn.state.rooms.get(roomId) ?? (grant.room === undefined ? undefined : invitedTo(grant.room, list));
  if (room === undefined) throw new PeerFault('unknown-reference', 'a grant for a room this device does not know');
  if (!room.membership.roster.has(self.device))
    throw new PeerFault('not-a-member', 'a grant for a room this device is not in');
  const epoch = acceptGrant(grant, grantFacts(room, list), to);
  checkLater(turn, room, epoch);
  if (room.erased.has(epoch.tag))
    throw new PeerFault('out-of-place', 'a grant of an epoch that was erased here for its age');
  addRoom(turn, room.info);
  const held = turn.room(room.info.id).epochs.get(epoch.tag);
  // From the first bucket a grant fits the opener's signed commitment; a later one rests on the granter's word alone.
  const isBetter = held === undefined || (held.bucket > 0 && epoch.bucket === 0);
  if (held === undefined && openedBy(room, epoch.device, epoch.openedAtMs) >= maxEpochsPerHour)
    throw new PeerFault('too-large', 'a device opens more epochs than anyone needs');
  if (isBetter) addEpoch(turn, epoch);
  else turn.forget(epoch.secret);
}

/**
 * A later grant rests on the granter's word alone, and a device would send in what it is told. So nobody takes one who
 * was to have the first bucket, as long as the epoch may be sent in, and nobody one from far ahead of the clock: with
 * a secret or a bucket of its own a member could cut another off from everyone.
 */
function checkLater(turn: Turn, room: RoomState, epoch: Epoch): void {
  if (epoch.bucket === 0) return;
  const { self, list } = turn.state;
  const mayBeSentIn = epoch.listVersion === list.version && turn.nowMs <= epoch.openedAtMs + horizonOf(room).epochMs;
  const wasThere =
    room.membership.rosterAt(epoch.control).has(self.device) ||
    epoch.openedAtMs > (lastAddedMs(room, self) ?? Number.POSITIVE_INFINITY) + clockSlackMs;
  if (mayBeSentIn && wasThere)
    throw new PeerFault('out-of-place', 'a later grant of an epoch that this device was to have from the first bucket');
  if (isBucketTooFar(epoch, epoch.bucket, turn.nowMs))
    throw new PeerFault('out-of-place', 'a grant from a bucket that is far ahead');
}

export function invitedTo(genesis: Uint8Array, list: MusterList): RoomState {
  const info = readRoom(genesis.slice(), list); // a copy: what it came in is overwritten
  // These follow from the list and are all known: one more would be opened and granted by every device, every day.
  if (info.kind === 'org' || info.kind === 'drill')
    throw new PeerFault('out-of-place', 'an invitation to a room that nobody invites to');
  return judged(makeRoomState(info, list), list);
}
