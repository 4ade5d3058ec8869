/**
 * What people wrote and is over by the policy of its room: its content goes, its skeleton stays, so that the feed goes on
 * and everything still verifies. It must never take away by a clock that nobody confirms: one that jumped ahead by a year
 * would wipe the year. So "now" is the earlier of two, this device's clock and that of the relays (clock.ts). Without a
 * relay nothing expires; it does when one is reached.
 */
import { readBody } from '../core/body.ts';
import { type Entry, reopenEntry, stripEntry } from '../core/entry.ts';
import type { EntryId, RoomId } from '../core/id.ts';
import { type Age, isOver, retentionMs } from '../core/retention.ts';
import type { Bytes } from '../wire/bytes.ts';
import { confirmedNowMs } from './clock.ts';
import type { Reading } from './event.ts';
import { endFetch } from './fetch.ts';
import { countAll, dropBytes, fileIn } from './file.ts';
import type { RoomState, State } from './state.ts';
import type { Turn } from './turn.ts';

/** Between one look at all rooms and the next. */
const lookEveryMs = 3_600_000;
/** Entries of one room in one step: a transaction that others do not wait for. */
const portion = 256;

const keepMsIn = (state: State, { info, membership }: RoomState): number | undefined =>
  retentionMs(info.kind, membership.policy, state.list.retention);

/** Only what a person said has content that goes: everything else says what a room or a drill is. */
function isSaid({ body }: Entry): boolean {
  const type = readBody(body)?.type;
  return type === 'text' || type === 'file';
}

/** Whether a text of this age is over in a room, by a clock that is confirmed. */
export function isExpired(state: State, room: RoomState, age: Age, nowMs: number): boolean {
  const keepMs = keepMsIn(state, room);
  if (keepMs === undefined) return false; // asked for each entry that comes
  const atMs = confirmedNowMs(state, nowMs);
  return atMs !== undefined && isOver(age, keepMs, atMs);
}

/** An entry as it is kept when it comes: what was over before it came is not brought back. */
export function asKept(turn: Turn, entry: Entry): Entry {
  // By its own time alone: it comes only now, and by that every helper could bring it back for as long again.
  const age = { timeMs: entry.timeMs, receivedAtMs: entry.timeMs };
  const isGone = !entry.isStripped && isSaid(entry) && isExpired(turn.state, turn.room(entry.room), age, turn.nowMs);
  return isGone ? reopenEntry(stripEntry(entry.bytes), entry.room) : entry;
}

/** When to look for what is over; `undefined`: in no room does anything end, or nobody confirms the clock. */
export function expiryAtMs(state: State, nowMs: number): number | undefined {
  // The cheaper question first: it is asked at every step.
  const isAny = [...state.rooms.values()].some((room) => keepMsIn(state, room) !== undefined);
  if (!isAny || confirmedNowMs(state, nowMs) === undefined) return undefined;
  return state.lookedMs === undefined ? nowMs : state.lookedMs + lookEveryMs;
}

export function lookForOver(turn: Turn): void {
  turn.state = { ...turn.state, lookedMs: turn.nowMs };
  for (const room of turn.state.rooms.keys()) lookIn(turn, room);
}

function lookIn(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const keepMs = keepMsIn(turn.state, room);
  const atMs = confirmedNowMs(turn.state, turn.nowMs);
  if (keepMs === undefined || atMs === undefined || room.feeds.size === 0) return;
  const reading: Reading = { for: 'expire', room: roomId, beforeMs: atMs - keepMs, nowMs: atMs, limit: portion };
  turn.effect({ type: 'read', reading });
}

/**
 * Texts that came back from disk because they are over. Judged once more, since the policy or a clock may have changed
 * meanwhile. What no relay has stays: it was never sent, and would go out as nothing.
 */
export function expire(turn: Turn, reading: Reading & { readonly for: 'expire' }, found: readonly Bytes[]): void {
  const room = turn.room(reading.room);
  const waiting = unsentIn(turn.state);
  let gone = 0;
  for (const bytes of found) {
    const entry = reopenEntry(bytes, reading.room);
    const age = { timeMs: entry.timeMs, receivedAtMs: reading.beforeMs };
    if (waiting.has(entry.id) || !isSaid(entry) || !isExpired(turn.state, room, age, turn.nowMs)) continue;
    if (isUnsentFile(turn.state, entry)) continue;
    if (readBody(entry.body)?.type === 'file') dropFileOf(turn, entry);
    turn.write({ type: 'expired', room: reading.room, entry: entry.id });
    gone += 1;
  }
  if (gone === 0) return;
  turn.roomChanged(reading.room);
  turn.homeChanged();
  if (found.length === reading.limit) lookIn(turn, reading.room);
}

/** Its bytes go with it, whether this device fetches them, offers them, or only has them. */
function dropFileOf(turn: Turn, { room, id }: Entry): void {
  const file = fileIn(turn.state, id);
  if (file !== undefined) endFetch(turn, { ...file, isOffered: false });
  dropBytes(turn, room, id);
}

/** An own file that no relay has all of may be nowhere else. */
function isUnsentFile(state: State, { id }: Entry): boolean {
  const file = fileIn(state, id);
  return file?.isOffered === true && ![...file.held.values()].includes(countAll(file));
}

function unsentIn({ outbox, rooms }: State): ReadonlySet<EntryId> {
  const posted = [...outbox.values()].flatMap(({ entry, held }) =>
    entry !== undefined && held.length === 0 ? [entry.id] : [],
  );
  const unsealed = [...rooms.values()].flatMap((room) => room.unsealed.map(({ id }) => id));
  return new Set([...posted, ...unsealed]);
}
