/**
 * What waited too long for a relay is sealed again: those it is for erase keys after a while, and an envelope that comes
 * later than that would open for nobody. It is the same entry under a key they have.
 */
import { reopenEntry } from '../core/entry.ts';
import { readHeader } from '../core/envelope.ts';
import { bucketMs } from '../core/epoch.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { Reading } from './event.ts';
import { withdraw } from './outbox.ts';
import { horizonOf } from './room.ts';
import type { Parcel } from './row.ts';
import type { RoomState } from './state.ts';
import type { Turn } from './turn.ts';

/** Takes back entries that no relay has and whose keys others may be about to erase, before they are offered. */
export function takeBackStale(turn: Turn): void {
  for (const parcel of turn.state.outbox.values()) {
    const room = parcel.entry === undefined ? undefined : turn.state.rooms.get(parcel.entry.room);
    if (parcel.entry === undefined || room === undefined || parcel.held.length > 0) continue;
    if (!isStale(turn, room, parcel)) continue;
    withdraw(turn, parcel);
    turn.write({ type: 'unsealed', room: room.info.id, entry: parcel.entry.id });
    turn.effect({ type: 'read', reading: { for: 'reseal', room: room.info.id, entry: parcel.entry.id } });
  }
}

/** Sealed longer ago than half of what keys are kept for. */
function isStale(turn: Turn, room: RoomState, parcel: Parcel): boolean {
  const { tag, bucket } = readHeader(parcel.bytes);
  const epoch = room.epochs.get(tag);
  return epoch === undefined || turn.nowMs - (epoch.openedAtMs + bucket * bucketMs) > horizonOf(room).bucketGraceMs / 2;
}

/** Own entries that came back from disk because they are to be sealed again. */
export function resealed(turn: Turn, reading: Reading & { readonly for: 'reseal' }, found: readonly Bytes[]): void {
  const room = turn.room(reading.room);
  const known = new Set(room.unsealed.map((entry) => entry.id));
  const entries = found.map((bytes) => reopenEntry(bytes, reading.room)).filter(({ id }) => !known.has(id));
  turn.setRoom({ ...room, unsealed: [...entries, ...room.unsealed].sort((a, b) => a.seq - b.seq) });
}
