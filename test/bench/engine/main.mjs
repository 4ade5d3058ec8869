/** `npm run bench -- engine`: a real device with a real vault and real relays. docs/performance.md tells what it shows. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, print } from './target.mjs';

const usage = `Usage: npm run bench -- engine [options]

Measures the built device: typing to sent beside a bare append, catch-up, search, large rooms, many rooms and devices,
memory at rest. Needs nothing but Node.

  --json FILE    write all figures
  --only CASES   only these, with commas between: send, catch-up, catch-up-3, large, idle, rooms, devices
  --quick        less of everything
  --help         this text`;

const cases = ['send', 'catch-up', 'catch-up-3', 'large', 'idle', 'rooms', 'devices'];
const patienceMs = 10 * 60_000;

/** The figures of one case. Throws when its process ends without any. */
function runCase(name, isQuick) {
  const work = mkdtempSync(join(tmpdir(), 'muster-engine-bench-'));
  const script = fileURLToPath(new URL('./case.mjs', import.meta.url));
  return new Promise((done, fail) => {
    const child = fork(script, [work, name, isQuick ? 'quick' : 'whole'], {
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
  }).finally(() => rmSync(work, { recursive: true, force: true }));
}

/** The exit code: 0 when everything was measured, whether or not a target was met. */
export async function run(args) {
  const options = { json: { type: 'string' }, only: { type: 'string' }, quick: { type: 'boolean' } };
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
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !cases.includes(name));
  if (unknown !== undefined) {
    console.error(`There is no case ${unknown}.\n\n${usage}`);
    return 64;
  }
  const figures = {};
  for (const name of cases.filter((each) => only === undefined || only.includes(each))) {
    console.error(`measuring ${name} …`);
    figures[name] = await runCase(name, values.quick === true);
  }
  print(figures, judge(figures));
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(figures, undefined, 2));
  return 0;
}
