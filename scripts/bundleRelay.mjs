/**
 * The relay as one file that Node runs without node_modules, but for the database driver, which is made for one machine
 * and cannot be bundled. Part of `npm run build`; `npm run bundle:relay` makes `dist/relay.mjs` alone.
 *
 * It holds several scripts behind relayHead.mjs, which says why: what runs in the thread of the store, the relay, and what
 * few commands need.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The driver; and what `ws` uses where it is there, and does without where not. */
const external = ['@signalapp/sqlcipher', 'bufferutil', 'utf-8-validate'];
/** What a relay starts without: other commands, and packages for certificates, metrics and a file of settings. */
const seldom =
  /server.command.(program|init|admit|status|backup|rotate|folder)\.|core.words\.|node_modules.(@opentelemetry|@peculiar|@scure|asn1js|bintrees|prom-client|pvtsutils|pvutils|reflect-metadata|smol-toml|tdigest|tslib|tsyringe|uqr)\b/;

/** The scripts that `entry` becomes, by their names. */
async function bundle(entry, codeSplitting) {
  const [{ output }] = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    // Given by relayHead.mjs.
    define: { 'typeof MUSTER_WORK': '"function"' },
    ssr: { noExternal: true, external },
    build: {
      ssr: true,
      write: false,
      minify: true,
      sourcemap: false,
      target: 'node20',
      lib: { entry: join(root, entry), formats: ['cjs'] },
      rolldownOptions: { external, checks: { ineffectiveDynamicImport: false }, output: { codeSplitting } },
    },
  });
  return output.map(({ fileName, code }) => [fileName, code]);
}

/** As it can stand in a comment of a file of one byte for a character. */
function inComment(code) {
  if (code.includes('*~/')) throw new Error('a script of the relay holds *~/, which relayHead.mjs takes for an end');
  return code
    .replace(/[^\0-\x7f]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('*/', '*~/');
}

/** Writes `relay.mjs` into `outDir` and gives its size in KiB. */
export async function bundleRelay(outDir) {
  const groups = [{ name: 'relay', test: (id) => !seldom.test(id) }];
  const [[, work]] = await bundle('server/work.ts', false);
  const thread = [
    'work.cjs',
    `(function (require) {${work}\n})(require('module').createRequire(require('worker_threads').workerData))`,
  ];
  const scripts = (await bundle('server/main.ts', { groups })).map(([name, code]) => [
    name,
    `(function (exports, require, module, __filename, MUSTER_WORK) {${code}\n})`,
  ]);
  let tail = '*/\n';
  const places = {};
  for (const [name, code] of [thread, ...scripts]) {
    const text = inComment(code);
    tail = `${text}\n${tail}`;
    places[name] = [tail.length, text.length];
  }
  const head = await readFile(join(root, 'scripts/relayHead.mjs'), 'utf8');
  const file = Buffer.from(`${head.replace('PLACES', JSON.stringify(places))}\n/*\n${tail}`, 'latin1');
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, 'relay.mjs'), file);
  return Math.round(file.length / 1024);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`wrote dist/relay.mjs, ${await bundleRelay(join(root, 'dist'))} KiB`);
