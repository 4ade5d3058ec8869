/**
 * Where Electron's own program is, if it is here. Looks and never fetches: the package's own entry would download the
 * binary when it is missing, and a tool for the day the network is hostile must not do that by itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** `undefined`: the package is not installed, or its binary was never fetched. */
export function findElectron(): string | undefined {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
    // The package's installer writes the name of the program inside dist/ to path.txt.
    const program = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined; // not there in one of the ways of not being there
  }
}
