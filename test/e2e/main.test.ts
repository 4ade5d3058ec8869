/**
 * The window on the real thing: two people, two real devices, two windows in a real browser, real relay processes.
 * Unlock, write, see it arrive, answer a drill that starts by itself, open its report. Pictures of what they see are
 * kept in test-results/screens/main-*.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Live, quickDrill } from '../kit/live.ts';
import { barriers, launch, type Opened, openWindow, picture } from '../kit/screen.ts';

let browser: Browser;
let live: Live;
let ada: Opened;
let bela: Opened;

/** Time for two people to unlock and write before the alarm goes off, on a machine that does other things too. */
const drillInMs = 45_000;

beforeAll(async () => {
  browser = await launch();
  live = await Live.found({
    members: 2,
    relays: 2,
    drills: (nowMs) => [quickDrill(nowMs + drillInMs, ['ada', 'bela'])],
  });
  await live.startRelays();
  [ada, bela] = await Promise.all([openWindow(browser, live.host(0)), openWindow(browser, live.host(1))]);
}, 90_000);

afterAll(async () => {
  await ada?.close();
  await bela?.close();
  await live?.end();
  await browser?.close();
});

async function unlock(page: Page, i: number): Promise<void> {
  await page.getByLabel('Passphrase').fill(live.device(i).passphrase);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await page.getByText('2 of 2 relays up').first().waitFor({ timeout: 30_000 });
}

const openEveryone = (page: Page) =>
  page
    .getByRole('link', { name: /Everyone/ })
    .first()
    .click();

describe('two windows on two devices over real relays', () => {
  it('stay shut for a wrong passphrase and open for the right one', async () => {
    await ada.page.getByLabel('Passphrase').fill('not it');
    await ada.page.getByRole('button', { name: 'Unlock' }).click();
    await ada.page.getByRole('alert').waitFor({ timeout: 15_000 });
    await unlock(ada.page, 0);
    await unlock(bela.page, 1);
    await picture(ada.page, 'main-home');
  }, 60_000);

  it('carry a message from one to the other and show who has it', async () => {
    await openEveryone(ada.page);
    await openEveryone(bela.page);
    await ada.page.getByRole('textbox', { name: /Message to/ }).fill('The mail gateway is not ours any more.');
    await ada.page.keyboard.press('Enter');
    await bela.page.getByText('The mail gateway is not ours any more.').first().waitFor({ timeout: 20_000 });
    await ada.page.getByText('on 2 of 2 relays · 2 of 2 devices').first().waitFor({ timeout: 20_000 });
    const held = ada.page.getByRole('button', { name: 'on 2 of 2 relays · 2 of 2 devices · read by 1' });
    await held.first().waitFor({ timeout: 20_000 });
    await picture(ada.page, 'main-room-sent');
    await picture(bela.page, 'main-room-received');
    expect(await barriers(ada.page)).toEqual([]);
  }, 60_000);

  it('show the muster list with its people', async () => {
    await bela.page.getByRole('link', { name: 'Muster list' }).click();
    await bela.page.getByRole('heading', { level: 1 }).waitFor();
    await bela.page.getByText('Ada Brandt').first().waitFor();
    await bela.page.getByText('+49 151 5550101').first().waitFor();
    await picture(bela.page, 'main-list');
  }, 30_000);

  it('compare keys with the same words on both, and remember it', async () => {
    const compare = (page: Page) => page.getByRole('button', { name: /^(Compare keys|Keys compared)/ });
    await ada.page.getByRole('link', { name: 'Muster list' }).click();
    for (const { page } of [ada, bela]) await compare(page).click();
    const words = ({ page }: Opened) => page.getByRole('list', { name: 'Words to compare' }).innerText();
    expect(await words(ada)).toBe(await words(bela));
    await picture(ada.page, 'main-compare');
    for (const { page } of [ada, bela]) {
      await page.getByRole('button', { name: 'They match' }).click();
      await expect.poll(() => compare(page).textContent()).toMatch(/^Keys compared/);
    }
    await openEveryone(bela.page);
    await bela.page
      .getByText(/compared keys with .*: they are right/)
      .first()
      .waitFor({ timeout: 20_000 });
    await bela.page.getByRole('button', { name: 'People' }).click();
    await bela.page.getByRole('button', { name: 'New keys now' }).click();
    await bela.page.getByText('New keys are in use.').waitFor();
    await picture(bela.page, 'main-people');
  }, 30_000);

  it('raise the drill by themselves, take an answer, and show its report when it is over', async () => {
    for (const { page } of [ada, bela]) await page.getByRole('alertdialog').waitFor({ timeout: drillInMs + 30_000 });
    await picture(ada.page, 'main-alarm');
    expect(await barriers(ada.page)).toEqual([]);
    await ada.page.getByRole('button', { name: /I.m here/ }).click();
    await bela.page.getByRole('button', { name: /I need help/ }).click();
    await ada.page
      .getByText(/You answered/)
      .first()
      .waitFor({ timeout: 15_000 });
    await picture(ada.page, 'main-answered');
    for (const { page } of [ada, bela]) await page.keyboard.press('Escape');
    await bela.page.getByRole('link', { name: 'Drills and reports' }).click();
    const report = bela.page.getByRole('link', { name: /Open report/ }).first();
    await report.waitFor({ timeout: 30_000 });
    await report.click();
    await bela.page.getByText('Passed').first().waitFor({ timeout: 30_000 });
    await picture(bela.page, 'main-report');
    expect(await barriers(bela.page)).toEqual([]);
    expect(ada.trouble).toEqual([]);
    expect(bela.trouble).toEqual([]);
  }, 150_000);
});
