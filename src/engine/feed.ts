/** Feeds: an entry that is known to be next in its author's feed becomes part of its room, ours and others' alike. */
import { type Body, encodeBody, readBody } from '../core/body.ts';
import { type Entry, makeEntry, maxHeads } from '../core/entry.ts';
import { sealEnvelope } from '../core/envelope.ts';
import { bucketAt } from '../core/epoch.ts';
import type { RoomId } from '../core/id.ts';
import { noteDrillEntry } from './drill.ts';
import { pickEpoch } from './epoch.ts';
import { post } from './outbox.ts';
import { type Turn, withKey } from './turn.ts';

export function addToFeed(turn: Turn, entry: Entry): void {
  const room = turn.room(entry.room);
  const named = new Set([...entry.heads, ...(entry.previous === undefined ? [] : [entry.previous])]);
  const heads = [...room.heads.filter((head) => !named.has(head)), entry.id];
  turn.setRoom({ ...room, heads, feeds: withKey(room.feeds, entry.device, { count: entry.seq + 1, head: entry.id }) });
  turn.write({ type: 'heads', room: entry.room, heads });
  const body = readBody(entry.body);
  if (body !== undefined) turn.state = noteDrillEntry(turn.state, entry, body);
  if (room.info.kind === 'drill') turn.alarmChanged();
  turn.unlocked = true;
  turn.roomChanged(entry.room);
  turn.homeChanged();
}

/**
 * Writes an entry of our own: signed, in the feed and on disk in this step. It leaves as soon as the room has an
 * epoch to send in; until then it waits in `unsealed`, in order, over restarts.
 */
export function author(turn: Turn, roomId: RoomId, body: Body): Entry {
  const room = turn.room(roomId);
  const { self } = turn.state;
  const feed = room.feeds.get(self.device);
  const heads = room.heads.filter((head) => head !== feed?.head).slice(-maxHeads);
  const entry = makeEntry(self.keys.sign, roomId, {
    device: self.device,
    seq: feed?.count ?? 0,
    ...(feed === undefined ? {} : { previous: feed.head }),
    heads: heads.sort(),
    timeMs: turn.nowMs,
    control: [],
    body: encodeBody(body),
    salt: turn.random(16),
  });
  turn.write({ type: 'entry', entry, sealed: false, receivedAtMs: turn.nowMs });
  addToFeed(turn, entry);
  const after = turn.room(roomId);
  turn.setRoom({ ...after, unsealed: [...after.unsealed, entry] });
  return entry;
}

/** Seals and posts what waits for an epoch, if there is one to send in. */
export function sealPending(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  if (epoch === undefined || room.unsealed.length === 0) return;
  const bucket = bucketAt(epoch, turn.nowMs, room.buckets.get(epoch.tag) ?? 0);
  turn.setRoom({ ...room, unsealed: [], buckets: withKey(room.buckets, epoch.tag, bucket) });
  for (const entry of room.unsealed) {
    const envelope = sealEnvelope(epoch, bucket, { type: 'entry', bytes: entry.bytes }, turn.random);
    turn.write({ type: 'sealed', room: roomId, entry: entry.id });
    post(turn, room.info.topic, envelope, { room: roomId, id: entry.id });
  }
}
