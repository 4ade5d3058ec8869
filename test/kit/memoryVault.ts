/** What the vault does, on a Map: applies rows and gives them back. Shows that rows alone are enough to go on. */
import type { Entry } from '../../src/core/entry.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Reading } from '../../src/engine/event.ts';
import type { HeldPrekey, Parcel, Row, RowOf, Snapshot } from '../../src/engine/row.ts';

interface Kept {
  entry: Entry;
  isNotable: boolean;
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
  readonly operations = new Map<string, RowOf<'operation'>>();
  readonly prekeys = new Map<string, { readonly prekey: HeldPrekey; readonly seed: Uint8Array }>();
  readonly known = new Map<string, RowOf<'prekey'>>();
  readonly pairs = new Map<string, { readonly row: RowOf<'pair'>; readonly secret: Uint8Array }>();
  retired: RowOf<'retired'> | undefined;
  readonly boots = new Map<string, RowOf<'boot'>>();

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
        this.entries.set(row.entry.id, { entry: row.entry, sealed: row.sealed, isNotable: row.isNotable });
        return;
      case 'sealed': {
        const kept = this.entries.get(row.entry);
        if (kept !== undefined) kept.sealed = true;
        return;
      }
      case 'filled': {
        const kept = this.entries.get(row.entry.id);
        if (kept !== undefined) Object.assign(kept, { entry: row.entry, isNotable: row.isNotable });
        return;
      }
      case 'unsealed': {
        const kept = this.entries.get(row.entry);
        if (kept !== undefined) kept.sealed = false;
        return;
      }
      case 'operation':
        if (!this.operations.has(row.id)) this.operations.set(row.id, row);
        return;
      // As bytes, like a real one: the secrets in a row are wiped when the engine lets go of them.
      case 'own-prekey':
        this.prekeys.set(row.prekey.id, { prekey: row.prekey, seed: row.prekey.seed.open().slice() });
        return;
      case 'own-prekey-gone':
        this.prekeys.delete(row.id);
        for (const [ref, pair] of this.pairs) if (pair.row.pair.prekey === row.id) this.pairs.delete(ref);
        return;
      case 'prekey':
        this.known.set(row.device, row);
        return;
      case 'pair':
        this.pairs.set(row.ref, { row, secret: row.pair.secret.open().slice() });
        return;
      case 'retired':
        this.retired = row;
        return;
      case 'boot':
        this.boots.set(Buffer.from(row.token).toString('hex'), row);
        return;
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
      const feed = feeds.get(key);
      const first = feed === undefined || entry.seq < feed.from ? { from: entry.seq, before: entry.previous } : feed;
      const last = feed === undefined || entry.seq > feed.seq ? { seq: entry.seq, entry: entry.id } : feed;
      feeds.set(key, {
        room: entry.room,
        device: entry.device,
        seq: last.seq,
        entry: last.entry,
        from: first.from,
        ...(first.before === undefined ? {} : { before: first.before }),
      });
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
      prekeys: [...this.prekeys.values()].map(({ prekey, seed }) => ({ ...prekey, seed: new Secret('prekey', seed) })),
      known: [...this.known.values()],
      pairs: [...this.pairs.values()].map(({ row, secret }) => ({
        ...row,
        pair: { ...row.pair, secret: new Secret('pair', secret) },
      })),
      ...(this.retired === undefined ? {} : { retired: this.retired }),
      boots: [...this.boots.values()],
      operations: [...this.operations.values()],
      notable: kept.filter((each) => each.isNotable).map(({ entry }) => ({ room: entry.room, bytes: entry.bytes })),
      unsealed: kept.filter((each) => !each.sealed).map(({ entry }) => ({ room: entry.room, bytes: entry.bytes })),
    };
  }

  read(reading: Reading): readonly Uint8Array[] {
    const entries = [...this.entries.values()].map(({ entry }) => entry).filter((entry) => entry.room === reading.room);
    const found =
      reading.for === 'reseal'
        ? entries.filter((entry) => entry.id === reading.entry)
        : entries.filter(
            ({ device, seq }) => device === reading.device && seq >= reading.span.from && seq < reading.span.to,
          );
    return found.sort((a, b) => a.seq - b.seq).map((entry) => entry.bytes);
  }

  entriesOf(room: string): readonly Uint8Array[] {
    return [...this.entries.values()].filter(({ entry }) => entry.room === room).map(({ entry }) => entry.bytes);
  }
}
