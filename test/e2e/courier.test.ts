/**
 * Messages carried by hand between two real devices that reach no relay, through the window: in a browser with its own
 * downloads, and in the shell with its dialog. Files that are cut, strange or dropped in the wrong place come first.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Live } from '../kit/live.ts';
import { createFakeHost } from '../kit/window.ts';
import { makeWindows } from '../kit/windows.ts';
import { courierFile } from '../kit/windowFile.ts';

const { work, inBrowser, inShell } = makeWindows();

const give = (page: Page, name: string, buffer: Uint8Array) =>
  page
    .getByLabel('Read a courier file')
    .last()
    .setInputFiles({ name, mimeType: '', buffer: Buffer.from(buffer) });

/** As a person drops files on the window. */
const drop = (page: Page, ...files: readonly { name: string; text: string }[]) =>
  page.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    for (const { name, text } of ${JSON.stringify(files)}) dataTransfer.items.add(new File([text], name));
    dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
  })()`);

describe('a file that is', () => {
  it('no courier file, cut, of nothing new, or too large is said to be that', async () => {
    const host = createFakeHost();
    const { page, trouble } = await inBrowser(host, '#/courier');
    await give(page, 'holiday.jpg', Buffer.from('JFIF'));
    await page.getByText('The file does not hold: it is no courier file.').waitFor();
    await page.getByRole('heading', { name: 'Nothing was taken in' }).waitFor();
    await give(page, 'cut.courier', courierFile('cut'));
    await page.getByText('The file does not hold: it was cut off.').waitFor();
    await page.getByRole('heading', { name: '12 new entries in your rooms' }).waitFor();
    expect(await page.getByRole('row').allTextContents()).toEqual([
      '14new here, and kept',
      '312known here before',
      '20not for this device',
    ]);
    await give(page, 'old.courier', courierFile('nothing new'));
    await page.getByRole('heading', { name: 'Nothing new for you' }).waitFor();
    host.failOn('courier.read');
    await give(page, 'old.courier', courierFile('nothing new'));
    await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    expect(trouble).toEqual([]);
  });

  it('dropped where it does not belong changes nothing, and never opens in the window', async () => {
    const host = createFakeHost();
    const { page } = await inBrowser(host, '#/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await drop(page, { name: 'page.html', text: '<script>alert(1)</script>' });
    await page.getByRole('alert').getByText('page.html is no courier file. Nothing was taken in.').waitFor();
    const courier = { name: 'a.courier', text: 'muster courier 1\nwhole' };
    await drop(page, courier, courier);
    await page.getByRole('alert').getByText('One file at a time.').waitFor();
    expect(host.calls).not.toContain('courier.read');
    await drop(page, courier);
    await page.getByRole('heading', { name: '12 new entries in your rooms' }).waitFor();
  });
});

describe('two devices that reach no relay', () => {
  let live: Live;
  beforeAll(async () => {
    live = await Live.found({ members: 2, relays: 1 });
  }, 60_000);
  afterAll(() => live.end());

  const unlock = async (page: Page, i: number) => {
    await page.getByLabel('Passphrase').fill(live.device(i).passphrase);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('link', { name: 'Carry by hand' }).click({ timeout: 30_000 });
  };
  const download = async (page: Page, button: string, name: string) => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    await file.saveAs(join(work(), name));
    return readFileSync(join(work(), name));
  };

  it('talk by what is carried between a browser and the shell', async () => {
    const ada = await inBrowser(live.host(0));
    await unlock(ada.page, 0);
    const { page: bela, standIn, trouble } = await inShell(live.host(1));
    await unlock(bela, 1);
    await ada.page
      .getByRole('link', { name: /Everyone/ })
      .first()
      .click();
    await ada.page.getByLabel(/^Message to/).fill('Carried in a pocket');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('Waiting: on no relay yet').waitFor();
    await ada.page.getByRole('link', { name: 'Carry by hand' }).click();
    const carried = await download(ada.page, 'Write a courier file', 'ada.courier');
    await ada.page.getByText('Your browser has it now').waitFor();

    await give(bela, 'cut.courier', carried.subarray(0, carried.length - 1));
    await bela.getByText('The file does not hold: it was cut off.').waitFor();
    await give(bela, 'ada.courier', carried);
    await bela.getByRole('status').getByText('known here before').waitFor();
    await bela
      .getByRole('link', { name: /Everyone/ })
      .first()
      .click();
    await bela.getByRole('log').getByText('Carried in a pocket').waitFor();

    await bela.getByLabel(/^Message to/).fill('And carried back');
    await bela.keyboard.press('Enter');
    await bela.getByText('Waiting: on no relay yet').waitFor();
    // What Ada has, so that Bela brings only the rest.
    await bela.getByRole('link', { name: 'Carry by hand' }).click();
    await give(bela, 'ada.have', await download(ada.page, 'Write what this device has', 'ada.have'));
    await bela.getByText(/The other side said that it has \d+ envelope/).waitFor();
    await bela.getByRole('button', { name: 'Write a courier file' }).click();
    await bela.getByText('Nothing was written.').waitFor();
    standIn.choose((name) => join(work(), `bela-${name}`));
    await bela.getByRole('button', { name: 'Write a courier file' }).click();
    await bela.getByText(/Written: bela-.*[.]courier/).waitFor();
    const back = (await bela.getByText(/Written: /).textContent())?.match(/bela-\S+courier/)?.[0] ?? '';
    expect(readFileSync(join(work(), back)).length).toBeLessThan(carried.length);
    expect(await bela.content()).not.toContain(work());
    // Never over something that is there.
    writeFileSync(join(work(), 'taken'), 'mine');
    standIn.choose(() => join(work(), 'taken'));
    await bela.getByRole('button', { name: 'Write a courier file' }).click();
    await bela.getByRole('alert').getByText('taken is there already and is never written over.').waitFor();
    expect(readFileSync(join(work(), 'taken'), 'utf8')).toBe('mine');
    await give(ada.page, 'bela.courier', readFileSync(join(work(), back)));
    await ada.page.getByText(/new entr.* in your rooms/).waitFor();
    await ada.page
      .getByRole('link', { name: /Everyone/ })
      .first()
      .click();
    await ada.page.getByRole('log').getByText('And carried back').waitFor();
    expect([ada.trouble, trouble]).toEqual([[], []]);
  }, 90_000);
});
