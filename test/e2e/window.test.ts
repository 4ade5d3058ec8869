/** What a person does with the window, mostly from the keyboard, and what the window does when things go wrong. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { barriers, fitsAcross, launch, mainView, type Opened, openWindow } from '../kit/screen.ts';
import { createFakeHost, type FakeHost, passphrase } from '../kit/window.ts';
import { memberId, roomIds } from '../kit/windowData.ts';

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

async function open(host: FakeHost, hash = '') {
  opened = await openWindow(browser, host, mainView, hash);
  return opened.page;
}
const incident = `#/room/${roomIds.incident}`;

describe('the locked door', () => {
  it('opens with the passphrase alone, says what to do otherwise, and shuts again', async () => {
    const page = await open(createFakeHost({ vault: 'locked' }));
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('passphrase');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This passphrase does not open the vault.').waitFor();
    await page.keyboard.type(passphrase);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Ready/ }).waitFor();
    expect(await page.content()).not.toContain(passphrase);
    await page.getByRole('button', { name: 'Lock' }).click();
    await page.getByRole('heading', { name: 'Unlock this device' }).waitFor();
    expect(await page.content()).not.toContain('Nordhavn');
  });
});

describe('a room', () => {
  it('never shows a message as being where it is not', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    const field = page.getByLabel(/^Message to/);
    await field.fill('Line one');
    await field.press('Shift+Enter');
    await field.pressSequentially('Line two');
    await field.press('Enter');
    const mine = page.getByRole('listitem').filter({ hasText: 'Line one\nLine two' });
    await mine.getByRole('button', { name: /Waiting: on no relay yet/ }).waitFor();
    expect(await field.inputValue()).toBe('');
    host.storeAll();
    await mine.getByRole('button', { name: /on 3 of 3 relays · 1 of 12 devices/ }).click();
    await mine.getByRole('heading', { name: 'Not yet (11)' }).waitFor();
  });

  it('keeps the text when it could not be saved, and over a visit elsewhere', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    const field = page.getByLabel(/^Message to/);
    host.failOn('room.send');
    await field.fill('Do not lose this');
    await field.press('Enter');
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    expect(await field.inputValue()).toBe('Do not lose this');
    await page.getByRole('link', { name: 'Muster list' }).click();
    await page.goBack();
    expect(await field.inputValue()).toBe('Do not lose this');
  });

  it('takes a text of the greatest length and no longer', async () => {
    const page = await open(createFakeHost(), incident);
    const field = page.getByLabel(/^Message to/);
    await field.fill('x'.repeat(8001));
    await page.getByText('1 character too long').waitFor();
    await field.press('Enter');
    expect((await field.inputValue()).length).toBe(8001);
    await field.fill('x'.repeat(8000));
    await field.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('');
    expect(await fitsAcross(page)).toBe(true);
  });

  it('does not tear a reader away from older messages', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    const log = page.getByRole('log');
    await log.getByText('Next call in ten minutes.').waitFor();
    await log.evaluate('(e) => e.scrollTo(0, 0)');
    await log.evaluate((element) => Object.assign(element, { scrollTop: 0 }));
    await page.waitForTimeout(200);
    host.hear(roomIds.incident, 4, 'Meanwhile, below');
    await page.getByRole('button', { name: 'New messages below' }).click();
    await log.getByText('Meanwhile, below').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'New messages below' }).count()).toBe(0);
  });
});

describe('an alarm', () => {
  it('comes over what one does without being answered by it, can be put aside, and called back', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    const field = page.getByLabel(/^Message to/);
    await field.pressSequentially('half a sen');
    host.raiseAlarm();
    const alarm = page.getByRole('alertdialog', { name: /Exercise/ });
    await alarm.waitFor();
    // Somebody goes on typing: nothing of that may answer.
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    expect(host.calls).not.toContain('alarm.acknowledge');
    await page.keyboard.press('Escape');
    await expect.poll(() => alarm.count()).toBe(0);
    expect(await field.inputValue()).toBe('half a sen');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('message');
    expect(await page.title()).toContain('EXERCISE');
    const banner = page.getByRole('region', { name: 'Exercise' });
    await banner.getByText('You have not answered.').waitFor();
    await banner.getByRole('button', { name: 'Answer now' }).click();
    await alarm.getByRole('button', { name: /I’m here/ }).click();
    await alarm.getByText('You answered: I’m here').waitFor();
    await alarm.getByText('6 of 12 answered').waitFor();
    await page.keyboard.press('Escape');
    await banner.getByText('You answered: I’m here.').waitFor();
  });

  it('can be answered with the keyboard alone, and otherwise afterwards', async () => {
    const page = await open(createFakeHost({ alarm: 'running' }));
    const alarm = page.getByRole('alertdialog');
    await alarm.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await alarm.getByText('You answered: I’m here').waitFor();
    await alarm.getByRole('button', { name: 'Change my answer' }).click();
    await alarm.getByRole('button', { name: /I need help/ }).click();
    await alarm.getByText('You answered: I need help').waitFor();
  });

  it('asks again when a deputy is needed, and says when an answer was not saved', async () => {
    const host = createFakeHost({ alarm: 'running' });
    const page = await open(host);
    const alarm = page.getByRole('alertdialog');
    host.failOn('alarm.acknowledge');
    await alarm.getByRole('button', { name: /I’m here/ }).click();
    await alarm.getByText('Your answer was not saved. Press again.').waitFor();
    host.failOn(undefined);
    await alarm.getByRole('button', { name: /I’m here/ }).click();
    await alarm.getByText('You answered: I’m here').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => alarm.count()).toBe(0);
    host.changeAlarm({ standInFor: [{ member: memberId(4), name: 'Emeka Okafor', role: 'Network' }] });
    await alarm.getByRole('button', { name: /Step in for Emeka Okafor/ }).click();
    await expect.poll(() => alarm.getByRole('button', { name: /Step in/ }).count()).toBe(0);
  });

  it('that is over leads to its report', async () => {
    const host = createFakeHost({ alarm: 'running' });
    const page = await open(host);
    await page.getByRole('alertdialog').waitFor();
    host.changeAlarm({ state: 'closed' });
    await page.getByRole('button', { name: 'Open the report' }).click();
    await page.getByRole('heading', { level: 2, name: 'Passed, with findings' }).waitFor();
  });
});

describe('the muster list', () => {
  it('of five hundred is searched, and stays usable', async () => {
    const page = await open(createFakeHost({ members: 500 }), '#/list');
    await page.getByText('500 members', { exact: true }).waitFor();
    await page.getByLabel(/^Search/).fill('lefevre');
    await page.getByText('1 of 500 members').waitFor();
    expect(await page.getByRole('list', { name: 'Members' }).getByRole('heading').allTextContents()).toEqual([
      'Françoise Lefèvre',
    ]);
    await page.getByLabel(/^Search/).fill('nobody at all');
    await page.getByText('Nobody on the list matches.').waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});

describe('a responder that cannot be heard', () => {
  it('is told of, and what was on the screen stays', async () => {
    const page = await open(createFakeHost(), incident);
    await page.getByRole('log').getByText('Port 14 is shut.').waitFor();
    await page.context().setOffline(true);
    await page.getByLabel(/^Message to/).fill('Anyone?');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing was sent.').waitFor();
    await page.getByText('What you see may be old.').first().waitFor();
    await page.getByRole('log').getByText('Port 14 is shut.').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('log').getByText('Anyone?').waitFor();
  });
});

it('with high contrast, forced colours and no motion the window can still be read', async () => {
  const page = await open(createFakeHost({ alarm: 'running' }));
  await page.emulateMedia({ forcedColors: 'active', contrast: 'more', reducedMotion: 'reduce' });
  await page.getByRole('alertdialog').waitFor();
  expect(await barriers(page)).toEqual([]);
});

it('every control is large enough for a shaking hand', async () => {
  const page = await open(createFakeHost(), incident);
  await page.getByRole('log').waitFor();
  const small = await page.evaluate(
    `[...document.querySelectorAll('button, input, textarea, a:not(.skip)')].map((e) => [e.textContent, e.getBoundingClientRect().height]).filter(([, height]) => height > 0 && height < 41)`,
  );
  expect(small).toEqual([]);
});
