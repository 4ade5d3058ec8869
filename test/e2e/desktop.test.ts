/**
 * The desktop shell against a stand-in for Electron: the real shell, the real gate, the real preload bundle and the real
 * window in a real Chromium page. What only Electron itself can show is in test/electron.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ResolveProxy } from '../../src/desktop/device.ts';
import { type Electron, runShell } from '../../src/desktop/shell.ts';
import { createStandIn, type StandIn } from '../kit/electron.ts';
import { assetsDir, launch, watch } from '../kit/screen.ts';
import { createFakeHost, type FakeHost, passphrase } from '../kit/window.ts';
import { roomIds } from '../kit/windowData.ts';

const preload = join(fileURLToPath(new URL('../../', import.meta.url)), 'dist/desktop/preload.cjs');
let browser: Browser;
let page: Page;
let trouble: string[];
let host: FakeHost;
let standIn: StandIn;

let resolveProxy: ResolveProxy | undefined;

const start = (electron: Electron) =>
  runShell(electron, {
    openHost: async (resolve) => {
      resolveProxy = resolve;
      return host;
    },
    assetsDir,
    preload,
  });

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  page = await browser.newPage();
  trouble = watch(page);
  host = createFakeHost({ vault: 'locked' });
  standIn = await createStandIn(page, preload);
  await start(standIn.electron);
});
afterEach(() => page.close());

describe('the window', () => {
  it('is worked from unlocking to an answered alarm, over the bridge alone', async () => {
    await page.getByLabel('Passphrase').fill(passphrase);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('link', { name: /Turbine control network/ }).click();
    await page.getByLabel(/^Message to/).fill('Written over the bridge');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('Written over the bridge').waitFor();
    host.hear(roomIds.incident, 2, 'Pushed from the main process');
    await page.getByRole('log').getByText('Pushed from the main process').waitFor();
    host.raiseAlarm();
    await page
      .getByRole('alertdialog')
      .getByRole('button', { name: /I need help/ })
      .click();
    await page.getByText('You answered: I need help').first().waitFor();
    expect(trouble).toEqual([]);
  });

  it('has the bridge and nothing of Electron or Node', async () => {
    expect(await page.evaluate('Object.keys(window.muster).sort()')).toEqual(['call', 'give', 'onChange', 'take']);
    expect(await page.evaluate('[typeof require, typeof process, typeof module]')).toEqual([
      'undefined',
      'undefined',
      'undefined',
    ]);
  });

  it('gives a listener the change and not the event it came in, and lets it go', async () => {
    await page.evaluate(
      'window.heard = []; window.end = window.muster.onChange((...args) => window.heard.push(args)); undefined',
    );
    host.setVault('locked');
    await expect.poll(() => page.evaluate('window.heard.length')).toBe(1);
    expect(await page.evaluate('JSON.stringify(window.heard)')).not.toContain('sender');
    await page.evaluate('window.end()');
    host.setVault('locked');
    await page.evaluate('window.muster.call("vault.status", {})');
    expect(await page.evaluate('window.heard.length')).toBe(1);
  });

  it('stops scripts that are not its own', async () => {
    // Later, because the policy does not hold for what the test itself evaluates.
    const late = (script: string) =>
      page.evaluate(
        `new Promise((done) => setTimeout(() => { try { done(${script}) } catch (error) { done(error.name) } }))`,
      );
    expect(await late('eval("1")')).toBe('EvalError');
    expect(await late('document.body.innerHTML = "<b>x</b>"')).toBe('TypeError');
    await page.evaluate(
      'const s = document.createElement("iframe"); s.src = "https://elsewhere.test/"; document.body.append(s); undefined',
    );
    await expect.poll(() => trouble.join()).toContain('frame-src');
  });
});

describe('who may call', () => {
  it('is the top frame of our window, and nobody else', async () => {
    const { contents, frame, invoke } = standIn;
    expect(await invoke(contents, frame, 'vault.status', {})).toMatchObject({ ok: true });
    host.calls.length = 0;
    const strangers: readonly [string, unknown, { url: string; parent: unknown } | null][] = [
      ['a frame that has gone', contents, null],
      ['another window', {}, frame],
      ['a frame inside ours', contents, { url: frame.url, parent: frame }],
      ['another page in our place', contents, { url: 'https://elsewhere.test/', parent: null }],
    ];
    for (const [who, sender, from] of strangers) {
      expect(await invoke(sender, from, 'vault.status', {}), who).toMatchObject({ ok: false, code: 'invalid' });
    }
    for (const url of [
      'https://elsewhere.test/',
      'muster://other/',
      'muster://window.evil/',
      'muster://window/assets/x.js',
      'file:///etc/passwd',
    ]) {
      const moved = standIn.frame as { url: string };
      moved.url = url;
      expect(await invoke(contents, standIn.frame, 'vault.status', {}), url).toMatchObject({
        ok: false,
        code: 'invalid',
      });
      moved.url = 'muster://window/';
    }
    expect(host.calls).toEqual([]);
  });
});

describe('what is denied', () => {
  it('Node, foreign preloads and the spelling service: by the options of the window', () => {
    expect(standIn.options).toHaveLength(1);
    expect(standIn.options[0]?.['webPreferences']).toMatchObject({
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    });
    expect(standIn.privileges).toEqual([{ scheme: 'muster', privileges: { standard: true, secure: true } }]);
  });

  it.each(['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview'])('%s', (name) => {
    let prevented = 0;
    standIn.contents.emit(name, { preventDefault: () => (prevented += 1) });
    expect(prevented).toBe(1);
  });

  it('new windows, permissions, devices, downloads and every address but our own', () => {
    const { handlers } = standIn.session;
    expect(standIn.contents.openHandler?.({ url: 'https://elsewhere.test/' })).toEqual({ action: 'deny' });
    let granted: unknown;
    handlers['request']?.({}, 'notifications', (answer: unknown) => (granted = answer));
    expect(granted).toBe(false);
    expect(handlers['check']?.({}, 'media', 'https://elsewhere.test')).toBe(false);
    expect(handlers['device']?.({})).toBe(false);
    const cancelled = (url: string) => {
      let cancel: unknown;
      handlers['before']?.({ url }, (answer: { cancel: boolean }) => (cancel = answer.cancel));
      return cancel;
    };
    expect(['muster://window/', 'muster://window/assets/a.js'].map(cancelled)).toEqual([false, false]);
    expect(
      [
        'https://elsewhere.test/',
        'http://127.0.0.1:80/',
        'file:///etc/passwd',
        'muster://window.evil/',
        'ws://elsewhere.test',
      ].map(cancelled),
    ).toEqual([true, true, true, true, true]);
  });

  it('paths that are no file of the window', async () => {
    const status = (path: string) => page.evaluate(`fetch(${JSON.stringify(path)}).then(({ status }) => status)`);
    expect(await status('/')).toBe(200);
    for (const path of ['/index.html', '/%2e%2e%2fpackage.json', '/assets/', '/nothing', '/constructor'])
      expect(await status(path), path).toBe(404);
  });
});

describe('around the window', () => {
  it('a notification says that there is an alarm, once, and nothing of what it is', async () => {
    host.setVault('open');
    host.raiseAlarm();
    await expect.poll(() => standIn.notifications).toEqual(['Muster: an alarm needs you']);
    host.changeAlarm({ reached: 11 });
    host.changeAlarm({ standInFor: [{ member: 'ab'.repeat(16), name: 'Emeka Okafor', role: 'Network' }] });
    await expect.poll(() => standIn.notifications).toHaveLength(2);
    expect(new Set(standIn.notifications)).toEqual(new Set(['Muster: an alarm needs you']));
  });

  it('sleep locks the vault', async () => {
    host.setVault('open');
    standIn.power.emit('suspend');
    await page.getByRole('heading', { name: 'Unlock this device' }).waitFor();
  });

  it('waking looks at the connections at once', () => {
    standIn.power.emit('resume');
    expect(host.calls).toContain('renew');
  });

  it('asks the desktop which proxy leads to a relay', async () => {
    expect(await resolveProxy?.('https://192.0.2.1:7443/')).toBe('PROXY 198.51.100.1:3128 for https://192.0.2.1:7443/');
  });

  it('a second instance opens nothing and goes', async () => {
    const other = await browser.newPage();
    const second = await createStandIn(other, preload, false);
    let opened = false;
    const ran = await runShell(second.electron, {
      assetsDir,
      preload,
      openHost: async () => {
        opened = true;
        return host;
      },
    });
    expect([ran, opened, second.app.quits, second.options.length]).toEqual([false, false, 1, 0]);
    await other.close();
  });

  it('closing it ends Muster, unless a relay runs here: then starting Muster again brings it back', async () => {
    host.changeRelay({ state: 'running' });
    standIn.closeWindow();
    await expect.poll(() => standIn.notifications).toEqual([expect.stringContaining('a relay runs here')]);
    expect([standIn.app.quits, standIn.options.length]).toEqual([0, 1]);
    standIn.app.emit('second-instance');
    await expect.poll(() => standIn.options.length).toBe(2);
    standIn.app.emit('second-instance');
    await page.getByText('A relay runs here').waitFor();
    expect(standIn.options.length).toBe(2);
    host.changeRelay({ state: 'off' });
    standIn.closeWindow();
    await expect.poll(() => standIn.app.quits).toBe(1);
    expect(standIn.notifications).toHaveLength(1);
  });

  it('quitting waits for the device to close', async () => {
    let prevented = 0;
    standIn.app.emit('will-quit', { preventDefault: () => (prevented += 1) });
    await expect.poll(() => standIn.app.quits).toBe(1);
    standIn.app.emit('will-quit', { preventDefault: () => (prevented += 1) });
    expect([prevented, host.listeners()]).toEqual([1, 0]);
  });
});
