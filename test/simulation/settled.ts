/** What has to hold of relays when the faults are over (README.md), besides what holds of devices (test/kit/upheavalCheck.ts). */
import type { EntryId, RoomId } from '../../src/core/id.ts';
import { isVoid } from '../../src/core/standing.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import type { Upheaval } from '../kit/upheaval.ts';
import { insiders, type Say, short } from '../kit/upheavalCheck.ts';
import type { WorldRelay } from '../kit/worldRelay.ts';
import type { Overtaken } from './overtaken.ts';

/** Entries that a relay has, by the envelopes on it. */
function entriesAt({ watched }: Upheaval, relay: WorldRelay): ReadonlySet<EntryId> {
  const stored = [...relay.topics.values()].flat();
  return new Set(stored.flatMap(({ bytes }) => watched.parcels.get(idOfEnvelope(bytes))?.entry?.id ?? []));
}

/** Each of these relays has every entry, that counts, of everyone inside, but what it lost and nobody can know. */
export function everywhere(
  upheaval: Upheaval,
  relays: readonly number[],
  overtaken: Overtaken,
  id: RoomId,
  say: Say,
): void {
  const { world, watched } = upheaval;
  const inside = insiders(upheaval, id);
  for (const r of relays) {
    const excused = overtaken.entriesAt(world.relay(r), watched);
    const there = new Set([...entriesAt(upheaval, world.relay(r)), ...excused]);
    for (const { i, device, room, entries } of inside)
      for (const entry of entries.values()) {
        const isOwn = entry.device === device.self.device;
        if (!isOwn || there.has(entry.id) || isVoid(room.voids.get(entry.device) ?? [], entry.seq)) continue;
        say(`relay ${r} does not have ${i}/${entry.seq} ${short(entry.id)}`);
      }
  }
}
