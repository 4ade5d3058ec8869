/** `npm run sim`: see command.ts, or `npm run sim -- --help`. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { module } = await runnerImport(here('./command.ts'), { configFile: false, root: here('../..') });
process.exitCode = await module.command(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
