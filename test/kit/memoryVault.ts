/** What the vault does, on a Map: applies rows and gives them back. Shows that rows alone are enough to go on. */

import type { Chunk } from '../../src/core/attachment.ts';
import { readBody } from '../../src/core/body.ts';
import { type Entry, reopenEntry, stripEntry } from '../../src/core/entry.ts';
import type { FileId, RoomId } from '../../src/core/id.ts';
import { Secret } from '../../src/core/secret.ts';
import { batchesOf } from '../../src/engine/batch.ts';
import type { Reading, ShelfReading } from '../../src/engine/event.ts';
import { appendBound } from '../../src/engine/outbox.ts';
import type { HeldPrekey, Parcel, Row, RowOf, ShelfPage, Snapshot } from '../../src/engine/row.ts';
import type { RelayId } from '../../src/wire/id.ts';

/** An envelope on the shelf, and the relays that have it, with the offset, by acknowledgement or only by having brought it. */
interface OnShelf {
  readonly position: number;
  readonly atMs: number;
  readonly envelope: Omit<Parcel, 'held' | 'isKept'>;
  readonly isKept: boolean;
  readonly isOwn: boolean;
  isOwed: boolean;
  readonly at: Map<RelayId, { readonly offset: number; readonly isHeld: boolean }>;
}

interface Kept {
  entry: Entry;
  isNotable: boolean;
  sealed: boolean;
  receivedAtMs: number;
}

export class MemoryVault {
  readonly rooms = new Map<string, RowOf<'room'>>();
  readonly epochs = new Map<string, RowOf<'epoch'>>();
  readonly entries = new Map<string, Kept>();
  readonly heads = new Map<string, RowOf<'heads'>>();
  readonly shelf = new Map<string, OnShelf>();
  readonly erased = new Map<string, { readonly room: RoomId; readonly tag: string }>();
  readonly relays = new Map<string, RowOf<'relay'>>();
  readonly cursors = new Map<string, RowOf<'cursor'>>();
  readonly parked = new Map<string, RowOf<'parked'>>();
  readonly haves = new Map<string, RowOf<'have'>>();
  readonly reads = new Map<string, RowOf<'read'>>();
  readonly held = new Set<string>();
  readonly operations = new Map<string, RowOf<'operation'>>();
  readonly prekeys = new Map<string, { readonly prekey: HeldPrekey; readonly seed: Uint8Array }>();
  readonly files = new Map<string, RowOf<'file'>>();
  readonly fileHeld = new Map<string, RowOf<'file-held'>>();
  readonly chunks = new Map<FileId, Map<number, Uint8Array>>();
  readonly known = new Map<string, RowOf<'prekey'>>();
  readonly pairs = new Map<string, { readonly row: RowOf<'pair'>; readonly secret: Uint8Array }>();
  retired: RowOf<'retired'> | undefined;
  #position = 0;

  /** The same rows in a vault of its own, as when the disk of a device is copied. */
  copy(): MemoryVault {
    const copy = new MemoryVault();
    for (const [name, held] of Object.entries(this)) {
      const mine: unknown = Reflect.get(copy, name);
      if (held instanceof Map && mine instanceof Map) for (const [key, value] of held) mine.set(key, value);
      else if (held instanceof Set && mine instanceof Set) for (const value of held) mine.add(value);
      else Reflect.set(copy, name, held);
    }
    // What is changed in place.
    for (const [key, value] of this.entries) copy.entries.set(key, { ...value });
    for (const [key, value] of this.shelf) copy.shelf.set(key, { ...value, at: new Map(value.at) });
    copy.#position = this.#position;
    return copy;
  }

  /** What is owed to relays. */
  get parcels(): ReadonlyMap<string, Parcel> {
    const owed = [...this.shelf].filter(([, { isOwed }]) => isOwed);
    return new Map(
      owed.map(([id, { envelope, isKept, at }]) => [
        id,
        { ...envelope, isKept, held: [...at].filter(([, { isHeld }]) => isHeld).map(([relay]) => relay) },
      ]),
    );
  }
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
        if (row.erased !== undefined) this.erased.set(`${row.room} ${row.erased}`, { room: row.room, tag: row.erased });
        return;
      case 'entry':
        this.entries.set(row.entry.id, {
          entry: row.entry,
          sealed: row.sealed,
          isNotable: row.isNotable,
          receivedAtMs: row.receivedAtMs,
        });
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
      case 'expired': {
        const kept = this.entries.get(row.entry);
        if (kept !== undefined) kept.entry = reopenEntry(stripEntry(kept.entry.bytes), row.room);
        this.files.delete(row.entry);
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
      case 'parcel': {
        const { held: _, isKept, ...envelope } = row.parcel;
        this.#shelve({ envelope, isKept, isOwn: true, isOwed: true, atMs: row.atMs });
        return;
      }
      case 'shelve': {
        const { type: _, atMs, ...envelope } = row;
        this.#shelve({ envelope, isKept: true, isOwn: false, isOwed: false, atMs });
        return;
      }
      case 'parcel-done': {
        const kept = this.shelf.get(row.id);
        if (kept !== undefined) kept.isOwed = false;
        if (!row.isKept) this.shelf.delete(row.id);
        return;
      }
      case 'at': {
        const kept = this.shelf.get(row.id);
        const isHeld = row.isHeld || kept?.at.get(row.relay)?.isHeld === true;
        kept?.at.set(row.relay, { offset: row.offset, isHeld });
        if (row.isHeld && kept?.envelope.entry !== undefined) this.held.add(`${kept.envelope.entry.id} ${row.relay}`);
        return;
      }
      case 'rolled-back':
        for (const { envelope, at } of this.shelf.values()) {
          if (envelope.topic !== row.topic || (at.get(row.relay)?.offset ?? 0) <= row.upTo) continue;
          at.delete(row.relay);
          if (envelope.entry !== undefined) this.held.delete(`${envelope.entry.id} ${row.relay}`);
        }
        return;
      case 'shelf-bound': {
        let bytes = 0;
        for (const [id, { isOwed, atMs, envelope }] of [...this.shelf].reverse()) {
          if (isOwed) continue;
          bytes += envelope.bytes.length;
          if (atMs < row.beforeMs || bytes > row.bytes) this.shelf.delete(id);
        }
        return;
      }
      case 'file':
        this.files.set(row.entry, row);
        return;
      case 'file-held':
        this.fileHeld.set(`${row.entry} ${row.relay}`, row);
        return;
      case 'chunk': {
        const chunks = this.chunks.get(row.file) ?? new Map<number, Uint8Array>();
        this.chunks.set(row.file, chunks);
        if (!chunks.has(row.number)) chunks.set(row.number, row.bytes.slice());
        return;
      }
      case 'file-gone': {
        const file = this.files.get(row.entry);
        if (file === undefined) return;
        this.files.set(row.entry, { ...file, isWanted: false, isOffered: false });
        for (const key of this.fileHeld.keys()) if (key.startsWith(row.entry)) this.fileHeld.delete(key);
        const isUsed = [...this.files.values()].some(
          ({ facts, isWanted, isOffered }) => facts.file === file.facts.file && (isWanted || isOffered),
        );
        if (!isUsed) this.chunks.delete(file.facts.file);
        return;
      }
      case 'untailed':
        for (const [key, cursor] of this.cursors) if (cursor.topic === row.topic) this.cursors.delete(key);
        return;
      case 'relay':
        for (const [key, held] of this.fileHeld) if (held.relay === row.relay) this.fileHeld.delete(key);
        this.relays.set(row.relay, row);
        for (const [key, cursor] of this.cursors) if (cursor.relay === row.relay) this.cursors.delete(key);
        for (const { at } of this.shelf.values()) at.delete(row.relay);
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
      case 'read':
        this.reads.set(`${row.room} ${row.device}`, row);
        return;
      default:
        row satisfies never;
    }
  }

  #shelve(facts: Omit<OnShelf, 'position' | 'at'>): void {
    if (this.shelf.has(facts.envelope.id)) return;
    this.#position += 1;
    this.shelf.set(facts.envelope.id, { ...facts, position: this.#position, at: new Map() });
  }

  shelfPage({ relay, after, isOwn: onlyOwn }: ShelfReading): ShelfPage {
    const missing = [...this.shelf.values()].filter(
      ({ isOwed, isOwn, position, at }) =>
        !isOwed && position > after && (onlyOwn ? isOwn && at.get(relay)?.isHeld !== true : !at.has(relay)),
    );
    const [page = []] = batchesOf(missing, ({ envelope }) => envelope.bytes.length, appendBound);
    const next = missing[page.length];
    const [first] = missing;
    return {
      envelopes: page.map(({ envelope }) => envelope),
      after: first === undefined ? this.#position : first.position - 1,
      ...(next === undefined ? {} : { next: next.envelope.id }),
    };
  }

  /** Bytes of all chunks. */
  get fileBytes(): number {
    return [...this.chunks.values()].reduce(
      (sum, chunks) => sum + [...chunks.values()].reduce((all, bytes) => all + bytes.length, 0),
      0,
    );
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
      reads: [...this.reads.values()],
      files: [...this.files.values()]
        .filter(({ isWanted, isOffered }) => isWanted || isOffered)
        .map(({ type: _, ...file }) => ({
          ...file,
          here: file.isWanted ? this.here(file.facts.file) : [],
          held: new Map(
            [...this.fileHeld.values()]
              .filter((each) => each.entry === file.entry)
              .map(({ relay, count }) => [relay, count] as const),
          ),
        })),
      fileBytes: this.fileBytes,
      prekeys: [...this.prekeys.values()].map(({ prekey, seed }) => ({ ...prekey, seed: new Secret('prekey', seed) })),
      known: [...this.known.values()],
      pairs: [...this.pairs.values()].map(({ row, secret }) => ({
        ...row,
        pair: { ...row.pair, secret: new Secret('pair', secret) },
      })),
      ...(this.retired === undefined ? {} : { retired: this.retired }),
      boots: [...this.boots.values()],
      operations: [...this.operations.values()],
      erased: [...this.erased.values()],
      notable: kept.filter((each) => each.isNotable).map(({ entry }) => ({ room: entry.room, bytes: entry.bytes })),
      unsealed: kept.filter((each) => !each.sealed).map(({ entry }) => ({ room: entry.room, bytes: entry.bytes })),
    };
  }

  /** As a file that was read in: on disk, and told of by nobody yet. */
  keepChunks(file: FileId, chunks: readonly Chunk[]): void {
    for (const { number, bytes } of chunks) this.#put({ type: 'chunk', file, number, bytes });
  }

  here(file: FileId): readonly number[] {
    return [...(this.chunks.get(file)?.keys() ?? [])].sort((a, b) => a - b);
  }

  #chunksOf(file: FileId, from: number, count: number): readonly Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let number = from; number < from + count; number++) {
      const bytes = this.chunks.get(file)?.get(number);
      if (bytes === undefined) break;
      out.push(bytes);
    }
    return out;
  }

  read(reading: Reading): readonly Uint8Array[] {
    if (reading.for === 'index') return this.#chunksOf(reading.file, 0, 1);
    if (reading.for === 'carry') return this.#chunksOf(reading.file, reading.from, reading.count);
    if (reading.for === 'expire') return this.#oldOf(reading);
    const entries = [...this.entries.values()].map(({ entry }) => entry).filter((entry) => entry.room === reading.room);
    const found =
      reading.for === 'reseal'
        ? entries.filter((entry) => entry.id === reading.entry)
        : entries.filter(
            ({ device, seq }) => device === reading.device && seq >= reading.span.from && seq < reading.span.to,
          );
    return found.sort((a, b) => a.seq - b.seq).map((entry) => entry.bytes);
  }

  #oldOf({ room, beforeMs, nowMs, limit }: Reading & { readonly for: 'expire' }): readonly Uint8Array[] {
    return [...this.entries.values()]
      .filter(
        ({ entry, sealed }) =>
          entry.room === room && sealed && ['text', 'file'].includes(readBody(entry.body)?.type ?? ''),
      )
      .filter(
        ({ entry: { timeMs }, receivedAtMs }) => receivedAtMs <= beforeMs && (timeMs <= beforeMs || timeMs > nowMs),
      )
      .sort((a, b) => a.receivedAtMs - b.receivedAtMs)
      .slice(0, limit)
      .map(({ entry }) => entry.bytes);
  }

  entriesOf(room: string): readonly Uint8Array[] {
    return [...this.entries.values()].filter(({ entry }) => entry.room === room).map(({ entry }) => entry.bytes);
  }
}
