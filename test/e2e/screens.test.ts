/**
 * Every screen through the real console in a real browser: it can be worked, it can be read by everyone, it fits, and a
 * picture of it is kept in test-results/screens for someone to look at.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelayHereView } from '../../src/ipc/view.ts';
import { readSetting } from '../../src/link/proxy.ts';
import {
  barriers,
  fitsAcross,
  keepsPadding,
  launch,
  mainView,
  type Opened,
  openWindow,
  picture,
  type View,
} from '../kit/screen.ts';
import { createFakeHost, type FakeHost } from '../kit/window.ts';
import { courierFile } from '../kit/windowFile.ts';
import { drillIds, makeKnown, roomIds } from '../kit/windowData.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

interface Scene {
  readonly name: string;
  readonly hash: string;
  readonly host: () => FakeHost;
  /** What has to be on the screen before it is looked at. */
  readonly ready: (opened: Opened) => Promise<void>;
}

const heading =
  (name: string | RegExp) =>
  async ({ page }: Opened) =>
    page.getByRole('heading', { level: 1, name }).waitFor();

/** A room that says something else of itself. */
function changed(change: Parameters<FakeHost['changeRoom']>[0]): FakeHost {
  const host = createFakeHost();
  host.changeRoom(change);
  return host;
}

/** A device that is a relay as well. */
function running(change: Partial<RelayHereView> = {}, options: Parameters<typeof createFakeHost>[0] = {}): FakeHost {
  const host = createFakeHost(options);
  const known = makeKnown('192.0.2.44', 43_117, 'Astrid’s laptop');
  host.changeRelay({ state: 'running', at: known.address, known, devices: 3, ...change });
  return host;
}
const stopRelay = async ({ page }: Opened) => page.getByRole('button', { name: 'Stop the relay' }).waitFor();

const readCourier =
  (rest: Parameters<typeof courierFile>[0], told: string) =>
  async ({ page }: Opened) => {
    await page
      .getByLabel('Read a courier file')
      .last()
      .setInputFiles({ name: 'monday.courier', mimeType: '', buffer: Buffer.from(courierFile(rest)) });
    await page.getByText(told).waitFor();
  };

/** A room in which files are in every state. */
function withFiles(): FakeHost {
  const host = createFakeHost();
  const tell = (author: number, file: Parameters<FakeHost['tellOfFile']>[2]) =>
    host.tellOfFile(roomIds.org, author, file);
  tell(4, { name: 'switch-north.cfg', size: 14_200, state: 'here', chunks: 2, here: 2 });
  tell(2, { name: 'memory-image-jump-host-part-01-of-12.raw', size: 98_000_000, state: 'elsewhere', chunks: 1496 });
  tell(3, { name: 'لقطة.png', size: 1_900_000, state: 'fetching', chunks: 30, here: 12 });
  tell(0, {
    name: 'plan.pdf',
    size: 310_000,
    state: 'here',
    offered: true,
    chunks: 6,
    here: 6,
    sentChunks: 6,
    relays: 2,
  });
  tell(0, {
    name: 'firewall.log',
    size: 2_400_000,
    state: 'here',
    offered: true,
    chunks: 38,
    here: 38,
    sentChunks: 17,
    trouble: 'Harbour does not take it now (quota); it is tried again',
  });
  return host;
}

const scenes: readonly Scene[] = [
  { name: 'unlock', hash: '', host: () => createFakeHost({ vault: 'locked' }), ready: heading('Unlock this device') },
  {
    name: 'unlock-wrong',
    hash: '',
    host: () => createFakeHost({ vault: 'locked' }),
    ready: async ({ page }) => {
      await page.getByLabel('Passphrase').fill('not it');
      await page.getByRole('button', { name: 'Unlock' }).click();
      await page.getByRole('alert').getByText('Check Caps Lock').waitFor();
    },
  },
  {
    name: 'unlock-none',
    hash: '',
    host: () => createFakeHost({ vault: 'none' }),
    ready: heading('This folder holds no device yet'),
  },
  { name: 'home', hash: '#/', host: () => createFakeHost(), ready: heading(/Ready, but look/) },
  {
    name: 'room',
    hash: `#/room/${roomIds.incident}`,
    host: () => createFakeHost(),
    ready: async (opened) => {
      await heading('Turbine control network, odd log-ins')(opened);
      expect(await keepsPadding(opened.page, '.room-head-line')).toBe(true);
    },
  },
  {
    name: 'room-held',
    hash: `#/room/${roomIds.incident}`,
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: /on 2 of 3 relays · 7 of 12 devices/ }).click();
      await page.getByRole('heading', { name: 'Not yet (5)' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'room-people',
    hash: `#/room/${roomIds.incident}`,
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: 'People' }).click();
      await page.getByRole('complementary', { name: 'People in this room' }).waitFor();
    },
  },
  {
    name: 'search',
    hash: `#/room/${roomIds.incident}`,
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('log').waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('o');
      await page.getByRole('option').nth(3).waitFor();
      await page.keyboard.press('ArrowDown');
    },
  },
  {
    name: 'search-found',
    hash: `#/room/${roomIds.incident}`,
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: 'Search here' }).click();
      await page.keyboard.type('jump host');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('listitem').filter({ hasText: 'Memory image' }).waitFor();
    },
  },
  {
    name: 'search-too-long',
    hash: '#/',
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('x'.repeat(10_000));
      await page.getByText('9800 characters too long').waitFor();
    },
  },
  {
    name: 'search-marked',
    hash: '#/',
    host: () => {
      const host = createFakeHost();
      host.hear(roomIds.org, 3, 'التحكم: سأعزل قطاع التحكم الآن، ثم أعود إلى غرفة التحكم.');
      host.hear(roomIds.org, 4, 'التحكم يعمل، control is back.');
      return host;
    },
    ready: async ({ page }) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('التحكم');
      await page.getByRole('option').nth(1).waitFor();
    },
  },
  { name: 'device', hash: '#/device', host: () => createFakeHost(), ready: heading('This device') },
  {
    name: 'device-proxy',
    hash: '#/device',
    host: () => {
      const host = createFakeHost();
      host.proxies.instead = readSetting('http://10.0.0.1:3128', true, 'environment');
      host.proxies.kept = readSetting(
        'http://ada:sesame@a-long-name-of-a-proxy.operations.nordhavn.example:3128',
        false,
      );
      return host;
    },
    ready: async ({ page }) => {
      await page.getByRole('checkbox', { name: 'Keep the name and the password it has' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'device-refused',
    hash: '#/device',
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('radio', { name: 'A proxy that I name' }).check();
      await page.getByLabel('Address of the proxy').fill('ftp://proxy');
      await page.keyboard.press('Enter');
      await page.getByText('A proxy is http://HOST:PORT').waitFor();
    },
  },
  { name: 'courier', hash: '#/courier', host: () => createFakeHost(), ready: heading('Carry by hand') },
  {
    name: 'courier-read',
    hash: '#/courier',
    host: () => createFakeHost(),
    ready: readCourier('cut', 'The file does not hold'),
  },
  {
    name: 'courier-has',
    hash: '#/courier',
    host: () => createFakeHost(),
    ready: async (opened) => {
      await readCourier('have', 'It says what another device has')(opened);
      await opened.page.getByRole('button', { name: 'Write a courier file' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'courier-drag',
    hash: '#/',
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.evaluate(
        `const dataTransfer = new DataTransfer(); dataTransfer.items.add(new File(['x'], 'x')); dispatchEvent(new DragEvent('dragover', { dataTransfer, cancelable: true })); undefined`,
      );
      await page.getByText('Drop a courier file to read it').waitFor();
    },
  },
  {
    name: 'files',
    hash: `#/room/${roomIds.org}`,
    host: withFiles,
    ready: async ({ page }) => page.getByText('17 of 38 parts of the file are on a relay').waitFor(),
  },
  {
    name: 'files-above',
    hash: `#/room/${roomIds.org}`,
    host: withFiles,
    ready: async ({ page }) => {
      await page.getByText('17 of 38 parts of the file are on a relay').waitFor();
      await page.getByText('switch-north.cfg').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'file-send',
    hash: `#/room/${roomIds.org}`,
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page
        .getByLabel('Send a file')
        .last()
        .setInputFiles({ name: 'firewall.log', mimeType: '', buffer: Buffer.alloc(2_400_000) });
      await page.getByRole('heading', { name: 'Send this file?' }).waitFor();
    },
  },
  {
    name: 'new-room',
    hash: '#/',
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      const menu = page.getByRole('button', { name: 'Menu' });
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (await menu.isVisible()) await menu.click();
      await page.getByRole('button', { name: 'New room' }).click();
      await page.getByRole('checkbox', { name: /Chiara Moretti/ }).check();
    },
  },
  {
    name: 'room-put-out',
    hash: `#/room/${roomIds.incident}`,
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: 'People' }).click();
      await page.getByRole('button', { name: 'Put people out' }).click();
      await page.getByRole('checkbox', { name: /Emeka Okafor/ }).check();
    },
  },
  {
    name: 'room-contested',
    hash: `#/room/${roomIds.incident}`,
    host: () => changed({ contested: true }),
    ready: async ({ page }) => page.getByText('Contested: two people').waitFor(),
  },
  {
    name: 'room-out',
    hash: `#/room/${roomIds.incident}`,
    host: () => {
      const host = createFakeHost();
      host.putOut(0);
      return host;
    },
    ready: async ({ page }) => page.getByText('You are not in this room any more.').waitFor(),
  },
  {
    name: 'retired',
    hash: '#/',
    host: () => {
      const host = createFakeHost();
      host.retire();
      return host;
    },
    ready: async (opened) => {
      await heading('This device is not ready')(opened);
      await opened.page.getByText('which sends no more').waitFor();
    },
  },
  {
    name: 'room-retired',
    hash: `#/room/${roomIds.incident}`,
    host: () => {
      const host = createFakeHost();
      host.retire();
      return host;
    },
    ready: async ({ page }) => {
      await page.getByRole('button', { name: /Not sent: on no relay/ }).click();
      await page.getByText('Write it again on another device.').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'compare',
    hash: '#/list',
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: /Compare keys with Emeka/ }).click();
      await page.getByRole('img', { name: 'The same as a QR code' }).waitFor();
    },
  },
  {
    name: 'compare-differ',
    hash: '#/list',
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: /Compare keys with Benedikt/ }).click();
      await page.getByRole('button', { name: 'They do not match' }).click();
      await page.getByRole('heading', { name: 'Do not talk here' }).waitFor();
    },
  },
  {
    name: 'compare-again',
    hash: '#/list',
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: /Keys compared.*with Chiara/ }).click();
      await page.getByRole('button', { name: 'Take back that you compared' }).waitFor();
    },
  },
  { name: 'list', hash: '#/list', host: () => createFakeHost(), ready: heading('Muster list') },
  {
    name: 'relay-off',
    hash: '#/relay',
    host: () => createFakeHost(),
    ready: async ({ page }) => page.getByRole('button', { name: 'Start a relay here' }).waitFor(),
  },
  {
    name: 'relay-refused',
    hash: '#/relay',
    host: () => {
      const host = createFakeHost();
      host.failOn('relay.start');
      return host;
    },
    ready: async ({ page }) => {
      await page.getByLabel('Port').fill('7443');
      await page.getByRole('button', { name: 'Start a relay here' }).click();
      await page.getByRole('alert').getByText('The disk of this machine is full').waitFor();
    },
  },
  { name: 'relay-on', hash: '#/relay', host: () => running(), ready: stopRelay },
  {
    name: 'relay-below',
    hash: '#/relay',
    host: () => running({ listed: { version: 5, name: 'Astrid’s laptop', addresses: ['192.0.2.44:43117'] } }),
    ready: async ({ page }) => {
      await page.getByRole('heading', { name: 'Devices find it by themselves' }).waitFor();
      await page.getByLabel('Its text, to copy').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'relay-elsewhere',
    hash: '#/relay',
    host: () =>
      running({
        trouble:
          'The disk of this machine takes nothing more, so the relay refuses what devices send. Free some space.',
        listed: { version: 5, name: 'Astrid’s laptop', addresses: ['198.51.100.3:43117'] },
      }),
    ready: async ({ page }) => page.getByRole('heading', { name: 'Devices look for it elsewhere' }).waitFor(),
  },
  { name: 'home-relay', hash: '#/', host: () => running(), ready: heading(/Ready, but look/) },
  {
    name: 'unlock-relay',
    hash: '',
    host: () => running({}, { vault: 'locked' }),
    ready: async ({ page }) => page.getByText('A relay runs here').waitFor(),
  },
  {
    name: 'alarm',
    hash: '#/',
    host: () => createFakeHost({ alarm: 'running' }),
    ready: async ({ page }) =>
      page
        .getByRole('alertdialog')
        .getByRole('button', { name: /I’m here/ })
        .waitFor(),
  },
  {
    name: 'alarm-stand-in',
    hash: '#/',
    host: () => {
      const host = createFakeHost({ alarm: 'running' });
      host.changeAlarm({ standInFor: [{ member: 'ab'.repeat(16), name: 'Emeka Okafor', role: 'Network' }] });
      return host;
    },
    ready: async ({ page }) => page.getByRole('button', { name: /Step in for Emeka Okafor/ }).waitFor(),
  },
  {
    name: 'alarm-answered',
    hash: '#/',
    host: () => createFakeHost({ alarm: 'running' }),
    ready: async ({ page }) => {
      await page.getByRole('button', { name: /I’m here/ }).click();
      await page.getByText('You answered: I’m here').first().waitFor();
    },
  },
  {
    name: 'alarm-banner',
    hash: `#/room/${roomIds.drill}`,
    host: () => createFakeHost({ alarm: 'running' }),
    ready: async ({ page }) => {
      await page.getByRole('alertdialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Answer now' }).waitFor();
    },
  },
  {
    name: 'drills',
    hash: '#/reports',
    host: () => createFakeHost({ alarm: 'closed' }),
    ready: heading('Drills and reports'),
  },
  {
    name: 'report',
    hash: `#/report/${drillIds.finished}`,
    host: () => createFakeHost(),
    ready: heading('Reach everyone, second quarter'),
  },
  {
    name: 'report-below',
    hash: `#/report/${drillIds.finished}`,
    host: () => createFakeHost(),
    ready: async ({ page }) => {
      await page.getByRole('row', { name: /P07/ }).scrollIntoViewIfNeeded();
    },
  },
];

const views = {
  light: mainView,
  dark: { ...mainView, scheme: 'dark' },
  small: { width: 900, height: 600, scheme: 'light' },
  // 1280 × 800 at 200 % zoom is a page of this size.
  zoomed: { width: 640, height: 400, scheme: 'dark' },
} as const satisfies Record<string, View>;

describe.each(Object.entries(views))('%s', (viewName, view) => {
  it.each(scenes.map((scene) => [scene.name, scene] as const))('%s', async (name, scene) => {
    const opened = await openWindow(browser, scene.host(), view, scene.hash);
    try {
      await scene.ready(opened);
      await picture(opened.page, `${name}-${viewName}`);
      expect(await fitsAcross(opened.page)).toBe(true);
      expect(await barriers(opened.page)).toEqual([]);
      expect(opened.trouble).toEqual([]);
    } finally {
      await opened.close();
    }
  });
});
