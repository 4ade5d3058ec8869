/**
 * `npm run bench -- relay`: our relay and its peers, case by case, in one run. The cases, the peers and how they are
 * driven are not ours: they lie in a folder of their own, of which a copy is made with our relay added to it.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, plan, print } from './target.mjs';

const usage = `Usage: npm run bench -- relay [options]

Measures the built relay beside Redis, NATS JetStream, mosquitto and a ws relay without a store. Needs the folder
relay-peers, from RELAY_PEERS or ../shared/bench/relay-peers, and redis-server, nats-server, mosquitto and gcc.
Without the folder only figures of our own relay are compared with fixed limits.

  --keep DIR     make the copy of the peers there and leave it, for the next run
  --json FILE    add every run to this file, a line each
  --only CASES   only these cases, with commas between
  --reps N       repetitions (3)
  --quick        one repetition, shorter cases
  --help         this text`;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
/**
 * Of the process that drives every peer alike. With the least young generation that Node begins with, some of them
 * collect twice in a run and others of the same code fifty times: then the client decides how fast a server looks.
 */
const clientFlags = ['--max-old-space-size=3000', '--min-semi-space-size=16'];
const quick = {
  throughput: { ms: 2000, warm: 700 },
  many: { ms: 2000, warm: 700 },
  latency: { n: 1000, ms: 3000 },
  startup: { reps: 3 },
};

function sourceOfPeers() {
  const said = process.env['RELAY_PEERS'];
  const found = [said, join(root, '../shared/bench/relay-peers')].find(
    (path) => path !== undefined && existsSync(join(path, 'case.mjs')),
  );
  return found === undefined ? undefined : resolve(found);
}

const start = (command, args, cwd, seconds = 300) =>
  new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: seconds * 1000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.once('error', fail);
    child.once('exit', (code) => (code === 0 || out !== '' ? done(out) : fail(new Error(err.slice(-400)))));
  });

/** A copy in `scratch` with our relay among the peers. */
async function prepare(source, scratch) {
  if (!existsSync(join(scratch, 'case.mjs'))) {
    await cp(source, scratch, { recursive: true, filter: (path) => !path.includes('node_modules') });
    await start('chmod', ['-R', 'u+w', scratch], here);
  }
  await mkdir(join(scratch, 'data'), { recursive: true });
  if (!existsSync(join(scratch, 'node_modules'))) {
    console.error('installing the clients of the peers …');
    const names = [
      '@nats-io/jetstream',
      '@nats-io/transport-node',
      'ioredis',
      'mqtt',
      'ws',
      'bufferutil',
      '@xmpp/client',
    ];
    const { dependencies } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'));
    const wanted = Object.fromEntries(names.map((name) => [name, dependencies[name]]));
    await writeFile(join(scratch, 'package.json'), JSON.stringify({ type: 'module', dependencies: wanted }));
    await start('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], scratch);
  }
  if (!existsSync(join(scratch, 'lib/slowsync.so')))
    await start('gcc', ['-O2', '-shared', '-fPIC', '-o', 'lib/slowsync.so', 'lib/slowsync.c', '-ldl'], scratch);
  const list = await readFile(join(source, 'peers/index.mjs'), 'utf8');
  const ours = `import { all } from ${JSON.stringify(pathToFileURL(join(here, 'all.mjs')).href)};\n`;
  await writeFile(
    join(scratch, 'peers/index.mjs'),
    ours + list.replace('export const peers = [', 'export const peers = [\n  ...all,'),
  );
}

/** A million envelopes of 600 bytes in 10,000 topics. */
async function fill(scratch) {
  const path = join(scratch, 'million');
  if (existsSync(join(path, 'relay.db'))) return;
  console.error('filling a store with a million envelopes …');
  await start(process.execPath, [join(here, 'fill.mjs'), path, '1000000', '10000', '600'], scratch, 900);
}

async function measure(scratch, { hasPeers, isQuick, reps, only, json }) {
  const rows = [];
  const cases = [...plan(hasPeers)].filter(([name]) => only === undefined || only.includes(name));
  for (let rep = 0; rep < reps; rep++) {
    for (const [name, peers] of cases) {
      // Another one first each time, so that what else the machine does hits all alike.
      for (const peer of [...peers.slice(rep % peers.length), ...peers.slice(0, rep % peers.length)]) {
        const [kind] = name.split('@');
        const text = await start(
          process.execPath,
          [...clientFlags, 'case.mjs', peer, name, JSON.stringify(isQuick ? (quick[kind] ?? {}) : {})],
          scratch,
          120,
        ).catch((error) => JSON.stringify({ peer, case: name, error: error.message }));
        const row = JSON.parse(text.trim().split('\n').at(-1));
        rows.push(row);
        if (json !== undefined) await writeFile(json, `${JSON.stringify(row)}\n`, { flag: 'a' });
        console.error(`${peer} ${name}${row.error === undefined ? '' : `: ${row.error}`}`);
      }
    }
  }
  return rows;
}

/** The exit code: 0 when everything was measured, whether or not a target was met. */
export async function run(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: { keep: text, json: text, only: text, reps: text, quick: flag, help: flag },
    }));
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return 64;
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const source = sourceOfPeers();
  if (source === undefined) {
    console.error(
      'The folder relay-peers is not there: name it in RELAY_PEERS. Without it nothing can drive the cases.',
    );
    return 69;
  }
  const scratch =
    values.keep === undefined ? await mkdtemp(join(tmpdir(), 'muster-relay-bench-')) : resolve(values.keep);
  if (values.keep === undefined) process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  await prepare(source, scratch);
  await fill(scratch);
  const rows = await measure(scratch, {
    hasPeers: true,
    isQuick: values.quick === true,
    reps: values.quick ? 1 : Number(values.reps ?? 3),
    only: values.only?.split(','),
    json: values.json,
  });
  const { lines, missed } = judge(rows);
  print(lines);
  if (missed > 0) console.log(`\n${missed} missed in this run.`);
  await rm(join(scratch, 'data'), { recursive: true, force: true });
  return 0;
}
