/** The search as a person uses it, from the keyboard alone, and what it must not do. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { barriers, launch, mainView, type Opened, openWindow } from '../kit/screen.ts';
import { createFakeHost, type FakeHost } from '../kit/window.ts';
import { roomIds } from '../kit/windowData.ts';

let browser: Browser;
let opened: Opened | undefined;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(host: FakeHost, hash: string) {
  opened = await openWindow(browser, host, mainView, hash);
  await opened.page.getByRole('heading', { level: 1 }).waitFor();
  return opened.page;
}
const incident = `#/room/${roomIds.incident}`;

describe('the search', () => {
  it('is too long at ten thousand characters, says so, and asks nothing', async () => {
    const host = createFakeHost();
    const page = await open(host, '#/');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('x'.repeat(10_000));
    await page.getByText('9800 characters too long. A search has at most 200.').waitFor();
    await page.keyboard.press('Enter');
    expect(host.calls).not.toContain('search.read');
    expect(await barriers(page)).toEqual([]);
  });

  it('leads from the keyboard to a message far up in another room, and its way back is there', async () => {
    const host = createFakeHost();
    host.hear(roomIds.org, 4, 'The lantern is on the third shelf.');
    for (let n = 0; n < 90; n++) host.hear(roomIds.org, 1, `line ${n}`);
    const page = await open(host, incident);
    await page.getByLabel(/^Message to/).fill('half a sen');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('lantern');
    const answer = page.getByRole('option');
    await answer.filter({ hasText: 'third shelf' }).waitFor();
    expect(await answer.textContent()).toMatch(/Emeka Okafor.*Nordhavn Energi/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Nordhavn Energi' }).waitFor();
    const line = page.getByRole('listitem').filter({ hasText: 'third shelf' });
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toContain('third shelf');
    expect(await line.isVisible()).toBe(true);
    expect(await page.getByText('line 89').count()).toBe(0);
    await page.getByRole('button', { name: 'To the newest messages' }).click();
    await page.getByText('line 89').waitFor();
    await page.goBack();
    expect(await page.getByLabel(/^Message to/).inputValue()).toBe('half a sen');
    // The same answer once more leads there once more.
    await page.getByRole('button', { name: /^Search Ctrl/ }).click();
    await page.keyboard.type('lantern');
    await answer.filter({ hasText: 'third shelf' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toContain('third shelf');
    expect(opened?.trouble).toEqual([]);
  });

  it('looks in one room or in all, goes with Escape, and gives the focus back', async () => {
    const host = createFakeHost();
    host.hear(roomIds.org, 4, 'A port in the storm');
    const page = await open(host, incident);
    const field = page.getByLabel(/^Message to/);
    await field.focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('port');
    const answers = page.getByRole('option');
    await answers.filter({ hasText: 'in the storm' }).waitFor();
    const all = await answers.count();
    await page.getByRole('checkbox', { name: /Only in Turbine control/ }).check();
    await expect.poll(() => answers.count()).toBeLessThan(all);
    expect(await answers.filter({ hasText: 'in the storm' }).count()).toBe(0);
    await page.getByRole('combobox').focus();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => answers.last().getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('message');
  });

  it('gives way to an alarm, and is not opened over one', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    host.raiseAlarm();
    const alarm = page.getByRole('alertdialog');
    await alarm.getByRole('button', { name: /I’m here/ }).click();
    await page.keyboard.press('Control+k');
    expect(await page.getByRole('combobox').count()).toBe(1);
  });

  it('says what went wrong, and shows nothing of the vault when it is locked', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    host.failOn('search.read');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('port');
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    host.failOn(undefined);
    await page.keyboard.type(' 14');
    await page.getByRole('option').first().waitFor();
    host.setVault('locked');
    await page.getByRole('heading', { name: 'Unlock this device' }).waitFor();
    expect(await page.content()).not.toContain('port 14');
  });
});
