/** What the vault does, on a Map: applies rows and gives them back. Shows that rows alone are enough to go on. */
import type { Entry } from '../../src/core/entry.ts';
import type { Parcel, Row, RowOf, Snapshot } from '../../src/engine/row.ts';

interface Kept {
  readonly entry: Entry;
  sealed: boolean;
}

export class MemoryVault {
  readonly rooms = new Map<string, RowOf<'room'>>();
  readonly epochs = new Map<string, RowOf<'epoch'>>();
  readonly entries = new Map<string, Kept>();
  readonly heads = new Map<string, RowOf<'heads'>>();
  readonly parcels = new Map<string, Parcel>();
  readonly relays = new Map<string, RowOf<'relay'>>();
  readonly cursors = new Map<string, RowOf<'cursor'>>();
  readonly parked = new Map<string, RowOf<'parked'>>();
  readonly haves = new Map<string, RowOf<'have'>>();
  readonly held = new Set<string>();

  apply(rows: readonly Row[]): void {
    for (const row of rows) this.#put(row);
  }

  #put(row: Row): void {
    switch (row.type) {
      case 'room':
        this.rooms.set(row.room, row);
        return;
      case 'epoch':
        this.epochs.set(row.epoch, row);
        return;
      case 'epoch-gone':
        this.epochs.delete(row.epoch);
        return;
      case 'entry':
        this.entries.set(row.entry.id, { entry: row.entry, sealed: row.sealed });
        return;
      case 'sealed': {
        const kept = this.entries.get(row.entry);
        if (kept !== undefined) kept.sealed = true;
        return;
      }
      case 'heads':
        this.heads.set(row.room, row);
        return;
      case 'parcel':
        this.parcels.set(row.parcel.id, row.parcel);
        return;
      case 'parcel-done':
        this.parcels.delete(row.id);
        return;
      case 'held':
        this.held.add(`${row.entry} ${row.relay}`);
        return;
      case 'relay':
        this.relays.set(row.relay, row);
        for (const [key, cursor] of this.cursors) if (cursor.relay === row.relay) this.cursors.delete(key);
        for (const key of this.held) if (key.endsWith(` ${row.relay}`)) this.held.delete(key);
        return;
      case 'cursor':
        this.cursors.set(`${row.relay} ${row.topic}`, row);
        return;
      case 'parked':
        this.parked.set(`${row.topic} ${row.id}`, row);
        return;
      case 'unparked':
        this.parked.delete(`${row.topic} ${row.id}`);
        return;
      case 'have':
        this.haves.set(`${row.room} ${row.device}`, row);
        return;
      default:
        row satisfies never;
    }
  }

  load(): Snapshot {
    const kept = [...this.entries.values()];
    const feeds = new Map<string, Snapshot['feeds'][number]>();
    for (const { entry } of kept) {
      const key = `${entry.room} ${entry.device}`;
      if ((feeds.get(key)?.seq ?? -1) < entry.seq)
        feeds.set(key, { room: entry.room, device: entry.device, seq: entry.seq, entry: entry.id });
    }
    return {
      rooms: [...this.rooms.values()],
      epochs: [...this.epochs.values()],
      feeds: [...feeds.values()],
      heads: [...this.heads.values()],
      parcels: [...this.parcels.values()],
      relays: [...this.relays.values()],
      cursors: [...this.cursors.values()],
      parked: [...this.parked.values()],
      haves: [...this.haves.values()],
      unsealed: kept.filter((each) => !each.sealed).map(({ entry }) => ({ room: entry.room, bytes: entry.bytes })),
    };
  }

  entriesOf(room: string): readonly Uint8Array[] {
    return [...this.entries.values()].filter(({ entry }) => entry.room === room).map(({ entry }) => entry.bytes);
  }
}
