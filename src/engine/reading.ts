/**
 * What people have read. A device notes the places its person has seen, with what is said there, and tells them to the
 * room beside what it holds (have.ts); of rooms that are read to the end a beacon says so. Read is claimed of what a
 * device said itself and signed, of entries that are here, and never taken back. A device that may be an older copy of
 * itself, or is one of two, tells nothing of it.
 */
import type { Entry } from '../core/entry.ts';
import { makeHave } from '../core/envelope.ts';
import type { DeviceId, MemberId, RoomId } from '../core/id.ts';
import { memberOf } from '../core/listed.ts';
import { isVoid } from '../core/standing.ts';
import { castIn, isUp } from './cast.ts';
import { pickEpoch } from './epoch.ts';
import { isEntitled } from './room.ts';
import type { Places, Span } from './row.ts';
import type { RoomState, State } from './state.ts';
import type { Turn } from './turn.ts';

/** Stretches that are kept of one feed. Who skips more often than this is not known to have read the oldest of them. */
const maxStretches = 32;
/** What a person reads in one go is told at once, and that of many people not in the same instant. */
const quietMs = 500;
const spreadMs = 1_000;
const spreadPerDeviceMs = 80;
/** Stretches in one claim: 44 bytes each. */
const maxTold = 1_200;
/** Who missed it hears it again with a beacon, in some rooms each time, as long as somebody has read there lately. */
const roomsAgain = 8;
const againMs = 7 * 24 * 3_600_000;

/** A place of a feed, its author's device and its number there. */
export type Place = readonly [DeviceId, number];

/** Whether somebody who has read these places has read this one. */
export const hasRead = (places: Places | undefined, device: DeviceId, seq: number): boolean =>
  covers(places?.get(device) ?? [], { from: seq, to: seq + 1 });

const covers = (spans: readonly Span[], { from, to }: Span): boolean =>
  spans.some((span) => span.from <= from && to <= span.to);

/**
 * The members who are said to have read an entry: by a device that is in the room, says to hold it, and may be given what
 * it says. Who wrote it is none of them, and of what this device itself does not show as written there are none.
 */
export function readersOf({ list, self }: State, room: RoomState, entry: Entry): ReadonlySet<MemberId> {
  const { device: author, seq } = entry;
  const readers = new Set<MemberId>();
  if (entry.isStripped || isVoid(room.voids.get(author) ?? [], seq)) return readers;
  const writer = memberOf(list, author);
  for (const device of room.membership.roster.values()) {
    if (device.member === writer || readers.has(device.member) || !hasRead(room.reads.get(device.id), author, seq))
      continue;
    const held = room.haves.get(device.id)?.get(author);
    const isHeld = device.id === self.device || (held !== undefined && held.from <= seq && seq < held.to);
    if (isHeld && isEntitled(room, list, device, entry)) readers.add(device.member);
  }
  return readers;
}

/** With one stretch more; the same array, if that is in it already. */
export function withStretch(spans: readonly Span[], added: Span): readonly Span[] {
  if (added.to <= added.from || covers(spans, added)) return spans;
  const isApart = ({ from, to }: Span): boolean => to < added.from || from > added.to;
  const met = [added, ...spans.filter((span) => !isApart(span))];
  const joined = { from: Math.min(...met.map(({ from }) => from)), to: Math.max(...met.map(({ to }) => to)) };
  return [...spans.filter(isApart), joined].sort((a, b) => a.from - b.from).slice(-maxStretches);
}

/** With these stretches more, as far as the room has them; `undefined` if there is nothing new in them. */
function withPlaces(
  room: RoomState,
  before: Places | undefined,
  added: Iterable<readonly [DeviceId, number, number]>,
): Places | undefined {
  let places: Map<DeviceId, readonly Span[]> | undefined;
  for (const [device, from, to] of added) {
    const feed = room.feeds.get(device);
    if (feed === undefined) continue;
    const known = (places ?? before)?.get(device) ?? [];
    const spans = withStretch(known, { from: Math.max(from, feed.from), to: Math.min(to, feed.count) });
    if (spans === known) continue;
    places ??= new Map(before);
    places.set(device, spans);
  }
  return places;
}

/** This device's person has seen what is said at these places. */
export function noteRead(turn: Turn, roomId: RoomId, seen: readonly Place[]): void {
  const room = turn.room(roomId);
  const { self } = turn.state;
  if (!mayTell(turn.state, room)) return;
  const added = seen
    .filter(([device]) => device !== self.device)
    .map(([device, seq]) => [device, seq, seq + 1] as const);
  const places = withPlaces(room, room.reads.get(self.device), added);
  if (places === undefined) return;
  turn.setRoom({ ...room, reads: turn.put(room.reads, self.device, places), readMs: turn.nowMs });
  turn.readChanged(roomId);
  scheduleTelling(turn, roomId);
}

/** What concerns no person does not have to be read. It is told with what is told again, and by beacons. */
export function passPlace(turn: Turn, { room: roomId, device, seq }: Entry): void {
  const room = turn.room(roomId);
  const { self } = turn.state;
  if (self.hidesReading === true || device === self.device) return;
  const before = room.reads.get(self.device);
  const places = withPlaces(room, before, [[device, seq, seq + 1]]);
  const spans = places?.get(device);
  if (places === undefined || spans === undefined) return;
  const isTold = room.toldRead.get(device) === before?.get(device);
  turn.setRoom({
    ...room,
    reads: turn.put(room.reads, self.device, places),
    ...(isTold ? { toldRead: turn.put(room.toldRead, device, spans) } : {}),
  });
  turn.readChanged(roomId);
}

/** A device that is in the room and is not, as far as is known, one of two or an older copy, and whose person did not say no. */
const mayTell = ({ self, retiredAtMs }: State, { membership }: RoomState): boolean =>
  self.hidesReading !== true && retiredAtMs === undefined && membership.roster.has(self.device);

function scheduleTelling(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  if (room.tellReadMs !== undefined) return;
  const spread = Math.max(spreadMs, spreadPerDeviceMs * room.membership.roster.size);
  turn.setRoom({ ...room, tellReadMs: turn.nowMs + quietMs + turn.chance(spread) });
}

/** When to tell what was read; `undefined`: nothing is new, or it cannot be told now. */
export function tellReadAtMs(state: State, room: RoomState, nowMs: number): number | undefined {
  if (room.tellReadMs === undefined || !room.isCurrent || !mayTell(state, room)) return undefined;
  return pickEpoch(room, state.list, nowMs) === undefined ? undefined : room.tellReadMs;
}

export function tellRead(turn: Turn, roomId: RoomId): void {
  const read = takeUntold(turn, roomId, maxTold);
  const room = turn.room(roomId);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  if (epoch === undefined || read.length === 0) return;
  const { device, keys } = turn.state.self;
  castIn(turn, room, epoch, makeHave(keys.sign, roomId, { device, timeMs: turn.nowMs, spans: [], ask: false, read }));
}

/** Stretches of what was not told yet, at most so many, which count as told from here on. The rest is told later. */
export function takeUntold(turn: Turn, roomId: RoomId, most: number): readonly (readonly [DeviceId, number, number])[] {
  const { tellReadMs: _, ...room } = turn.room(roomId);
  if (!isUp(turn.state) || !room.isCurrent || !mayTell(turn.state, room)) return [];
  turn.setRoom(room);
  const told = new Map(room.toldRead);
  const stretches: (readonly [DeviceId, number, number])[] = [];
  let isAll = true;
  for (const [device, spans] of room.reads.get(turn.state.self.device) ?? []) {
    if (told.get(device) === spans) continue;
    if (stretches.length + spans.length > most) {
      isAll = false;
      continue;
    }
    told.set(device, spans);
    for (const { from, to } of spans) stretches.push([device, from, to]);
  }
  turn.setRoom({ ...room, toldRead: told });
  if (!isAll) scheduleTelling(turn, roomId);
  return stretches;
}

/** True if all that a device holds of a room and tells of was read: what others wrote, that is. */
export function isAllRead(state: State, room: RoomState): boolean {
  if (!room.isCurrent || !mayTell(state, room)) return false;
  const places = room.reads.get(state.self.device);
  return [...room.feeds].every(
    ([device, { from, count }]) =>
      device === state.self.device || covers(places?.get(device) ?? [], { from, to: count }),
  );
}

/** Of rooms that are not read to the end no beacon tells: what was read there is told again whole, in some of them. */
export function tellReadAgain(turn: Turn, rooms: readonly RoomState[]): void {
  const begun = rooms.filter(
    (room) => room.readMs !== undefined && room.readMs > turn.nowMs - againMs && !isAllRead(turn.state, room),
  );
  if (begun.length === 0) return;
  const first = begun.length > roomsAgain ? turn.chance(begun.length) : 0;
  for (const { info } of [...begun.slice(first), ...begun.slice(0, first)].slice(0, roomsAgain)) {
    turn.setRoom({ ...turn.room(info.id), toldRead: new Map() });
    scheduleTelling(turn, info.id);
  }
}

/**
 * What a device said that its person has read. Only of what is here: a claim about what is not would come true by itself
 * as soon as somebody writes it. One that was early is made again, with what is read next or a beacon.
 */
export function noteReadBy(
  turn: Turn,
  roomId: RoomId,
  device: DeviceId,
  said: readonly (readonly [DeviceId, number, number])[],
): void {
  const room = turn.room(roomId);
  const places = withPlaces(room, room.reads.get(device), said);
  if (places === undefined) return;
  turn.setRoom({ ...room, reads: turn.put(room.reads, device, places) });
  turn.write({ type: 'read', room: roomId, device, places });
  turn.roomChanged(roomId);
}
