/** Writes the vectors and the examples of docs/protocol.md anew: `node test/vector/write.mjs && npm run format`. Look at the difference. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const load = async (path) => (await runnerImport(here(path), { configFile: false, root: here('../..') })).module;

const { writeAll } = await load('./write.ts');
await writeAll(
  (path, text) => writeFileSync(here(path), text),
  (path) => readFileSync(here(path), 'utf8'),
);
