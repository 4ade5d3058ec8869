/**
 * Bringing a relay what it lacks: one that lost its disk, was put back, is new, or was away. Each device brings at once
 * what it posted itself and that relay did not acknowledge; so whoever is there brings theirs, once. Of the rest hundreds
 * may keep the same, and nobody is in charge: each looks, waits a random while, and looks again. If what was missing first
 * is missing still, nobody is at it, and a page of it is brought; otherwise somebody is, and it waits on. What others bring
 * shows up in the tail. It must never count as held what was not acknowledged, and never have more than one page under way.
 */
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import type { ShelfReading } from './event.ts';
import { oweAgain } from './file.ts';
import { forgetHolder, offer, offerAll } from './outbox.ts';
import { stale } from './reseal.ts';
import type { ShelfPage } from './row.ts';
import type { Refill, RelayState, State } from './state.ts';
import { type Turn, withKey } from './turn.ts';

/** Devices begin this far apart, so that what one brings shows up before the next begins. */
const apartMs = 1_000;
const maxSpreadMs = 60_000;
/** Between two pages of the one who is at it: in it, of two who began together, one hears the other. */
const breathMs = 400;
/** A topic that a relay does not let us read must not keep the others from being looked after. */
const latestMs = 60_000;
/** After a page, before a relay that says it lost everything once more is brought anything again. */
const restMs = 600_000;

/** Long enough that nearly always one device of all begins, and the others hear it. */
const spreadMs = ({ list }: State): number => Math.min(maxSpreadMs, apartMs * list.devices.size);

/** The link is up: it is looked as soon as the relay has told all it has. `isLost`: nothing is known to be there. */
export function refillOf({ nowMs }: Turn, { after, broughtAtMs, restUntilMs }: Refill, isLost: boolean): Refill {
  const rest = isLost && broughtAtMs !== undefined ? broughtAtMs + restMs : restUntilMs;
  return {
    after: isLost ? 0 : after,
    ownAfter: 0,
    atMs: nowMs + latestMs,
    ...(broughtAtMs === undefined ? {} : { broughtAtMs }),
    ...(rest === undefined ? {} : { restUntilMs: rest }),
  };
}

/** The relay has told all it has of a topic. When that is so of all, it can be seen what it lacks. */
export function noteTold(turn: Turn, relayId: RelayId): void {
  const { refill, live, ...relay } = turn.relay(relayId);
  if (refill.atMs === undefined || refill.next !== undefined) return;
  const isAllTold = [turn.state.inbox, ...turn.state.topics.keys()].every((topic) => live.has(topic));
  const atMs = Math.max(turn.nowMs, relay.retryAtMs ?? 0);
  if (isAllTold) turn.setRelay({ ...relay, live, refill: { ...refill, atMs } });
}

/** There is more on the shelf than before, or less at the relay: it is looked again from the beginning. */
export function lookAgain(turn: Turn, relayId: RelayId): void {
  const { refill, ...relay } = turn.relay(relayId);
  const { next: _, ref: __, ...rest } = refill;
  turn.setRelay({ ...relay, refill: { ...rest, after: 0, ownAfter: 0, atMs: turn.nowMs } });
}

/** When to look what a relay lacks; `undefined`: not as things are. */
export const lookAtMs = ({ atMs, restUntilMs = 0 }: Refill): number | undefined =>
  atMs === undefined ? undefined : Math.max(atMs, restUntilMs);

/** Looks what the relay lacks. */
export function look(turn: Turn, relayId: RelayId): void {
  const { refill, ...relay } = turn.relay(relayId);
  const { atMs: _, restUntilMs: __, ...rest } = refill;
  const ref = turn.state.nextRef;
  turn.state = { ...turn.state, nextRef: ref + 1 };
  turn.setRelay({ ...relay, refill: { ...rest, ref } });
  turn.effect({
    type: 'read-shelf',
    reading: { relay: relayId, after: rest.ownAfter ?? rest.after, isOwn: rest.ownAfter !== undefined, ref },
  });
}

/** What the relay lacks came back from disk. */
export function looked(turn: Turn, reading: ShelfReading, { envelopes, after, next }: ShelfPage): void {
  const relay = turn.state.relays.get(reading.relay);
  // Asked for before the link came up anew, or before there was more to look for.
  if (relay === undefined || !relay.up || relay.refill.ref !== reading.ref) return;
  const { ref: _, ...rest } = relay.refill;
  if (reading.isOwn) lookedForOwn(turn, { ...relay, refill: { ...rest, ownAfter: after } }, envelopes);
  else lookedForRest(turn, { ...relay, refill: { ...rest, after } }, envelopes, next);
}

function lookedForOwn(turn: Turn, relay: RelayState, envelopes: ShelfPage['envelopes']): void {
  if (envelopes.length > 0) {
    bringPage(turn, relay, envelopes);
    return;
  }
  const { ownAfter: _, ...refill } = relay.refill;
  turn.setRelay({ ...relay, refill: { ...refill, atMs: turn.nowMs } });
}

function lookedForRest(
  turn: Turn,
  relay: RelayState,
  envelopes: ShelfPage['envelopes'],
  following: EnvelopeId | undefined,
): void {
  const { next, ...refill } = relay.refill;
  const [first] = envelopes;
  if (first === undefined) turn.setRelay({ ...relay, refill });
  else if (first.id !== next) {
    const atMs = turn.nowMs + breathMs + turn.chance(spreadMs(turn.state));
    turn.setRelay({ ...relay, refill: { ...refill, atMs, next: first.id } });
  } else {
    const after = following === undefined ? refill : { ...refill, next: following };
    bringPage(turn, { ...relay, refill: after }, envelopes);
  }
}

function bringPage(turn: Turn, relay: RelayState, envelopes: ShelfPage['envelopes']): void {
  const refill = { ...relay.refill, broughtAtMs: turn.nowMs, ref: turn.state.nextRef };
  offer(turn, { ...relay, refill }, envelopes);
}

/** An append was answered. If it was a page of ours the next comes after a breath, or after the relay would have us wait. */
export function noteAnswered(turn: Turn, relayId: RelayId, ref: number): void {
  const { refill, ...relay } = turn.relay(relayId);
  if (refill.ref !== ref) return;
  const { ref: _, ...rest } = refill;
  const fromMs = Math.max(turn.nowMs, relay.retryAtMs ?? 0);
  turn.setRelay({ ...relay, refill: { ...rest, atMs: fromMs + turn.chance(breathMs) } });
}

/**
 * The relay says that it has told all it has of a topic, and told us more before: it was put back and does not say so by
 * another store id, or a crash took what it delivered before that was on its disk. What it has no longer it is owed again,
 * and our place is where it is.
 */
export function noteRollback(turn: Turn, relayId: RelayId, topic: TopicId, upTo: number): void {
  const relay = turn.relay(relayId);
  if (upTo >= (relay.cursors.get(topic) ?? 0)) return;
  turn.write({ type: 'cursor', relay: relayId, topic, offset: upTo });
  turn.write({ type: 'rolled-back', relay: relayId, topic, upTo });
  turn.setRelay({
    ...relay,
    cursors: withKey(relay.cursors, topic, upTo),
    refill: refillOf(turn, relay.refill, true),
  });
  forgetHolder(turn, relayId, topic);
  oweAgain(turn, relayId);
  offerAll(turn, relayId, stale(turn));
}
