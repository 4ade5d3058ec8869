/**
 * Asking for what is missing and giving it: grants of epochs that were seen and never came, and entries that others
 * hold. A few of the others are asked at a time, others the next time. What is given goes to the one who asked, sealed.
 */

import { readBody } from '../core/body.ts';
import { isOperation } from '../core/control.ts';
import { reopenEntry, stripEntry } from '../core/entry.ts';
import { type FrameOf, makeWant, readWant } from '../core/envelope.ts';
import type { Epoch } from '../core/epoch.ts';
import type { DeviceId, EntryId, RoomId } from '../core/id.ts';
import type { ListDevice } from '../core/list.ts';
import { makeNeed, maxTags, type Need } from '../core/need.ts';
import { type Bytes, fromHex, hex } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { castIn } from './cast.ts';
import { feedsToTell } from './current.ts';
import { pickEpoch, sendEntitled, sendGrant, sendOperations, wasThere } from './epoch.ts';
import type { Reading } from './event.ts';
import { gapsIn } from './gap.ts';
import { noteAsking, packetsOf, postPacket, takePrekey } from './packet.ts';
import { cameLaterMs, isEntitled, mayReadBack } from './room.ts';
import type { RoomState } from './state.ts';
import type { Turn } from './turn.ts';

/** A grant usually comes with what was sealed under it, or just after. */
const needAfterMs = 3_000;
const needAgainMs = 60_000;
const mostNeeds = 10;
/** Tags of one room that are asked for: a relay can make up as many as it likes. */
const maxMissing = 64;
const wantAfterMs = 3_000;
const wantAgainMs = 10_000;
const mostWantMs = 600_000;
/** Others that are asked, or that answer, at a time. */
const helpers = 3;
/** The same thing is not given twice within this time. */
const answerAgainMs = 20_000;
const maxAnswered = 2048;
/** Entries of one feed in one answer. */
const maxGiven = 256;

/** An envelope of an epoch that is not here, or with `isSaid` something that nobody keeps. */
export function noteMissing(turn: Turn, roomId: RoomId, tag: string, isSaid = false): void {
  const room = turn.room(roomId);
  const before = room.missing.get(tag);
  if (before !== undefined && (before.isSaidIn === true || !isSaid)) return;
  const asked = { times: 0, nextMs: turn.nowMs + needAfterMs, ...before, ...(isSaid ? { isSaidIn: true } : {}) };
  const missing = new Map(room.missing).set(tag, asked);
  // What was asked for most often in vain is given up first: a relay that makes up tags must not keep out a real one.
  const [least] = [...room.missing].sort(([, a], [, b]) => b.times - a.times);
  if (least !== undefined && missing.size > maxMissing) missing.delete(least[0]);
  turn.setRoom({ ...room, missing });
}

/** Asks some of the others for the epochs that are due to be asked for. */
export function askForGrants(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const { self } = turn.state;
  const due = [...room.missing].filter(([, asked]) => asked.nextMs <= turn.nowMs).slice(0, maxTags);
  // One request at a time, whatever else is due: a relay that makes up epochs would have us ask without end.
  const restMs = turn.nowMs + needAfterMs;
  const missing = new Map(
    [...room.missing].map(([tag, asked]) => [tag, { ...asked, nextMs: Math.max(asked.nextMs, restMs) }]),
  );
  for (const [tag, asked] of due) {
    const times = asked.times + 1;
    const nextMs = times >= mostNeeds ? Number.POSITIVE_INFINITY : turn.nowMs + needAgainMs;
    missing.set(tag, { ...asked, times, nextMs });
  }
  turn.setRoom({ ...room, missing });
  const others = [...room.membership.roster.values()].filter((device) => device.id !== self.device);
  for (const device of pickSome(turn, others))
    postNeed(
      turn,
      roomId,
      device,
      due.map(([tag]) => fromHex(tag)),
    );
}

/** Asks one device for epochs, or without tags for whatever is sent in now. Needs no epoch that both have. */
function postNeed(turn: Turn, room: RoomId, device: ListDevice, tags: readonly Bytes[]): void {
  const { self, list, prekeys } = turn.state;
  const newest = prekeys.at(-1);
  const isListed = newest === undefined || newest.id === list.devices.get(self.device)?.prekey.id;
  const facts: Need = {
    device: self.device,
    room,
    tags: [...tags],
    nonce: turn.random(16),
    timeMs: turn.nowMs,
    ...(isListed ? {} : { prekey: newest.record }),
  };
  postPacket(turn, device, { type: 'need', ...makeNeed(self.keys.sign, facts) });
}

function pickSome<T>(turn: Turn, items: readonly T[]): readonly T[] {
  const keyed = items.map((item) => ({ item, key: hex(turn.random(4)) }));
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, helpers)
    .map(({ item }) => item);
}

/**
 * Gives what was asked for, as far as the one who asks may have it: an epoch as it is held, if they were in when it was
 * opened; one they came later to, if it is sent in now, from now on; nothing to who is out by what this device knows
 * (rule R1: it holds every operation that its epochs name).
 */
export function answerNeed(turn: Turn, need: Need): void {
  const room = turn.state.rooms.get(need.room);
  const device = room?.membership.roster.get(need.device);
  if (room === undefined || device === undefined)
    throw new PeerFault('not-a-member', 'a device that is not in a room asks for its keys');
  if (need.prekey !== undefined) takePrekey(turn, device, need.prekey);
  noteAsking(turn, need.device);
  const current = pickEpoch(room, turn.state.list, turn.nowMs);
  const asked = need.tags.length > 0 ? need.tags.map(hex) : [current?.tag ?? ''];
  const given = asked
    .flatMap((tag) => room.epochs.get(tag) ?? [])
    .filter(({ tag }) => isDue(turn, `${need.device} ${tag}`));
  if (given.length === 0) {
    // There is none to send in: what it waits for are the operations.
    const isBare = need.tags.length === 0 && room.control.operations.size > 0;
    if (isBare && isDue(turn, `${need.device} operations ${need.room}`)) sendOperations(turn, room, device);
    return;
  }
  if (room.control.operations.size > 0) sendOperations(turn, room, device);
  for (const epoch of given) {
    if (!isJudgedAlike(room, epoch)) continue;
    if (epoch.tag === current?.tag) sendEntitled(turn, room, device, epoch);
    else if (wasThere(room, device, epoch)) sendGrant(turn, room, device, epoch);
  }
}

/**
 * Nobody names an operation without right. One that is named and without right here was backed by an earlier list, or by
 * entries that have not come: who asks may be out by it, and its opener sends what they are not to read.
 */
const isJudgedAlike = ({ membership }: RoomState, epoch: Epoch): boolean =>
  epoch.control.every((id) => membership.isNamed(id));

function isDue(turn: Turn, what: string): boolean {
  const before = turn.state.answered.get(what);
  if (before !== undefined && turn.nowMs - before < answerAgainMs) return false;
  const answered = new Map(turn.state.answered);
  answered.delete(what);
  answered.set(what, turn.nowMs);
  for (const oldest of answered.keys()) {
    if (answered.size <= maxAnswered) break;
    answered.delete(oldest);
  }
  turn.state = { ...turn.state, answered };
  return true;
}

/** Something of a room is known to be missing: it is asked for soon, if it does not come by itself. */
export function scheduleWant(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  if (room.wantAtMs !== undefined) return;
  turn.setRoom({ ...room, wantAtMs: turn.nowMs + wantAfterMs });
}

/** Says what is missing to whoever listens; again, ever less often, as long as something is. */
export function sayWant(turn: Turn, roomId: RoomId): void {
  const { wantAtMs: _, ...room } = turn.room(roomId);
  const { ranges, operations } = gapsOf(turn, room);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  const isWhole = ranges.length === 0 && operations.length === 0;
  const wants = isWhole ? 0 : room.wants + 1;
  const nextMs = turn.nowMs + Math.min(mostWantMs, wantAgainMs * 2 ** Math.min(wants, 10));
  turn.setRoom({ ...room, wants, ...(isWhole ? {} : { wantAtMs: nextMs }) });
  // Who names operations that are not here may send in an epoch that rests on them, and read no other.
  if (operations.length > 0) for (const device of namersIn(turn, room)) postNeed(turn, roomId, device, []);
  if (isWhole || epoch === undefined) return;
  const { self } = turn.state;
  const facts = { device: self.device, timeMs: turn.nowMs, ranges, operations, nonce: turn.random(16) };
  castIn(turn, room, epoch, makeWant(self.keys.sign, roomId, facts));
}

/** Devices that named operations which are not here: some of them. */
function namersIn(turn: Turn, { info, membership }: RoomState): readonly ListDevice[] {
  const ids = new Set<DeviceId>();
  for (const { until } of turn.state.parked.values())
    if (until !== undefined && 'operations' in until && until.room === info.id) ids.add(until.by);
  ids.delete(turn.state.self.device);
  return pickSome(
    turn,
    [...ids].flatMap((id) => membership.roster.get(id) ?? []),
  );
}

type Ranges = readonly (readonly [DeviceId, number, number])[];

/** What entries that wait, and what others say to hold, show to be missing here. */
function gapsOf(turn: Turn, room: RoomState): { readonly ranges: Ranges; readonly operations: readonly EntryId[] } {
  const operations = new Set<EntryId>();
  for (const { until } of turn.state.parked.values())
    if (until !== undefined && 'operations' in until && until.room === room.info.id)
      for (const id of until.operations) if (!room.control.operations.has(id)) operations.add(id);
  const { list, self } = turn.state;
  const readsBack = cameLaterMs(room, list, self) !== undefined && mayReadBack(room, list, self);
  const ranges = gapsIn(turn.state, room.info.id).map(
    ({ device, from, to }) => [device, from, Math.min(to, from + maxGiven)] as readonly [DeviceId, number, number],
  );
  if (readsBack)
    for (const [device, { from }] of room.feeds)
      if (from > 0) ranges.push([device, Math.max(0, from - maxGiven), from]);
  return { ranges: ranges.slice(0, 200), operations: [...operations].slice(0, 64) };
}

/** Somebody misses something. Of all who hear it, three answer; another time it is others. */
export function hearWant(turn: Turn, room: RoomState, frame: FrameOf<'want'>): void {
  const { roster } = room.membership;
  const { self } = turn.state;
  const want = readWant(frame, room.info.id, (id) => roster.get(id)?.signKey);
  const device = roster.get(want.device);
  if (device === undefined || want.device === self.device) return;
  const others = [...roster.keys()].filter((id) => id !== want.device).sort();
  const first = ((want.nonce[0] ?? 0) * 256 + (want.nonce[1] ?? 0)) % Math.max(1, others.length);
  const place = (others.indexOf(self.device) - first + others.length) % Math.max(1, others.length);
  if (place >= helpers) return;
  noteAsking(turn, want.device);
  // Entries that name one which is not there could not be placed, and would have to be asked for again.
  const isUseful = want.operations.length > 0 || (want.ranges.length > 0 && room.operations.size > 0);
  if (isUseful && isDue(turn, `${want.device} operations ${room.info.id}`)) sendOperations(turn, room, device);
  const told = feedsToTell(turn.state, room);
  for (const [author, from, to] of want.ranges) {
    const feed = told.get(author);
    const span = { from: Math.max(from, feed?.from ?? 0), to: Math.min(to, feed?.count ?? 0, from + maxGiven) };
    // By the stretch it begins in: ranges that overlap are the same thing again.
    const stretch = Math.floor(span.from / maxGiven);
    if (span.to <= span.from || !isDue(turn, `${want.device} ${room.info.id} ${author} ${stretch}`)) continue;
    turn.effect({ type: 'read', reading: { for: 'give', room: room.info.id, device: author, span, to: want.device } });
  }
}

/**
 * Gives entries that came back from disk, as their authors signed them, to a device that is in the room by all this
 * device knows, which is every operation that any of these entries names (rule R2). Of what was written while it was
 * out it gets skeletons: without them it could place nothing that came after.
 */
export function give(turn: Turn, reading: Reading & { readonly for: 'give' }, found: readonly Uint8Array[]): void {
  const room = turn.room(reading.room);
  const device = room.membership.roster.get(reading.to);
  if (device === undefined) return;
  const given = found.map((bytes) => {
    const entry = reopenEntry(bytes, reading.room);
    const isWhole = isOperation(readBody(entry.body)) || isEntitled(room, turn.state.list, device, entry);
    return isWhole ? bytes : stripEntry(bytes);
  });
  for (const entries of packetsOf(given, maxGiven))
    postPacket(turn, device, { type: 'give', room: reading.room, entries });
}
