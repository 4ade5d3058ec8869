/** What people have read, on a real disk: there again when it is opened, and room for it in a vault of before. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deviceId, roomId } from '../../../src/core/id.ts';
import { Secret } from '../../../src/core/secret.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import type { Places, RowOf } from '../../../src/engine/row.ts';
import { Sqlite } from '../../../src/vault/database.ts';
import { applyRow } from '../../../src/vault/rows.ts';
import { steps } from '../../../src/vault/schema.ts';
import { loadSnapshot } from '../../../src/vault/snapshot.ts';
import { MemoryVault } from '../../kit/memoryVault.ts';

let dir: string;
beforeEach(async () => {
  await loadSodium();
  dir = mkdtempSync(join(tmpdir(), 'muster-reading-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function withDisk<T>(use: (db: Sqlite) => T, known = steps): T {
  const db = new Sqlite(join(dir, 'vault.db'), new Secret('vault', new Uint8Array(32)), known);
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const [ada, bela, cleo] = [1, 2, 3].map((n) => deviceId.of(new Uint8Array(32).fill(n))) as [never, never, never];
const room = roomId.of(new Uint8Array(32).fill(4));
const places: Places = new Map([
  [
    ada,
    [
      { from: 0, to: 3 },
      { from: 7, to: 0xffffffff },
    ],
  ],
  [cleo, [{ from: 2, to: 3 }]],
]);
const row = (of: Places): RowOf<'read'> => ({ type: 'read', room, device: bela, places: of });

it('is what was written last, as in the vault that tests keep in memory', () => {
  const memory = new MemoryVault();
  for (const each of [row(new Map()), row(places)]) {
    memory.apply([each]);
    withDisk((db) => db.transaction(() => applyRow(db, each)));
  }
  const { reads } = withDisk(loadSnapshot);
  expect(reads).toEqual([row(places)]);
  expect(reads).toEqual(memory.load().reads);
});

it('has its table in a vault that was made before there was one', () => {
  const first = steps.findIndex((step) => String(step).includes('CREATE TABLE read '));
  const before = steps.slice(0, first);
  withDisk(() => undefined, before);
  withDisk((db) => db.transaction(() => applyRow(db, row(places))));
  expect(withDisk(loadSnapshot).reads).toEqual([row(places)]);
});
