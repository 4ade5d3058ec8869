/**
 * Whether this device may be an older copy of itself: put back from a backup, or copied. Until the relays have told what
 * they have, nothing that it wrote is offered to anybody, so that an older copy finds out before it contradicts what it
 * wrote already. Bounded: who withholds an answer holds it up for a while, not for ever.
 */
import type { RoomId } from '../core/id.ts';
import { isDrained } from './key.ts';
import { offerAll } from './outbox.ts';
import type { RoomState, State } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** For relays that are connected and do not tell all they have. */
const patienceMs = 10_000;
/** Where every relay lost its disk, the others may know what this device wrote. */
const membersMs = 3_000;
/** For the proof of a claim that there is more of the own feed than is here. */
const proofMs = 20_000;

/** When what this device wrote in a room may be offered; `undefined`: it is already, or no relay is there. */
export function currentAtMs(state: State, room: RoomState): number | undefined {
  if (room.isCurrent || state.retiredAtMs !== undefined) return undefined;
  const up = [...state.relays.values()].filter((relay) => relay.up);
  if (up.length === 0) return undefined;
  const sinceMs = Math.min(...up.map((relay) => relay.sinceMs));
  const isForgotten = room.feeds.has(state.self.device) && up.every((relay) => relay.isNew === true);
  const waitMs = !isDrained(state, room.info.topic) ? patienceMs : isForgotten ? membersMs : 0;
  return Math.max(sinceMs + waitMs, room.doubt === undefined ? 0 : room.doubt.sinceMs + proofMs);
}

/** Offers what this device wrote in a room. */
export function becomeCurrent(turn: Turn, roomId: RoomId): void {
  turn.setRoom({ ...withoutDoubt(turn.room(roomId)), isCurrent: true });
  for (const relay of turn.state.relays.values()) offerAll(turn, relay.id);
}

/**
 * The feeds of a room as this device speaks of them and gives of them: of its own without what no relay has, as long as
 * that may contradict what it wrote already, and for good if it does.
 */
export function feedsToTell(state: State, room: RoomState): RoomState['feeds'] {
  const { device } = state.self;
  const own = room.feeds.get(device);
  if (own === undefined || (room.isCurrent && state.retiredAtMs === undefined)) return room.feeds;
  const kept = [...state.outbox.values()].filter(
    ({ entry, held }) => entry?.room === room.info.id && held.length === 0,
  );
  const count = own.count - kept.length - room.unsealed.length;
  if (count === own.count) return room.feeds;
  return count > own.from ? withKey(room.feeds, device, { ...own, count }) : withoutKey(room.feeds, device);
}

/** Something has to be looked up, or was claimed, that would show that there is more of the own feed than is here. */
export function doubt(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const { sinceMs = turn.nowMs, pending = 0 } = room.doubt ?? {};
  turn.setRoom({ ...room, doubt: { sinceMs, pending: pending + 1 } });
}

/** It was looked up, and is nothing new. */
export function settleDoubt(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  if (room.doubt === undefined) return;
  const pending = room.doubt.pending - 1;
  turn.setRoom(pending > 0 ? { ...room, doubt: { ...room.doubt, pending } } : withoutDoubt(room));
}

function withoutDoubt({ doubt: _, ...room }: RoomState): RoomState {
  return room;
}
