/**
 * Who has what. Devices say how far they hold each feed: signed, sealed like everything else, cast and not stored.
 * From this comes "on 11 of 12 devices"; what was not said is not claimed.
 */
import { makeHave } from '../core/envelope.ts';
import type { RoomId } from '../core/id.ts';
import { castIn } from './cast.ts';
import { pickEpoch } from './epoch.ts';
import type { Turn } from './turn.ts';

/** Several entries that arrive together are answered together, and not by all devices in the same instant. */
const quietMs = 150;
const spreadMs = 350;

/** Feeds in one claim: 44 bytes each, and a cast has 64 KiB. */
const maxSpans = 1_200;

export function scheduleSay(turn: Turn, roomId: RoomId, ask: boolean): void {
  const room = turn.room(roomId);
  if (room.sayDue !== undefined && (room.sayDue.ask || !ask)) return;
  const [chance = 0] = turn.random(1);
  const atMs = room.sayDue?.atMs ?? turn.nowMs + quietMs + Math.floor((chance * spreadMs) / 256);
  turn.setRoom({ ...room, sayDue: { atMs, ask } });
}

export function say(turn: Turn, roomId: RoomId): void {
  const { sayDue, ...room } = turn.room(roomId);
  turn.setRoom(room);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  if (epoch === undefined) return;
  const { self } = turn.state;
  const feeds = [...room.feeds].map(([device, feed]) => [device, feed.from, feed.count] as const);
  // More than fit are told of in turns.
  const [high = 0, low = 0] = turn.random(2);
  const first = feeds.length > maxSpans ? (high * 256 + low) % feeds.length : 0;
  const spans = [...feeds.slice(first), ...feeds.slice(0, first)].slice(0, maxSpans);
  const frame = makeHave(self.keys.sign, roomId, {
    device: self.device,
    timeMs: turn.nowMs,
    spans,
    ask: sayDue?.ask ?? false,
  });
  castIn(turn, room, epoch, frame);
}
