/** `npm run bench -- crypto`: our core beside its peers, in turns, in one run. docs/performance.md tells what it shows. */
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installPeers, packages } from './peers.mjs';
import { judge, print } from './target.mjs';

const usage = `Usage: npm run bench -- crypto [options]

Measures the built core beside libsignal, the Matrix SDK and ts-mls, which are installed into a folder of their own.

  --keep DIR    install the peers there and leave them, for the next run
  --json FILE   write all figures
  --quick       a third of the rounds
  --help        this text`;

const rounds = { message: 60, 'removal-50': 24, 'removal-250': 12, 'sizes-250': 1 };
const patienceMs = 10 * 60_000;

/** The figures of one case. Throws when its process ends without any. */
function runCase(scratch, name, count) {
  const script = fileURLToPath(new URL('./case.mjs', import.meta.url));
  return new Promise((done, fail) => {
    const child = fork(script, [scratch, name, String(count)], {
      execArgv: ['--expose-gc', '--max-old-space-size=3000'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    let figures;
    child.on('message', (value) => {
      figures = value;
    });
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      if (figures === undefined) fail(new Error(`case ${name} ended without figures (${signal ?? code})`));
      else done(figures);
    });
  });
}

async function measure(scratch, isQuick) {
  console.error(`installing ${Object.keys(packages).length} packages of the peers, where they are missing …`);
  await installPeers(scratch);
  const figures = {};
  for (const [name, count] of Object.entries(rounds)) {
    console.error(`measuring ${name} …`);
    figures[name] = await runCase(scratch, name, isQuick ? Math.ceil(count / 3) : count);
  }
  return figures;
}

/** The exit code: 0 when everything was measured, whether or not a target was met. */
export async function run(args) {
  const options = { keep: { type: 'string' }, json: { type: 'string' }, quick: { type: 'boolean' } };
  let values;
  try {
    ({ values } = parseArgs({ args, options: { ...options, help: { type: 'boolean' } } }));
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return 64;
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const scratch = values.keep === undefined ? await mkdtemp(join(tmpdir(), 'muster-bench-')) : resolve(values.keep);
  if (values.keep === undefined) process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  try {
    const figures = await measure(scratch, values.quick === true);
    const verdicts = judge(figures);
    print(figures, verdicts);
    if (values.json !== undefined)
      await writeFile(values.json, `${JSON.stringify({ packages, figures, verdicts }, null, 2)}\n`);
    return 0;
  } catch (error) {
    console.error(`bench crypto: ${error.message}`);
    return 69;
  }
}
