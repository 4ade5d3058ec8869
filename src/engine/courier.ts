/**
 * Envelopes that are carried by hand where no relay can be reached. Taking them in is `bring` in receive.ts; this is what
 * comes before they are carried away. The file itself is nothing the engine knows of.
 */
import { openingsLeft, openRoomEpoch, pickEpoch } from './epoch.ts';
import { mayWrite } from './feed.ts';
import { askForGrants } from './need.ts';
import type { Turn } from './turn.ts';

/**
 * Makes ready what waits for a relay to be heard: without one this device opens no epoch by itself, as another's might be
 * there already, and asks for none. Carried, its entries need the one and its questions the other.
 */
export function pack(turn: Turn): void {
  const { self, list } = turn.state;
  for (const room of turn.state.rooms.values()) {
    const { id } = room.info;
    const isStuck = room.unsealed.length > 0 && pickEpoch(room, list, turn.nowMs) === undefined;
    if (isStuck && mayWrite(turn.state, room) && openingsLeft(room, self.device, turn.nowMs) > 0)
      openRoomEpoch(turn, id);
    if ([...room.missing.values()].some(({ nextMs }) => nextMs <= turn.nowMs)) askForGrants(turn, id);
  }
}
