/**
 * The encrypted database file: opening it, migrations, transactions. The only file of the vault that names the
 * driver. It never logs a statement or a value.
 */
import Database, { type SqliteValue } from '@signalapp/sqlcipher';
import type { Secret } from '../core/secret.ts';
import { type Bytes, hex } from '../wire/bytes.ts';
import { Broken, CallerFault } from '../wire/fault.ts';

type Value = SqliteValue<object>;
export type Line = Readonly<Record<string, Value>>;

/** One version of the tables, from the one before. */
export type Step = string | ((db: Sqlite) => void);

export class Sqlite {
  readonly #db: Database;
  #isSynced = true;

  /** Creates the file if it is not there, and brings it to the last of these steps. Throws `CallerFault('already-there')` when another Muster has it open. */
  constructor(path: string, key: Secret<'vault'>, steps: readonly Step[]) {
    this.#db = new Database(path, { cacheStatements: true });
    try {
      this.#db.pragma(`key = "x'${hex(key.open())}'"`);
      // A second process on one vault would be a second device with the same identity.
      this.#db.pragma('locking_mode = EXCLUSIVE');
      this.#db.pragma('journal_mode = WAL');
      this.#db.pragma('synchronous = FULL');
      this.#db.pragma('secure_delete = ON');
      this.#migrate(steps);
    } catch (cause) {
      this.#db.close();
      throw translate(cause);
    }
  }

  /** The row id of what was inserted last. */
  run(sql: string, ...values: readonly (Bytes | string | number | null)[]): number {
    return this.#db.prepare(sql).run(values.map(bind)).lastInsertRowid;
  }

  all(sql: string, ...values: readonly (Bytes | string | number | null)[]): readonly Line[] {
    return this.#db.prepare(sql).all<Line>(values.map(bind));
  }

  /** Several statements, without values. */
  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /**
   * All or nothing, and on disk when it returns. Without `isSynced` it survives the end of this process and not of the
   * machine, until the next one that is synced. Throws `Broken('io')` with nothing changed.
   */
  transaction(work: () => void, { isSynced = true }: { readonly isSynced?: boolean } = {}): void {
    try {
      this.#sync(isSynced);
      this.#db.transaction(work)();
    } catch (cause) {
      throw translate(cause);
    }
  }

  /** Everything goes from the journal into the main file, and the journal is cut to nothing. */
  emptyJournal(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
  }

  #sync(isSynced: boolean): void {
    if (isSynced === this.#isSynced) return;
    this.#db.pragma(`synchronous = ${isSynced ? 'FULL' : 'NORMAL'}`);
    this.#isSynced = isSynced;
  }

  close(): void {
    this.#db.close();
  }

  #migrate(steps: readonly Step[]): void {
    const version = Number(this.#db.pragma('user_version', { simple: true }) ?? 0);
    if (version > steps.length)
      throw new Broken(
        'corrupt',
        'This vault was written by a newer version of Muster. Use that version; nothing was changed.',
      );
    for (const [i, step] of steps.entries()) {
      if (i < version) continue;
      this.#db.transaction(() => {
        if (typeof step === 'string') this.#db.exec(step);
        else step(this);
        this.#db.pragma(`user_version = ${i + 1}`);
      })();
    }
  }
}

function bind(value: Bytes | string | number | null): Value {
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}

function translate(cause: unknown): unknown {
  const text = cause instanceof Error ? cause.message : '';
  if (/locked|busy/i.test(text)) {
    return new CallerFault(
      'already-there',
      'Another Muster on this machine has this device open. Close it, or use that one.',
      { cause },
    );
  }
  if (/not a database|malformed|corrupt/i.test(text))
    return new Broken('corrupt', 'The vault’s database is damaged. Restore it from a copy, or join again.', { cause });
  if (/full|readonly|read-only|i\/o|unable to open/i.test(text)) {
    return new Broken(
      'io',
      'The vault could not be written: the disk may be full or read-only. Nothing was lost; make room and try again.',
      { cause },
    );
  }
  return cause;
}

export function bytesOf(line: Line, name: string): Bytes {
  const value = line[name];
  if (!(value instanceof Uint8Array)) throw new Broken('corrupt', `The vault holds something unexpected in ${name}.`);
  return value;
}

export function numberOf(line: Line, name: string): number {
  const value = line[name];
  if (typeof value !== 'number') throw new Broken('corrupt', `The vault holds something unexpected in ${name}.`);
  return value;
}
