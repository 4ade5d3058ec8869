/**
 * Publishing: one way, for everything. A parcel is on this device's shelf before it is offered to any relay, is
 * offered to every relay, and is owed until every relay of the list has it on disk.
 */
import type { EntryId } from '../core/id.ts';
import { idOfEnvelope } from '../core/verify.ts';
import type { ClientFrame, RelayFrame } from '../wire/frame.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import { limit } from '../wire/limit.ts';
import { batchesOf } from './batch.ts';
import { confirmedNowMs } from './clock.ts';
import type { Parcel } from './row.ts';
import { remember, spotOf } from './seen.ts';
import type { RelayState, State } from './state.ts';
import type { Turn } from './turn.ts';

type FrameOf<T extends RelayFrame['type']> = Extract<RelayFrame, { readonly type: T }>;

/** Envelopes in one append: of bytes half a frame, so that one large parcel more still fits. */
export const appendBound = { items: limit.itemsPerAppend, bytes: limit.frameBytes / 2 };
/** Before offering again what a relay turned down without saying when. */
const retryMs = 5_000;
/** Never sooner than this, whatever a relay says: one that always says "now" would keep us busy for nothing. */
const leastRetryMs = 250;
/** For refusals that more time will hardly change. */
const slowRetryMs = 60_000;

export function post(turn: Turn, facts: Pick<Parcel, 'topic' | 'bytes' | 'entry' | 'isKept'>): void {
  const parcel: Parcel = { ...facts, id: idOfEnvelope(facts.bytes), held: [] };
  turn.write({ type: 'parcel', parcel, atMs: turn.nowMs });
  turn.state = { ...turn.state, outbox: turn.put(turn.state.outbox, parcel.id, parcel) };
  remember(turn, spotOf(parcel.topic, parcel.id));
  turn.posted.push(parcel);
  turn.homeChanged();
}

/** Offers what this step posted to every relay that is up. */
export function flush(turn: Turn): void {
  if (turn.posted.length === 0) return;
  const parcels = turn.posted.filter((parcel) => mayOffer(turn.state, parcel));
  for (const relay of turn.state.relays.values()) if (relay.up) offer(turn, relay, parcels);
  turn.posted.length = 0;
}

/** Offers a relay everything it does not have and is not being sent, but these. */
export function offerAll(turn: Turn, relayId: RelayId, but: readonly Parcel[] = []): void {
  const relay = turn.relay(relayId);
  if (!relay.up) return;
  const underWay = new Set([...relay.inFlight.values()].flat());
  const missing = [...turn.state.outbox.values()].filter(
    (parcel) =>
      mayOffer(turn.state, parcel) &&
      !parcel.held.includes(relayId) &&
      !underWay.has(parcel.id) &&
      !but.includes(parcel),
  );
  offer(turn, relay, missing);
}

/** Entries only where this device is not an older copy of itself (current.ts), and none of one that is. */
function mayOffer({ rooms, retiredAtMs }: State, { entry, held }: Parcel): boolean {
  if (entry === undefined || held.length > 0) return true;
  return retiredAtMs === undefined && rooms.get(entry.room)?.isCurrent !== false;
}

/** Sends these in as few appends as they fit in: none of them, or as many as the bound needs. */
export function offer(turn: Turn, relay: RelayState, parcels: readonly Pick<Parcel, 'id' | 'topic' | 'bytes'>[]): void {
  const inFlight = new Map(relay.inFlight);
  for (const batch of batchesOf(parcels, (parcel) => parcel.bytes.length, appendBound)) {
    const ref = turn.state.nextRef;
    turn.state = { ...turn.state, nextRef: ref + 1 };
    inFlight.set(
      ref,
      batch.map((parcel) => parcel.id),
    );
    const frame: ClientFrame = {
      type: 'append',
      ref,
      items: batch.map((parcel) => [parcel.topic, parcel.bytes] as const),
    };
    turn.effect({ type: 'send', relay: relay.id, frame });
  }
  turn.setRelay({ ...relay, inFlight });
}

/** The relay has the envelopes of append `ref` on disk. */
export function appended(turn: Turn, relayId: RelayId, { ref, receipts }: FrameOf<'appended'>): void {
  const relay = turn.relay(relayId);
  const ids = relay.inFlight.get(ref);
  if (ids === undefined) return; // an answer to a question of an earlier connection
  turn.setRelay({ ...relay, inFlight: turn.drop(relay.inFlight, ref) });
  for (const [i, id] of ids.entries()) hold(turn, relayId, id, receipts[i]?.[0] ?? 0);
  turn.homeChanged();
}

/** Takes back a parcel that no relay has: what is in it is to be sealed anew. */
export function withdraw(turn: Turn, parcel: Parcel): void {
  turn.write({ type: 'parcel-done', id: parcel.id, isKept: false });
  turn.state = { ...turn.state, outbox: turn.drop(turn.state.outbox, parcel.id) };
}

/** A relay has an entry of ours on disk: if it told of a prekey, the one before can be given up in a while. */
function notePublished(turn: Turn, entry: EntryId): void {
  turn.state = {
    ...turn.state,
    prekeys: turn.state.prekeys.map((each) => {
      if (each.entry !== entry || each.publishedAtMs !== undefined) return each;
      const publishedAtMs = confirmedNowMs(turn.state, turn.nowMs) ?? turn.nowMs;
      const prekey = { ...each, publishedAtMs };
      turn.write({ type: 'own-prekey', prekey });
      return prekey;
    }),
  };
}

/** Notes that a relay acknowledged an envelope. That it sent it back is no such thing: that may come before its disk. */
function hold(turn: Turn, relayId: RelayId, id: EnvelopeId, offset: number): void {
  turn.write({ type: 'at', id, relay: relayId, offset, isHeld: true });
  const parcel = turn.state.outbox.get(id);
  if (parcel === undefined || parcel.held.includes(relayId)) return;
  const held = [...parcel.held, relayId];
  if (parcel.entry !== undefined) {
    turn.roomChanged(parcel.entry.room);
    notePublished(turn, parcel.entry.id);
  }
  if (isEverywhere(held, turn.state.relays.keys())) {
    turn.write({ type: 'parcel-done', id, isKept: parcel.isKept });
    turn.state = { ...turn.state, outbox: turn.drop(turn.state.outbox, id) };
  } else turn.state = { ...turn.state, outbox: turn.put(turn.state.outbox, id, { ...parcel, held }) };
}

/** Every relay of the list has it: nobody is owed it any more. */
export const isEverywhere = (held: readonly RelayId[], relays: Iterable<RelayId>): boolean =>
  [...relays].every((each) => held.includes(each));

/** The relay did not take append `ref`. Nothing is lost: it is offered again later. */
export function turnedDown(
  turn: Turn,
  relayId: RelayId,
  ref: number,
  code: string,
  retryAfterMs: number | undefined,
): void {
  const relay = turn.relay(relayId);
  if (!relay.inFlight.has(ref)) return; // an answer to a question of an earlier connection, or to none
  const retryAtMs = turn.nowMs + waitAfter(code, retryAfterMs);
  turn.setRelay({ ...relay, inFlight: turn.drop(relay.inFlight, ref), retryAtMs });
}

export function waitAfter(code: string, retryAfterMs: number | undefined): number {
  const wait = retryAfterMs ?? (code === 'too-large' || code === 'malformed' ? slowRetryMs : retryMs);
  return Math.max(leastRetryMs, wait);
}

/** The relay lost what it acknowledged, all of it or of one topic: what is owed to others still is owed to it again. */
export function forgetHolder(turn: Turn, relayId: RelayId, topic?: TopicId): void {
  for (const parcel of turn.state.outbox.values()) {
    if (!parcel.held.includes(relayId) || (topic !== undefined && parcel.topic !== topic)) continue;
    const updated = { ...parcel, held: parcel.held.filter((each) => each !== relayId) };
    turn.state = { ...turn.state, outbox: turn.put(turn.state.outbox, parcel.id, updated) };
    if (parcel.entry !== undefined) turn.roomChanged(parcel.entry.room);
  }
}
