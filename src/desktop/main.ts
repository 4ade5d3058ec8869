/**
 * The Electron main process: hands Electron, the device and the built files to the shell. Nothing else belongs here.
 *
 * It must never contain a decision: this file runs only where an Electron binary is, so most machines never test it.
 */
import { fileURLToPath } from 'node:url';
import * as electron from 'electron';
import { openWindowHost } from './device.ts';
import { runShell } from './shell.ts';

// From dist/src/desktop/main.js.
const built = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

await runShell(electron, {
  openHost: openWindowHost,
  assetsDir: built('renderer'),
  preload: built('desktop/preload.cjs'),
});
