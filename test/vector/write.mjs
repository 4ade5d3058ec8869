/** Writes the vectors and the examples of docs/protocol.md anew: `node test/vector/write.mjs && npm run format`. Look at the difference. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from '../kit/load.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { module, close } = await load(new URL('./write.ts', import.meta.url));
await module.writeAll(
  (path, text) => writeFileSync(here(path), text),
  (path) => readFileSync(here(path), 'utf8'),
);
await close();
