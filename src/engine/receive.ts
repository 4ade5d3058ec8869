/**
 * Receiving. Everything that comes is hostile until it has proved itself: header, epoch, commitment, cipher,
 * padding, canonical form, author, signature, place in the feed, in this order. What cannot be used yet is parked
 * on disk, bounded; what is wrong is dropped with a code and costs the sender nothing to know.
 */
import { type Entry, readEntry } from '../core/entry.ts';
import { openEnvelope, readHave, readHeader } from '../core/envelope.ts';
import { isBucketTooFar } from '../core/epoch.ts';
import { deviceId, type DeviceId, type EntryId, type RoomId } from '../core/id.ts';
import { openPacket } from '../core/packet.ts';
import { rosterOf } from '../core/room.ts';
import { idOfEnvelope } from '../core/verify.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import { takeGrant } from './epoch.ts';
import { addToFeed } from './feed.ts';
import { scheduleSay } from './have.ts';
import { hold } from './outbox.ts';
import { remember } from './seen.ts';
import type { RoomState } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** Envelopes that wait for a key or a predecessor. Relays keep them; a restart of the link asks again. */
const maxParked = 4096;

type Item = readonly [offset: number, receivedAtMs: number, envelope: Bytes];

export function deliver(turn: Turn, relayId: RelayId, topic: TopicId, items: readonly Item[]): void {
  let cursor = turn.relay(relayId).cursors.get(topic) ?? 0;
  for (const [offset, , envelope] of items) {
    const id = idOfEnvelope(envelope);
    if (turn.state.seen.has(id)) hold(turn, relayId, id);
    else take(turn, relayId, topic, id, envelope);
    noteHolder(turn, relayId, topic, id);
    cursor = Math.max(cursor, offset);
  }
  const relay = turn.relay(relayId);
  turn.setRelay({ ...relay, cursors: withKey(relay.cursors, topic, cursor) });
  turn.write({ type: 'cursor', relay: relayId, topic, offset: cursor });
}

function noteHolder(turn: Turn, relay: RelayId, topic: TopicId, id: EnvelopeId): void {
  const room = turn.state.topics.get(topic);
  const entry = turn.state.seen.get(id);
  if (room === undefined || entry === undefined) return;
  turn.write({ type: 'held', room, entry, relay });
  turn.roomChanged(room);
}

/** An unstored frame: what another device holds. Anything else does not travel this way. */
export function hear(turn: Turn, relayId: RelayId, topic: TopicId, bytes: Bytes): void {
  const id = idOfEnvelope(bytes);
  const roomId = turn.state.topics.get(topic);
  if (turn.state.seen.has(id) || roomId === undefined) return;
  remember(turn, id, undefined);
  guarded(turn, relayId, () => {
    const room = turn.room(roomId);
    // Its grant is still on the way, or its bucket is far ahead: every bucket costs a derivation before anything is
    // authenticated, so this bound is also what a relay can make us compute. The sender will say it again.
    const header = readHeader(bytes);
    const epoch = room.epochs.get(header.tag);
    if (epoch === undefined || isBucketTooFar(epoch, header.bucket, turn.nowMs)) return;
    const frame = openEnvelope(epoch, bytes);
    if (frame.type === 'have') noteHave(turn, room, frame);
  });
}

function noteHave(turn: Turn, room: RoomState, frame: Parameters<typeof readHave>[0]): void {
  const have = readHave(frame, room.info.id, signKeyIn(turn, room));
  if (have.device === turn.state.self.device) return;
  const known = room.haves.get(have.device);
  const vector = new Map(have.vector);
  // A claim only ever grows: an old one that a relay replays takes nothing back.
  for (const [device, count] of known ?? []) vector.set(device, Math.max(count, vector.get(device) ?? 0));
  turn.setRoom({ ...room, haves: withKey(room.haves, have.device, vector) });
  turn.write({ type: 'have', room: room.info.id, device: have.device, vector });
  turn.roomChanged(room.info.id);
  if (have.ask) scheduleSay(turn, room.info.id, false);
}

function take(turn: Turn, relay: RelayId, topic: TopicId, id: EnvelopeId, envelope: Bytes): void {
  remember(turn, id, undefined);
  guarded(turn, relay, () => {
    if (topic === turn.state.inbox) {
      takeGrant(turn, openPacket(envelope, turn.state.self.prekeys, deviceId.bytes(turn.state.self.device)));
      return;
    }
    const room = turn.state.topics.get(topic);
    if (room === undefined) return; // a topic we stopped following
    const entry = takeEnvelope(turn, room, envelope);
    if (entry === 'later') park(turn, id, topic, envelope);
    else remember(turn, id, entry);
  });
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

/** The entry inside, or `later` when its epoch or its predecessor is not here yet. */
function takeEnvelope(turn: Turn, roomId: RoomId, envelope: Bytes): EntryId | undefined | 'later' {
  const room = turn.room(roomId);
  const header = readHeader(envelope);
  const epoch = room.epochs.get(header.tag);
  if (epoch === undefined) return 'later';
  // Far ahead of this clock: its clock or ours is wrong. It is kept, not lost, and opened when ours has caught up.
  if (isBucketTooFar(epoch, header.bucket, turn.nowMs)) return 'later';
  const frame = openEnvelope(epoch, envelope);
  const newest = Math.max(header.bucket, room.buckets.get(header.tag) ?? 0);
  turn.setRoom({ ...room, buckets: withKey(room.buckets, header.tag, newest) });
  if (frame.type !== 'entry') return undefined;
  const entry = readEntry(frame.bytes, roomId, signKeyIn(turn, room));
  return takeEntry(turn, entry) ? entry.id : 'later';
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

function park(turn: Turn, id: EnvelopeId, topic: TopicId, bytes: Bytes): void {
  if (turn.state.parked.size >= maxParked)
    throw new PeerFault('too-large', 'too many envelopes wait for a key or a predecessor');
  turn.state = { ...turn.state, parked: withKey(turn.state.parked, id, { topic, bytes }) };
  turn.write({ type: 'parked', id, topic, bytes });
}

/** Tries again what was parked, until nothing moves: one entry can release many. */
export function retryParked(turn: Turn): void {
  for (let moved = true; moved && turn.state.parked.size > 0; ) {
    moved = false;
    for (const [id, { topic, bytes }] of turn.state.parked) {
      const room = turn.state.topics.get(topic);
      if (room === undefined) continue;
      let result: EntryId | undefined | 'later';
      guarded(turn, undefined, () => {
        result = takeEnvelope(turn, room, bytes);
      });
      if (result === 'later') continue;
      moved = true;
      remember(turn, id, result);
      turn.state = { ...turn.state, parked: withoutKey(turn.state.parked, id) };
      turn.write({ type: 'unparked', id });
    }
  }
}
