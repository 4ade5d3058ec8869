/**
 * Envelopes seen lately, so that the second and third relay's copies cost one hash. They are kept in portions, the
 * newest last: a step that sees one more copies the newest portion and never all of them.
 */
import type { EnvelopeId, TopicId } from '../wire/id.ts';
import type { Seen, Spot } from './state.ts';
import type { Turn } from './turn.ts';

const portion = 256;
/**
 * In all more than a device misses in months: where one relay is behind another by more than this, each copy is opened and
 * checked once more before it is recognised by its place in the feed.
 */
const maxPortions = 64;
const none: ReadonlySet<Spot> = new Set();

export const spotOf = (topic: TopicId, id: EnvelopeId): Spot => `${topic} ${id}`;

export const hasSeen = (seen: Seen, spot: Spot): boolean => seen.some((each) => each.has(spot));

export function remember(turn: Turn, spot: Spot): void {
  const { seen } = turn.state;
  const last = seen.at(-1);
  const isFull = last === undefined || (last.size >= portion && !last.has(spot));
  const before = isFull ? seen.slice(1 - maxPortions) : seen.slice(0, -1);
  turn.state = { ...turn.state, seen: [...before, turn.include(isFull ? none : last, spot)] };
}
