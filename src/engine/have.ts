/**
 * Who has what. Devices say how far they hold each feed: signed, sealed like everything else, cast and not stored.
 * From this comes "on 11 of 12 devices"; what was not said is not claimed. After something new only that is said; all of
 * it only to somebody who holds something else (beacon.ts), and not again what others just said.
 */
import { type FrameOf, makeHave, readHave } from '../core/envelope.ts';
import type { DeviceId, RoomId } from '../core/id.ts';
import { findDevice } from '../core/listed.ts';
import { castIn } from './cast.ts';
import { doubt, feedsToTell } from './current.ts';
import { pickEpoch } from './epoch.ts';
import { scheduleWant } from './need.ts';
import { noteHeard } from './packet.ts';
import { noteReadBy, takeUntold } from './reading.ts';
import type { Holding } from './row.ts';
import type { RoomState } from './state.ts';
import { type Turn, withKey } from './turn.ts';

/** Several entries that arrive together are answered together, and not by all devices in the same instant. */
const quietMs = 150;
const spreadMs = 350;
/** Where many would speak they take longer over it, so that nobody has to hear more than this many in a second. */
const spreadPerDeviceMs = 20;

/** Feeds in one claim: 44 bytes each, and a cast has 64 KiB. */
const maxSpans = 1_200;

/** When this device may speak where so many could: a moment by chance within a time that grows with them. */
export function speakingAtMs(turn: Turn, devices: number): number {
  return turn.nowMs + quietMs + turn.chance(Math.max(spreadMs, spreadPerDeviceMs * devices));
}

/** Says before long what is new here, or all that is held. */
export function scheduleSay(turn: Turn, roomId: RoomId, isAll: boolean): void {
  const room = turn.room(roomId);
  const { sayDue } = room;
  if (sayDue !== undefined && (sayDue.isAll || !isAll)) return;
  const atMs = sayDue?.atMs ?? speakingAtMs(turn, room.membership.roster.size);
  turn.setRoom({ ...room, sayDue: { atMs, isAll, heard: new Map() } });
}

export function say(turn: Turn, roomId: RoomId): void {
  const { sayDue, ...room } = turn.room(roomId);
  turn.setRoom(room);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  if (epoch === undefined || sayDue === undefined) return;
  const { self } = turn.state;
  const told = feedsToTell(turn.state, room);
  const isAll = sayDue.isAll && [...told].some(([id, { count }]) => count > (sayDue.heard.get(id) ?? 0));
  const feeds = [...told]
    .map(([device, feed]) => [device, feed.from, feed.count] as const)
    .filter(([device, from, to]) => {
      const said = room.said.get(device);
      return isAll || said?.from !== from || said.to !== to;
    });
  // Who holds nothing says so to be told, unless somebody was told already.
  const asks = isAll || (sayDue.isAll && room.feeds.size === 0 && sayDue.heard.size === 0);
  if (feeds.length === 0 && !asks) return;
  // More than fit are told of in turns.
  const [high = 0, low = 0] = turn.random(2);
  const first = feeds.length > maxSpans ? (high * 256 + low) % feeds.length : 0;
  const spans = [...feeds.slice(first), ...feeds.slice(0, first)].slice(0, maxSpans);
  const said = new Map(room.said);
  for (const [device, from, to] of spans) said.set(device, { from, to });
  turn.setRoom({ ...room, said });
  // What is to be told a little later anyway goes along.
  const read = room.tellReadMs === undefined ? [] : takeUntold(turn, roomId, maxSpans - spans.length);
  castIn(
    turn,
    room,
    epoch,
    makeHave(self.keys.sign, roomId, {
      device: self.device,
      timeMs: turn.nowMs,
      spans,
      ask: asks,
      ...(read.length === 0 ? {} : { read }),
    }),
  );
}

/** Takes what another device says that it holds. Throws `PeerFault`. */
export function hearHave(turn: Turn, room: RoomState, frame: FrameOf<'have'>, tag: string): void {
  const { roster } = room.membership;
  const { self, list } = turn.state;
  const have = readHave(frame, room.info.id, (device) => roster.get(device)?.signKey);
  if (have.device === self.device) return;
  noteHeard(turn, have.device, tag);
  const holding = new Map(room.haves.get(have.device));
  let isDoubtful = false;
  for (const [device, from, to] of have.spans) {
    // Feeds of nobody are left out: a device that names others each time would make what we keep of it grow for ever.
    if (findDevice(list, device) === undefined || to <= from) continue;
    const before = holding.get(device);
    // A claim only ever grows: an old one that a relay replays takes nothing back.
    const isApart = before === undefined || from > before.to || to < before.from;
    holding.set(device, isApart ? { from, to } : { from: Math.min(from, before.from), to: Math.max(to, before.to) });
    if (to <= (room.feeds.get(device)?.count ?? 0)) continue;
    scheduleWant(turn, room.info.id);
    // Only its own signature proves that: it is asked for, like anything else.
    if (device === self.device && room.doubt === undefined) isDoubtful = true;
  }
  if (isDoubtful) doubt(turn, room.info.id);
  noteHolding(turn, room.info.id, have.device, holding);
  noteReadBy(turn, room.info.id, have.device, have.read ?? []);
  noteSaid(turn, room.info.id, have.spans);
  const ends = new Map(have.spans.map(([device, , to]) => [device, to]));
  const holdsMore = [...feedsToTell(turn.state, room)].some(([device, { count }]) => count > (ends.get(device) ?? 0));
  if (have.ask && holdsMore) scheduleSay(turn, room.info.id, true);
}

/** Keeps what a device is known to hold. */
export function noteHolding(turn: Turn, roomId: RoomId, device: DeviceId, holding: Holding): void {
  const room = turn.room(roomId);
  const before = room.haves.get(device);
  const isNews = [...holding].some(([author, { from, to }]) => {
    const known = before?.get(author);
    return known?.from !== from || known.to !== to;
  });
  if (before !== undefined && !isNews) return;
  turn.setRoom({ ...room, haves: withKey(room.haves, device, holding) });
  turn.write({ type: 'have', room: roomId, device, holding });
  turn.roomChanged(roomId);
}

/** What others say while this device is about to say all it holds. */
function noteSaid(turn: Turn, roomId: RoomId, spans: readonly (readonly [DeviceId, number, number])[]): void {
  const room = turn.room(roomId);
  if (room.sayDue?.isAll !== true) return;
  const heard = new Map(room.sayDue.heard);
  for (const [device, , to] of spans) heard.set(device, Math.max(to, heard.get(device) ?? 0));
  turn.setRoom({ ...room, sayDue: { ...room.sayDue, heard } });
}
