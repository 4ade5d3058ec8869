/**
 * The life of this device's keys: prekeys are replaced and their seeds erased, buckets and epochs are forgotten. Nothing
 * is erased before what was sealed for it can have been read: every relay that is up has told all it holds. And nothing is
 * erased by this device's clock alone (clock.ts).
 */
import { bucketMs, type Epoch, forgetBefore } from '../core/epoch.ts';
import { type Horizon, horizon, maxUsesOfPrekey, prekeyLifeMs } from '../core/horizon.ts';
import type { RoomId } from '../core/id.ts';
import { makePrekey } from '../core/prekey.ts';
import type { TopicId } from '../wire/id.ts';
import { confirmedNowMs, lagMs } from './clock.ts';
import { dropEpoch, writeEpoch } from './epoch.ts';
import { author, mayWrite } from './feed.ts';
import { clockSlackMs, horizonOf } from './room.ts';
import type { HeldPrekey } from './row.ts';
import type { RoomState, State } from './state.ts';
import { type Turn, withKey } from './turn.ts';

/** At the hour of a drill a prekey is replaced that is older than this: what ages is exercised. */
const drillPrekeyMs = 3_600_000;

/** All that the relays that can be reached hold of this topic has been read. */
export function isDrained(state: State, topic: TopicId): boolean {
  let isAnyUp = false;
  for (const relay of state.relays.values()) {
    if (!relay.up) continue;
    if (!relay.live.has(topic)) return false;
    isAnyUp = true;
  }
  return isAnyUp;
}

/** Prekeys serve all rooms: the strictest of them decides. */
function prekeyHorizon(state: State): Horizon {
  const isHigh = [...state.rooms.values()].some((room) => room.membership.policy.horizon === 'high');
  return isHigh ? horizon.high : horizon.default;
}

/** Everyone's room. */
export const orgRoomOf = (state: State): RoomState | undefined =>
  [...state.rooms.values()].find((room) => room.info.kind === 'org');

/** When the prekey is to be replaced; `undefined`: this device cannot, or the new one could reach nobody now. */
export function rotationAtMs(state: State, nowMs: number): number | undefined {
  const room = orgRoomOf(state);
  const newest = state.prekeys.at(-1);
  if (room === undefined || newest === undefined || !mayWrite(state, room)) return undefined;
  if (!isDrained(state, room.info.topic) || !isDrained(state, state.inbox)) return undefined;
  // One that a clock made which was ahead would otherwise serve for as much longer.
  const isFromLater = newest.createdAtMs > nowMs + clockSlackMs;
  return newest.opened >= maxUsesOfPrekey || isFromLater ? 0 : newest.createdAtMs + prekeyHorizon(state).prekeyMs;
}

/** Makes the next prekey and tells it to everyone. The one before is kept until this one has been published a while. */
export function rotatePrekey(turn: Turn): void {
  const { self, prekeys } = turn.state;
  const room = orgRoomOf(turn.state);
  const newest = prekeys.at(-1);
  if (room === undefined || newest === undefined || !mayWrite(turn.state, room)) return;
  const chain = { seq: newest.seq + 1, previous: newest.id };
  const made = makePrekey(self.keys.sign, self.device, chain, { nowMs: turn.nowMs, forMs: prekeyLifeMs }, turn.random);
  const entry = author(turn, room.info.id, { type: 'prekey', record: made.record });
  putPrekey(turn, { ...made, entry: entry.id, opened: 0 });
}

/** In a drill, the prekey as well. */
export function rotateInDrill(turn: Turn): void {
  const newest = turn.state.prekeys.at(-1);
  if (newest !== undefined && turn.nowMs - newest.createdAtMs >= drillPrekeyMs) rotatePrekey(turn);
}

function putPrekey(turn: Turn, prekey: HeldPrekey): void {
  const others = turn.state.prekeys.filter((each) => each.id !== prekey.id);
  const prekeys = [...others, prekey].sort((a, b) => a.seq - b.seq);
  turn.state = { ...turn.state, prekeys };
  turn.write({ type: 'own-prekey', prekey });
}

/** Own prekeys that are to be erased, and when. Never the newest, however old. */
export function erasuresOf(state: State): readonly { readonly prekey: HeldPrekey; readonly atMs: number }[] {
  const { prekeyGraceMs } = prekeyHorizon(state);
  const lag = lagMs(state);
  if (state.prekeys.length < 2 || lag === undefined || !isDrained(state, state.inbox)) return [];
  return state.prekeys.slice(0, -1).flatMap((prekey, i) => {
    const published = state.prekeys.slice(i + 1).flatMap((later) => later.publishedAtMs ?? []);
    return published.length === 0 ? [] : [{ prekey, atMs: Math.min(...published) + prekeyGraceMs + lag }];
  });
}

/** What was sealed to it can be opened by nobody any more, this device included. */
export function erasePrekey(turn: Turn, { id, seed }: HeldPrekey): void {
  const gone = [...turn.state.pairs].filter(([, pair]) => pair.prekey === id);
  turn.forget(seed, ...gone.map(([, pair]) => pair.secret));
  turn.write({ type: 'own-prekey-gone', id });
  turn.state = {
    ...turn.state,
    prekeys: turn.state.prekeys.filter((each) => each.id !== id),
    pairs: new Map([...turn.state.pairs].filter(([, pair]) => pair.prekey !== id)),
  };
}

/**
 * When by this device's clock the first bucket that an epoch still opens is to be forgotten; `undefined`: not while a relay
 * may hold more of it, or none confirms the time.
 */
export function forgettingAtMs(state: State, room: RoomState, epoch: Epoch): number | undefined {
  const { bucketStep, bucketGraceMs } = horizonOf(room);
  const lag = lagMs(state);
  if (lag === undefined || !isDrained(state, room.info.topic)) return undefined;
  const endMs = epoch.openedAtMs + (epoch.bucket + bucketStep) * bucketMs + bucketGraceMs;
  return Math.min(endOfEpochMs(room, epoch), endMs) + lag;
}

/** Nobody sends in it any more, and what was sent has had time to come. */
const endOfEpochMs = (room: RoomState, { openedAtMs }: Epoch): number =>
  openedAtMs + horizonOf(room).epochMs + horizonOf(room).bucketGraceMs + bucketMs;

/** Forgets the buckets of an epoch whose time is over, or all of it. */
export function forgetBuckets(turn: Turn, roomId: RoomId, tag: string): void {
  const room = turn.room(roomId);
  const epoch = room.epochs.get(tag);
  const nowMs = confirmedNowMs(turn.state, turn.nowMs);
  if (epoch === undefined || nowMs === undefined) return;
  if (nowMs >= endOfEpochMs(room, epoch)) {
    dropEpoch(turn, epoch, true);
    return;
  }
  const bucket = Math.floor((nowMs - epoch.openedAtMs - horizonOf(room).bucketGraceMs) / bucketMs);
  if (bucket <= epoch.bucket) return;
  const later = forgetBefore(epoch, bucket);
  turn.forget(epoch.secret);
  turn.setRoom({ ...room, epochs: withKey(room.epochs, tag, later) });
  writeEpoch(turn, later);
}
