/**
 * The shelf: envelopes as they went over the wire, kept on this device so that a relay that lost its disk can be refilled,
 * and so that somebody can carry them by hand. One store for what is owed to relays (outbox.ts) and for what is merely
 * kept. It is never held in memory, and nothing is owed here that it drops.
 */
import type { EntryId } from '../core/id.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import { confirmedNowMs } from './clock.ts';
import type { RoomState, State } from './state.ts';
import type { Turn } from './turn.ts';

/** What is kept. Oldest first goes what is beyond it, never what is still owed to a relay. */
export const shelfBound = {
  /**
   * The longest sleep a device is to wake from as if nothing had been. Half of what relays keep theirs for: what they
   * swept out for its age must not be brought back to them.
   */
  ageMs: 90 * 24 * 3_600_000,
  /** A hundred thousand short messages: a few minutes of a slow line for whoever refills, and no burden on a laptop's disk. */
  bytes: 64 * 1024 * 1024,
} as const;

/** How often that is seen to: so it is also the longest that a device which runs rests between two steps. */
export const restMs = 3_600_000;

/** Keeps an envelope of a room that opened here and whose entry has its place. */
export function shelve(turn: Turn, topic: TopicId, id: EnvelopeId, bytes: Bytes, entry: EntryId): void {
  const room = turn.state.topics.get(topic);
  if (room === undefined) return;
  turn.write({ type: 'shelve', id, topic, bytes, entry: { room, id: entry }, atMs: turn.nowMs });
}

/** A relay brought an envelope: it need not be brought there. That is no word on its disk (docs/protocol.md section 3). */
export function noteBrought(turn: Turn, relay: RelayId, id: EnvelopeId, offset: number): void {
  turn.write({ type: 'at', id, relay, offset, isHeld: false });
}

/** When what is kept is next held against its bounds. */
export const sweepAtMs = ({ sweptAtMs }: State): number => sweptAtMs + restMs;

/** Age is told by a clock that relays confirm: one that jumped a year ahead must not empty the shelf. */
export function sweepShelf(turn: Turn): void {
  const beforeMs = (confirmedNowMs(turn.state, turn.nowMs) ?? 0) - shelfBound.ageMs;
  turn.state = { ...turn.state, sweptAtMs: turn.nowMs };
  turn.write({ type: 'shelf-bound', beforeMs: Math.max(0, beforeMs), bytes: shelfBound.bytes });
}

/** Tags of epochs that were erased here, remembered a little longer than what was sealed in them is kept. */
const maxErased = 4096;

/**
 * Remembers that an epoch was erased for its age: what a refill brings back of it opens for nobody, and must neither wait
 * for a grant that no one can give nor be brought to life by an old one that a relay replays.
 */
export function withErased(room: RoomState, tag: string): RoomState {
  const erased = new Set(room.erased).add(tag);
  for (const oldest of erased) {
    if (erased.size <= maxErased) break;
    erased.delete(oldest);
  }
  return { ...room, erased };
}
