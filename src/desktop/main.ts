/**
 * The Electron main process: hands Electron, the device and the built files to the shell. Nothing else belongs here.
 *
 * It must never contain a decision: this file runs only where an Electron binary is, so most machines never test it.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as electron from 'electron';
import { settingOfEnvironment } from '../link/proxy.ts';
import { deviceDirOf } from '../responder/place.ts';
import { openWindowHost } from './device.ts';
import { runShell } from './shell.ts';

// From dist/src/desktop/main.js.
const built = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const { platform, env, argv } = process;
const given = argv.find((each) => each.startsWith('--device-dir='))?.slice('--device-dir='.length);
const dir = resolve(given ?? deviceDirOf({ platform, env, home: homedir() }));

// One instance per device: the lock that keeps a second one out lies in this folder.
electron.app.setPath('userData', join(dir, 'window'));

await runShell(electron, {
  openHost: (resolveProxy) =>
    openWindowHost(
      dir,
      ({ code, text }) => void (env['MUSTER_DEBUG'] && process.stderr.write(`${code}: ${text}\n`)),
      resolveProxy,
      settingOfEnvironment(env),
    ),
  assetsDir: built('renderer'),
  preload: built('desktop/preload.cjs'),
});
