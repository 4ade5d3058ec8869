/**
 * Receiving. Everything that comes is hostile until it has proved itself: header, epoch, commitment, cipher,
 * padding, canonical form, author, signature, place in the feed, in this order. What cannot be used yet is parked
 * on disk, bounded; what is wrong is dropped with a code and costs the sender nothing to know.
 */
import { type Entry, readEntry } from '../core/entry.ts';
import { openEnvelope, readHave, readHeader } from '../core/envelope.ts';
import { isBucketTooFar, readableFromMs } from '../core/epoch.ts';
import { type DeviceId, deviceId, type EntryId, type RoomId } from '../core/id.ts';
import { openPacket } from '../core/packet.ts';
import { rosterOf } from '../core/room.ts';
import { idOfEnvelope } from '../core/verify.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import { takeGrant } from './epoch.ts';
import { addToFeed } from './feed.ts';
import { scheduleSay } from './have.ts';
import { remember, spotOf } from './seen.ts';
import type { Parked, RoomState, Until } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** Envelopes that wait for a key or a predecessor. What comes beyond is left at the relay and asked for again. */
const maxParked = 4096;
/** Before asking again: each time the relay sends all since then, so a flood must not make us ask all the time. */
const askAgainMs = 30_000;

type Item = readonly [offset: number, receivedAtMs: number, envelope: Bytes];

export function deliver(turn: Turn, relayId: RelayId, topic: TopicId, items: readonly Item[]): void {
  if (!follows(turn, topic)) return; // nothing we asked for
  let cursor = turn.relay(relayId).cursors.get(topic) ?? 0;
  let isBehind = turn.relay(relayId).behind.has(topic);
  for (const [offset, , envelope] of items) {
    const id = idOfEnvelope(envelope);
    if (!turn.state.seen.has(spotOf(topic, id)) && !take(turn, relayId, topic, id, envelope)) isBehind = true;
    noteHolder(turn, relayId, topic, id);
    if (!isBehind) cursor = Math.max(cursor, offset);
  }
  const relay = turn.relay(relayId);
  const behind = isBehind ? new Set([...relay.behind, topic]) : relay.behind;
  turn.setRelay({ ...relay, behind, cursors: withKey(relay.cursors, topic, cursor) });
  turn.write({ type: 'cursor', relay: relayId, topic, offset: cursor });
}

export const follows = (turn: Turn, topic: TopicId): boolean =>
  topic === turn.state.inbox || turn.state.topics.has(topic);

/** Something became readable, so there may be room, or no need of it, for what was left at a relay. */
export function askAgain(turn: Turn): void {
  for (const relay of turn.state.relays.values()) {
    if (relay.behind.size > 0 && relay.askAtMs === undefined)
      turn.setRelay({ ...relay, askAtMs: turn.nowMs + askAgainMs });
  }
}

function noteHolder(turn: Turn, relay: RelayId, topic: TopicId, id: EnvelopeId): void {
  const room = turn.state.topics.get(topic);
  const entry = turn.state.seen.get(spotOf(topic, id));
  // What we offer ourselves is held by whoever acknowledges it; to bring it back is less than that.
  if (room === undefined || entry === undefined || turn.state.outbox.has(id)) return;
  turn.write({ type: 'held', room, entry, relay });
  turn.roomChanged(room);
}

/** An unstored frame: what another device holds. Anything else does not travel this way. */
export function hear(turn: Turn, relayId: RelayId, topic: TopicId, bytes: Bytes): void {
  const spot = spotOf(topic, idOfEnvelope(bytes));
  const roomId = turn.state.topics.get(topic);
  if (turn.state.seen.has(spot) || roomId === undefined) return;
  guarded(turn, relayId, () => {
    const room = turn.room(roomId);
    // Its grant is still on the way, or its bucket is far ahead: every bucket costs a derivation before anything is
    // authenticated, so this bound is also what a relay can make us compute. The sender will say it again.
    const header = readHeader(bytes);
    const epoch = room.epochs.get(header.tag);
    if (epoch === undefined || isBucketTooFar(epoch, header.bucket, turn.nowMs)) return;
    const frame = openEnvelope(epoch, bytes);
    // Only this is remembered: a stored envelope that a relay casts as well still has to be taken when it is delivered.
    if (frame.type !== 'have') return;
    remember(turn, spot, undefined);
    noteHave(turn, room, frame);
  });
}

function noteHave(turn: Turn, room: RoomState, frame: Parameters<typeof readHave>[0]): void {
  const roster = rosterOf(room.info, turn.state.list);
  const have = readHave(frame, room.info.id, (device) => roster.get(device)?.signKey);
  if (have.device === turn.state.self.device) return;
  const known = room.haves.get(have.device);
  // Feeds of nobody are left out: a device that names others each time would make what we keep of it grow for ever.
  const vector = new Map(have.vector.filter(([device]) => roster.has(device)));
  // A claim only ever grows: an old one that a relay replays takes nothing back.
  for (const [device, count] of known ?? []) vector.set(device, Math.max(count, vector.get(device) ?? 0));
  turn.setRoom({ ...room, haves: withKey(room.haves, have.device, vector) });
  turn.write({ type: 'have', room: room.info.id, device: have.device, vector });
  turn.roomChanged(room.info.id);
  if (have.ask) scheduleSay(turn, room.info.id, false);
}

/** False when it would have to be kept for later and there is no room. */
function take(turn: Turn, relay: RelayId, topic: TopicId, id: EnvelopeId, envelope: Bytes): boolean {
  const spot = spotOf(topic, id);
  let isKept = true;
  remember(turn, spot, undefined);
  guarded(turn, relay, () => {
    if (topic === turn.state.inbox) {
      takeGrant(turn, openPacket(envelope, turn.state.self.prekeys, deviceId.bytes(turn.state.self.device)));
      return;
    }
    const room = turn.state.topics.get(topic);
    if (room === undefined) return; // a topic we stopped following
    const taken = takeEnvelope(turn, room, envelope);
    if (isLater(taken)) isKept = park(turn, id, { topic, bytes: envelope, ...taken });
    else remember(turn, spot, taken);
  });
  if (!isKept) turn.state = { ...turn.state, seen: withoutKey(turn.state.seen, spot) };
  return isKept;
}

/** One catch for everything that comes from outside: a PeerFault is the peer's, anything else is ours. */
function guarded(turn: Turn, relay: RelayId | undefined, work: () => void): void {
  try {
    work();
  } catch (fault) {
    if (!(fault instanceof PeerFault)) throw fault;
    turn.effect({ type: 'refused', ...(relay === undefined ? {} : { relay }), code: fault.code, text: fault.message });
  }
}

/** Its epoch or its predecessor is not here yet. */
type Later = Pick<Parked, 'until'>;
const isLater = (taken: EntryId | undefined | Later): taken is Later => typeof taken === 'object';

/** The entry inside, or what it waits for. */
function takeEnvelope(turn: Turn, roomId: RoomId, envelope: Bytes): EntryId | undefined | Later {
  const room = turn.room(roomId);
  const header = readHeader(envelope);
  const epoch = room.epochs.get(header.tag);
  if (epoch === undefined) return {};
  // Far ahead of this clock: its clock or ours is wrong. It is kept, not lost, and opened when ours has caught up.
  if (isBucketTooFar(epoch, header.bucket, turn.nowMs))
    return { until: { atMs: readableFromMs(epoch, header.bucket) } };
  const frame = openEnvelope(epoch, envelope);
  const newest = Math.max(header.bucket, room.buckets.get(header.tag) ?? 0);
  turn.setRoom({ ...room, buckets: withKey(room.buckets, header.tag, newest) });
  if (frame.type !== 'entry') return undefined;
  const entry = readEntry(frame.bytes, roomId, signKeyIn(turn, room));
  return takeEntry(turn, entry) ? entry.id : { until: { device: entry.device, seq: entry.seq } };
}

const signKeyIn = (turn: Turn, room: RoomState) => {
  const roster = rosterOf(room.info, turn.state.list);
  return (device: DeviceId): Bytes | undefined => roster.get(device)?.signKey;
};

/** Puts an entry in its feed. False when the one before it is missing. */
function takeEntry(turn: Turn, entry: Entry): boolean {
  const room = turn.room(entry.room);
  const feed = room.feeds.get(entry.device);
  const count = feed?.count ?? 0;
  if (entry.seq < count) {
    if (entry.seq === count - 1 && feed?.head !== entry.id) throw fork();
    return true;
  }
  // Our own feed is longer out there than here: this device was restored or copied. Never write over it.
  if (entry.device === turn.state.self.device)
    throw new PeerFault('equivocation', 'another copy of this device is writing');
  if (entry.seq > count) return false;
  if (entry.previous !== feed?.head) throw fork();
  addToFeed(turn, entry);
  turn.write({ type: 'entry', entry, sealed: true, receivedAtMs: turn.nowMs });
  scheduleSay(turn, entry.room, false);
  return true;
}

const fork = () => new PeerFault('equivocation', 'a device signed two different entries for one place in its feed');

/** False when there is no room. */
function park(turn: Turn, id: EnvelopeId, parked: Parked): boolean {
  const { topic, bytes } = parked;
  const spot = spotOf(topic, id);
  if (turn.state.parked.has(spot)) return true;
  if (turn.state.parked.size >= maxParked) return false;
  turn.state = { ...turn.state, parked: withKey(turn.state.parked, spot, parked) };
  turn.write({ type: 'parked', id, topic, bytes });
  return true;
}

/** Whether what a parked envelope waits for may have come. Opening it again costs a signature check each time. */
function isTime(turn: Turn, room: RoomId, until: Until | undefined): boolean {
  if (until === undefined) return true;
  if ('atMs' in until) return turn.nowMs >= until.atMs;
  return (turn.room(room).feeds.get(until.device)?.count ?? 0) >= until.seq;
}

/** Tries again what was parked, until nothing moves: one entry can release many. */
export function retryParked(turn: Turn): void {
  for (let moved = true; moved && turn.state.parked.size > 0; ) {
    moved = false;
    for (const [spot, parked] of turn.state.parked) {
      const { topic, bytes } = parked;
      const room = turn.state.topics.get(topic);
      if (room === undefined || !isTime(turn, room, parked.until)) continue;
      let taken: EntryId | undefined | Later;
      guarded(turn, undefined, () => {
        taken = takeEnvelope(turn, room, bytes);
      });
      if (isLater(taken)) {
        if (taken.until !== parked.until)
          turn.state = { ...turn.state, parked: withKey(turn.state.parked, spot, { topic, bytes, ...taken }) };
        continue;
      }
      moved = true;
      remember(turn, spot, taken);
      turn.state = { ...turn.state, parked: withoutKey(turn.state.parked, spot) };
      turn.write({ type: 'unparked', id: idOfEnvelope(bytes), topic });
    }
  }
}
