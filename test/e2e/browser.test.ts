/** The browser that the other end-to-end tests rely on starts, draws a page and reaches loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserOptions, findBrowser, provideBrowser } from '../kit/browser.ts';

test('a browser opens a page served on loopback', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>muster</title><h1>Roll call</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch(browserOptions());
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await page.title()).toBe('muster');
    expect(await page.getByRole('heading').textContent()).toBe('Roll call');
    expect((await page.screenshot()).length).toBeGreaterThan(1000);
  } finally {
    await browser.close();
    server.close();
  }
});

const bare = {
  env: { PATH: '/nowhere' },
  playwrightPath: '/nowhere/chrome',
  canInstall: false,
  install: () => undefined,
};

test('a machine without a browser is told how to get one', () => {
  expect(findBrowser(bare)).toBeUndefined();
  expect(() => provideBrowser(bare)).toThrow(
    /CHROMIUM_PATH[\s\S]*apt-get install chromium[\s\S]*playwright-core install/,
  );
});

test('a failing package manager is reported, not passed over', () => {
  const install = () => {
    throw new Error('no network');
  };
  expect(() => provideBrowser({ ...bare, canInstall: true, install })).toThrow(/could not install/);
  expect(() => provideBrowser({ ...bare, canInstall: true })).toThrow(/not on PATH/);
});

test('CHROMIUM_PATH comes first, and a wrong one is an error', () => {
  const env = { ...bare.env, CHROMIUM_PATH: process.execPath };
  expect(findBrowser({ ...bare, env })).toBe(process.execPath);
  expect(() => findBrowser({ ...bare, env: { ...env, CHROMIUM_PATH: '/nowhere/chrome' } })).toThrow(/CHROMIUM_PATH is/);
});
