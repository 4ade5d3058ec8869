/**
 * The vault: one folder with `vault.json` (how it is locked) and `vault.db` (SQLCipher). It holds the device's keys,
 * the muster list, and everything the engine wants on disk. It never decides anything.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chunk } from '../core/attachment.ts';
import { type DeviceId, deviceId, type EntryId, entryId, type FileId, type RoomId, roomId } from '../core/id.ts';
import type { Random } from '../core/key.ts';
import { Secret } from '../core/secret.ts';
import type { ShelfReading } from '../engine/event.ts';
import type { Row, ShelfPage, Snapshot } from '../engine/row.ts';
import type { Bytes } from '../wire/bytes.ts';
import { Broken, CallerFault } from '../wire/fault.ts';
import type { EnvelopeId } from '../wire/id.ts';
import { bytesOf, Sqlite } from './database.ts';
import { writeWhole } from './file.ts';
import {
  beginIntake,
  countBytes,
  dropIntake,
  dropUntold,
  endIntake,
  fileOf,
  filesIn,
  type Intake,
  type KeptFile,
  numbersOf,
  putIntake,
  readChunks,
} from './files.ts';
import { claimPlace, dataFile, dropHalf, hasVault, lockFile, makePlace } from './folder.ts';
import { dropUnsent } from './former.ts';
import { encodeKeyring, type Keyring, readKeyring } from './keyring.ts';
import { makeLocks, openLocks } from './lock.ts';
import { type FoundEntry, findKept, type KeptEntry, readPageFrom, readPageTo } from './page.ts';
import { applyRow, isLearntAgain } from './rows.ts';
import { steps } from './schema.ts';
import { isOnShelf, readShelf, readShelfIds, readShelfPage, type Shelved } from './shelf.ts';
import { loadSnapshot } from './snapshot.ts';
import type { StretchCost } from './stretch.ts';
import { readQuestion } from './words.ts';

export class Vault {
  readonly #db: Sqlite;
  /** Until it was seen to: the run before may have ended between the two. */
  #isOverInJournal = true;

  private constructor(db: Sqlite) {
    this.#db = db;
  }

  /** A new vault in an empty or new folder. Throws `CallerFault('already-there')` rather than touch an existing one. */
  static async create(
    dir: string,
    passphrase: string,
    ring: Omit<Keyring, 'device'>,
    cost: StretchCost,
    random: Random,
  ): Promise<Vault> {
    makePlace(dir);
    const key = new Secret('vault', random(32));
    const locks = await makeLocks(passphrase, key, cost, random);
    claimPlace(dir);
    let db: Sqlite | undefined;
    try {
      const made = new Sqlite(join(dir, dataFile), key, steps);
      db = made;
      made.transaction(() => made.run('INSERT INTO self (name, value) VALUES (?, ?)', 'keyring', encodeKeyring(ring)));
      // Last: a vault without its lock file counts as not made.
      writeWhole(join(dir, lockFile), locks);
      return new Vault(made);
    } catch (fault) {
      db?.close();
      dropHalf(dir);
      throw fault;
    } finally {
      key.wipe();
    }
  }

  /** Throws `CallerFault`: `not-found`, `wrong-passphrase`, `already-there` (open elsewhere); `Broken`. */
  static async open(dir: string, passphrase: string): Promise<Vault> {
    if (!hasVault(dir))
      throw new CallerFault(
        'not-found',
        `There is no device in ${dir}. Make one with: muster device init --dir ${dir}`,
      );
    const key = await openLocks(readFileSync(join(dir, lockFile), 'utf8'), passphrase);
    try {
      return new Vault(new Sqlite(join(dir, dataFile), key, steps));
    } finally {
      key.wipe();
    }
  }

  close(): void {
    this.#db.close();
  }

  readKeyring(): Keyring {
    const ring = this.#ring('keyring');
    if (ring === undefined) throw new Broken('corrupt', 'The vault holds no keys.');
    return ring;
  }

  /** The keys this device goes on with as soon as a list names them. */
  readNextKeyring(): Keyring | undefined {
    return this.#ring('next');
  }

  #ring(name: 'keyring' | 'next'): Keyring | undefined {
    const [line] = this.#db.all('SELECT value FROM self WHERE name = ?', name);
    return line === undefined ? undefined : readKeyring(bytesOf(line, 'value'));
  }

  /** Keeps keys for later. Those of an earlier call are overwritten. */
  putNextKeyring(ring: Omit<Keyring, 'device'>): void {
    this.#db.transaction(() =>
      this.#db.run('INSERT OR REPLACE INTO self (name, value) VALUES (?, ?)', 'next', encodeKeyring(ring)),
    );
  }

  /** What a person set about proxies; the bytes are those of src/link/setting.ts. */
  readProxy(): Bytes | undefined {
    const [line] = this.#db.all('SELECT value FROM self WHERE name = ?', 'proxy');
    return line === undefined ? undefined : bytesOf(line, 'value');
  }

  /** Keeps a setting, or forgets it: a password in it is overwritten on disk. */
  putProxy(bytes: Bytes | undefined): void {
    this.#db.transaction(() => {
      if (bytes === undefined) this.#db.run('DELETE FROM self WHERE name = ?', 'proxy');
      else this.#db.run('INSERT OR REPLACE INTO self (name, value) VALUES (?, ?)', 'proxy', bytes);
    });
  }

  /** True if this device tells nobody what its person has read. */
  hidesReading(): boolean {
    return this.#db.all('SELECT value FROM self WHERE name = ?', 'hides-reading').length > 0;
  }

  putHidesReading(hides: boolean): void {
    this.#db.transaction(() => {
      if (hides)
        this.#db.run('INSERT OR REPLACE INTO self (name, value) VALUES (?, ?)', 'hides-reading', new Uint8Array([1]));
      else this.#db.run('DELETE FROM self WHERE name = ?', 'hides-reading');
    });
  }

  /** The prekey made with the device is kept with the later ones from now on, where it can be erased. */
  forgetFirstPrekeys(): void {
    const ring = this.readKeyring();
    if (ring.prekeys.length === 0) return;
    const bytes = encodeKeyring({ ...ring, prekeys: [] });
    this.#db.transaction(() => this.#db.run('UPDATE self SET value = ? WHERE name = ?', bytes, 'keyring'));
  }

  /** Signed entries of a feed from one place up to, not including, another, in order. */
  spanOf(room: RoomId, device: DeviceId, from: number, to: number): readonly Bytes[] {
    return this.#db
      .all(
        'SELECT bytes FROM entry WHERE room = ? AND device = ? AND seq >= ? AND seq < ? ORDER BY seq',
        roomId.bytes(room),
        deviceId.bytes(device),
        from,
        to,
      )
      .map((line) => bytesOf(line, 'bytes'));
  }

  /** One signed entry, or nothing. */
  entryOf(room: RoomId, entry: EntryId): readonly Bytes[] {
    return this.#db
      .all('SELECT bytes FROM entry WHERE room = ? AND id = ?', roomId.bytes(room), entryId.bytes(entry))
      .map((line) => bytesOf(line, 'bytes'));
  }

  /**
   * The oldest texts of a room, whole, that came before a time and were written before it or after `nowMs`. Entries that
   * wait for an epoch are left out.
   */
  oldOf(
    room: RoomId,
    { beforeMs, nowMs, limit }: { readonly beforeMs: number; readonly nowMs: number; readonly limit: number },
  ): readonly Bytes[] {
    return this.#db
      .all(
        `SELECT bytes FROM entry WHERE said = 1 AND room = ? AND receivedAtMs <= ? AND (timeMs <= ? OR timeMs > ?) AND sealed = 1
         ORDER BY receivedAtMs LIMIT ?`,
        roomId.bytes(room),
        beforeMs,
        beforeMs,
        nowMs,
        limit,
      )
      .map((line) => bytesOf(line, 'bytes'));
  }

  /** The newest bundle, if this device has been given one. */
  readBundle(): Bytes | undefined {
    const [line] = this.#db.all('SELECT bytes FROM bundle ORDER BY version DESC LIMIT 1');
    return line === undefined ? undefined : bytesOf(line, 'bytes');
  }

  /** All of them, newest first. */
  readBundles(): readonly Bytes[] {
    return this.#db.all('SELECT bytes FROM bundle ORDER BY version DESC').map((line) => bytesOf(line, 'bytes'));
  }

  /** The caller has checked it. Older ones are kept: evidence names the version that was in force. */
  putBundle(version: number, bytes: Bytes): void {
    this.#db.transaction(() => this.#keepBundle(version, bytes));
  }

  /** The list names the next keys: from now on this is another device. What the one before was sealed to is overwritten. */
  putBundleAsNext(version: number, bytes: Bytes): void {
    const next = this.readNextKeyring();
    if (next === undefined) throw new Broken('broken', 'there are no next keys to go on with');
    this.#db.transaction(() => {
      this.#keepBundle(version, bytes);
      const isCopy = this.#db.all('SELECT 1 AS one FROM retired').length > 0;
      if (isCopy) dropUnsent(this.#db, this.readKeyring().device.id);
      this.#db.run('UPDATE self SET value = ? WHERE name = ?', encodeKeyring(next), 'keyring');
      this.#db.run('DELETE FROM self WHERE name = ?', 'next');
      for (const table of ['ownPrekey', 'pair', 'retired']) this.#db.run(`DELETE FROM ${table}`);
    });
  }

  #keepBundle(version: number, bytes: Bytes): void {
    this.#db.run('INSERT OR IGNORE INTO bundle (version, bytes) VALUES (?, ?)', version, bytes);
  }

  /**
   * One transaction, on disk when it returns, but for what relays tell again: that is on disk with what is written next,
   * and a message need not wait for a second fsync before it shows as sent. Throws `Broken('io')` with nothing changed.
   */
  apply(rows: readonly Row[]): void {
    this.#db.transaction(
      () => {
        for (const row of rows) applyRow(this.#db, row);
      },
      { isSynced: !isLearntAgain(rows) },
    );
    this.#isOverInJournal ||= rows.some((row) => row.type === 'expired');
    this.#emptyJournal();
  }

  /**
   * Pages as they were before are still in the journal; what is over must not be there either. A disk that has no room for
   * that does not undo what is on it: it is tried again with what is written next.
   */
  #emptyJournal(): void {
    if (!this.#isOverInJournal) return;
    try {
      this.#db.emptyJournal();
      this.#isOverInJournal = false;
    } catch {
      // Whoever needs the room is told by what cannot be written.
    }
  }

  /** What a relay lacks of the shelf, oldest first, as much as the bound allows. */
  shelfPage(reading: ShelfReading, bound: { readonly items: number; readonly bytes: number }): ShelfPage {
    return readShelfPage(this.#db, reading, bound);
  }

  /** At most `count` envelopes after a position, in order: those that came at this time or later, and all that are owed. */
  shelf(after: number, sinceMs: number, count: number): readonly Shelved[] {
    return readShelf(this.#db, after, sinceMs, count);
  }

  isOnShelf(id: EnvelopeId): boolean {
    return isOnShelf(this.#db, id);
  }

  /** Which envelopes are on the shelf after a position, in order, at most `count`. */
  shelfIds(after: number, count: number): readonly Pick<Shelved, 'id' | 'position'>[] {
    return readShelfIds(this.#db, after, count);
  }

  /** Chunks of a file from this number on, as far as they are here without a gap; number 0 is the index. */
  chunksOf(file: FileId, from: number, count: number): readonly Bytes[] {
    return readChunks(this.#db, file, from, count);
  }

  /** Numbers of the chunks of a file that are here. */
  chunkNumbers(file: FileId): readonly number[] {
    return numbersOf(this.#db, file);
  }

  /** Files that a room was told of, in the order in which that came. */
  filesOf(room: RoomId): readonly KeptFile[] {
    return filesIn(this.#db, room);
  }

  fileOf(room: RoomId, entry: EntryId): KeptFile | undefined {
    return fileOf(this.#db, room, entry);
  }

  /** Bytes of files on this device. */
  fileBytes(): number {
    return countBytes(this.#db);
  }

  /** A file is read in piece by piece. It is nothing until it ends, and goes at the next start if no entry tells of it. */
  beginIntake(): Intake {
    return beginIntake(this.#db);
  }

  putIntake(intake: Intake, chunks: readonly Chunk[]): void {
    putIntake(this.#db, intake, chunks);
  }

  endIntake(intake: Intake, file: FileId, index: Bytes): void {
    endIntake(this.#db, intake, file, index);
  }

  dropIntake(intake: Intake): void {
    dropIntake(this.#db, intake);
  }

  /** Once, before anything else: what an unfinished reading in of a file left behind goes. */
  load(): Snapshot {
    dropUntold(this.#db);
    this.#emptyJournal();
    return loadSnapshot(this.#db);
  }

  /** Signed entries of a room, in the order they came. */
  entriesOf(room: RoomId): readonly Bytes[] {
    return this.#db
      .all('SELECT bytes FROM entry WHERE room = ? ORDER BY position', roomId.bytes(room))
      .map((line) => bytesOf(line, 'bytes'));
  }

  /**
   * Texts that answer what a person typed (words.ts), the newest first: by when they came here. `before`: the position of
   * the last one shown so far. Nothing for a question without a word in it.
   */
  search(
    typed: string,
    where: { readonly room?: RoomId; readonly before?: number; readonly limit: number },
  ): readonly FoundEntry[] {
    const question = readQuestion(typed);
    return question === undefined ? [] : findKept(this.#db, question, where);
  }

  /** The newest `count` entries of a room before an entry (or of all), oldest first. */
  pageOf(room: RoomId, before: EntryId | undefined, count: number): readonly KeptEntry[] {
    return readPageTo(this.#db, room, before, count);
  }

  /** This entry and those that came after it, oldest first. Nothing, if it is not in this room. */
  pageFrom(room: RoomId, entry: EntryId, count: number): readonly KeptEntry[] {
    return readPageFrom(this.#db, room, entry, count);
  }
}
