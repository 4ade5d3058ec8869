/**
 * A process of the pool: plays the settings it is sent, one after the other, until nobody sends any more. It plays them from
 * a bundle, made for it and gone at once: a tenth faster than module by module.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const name = 'simulate.mjs';

async function load() {
  const folder = await mkdtemp(join(tmpdir(), 'muster-simulation-'));
  try {
    await build({
      configFile: false,
      root: here('../..'),
      logLevel: 'error',
      // Nothing outside of the file: it lies where no package is found.
      ssr: { noExternal: true },
      build: {
        ssr: here('./simulate.ts'),
        outDir: folder,
        emptyOutDir: false,
        minify: false,
        rollupOptions: { output: { entryFileNames: name } },
      },
    });
    const module = await import(pathToFileURL(join(folder, name)).href);
    await module.ready(); // of what it loads now, some lies beside it
    return module;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const { simulate } = await load();

process.on('message', (setting) => {
  const { digest, steps, wrong } = simulate(setting);
  process.send({ seed: setting.seed, digest, steps, wrong });
});
process.send('ready');
