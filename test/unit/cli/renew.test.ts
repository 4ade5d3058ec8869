/** `muster device renew`: new keys for the same person, kept beside the old ones until a list names them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readJoin } from '../../../src/core/join.ts';
import { makeTerminal, type Terminal } from '../../kit/terminal.ts';

let dir: string;
let muster: Terminal;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-renew-'));
  writeFileSync(join(dir, 'pw'), 'four blue horses sleep\n');
  muster = makeTerminal(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const at = ['--dir', 'ada', '--passphrase-file', 'pw'];
const request = (file: string) => readJoin(new Uint8Array(readFileSync(join(dir, file))));

test('gives a join request of the same person and another device, and the old device stays until then', async () => {
  const made = await muster.run('device', 'init', ...at, '--handle', 'ada', '--name', 'laptop', '--out', 'ada.join');
  expect(made.code).toBe(0);
  const renewed = await muster.run('device', 'renew', ...at, '--name', 'laptop, again', '--out', 'ada2.join');
  expect([renewed.code, renewed.err]).toEqual([0, '']);
  expect(renewed.out).toContain('in the place of its old join request');
  expect(request('ada2.join').handle).toBe('ada');
  expect(request('ada2.join').identity).toEqual(request('ada.join').identity);
  expect(request('ada2.join').device.id).not.toBe(request('ada.join').device.id);
  const shown = await muster.run('device', 'show', ...at);
  expect(shown.out).toContain(request('ada.join').device.id);
});

test('does not touch a file that is there', async () => {
  await muster.run('device', 'init', ...at, '--handle', 'ada', '--name', 'laptop', '--out', 'ada.join');
  const before = readFileSync(join(dir, 'ada.join'));
  const again = await muster.run('device', 'renew', ...at, '--name', 'laptop', '--out', 'ada.join');
  expect(again.code).toBe(2);
  expect(readFileSync(join(dir, 'ada.join'))).toEqual(before);
});
