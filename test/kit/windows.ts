/**
 * Windows of a file of tests: opened in the one browser of the file, closed after each test, and a folder for what the
 * person has on their disk. Must be called where the file begins, since it tells the runner what to do before and after.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { runShell } from '../../src/desktop/shell.ts';
import type { WindowHost } from '../../src/ipc/host.ts';
import { createStandIn, type StandIn } from './electron.ts';
import { assetsDir, launch, mainView, type Opened, openWindow, watch } from './screen.ts';

const preload = join(fileURLToPath(new URL('../../', import.meta.url)), 'dist/desktop/preload.cjs');

interface Windows {
  /** The folder; only once tests run. */
  work(): string;
  inBrowser(host: WindowHost, hash?: string): Promise<Opened>;
  inShell(host: WindowHost, hash?: string): Promise<{ page: Page; trouble: string[]; standIn: StandIn }>;
}

export function makeWindows(): Windows {
  let browser: Browser;
  let work: string;
  const open: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    browser = await launch();
    work = mkdtempSync(join(tmpdir(), 'muster-windows-'));
  });
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(work, { recursive: true, force: true });
  });
  return {
    work: () => work,
    async inBrowser(host, hash = '') {
      const opened = await openWindow(browser, host, mainView, hash);
      open.push(opened);
      return opened;
    },
    async inShell(host, hash = '') {
      const page = await browser.newPage();
      open.push(page);
      const trouble = watch(page);
      const standIn = await createStandIn(page, preload);
      await runShell(standIn.electron, { openHost: async () => host, assetsDir, preload });
      if (hash !== '') await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      return { page, trouble, standIn };
    },
  };
}
