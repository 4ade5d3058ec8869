/**
 * The database driver, with what the relay asks of it: statements kept, rows checked, transactions that leave nothing
 * behind. The one file of the relay that names the driver.
 *
 * It must never run with less than `synchronous = FULL`: an acknowledgement would be a guess.
 */
import { Database as Connection } from '@signalapp/sqlcipher';
import { Broken, Fault } from '../src/wire/fault.ts';

type Value = number | string | Uint8Array | null;
export type Row = Readonly<Record<string, unknown>>;

/** The driver takes arrays over plain ArrayBuffers only; ours are, unless someone shares memory. */
const isPlain = (value: Value): value is number | string | Uint8Array<ArrayBuffer> | null =>
  !(value instanceof Uint8Array) || value.buffer instanceof ArrayBuffer;
const plain = (values: readonly Value[]) =>
  values.map((value) => (isPlain(value) ? value : Uint8Array.from(value instanceof Uint8Array ? value : [])));

/** Rows are our own, but a damaged file can hold anything. */
export function integer(value: unknown): number {
  if (typeof value !== 'number') throw new Broken('corrupt', 'the relay database holds something else than a number');
  return value;
}
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer))
    throw new Broken('corrupt', 'the relay database holds something else than bytes');
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The file holds something that no database wrote. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Fault ? error.code === 'corrupt' : /SQLITE_(CORRUPT|NOTADB)/.test(textOf(error));

/** Larger than usual: a parcel is larger than a small page. Still larger ones would stay half empty behind parcels of 9 KB. */
const pageSize = 8192;

export class Database {
  readonly #db: Connection;
  #logPages = 0;
  /** `ahead` has begun a transaction. */
  #isBegun = false;

  constructor(path: string) {
    this.#db = new Connection(path, { cacheStatements: true });
    this.#db.pragma(`page_size = ${pageSize}`); // of a file that is made now; an older one keeps its own
    this.#db.pragma('journal_mode = WAL');
    // The driver is built with synchronous=NORMAL for WAL.
    this.#db.pragma('synchronous = FULL');
    this.#db.pragma('wal_autocheckpoint = 0'); // `checkpoint` is called where nobody waits for it
    this.#db.pragma('cache_size = -16384');
    this.#db.pragma('temp_store = MEMORY');
    this.#db.setWalHook((_name: string, pages: number) => {
      this.#logPages = pages;
    });
  }

  run(text: string, values: readonly Value[] = []): void {
    this.#db.prepare(text).run(plain(values));
  }

  all(text: string, values: readonly Value[] = []): readonly Row[] {
    return this.#db.prepare(text).all(plain(values));
  }

  /** The one column of all rows: an eighth of what rows cost. */
  values(text: string, values: readonly Value[] = []): readonly unknown[] {
    return this.#db.prepare(text, { pluck: true }).all(plain(values));
  }

  /** The one column of the first row. */
  value(text: string, values: readonly Value[] = []): unknown {
    return this.#db.prepare(text, { pluck: true }).get(plain(values));
  }

  exec(text: string): void {
    this.#db.exec(text);
  }

  /** On disk when it returns, with what `ahead` did before it; nothing of either is there when it throws. */
  transaction<T>(work: () => T): T {
    return this.#within(() => {
      const value = work();
      this.run('COMMIT');
      this.#isBegun = false;
      return value;
    });
  }

  /** Begins the next transaction with this, while nobody waits. */
  ahead(work: () => void): void {
    this.#within(work);
  }

  #within<T>(work: () => T): T {
    try {
      if (!this.#isBegun) this.run('BEGIN');
      this.#isBegun = true;
      return work();
    } catch (error) {
      this.#isBegun = false;
      try {
        this.run('ROLLBACK');
      } catch {} // SQLite has done it already
      throw error;
    }
  }

  /** Bytes of the log that wait to be moved into the main file. */
  get logBytes(): number {
    return this.#logPages * pageSize;
  }

  /** Moves what was committed into the main file, as far as nobody reads there; the rest is moved the next time. */
  checkpoint(): void {
    this.all('PRAGMA wal_checkpoint(PASSIVE)');
    this.#logPages = 0;
  }

  close(): void {
    this.#db.close();
  }
}
