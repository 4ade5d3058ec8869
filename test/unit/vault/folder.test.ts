/** Making a device where it does not come to its end, or where something is already. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTerminal } from '../../kit/terminal.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-folder-'));
  writeFileSync(join(dir, 'pw'), 'four or five words');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const init = (folder: string) =>
  makeTerminal(dir).run(
    ...['device', 'init', '--dir', folder, '--handle', 'ada', '--name', 'n', '--out', 'a.join'],
    ...['--passphrase-file', 'pw'],
  );

test('a device that could not be made leaves its folder as it was, so that the same command works afterwards', async () => {
  // The lock cannot be written, as on a disk that is full by then.
  mkdirSync(join(dir, 'd', 'vault.json.new'), { recursive: true });
  expect((await init('d')).code).toBe(4);
  expect(readdirSync(join(dir, 'd'))).toEqual(['vault.json.new']);
  expect(existsSync(join(dir, 'a.join'))).toBe(false);
  rmSync(join(dir, 'd', 'vault.json.new'), { recursive: true });
  expect((await init('d')).code).toBe(0);
});

test('a database without its lock is not called a device, and stays', async () => {
  mkdirSync(join(dir, 'd'));
  writeFileSync(join(dir, 'd', 'vault.db'), 'somebody’s');
  const { code, err } = await init('d');
  expect([code, err]).toEqual([2, expect.stringMatching(/a vault\.db in .* and no vault\.json/)]);
  expect(readFileSync(join(dir, 'd', 'vault.db'), 'utf8')).toBe('somebody’s');
});

test('a folder that cannot be made is the caller’s to mend', async () => {
  const { code, err } = await init('pw/d');
  expect([code, err]).toEqual([2, expect.stringMatching(/folder .*pw\/d cannot be made/)]);
});
