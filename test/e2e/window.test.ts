/** What a person does with the window, mostly from the keyboard, and what the window does when things go wrong. */
import { describe, expect, it } from 'vitest';
import { barriers, fitsAcross } from '../kit/screen.ts';
import { until } from '../kit/until.ts';
import { createFakeHost, type FakeHost, passphrase } from '../kit/window.ts';
import { codeOf, memberId, roomIds } from '../kit/windowData.ts';
import { makeWindows } from '../kit/windows.ts';

const { inBrowser } = makeWindows();
const open = async (host: FakeHost, hash = '') => (await inBrowser(host, hash)).page;
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

  it('says which messages were in front of the person, and of none that was not', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    const log = page.getByRole('log');
    await log.getByText('Port 14 is shut.').waitFor();
    await until(() => host.seen.size > 0, 'something was seen');
    const box = await log.boundingBox();
    const items = await log.locator('[data-entry]').all();
    const places = await Promise.all(items.map((item) => item.boundingBox()));
    const isShown = (at: typeof box) =>
      at !== null && box !== null && at.y + at.height > box.y && at.y + at.height <= box.y + box.height + 1;
    const shown = await Promise.all(
      items.filter((_, n) => isShown(places[n] ?? null)).map((item) => item.getAttribute('data-entry')),
    );
    expect(shown.length).toBeLessThan(items.length);
    expect([...host.seen].sort()).toEqual(shown.sort());
    await log.getByText('Opened this room.').scrollIntoViewIfNeeded();
    await until(() => host.seen.size > shown.length, 'more was seen');
  });

  it('says who read a message, on a press and to who cannot see it', async () => {
    const page = await open(createFakeHost(), incident);
    const button = page.getByRole('button', { name: /on 2 of 3 relays · 7 of 12 devices · read by 3/ });
    await button.click();
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    await page.getByRole('heading', { name: 'Read it (3)' }).waitFor();
    await page.getByRole('heading', { name: 'Have it, not known to have read it (4)' }).waitFor();
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

describe('comparing keys', () => {
  const open4 = async (host: FakeHost) => {
    const page = await open(host, '#/list');
    const button = page.getByRole('button', { name: /with Emeka Okafor/ });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Words to compare' }).waitFor();
    return { page, button };
  };

  it('takes an answer only from who means it, and says so on the list', async () => {
    const host = createFakeHost();
    const { page, button } = await open4(host);
    // A second press of the same key must not answer.
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    expect(host.calls).not.toContain('member.confirm');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expect.poll(() => button.textContent()).toMatch(/^Keys compared, .* with Emeka Okafor$/);
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toMatch(/with Emeka Okafor$/);
    await page.getByText('Recorded: keys compared with Emeka Okafor.').waitFor();
    await button.click();
    await page.getByRole('button', { name: 'Take back that you compared' }).click();
    await expect.poll(() => button.textContent()).toBe('Compare keys with Emeka Okafor');
  });

  it('that differ records nothing and says what to do', async () => {
    const host = createFakeHost();
    const { page } = await open4(host);
    await page.getByRole('button', { name: 'They do not match' }).click();
    await page.getByRole('dialog', { name: 'Do not talk here' }).getByText('Call a custodian').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(host.calls).not.toContain('member.confirm');
  });

  it('by code tells what is no code, what is of others, and what is right', async () => {
    const host = createFakeHost();
    const { page, button } = await open4(host);
    const check = async (code: string) => {
      await page.getByLabel('Code from their screen').fill(code);
      await page.keyboard.press('Enter');
    };
    await page.getByText('You have the code').click();
    await check('https://example.org');
    await page.getByRole('alert').getByText('not a Muster code').waitFor();
    await check(codeOf(5));
    await page.getByRole('heading', { name: 'Do not talk here' }).waitFor();
    expect(host.calls).not.toContain('member.confirm');
    await page.getByRole('button', { name: 'Compare once more' }).click();
    await page.getByText('You have the code').click();
    await check(codeOf(4));
    await expect.poll(() => button.textContent()).toMatch(/^Keys compared/);
  });
});

describe('who is in a room', () => {
  it('is changed by who may, one dialog each', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    await page.getByRole('button', { name: 'People' }).click();
    const people = page.getByRole('complementary', { name: 'People in this room' });
    await people.getByText('commander').waitFor();
    await people.getByRole('button', { name: 'Put people out' }).click();
    await page.getByLabel('Find people').press('Enter');
    await page.getByText('Choose at least one person.').waitFor();
    expect(host.calls).not.toContain('room.remove');
    await page.getByLabel('Find people').fill('emeka');
    await page.getByRole('checkbox', { name: /Emeka/ }).check();
    await page.getByLabel('Find people').fill('');
    await page.getByText('Out: Emeka Okafor').waitFor();
    await page.getByRole('button', { name: 'Put 1 person out now' }).click();
    await people.getByRole('heading', { name: '5 people in this room' }).waitFor();
    await people.getByRole('button', { name: 'Let people in' }).click();
    await page.getByRole('checkbox', { name: /Emeka/ }).check();
    host.failOn('room.add');
    await page.getByRole('button', { name: 'Let 1 person in' }).click();
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    host.failOn(undefined);
    await page.getByRole('button', { name: 'Let 1 person in' }).click();
    await people.getByRole('heading', { name: '6 people in this room' }).waitFor();
    await people.getByRole('button', { name: 'New keys now' }).click();
    await people.getByText('New keys are in use.').waitFor();
  });

  it('offers nothing to who may not, and leaves what was typed to who is put out', async () => {
    const host = createFakeHost();
    const page = await open(host, incident);
    await page.getByLabel(/^Message to/).fill('half a sentence');
    await page.getByRole('button', { name: 'People' }).click();
    host.putOut(0);
    await page.getByText('You are not in this room any more.').waitFor();
    expect(await page.getByRole('button', { name: /people in|people out|New keys|Send/ }).count()).toBe(0);
    expect(await page.getByLabel('You had typed, and it was not sent:').inputValue()).toBe('half a sentence');
  });
});

it('a device that was copied says so at once, and writes nowhere', async () => {
  const host = createFakeHost();
  const page = await open(host, incident);
  await page.getByLabel(/^Message to/).waitFor();
  host.retire();
  await page.getByRole('alert').getByText('This device was copied, or put back to an earlier state.').waitFor();
  await expect.poll(() => page.getByRole('button', { name: /Send|New room/ }).count()).toBe(0);
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
    await page.getByRole('button', { name: 'Send', exact: true }).click();
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
  await page.getByRole('button', { name: 'People' }).click();
  const small = await page.evaluate(
    `[...document.querySelectorAll('button, input, textarea, a:not(.skip)')].map((e) => [e.textContent, e.getBoundingClientRect().height]).filter(([, height]) => height > 0 && height < 41)`,
  );
  expect(small).toEqual([]);
});
