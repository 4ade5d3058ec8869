/**
 * Topics on disk: one SQLite file, opened without a key, because what is in it is ciphertext already. This is the half
 * of the store that may wait for a disk; it runs in a thread of its own (thread.ts).
 *
 * It must never answer a batch before the commit is on disk (WAL with synchronous=FULL: one fsync per commit), and
 * never keep in memory what a failed commit took back.
 */
import { randomBytes } from 'node:crypto';
import { concat, equal, hex } from '../src/wire/bytes.ts';
import { Broken, Fault, Refused } from '../src/wire/fault.ts';
import { readPage } from './backlog.ts';
import { bytesOf, Database, integer, isDamage } from './driver.ts';
import { eachMark, Known, marksBytes } from './known.ts';
import type { Ask, Batch, Calls, Done, Opened, Packed, Place, RawPage, Row, StoreJob, Totals } from './message.ts';
import { moveOld } from './move.ts';
import { unpackWave } from './pack.ts';
import { type Item, readItems } from './parcel.ts';
import { migrations } from './schema.ts';
import { Shelf } from './shelf.ts';
import type { Receipt } from './storage.ts';

interface Topic {
  readonly id: number;
  /** Bytes that came since its first envelope, and bytes of those that are gone. */
  total: number;
  gone: number;
}
interface Org {
  readonly id: number;
  readonly key: string;
  /** Bytes it keeps, as of the last batch. */
  kept: number;
}

const byOffset = (items: Uint8Array): ReadonlyMap<number, Item> =>
  new Map(readItems(items).map((item) => [item.offset, item]));

/** Its receipt, if it is this envelope. */
const receiptOf = (item: Item | undefined, envelope: Uint8Array): Receipt | undefined =>
  item !== undefined && equal(item.envelope, envelope)
    ? { offset: item.offset, receivedAtMs: item.receivedAtMs }
    : undefined;

/** Bytes of log from which on it is moved into the main file: little to read after a crash, few moves under load. */
const logBytes = 16 * 1024 * 1024;

export class TopicDatabase implements Omit<Calls, 'open' | 'backup'> {
  readonly opened: Opened;
  readonly #job: StoreJob;
  readonly #db: Database;
  readonly #known: Known;
  readonly #shelf: Shelf;
  readonly #topics = new Map<string, Topic>();
  readonly #topicById = new Map<number, Topic>();
  readonly #orgs = new Map<string, Org>();
  /** The parcel last read for a comparison, for as long as a batch. */
  #compared: { readonly first: number; readonly items: ReadonlyMap<number, Item> } | undefined;
  #top = 0;
  /** What this batch does to the sums of organisations. */
  readonly #changes = new Map<Org, { bytes: number; envelopes: number }>();
  /** Parcels dropped in this batch. */
  #dropped = 0;

  constructor(job: StoreJob) {
    this.#job = job;
    this.#db = new Database(job.path);
    this.#migrate();
    this.#db.transaction(() => {
      // A copy is a store that lost what came after it: devices have to offer it again.
      if (integer(this.#db.value('SELECT is_copy FROM meta')) === 1)
        this.#db.run('UPDATE meta SET is_copy = 0, store = ?', [randomBytes(16)]);
    });
    this.#known = new Known(this.#db);
    this.#shelf = new Shelf(this.#db);
    let isDamaged = false;
    let newest: Readonly<Record<string, unknown>> | undefined;
    try {
      this.#known.load();
      this.#db.transaction(() => this.#shelf.load());
      [newest] = this.#db.all('SELECT last, received_at FROM parcel ORDER BY first DESC LIMIT 1');
    } catch (error) {
      // What lies elsewhere in the file can still be read.
      if (!isDamage(error)) throw error;
      isDamaged = true;
    }
    this.#top = newest === undefined ? 0 : integer(newest['last']);
    this.opened = {
      isDamaged,
      id: bytesOf(this.#db.value('SELECT store FROM meta')),
      secret: bytesOf(this.#db.value('SELECT secret FROM meta')),
      given: integer(this.#db.value('SELECT given FROM meta')),
      newestMs: newest === undefined ? 0 : integer(newest['received_at']),
      kept: this.#shelf.keptByEach().map((row) => [hex(bytesOf(row['fingerprint'])), integer(row['bytes'])] as const),
    };
  }

  batch(packed: Packed): Done {
    const batch = unpackWave(packed);
    this.#compared = undefined;
    this.#changes.clear();
    const done = this.#commit(() => this.#write(batch));
    for (const [org, { bytes }] of this.#changes) org.kept += bytes;
    return { ...done, kept: [...this.#changes.keys()].map(({ key, kept }) => [key, kept] as const) };
  }

  /** When it fails, nothing of it is left in memory either. */
  #commit<T>(work: () => T): T {
    try {
      const value = this.#db.transaction(work);
      this.#known.keep();
      return value;
    } catch (error) {
      this.#known.back();
      this.#forgetTopics();
      this.#orgs.clear();
      throw error;
    }
  }

  /** Between two batches, when nobody waits for an answer. */
  rest(): void {
    // Bounded, and simply begun anew: what is in use comes back with a look at the tables.
    if (this.#topics.size > 16_384) this.#forgetTopics();
    if (this.#db.logBytes >= logBytes) this.#db.checkpoint();
    this.#known.readOn();
    if (!this.#known.isDue) return;
    try {
      this.#db.ahead(() => this.#known.write(this.#top));
    } catch (error) {
      this.#known.back();
      throw error;
    }
  }

  read(place: Place, after: number): RawPage {
    return readPage(this.#db, this.#shelf, this.#topicOf(place)?.id, after, this.#job.limits.pageBytes);
  }

  admission(org: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const list = this.#db.value('SELECT list FROM org WHERE fingerprint = ?', [org]);
    return list === undefined || list === null ? undefined : bytesOf(list);
  }

  putAdmission(org: Uint8Array, version: number, list: Uint8Array): void {
    this.#commit(() => {
      this.#db.run(
        'INSERT INTO org (fingerprint, version, list) VALUES (?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET version = excluded.version, list = excluded.list',
        [org, version, list],
      );
    });
  }

  totals(): Totals {
    return { topics: integer(this.#db.value('SELECT count(*) FROM topic')), ...this.#shelf.keptByAll() };
  }

  close(): void {
    // Nothing to read again at the next start. When the disk refuses, the next start does it.
    try {
      // Of a damaged file not everything was read: it must not say that the tables hold everything.
      if (!this.opened.isDamaged)
        this.#commit(() => {
          this.#shelf.write(this.#top, true);
          this.#known.writeAll(this.#top);
        });
      this.#db.checkpoint();
    } catch (error) {
      if (error instanceof Fault) throw error;
    }
    this.#db.close();
  }

  #migrate(): void {
    const version = integer(this.#db.value('PRAGMA user_version'));
    if (version > migrations.length)
      throw new Refused(
        'unsupported-version',
        'the relay database was written by a newer version of Muster; start that one; nothing was changed',
      );
    migrations.slice(version).forEach((step, i) => {
      this.#db.transaction(() => {
        this.#db.exec(step);
        if (version + i === 0) this.#db.run('INSERT INTO meta (store) VALUES (?)', [randomBytes(16)]);
        if (version + i === 1) moveOld(this.#db);
        this.#db.exec(`PRAGMA user_version = ${version + i + 1}`);
      });
    });
  }

  #write(batch: Batch): Omit<Done, 'kept'> {
    if (batch.reserve !== undefined) this.#db.run('UPDATE meta SET given = ?', [batch.reserve]);
    const places = batch.places.map((place) => ({ org: this.#org(place.org), topic: this.#topic(place) }));
    const repeats: (readonly [number, Receipt])[] = [];
    const used = new Set<number>();
    this.#dropped = 0;
    for (const row of batch.rows) {
      const place = places[row.place];
      if (place === undefined) throw new Broken('broken', 'a batch names a place it does not have');
      used.add(row.place);
      this.#insert(place.org, place.topic, row, repeats);
    }
    const found = batch.asks.map((ask) => this.#ask(places[ask.place]?.topic.id, ask));
    for (const index of used) {
      const place = places[index];
      if (place !== undefined) this.#trim(place.topic, place.org);
    }
    if (batch.sweepBeforeMs !== undefined) this.#sweep(batch.sweepBeforeMs);
    for (const [org, { bytes, envelopes }] of this.#changes) this.#shelf.count(org.id, bytes, envelopes);
    // What is dropped must be gone from the file's sums as well.
    this.#shelf.write(this.#top, this.#dropped > 0);
    if (this.#known.isLate) this.#known.write(this.#top);
    return { repeats, found };
  }

  #insert(org: Org, topic: Topic, row: Row, repeats: (readonly [number, Receipt])[]): void {
    const { marks, items } = row;
    let own: ReadonlyMap<number, Item> | undefined;
    let twice: Set<number> | undefined;
    const far = this.#known.look(topic.id, marks);
    for (let i = 0; i < marks.length; i += 2) {
      const [slot, offset] = [marks[i] ?? 0, marks[i + 1] ?? 0];
      const place = this.#known.find(slot, far);
      if (place !== undefined) {
        own ??= byOffset(items);
        const envelope = own.get(offset)?.envelope;
        // It may be in this row, which is not kept yet.
        const receipt = envelope && (receiptOf(own.get(place), envelope) ?? this.#compare(topic.id, place, envelope));
        if (receipt !== undefined) {
          repeats.push([offset, receipt]);
          twice ??= new Set();
          twice.add(offset);
          continue;
        }
      }
      this.#known.add(topic.id, slot, offset);
    }
    this.#top = Math.max(this.#top, row.last);
    if (twice === undefined) this.#keep(org, topic, row);
    else this.#keepRest(org, topic, row, twice);
  }

  /** Some of it is there already: only the rest is kept. */
  #keepRest(org: Org, topic: Topic, row: Row, twice: ReadonlySet<number>): void {
    const rest = readItems(row.items).filter(({ offset }) => !twice.has(offset));
    const [first, last] = [rest[0]?.offset, rest.at(-1)?.offset];
    if (first === undefined || last === undefined) return;
    const marks = row.marks.filter((_, i) => !twice.has(row.marks[i | 1] ?? 0)); // both of a pair
    const size = rest.reduce((sum, { envelope }) => sum + envelope.length, 0);
    const items = concat(...rest.map(({ bytes }) => bytes));
    this.#keep(org, topic, { ...row, first, last, size, marks, items });
  }

  #keep(org: Org, topic: Topic, row: Row): void {
    const count = row.marks.length >> 1;
    topic.total += row.size;
    this.#db.run(
      'INSERT INTO parcel (first, last, topic, received_at, size, marks, items) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [row.first, row.last, topic.id, row.receivedAtMs, row.size, marksBytes(row.marks), row.items],
    );
    const { first, last, size } = row;
    this.#shelf.add(topic.id, { first, last, count, size }, topic.total);
    this.#count(org, size, count);
  }

  #count(org: Org, bytes: number, envelopes: number): void {
    const change = this.#changes.get(org) ?? { bytes: 0, envelopes: 0 };
    change.bytes += bytes;
    change.envelopes += envelopes;
    this.#changes.set(org, change);
  }

  #ask(topic: number | undefined, ask: Ask): Receipt | undefined {
    const place = topic === undefined ? undefined : this.#known.find(ask.slot, this.#known.look(topic, [ask.slot, 0]));
    if (topic === undefined || place === undefined) return undefined;
    return this.#compare(topic, place, ask.envelope);
  }

  /** The receipt of the envelope at `offset`, if it is the same one. */
  #compare(topic: number, offset: number, envelope: Uint8Array): Receipt | undefined {
    const first = this.#shelf.firstOf(topic, offset);
    if (first === undefined) return undefined;
    // Repeats come in the order they came in before: without this each of them would read the whole parcel again.
    if (this.#compared?.first !== first) {
      const items = this.#db.value('SELECT items FROM parcel WHERE first = ?', [first]);
      this.#compared = items === undefined ? undefined : { first, items: byOffset(bytesOf(items)) };
    }
    return receiptOf(this.#compared?.items.get(offset), envelope);
  }

  /** The oldest go until the topic is within its share. */
  #trim(topic: Topic, org: Org): void {
    while (topic.total - topic.gone > this.#job.limits.topicBytes) {
      const { first } = this.#shelf.ends(topic.id);
      if (first === undefined) return;
      this.#drop(first, org);
    }
  }

  #sweep(beforeMs: number): void {
    // By arrival, not by time stamp: a clock that once ran ahead only delays the sweep, it never drops too much.
    const rows = this.#db.all(
      'SELECT p.first, p.received_at, o.fingerprint FROM parcel p JOIN topic t ON t.id = p.topic JOIN org o ON o.id = t.org ORDER BY p.first LIMIT ?',
      [this.#job.limits.sweepItems],
    );
    for (const row of rows) {
      if (integer(row['received_at']) >= beforeMs) return;
      this.#drop(integer(row['first']), this.#org(bytesOf(row['fingerprint'])));
    }
  }

  #drop(first: number, org: Org): void {
    const [row] = this.#db.all('SELECT topic, size, marks FROM parcel WHERE first = ?', [first]);
    if (row === undefined) throw new Broken('corrupt', 'the relay database names an envelope that it does not hold');
    const topic = integer(row['topic']);
    const count = eachMark(row['marks'], (slot, offset) => this.#known.drop(topic, slot, offset));
    this.#db.run('DELETE FROM parcel WHERE first = ?', [first]);
    this.#shelf.drop(topic, first);
    this.#dropped += 1;
    const held = this.#topicById.get(topic);
    if (held !== undefined) held.gone += integer(row['size']);
    this.#count(org, -integer(row['size']), -count);
  }

  #org(fingerprint: Uint8Array): Org {
    const key = hex(fingerprint);
    const held = this.#orgs.get(key);
    if (held !== undefined) return held;
    this.#db.run('INSERT OR IGNORE INTO org (fingerprint) VALUES (?)', [fingerprint]);
    const id = integer(this.#db.value('SELECT id FROM org WHERE fingerprint = ?', [fingerprint]));
    const org = { id, key, kept: this.#shelf.kept(id).bytes };
    this.#orgs.set(key, org);
    return org;
  }

  #topic(place: Place): Topic {
    const found = this.#topicOf(place);
    if (found !== undefined) return found;
    this.#db.run('INSERT INTO topic (org, name) VALUES (?, ?)', [this.#org(place.org).id, place.topic]);
    const made = this.#topicOf(place);
    if (made === undefined) throw new Broken('broken', 'a topic was made and is not there');
    return made;
  }

  #topicOf(place: Place): Topic | undefined {
    const key = `${hex(place.org)}/${hex(place.topic)}`;
    const held = this.#topics.get(key);
    if (held !== undefined) return held;
    const found = this.#db.value(
      'SELECT t.id FROM topic t JOIN org o ON o.id = t.org WHERE o.fingerprint = ? AND t.name = ?',
      [place.org, place.topic],
    );
    if (found === undefined) return undefined;
    const id = integer(found);
    const { total, gone } = this.#shelf.ends(id);
    const topic = { id, total, gone };
    this.#topics.set(key, topic);
    this.#topicById.set(id, topic);
    return topic;
  }

  #forgetTopics(): void {
    this.#topics.clear();
    this.#topicById.clear();
  }
}
