/** The relay as one file: it runs beside the database driver and nothing else, and stores through its own thread. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDevice, makeOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  makeDataDir,
  type RelayProcess,
  spawnRelay,
  topicNumber,
} from '../kit/relay.ts';

const root = join(import.meta.dirname, '../..');
let dir = '';
let relay: RelayProcess | undefined;
beforeEach(() => {
  dir = makeDataDir();
});
afterEach(() => {
  relay?.child.kill('SIGKILL');
  relay = undefined;
  dropDataDir(dir);
});

it('holds no library that decrypts', () => {
  const text = readFileSync(join(root, 'dist/relay.mjs'), 'latin1');
  // Of the libsodium that devices have: these names would be in it whatever a bundler does to others.
  expect(text).not.toMatch(/crypto_(aead|box|secretbox|kem)_|AGFzbQ/);
  expect(text).toContain('PRAGMA user_version');
});

it('starts alone in a folder, takes an append, is killed, and has it still', async () => {
  const program = join(dir, 'app/relay.mjs');
  for (const name of ['@signalapp/sqlcipher', 'node-gyp-build']) {
    const to = join(dir, 'app/node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, 'node_modules', name), to, { recursive: true });
  }
  cpSync(join(root, 'dist/relay.mjs'), program);
  const org = await makeOrg();
  const device = await makeDevice();
  const admission = join(dir, 'list');
  writeFileSync(admission, org.list([device]));
  const data = join(dir, 'data');
  mkdirSync(data);

  relay = await spawnRelay(data, org.org, admission, { program });
  const client = await enter(relay, org, device);
  client.send({ type: 'append', ref: 1, items: [[topicNumber(1), envelopeNumber(1)]] });
  const { receipts } = await client.take('appended');
  await relay.kill();

  relay = await spawnRelay(data, org.org, undefined, { program });
  const again = await enter(relay, org, device);
  again.send({ type: 'tail', topic: topicNumber(1), from: 0 });
  expect((await again.take('deliver')).items.map(([offset]) => offset)).toEqual(receipts.map(([offset]) => offset));
  expect(await relay.stop()).toBe(0);
}, 40_000);

it('names its commands as a person calls them on a host that has no `muster`', () => {
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'dist/relay.mjs'), ...args], { encoding: 'utf8' });
  const made = run('init', '--data', join(dir, 'named'), '--name', 'Oslo');
  expect([made.status, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toContain('Then: node relay.mjs start --data');
  expect(run('status', '--help').stdout).toContain('Example:\n  node relay.mjs status');
  const wrong = run('status');
  expect([wrong.status, wrong.stdout]).toEqual([2, '']);
  expect(wrong.stderr).toMatch(/^muster: required option .*\nThe same command with --help says what it takes\.\n$/);
});
