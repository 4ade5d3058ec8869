/**
 * Finds a browser for the end-to-end tests: CHROMIUM_PATH, then the system's Chromium or Chrome, then the one that
 * Playwright keeps. On Debian as root it installs the package `chromium`. If none can be had it throws and says how
 * to get one: an end-to-end test is never skipped because a browser was missing.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type LaunchOptions } from 'playwright-core';

/** What the search may look at, so that a test can give it a machine without a browser. */
interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The browser that Playwright would have downloaded; it need not exist. */
  readonly playwrightPath: string;
  readonly canInstall: boolean;
  /** Throws if the package manager fails. */
  readonly install: () => void;
}

const commands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];

const advice = [
  'No browser was found for the end-to-end tests. Any one of these gives them one:',
  '  set CHROMIUM_PATH to the program file of a Chromium, Chrome or Edge',
  '  Debian, Ubuntu: apt-get install chromium      Fedora: dnf install chromium      macOS: brew install --cask chromium',
  '  npx playwright-core install chromium',
].join('\n');

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there or not ours to run: the search goes on
  }
}

function searchPath(env: Machine['env']): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  return commands
    .flatMap((command) => folders.flatMap((folder) => endings.map((ending) => join(folder, command + ending))))
    .find(isProgram);
}

/** The path of a browser that is there now, or undefined. A CHROMIUM_PATH that leads nowhere is an error, not a hint. */
export function findBrowser(machine: Machine): string | undefined {
  const given = machine.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') {
    if (!isProgram(given))
      throw new Error(`CHROMIUM_PATH is ${given}, and there is no program that can be run.\n${advice}`);
    return given;
  }
  return searchPath(machine.env) ?? (isProgram(machine.playwrightPath) ? machine.playwrightPath : undefined);
}

function describeMachine(): Machine {
  const isRoot = process.getuid?.() === 0;
  return {
    env: process.env,
    playwrightPath: chromium.executablePath(),
    canInstall: isRoot && existsSync('/etc/debian_version') && spawnSync('apt-get', ['--version']).status === 0,
    install() {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      // Everything goes to stderr: the caller's stdout may be read by a program.
      const options = { env, stdio: ['ignore', 2, 2] as ['ignore', number, number], timeout: 10 * 60_000 };
      execFileSync('apt-get', ['update', '-q'], options);
      execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], options);
    },
  };
}

/** The path of a browser, installed first if need be. Takes minutes then: call it before the tests, not in one. */
export function provideBrowser(machine: Machine = describeMachine()): string {
  const found = findBrowser(machine);
  if (found !== undefined) return found;
  if (!machine.canInstall) throw new Error(advice);
  try {
    machine.install();
  } catch (cause) {
    throw new Error(`apt-get could not install the package chromium.\n${advice}`, { cause });
  }
  const installed = findBrowser(machine);
  if (installed === undefined)
    throw new Error(`The package chromium was installed, but its program is not on PATH.\n${advice}`);
  return installed;
}

/** For `chromium.launch()`. The browser may reach nothing that the test did not start: no sync, no updates, no QUIC. */
export function browserOptions(): LaunchOptions {
  const executablePath = findBrowser(describeMachine());
  if (executablePath === undefined)
    throw new Error(`${advice}\n  or run \`npm run browser\`, which installs it on Debian as root`);
  return {
    executablePath,
    headless: true,
    args: [
      '--no-sandbox', // tests run as root in containers, where the sandbox cannot start
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-gpu',
    ],
  };
}
