/** Imports run one way (docs/README.md): this walks them all, types included, and shows each rule a planted breach. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closeOver, readImports, readSources, root, type Sources } from './kit.ts';
import { checkEnvironment, checkImports, checkPurity, checkTargets, checkWindow, homes, layers } from './rule.ts';

const sources = readSources('src', 'server', 'renderer');

describe('the code', () => {
  test('is there to be checked', () => {
    expect([...sources.keys()]).toContain('src/wire/frame.ts');
    expect([...sources].flatMap(([path, text]) => readImports(path, text)).length).toBeGreaterThan(20);
  });
  test('imports in one direction and names packages in their home', () => expect(checkImports(sources)).toEqual([]));
  test('imports only files that are there', () => {
    expect(checkTargets(sources, (path) => existsSync(join(root, path)))).toEqual([]);
  });
  test('reads the environment in main files only', () => expect(checkEnvironment(sources)).toEqual([]));
  test('asks nothing of Node in what a window loads', () => {
    const loaded = closeOver('renderer/main.tsx', sources);
    expect(loaded).toContain('renderer/main.tsx');
    expect(checkWindow(loaded, sources)).toEqual([]);
  });
  test('is pure in wire, core and engine', () => expect(checkPurity(sources)).toEqual([]));
});

const plant = (path: string, text: string): Sources => new Map([[path, text]]);

describe('a planted breach is found:', () => {
  test.each([
    ['src/wire/a.ts', `import { hash } from '../core/verify.ts';`],
    ['src/wire/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['src/core/a.ts', `import type { State } from '../engine/state.ts';`],
    ['src/core/a.ts', `export * from '../vault/vault.ts';`],
    ['src/core/a.ts', `export { open } from '../vault/vault.ts';`],
    ['src/core/a.ts', `type S = typeof import('../engine/state.ts');`],
    ['src/core/a.ts', `const s = await import('../engine/state.ts');`],
    ['src/core/a.ts', `import library from 'libsodium-wrappers';`],
    ['src/core/sodium.ts', `import library from 'libsodium-wrappers-sumo';`],
    ['src/engine/a.ts', `import '../link/link.ts';`],
    ['src/engine/a.ts', `import { randomBytes } from 'node:crypto';`],
    ['src/vault/a.ts', `import { step } from '../engine/step.ts';`],
    ['src/link/a.ts', `import { seal } from '../core/seal.ts';`],
    ['src/link/a.ts', `import { electron } from 'electron';`],
    ['src/ipc/a.ts', `import { seal } from '../core/seal.ts';`],
    ['renderer/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['src/responder/a.ts', `import { run } from '../cli/main.ts';`],
    ['src/responder/a.ts', `import type { BrowserWindow } from 'electron';`],
    ['src/console/a.ts', `import { WebSocketServer } from 'ws';`],
    ['src/console/a.ts', `const ws = require('ws');`],
    ['src/console/a.ts', 'const ws = await import(`ws`);'],
    ['src/console/a.ts', `const name = 'w' + 's'; await import(name);`],
    ['src/console/a.ts', `import fs from 'fs';`],
    ['src/cli/a.ts', `import { actor } from '../../test/kit/actor.ts';`],
    ['src/cli/a.ts', `import Database from '@signalapp/sqlcipher';`],
    ['server/a.ts', `import { openSealed } from '../src/core/seal.ts';`],
    ['server/a.ts', `import type { Vault } from '../src/vault/vault.ts';`],
    ['server/a.ts', `import { verify } from '../src/core/verify.ts';`],
    ['server/hub.ts', `import Database from '@signalapp/sqlcipher';`],
    ['renderer/a.tsx', `import { hash } from '../src/core/verify.ts';`],
    ['renderer/a.tsx', `import type { Vault } from '../src/vault/vault.ts';`],
    ['renderer/a.tsx', `import { ipcRenderer } from 'electron';`],
    ['renderer/state/a.ts', `import { useState } from 'react';`],
    ['src/newcomer/a.ts', `export const x = 1;`],
  ])('%s  %s', (path, text) => expect(checkImports(plant(path, text))).toHaveLength(1));

  test.each([
    ['src/vault/a.ts', 'export const home = process.env.HOME;'],
    ['src/vault/a.ts', `export const home = process['env'].HOME;`],
    ['src/vault/a.ts', 'const { env } = process;'],
    ['src/vault/a.ts', `import { env } from 'node:process';`],
  ])('%s  %s', (path, text) => expect(checkEnvironment(plant(path, text))).toHaveLength(1));

  test.each([
    ['src/core/a.ts', 'export const now = () => Date.now();'],
    ['src/core/a.ts', 'export const now = () => new Date();'],
    ['src/wire/a.ts', 'export const pick = () => Math.random();'],
    ['src/engine/a.ts', 'setTimeout(() => undefined, 1);'],
    ['src/engine/a.ts', `console.log('here');`],
  ])('%s  %s', (path, text) => expect(checkPurity(plant(path, text)).length).toBeGreaterThan(0));

  test('a window that would need a disk', () => {
    const planted = new Map([
      ['renderer/main.tsx', `import { readPage } from '../src/ipc/asset.ts';`],
      ['src/ipc/asset.ts', `import { readFile } from 'node:fs/promises';\nimport '../vault/vault.ts';`],
      ['src/vault/vault.ts', ''],
    ]);
    expect(checkWindow(closeOver('renderer/main.tsx', planted), planted)).toEqual([
      'src/ipc/asset.ts is loaded by the window and imports node:fs/promises',
      'src/vault/vault.ts is loaded by the window',
    ]);
  });
  test('an import that leads nowhere', () => {
    expect(checkTargets(plant('src/core/a.ts', `import './gone.ts';`), () => false)).toHaveLength(1);
  });
});

describe('what is allowed stays allowed:', () => {
  test.each([
    ['src/core/a.ts', `import { concat } from '../wire/bytes.ts';`],
    ['src/core/sodium.ts', `import library from 'libsodium-wrappers';`],
    ['src/vault/a.ts', `import type { Row } from '../engine/row.ts';`],
    ['src/link/a.ts', `import { type Id, type Key } from '../core/key.ts';`],
    ['server/a.ts', `import { readRoot } from '../src/core/root.ts';`],
    ['server/driver.ts', `import Database from '@signalapp/sqlcipher';`],
    ['src/desktop/a.ts', `import { app } from 'electron';`],
    ['src/cli/a.ts', `// import '../../test/kit/actor.ts'\nexport const text = "import 'ws'";`],
    ['renderer/a.tsx', `import { useState } from 'react';\nexport const A = () => <p>{useState(0)[0]}</p>;`],
  ])('%s  %s', (path, text) => expect(checkImports(plant(path, text))).toEqual([]));

  test('arithmetic with given times is pure', () => {
    expect(
      checkPurity(
        plant('src/core/a.ts', 'export const day = (ms: number) => new Date(ms).getUTCDay() + Date.UTC(2020);'),
      ),
    ).toEqual([]);
  });
});

test('the rule table names no place that is gone by mistake', () => {
  for (const name of Object.keys(layers)) expect(existsSync(join(root, name)), name).toBe(true);
  for (const place of Object.values(homes).flat()) expect(existsSync(join(root, place)), place).toBe(true);
});
