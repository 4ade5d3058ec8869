/** What is on a screen, told to the engine as places of feeds: of what does not show what was written nothing is told. */
import { reopenEntry } from '../core/entry.ts';
import type { EntryId, RoomId } from '../core/id.ts';
import { isVoid } from '../core/standing.ts';
import { roomOf } from '../engine/room.ts';
import type { Responder } from './responder.ts';

/** The person has these entries on the screen. Resolves once that is noted; rejects as `Responder.command` does. */
export async function noteSeen(device: Responder, id: RoomId, entries: ReadonlySet<EntryId>): Promise<void> {
  const { voids } = roomOf(device.state, id);
  const places = [...entries]
    .flatMap((entry) => device.vault.entryOf(id, entry))
    .map((bytes) => reopenEntry(bytes, id))
    .filter((entry) => !entry.isStripped && !isVoid(voids.get(entry.device) ?? [], entry.seq))
    .map((entry) => [entry.device, entry.seq] as const);
  if (places.length > 0) await device.command({ type: 'read', room: id, places });
}
