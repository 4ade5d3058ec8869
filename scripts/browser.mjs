/**
 * `npm run browser`: finds a browser for the end-to-end tests, installs one where that is possible, and says which.
 * It runs before the tests so that an installation never counts against a test's time.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const kit = fileURLToPath(new URL('../test/kit/browser.ts', import.meta.url));
const { module } = await runnerImport(kit, { configFile: false, logLevel: 'error' });

try {
  console.log(`browser: ${module.provideBrowser()}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
