/**
 * Envelopes seen lately, so that the second and third relay's copies cost one hash. They are kept in portions, the
 * newest last: one more copies the newest portion and never all of them, however many come in one step.
 */
import type { EntryId } from '../core/id.ts';
import type { EnvelopeId, TopicId } from '../wire/id.ts';
import type { Seen, Spot } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

const portion = 128;
/** In all three relays' worth of a busy minute. What falls out is recognised again by its place in the feed. */
const maxPortions = 32;

export const spotOf = (topic: TopicId, id: EnvelopeId): Spot => `${topic} ${id}`;

export const hasSeen = (seen: Seen, spot: Spot): boolean => seen.some((each) => each.has(spot));

export function remember(turn: Turn, spot: Spot, entry: EntryId | undefined): void {
  const { seen } = turn.state;
  const last = seen.at(-1);
  const isRoom = last !== undefined && (last.size < portion || last.has(spot));
  const next = isRoom
    ? [...seen.slice(0, -1), withKey(last, spot, entry)]
    : [...seen.slice(1 - maxPortions), new Map([[spot, entry]])];
  turn.state = { ...turn.state, seen: next };
}

/** It has to be taken if it comes again. */
export function unsee(turn: Turn, spot: Spot): void {
  turn.state = { ...turn.state, seen: turn.state.seen.map((each) => withoutKey(each, spot)) };
}
