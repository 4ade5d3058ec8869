/**
 * `muster open`: the window of this device. Electron if its binary is here, otherwise the same window in the browser,
 * with a line that says so and why. It never fetches anything.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { openBrowser } from '../console/browser.ts';
import { startConsole } from '../console/start.ts';
import { findElectron } from '../desktop/binary.ts';
import { createHost } from '../responder/host.ts';
import { nodePorts, type ProxyFacts } from '../responder/node.ts';
import { hasVault } from '../vault/folder.ts';
import { Broken } from '../wire/fault.ts';
import { shown } from './file.ts';
import { type Io, pathOf } from './io.ts';
import { proxyFacts } from './proxyFacts.ts';

interface OpenFlags {
  readonly dir?: string;
  readonly browser?: boolean;
}

/** What of the machine a test holds in its own hands. */
export interface OpenPorts {
  findElectron(): string | undefined;
  openBrowser(address: string): Promise<boolean>;
  /** `dist/`, where the built window and the desktop's main are. */
  readonly builtDir: string;
}

// From dist/src/cli/open.js.
const realPorts: OpenPorts = { findElectron, openBrowser, builtDir: fileURLToPath(new URL('../../', import.meta.url)) };

export function addOpen(program: Command, io: Io, ports: OpenPorts = realPorts): void {
  program
    .command('open')
    .description('Open the window of this device')
    .option('--dir <folder>', 'where the device lives')
    .option('--browser', 'use the browser even where Electron is installed')
    .addHelpText('after', '\nExample:\n  muster open --dir ada')
    .action((flags: OpenFlags) => openWindow(io, flags, ports));
}

async function openWindow(io: Io, flags: OpenFlags, ports: OpenPorts): Promise<void> {
  const dir = pathOf(io, flags.dir ?? io.deviceDir);
  if (!hasVault(dir)) {
    // The window says how to make one; whoever starts it from a menu sees no terminal.
    const folder = flags.dir === undefined ? '' : ` --dir ${shown(flags.dir)}`;
    io.out(`There is no device in ${dir} yet.`);
    io.out(`  Make one: muster device init${folder} --handle HANDLE --name NAME --out FILE.join`);
    io.out('  See all of it at work without one: npm run demo');
  }
  // Also for Electron, which reads them again: a mistake in one is better said here than by a window that stays away.
  const proxies = proxyFacts(io, {});
  const electron = flags.browser === true ? undefined : ports.findElectron();
  if (electron !== undefined)
    return runElectron(electron, [`${ports.builtDir}src/desktop/main.js`, `--device-dir=${dir}`]);
  io.out(
    flags.browser === true
      ? 'The window opens in your browser, as you asked.'
      : 'The window opens in your browser: Electron’s program is not installed here (npx install-electron fetches it).',
  );
  await runConsole(io, dir, ports, proxies);
}

function runElectron(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', (cause) =>
      reject(new Broken('broken', 'Electron did not start; use muster open --browser', { cause })),
    );
    child.once('exit', (code) =>
      code === 0 || code === null
        ? resolve()
        : reject(new Broken('broken', `Electron ended with code ${code}; use muster open --browser`)),
    );
  });
}

async function runConsole(io: Io, dir: string, ports: OpenPorts, proxies: ProxyFacts): Promise<void> {
  const host = createHost(
    dir,
    nodePorts(({ code, text }) => {
      if (io.isDebug) io.err(`${code}: ${text}`);
    }, proxies),
  );
  try {
    const interrupted = io.untilInterrupted();
    const { url, close } = await startConsole({ host, assetsDir: `${ports.builtDir}renderer` });
    try {
      // Printed in any case: there may be no browser, no desktop, or another browser that the person wants.
      io.out(`  ${url}`);
      io.out('  This address works once, on this machine only. Ctrl-C ends it.');
      const opened = await Promise.race([ports.openBrowser(url), interrupted]);
      if (opened === false) io.out('  No browser could be started: open the address yourself.');
      await interrupted;
    } finally {
      await close();
    }
  } finally {
    await host.close();
  }
}
