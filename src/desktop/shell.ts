/**
 * The desktop shell: one instance, one window, everything else denied. Electron comes in as an argument, so that a test
 * can give it a stand-in with a real page behind it. It must never know what passes between window and responder.
 */
import type { BrowserWindow, NotificationConstructorOptions } from 'electron';
import { readAssets } from '../ipc/asset.ts';
import type { WindowHost } from '../ipc/host.ts';
import { connectWindow } from './call.ts';
import { origin } from './channel.ts';
import type { ResolveProxy } from './device.ts';
import { hasRelay, relayText, watchAlarm } from './notify.ts';
import { schemes, serveWindow } from './serve.ts';
import { denyAll, shutIn, windowOptions } from './window.ts';

/** The part of Electron that the shell uses. */
export type Electron = Pick<
  typeof import('electron'),
  'app' | 'BrowserWindow' | 'dialog' | 'ipcMain' | 'Menu' | 'Notification' | 'powerMonitor' | 'protocol' | 'session'
>;

export interface ShellOptions {
  /** Called once the app is ready, so that a second instance never opens the vault. */
  readonly openHost: (resolveProxy: ResolveProxy) => Promise<WindowHost>;
  readonly assetsDir: string;
  readonly preload: string;
}

/** Resolves to false, having asked the app to quit, when Muster is already running. */
export async function runShell(electron: Electron, { openHost, assetsDir, preload }: ShellOptions): Promise<boolean> {
  const { app, protocol, session, ipcMain, powerMonitor } = electron;
  // Both must come before the app is ready, and the lock before anything that touches the disk.
  protocol.registerSchemesAsPrivileged(schemes);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return false;
  }
  app.enableSandbox();
  shutIn(app);

  let window: BrowserWindow | undefined;
  const current = () => (window === undefined || window.isDestroyed() ? undefined : window);
  const show = () => {
    const shown = current();
    if (shown?.isMinimized()) shown.restore();
    shown?.show();
    shown?.focus();
  };

  await app.whenReady();
  electron.Menu.setApplicationMenu(null);
  denyAll(session.defaultSession);
  serveWindow(protocol, await readAssets(assetsDir));
  // Asks the desktop's settings; the answer may come out of a script that the network gave.
  const host = await openHost((url) => session.defaultSession.resolveProxy(url));

  const open = async () => {
    window = new electron.BrowserWindow(windowOptions(preload, !app.isPackaged));
    window.once('ready-to-show', show);
    await window.loadURL(`${origin}/`);
  };
  const openOrShow = () => {
    if (current() === undefined) void open();
    else show();
  };
  const notify = (options: NotificationConstructorOptions) => {
    const notification = new electron.Notification(options);
    notification.on('click', openOrShow);
    notification.show();
  };
  // With the window closed and a relay running, starting Muster once more is the way back in.
  app.on('second-instance', openOrShow);
  const choosePlace = async (name: string) => {
    const shown = current();
    if (shown === undefined) return undefined;
    const { canceled, filePath } = await electron.dialog.showSaveDialog(shown, { defaultPath: name });
    return canceled || filePath === '' ? undefined : filePath;
  };
  const ends = [
    connectWindow(ipcMain, host, () => current()?.webContents, choosePlace),
    watchAlarm(host, {
      call(text) {
        notify({ title: text, urgency: 'critical', timeoutType: 'never' });
        current()?.flashFrame(true);
      },
    }),
  ];
  powerMonitor.on('suspend', () => void host.gate('vault.lock', {}));
  // Locked while it slept, as a rule; if not, nobody who opens the lid waits for a dead connection to be noticed.
  powerMonitor.on('resume', () => host.renew());
  app.on('activate', openOrShow);
  // A relay that others rely on does not end because somebody tidies up windows; it is ended by stopping it.
  const outlive = async () => {
    if (!(await hasRelay(host))) return app.quit();
    notify({ title: relayText });
  };
  app.on('window-all-closed', () => void outlive());
  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    // Quitting waits for the device to close, then comes through here again.
    event.preventDefault();
    closed = true;
    for (const end of ends) end();
    // A device that cannot close cleanly has said so itself; the program ends either way.
    void host
      .close()
      .catch(() => undefined)
      .finally(() => app.quit());
  });
  await open();
  return true;
}
