/** The index in the encrypted database: it holds what the log holds, and what is taken out is gone from its tables. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeBody } from '../../../src/core/body.ts';
import { type Entry, makeEntry, readSkeleton } from '../../../src/core/entry.ts';
import { deviceOf, entryId, type RoomId, roomId } from '../../../src/core/id.ts';
import { makeSignKey } from '../../../src/core/key.ts';
import { Secret } from '../../../src/core/secret.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { bytesOf, Sqlite } from '../../../src/vault/database.ts';
import { applyRow } from '../../../src/vault/rows.ts';
import { find } from '../../../src/vault/search.ts';
import { steps } from '../../../src/vault/schema.ts';
import { readQuestion } from '../../../src/vault/words.ts';
import { seeded } from '../../kit/random.ts';

await loadSodium();
const random = seeded(5);
const here: RoomId = roomId.of(new Uint8Array(32).fill(1));
const other: RoomId = roomId.of(new Uint8Array(32).fill(2));
const key = makeSignKey(random);
const author = deviceOf(key.publicKey);

let dir: string;
let db: Sqlite;
let made: Entry[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-search-'));
  db = new Sqlite(join(dir, 'vault.db'), new Secret('vault', new Uint8Array(32).fill(9)), steps);
  made = [];
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

function write(text: string, where: RoomId = here): Entry {
  const last = made.filter((entry) => entry.room === where).at(-1);
  const entry = makeEntry(key, where, {
    device: author,
    seq: last === undefined ? 0 : last.seq + 1,
    ...(last === undefined ? {} : { previous: last.id }),
    heads: [],
    timeMs: 1_800_000_000_000 + made.length,
    control: [],
    body: encodeBody({ type: 'text', text }),
    salt: random(16),
  });
  made.push(entry);
  db.transaction(() => applyRow(db, { type: 'entry', entry, sealed: true, receivedAtMs: 5, isNotable: false }));
  return entry;
}

function ask(typed: string, where: { room?: RoomId; before?: number; limit?: number } = {}): readonly string[] {
  const question = readQuestion(typed);
  if (question === undefined) return [];
  return find(db, question, { limit: 10, ...where }).map((line) => {
    const found = entryId.of(bytesOf(line, 'id'));
    return String(made.findIndex(({ id }) => id === found));
  });
}

describe('what was written', () => {
  test('is found by words, phrases and beginnings, the newest first, page by page', () => {
    write('The backup line works');
    write('Über den Backup-Server wird gesprochen');
    write('日本語のテスト');
    expect(ask('backup')).toEqual(['1', '0']);
    expect(ask('"backup line"')).toEqual(['0']);
    expect(ask('uber gespro')).toEqual(['1']);
    expect(ask('本語')).toEqual(['2']);
    expect(ask('backup', { limit: 1 })).toEqual(['1']);
    expect(ask('backup', { before: 2 })).toEqual(['0']);
  });
  test('is found in its own room alone', () => {
    write('The backup line works');
    write('The backup line works', other);
    expect(ask('backup')).toEqual(['1', '0']);
    expect(ask('backup', { room: here })).toEqual(['0']);
    expect(ask('backup', { room: other })).toEqual(['1']);
  });
  test.each([
    'a AND b OR NOT c',
    'room:x',
    '{room text}: a',
    '"',
    "'); DELETE FROM entry; --",
    '*',
    '^a -b +c',
    'NEAR(a b)',
    'x'.repeat(10_000),
    '\u0000',
  ])('is not given away, nor is anything broken, by %j', (typed) => {
    write('something quite else');
    expect(ask(typed)).toEqual([]);
    expect(ask('quite')).toEqual(['0']);
  });
  test('that is not kept is not found: the transaction is one', () => {
    const entry = write('first');
    expect(() =>
      db.transaction(() => {
        applyRow(db, { type: 'entry', entry, sealed: true, receivedAtMs: 5, isNotable: false });
      }),
    ).toThrow();
    expect(ask('first')).toEqual(['0']);
  });
  test('comes into the index when its content comes after its skeleton', () => {
    const whole = write('xylophone');
    db.transaction(() => applyRow(db, { type: 'expired', entry: whole.id, room: whole.room }));
    expect(ask('xylophone')).toEqual([]);
    db.transaction(() => applyRow(db, { type: 'filled', entry: whole, isNotable: false }));
    expect(ask('xylophone')).toEqual(['0']);
  });
});

describe('what is over', () => {
  /** The terms of the index as they lie in its tables: what a word begins with may stand in the one before it. */
  const blocks = () =>
    Buffer.concat(db.all('SELECT block FROM found_data').map((line) => bytesOf(line, 'block'))).toString('latin1');

  test('is not in the tables of the index, nor in the entry', () => {
    write('a quiet word');
    const entry = write('zebrafish xylophone');
    write('another word');
    expect(blocks()).toContain('ebrafish');
    db.transaction(() => applyRow(db, { type: 'expired', entry: entry.id, room: here }));
    expect(blocks()).not.toContain('ebrafish');
    expect(blocks()).not.toContain('ylophone');
    expect(ask('zebrafish')).toEqual([]);
    expect(ask('word')).toEqual(['2', '0']);
    const kept = db.all('SELECT bytes FROM entry WHERE said = 0').map((line) => bytesOf(line, 'bytes'));
    expect(kept.map((bytes) => readSkeleton(bytes, here, () => key.publicKey).id)).toEqual([entry.id]);
  });
  test('twice is over once', () => {
    const entry = write('zebrafish');
    for (const _ of [1, 2]) db.transaction(() => applyRow(db, { type: 'expired', entry: entry.id, room: here }));
    write('zebrafish');
    expect(ask('zebrafish')).toEqual(['1']);
  });
});

test('a database from before there was an index gets one of all that it holds', () => {
  write('The backup line works');
  db.exec(
    'DROP TABLE found; DROP INDEX entrySaid; DROP INDEX entryInRoom; DROP INDEX shelfEntry; ALTER TABLE entry DROP COLUMN said',
  );

  db.transaction(() => {
    const step = steps.find((each) => String(each).includes('indexAll'));
    if (typeof step === 'function') step(db);
  });
  expect(ask('backup')).toEqual(['0']);
});

test('the newest page of a room is read without sorting the room', () => {
  const plan = db.all(
    'EXPLAIN QUERY PLAN SELECT * FROM entry WHERE room = ? AND position < ? ORDER BY position DESC LIMIT ?',
    roomId.bytes(here),
    1,
    1,
  );
  expect(plan.map((line) => String(line['detail'])).join(' ')).toMatch(/entryInRoom/);
  expect(plan.map((line) => String(line['detail'])).join(' ')).not.toMatch(/TEMP B-TREE/);
});
