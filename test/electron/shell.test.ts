/**
 * The shell in Electron itself. Run by `npm run test:electron`, never by `npm test`, since most machines have no Electron
 * binary; without one it fails and says how to get one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findElectron } from '../../src/desktop/binary.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let app: ElectronApplication;
let page: Page;
let profile: string;

function requireElectron(): string {
  const path = findElectron();
  if (path !== undefined) return path;
  throw new Error(
    'There is no Electron binary on this machine. Get one with: npx install-electron   (it needs the network once)',
  );
}

beforeAll(async () => {
  const executablePath = requireElectron();
  profile = await mkdtemp(join(tmpdir(), 'muster-electron-'));
  // `--no-sandbox` would hide what is tested here, so this does not run as root.
  app = await _electron.launch({ executablePath, args: [root, `--device-dir=${profile}`], cwd: root });
  page = await app.firstWindow();
});
afterAll(async () => {
  await app?.close();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true });
});

it('shows the window under its own scheme, with the bridge and without Node', async () => {
  expect(page.url()).toMatch(/^muster:\/\/window\/(#.*)?$/);
  expect(await page.evaluate('[Object.keys(window.muster).sort().join(), typeof require, typeof process]')).toEqual([
    'call,onChange',
    'undefined',
    'undefined',
  ]);
  await page.getByRole('heading', { level: 1 }).waitFor();
});

it('keeps the promises of its options', async () => {
  const kept = await app.evaluate(({ BrowserWindow }) => {
    // Electron has it but does not document it; there is no other way to ask what was really applied.
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as
      | { getLastWebPreferences(): Record<string, unknown> }
      | undefined;
    const preferences = contents?.getLastWebPreferences();
    return ['sandbox', 'contextIsolation', 'nodeIntegration', 'webSecurity'].map((name) => preferences?.[name]);
  });
  expect(kept).toEqual([true, true, false, true]);
});

it('opens no second window, goes nowhere and is granted nothing', async () => {
  await page.evaluate('window.open("https://elsewhere.test/"); location.href = "https://elsewhere.test/"');
  await page.waitForTimeout(500);
  expect(app.windows()).toHaveLength(1);
  expect(page.url()).toMatch(/^muster:/);
  expect(await page.evaluate('navigator.permissions.query({ name: "geolocation" }).then(({ state }) => state)')).toBe(
    'denied',
  );
});
