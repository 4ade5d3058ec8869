/** The shelf on a real disk and the one that tests keep in memory: the same rows give the same answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryId, roomId } from '../../../src/core/id.ts';
import { Secret } from '../../../src/core/secret.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { idOfEnvelope } from '../../../src/core/verify.ts';
import { appendBound } from '../../../src/engine/outbox.ts';
import type { Row } from '../../../src/engine/row.ts';
import { bytesOf, Sqlite } from '../../../src/vault/database.ts';
import { applyRow } from '../../../src/vault/rows.ts';
import { steps } from '../../../src/vault/schema.ts';
import { readShelf, readShelfIds, readShelfPage } from '../../../src/vault/shelf.ts';
import { loadSnapshot } from '../../../src/vault/snapshot.ts';
import { relayId, topicId } from '../../../src/wire/id.ts';
import { MemoryVault } from '../../kit/memoryVault.ts';
import { seeded } from '../../kit/random.ts';

let dir: string;
let db: Sqlite;
beforeEach(async () => {
  await loadSodium();
  dir = mkdtempSync(join(tmpdir(), 'muster-shelf-'));
  db = new Sqlite(join(dir, 'vault.db'), new Secret('vault', new Uint8Array(32)), steps);
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true, force: true });
});

const filled = (n: number) => new Uint8Array(32).fill(n);
const relays = [1, 2, 3].map((n) => relayId.of(filled(n)));
const topics = [4, 5].map((n) => topicId.of(filled(n)));
const room = roomId.of(filled(6));

/** Both, and what is done to one is done to the other. */
function both() {
  const memory = new MemoryVault();
  return {
    memory,
    apply: (...rows: readonly Row[]) => {
      memory.apply(rows);
      db.transaction(() => {
        for (const row of rows) applyRow(db, row);
      });
    },
    compare: (context: string) => {
      const held = db
        .all('SELECT entry, relay FROM held')
        .map((line) => `${entryId.of(bytesOf(line, 'entry'))} ${relayId.of(bytesOf(line, 'relay'))}`);
      expect(held.sort(), context).toEqual([...memory.held].sort());
      const sorted = (parcels: ReturnType<typeof loadSnapshot>['parcels']) =>
        parcels.map((parcel) => ({ ...parcel, bytes: idOfEnvelope(parcel.bytes), held: [...parcel.held].sort() }));
      expect(sorted(loadSnapshot(db).parcels), context).toEqual(sorted(memory.load().parcels));
      for (const relay of relays)
        for (const isOwn of [true, false]) {
          const reading = { relay, after: 0, isOwn, ref: 1 };
          const real = readShelfPage(db, reading, appendBound);
          const made = memory.shelfPage(reading);
          const ids = (page: typeof real) => page.envelopes.map(({ id }) => id);
          expect([ids(real), real.next], context).toEqual([ids(made), made.next]);
        }
      expect(
        readShelfIds(db, 0, 10_000).map(({ id }) => id),
        context,
      ).toEqual([...memory.shelf.keys()]);
    },
  };
}

describe('the shelf', () => {
  it('does the same with any rows, on disk and in memory', () => {
    for (let seed = 1; seed <= 3; seed++) {
      db.close();
      rmSync(join(dir, 'vault.db'));
      db = new Sqlite(join(dir, 'vault.db'), new Secret('vault', new Uint8Array(32)), steps);
      const random = seeded(seed);
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
      const { apply, compare, memory } = both();
      const known = Array.from({ length: 40 }, () => {
        const bytes = random(40 + Math.floor(random.next() * 15_000));
        return { bytes, id: idOfEnvelope(bytes), topic: pick(topics), entry: { room, id: entryId.of(random(32)) } };
      });
      for (let n = 0; n < 150; n++) {
        const { entry, ...envelope } = pick(known);
        const relay = pick(relays);
        const atMs = n;
        switch (Math.floor(random.next() * 12)) {
          case 0:
            apply({ type: 'relay', relay, store: `${n}` });
            break;
          case 1:
            apply({ type: 'rolled-back', relay, topic: pick(topics), upTo: Math.floor(random.next() * 150) });
            break;
          case 2:
            apply({ type: 'shelf-bound', beforeMs: n - 100, bytes: 150_000 });
            break;
          case 3:
            apply({ type: 'parcel-done', id: envelope.id, isKept: random.next() < 0.7 });
            break;
          case 4:
          case 5:
            apply({ type: 'parcel', parcel: { ...envelope, entry, held: [], isKept: true }, atMs });
            break;
          case 6:
            apply({ type: 'parcel', parcel: { ...envelope, held: [], isKept: false }, atMs });
            break;
          case 7:
          case 8:
            apply({ type: 'shelve', ...envelope, entry, atMs });
            break;
          default:
            apply({ type: 'at', id: envelope.id, relay, offset: n, isHeld: random.next() < 0.5 });
        }
        if (n % 20 === 0) compare(`seed ${seed}, row ${n}`);
      }
      compare(`seed ${seed}`);
      expect(memory.shelf.size, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  it('gives pages that one append takes, and one envelope at least, and goes on after them', () => {
    const { apply } = both();
    const sizes = [appendBound.bytes + 1, 40, 50, appendBound.bytes - 60, 70];
    for (const [i, size] of sizes.entries()) {
      const bytes = new Uint8Array(size).fill(i);
      apply({ type: 'shelve', id: idOfEnvelope(bytes), topic: topics[0] as never, bytes, atMs: 1 });
    }
    const [relay] = relays;
    if (relay === undefined) throw new Error('there are relays');
    const seen: number[][] = [];
    for (;;) {
      const { envelopes, next } = readShelfPage(db, { relay, after: 0, isOwn: false }, appendBound);
      if (envelopes.length === 0) break;
      seen.push(envelopes.map(({ bytes }) => bytes.length));
      for (const { id } of envelopes) apply({ type: 'at', id, relay, offset: 1, isHeld: true });
      expect(next === undefined ? [] : [next]).toEqual(
        readShelfPage(db, { relay, after: 0, isOwn: false }, appendBound)
          .envelopes.map(({ id }) => id)
          .slice(0, 1),
      );
    }
    expect(seen).toEqual([[sizes[0]], [40, 50], [sizes[3]], [70]].filter((page) => page.length > 0));
  });

  it('gives what is owed whatever its age, and what is kept since a time', () => {
    const { apply } = both();
    const envelope = (n: number) => {
      const bytes = new Uint8Array(40).fill(n);
      return { bytes, id: idOfEnvelope(bytes), topic: topics[0] as never };
    };
    apply({ type: 'shelve', ...envelope(1), atMs: 10 });
    apply({ type: 'parcel', parcel: { ...envelope(2), held: [], isKept: true }, atMs: 10 });
    apply({ type: 'shelve', ...envelope(3), atMs: 20 });
    expect(readShelf(db, 0, 20, 10).map(({ id }) => id)).toEqual([envelope(2).id, envelope(3).id]);
    const [first] = readShelf(db, 0, 20, 1);
    expect(readShelf(db, first?.position ?? 0, 20, 10).map(({ id }) => id)).toEqual([envelope(3).id]);
  });
});

describe('a vault of the version before', () => {
  it('goes on with what it owed, to whom it owed it', () => {
    db.close();
    const path = join(dir, 'old.db');
    // Made by the steps that were there then.
    const before = steps.slice(
      0,
      steps.findIndex((step) => String(step).includes('CREATE TABLE shelf')),
    );
    const old = new Sqlite(path, new Secret('vault', new Uint8Array(32)), before);
    const bytes = new Uint8Array(40).fill(9);
    const id = idOfEnvelope(bytes);
    const entry = filled(8);
    old.transaction(() => {
      old.run(
        'INSERT INTO parcel (id, topic, bytes, room, entry, held) VALUES (?, ?, ?, ?, ?, ?)',
        ...[filled(1), filled(4), bytes, filled(6), entry, Uint8Array.from([0x80])],
      );
      old.run('INSERT INTO held (room, entry, relay) VALUES (?, ?, ?)', filled(6), entry, filled(2));
    });
    old.close();
    db = new Sqlite(path, new Secret('vault', new Uint8Array(32)), steps);
    const { parcels } = loadSnapshot(db);
    expect(id).not.toBe(parcels[0]?.id);
    expect(parcels.map((parcel) => ({ ...parcel, bytes: idOfEnvelope(parcel.bytes) }))).toEqual([
      expect.objectContaining({ topic: topics[0], bytes: id, held: [relays[1]], isKept: true }),
    ]);
  });
});
