/**
 * The peers: which packages at which version, and how they get into a scratch folder. None of them is a dependency
 * of this project, so nothing here is imported by name: `door` finds a package from inside the scratch folder.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const packages = {
  '@matrix-org/matrix-sdk-crypto-wasm': '18.9.0',
  '@signalapp/libsignal-client': '0.103.0',
  'libsodium-wrappers-sumo': '0.8.4',
  'ts-mls': '1.6.4',
  // ts-mls imports these without declaring them, or asks for them as peers.
  '@noble/ciphers': '2.1.1',
  '@noble/curves': '2.0.1',
  '@noble/hashes': '2.4.0',
};

const doors = {
  matrix: '@matrix-org/matrix-sdk-crypto-wasm',
  signal: '@signalapp/libsignal-client',
  sodium: 'libsodium-wrappers-sumo',
  mls: 'ts-mls',
};

async function installedVersion(scratch, name) {
  const text = await readFile(join(scratch, 'node_modules', name, 'package.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text).version;
}

/** `name@version` of what the folder does not hold. */
async function findMissing(scratch) {
  const held = await Promise.all(
    Object.entries(packages).map(async ([name, version]) => [
      `${name}@${version}`,
      (await installedVersion(scratch, name)) === version,
    ]),
  );
  return held.filter(([, isThere]) => !isThere).map(([name]) => name);
}

/**
 * Scripts of packages are not run: the two with native or compiled code bring it prebuilt. Without a network npm gives
 * up after seconds rather than minutes.
 */
const options = [
  ...['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error'],
  ...['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=3000'],
];

/** What npm had to say against it. */
function runNpm(scratch, names) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  return new Promise((resolve) => {
    const child = spawn(command, ['install', ...options, ...names], {
      cwd: scratch,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
    });
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => resolve(said.trim()));
  });
}

/** Throws an error that names what could not be installed. */
export async function installPeers(scratch) {
  await mkdir(scratch, { recursive: true });
  if (!existsSync(join(scratch, 'package.json')))
    await writeFile(join(scratch, 'package.json'), '{ "private": true, "type": "module" }\n');
  if ((await findMissing(scratch)).length > 0) {
    // All of them, or npm would take away the ones that are there and not named.
    const all = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    const said = await runNpm(scratch, all);
    const missing = await findMissing(scratch);
    if (missing.length > 0)
      throw new Error(
        `could not install ${missing.join(', ')}; is there a network?\n${said.split('\n', 4).join('\n')}`,
      );
  }
  for (const [name, target] of Object.entries(doors)) {
    const text = `export * from '${target}';\nimport * as all from '${target}';\nexport default all.default;\n`;
    await writeFile(join(scratch, `${name}.mjs`), text);
  }
}

/** The module of one peer, as `import * as` would give it. */
export const door = (scratch, name) => import(pathToFileURL(join(scratch, `${name}.mjs`)).href);
