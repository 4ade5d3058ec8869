/**
 * Receiving. Everything that comes is hostile until it has proved itself: header, epoch, commitment, cipher,
 * padding, canonical form, author, signature, operations named, place in the feed, in this order. What cannot be used
 * yet is parked on disk, bounded; what is wrong is dropped with a code and costs the sender nothing to know.
 */
import { acceptEntry, parseEntry } from '../core/entry.ts';
import { openEnvelope, readHeader } from '../core/envelope.ts';
import { isBucketTooFar, readableFromMs } from '../core/epoch.ts';
import type { EntryId, RoomId } from '../core/id.ts';
import { signKeyIn } from '../core/listed.ts';
import { idOfEnvelope } from '../core/verify.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import { seenAhead } from './ahead.ts';
import { hearBeacon } from './beacon.ts';
import { judgeOperations } from './feed.ts';
import { takeChunk } from './fetch.ts';
import { isFetched } from './file.ts';
import { hearHave } from './have.ts';
import { takePacket } from './inbox.ts';
import { hearWant, noteMissing } from './need.ts';
import { noteHeard } from './packet.ts';
import { type Later, takeEntry } from './place.ts';
import { lookAgain } from './refill.ts';
import { cameLaterMs, clockSlackMs } from './room.ts';
import { hasSeen, remember, spotOf } from './seen.ts';
import { noteBrought, shelve } from './shelf.ts';
import type { Parked, RoomState, Until } from './state.ts';
import type { Turn } from './turn.ts';

/** Envelopes that wait for a key or a predecessor. What comes beyond is left at the relay and asked for again. */
const maxParked = 4096;
/** Before asking again: each time the relay sends all since then, so a flood must not make us ask all the time. */
const askAgainMs = 30_000;

type Item = readonly [offset: number, receivedAtMs: number, envelope: Bytes];

export function deliver(turn: Turn, relayId: RelayId, topic: TopicId, items: readonly Item[]): void {
  if (!follows(turn, topic)) return; // nothing we asked for
  let cursor = turn.relay(relayId).cursors.get(topic) ?? 0;
  let isBehind = turn.relay(relayId).behind.has(topic);
  for (const [offset, atMs, envelope] of items) {
    const id = turn.ahead.get(envelope)?.id ?? idOfEnvelope(envelope);
    if (!hasSeen(turn.state.seen, spotOf(topic, id)) && !take(turn, topic, id, envelope, atMs, relayId))
      isBehind = true;
    noteBrought(turn, relayId, id, offset);
    if (!isBehind) cursor = Math.max(cursor, offset);
  }
  const relay = turn.relay(relayId);
  const behind = isBehind ? new Set([...relay.behind, topic]) : relay.behind;
  turn.setRelay({ ...relay, behind, cursors: turn.put(relay.cursors, topic, cursor) });
  turn.write({ type: 'cursor', relay: relayId, topic, offset: cursor });
}

export const follows = (turn: Turn, topic: TopicId): boolean =>
  topic === turn.state.inbox || turn.state.topics.has(topic) || isFetched(turn.state, topic);

/** Something became readable, so there may be room, or no need of it, for what was left at a relay. */
export function askAgain(turn: Turn): void {
  for (const relay of turn.state.relays.values()) {
    if (relay.behind.size > 0 && relay.askAtMs === undefined)
      turn.setRelay({ ...relay, askAtMs: turn.nowMs + askAgainMs });
  }
}

/**
 * Takes envelopes that somebody carried here, the same way as from a relay. What is kept of them is then owed to relays
 * that lack it.
 */
export function bring(turn: Turn, items: readonly (readonly [TopicId, Bytes])[]): void {
  for (const [topic, envelope] of items) {
    const id = idOfEnvelope(envelope);
    if (follows(turn, topic) && !hasSeen(turn.state.seen, spotOf(topic, id)))
      take(turn, topic, id, envelope, turn.nowMs);
  }
  for (const relay of turn.state.relays.values()) if (relay.up) lookAgain(turn, relay.id);
}

/** An unstored frame: what another device holds or misses. Anything else does not travel this way. */
export function hear(turn: Turn, relayId: RelayId, topic: TopicId, bytes: Bytes): void {
  const spot = spotOf(topic, idOfEnvelope(bytes));
  const roomId = turn.state.topics.get(topic);
  if (hasSeen(turn.state.seen, spot) || roomId === undefined) return;
  turn.guard(() => {
    const room = turn.room(roomId);
    const header = readHeader(bytes);
    const epoch = room.epochs.get(header.tag);
    if (epoch === undefined) {
      if (!room.erased.has(header.tag)) noteMissing(turn, roomId, header.tag, true);
      return;
    }
    // Every bucket costs a derivation before anything is authenticated, so this bound is also what a relay can make us
    // compute. The sender will say it again.
    if (isBucketTooFar(epoch, header.bucket, turn.nowMs)) return;
    const frame = openEnvelope(epoch, bytes);
    // Only this is remembered: a stored envelope that a relay casts as well still has to be taken when it is delivered.
    if (frame.type === 'entry') return;
    remember(turn, spot);
    if (frame.type === 'want') hearWant(turn, room, frame);
    else if (frame.type === 'have') hearHave(turn, room, frame, header.tag);
    else hearBeacon(turn, room, frame, header.tag);
  }, relayId);
}

/** False when it would have to be kept for later and there is no room. */
function take(turn: Turn, topic: TopicId, id: EnvelopeId, envelope: Bytes, atMs: number, relay?: RelayId): boolean {
  if (isFetched(turn.state, topic)) return takeChunk(turn, topic, envelope, relay);
  const spot = spotOf(topic, id);
  let isKept = true;
  let isSeen = true;
  turn.guard(() => {
    const room = turn.state.topics.get(topic);
    if (room !== undefined && isFromBefore(turn, turn.room(room), envelope, atMs)) {
      isSeen = false;
      return;
    }
    const taken = takeAny(turn, topic, envelope);
    if (isLater(taken)) isKept = park(turn, id, { topic, bytes: envelope, sinceMs: turn.nowMs, ...taken });
    else if (taken !== undefined) shelve(turn, topic, id, envelope, taken);
  }, relay);
  if (isSeen && isKept) remember(turn, spot);
  return isKept;
}

function takeAny(turn: Turn, topic: TopicId, envelope: Bytes): EntryId | undefined | Later {
  if (topic === turn.state.inbox) return takePacket(turn, envelope);
  const room = turn.state.topics.get(topic);
  return room === undefined ? undefined : takeEnvelope(turn, room, envelope); // or a topic we stopped following
}

/**
 * Sealed in an epoch this device was not let into, and at the relay since before it came. It is not kept and not
 * remembered: a relay that lies about when it had it hides nothing that another relay brings.
 */
function isFromBefore(turn: Turn, room: RoomState, envelope: Bytes, atMs: number): boolean {
  if (room.epochs.has(readHeader(envelope).tag)) return false;
  judgeOperations(turn);
  const cameMs = cameLaterMs(turn.room(room.info.id), turn.state.list, turn.state.self);
  return cameMs !== undefined && atMs < cameMs - clockSlackMs;
}

const isLater = (taken: EntryId | undefined | Later): taken is Later => typeof taken === 'object';

/** The entry inside, or what it waits for. */
function takeEnvelope(turn: Turn, roomId: RoomId, envelope: Bytes): EntryId | undefined | Later {
  const room = turn.room(roomId);
  const header = readHeader(envelope);
  const epoch = room.epochs.get(header.tag);
  if (epoch === undefined) {
    // Somebody brings a relay what is older than the keys for it.
    if (room.erased.has(header.tag)) return undefined;
    noteMissing(turn, roomId, header.tag);
    return {};
  }
  // Far ahead of this clock: its clock or ours is wrong. It is kept, not lost, and opened when ours has caught up.
  if (isBucketTooFar(epoch, header.bucket, turn.nowMs))
    return { until: { atMs: readableFromMs(epoch, header.bucket) } };
  const ahead = seenAhead(turn, epoch, envelope);
  const frame = ahead?.frame ?? openEnvelope(epoch, envelope);
  if (header.bucket > (room.buckets.get(header.tag) ?? -1))
    turn.setRoom({ ...room, buckets: turn.put(room.buckets, header.tag, header.bucket) });
  if (frame.type !== 'entry') return undefined;
  const keyOf = signKeyIn(turn.state.list);
  try {
    const entry = acceptEntry(ahead ?? parseEntry(frame.bytes, roomId, keyOf), ahead?.isSigned);
    noteHeard(turn, entry.device, header.tag);
    const later = takeEntry(turn, entry);
    if (later !== undefined) return later;
    const after = turn.room(roomId);
    const count = (after.counts.get(header.tag) ?? 0) + 1;
    turn.setRoom({ ...after, counts: turn.put(after.counts, header.tag, count) });
    return entry.id;
  } catch (fault) {
    // Its author may be on a list that has not come here yet.
    if (fault instanceof PeerFault && fault.code === 'not-a-member') return { until: { list: true } };
    throw fault;
  }
}

/** False when there is no room. */
function park(turn: Turn, id: EnvelopeId, parked: Parked): boolean {
  const { topic, bytes } = parked;
  const spot = spotOf(topic, id);
  if (turn.state.parked.has(spot)) return true;
  if (turn.state.parked.size >= maxParked) return false;
  turn.state = { ...turn.state, parked: turn.put(turn.state.parked, spot, parked) };
  turn.write({ type: 'parked', id, topic, bytes });
  return true;
}

/** Whether what a parked envelope waits for may have come. Opening it again costs a signature check each time. */
function isTime(turn: Turn, topic: TopicId, until: Until | undefined): boolean {
  if (until === undefined) return true;
  if ('list' in until) return false; // another list is another start
  if ('atMs' in until) return turn.nowMs >= until.atMs;
  if ('operations' in until) {
    const control = turn.state.rooms.get(until.room)?.control;
    return control !== undefined && until.operations.every((id) => control.operations.has(id));
  }
  const room = turn.state.topics.get(topic);
  const feed = room === undefined ? undefined : turn.room(room).feeds.get(until.device);
  return until.seq <= (feed?.count ?? 0) && (feed?.from ?? 0) <= until.seq + 1;
}

/** Tries again what was parked, until nothing moves: one entry can release many. */
export function retryParked(turn: Turn): void {
  for (let moved = true; moved && turn.state.parked.size > 0; ) {
    moved = false;
    for (const [spot, parked] of turn.state.parked) {
      const { topic, bytes } = parked;
      if (!follows(turn, topic) || !isTime(turn, topic, parked.until)) continue;
      const taken = turn.guard(() => takeAny(turn, topic, bytes));
      if (isLater(taken)) {
        if (taken.until !== parked.until)
          turn.state = { ...turn.state, parked: turn.put(turn.state.parked, spot, { ...parked, ...taken }) };
        continue;
      }
      moved = true;
      remember(turn, spot);
      if (taken !== undefined) shelve(turn, topic, idOfEnvelope(bytes), bytes, taken);
      turn.state = { ...turn.state, parked: turn.drop(turn.state.parked, spot) };
      turn.write({ type: 'unparked', id: idOfEnvelope(bytes), topic });
    }
  }
  judgeOperations(turn);
}
