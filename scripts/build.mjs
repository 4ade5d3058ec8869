/**
 * `npm run build`: src and server by tsc, the sandboxed preload as one CommonJS file, the window and the relay by vite.
 *
 * It builds beside dist and swaps at the end. A failed build leaves the last good one in place, and a process that
 * runs from dist never meets half a tree. Every part says that it was built; a part whose source is missing says so.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { bundleRelay } from './bundleRelay.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const fresh = join(root, `.dist-${process.pid}`);
const require = createRequire(import.meta.url);

/** `{ path, entry }` of every file below `folder`; nothing if there is no such folder. */
async function listFiles(folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function compile() {
  const manifest = require.resolve('typescript/package.json');
  const compiler = join(dirname(manifest), require(manifest).bin.tsc);
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh, '--noEmitOnError', '--pretty', 'false'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('the TypeScript compiler found errors'))));
  });
}

/** Data files of the program (a schema, a word list) lie beside the code that reads them, in src and in dist. */
async function copyData() {
  const files = [...(await listFiles('src')), ...(await listFiles('server'))];
  const data = files.filter((file) => !/\.(ts|tsx|md)$/.test(file));
  for (const file of data) {
    await mkdir(dirname(join(fresh, file)), { recursive: true });
    await cp(join(root, file), join(fresh, file));
  }
  return data.length;
}

/** A sandboxed preload is loaded as one CommonJS script and may require nothing but electron. */
async function bundlePreload() {
  if (!(await listFiles('src/desktop')).includes(join('src', 'desktop', 'preload.ts')))
    return 'no src/desktop/preload.ts yet';
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    // Built as if for a server: for a browser, vite would put an empty stub in the place of a Node module and go on.
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: join(fresh, 'desktop'),
      emptyOutDir: false,
      minify: false,
      sourcemap: false,
      lib: { entry: join(root, 'src/desktop/preload.ts'), formats: ['cjs'], fileName: () => 'preload.cjs' },
      rolldownOptions: { external: ['electron'] },
    },
  });
  const text = await readFile(join(fresh, 'desktop/preload.cjs'), 'utf8');
  const foreign = [...text.matchAll(/\brequire\(\s*["'`]([^"'`]+)["'`]\s*\)/g)]
    .map((m) => m[1])
    .filter((name) => name !== 'electron');
  if (foreign.length > 0)
    throw new Error(`the preload would require ${foreign.join(', ')}; in the sandbox there is only electron`);
  return 'preload';
}

async function buildWindow() {
  if (!(await listFiles('renderer')).includes(join('renderer', 'index.html'))) return 'no renderer/index.html yet';
  await build({
    root: join(root, 'renderer'),
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(fresh, 'renderer') },
  });
  // The window's policy allows scripts from its own files only, so an inline one would be a page that stays blank.
  const page = await readFile(join(fresh, 'renderer/index.html'), 'utf8');
  for (const [, attributes, body] of page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
    if (!/\bsrc=/.test(attributes) || body.trim() !== '')
      throw new Error('dist/renderer/index.html has an inline script');
  }
  if (/<style\b|\sstyle=|\son[a-z]+=/i.test(page))
    throw new Error('dist/renderer/index.html has an inline style or handler');
  return 'window';
}

const started = performance.now();
try {
  await rm(fresh, { recursive: true, force: true });
  // All come to an end before a failure is reported, or the one still running would write after the clean-up.
  const parts = await Promise.allSettled([
    compile(),
    bundlePreload(),
    buildWindow(),
    bundleRelay(fresh).then((size) => `relay.mjs (${size} KiB)`),
  ]);
  const failed = parts.filter((part) => part.status === 'rejected').map((part) => part.reason?.message ?? part.reason);
  if (failed.length > 0) throw new Error(failed.join('; '));
  const [, preload, window, relay] = parts.map((part) => part.value);
  const copied = await copyData();
  const dist = join(root, 'dist');
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`built dist in ${seconds} s: src and server, ${copied} data files, ${preload}, ${window}, ${relay}`);
} catch (error) {
  await rm(fresh, { recursive: true, force: true });
  console.error(`build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
