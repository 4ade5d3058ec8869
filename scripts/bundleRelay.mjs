/**
 * The relay as one file that Node runs without node_modules, but for the database driver, which is made for one machine
 * and cannot be bundled. Part of `npm run build`; `npm run bundle:relay` makes `dist/relay.mjs` alone.
 */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The driver; and what `ws` uses where it is there, and does without where not. */
const external = ['@signalapp/sqlcipher', 'bufferutil', 'utf-8-validate'];

/** Writes `relay.mjs` into `outDir` and gives its size in KiB. */
export async function bundleRelay(outDir) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      // Read twice at each start, by the process and by the thread of its store: a fifth of the time to listening.
      minify: true,
      sourcemap: false,
      target: 'node20',
      lib: { entry: join(root, 'server/main.ts'), formats: ['es'] },
      rolldownOptions: { external, output: { codeSplitting: false, entryFileNames: 'relay.mjs' } },
    },
  });
  return Math.round((await stat(join(outDir, 'relay.mjs'))).size / 1024);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`wrote dist/relay.mjs, ${await bundleRelay(join(root, 'dist'))} KiB`);
