/**
 * A laptop becomes a relay: a person presses Start in a real window, custodians sign what it shows, and another device
 * finds it by that and writes through it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { wordsOf } from '../../src/core/words.ts';
import { readRelay } from '../../src/directory/relays.ts';
import { createHost, type DeviceHost, openDevice } from '../../src/responder/host.ts';
import { nodePorts } from '../../src/responder/node.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { relayId } from '../../src/wire/id.ts';
import { Live, reaches } from '../kit/live.ts';
import { barriers, fitsAcross, launch, mainView, type Opened, openWindow, picture } from '../kit/screen.ts';
import { until } from '../kit/until.ts';

let browser: Browser;
let live: Live;
let opened: Opened | undefined;
const ends: { close(): void | Promise<void> }[] = [];

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  // The one relay of the list is never started: it is out of reach, as on the day this is for.
  live = await Live.found({ members: 3, relays: 1 });
});
afterEach(async () => {
  await opened?.close();
  for (const each of ends.splice(0)) await each.close();
  await live.end();
});

async function windowOf(host: DeviceHost) {
  opened = await openWindow(browser, host, mainView, '#/relay');
  return opened;
}
async function unlock({ page }: Opened) {
  await page.getByLabel('Passphrase').fill(live.device(0).passphrase);
  await page.keyboard.press('Enter');
}
const cardOf = () => readRelay(readFileSync(join(live.device(0).dir, 'relay', 'relay.json'), 'utf8'));
/** What a room shows of its newest message on this device. */
const newest = (device: Responder) => viewRoom(device, live.everyone, undefined, 200).messages.at(-1);

it('is started with the keyboard, named in the next list, found by another device, and back after a restart', async () => {
  const first = await windowOf(live.host(0));
  const { page } = first;
  await unlock(first);
  await page.getByRole('radio', { name: /^127\.0\.0\.1/ }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.getByText('No device uses it yet').waitFor();
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
  const card = cardOf();
  const [address = ''] = card.addresses;
  const words = page.getByRole('list', { name: 'Pin in words' }).getByRole('listitem');
  expect(await words.allTextContents()).toEqual(wordsOf(relayId.bytes(card.relay)));
  await page.getByText(card.relay.match(/.{4}/g)?.join(' ') ?? '').waitFor();
  await page.getByRole('img', { name: `QR code of relay.json: the address ${address}` }).waitFor();
  expect(await page.getByLabel('Its text, to copy').inputValue()).toContain(card.relay);
  await picture(page, 'relay-live');
  expect([await fitsAcross(page), await barriers(page), first.trouble]).toEqual([true, [], []]);

  // Custodians sign the list that names it; the other device takes it in and has no other relay to reach.
  const bundle = live.bundleWithRelays([card]);
  const { dir, passphrase } = live.device(1);
  const other = await openDevice(
    dir,
    passphrase,
    nodePorts(() => undefined),
    bundle,
  );
  ends.push(other);
  await reaches(other, 1);
  await other.command({ type: 'send-text', room: live.everyone, text: 'Through the laptop' });
  await until(() => newest(other)?.relays === 1, 'the relay here has it on disk');
  await page.getByText('Running, 1 device connected').waitFor();

  // The window is closed and Muster ends; started again it is the relay at once, with the vault still locked.
  await first.close();
  await live.closeAll();
  await until(() => [...other.state.relays.values()].every((relay) => !relay.up), 'the other device has lost it');
  const host = createHost(
    live.device(0).dir,
    nodePorts(() => undefined),
    bundle,
  );
  ends.push(host);
  await reaches(other, 1);
  const second = await windowOf(host);
  await second.page.getByText('A relay runs here').waitFor();
  await second.page.getByText(address).waitFor();
  expect(await second.page.content()).not.toContain(card.relay);
  await unlock(second);
  await second.page.getByRole('heading', { name: 'Devices find it by themselves' }).waitFor();
  const own = await until(() => host.device, 'the device is open');
  await until(() => newest(own)?.text === 'Through the laptop', 'the message comes to the laptop', 30_000);

  // Stopped, and started again as it was.
  await second.page.getByRole('button', { name: 'Stop the relay' }).press('Enter');
  await second.page.getByText('It keeps its pin').waitFor();
  await until(() => [...other.state.relays.values()].every((relay) => !relay.up), 'the other device has lost it');
  await second.page.getByRole('button', { name: 'Start a relay here' }).press('Enter');
  await second.page.getByRole('heading', { name: 'Devices find it by themselves' }).waitFor();
  expect(cardOf()).toEqual(card);
  await reaches(other, 1);
});

it('refuses from a window what is no address of this machine, and everything while the vault is locked', async () => {
  const host = live.host(0);
  const start = (address: string) => host.gate('relay.start', { address, name: 'Laptop' });
  expect(await start('127.0.0.1')).toMatchObject({ ok: false, code: 'locked' });
  expect(await host.gate('relay.stop', {})).toMatchObject({ ok: false, code: 'locked' });
  await host.unlock(live.device(0).passphrase);
  for (const address of ['0.0.0.0', '::', '127.0.0.2', '203.0.113.9'])
    expect(await start(address), address).toMatchObject({ ok: false, code: 'not-found' });
  expect(await host.gate('relay.read', {})).toMatchObject({ ok: true, value: { state: 'off', devices: 0 } });
});
