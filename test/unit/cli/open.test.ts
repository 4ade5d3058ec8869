/** The window of this device: Electron where it is, the browser with a reason where it is not. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import { addOpen, type OpenPorts } from '../../../src/cli/open.ts';
import { leastCost } from '../../../src/vault/stretch.ts';
import { Broken } from '../../../src/wire/fault.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-open-'));
  mkdirSync(join(dir, 'built/renderer'), { recursive: true });
  writeFileSync(join(dir, 'built/renderer/index.html'), '<!doctype html>');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function open(
  args: readonly string[],
  changes: Partial<OpenPorts>,
): Promise<{ out: string; addresses: string[] }> {
  const out: string[] = [];
  const addresses: string[] = [];
  let interrupt = () => {};
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  const io: Io = {
    out: (text) => void out.push(text),
    err: (text) => void out.push(text),
    isTty: false,
    cwd: dir,
    deviceDir: join(dir, 'device'),
    askSecret: async () => undefined,
    readInput: async () => '',
    now: Date.now,
    untilInterrupted: () => interrupted,
    cost: leastCost,
    env: {},
    isDebug: false,
  };
  const program = new Command().exitOverride();
  addOpen(program, io, {
    builtDir: `${dir}/built/`,
    findElectron: () => undefined,
    async openBrowser(address) {
      addresses.push(address);
      // Held to its own promise: the window is served while this runs.
      expect((await fetch(address, { redirect: 'manual' })).status).toBe(303);
      interrupt();
      return true;
    },
    ...changes,
  });
  await program.parseAsync(['open', ...args], { from: 'user' });
  return { out: out.join('\n'), addresses };
}

test('without Electron it says so, how to get it, and serves the window until interrupted', async () => {
  const { out, addresses } = await open([], {});
  expect(out).toContain('Electron’s program is not installed here (npx install-electron fetches it)');
  expect(out).toContain(addresses[0]);
  await expect(fetch(addresses[0] ?? '')).rejects.toThrow();
});

test('without a device it says how to make one, and opens all the same', async () => {
  expect((await open([], {})).out).toContain('muster device init --handle');
});

test('the browser if it is asked for, though Electron is there', async () => {
  const { out } = await open(['--browser'], { findElectron: () => join(dir, 'electron') });
  expect(out).toContain('as you asked');
});

test('Electron that does not start is told, with the way around it', async () => {
  const started = open([], { findElectron: () => join(dir, 'no-such-program') });
  await expect(started).rejects.toThrow(Broken);
  await expect(started).rejects.toThrow(/muster open --browser/);
});

test('Electron is given the folder of the device', async () => {
  // Node in its place: the "main" it is given writes down its arguments.
  mkdirSync(join(dir, 'built/src/desktop'), { recursive: true });
  writeFileSync(
    join(dir, 'built/src/desktop/main.js'),
    `if (process.argv[2] !== '--device-dir=${join(dir, 'mine')}') process.exit(1);`,
  );
  const { addresses } = await open(['--dir', 'mine'], { findElectron: () => process.execPath });
  expect(addresses).toEqual([]);
});
