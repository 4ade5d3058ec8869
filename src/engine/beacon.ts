/**
 * That a device is here, said in everyone's room when it comes and from time to time, with marks of the rooms it knows
 * and of what it holds of each (core/beacon.ts). Who hears it finds out what the other one misses, were it the room; a
 * device that hears itself finds out that there are two of it. Must never claim of a device what it did not say.
 */
import {
  type Beacon,
  digestOfFeeds,
  makeBeacon,
  markRoom,
  maxMarks,
  type RoomMark,
  readBeacon,
} from '../core/beacon.ts';
import type { FrameOf } from '../core/envelope.ts';
import type { DeviceId, RoomId } from '../core/id.ts';
import type { ListDevice } from '../core/list.ts';
import { type Bytes, fromHex, hex } from '../wire/bytes.ts';
import { castIn, isUp } from './cast.ts';
import { feedsToTell } from './current.ts';
import { pickEpoch, sendInvitation } from './epoch.ts';
import { noteHolding, scheduleSay, speakingAtMs } from './have.ts';
import { orgRoomOf } from './key.ts';
import { noteHeard } from './packet.ts';
import { retire } from './place.ts';
import { isAllRead, noteReadBy, tellReadAgain } from './reading.ts';
import { cameLaterMs } from './room.ts';
import type { Holding, Span } from './row.ts';
import type { Feed, RoomState, State } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** After something changed, and at most between two: half of it, and as much again by chance. Each time twice as long. */
const firstMs = 3_600_000;
const longestMs = 24 * 3_600_000;
/** Who asked is answered no sooner than this after the last, for each device of the organisation. */
const restPerDeviceMs = 40;
/** How long one that is due waits for relays that do not tell all they have. */
const patienceMs = 10_000;
/** Devices of a room that tell one of it before the next ones would. */
const tellersAtATime = 3;
const tellingMs = 2_000;
/** How often one that holds something else is told all, as long as what is held here stays the same. */
const mostTellings = 3;
/** Room for others' marks beside one's own, so that their number says little. */
const marksAtATime = 8;

/** On disk before anything is said under it: of what is heard under another name, this device knows whether it was it. */
export function nameRun(turn: Turn): void {
  const token = turn.random(16);
  const { boot, boots } = turn.state;
  turn.state = { ...turn.state, boot: hex(token), boots: boot === '' ? boots : new Set([...boots, boot]) };
  turn.write({ type: 'boot', token });
}

/** Says before long that this device is here. */
export function scheduleBeacon(turn: Turn, ask: boolean): void {
  const { due, saidMs } = turn.state.beacon;
  if (due !== undefined && (due.ask || !ask)) return;
  const devices = turn.state.list.devices.size;
  const rested = saidMs === undefined || ask ? 0 : saidMs + restPerDeviceMs * devices;
  const atMs = due?.atMs ?? Math.max(speakingAtMs(turn, devices), rested);
  turn.state = { ...turn.state, beacon: { ...turn.state.beacon, due: { atMs, ask } } };
}

/**
 * What the others said in a room could not be read here, and nobody keeps it. Whoever holds something else than a beacon
 * says, or than what is said in the room by somebody whose beacons nobody hears, says all of it again.
 */
export function askAfresh(turn: Turn, room: RoomId): void {
  if (mayBeacon(turn.state)) scheduleBeacon(turn, false);
  else scheduleSay(turn, room, true);
}

/** When it is said; `undefined`: there is nothing to say it in, or nothing to say. */
export function beaconAtMs(state: State, nowMs: number): number | undefined {
  const room = orgRoomOf(state);
  if (room === undefined || !isUp(state)) return undefined;
  if (pickEpoch(room, state.list, nowMs) === undefined) return undefined;
  // Before the relays have told what they have, what is held here is not what it will be in a moment.
  if (state.beacon.due !== undefined) return state.beacon.due.atMs + (isCaughtUp(state) ? 0 : patienceMs);
  return nextAtMs(state);
}

/** When one is said that nothing calls for: what is lost without a trace shows by it, at last. */
function nextAtMs({ beacon }: State): number | undefined {
  const { saidMs, quiet, changedMs, chance } = beacon;
  if (saidMs === undefined) return undefined;
  const spanMs = Math.min(longestMs, firstMs * 2 ** quiet);
  return Math.max(saidMs, quiet === 0 ? changedMs : 0) + Math.ceil((spanMs / 2) * (1 + chance));
}

const isCaughtUp = (state: State): boolean =>
  [...state.relays.values()].some(
    ({ up, live }) => up && live.has(state.inbox) && [...state.topics.keys()].every((topic) => live.has(topic)),
  );

/** True of a device whose beacons the others can read. */
const mayBeacon = (state: State): boolean => orgRoomOf(state)?.membership.roster.has(state.self.device) === true;

/**
 * True of a room in which this device asks by itself what the others hold. Who is out of everyone's room is heard there
 * by nobody, and need not know that they are out: so whoever came to a room later asks until somebody answered.
 */
export function mustAsk(state: State, room: RoomState): boolean {
  if (!mayBeacon(state)) return true;
  const isNew = room.info.founder !== undefined && room.haves.size === 0;
  return isNew && cameLaterMs(room, state.list, state.self) !== undefined;
}

export function sayBeacon(turn: Turn): void {
  const room = orgRoomOf(turn.state);
  const epoch = room === undefined ? undefined : pickEpoch(room, turn.state.list, turn.nowMs);
  const { self, beacon } = turn.state;
  const [chance = 0] = turn.random(1);
  const quiet = beacon.due === undefined ? beacon.quiet + 1 : beacon.quiet;
  const { changedMs } = beacon;
  turn.state = { ...turn.state, beacon: { saidMs: turn.nowMs, quiet, changedMs, chance: chance / 256 } };
  if (room === undefined || epoch === undefined) return;
  const named = { device: self.device, timeMs: turn.nowMs, boot: fromHex(turn.state.boot) };
  const own = [...turn.state.rooms.values()].filter(({ membership }) => membership.roster.has(self.device));
  const marks = own.slice(0, maxMarks).map((each) => {
    const { pair, readPair } = markRoom(named, each.info.id, digestOf(turn, feedsToTell(turn.state, each)));
    return isAllRead(turn.state, each) ? readPair : pair;
  });
  while (marks.length < maxMarks && marks.length % marksAtATime > 0) marks.push([turn.random(8), turn.random(8)]);
  if (beacon.due === undefined) tellReadAgain(turn, own);
  const facts: Beacon = {
    ...named,
    ask: beacon.due?.ask ?? false,
    isWhole: own.length <= maxMarks,
    marks: marks.sort(([a], [b]) => (hex(a) < hex(b) ? -1 : 1)),
  };
  castIn(turn, room, epoch, makeBeacon(self.keys.sign, room.info.id, facts));
  // Who holds the same knows now; of who came later, a beacon does not say where its feeds begin.
  for (const each of own) {
    if (cameLaterMs(each, turn.state.list, self) !== undefined) continue;
    const said = new Map(
      [...feedsToTell(turn.state, each)].map(([id, { from, count }]): [DeviceId, Span] => [id, { from, to: count }]),
    );
    turn.setRoom({ ...turn.room(each.info.id), said });
  }
  for (const each of own) for (const id of unheardIn(each, room)) noteOther(turn, each.info.id, id);
}

/** Devices of a room that are out of everyone's, by what is known here: of what they hold no beacon can tell. */
const unheardIn = ({ membership }: RoomState, org: RoomState): readonly DeviceId[] =>
  [...membership.roster.keys()].filter((id) => !org.membership.roster.has(id));

const digests = new WeakMap<ReadonlyMap<DeviceId, Feed>, Bytes>();

function digestOf(turn: Turn, feeds: RoomState['feeds']): Bytes {
  const known = digests.get(feeds) ?? digestOfFeeds([...feeds].map(([device, { count }]) => [device, count] as const));
  // Of feeds that this step may still change in place it would be said for long after they changed.
  if (!turn.mayChange(feeds)) digests.set(feeds, known);
  return known;
}

/** Another device is here, or another copy of this one. Throws `PeerFault`. */
export function hearBeacon(turn: Turn, org: RoomState, frame: FrameOf<'beacon'>, tag: string): void {
  if (org.info.kind !== 'org') return;
  const { roster } = org.membership;
  const said = readBeacon(frame, org.info.id, (id) => roster.get(id)?.signKey);
  const device = roster.get(said.device);
  const { self, boot, boots } = turn.state;
  if (said.device === self.device) {
    // A relay may bring back one of an earlier run, which this device remembers.
    if (boots.has(hex(said.boot)) || hex(said.boot) === boot) return;
    // Or the other copy would not know. Not for ever: both would go on answering each other.
    if (turn.state.retiredAtMs === undefined || said.ask) scheduleBeacon(turn, false);
    // Under another name: the one until now may be on the disk that the other was copied from.
    if (turn.state.retiredAtMs === undefined) nameRun(turn);
    retire(turn);
    return;
  }
  if (device === undefined) return;
  noteHeard(turn, said.device, tag);
  const marks = new Map(said.marks.map(([mark, held]) => [hex(mark), hex(held)]));
  for (const room of turn.state.rooms.values()) {
    const { membership, info } = room;
    if (!membership.roster.has(said.device) || !membership.roster.has(self.device)) continue;
    const mine = markRoom(said, info.id, digestOf(turn, feedsToTell(turn.state, room)));
    const held = marks.get(mine.mark);
    if (held === undefined) {
      if (said.isWhole && info.founder !== undefined) noteUntold(turn, room, said.device, mine);
      continue;
    }
    if (room.untold.has(said.device)) turn.setRoom({ ...room, untold: withoutKey(room.untold, said.device) });
    if (held === mine.held || held === mine.read) noteSame(turn, info.id, device, held === mine.read);
    else noteOther(turn, info.id, said.device);
  }
  if (said.ask) scheduleBeacon(turn, false);
}

/**
 * It holds as many of each feed as this device, and its person has read all of that or not. Where its feeds begin it has
 * not said, if it came later.
 */
function noteSame(turn: Turn, roomId: RoomId, device: ListDevice, isRead: boolean): void {
  const room = turn.room(roomId);
  const isLate = cameLaterMs(room, turn.state.list, { device: device.id, member: device.member }) !== undefined;
  const known = room.haves.get(device.id);
  const holding: Map<DeviceId, Span> = new Map(known);
  for (const [author, { count }] of feedsToTell(turn.state, room)) {
    const from = known?.get(author)?.from ?? (isLate ? undefined : 0);
    if (from !== undefined) holding.set(author, { from, to: Math.max(count, known?.get(author)?.to ?? 0) });
  }
  turn.setRoom({ ...room, told: withoutKey(room.told, device.id) });
  noteHolding(turn, roomId, device.id, holding satisfies Holding);
  if (!isRead) return;
  const read = [...feedsToTell(turn.state, room)].flatMap(([author, { count }]) => {
    const from = holding.get(author)?.from;
    return from === undefined ? [] : [[author, from, count] as const];
  });
  noteReadBy(turn, roomId, device.id, read);
}

/** It holds something else: it is told what is held here, and tells in turn. */
function noteOther(turn: Turn, roomId: RoomId, device: DeviceId): void {
  const room = turn.room(roomId);
  const digest = hex(digestOf(turn, feedsToTell(turn.state, room)));
  const before = room.told.get(device);
  const times = before?.digest === digest ? before.times + 1 : 1;
  if (times > mostTellings) return;
  turn.setRoom({ ...room, told: withKey(room.told, device, { digest, times }) });
  scheduleSay(turn, roomId, true);
}

/**
 * A device that is in a room does not know of it. Some tell it soon and others later, in an order that follows from the
 * beacon, as long as it does not show that it knows.
 */
function noteUntold(turn: Turn, room: RoomState, device: DeviceId, { mark }: RoomMark): void {
  if (room.untold.has(device)) return;
  const others = [...room.membership.roster.keys()].filter((id) => id !== device).sort();
  const first = Number.parseInt(mark.slice(0, 4), 16) % others.length;
  const place = (others.indexOf(turn.state.self.device) - first + others.length) % others.length;
  const atMs = turn.nowMs + Math.floor(place / tellersAtATime) * tellingMs;
  turn.setRoom({ ...room, untold: withKey(room.untold, device, atMs) });
}

/** Tells a device of a room that it is in. */
export function tellOf(turn: Turn, roomId: RoomId, id: DeviceId): void {
  const room = turn.room(roomId);
  turn.setRoom({ ...room, untold: withoutKey(room.untold, id) });
  const device = room.membership.roster.get(id);
  if (device !== undefined) sendInvitation(turn, turn.room(roomId), device);
}
