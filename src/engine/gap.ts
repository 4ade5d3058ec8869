/**
 * What is known to be missing of a room: entries of a feed that others hold, or that come before one which is here and
 * waits for them. Asked for by need.ts; shown as long as nobody gives it. Says nothing of what was never heard of.
 */
import type { DeviceId, RoomId } from '../core/id.ts';
import { cameLaterMs, mayReadBack } from './room.ts';
import type { RoomState, State } from './state.ts';

/** Places `from` up to, not including, `to` of the feed of a device. */
export interface Gap {
  readonly device: DeviceId;
  readonly from: number;
  readonly to: number;
}

/** By the order of devices; nothing for a room that is not known. */
export function gapsIn(state: State, roomId: RoomId): readonly Gap[] {
  const room = state.rooms.get(roomId);
  if (room === undefined) return [];
  const ends = endsOf(state, room);
  const isLate = cameLaterMs(room, state.list, state.self) !== undefined;
  const startsAnywhere = isLate && !mayReadBack(room, state.list, state.self);
  return [...ends]
    .flatMap(([device, to]): readonly Gap[] => {
      const feed = room.feeds.get(device);
      // Who came later and may not have what was before begins with what comes, and does not miss the rest.
      if (feed === undefined && startsAnywhere) return [];
      const from = feed?.count ?? 0;
      return to > from ? [{ device, from, to }] : [];
    })
    .sort((a, b) => (a.device < b.device ? -1 : 1));
}

/** How far feeds are known to go. */
function endsOf(state: State, room: RoomState): ReadonlyMap<DeviceId, number> {
  const ends = new Map<DeviceId, number>();
  const reach = (device: DeviceId, to: number) => ends.set(device, Math.max(to, ends.get(device) ?? 0));
  for (const { topic, until } of state.parked.values())
    if (until !== undefined && 'device' in until && topic === room.info.topic) reach(until.device, until.seq);
  for (const holding of room.haves.values()) for (const [device, { to }] of holding) reach(device, to);
  return ends;
}
