/** Feeds: an entry that has its place in its author's feed becomes part of its room, ours and others' alike. */
import { type Body, encodeBody, readBody } from '../core/body.ts';
import { isOperation } from '../core/control.ts';
import { type Entry, makeEntry, maxHeads } from '../core/entry.ts';
import { sealEnvelope } from '../core/envelope.ts';
import type { Epoch } from '../core/epoch.ts';
import type { DeviceId, RoomId } from '../core/id.ts';
import { isVoid } from '../core/standing.ts';
import { CallerFault } from '../wire/fault.ts';
import { noteDrillEntry } from './drill.ts';
import { pickEpoch } from './epoch.ts';
import { noteFile } from './fetch.ts';
import { post } from './outbox.ts';
import { passPlace } from './reading.ts';
import { bucketIn, isNotable, judged, unnamedHeads, withEntry, withVoids } from './room.ts';
import type { Feed, RoomState, State } from './state.ts';
import type { Turn } from './turn.ts';
import { noteVerified } from './verified.ts';

/** After an operation was named that is not here, before writing on without it (rule R5). */
const holdMs = 5_000;

/**
 * Makes an entry part of its feed, at its end or, for who came later, before its beginning. The caller has found that
 * it belongs there.
 */
export function addToFeed(turn: Turn, entry: Entry): void {
  const room = turn.room(entry.room);
  const known = room.feeds.get(entry.device);
  turn.setRoom({ ...room, feeds: turn.put(room.feeds, entry.device, extend(known, entry)) });
  if (known === undefined || entry.seq >= known.from) {
    const named = new Set([...entry.heads, ...(entry.previous === undefined ? [] : [entry.previous])]);
    const heads = [...room.heads.filter((head) => !named.has(head)), entry.id];
    turn.setRoom({ ...turn.room(entry.room), heads });
    turn.headsChanged(entry.room);
  }
  // Prekeys come every day and concern nobody: they do not count as something that happened.
  if (readBody(entry.body)?.type === 'prekey') passPlace(turn, entry);
  else turn.state = { ...turn.state, beacon: { ...turn.state.beacon, quiet: 0, changedMs: turn.nowMs } };
  noteMeaning(turn, entry);
}

/** What follows from what an entry says, when it joins its feed or when its content comes after its skeleton. */
export function noteMeaning(turn: Turn, entry: Entry): void {
  const before = turn.room(entry.room);
  const room = withEntry(before, entry);
  const isNews = room.control !== before.control;
  // Nearly no entry tells more of what its author knows, or is the first of its feed here; else the same would come out,
  // and the longer the log of operations, the longer that takes.
  const mayMove = room !== before || entry.seq === room.feeds.get(entry.device)?.from;
  turn.setRoom(mayMove && !isNews ? withVoids(room, [entry.device]) : room);
  if (isNews) turn.unjudged.add(entry.room);
  const body = readBody(entry.body);
  if (body !== undefined && (body.type === 'verified' || body.type === 'file' || 'drill' in body)) {
    judgeOperations(turn);
    const counts = !isVoid(turn.room(entry.room).voids.get(entry.device) ?? [], entry.seq);
    if (counts && body.type === 'file') noteFile(turn, entry, body);
    else if (counts) turn.state = noteVerified(noteDrillEntry(turn.state, entry, body), entry, body);
  }
  if (room.info.kind === 'drill') turn.alarmChanged();
  turn.unlocked = true;
  turn.roomChanged(entry.room);
  turn.homeChanged();
}

/**
 * Judges the rooms in which operations were noted. Until then who is in them is as it was before: nothing may ask for it
 * before this was done.
 */
export function judgeOperations(turn: Turn): void {
  for (const id of turn.unjudged) turn.setRoom(judged(turn.room(id), turn.state.list));
  turn.unjudged.clear();
}

function extend(feed: Feed | undefined, { id, seq, previous }: Entry): Feed {
  const before = previous === undefined ? {} : { before: previous };
  if (feed === undefined) return { from: seq, count: seq + 1, head: id, ...before };
  if (seq < feed.from) return { from: seq, count: feed.count, head: feed.head, ...before };
  return { ...feed, count: seq + 1, head: id };
}

/** True if what this device writes here would count. */
export const mayWrite = (state: State, room: RoomState): boolean =>
  state.retiredAtMs === undefined && room.membership.roster.has(state.self.device);

/**
 * Writes an entry of our own: signed, in the feed and on disk in this step. It leaves as soon as the room has an
 * epoch to send in; until then it waits in `unsealed`, in order, over restarts. Throws `CallerFault('not-allowed')`.
 */
export function author(turn: Turn, roomId: RoomId, body: Body): Entry {
  const room = turn.room(roomId);
  const { self } = turn.state;
  if (turn.state.retiredAtMs !== undefined) throw new CallerFault('not-allowed', retiredText);
  if (!room.membership.roster.has(self.device))
    throw new CallerFault(
      'not-allowed',
      'You are not in this room any more. What was written before stays readable here.',
    );
  const feed = room.feeds.get(self.device);
  const heads = room.heads.filter((head) => head !== feed?.head).slice(-maxHeads);
  const entry = makeEntry(self.keys.sign, roomId, {
    device: self.device,
    seq: feed?.count ?? 0,
    ...(feed === undefined ? {} : { previous: feed.head }),
    heads: heads.sort(),
    timeMs: turn.nowMs,
    // An operation says all that it rests on, so that it can be judged by who does not have the rest of the feed.
    control: isOperation(body) ? room.membership.headsFor(self.device) : unnamedHeads(room, self.device),
    body: encodeBody(body),
    salt: turn.random(16),
  });
  turn.write({ type: 'entry', entry, sealed: false, receivedAtMs: turn.nowMs, isNotable: isNotable(entry) });
  addToFeed(turn, entry);
  judgeOperations(turn);
  const after = turn.room(roomId);
  turn.setRoom({ ...after, hasNamed: true, unsealed: [...after.unsealed, entry] });
  return entry;
}

export const retiredText =
  'This device was copied, or put back to an earlier state. It can read and must not write any more: enrol it anew as another device.';

/**
 * Until when nothing is sent, because an entry or a grant names an operation that did not come yet (rule R5). Of each
 * device the first that waits counts: one that names what never was, again and again, would silence everyone for good.
 */
export function heldUntilMs(state: State, room: RoomState): number {
  const since = new Map<DeviceId, number>();
  for (const { until, sinceMs } of state.parked.values()) {
    if (until === undefined || !('operations' in until) || until.room !== room.info.id) continue;
    if (sinceMs !== undefined) since.set(until.by, Math.min(sinceMs, since.get(until.by) ?? sinceMs));
  }
  return Math.max(0, ...[...since.values()].map((ms) => ms + holdMs));
}

/** Seals and posts what waits for an epoch, if there is one to send in. */
export function sealPending(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  if (epoch === undefined || room.unsealed.length === 0 || turn.nowMs < heldUntilMs(turn.state, room)) return;
  sealIn(turn, roomId, epoch);
}

/** Seals and posts everything that waits in this epoch. */
export function sealIn(turn: Turn, roomId: RoomId, epoch: Epoch): void {
  const room = turn.room(roomId);
  const bucket = bucketIn(room, epoch, turn.nowMs);
  const counts = turn.put(room.counts, epoch.tag, (room.counts.get(epoch.tag) ?? 0) + room.unsealed.length);
  turn.setRoom({ ...room, unsealed: [], counts, buckets: turn.put(room.buckets, epoch.tag, bucket) });
  for (const entry of room.unsealed) {
    const envelope = sealEnvelope(epoch, bucket, { type: 'entry', bytes: entry.bytes }, turn.random);
    turn.write({ type: 'sealed', room: roomId, entry: entry.id });
    post(turn, { topic: room.info.topic, bytes: envelope, entry: { room: roomId, id: entry.id }, isKept: true });
  }
}
