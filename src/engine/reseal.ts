/**
 * What waited too long for a relay is sealed again: those it is for erase keys after a while, and an envelope that comes
 * later than that would open for nobody. It is the same entry under a key they have.
 */
import { reopenEntry } from '../core/entry.ts';
import { readHeader } from '../core/envelope.ts';
import { bucketMs } from '../core/epoch.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { Reading } from './event.ts';
import { offerAll, withdraw } from './outbox.ts';
import { horizonOf } from './room.ts';
import type { Parcel } from './row.ts';
import type { RoomState } from './state.ts';
import type { Turn } from './turn.ts';

/** Entries that no relay has and whose keys others may be about to erase: they are not offered before they are read. */
export function stale(turn: Turn): readonly Parcel[] {
  const found: Parcel[] = [];
  for (const parcel of turn.state.outbox.values()) {
    const room = parcel.entry === undefined ? undefined : turn.state.rooms.get(parcel.entry.room);
    if (parcel.entry === undefined || room === undefined || parcel.held.length > 0) continue;
    if (!isStale(turn, room, parcel)) continue;
    found.push(parcel);
    turn.effect({ type: 'read', reading: { for: 'reseal', room: room.info.id, entry: parcel.entry.id } });
  }
  return found;
}

/** Sealed longer ago than half of what keys are kept for. */
function isStale(turn: Turn, room: RoomState, parcel: Parcel): boolean {
  const { tag, bucket } = readHeader(parcel.bytes);
  const epoch = room.epochs.get(tag);
  return epoch === undefined || turn.nowMs - (epoch.openedAtMs + bucket * bucketMs) > horizonOf(room).bucketGraceMs / 2;
}

/**
 * Own entries that came back from disk because they are to be sealed again. Who was put out meanwhile will have nothing to
 * seal them in, and what this device did after them would wait for them for ever: they go out as they are.
 */
export function resealed(turn: Turn, reading: Reading & { readonly for: 'reseal' }, found: readonly Bytes[]): void {
  const room = turn.room(reading.room);
  const parcel = [...turn.state.outbox.values()].find(({ entry }) => entry?.id === reading.entry);
  // Asked for once per relay that came: it may have been done already.
  if (parcel === undefined || parcel.held.length > 0 || !isStale(turn, room, parcel)) return;
  if (!room.membership.roster.has(turn.state.self.device)) {
    for (const relay of turn.state.relays.keys()) offerAll(turn, relay);
    return;
  }
  withdraw(turn, parcel);
  turn.write({ type: 'unsealed', room: reading.room, entry: reading.entry });
  const entries = found.map((bytes) => reopenEntry(bytes, reading.room));
  turn.setRoom({ ...room, unsealed: [...entries, ...room.unsealed].sort((a, b) => a.seq - b.seq) });
}
