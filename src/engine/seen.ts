/** Envelopes seen lately, so that the second and third relay's copies cost one hash. */
import type { EntryId } from '../core/id.ts';
import type { EnvelopeId, TopicId } from '../wire/id.ts';
import type { Spot } from './state.ts';
import type { Turn } from './turn.ts';

/** Three relays' worth of a busy minute. What falls out is recognised again by its place in the feed. */
const maxSeen = 4096;

export const spotOf = (topic: TopicId, id: EnvelopeId): Spot => `${topic} ${id}`;

export function remember(turn: Turn, spot: Spot, entry: EntryId | undefined): void {
  const seen = new Map(turn.state.seen).set(spot, entry);
  if (seen.size > maxSeen) {
    let surplus = seen.size - maxSeen / 2;
    for (const oldest of seen.keys()) {
      if (surplus-- <= 0) break;
      seen.delete(oldest);
    }
  }
  turn.state = { ...turn.state, seen };
}
