/**
 * Where the parcels of a topic lie, and how much each organisation keeps. New places stay in a table in memory and go to
 * the file many at a time, sorted by topic: one by one each would touch a page of its own, and a commit would write ten
 * times what it stores. The table in memory takes part in transactions, so nothing here has to be taken back by hand.
 *
 * Nothing is lost by that: the parcels are on disk, `meta.placed_to` says up to where the file knows their places, and
 * the rest is read again at the start.
 */
import { type Database, integer, type Row } from './driver.ts';

/** Places that go to the file together. As many are read at the start at most. */
const together = 2048;

export interface PlaceRow {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly size: number;
}
export interface Kept {
  readonly bytes: number;
  readonly envelopes: number;
}

export class Shelf {
  readonly #db: Database;
  #fresh = 0;

  constructor(db: Database) {
    this.#db = db;
    db.exec(`
      CREATE TEMP TABLE fresh (
        topic INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        count INTEGER NOT NULL, size INTEGER NOT NULL, total INTEGER NOT NULL,
        PRIMARY KEY (topic, first)
      ) STRICT, WITHOUT ROWID;
      CREATE TEMP TABLE tally (org INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, envelopes INTEGER NOT NULL) STRICT;
    `);
  }

  /** Reads the places that the file does not have yet. */
  load(): void {
    const rows = this.#db.all(
      'SELECT p.first, p.last, p.topic, p.size, length(p.marks) / 16 AS count, t.org FROM parcel p JOIN topic t ON t.id = p.topic WHERE p.first > (SELECT placed_to FROM meta) ORDER BY p.first',
    );
    const totals = new Map<number, number>();
    for (const row of rows) {
      const [topic, size] = [integer(row['topic']), integer(row['size'])];
      const total = (totals.get(topic) ?? this.ends(topic).total) + size;
      totals.set(topic, total);
      const count = integer(row['count']);
      this.add(topic, { first: integer(row['first']), last: integer(row['last']), count, size }, total);
      this.count(integer(row['org']), size, count);
    }
  }

  add(topic: number, { first, last, count, size }: PlaceRow, total: number): void {
    const values = [topic, first, last, count, size, total];
    this.#db.run('INSERT INTO fresh (topic, first, last, count, size, total) VALUES (?, ?, ?, ?, ?, ?)', values);
    this.#fresh += 1;
  }

  /** What an organisation keeps changes by this. */
  count(org: number, bytes: number, envelopes: number): void {
    this.#db.run(
      'INSERT INTO tally (org, bytes, envelopes) VALUES (?, ?, ?) ON CONFLICT (org) DO UPDATE SET bytes = bytes + excluded.bytes, envelopes = envelopes + excluded.envelopes',
      [org, bytes, envelopes],
    );
  }

  kept(org: number): Kept {
    return kept(this.#db.all(`${sums} WHERE o.id = ?`, [org])[0]);
  }

  keptByAll(): Kept {
    return kept(this.#db.all(`SELECT sum(bytes) AS bytes, sum(envelopes) AS envelopes FROM (${sums})`)[0]);
  }

  keptByEach(): readonly Row[] {
    return this.#db.all(`${sums}`);
  }

  /** Places from the one that `after` lies in, `most` of them. */
  from(topic: number, after: number, most: number): PlaceRow[] {
    const begin = this.firstOf(topic, after) ?? 0;
    const rows = this.#db.all(select('place', 'first >= ? ORDER BY first LIMIT ?'), [topic, begin, most]);
    const more = this.#db.all(select('fresh', 'first >= ? ORDER BY first LIMIT ?'), [topic, begin, most - rows.length]);
    return [...rows, ...more].map((row) => ({
      first: integer(row['first']),
      last: integer(row['last']),
      count: integer(row['count']),
      size: integer(row['size']),
    }));
  }

  /** The parcel in which an envelope with this offset would be. */
  firstOf(topic: number, offset: number): number | undefined {
    const where = 'first <= ? ORDER BY first DESC LIMIT 1';
    const values = [topic, offset];
    const [row] = this.#db.all(select('fresh', where), values);
    const found = row ?? this.#db.all(select('place', where), values)[0];
    return found === undefined ? undefined : integer(found['first']);
  }

  /** The oldest parcel, the highest offset, and bytes from the beginning on and of those that are gone. */
  ends(topic: number): { readonly first: number | undefined; readonly last: number; total: number; gone: number } {
    const at = (order: string, tables: readonly string[]): Row | undefined => {
      for (const table of tables) {
        const [row] = this.#db.all(select(table, `1 ORDER BY first ${order} LIMIT 1`), [topic]);
        if (row !== undefined) return row;
      }
      return undefined;
    };
    const newest = at('DESC', ['fresh', 'place']);
    const oldest = at('ASC', ['place', 'fresh']);
    if (newest === undefined || oldest === undefined) return { first: undefined, last: 0, total: 0, gone: 0 };
    return {
      first: integer(oldest['first']),
      last: integer(newest['last']),
      total: integer(newest['total']),
      gone: integer(oldest['total']) - integer(oldest['size']),
    };
  }

  drop(topic: number, first: number): void {
    for (const table of ['place', 'fresh'])
      this.#db.run(`DELETE FROM ${table} WHERE topic = ? AND first = ?`, [topic, first]);
  }

  /** Inside a transaction: writes the places when there are many, or when the file has to know. `top`: the highest offset. */
  write(top: number, isDue: boolean): void {
    if (!isDue && this.#fresh < together) return;
    this.#fresh = 0;
    this.#db.run('INSERT INTO place SELECT * FROM fresh ORDER BY topic, first');
    this.#db.run('DELETE FROM fresh');
    this.#db.run(
      'UPDATE org SET bytes = org.bytes + t.bytes, envelopes = org.envelopes + t.envelopes FROM tally t WHERE t.org = org.id',
    );
    this.#db.run('DELETE FROM tally');
    this.#db.run('UPDATE meta SET placed_to = ?', [top]);
  }
}

const select = (table: string, where: string): string =>
  `SELECT first, last, count, size, total FROM ${table} WHERE topic = ? AND ${where}`;
const sums =
  'SELECT o.id, o.fingerprint, o.bytes + coalesce(t.bytes, 0) AS bytes, o.envelopes + coalesce(t.envelopes, 0) AS envelopes FROM org o LEFT JOIN tally t ON t.org = o.id';
const kept = (row: Row | undefined): Kept => ({
  bytes: integer(row?.['bytes'] ?? 0),
  envelopes: integer(row?.['envelopes'] ?? 0),
});
