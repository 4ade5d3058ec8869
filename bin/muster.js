#!/usr/bin/env node
// What `npx muster` runs inside this project. It holds no logic: it finds the built program, and builds it on the
// first run, so that a fresh clone needs no other command. The build speaks on stderr: stdout belongs to the command.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/src/cli/main.js', import.meta.url);
const builder = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));

if (!existsSync(program)) {
  const built = existsSync(builder) && spawnSync(process.execPath, [builder], { stdio: ['ignore', 2, 2] }).status === 0;
  if (!built || !existsSync(program)) {
    process.stderr.write(
      'muster: there is no built program here; run `npm ci && npm run build` in the project first.\n',
    );
    process.exit(4);
  }
}

await import(program.href);
