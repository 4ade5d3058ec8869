/**
 * Publishing: one way, for everything. A parcel is on this device's disk before it is offered to any relay, is
 * offered to every relay, and is forgotten only when every relay of the list has it on disk.
 */
import type { EntryId } from '../core/id.ts';
import { idOfEnvelope } from '../core/verify.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { ClientFrame } from '../wire/frame.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import { limit } from '../wire/limit.ts';
import { batchesOf } from './batch.ts';
import type { Parcel } from './row.ts';
import { remember, spotOf } from './seen.ts';
import type { RelayState, State } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** Envelopes in one append: of bytes half a frame, so that one large parcel more still fits. */
const appendBound = { items: limit.itemsPerAppend, bytes: limit.frameBytes / 2 };
/** Before offering again what a relay turned down without saying when. */
const retryMs = 5_000;
/** Never sooner than this, whatever a relay says: one that always says "now" would keep us busy for nothing. */
const leastRetryMs = 250;
/** For refusals that more time will hardly change. */
const slowRetryMs = 60_000;

export function post(turn: Turn, topic: TopicId, bytes: Bytes, entry?: NonNullable<Parcel['entry']>): void {
  const parcel: Parcel = { id: idOfEnvelope(bytes), topic, bytes, held: [], ...(entry === undefined ? {} : { entry }) };
  turn.write({ type: 'parcel', parcel });
  turn.state = { ...turn.state, outbox: withKey(turn.state.outbox, parcel.id, parcel) };
  remember(turn, spotOf(topic, parcel.id), entry?.id);
  turn.posted.push(parcel);
  turn.homeChanged();
}

/** Offers what this step posted to every relay that is up. */
export function flush(turn: Turn): void {
  if (turn.posted.length === 0) return;
  for (const relay of turn.state.relays.values()) if (relay.up) offer(turn, relay, turn.posted);
  turn.posted.length = 0;
}

/** Offers a relay everything it does not have and is not being sent, but these. */
export function offerAll(turn: Turn, relayId: RelayId, but: readonly Parcel[] = []): void {
  const relay = turn.relay(relayId);
  if (!relay.up) return;
  const underWay = new Set([...relay.inFlight.values()].flat());
  const missing = [...turn.state.outbox.values()].filter(
    (parcel) => !parcel.held.includes(relayId) && !underWay.has(parcel.id) && !but.includes(parcel),
  );
  offer(turn, relay, missing);
}

/** Entries only where this device is not an older copy of itself (current.ts), and none of one that is. */
function mayOffer({ rooms, retiredAtMs }: State, { entry, held }: Parcel): boolean {
  if (entry === undefined || held.length > 0) return true;
  return retiredAtMs === undefined && rooms.get(entry.room)?.isCurrent !== false;
}

function offer(turn: Turn, relay: RelayState, all: readonly Parcel[]): void {
  const inFlight = new Map(relay.inFlight);
  const parcels = all.filter((parcel) => mayOffer(turn.state, parcel));
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
export function appended(turn: Turn, relayId: RelayId, ref: number): void {
  const relay = turn.relay(relayId);
  const ids = relay.inFlight.get(ref);
  if (ids === undefined) return; // an answer to a question of an earlier connection
  turn.setRelay({ ...relay, inFlight: withoutKey(relay.inFlight, ref) });
  for (const id of ids) hold(turn, relayId, id);
  turn.homeChanged();
}

/** Takes back a parcel that no relay has: what is in it is to be sealed anew. */
export function withdraw(turn: Turn, parcel: Parcel): void {
  turn.write({ type: 'parcel-done', id: parcel.id });
  turn.state = { ...turn.state, outbox: withoutKey(turn.state.outbox, parcel.id) };
}

/** A relay has an entry of ours on disk: if it told of a prekey, the one before can be given up in a while. */
function notePublished(turn: Turn, entry: EntryId): void {
  turn.state = {
    ...turn.state,
    prekeys: turn.state.prekeys.map((each) => {
      if (each.entry !== entry || each.publishedAtMs !== undefined) return each;
      const prekey = { ...each, publishedAtMs: turn.nowMs };
      turn.write({ type: 'own-prekey', prekey });
      return prekey;
    }),
  };
}

/** Notes that a relay acknowledged an own parcel. That it sent it back is no such thing: that may come before its disk. */
function hold(turn: Turn, relayId: RelayId, id: EnvelopeId): void {
  const parcel = turn.state.outbox.get(id);
  if (parcel === undefined || parcel.held.includes(relayId)) return;
  const held = [...parcel.held, relayId];
  if (parcel.entry !== undefined) {
    turn.write({ type: 'held', room: parcel.entry.room, entry: parcel.entry.id, relay: relayId });
    turn.roomChanged(parcel.entry.room);
    notePublished(turn, parcel.entry.id);
  }
  const everywhere = [...turn.state.relays.keys()].every((each) => held.includes(each));
  if (everywhere) {
    turn.write({ type: 'parcel-done', id });
    turn.state = { ...turn.state, outbox: withoutKey(turn.state.outbox, id) };
    return;
  }
  const updated = { ...parcel, held };
  turn.write({ type: 'parcel', parcel: updated });
  turn.state = { ...turn.state, outbox: withKey(turn.state.outbox, id, updated) };
}

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
  turn.setRelay({
    ...relay,
    inFlight: withoutKey(relay.inFlight, ref),
    retryAtMs: turn.nowMs + waitAfter(code, retryAfterMs),
  });
}

export function waitAfter(code: string, retryAfterMs: number | undefined): number {
  const wait = retryAfterMs ?? (code === 'too-large' || code === 'malformed' ? slowRetryMs : retryMs);
  return Math.max(leastRetryMs, wait);
}

/** The relay lost its disk: what it acknowledged it has no longer, so it is owed again. */
export function forgetHolder(turn: Turn, relayId: RelayId): void {
  for (const parcel of turn.state.outbox.values()) {
    if (!parcel.held.includes(relayId)) continue;
    const updated = { ...parcel, held: parcel.held.filter((each) => each !== relayId) };
    turn.write({ type: 'parcel', parcel: updated });
    turn.state = { ...turn.state, outbox: withKey(turn.state.outbox, parcel.id, updated) };
    if (parcel.entry !== undefined) turn.roomChanged(parcel.entry.room);
  }
}
