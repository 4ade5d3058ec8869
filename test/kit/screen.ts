/**
 * Opens the window in a real browser through the real console, on a device that is made up. Every page is watched: an
 * error on it, or anything its policy had to stop, fails the test that looks at `trouble`.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startConsole } from '../../src/console/start.ts';
import type { WindowHost } from '../../src/ipc/host.ts';
import { browserOptions } from './browser.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What `npm run build` made; a test never builds, so that it tests what is shipped. */
export const assetsDir = join(root, 'dist/renderer');
const pictures = join(root, 'test-results/screens');

export interface View {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
}
export const mainView: View = { width: 1280, height: 800, scheme: 'light' };

export interface Opened {
  readonly page: Page;
  /** What the browser complained of. */
  readonly trouble: string[];
  close(): Promise<void>;
}

export const launch = (): Promise<Browser> => chromium.launch(browserOptions());

/** Collects what goes wrong on a page. A call that is refused is an answer, not trouble. */
export function watch(page: Page): string[] {
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.push(message.text());
  });
  return trouble;
}

export async function openWindow(
  browser: Browser,
  host: WindowHost,
  view: View = mainView,
  hash = '',
): Promise<Opened> {
  const console_ = await startConsole({ host, assetsDir });
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    timezoneId: 'Europe/Copenhagen',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const trouble = watch(page);
  await page.goto(console_.url);
  if (hash !== '') await page.goto(new URL(hash, page.url()).href);
  return {
    page,
    trouble,
    async close() {
      await context.close();
      await console_.close();
    },
  };
}

export async function picture(page: Page, name: string): Promise<void> {
  const path = join(pictures, `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path });
}

/**
 * The rules broken on this page that keep somebody from using it, each with the elements that break it. Legacy mode
 * leaves out frames, of which the window has none, and with them a second page for every look.
 */
export async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
}

/** Whether what stands last in a line ends where its padding begins. */
export function keepsPadding(page: Page, line: string): Promise<boolean> {
  return page.evaluate(
    `(() => {
      const head = document.querySelector('${line}');
      const inner = head.getBoundingClientRect().right - Number.parseFloat(getComputedStyle(head).paddingRight);
      return [...head.querySelectorAll('button')].every((each) => each.getBoundingClientRect().right <= inner + 1);
    })()`,
  );
}

/** True when nothing has to be scrolled sideways to be read. */
export function fitsAcross(page: Page): Promise<boolean> {
  return page.evaluate(
    'document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("main, .side, dialog")].every((e) => e.scrollWidth <= e.clientWidth)',
  );
}
