/**
 * How the one window is made and what it may never do: no Node, no navigation, no second window, no embedded page, no
 * permission. The options are written out even where they are Electron's defaults, because defaults have changed.
 */
import type { App, BrowserWindowConstructorOptions, Session } from 'electron';
import { origin } from './channel.ts';

export function windowOptions(preload: string, development: boolean): BrowserWindowConstructorOptions {
  return {
    width: 1280,
    height: 800,
    minWidth: 480,
    minHeight: 400,
    show: false,
    title: 'Muster',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // The spelling of what is written here must not be sent anywhere, nor its dictionary fetched.
      spellcheck: false,
      devTools: development,
      // An alarm has to come through while the window is behind others.
      backgroundThrottling: false,
    },
  };
}

/** What is denied to every page that this program ever shows, whoever made it. */
export function shutIn(app: Pick<App, 'on'>): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** Nothing is granted, and nothing but the window's own files is ever asked for. */
export function denyAll(
  session: Pick<
    Session,
    'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'webRequest' | 'on'
  >,
): void {
  session.setPermissionRequestHandler((_contents, _permission, grant) => grant(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !url.startsWith(`${origin}/`) && !url.startsWith('devtools:') }),
  );
  session.on('will-download', (event) => event.preventDefault());
}
