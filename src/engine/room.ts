/** A room's state, and what follows in it from entries: who knew what, who is in, what counts. Pure functions of it. */
import { readBody } from '../core/body.ts';
import { concernsControl, emptyControl, noteControl } from '../core/control.ts';
import { type Entry, stripEntry } from '../core/entry.ts';
import { bucketAt, type Epoch, type SendFacts } from '../core/epoch.ts';
import { type Horizon, horizon } from '../core/horizon.ts';
import type { DeviceId, EntryId, MemberId, RoomId } from '../core/id.ts';
import type { ListDevice, MusterList } from '../core/list.ts';
import { everyDevice } from '../core/listed.ts';
import { Membership } from '../core/membership.ts';
import type { RoomInfo } from '../core/room.ts';
import { headsAt, marksOf, voidRanges } from '../core/standing.ts';
import { CallerFault } from '../wire/fault.ts';
import type { RoomState, Self, State } from './state.ts';
import { withKey } from './turn.ts';

/** How far clocks of relays and devices may differ where it is decided what was before a device came. */
export const clockSlackMs = 3_600_000;
/** Devices of a room do what one of them is enough for one after the other, so that most of the time one does it. */
const stepMs = 300;
const maxRankMs = 3_000;
/** Entries that name one operation, kept for who comes later: some of their authors may leave the list. */
const maxBackers = 4;

export const makeRoomState = (info: RoomInfo, list: MusterList): RoomState => ({
  info,
  control: emptyControl,
  operations: new Map(),
  backing: new Map(),
  hasNamed: false,
  membership: new Membership(info, list, emptyControl),
  marks: new Map(),
  voids: new Map(),
  suspects: new Map(),
  missing: new Map(),
  wants: 0,
  epochs: new Map(),
  erased: new Set(),
  buckets: new Map(),
  counts: new Map(),
  feeds: new Map(),
  heads: [],
  unsealed: [],
  haves: new Map(),
  reads: new Map(),
  toldRead: new Map(),
  said: new Map(),
  isCurrent: false,
  told: new Map(),
  untold: new Map(),
});

/** For a person who asks about a room. Throws `CallerFault('not-found')`. */
export function roomOf(state: State, id: RoomId): RoomState {
  const room = state.rooms.get(id);
  if (room === undefined) throw new CallerFault('not-found', 'This device is not in that room.');
  return room;
}

/** True if state follows from the entry besides its place in the feed: it is given back at every start. */
export const isNotable = (entry: Entry): boolean => concernsControl(entry) || readBody(entry.body)?.type === 'verified';

/**
 * What an entry tells of operations, whether or not its feed is here. Judging comes after: see `judged`. Of those that
 * name an operation a few are kept, by different members: without their word who comes later could not judge it.
 */
export function withOperation(room: RoomState, entry: Entry): RoomState {
  const control = noteControl(room.control, entry);
  const isBacking = entry.control.some((id) => (room.control.named.get(id)?.size ?? 0) < maxBackers);
  const operations = control.operations.has(entry.id)
    ? withKey(room.operations, entry.id, entry.bytes)
    : room.operations;
  const backing = isBacking ? withKey(room.backing, entry.id, stripEntry(entry.bytes)) : room.backing;
  return { ...room, control, operations, backing };
}

/** What an entry that joined its feed tells of operations. Judging comes after. */
export function withEntry(room: RoomState, entry: Entry): RoomState {
  if (!concernsControl(entry)) return room;
  const marks = [...(room.marks.get(entry.device) ?? []), ...marksOf(entry)].sort((a, b) => a.seq - b.seq);
  return { ...withOperation(room, entry), marks: withKey(room.marks, entry.device, marks) };
}

/** The room with everything that follows from its operations and the list worked out again. */
export function judged(room: RoomState, list: MusterList): RoomState {
  return withVoids({ ...room, membership: new Membership(room.info, list, room.control) });
}

/** The room with the places that do not count worked out for these feeds, or all. */
export function withVoids(room: RoomState, devices: Iterable<DeviceId> = room.feeds.keys()): RoomState {
  const voids = new Map(room.voids);
  for (const device of devices) {
    const ranges = voidRanges(room.membership, device, room.marks.get(device) ?? [], room.feeds.get(device)?.from ?? 0);
    if (ranges.length === 0) voids.delete(device);
    else voids.set(device, ranges);
  }
  return { ...room, voids };
}

/** The room as epochs are opened, granted and chosen for it. */
export const grantFacts = ({ info, membership, control }: RoomState, list: MusterList): SendFacts => ({
  room: info.id,
  control: membership.heads,
  listVersion: list.version,
  roster: membership.roster,
  isKnown: (operation) => control.operations.has(operation),
  rosterAt: (heads) => membership.rosterAt(heads),
  hasOnlyGrownSince: (heads) => membership.hasOnlyGrownSince(heads),
});

/** How long after the first of a room this device does what one of them is enough for; the last ones together. */
export function rankMs(room: RoomState, device: DeviceId): number {
  const rank = [...room.membership.roster.keys()].sort().indexOf(device);
  return Math.min(maxRankMs, Math.max(0, rank) * stepMs);
}

/** The bucket of an epoch to send in at this time. */
export const bucketIn = (room: RoomState, epoch: Epoch, nowMs: number): number =>
  bucketAt(epoch, nowMs, room.buckets.get(epoch.tag) ?? 0);

export const horizonOf = (room: RoomState): Horizon => horizon[room.membership.policy.horizon];

/**
 * Operations this device has not yet shown to know in what it wrote, or all where it did so before it was last opened:
 * there may be a new list since, and somebody on it who was not there.
 */
export function unnamedHeads(room: RoomState, device: DeviceId): readonly EntryId[] {
  if (!room.hasNamed) return room.membership.heads;
  const shown = room.membership.closure(headsAt(room.marks.get(device) ?? [], Number.POSITIVE_INFINITY));
  return room.membership.heads.filter((head) => !shown.has(head));
}

/**
 * Whether a device may be given what an entry says: it was in by what the entry's author knew, or the room's policy
 * gives everything to all. Who may not is given its skeleton, so that the feed goes on.
 */
export function isEntitled(room: RoomState, list: MusterList, device: ListDevice, entry: Entry): boolean {
  const { membership, info, marks } = room;
  if (membership.policy.history === 'all') return true;
  const known = [...headsAt(marks.get(entry.device) ?? [], entry.seq), ...entry.control];
  if (!membership.wasIn(device.id, known)) return false;
  return info.members !== undefined || entry.timeMs >= firstListedMs(list, device.member);
}

/** When the first device of this member was made, as far as the list goes back. */
const firstListedMs = (list: MusterList, member: MemberId): number =>
  Math.min(
    ...everyDevice(list)
      .filter((device) => device.member === member)
      .map(({ createdAtMs }) => createdAtMs),
  );

/** When a device came, if others had been writing here before; `undefined` if it was there from the beginning. */
export function cameLaterMs(
  room: RoomState,
  list: MusterList,
  self: Pick<Self, 'device' | 'member'>,
): number | undefined {
  const own = list.devices.get(self.device);
  if (own === undefined) return undefined;
  const { membership, control, info } = room;
  if ((membership.people.get(self.member)?.depth ?? 0) > 0) {
    const added = [...control.operations.values()].filter(
      ({ id, body }) =>
        body.type === 'add' && body.members.includes(self.member) && membership.verdicts.get(id) === 'counts',
    );
    return Math.max(own.createdAtMs, Math.min(...added.map(({ timeMs }) => timeMs)));
  }
  const isLate = info.founder === undefined ? own.since > 1 : own.createdAtMs > info.createdAtMs;
  return isLate ? own.createdAtMs : undefined;
}

/** When this device or its member was last let in by an operation; `undefined` if that was not needed. */
export function lastAddedMs({ control, membership }: RoomState, { device, member }: Self): number | undefined {
  const times = [...control.operations.values()].flatMap(({ id, body, timeMs }) => {
    const isOurs = body.type === 'add' && (body.members.includes(member) || body.devices.includes(device));
    return isOurs && membership.verdicts.get(id) === 'counts' ? [timeMs] : [];
  });
  return times.length === 0 ? undefined : Math.max(...times);
}

/** True if this device, although it came later, may be given what was written before it did. */
export function mayReadBack(room: RoomState, list: MusterList, self: Self): boolean {
  if (room.membership.policy.history === 'all') return true;
  const cameMs = cameLaterMs(room, list, self);
  if (cameMs === undefined || (room.membership.people.get(self.member)?.depth ?? 0) > 0) return cameMs === undefined;
  return room.info.members !== undefined || firstListedMs(list, self.member) < cameMs;
}
