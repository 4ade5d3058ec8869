/**
 * Topics on disk: one SQLite file, opened without a key, because what is in it is ciphertext already.
 *
 * It must never answer an append before the commit is on disk (WAL with synchronous=FULL: one fsync per commit),
 * never give an offset twice, and never look into an envelope. Group commit: everything that arrived in one turn
 * of the event loop is one transaction. Listeners are served after the commit as well; before it would halve their
 * latency, but then a crash could take back what they saw.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import Database, { type Statement } from '@signalapp/sqlcipher';
import { idOfEnvelope } from '../src/core/verify.ts';
import type { Bytes } from '../src/wire/bytes.ts';
import { Broken, Fault, Refused } from '../src/wire/fault.ts';
import { envelopeId, type OrgId, orgId, type TopicId, topicId } from '../src/wire/id.ts';
import type { RelayLimits } from './limit.ts';
import type { Meter } from './meter.ts';
import { migrations } from './schema.ts';
import type { Append, Page, Receipt, Store, Stored, StoreListener, StoreStats } from './storage.ts';

interface Waiting {
  readonly append: Append;
  readonly bytes: number;
  resolve(receipts: readonly Receipt[]): void;
  reject(fault: Error): void;
}
interface Topic {
  readonly id: number;
  readonly org: OrgId;
  readonly name: TopicId;
  last: number;
  bytes: number;
  readonly fresh: Stored[];
}
interface Org {
  readonly id: number;
  bytes: number;
}

/** The driver takes arrays over plain ArrayBuffers only; ours are, unless someone shares memory. */
const blob = (bytes: Bytes): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : Uint8Array.from(bytes);

/** Rows are our own, but a damaged file can hold anything. */
function number(value: unknown): number {
  if (typeof value !== 'number') throw new Broken('corrupt', 'the relay database holds something else than a number');
  return value;
}
function bytesOf(value: unknown): Bytes {
  if (!(value instanceof Uint8Array)) throw new Broken('corrupt', 'the relay database holds something else than bytes');
  return value;
}

export interface StorePorts {
  readonly meter: Meter;
  now(): number;
}

/** Opens or makes the database at `path`. Rejects with `Broken` if it cannot be opened. */
export async function openStore(path: string, limits: RelayLimits, ports: StorePorts): Promise<Store> {
  try {
    return new SqliteStore(path, limits, ports);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Broken('io', 'the relay database cannot be opened; check the data directory and its disk', { cause });
  }
}

class SqliteStore implements Store {
  readonly id: Bytes;
  trouble: string | undefined;
  readonly notice = undefined;
  readonly #path: string;
  readonly #db: Database;
  readonly #limits: RelayLimits;
  readonly #ports: StorePorts;
  readonly #listeners: StoreListener[] = [];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #closed = false;

  constructor(path: string, limits: RelayLimits, ports: StorePorts) {
    this.#path = path;
    this.#limits = limits;
    this.#ports = ports;
    this.#db = new Database(path, { cacheStatements: true });
    this.#db.pragma('journal_mode = WAL');
    // The driver is built with synchronous=NORMAL for WAL: without this line an acknowledgement would be a guess.
    this.#db.pragma('synchronous = FULL');
    this.#migrate();
    this.id = bytesOf(this.#sql('SELECT store FROM meta').get()?.['store']);
  }

  listen(listener: StoreListener): void {
    this.#listeners.push(listener);
  }

  append(append: Append): Promise<readonly Receipt[]> {
    let bytes = 0;
    for (const [, envelope] of append.items) bytes += envelope.length;
    if (this.#closed || this.#waitingBytes + bytes > this.#limits.pendingBytes) {
      return Promise.reject(new Refused('busy', 'too much is waiting for the disk'));
    }
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waitingBytes += bytes;
      this.#waiting.push({ append, bytes, resolve, reject });
    });
  }

  async read(org: OrgId, name: TopicId, after: number): Promise<Page> {
    const row = this.#sql(
      'SELECT t.id, t.last FROM topic t JOIN org o ON o.id = t.org WHERE o.fingerprint = ? AND t.name = ?',
    ).get([blob(orgId.bytes(org)), blob(topicId.bytes(name))]);
    if (row === undefined) return { items: [], isLast: true, last: 0 };
    const topic = number(row['id']);
    const last = number(row['last']);
    // Sizes first: 512 envelopes of 128 KB must not come into memory to send the first few of them.
    const sizes = this.#sql(
      'SELECT offset, length(bytes) AS size FROM envelope WHERE topic = ? AND offset > ? ORDER BY offset LIMIT 512',
    ).all([topic, after]);
    let upTo = after;
    let taken = 0;
    let total = 0;
    for (const each of sizes) {
      total += number(each['size']);
      if (taken > 0 && total > this.#limits.pageBytes) break;
      upTo = number(each['offset']);
      taken += 1;
    }
    const items = this.#sql(
      'SELECT offset, received_at, bytes FROM envelope WHERE topic = ? AND offset > ? AND offset <= ? ORDER BY offset',
    )
      .all([topic, after, upTo])
      .map((each) => ({
        offset: number(each['offset']),
        receivedAtMs: number(each['received_at']),
        envelope: bytesOf(each['bytes']),
      }));
    return { items, isLast: taken === sizes.length && sizes.length < 512, last };
  }

  async admission(org: OrgId): Promise<Bytes | undefined> {
    const list = this.#sql('SELECT list FROM org WHERE fingerprint = ?').get([blob(orgId.bytes(org))])?.['list'];
    return list === undefined || list === null ? undefined : bytesOf(list);
  }

  async putAdmission(org: OrgId, version: number, list: Bytes): Promise<void> {
    this.#write(() => {
      this.#sql('UPDATE org SET version = ?, list = ? WHERE id = ?').run([version, blob(list), this.#org(org).id]);
    });
  }

  async sweep(nowMs: number): Promise<void> {
    this.#write(() => {
      // By arrival, not by time stamp: a clock that once ran ahead only delays the sweep, it never drops too much.
      const rows = this.#sql(
        'SELECT seq, topic, received_at, length(bytes) AS size FROM envelope ORDER BY seq LIMIT ?',
      ).all([this.#limits.sweepItems]);
      for (const row of rows) if (number(row['received_at']) < nowMs - this.#limits.ageMs) this.#drop(row);
    });
  }

  async stats(): Promise<StoreStats> {
    const row = this.#sql(
      'SELECT (SELECT count(*) FROM topic) AS topics, (SELECT count(*) FROM envelope) AS envelopes, (SELECT coalesce(sum(bytes), 0) FROM org) AS bytes',
    ).get();
    const diskBytes = [this.#path, `${this.#path}-wal`].reduce(
      (sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
    let waiting = 0;
    for (const { append } of this.#waiting) waiting += append.items.length;
    return {
      topics: number(row?.['topics']),
      envelopes: number(row?.['envelopes']),
      bytes: number(row?.['bytes']),
      waiting,
      diskBytes,
    };
  }

  async backup(path: string): Promise<void> {
    try {
      this.#sql('VACUUM INTO ?').run([path]);
    } catch (cause) {
      throw new Refused('disk', 'the backup could not be written', { cause });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#commit();
    this.#db.close();
  }

  #migrate(): void {
    const version = number(this.#db.pragma('user_version', { simple: true }));
    if (version > migrations.length)
      throw new Broken('corrupt', 'the relay database was made by a newer version of Muster');
    migrations.slice(version).forEach((step, i) => {
      this.#write(() => {
        this.#db.exec(step);
        if (version + i === 0) this.#sql('INSERT INTO meta (store) VALUES (?)').run([blob(randomBytes(16))]);
        this.#db.exec(`PRAGMA user_version = ${version + i + 1}`);
      });
    });
  }

  #sql(text: string): Statement<object> {
    return this.#db.prepare(text);
  }

  /** One transaction, on disk when it returns. Throws `Refused('disk')` with nothing of it kept. */
  #write<T>(work: () => T): T {
    try {
      const result = this.#db.transaction<[], T>(work)();
      this.trouble = undefined;
      return result;
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      this.trouble = 'the last write to the database failed';
      throw new Refused('disk', 'the database did not take a write', { cause });
    }
  }

  #commit(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const topics = new Map<string, Topic>();
    const startMs = performance.now();
    let answers: readonly (readonly Receipt[] | Refused)[];
    try {
      answers = this.#write(() => this.#place(waiting, topics));
    } catch (error) {
      const fault = error instanceof Error ? error : new Broken('broken', 'a commit failed');
      for (const each of waiting) each.reject(fault);
      return;
    }
    this.#ports.meter.committed((performance.now() - startMs) / 1000);
    waiting.forEach((each, i) => {
      const answer = answers[i];
      if (answer === undefined || answer instanceof Refused)
        each.reject(answer ?? new Broken('broken', 'an append got no answer'));
      else each.resolve(answer);
    });
    for (const topic of topics.values()) {
      if (topic.fresh.length === 0) continue;
      let bytes = 0;
      for (const { envelope } of topic.fresh) bytes += envelope.length;
      this.#ports.meter.appended(topic.fresh.length, bytes);
      for (const listener of this.#listeners) listener(topic.org, topic.name, topic.fresh);
    }
  }

  #place(waiting: readonly Waiting[], topics: Map<string, Topic>): (readonly Receipt[] | Refused)[] {
    const orgs = new Map<OrgId, Org>();
    const nowMs = this.#ports.now();
    const answers = waiting.map(({ append, bytes }) => {
      const org = orgs.get(append.org) ?? this.#org(append.org);
      orgs.set(append.org, org);
      // Exactly only where it matters: most appends are far from the quota. A repeat takes no space and is never refused.
      if (org.bytes + bytes > append.quotaBytes && org.bytes + this.#newBytes(append) > append.quotaBytes)
        return new Refused('quota', 'the organisation has no space left');
      return append.items.map(([name, envelope]) => {
        const key = `${append.org}/${name}`;
        const topic = topics.get(key) ?? this.#topic(org, append.org, name);
        topics.set(key, topic);
        return this.#insert(org, topic, envelope, nowMs);
      });
    });
    for (const topic of topics.values()) {
      if (topic.fresh.length === 0) continue;
      this.#sql('UPDATE topic SET last = ?, bytes = ? WHERE id = ?').run([topic.last, topic.bytes, topic.id]);
    }
    for (const org of orgs.values()) this.#sql('UPDATE org SET bytes = ? WHERE id = ?').run([org.bytes, org.id]);
    for (const topic of topics.values()) this.#trim(topic);
    return answers;
  }

  /** Bytes of what this append would add; the same envelope twice in it is one. */
  #newBytes({ org, items }: Append): number {
    const sizes = new Map<string, number>();
    for (const [name, envelope] of items) {
      const id = idOfEnvelope(envelope);
      const known = this.#sql(
        'SELECT 1 AS known FROM envelope e JOIN topic t ON t.id = e.topic JOIN org o ON o.id = t.org WHERE o.fingerprint = ? AND t.name = ? AND e.id = ?',
      ).get([blob(orgId.bytes(org)), blob(topicId.bytes(name)), blob(envelopeId.bytes(id))]);
      if (known === undefined) sizes.set(`${name}/${id}`, envelope.length);
    }
    let bytes = 0;
    for (const size of sizes.values()) bytes += size;
    return bytes;
  }

  #insert(org: Org, topic: Topic, envelope: Bytes, nowMs: number): Receipt {
    const id = blob(envelopeId.bytes(idOfEnvelope(envelope)));
    const known = this.#sql('SELECT offset, received_at FROM envelope WHERE topic = ? AND id = ?').get([topic.id, id]);
    if (known !== undefined) return { offset: number(known['offset']), receivedAtMs: number(known['received_at']) };
    const receipt = { offset: topic.last + 1, receivedAtMs: nowMs };
    this.#sql('INSERT INTO envelope (topic, offset, id, received_at, bytes) VALUES (?, ?, ?, ?, ?)').run([
      topic.id,
      receipt.offset,
      id,
      nowMs,
      blob(envelope),
    ]);
    topic.last = receipt.offset;
    topic.bytes += envelope.length;
    org.bytes += envelope.length;
    topic.fresh.push({ ...receipt, envelope });
    return receipt;
  }

  #trim(topic: Topic): void {
    while (topic.bytes > this.#limits.topicBytes) {
      const row = this.#sql(
        'SELECT seq, topic, length(bytes) AS size FROM envelope WHERE topic = ? ORDER BY offset LIMIT 1',
      ).get([topic.id]);
      if (row === undefined) return;
      this.#drop(row);
      topic.bytes -= number(row['size']);
    }
  }

  #drop(row: Record<string, unknown>): void {
    const size = number(row['size']);
    const topic = number(row['topic']);
    this.#sql('DELETE FROM envelope WHERE seq = ?').run([number(row['seq'])]);
    this.#sql('UPDATE topic SET bytes = bytes - ? WHERE id = ?').run([size, topic]);
    this.#sql('UPDATE org SET bytes = bytes - ? WHERE id = (SELECT org FROM topic WHERE id = ?)').run([size, topic]);
  }

  #org(org: OrgId): Org {
    const fingerprint = blob(orgId.bytes(org));
    this.#sql('INSERT OR IGNORE INTO org (fingerprint) VALUES (?)').run([fingerprint]);
    const row = this.#sql('SELECT id, bytes FROM org WHERE fingerprint = ?').get([fingerprint]);
    return { id: number(row?.['id']), bytes: number(row?.['bytes']) };
  }

  #topic(org: Org, orgName: OrgId, name: TopicId): Topic {
    const bytes = blob(topicId.bytes(name));
    this.#sql('INSERT OR IGNORE INTO topic (org, name) VALUES (?, ?)').run([org.id, bytes]);
    const row = this.#sql('SELECT id, last, bytes FROM topic WHERE org = ? AND name = ?').get([org.id, bytes]);
    return {
      id: number(row?.['id']),
      org: orgName,
      name,
      last: number(row?.['last']),
      bytes: number(row?.['bytes']),
      fresh: [],
    };
  }
}
