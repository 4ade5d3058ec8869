/** What a person sets on this device, from the keyboard alone, and what of it must not come back to a window. */
import { describe, expect, it } from 'vitest';
import { readSetting } from '../../src/link/proxy.ts';
import { barriers, fitsAcross } from '../kit/screen.ts';
import { createFakeHost, type FakeHost } from '../kit/window.ts';
import { makeWindows } from '../kit/windows.ts';

const password = 'sesame-42-open';
const { inBrowser } = makeWindows();
async function open(host: FakeHost, hash = '#/device') {
  const { page, trouble } = await inBrowser(host, hash);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { page, trouble };
}

describe('telling what was read', () => {
  it('is ended and begun with the keyboard, is said, and stays what it is when it cannot be kept', async () => {
    const host = createFakeHost();
    const { page, trouble } = await open(host, '#/');
    await page.getByRole('link', { name: 'This device' }).press('Enter');
    const box = page.getByRole('checkbox', { name: /^Tell the people of a room/ });
    await box.focus();
    expect(await box.isChecked()).toBe(true);
    await page.keyboard.press('Space');
    await page.getByRole('status').getByText('From now on nobody is told').waitFor();
    expect(await box.isChecked()).toBe(false);
    host.failOn('reading.set');
    await page.keyboard.press('Space');
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    expect(await box.isChecked()).toBe(false);
    host.failOn(undefined);
    await page.keyboard.press('Space');
    await page.getByRole('status').getByText('From now on rooms are told').waitFor();
    expect(await page.evaluate('document.activeElement.type')).toBe('checkbox');
    expect(trouble).toEqual([]);
  });
});

describe('the way to the relays', () => {
  it('is shown beside the relays, and leads to where it is set', async () => {
    const host = createFakeHost();
    host.proxies.kept = readSetting(`http://ada:${password}@10.20.0.5:3128`, false);
    const { page } = await open(host, '#/');
    await page.getByText('http://10.20.0.5:3128 with a name and a password, or directly').waitFor();
    await page.getByRole('link', { name: 'Change the proxy' }).press('Enter');
    await page.getByLabel('Address of the proxy').waitFor();
    expect(await page.getByLabel('Address of the proxy').inputValue()).toBe('http://10.20.0.5:3128');
    expect(await page.content()).not.toContain(password);
  });

  it('is set with the keyboard alone; what is wrong is said beside its field; a password goes in and not out', async () => {
    const host = createFakeHost();
    const { page, trouble } = await open(host);
    const heard: string[] = [];
    page.on('response', async (response) => {
      if (response.url().includes('/call/')) heard.push(await response.text());
    });
    const focused = () => page.evaluate('document.activeElement.id');
    await page.getByRole('radio', { name: 'The proxy that the system names' }).focus();
    await page.keyboard.press('ArrowDown');
    const address = page.getByLabel('Address of the proxy');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Give the address of the proxy first.').waitFor();
    expect(await focused()).toBe('proxy-address');
    await page.keyboard.type('ftp://proxy');
    await page.keyboard.press('Enter');
    const shape = page.locator('#proxy-address-problem').getByText('A proxy is http://HOST:PORT');
    await shape.waitFor();
    expect(await address.getAttribute('aria-invalid')).toBe('true');
    expect(await focused()).toBe('proxy-address');
    await address.fill('socks5://127.0.0.1:9050');
    await page.keyboard.press('Tab');
    await page.keyboard.type('ada:b');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.locator('#proxy-login-problem').getByText('the name no colon').waitFor();
    expect([await focused(), await shape.count()]).toEqual(['proxy-user', 0]);
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('Name', { exact: true }).fill('ada');
    await page.getByRole('checkbox', { name: 'Never directly' }).press('Space');
    await page.keyboard.press('Enter');
    const said = 'socks5://127.0.0.1:9050 with a name and a password; never directly';
    await page.getByText(`From now on: ${said}.`).waitFor();
    expect(host.proxies.kept).toEqual(readSetting(`socks5://ada:${password}@127.0.0.1:9050`, true));
    // The login stays with its own proxy, and there is a way to be rid of it.
    const keep = page.getByRole('checkbox', { name: 'Keep the name and the password it has' });
    expect([await keep.isChecked(), await page.getByLabel('Password', { exact: true }).count()]).toEqual([true, 0]);
    await page.getByRole('checkbox', { name: 'Never directly' }).press('Space');
    await page.keyboard.press('Enter');
    await page.getByText(/^From now on: .* with a name and a password, or directly/).waitFor();
    await address.fill('socks5://127.0.0.1:9051');
    expect([await keep.count(), await page.getByLabel('Password', { exact: true }).inputValue()]).toEqual([0, '']);
    await address.fill('socks5://127.0.0.1:9050');
    await keep.press('Space');
    await page.getByRole('button', { name: 'Use it from now on' }).press('Enter');
    await page.getByText('From now on: socks5://127.0.0.1:9050, or directly').waitFor();
    await page.getByRole('radio', { name: 'A proxy that I name' }).press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('From now on: none: always directly.').waitFor();
    expect(heard.length).toBeGreaterThan(5);
    expect(heard.join() + (await page.content())).not.toContain(password);
    expect(trouble).toEqual([]);
  });

  it('takes a login in the address, and shows the address without it', async () => {
    const host = createFakeHost();
    const { page } = await open(host);
    await page.getByRole('radio', { name: 'A proxy that I name' }).check();
    const address = page.getByLabel('Address of the proxy');
    await address.fill(`http://ada:${password}@proxy:3128`);
    await page.keyboard.press('Enter');
    await page.getByText('From now on: http://proxy:3128 with a name and a password').waitFor();
    expect(await address.inputValue()).toBe('http://proxy:3128');
    expect(await page.content()).not.toContain(password);
  });

  it('says when this run goes another way, and when it could not be kept', async () => {
    const host = createFakeHost();
    host.proxies.instead = readSetting('http://10.0.0.1:3128', true, 'environment');
    const { page } = await open(host);
    await page.getByText('Now: http://10.0.0.1:3128 (from the environment); never directly.').waitFor();
    host.failOn('proxy.set');
    await page.getByRole('radio', { name: 'No proxy, always directly' }).check();
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    host.failOn(undefined);
    await page.keyboard.press('Enter');
    await page.getByText('From the next start on: none: always directly.').waitFor();
    await page.getByRole('link', { name: 'Readiness' }).click();
    await page.getByRole('link', { name: 'This device' }).click();
    await page.getByLabel('No proxy, always directly').waitFor();
    expect(await page.getByText('From the next start on:').count()).toBe(0);
  });

  it('shows nothing of the vault when it is locked', async () => {
    const host = createFakeHost();
    host.proxies.kept = readSetting('http://10.20.0.5:3128', false);
    const { page } = await open(host);
    await page.getByLabel('Address of the proxy').waitFor();
    host.setVault('locked');
    await page.getByRole('heading', { name: 'Unlock this device' }).waitFor();
    expect(await page.content()).not.toContain('10.20.0.5');
  });
});

it('fits a telephone, and every control a shaking hand', async () => {
  const host = createFakeHost();
  host.proxies.kept = readSetting('http://a-proxy-with-a-rather-long-name.operations.nordhavn.example:3128', false);
  const { page } = await open(host);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByLabel('Password', { exact: true }).waitFor();
  expect(await fitsAcross(page)).toBe(true);
  const small = await page.evaluate(
    `[...document.querySelectorAll('main button, main label:has(input), main input:not([type=checkbox], [type=radio])')].map((e) => [e.textContent, e.getBoundingClientRect().height]).filter(([, height]) => height < 41)`,
  );
  expect(small).toEqual([]);
  // What is wrong is seen without looking for it.
  await page.getByLabel('Name', { exact: true }).fill('a:b');
  await page.keyboard.press('Enter');
  const told = page.locator('#proxy-login-problem .problem');
  await told.waitFor();
  const isSeen =
    '(() => { const { top, bottom } = document.querySelector(".problem").getBoundingClientRect(); return top > 0 && bottom <= innerHeight + 1; })()';
  await expect.poll(() => page.evaluate(isSeen)).toBe(true);
});
