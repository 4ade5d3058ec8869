/** A vault that was cut off, by a crash or a full disk, where that hurts: what happened has happened, and nothing more. */
import { cpSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { entryId, roomId } from '../../../src/core/id.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import type { Row } from '../../../src/engine/row.ts';
import { makeDevice } from '../../../src/responder/device.ts';
import { Sqlite } from '../../../src/vault/database.ts';
import { leastCost } from '../../../src/vault/stretch.ts';
import { Vault } from '../../../src/vault/vault.ts';
import { Broken } from '../../../src/wire/fault.ts';

let work: string;
beforeEach(async () => {
  await loadSodium();
  work = mkdtempSync(join(tmpdir(), 'muster-cut-off-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(work, { recursive: true, force: true });
});

const passphrase = 'a passphrase of ada';
const make = (dir: string) =>
  makeDevice({ dir, passphrase, handle: 'ada', name: 'laptop', nowMs: Date.now(), cost: leastCost });

const filled = (n: number) => new Uint8Array(32).fill(n);
const expired: Row = { type: 'expired', room: roomId.of(filled(1)), entry: entryId.of(filled(2)) };
const boot: Row = { type: 'boot', token: filled(3) };

it('rows that are on disk have happened, although the journal could not be emptied; that is done later', async () => {
  const dir = join(work, 'ada');
  await make(dir);
  const vault = await Vault.open(dir, passphrase);
  const empty = vi.spyOn(Sqlite.prototype, 'emptyJournal').mockImplementationOnce(() => {
    throw new Broken('io', 'The disk is full.');
  });
  expect(() => vault.apply([boot, expired])).not.toThrow();
  expect(vault.load().boots).toHaveLength(1);
  const before = empty.mock.calls.length;
  vault.apply([{ ...boot, token: filled(4) }]);
  vault.close();
  expect(empty.mock.calls.length).toBeGreaterThanOrEqual(before);
  expect(empty.mock.calls.length).toBeGreaterThan(1);
});

it('a journal that a crash left behind is emptied when the vault is next opened', async () => {
  const dir = join(work, 'ada');
  await make(dir);
  const vault = await Vault.open(dir, passphrase);
  vault.load();
  vault.apply([boot]);
  const copy = join(work, 'copy');
  cpSync(dir, copy, { recursive: true });
  vault.close();
  const journal = join(copy, 'vault.db-wal');
  expect(statSync(journal).size).toBeGreaterThan(0);
  const again = await Vault.open(copy, passphrase);
  expect(again.load().boots).toHaveLength(1);
  expect(statSync(journal).size).toBe(0);
  again.close();
});

it('making one that was cut off can be done again in the same folder', async () => {
  const dir = join(work, 'ada');
  const write = vi.spyOn(Sqlite.prototype, 'transaction').mockImplementationOnce(() => {
    throw new Broken('broken', 'killed');
  });
  await expect(make(dir)).rejects.toThrow('killed');
  write.mockRestore();
  expect(existsSync(join(dir, 'vault.json'))).toBe(false);
  await make(dir);
  const vault = await Vault.open(dir, passphrase);
  expect(vault.readKeyring().handle).toBe('ada');
  vault.close();
});

it('a vault whose lock is gone is not taken for one that was cut off', async () => {
  const dir = join(work, 'ada');
  await make(dir);
  rmSync(join(dir, 'vault.json'));
  await expect(make(dir)).rejects.toMatchObject({ code: 'already-there' });
  writeFileSync(join(dir, 'vault.json'), 'x');
  await expect(make(dir)).rejects.toMatchObject({ code: 'already-there' });
});
