/**
 * A TypeScript file of the tests, for a command that plain Node runs. It stays open until `close`: what is loaded later,
 * as the store by a relay, is loaded through it too.
 */
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

/** `url`: of the file. */
export async function load(url) {
  const vite = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('../..', import.meta.url)),
    appType: 'custom',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  return { module: await vite.ssrLoadModule(fileURLToPath(url)), close: () => vite.close() };
}
