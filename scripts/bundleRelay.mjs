/**
 * `npm run bundle:relay`: the relay as files that Node runs without node_modules, but for the database driver, which
 * is a program of the machine and cannot be bundled. `dist/relay.mjs` is what is started.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The driver; and what `ws` uses if it is there, and does without if not. */
const external = ['@signalapp/sqlcipher', 'bufferutil', 'utf-8-validate'];

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  publicDir: false,
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    outDir: join(root, 'dist'),
    emptyOutDir: false,
    minify: false,
    sourcemap: false,
    target: 'node20',
    lib: { entry: join(root, 'server/main.ts'), formats: ['es'], fileName: () => 'relay.mjs' },
    rolldownOptions: { external, output: { codeSplitting: false, entryFileNames: 'relay.mjs' } },
  },
});
const text = await readFile(join(root, 'dist/relay.mjs'), 'utf8');
console.log(`wrote dist/relay.mjs, ${(text.length / 1024).toFixed(0)} KiB`);
