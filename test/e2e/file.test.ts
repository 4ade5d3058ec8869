/**
 * Files sent and saved through the window, in a browser and in the shell, over a real relay. What is too large, changes
 * meanwhile, was dropped by mistake or cannot be saved comes first.
 */
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Live } from '../kit/live.ts';
import { picture } from '../kit/screen.ts';
import { createFakeHost } from '../kit/window.ts';
import { makeWindows } from '../kit/windows.ts';
import { roomIds } from '../kit/windowData.ts';

const { work, inBrowser, inShell } = makeWindows();

const pick = (page: Page, path: string) => page.getByLabel('Send a file').last().setInputFiles(path);
const send = (page: Page) => page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true });
const write = (name: string, content: string | Buffer) => {
  writeFileSync(join(work(), name), content);
  return join(work(), name);
};
const everyone = `#/room/${roomIds.org}`;

describe.each([
  ['a browser', inBrowser],
  ['the shell', inShell],
] as const)('in %s', (_where, start) => {
  it('a file that is too large is said to be, and not read', async () => {
    const host = createFakeHost();
    const { page, trouble } = await start(host, everyone);
    const path = write('disk.img', '');
    truncateSync(path, 100 * 1024 * 1024 + 1);
    await pick(page, path);
    await page.getByRole('dialog').getByText('A room takes files of at most 104.9 MB. Nothing was sent.').waitFor();
    expect(await send(page).count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(host.calls).not.toContain('file.send');
    expect(trouble).toEqual([]);
  });

  it('a file that changed since it was picked is not sent', async () => {
    const host = createFakeHost();
    const { page } = await start(host, everyone);
    const path = write('growing.log', Buffer.alloc(3_000_000, 'x'));
    await pick(page, path);
    await send(page).waitFor();
    appendFileSync(path, 'one line more');
    await send(page).click();
    await page.getByRole('alert').getByText('This file changed while it was read').waitFor();
    expect(await page.getByRole('log').getByText('growing.log').count()).toBe(0);
  });

  it('what the device refuses is said, and can be tried again', async () => {
    const host = createFakeHost();
    const { page } = await start(host, everyone);
    host.failOn('file.send');
    await pick(page, write('firewall.log', Buffer.alloc(3_000_000, 'x')));
    await send(page).click();
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    host.failOn(undefined);
    await send(page).click();
    await page.getByText('File waits: on no relay yet').waitFor();
    await page.getByRole('log').getByText('3.0 MB').waitFor();
    host.failOn('file.save');
    await page.getByRole('button', { name: 'Save firewall.log' }).click();
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
  });
});

it('a file that is dropped on a room is asked about, and not taken where one may not write', async () => {
  const host = createFakeHost();
  const { page } = await inBrowser(host, everyone);
  const drop = () =>
    page.evaluate(
      `(() => { const dataTransfer = new DataTransfer(); dataTransfer.items.add(new File(['x'], 'a.txt')); dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true })); })()`,
    );
  await page.getByRole('log').waitFor();
  await drop();
  await page.getByRole('dialog').getByText('It cannot be called back.').waitFor();
  await page.getByRole('button', { name: 'Do not send' }).click();
  expect(host.calls).not.toContain('file.send');
  host.retire();
  await page.getByText('It does not write any more.').waitFor();
  await drop();
  await page.getByRole('alert').getByText('You cannot write in this room, so a.txt was not sent.').waitFor();
});

it('a file is fetched, shown as it comes, saved and dropped from the keyboard', async () => {
  const host = createFakeHost();
  const entry = host.tellOfFile(roomIds.org, 4, {});
  const { page, standIn } = await inShell(host, everyone);
  await page.getByRole('button', { name: 'Fetch firewall.log' }).press('Enter');
  await page.getByText('Asked for. Nothing of it came yet').waitFor();
  host.changeFile(entry, { here: 19 });
  await page.getByText('19 of 38 parts are here').waitFor();
  expect(await page.getByRole('progressbar', { name: 'Fetching firewall.log' }).getAttribute('value')).toBe('19');
  host.changeFile(entry, { here: 38, state: 'here' });
  standIn.choose((name) => join(work(), `saved-${name}`));
  await page.getByRole('button', { name: 'Save firewall.log' }).press('Enter');
  await page.getByText('Saved as saved-firewall.log.').waitFor();
  expect(readFileSync(join(work(), 'saved-firewall.log'), 'utf8')).toBe('what was sent');
  expect(await page.content()).not.toContain(work());
  await page.getByRole('button', { name: /^Take off this device/ }).press('Enter');
  await page.getByText('File not on this device').waitFor();
});

describe('over a real relay', () => {
  let live: Live;
  beforeAll(async () => {
    live = await Live.found({ members: 2, relays: 1 });
    await live.startRelays();
  }, 60_000);
  afterAll(() => live.end());

  const enter = async (page: Page, i: number) => {
    await page.getByLabel('Passphrase').fill(live.device(i).passphrase);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('1 of 1 relays up').first().waitFor({ timeout: 30_000 });
    await page
      .getByRole('link', { name: /Everyone/ })
      .first()
      .click();
  };

  it('a file goes from a browser to the shell and comes out as it went in', async () => {
    const content = Buffer.alloc(5_000_001, 'what happened when, line by line\n');
    const ada = await inBrowser(live.host(0));
    await enter(ada.page, 0);
    const bela = await inShell(live.host(1));
    await enter(bela.page, 1);
    await pick(ada.page, write('timeline.txt', content));
    await send(ada.page).click();
    await ada.page.getByRole('log').getByText('File on 1 of 1 relays').waitFor({ timeout: 30_000 });
    await picture(ada.page, 'main-file-sent');
    const save = bela.page.getByRole('button', { name: 'Save timeline.txt' });
    const fetch = bela.page.getByRole('button', { name: 'Fetch timeline.txt' });
    await save.or(fetch).waitFor({ timeout: 30_000 });
    if (await fetch.isVisible()) await fetch.click();
    await save.waitFor({ timeout: 30_000 });
    bela.standIn.choose((name) => join(work(), `bela-${name}`));
    await save.click();
    await bela.page.getByText('Saved as bela-timeline.txt.').waitFor();
    expect(readFileSync(join(work(), 'bela-timeline.txt')).equals(content)).toBe(true);
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.getByRole('button', { name: 'Save timeline.txt' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('timeline.txt');
    await download.saveAs(join(work(), 'ada-timeline.txt'));
    expect(readFileSync(join(work(), 'ada-timeline.txt')).equals(content)).toBe(true);
    expect([ada.trouble, bela.trouble]).toEqual([[], []]);
  }, 120_000);
});
