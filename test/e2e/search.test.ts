/** The search as a person uses it, from the keyboard alone, and what it must not do. */
import { describe, expect, it } from 'vitest';
import { barriers } from '../kit/screen.ts';
import { createFakeHost, type FakeHost } from '../kit/window.ts';
import { roomIds } from '../kit/windowData.ts';
import { makeWindows } from '../kit/windows.ts';

const { inBrowser } = makeWindows();
async function open(host: FakeHost, hash: string) {
  const { page } = await inBrowser(host, hash);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
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
    const { page, trouble } = await inBrowser(host, incident);
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
    expect(trouble).toEqual([]);
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

  it('marks what it found, in a title too, and never reads what somebody wrote as markup', async () => {
    const host = createFakeHost();
    const hostile = '</mark><img src=x onerror="document.title=1"><b>turbine</b> & Turbine';
    host.hear(roomIds.org, 4, hostile);
    const page = await open(host, incident);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('turbine');
    const answer = page.getByRole('option').filter({ hasText: '<img' });
    await answer.waitFor();
    expect(await answer.locator('.answer-text').textContent()).toBe(hostile);
    expect(await answer.locator('mark').allTextContents()).toEqual(['turbine', 'Turbine']);
    expect(await answer.locator('img, b b').count()).toBe(0);
    const title = page.getByRole('option').filter({ hasText: 'control network' });
    expect(await title.locator('mark').allTextContents()).toEqual(['Turbine']);
    // Not by colour alone: underlined wherever it is, and heavier where the rest is not bold itself.
    const lines = `[...document.querySelectorAll('.answer-line mark')].map((e) => getComputedStyle(e).textDecorationLine)`;
    expect(new Set(await page.evaluate<string[]>(lines))).toEqual(new Set(['underline']));
    const weights = `['.answer-text mark', '.answer-text'].map((e) => Number(getComputedStyle(document.querySelector(e)).fontWeight))`;
    const [marked = 0, around = 0] = await page.evaluate<number[]>(weights);
    expect(marked).toBeGreaterThan(around);
    expect(await barriers(page)).toEqual([]);
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
