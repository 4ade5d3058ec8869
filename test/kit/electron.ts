/**
 * A stand-in for Electron's main process with a real Chromium page behind it. What the shell registers is kept, so a
 * test can look at it and call it; requests of the page go to the shell's own protocol handler, and the real preload
 * bundle runs in the page with a `require('electron')` that leads to the shell's own handler.
 */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Frame } from '../../src/desktop/call.ts';
import { origin } from '../../src/desktop/channel.ts';
import type { Electron } from '../../src/desktop/shell.ts';

type Listener = (...args: unknown[]) => unknown;

class Emitter {
  readonly listeners = new Map<string, Listener[]>();
  on(name: string, listener: Listener): this {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    return this;
  }
  once(name: string, listener: Listener): this {
    return this.on(name, listener);
  }
  emit(name: string, ...args: unknown[]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(...args);
  }
}

/** The origin that a real browser can be told to open; a `muster:` address means nothing to it. */
const pageOrigin = 'https://window.muster.test';

/** Runs in the page, before any of its own scripts: what Electron's sandbox gives a preload. */
const inPage = (preload: string) => `(() => {
  const channels = new Map();
  window.__hear = (channel, ...args) => (channels.get(channel) ?? []).forEach((listener) => listener({ sender: 'not for the page' }, ...args));
  const electron = {
    contextBridge: { exposeInMainWorld: (name, api) => Object.defineProperty(window, name, { value: Object.freeze(api) }) },
    ipcRenderer: {
      invoke: (channel, ...args) => window.__invoke(channel, args),
      on: (channel, listener) => channels.set(channel, [...(channels.get(channel) ?? []), listener]),
      removeListener: (channel, listener) => channels.set(channel, (channels.get(channel) ?? []).filter((each) => each !== listener)),
    },
  };
  const require = (name) => { if (name !== 'electron') throw new Error('no ' + name + ' in the sandbox'); return electron; };
  const module = { exports: {} };
  (function (exports) { ${preload} })(module.exports);
})();`;

export interface StandIn {
  readonly electron: Electron;
  readonly app: Emitter & { quits: number };
  readonly options: Record<string, unknown>[];
  readonly notifications: string[];
  readonly frame: Frame;
  /** The person closes the window that was opened last, and there is no other. */
  closeWindow(): void;
  /** Calls the handler of the main process as any frame might. */
  invoke(sender: unknown, senderFrame: Frame | null, ...args: unknown[]): Promise<unknown>;
  readonly contents: Emitter & { openHandler?: (details: unknown) => { action: string } };
  readonly session: { readonly handlers: Record<string, Listener> };
  readonly power: Emitter;
  readonly privileges: unknown[];
  /** Where the person saves what comes next; to begin with they choose no place. */
  choose(path: (name: string) => string): void;
}

export async function createStandIn(page: Page, preloadPath: string, first = true): Promise<StandIn> {
  const calls = new Map<string, Listener>();
  const handlers: Record<string, Listener> = {};
  const keep = (name: string) => (handler: Listener) => {
    handlers[name] = handler;
  };
  const frame: Frame = { url: `${origin}/`, parent: null };
  const options: Record<string, unknown>[] = [];
  const notifications: string[] = [];
  const privileges: unknown[] = [];
  let serve: ((request: Request) => Response) | undefined;

  const app = Object.assign(new Emitter(), {
    quits: 0,
    isPackaged: true,
    requestSingleInstanceLock: () => first,
    enableSandbox: () => undefined,
    whenReady: async () => undefined,
    quit() {
      app.quits += 1;
    },
  });
  const contents: StandIn['contents'] = Object.assign(new Emitter(), {
    mainFrame: frame,
    isDestroyed: () => false,
    setWindowOpenHandler(handler: (details: unknown) => { action: string }) {
      contents.openHandler = handler;
    },
    // A page that closes meanwhile hears nothing, as in Electron.
    send: (channel: string, ...args: unknown[]) =>
      void page.evaluate(`window.__hear?.(...${JSON.stringify([channel, ...args])})`).catch(() => undefined),
  });
  const invoke: StandIn['invoke'] = async (sender, senderFrame, ...args) =>
    calls.get('muster:call')?.({ sender, senderFrame }, ...args);
  const channels = ['muster:call', 'muster:give', 'muster:take'];

  await page.exposeFunction('__invoke', async (channel: string, args: unknown[]) => {
    if (!channels.includes(channel)) throw new Error(`the preload used the channel ${channel}`);
    return calls.get(channel)?.({ sender: contents, senderFrame: frame }, ...args);
  });
  await page.addInitScript({ content: inPage(await readFile(preloadPath, 'utf8')) });
  await page.route(`${pageOrigin}/**`, async (route) => {
    const asked = new URL(route.request().url());
    const answer = serve?.(new Request(`${origin}${asked.pathname}${asked.search}`));
    if (answer === undefined) return route.abort();
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    });
  });

  let place: ((name: string) => string) | undefined;
  const dialog = ({ defaultPath }: { defaultPath: string }) =>
    place === undefined ? { canceled: true, filePath: '' } : { canceled: false, filePath: place(defaultPath) };
  let closed = 0;
  class Window extends Emitter {
    readonly webContents = contents;
    constructor(given: Record<string, unknown>) {
      super();
      options.push(given);
      app.emit('web-contents-created', {}, contents);
    }
    readonly number = options.length + 1;
    isDestroyed = () => this.number <= closed;
    isMinimized = () => false;
    show = () => undefined;
    focus = () => undefined;
    flashFrame = () => undefined;
    loadURL = async (url: string) => void (await page.goto(url.replace(origin, pageOrigin)));
  }
  class Notice extends Emitter {
    constructor(given: { title: string; body?: string }) {
      super();
      notifications.push(`${given.title}${given.body ?? ''}`);
    }
    show = () => undefined;
  }
  const power = new Emitter();
  const electron = {
    app,
    BrowserWindow: Window,
    Menu: { setApplicationMenu: () => undefined },
    Notification: Notice,
    dialog: { showSaveDialog: async (_window: unknown, options: { defaultPath: string }) => dialog(options) },
    ipcMain: {
      handle: (channel: string, listener: Listener) => void calls.set(channel, listener),
      removeHandler: (channel: string) => calls.delete(channel),
    },
    powerMonitor: power,
    protocol: {
      registerSchemesAsPrivileged: (given: unknown[]) => privileges.push(...given),
      handle(_scheme: string, handler: (request: Request) => Response) {
        serve = handler;
      },
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: keep('request'),
        setPermissionCheckHandler: keep('check'),
        setDevicePermissionHandler: keep('device'),
        webRequest: { onBeforeRequest: keep('before') },
        on: (name: string, listener: Listener) => keep(name)(listener),
        resolveProxy: async (url: string) => `PROXY 198.51.100.1:3128 for ${url}`,
      },
    },
    // A stand-in has the few parts that the shell touches, not the thousand that Electron has.
  } as unknown as Electron;
  const closeWindow = () => {
    closed = options.length;
    app.emit('window-all-closed');
  };
  return {
    electron,
    app,
    closeWindow,
    options,
    notifications,
    frame,
    invoke,
    contents,
    session: { handlers },
    power,
    privileges,
    choose: (path) => {
      place = path;
    },
  };
}
