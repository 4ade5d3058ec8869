/**
 * `npm run bench -- soak [--devices 2000 --minutes 15 --rate N --json FILE]`: many devices at one relay for a while, at
 * half of what this machine can do; memory must stay flat and latency must not grow.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encodeAdmission, joinAdmission } from '../../../dist/src/core/admission.js';
import { genesis, orgOf, rootOf } from '../../../dist/src/core/genesis.js';
import { domain, suite } from '../../../dist/src/core/label.js';
import { loadSodium, sodium } from '../../../dist/src/core/sodium.js';
import { encode } from '../../../dist/src/wire/cbor.js';
import { accessKey } from '../../../dist/src/wire/id.js';
import { judge, leastMinutes } from './verdict.mjs';

const MiB = 1024 * 1024;
const sampleMs = 5000;
const measureSeconds = 15;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An organisation with so many devices, its list on disk. Keys in hexadecimal, as they go to the load. */
function organise(dataDir, count) {
  const custodian = sodium().crypto_sign_keypair();
  const pairs = Array.from({ length: count }, () => sodium().crypto_sign_keypair());
  const root = encode(genesis, {
    suite,
    name: 'Soak',
    threshold: 1,
    custodians: [{ name: 'Custodian', key: custodian.publicKey }],
    salt: sodium().randombytes_buf(32),
  });
  const access = pairs.map(({ publicKey }) => accessKey.of(publicKey)).sort();
  const body = encodeAdmission({ suite, root: rootOf(root), version: 1, issuedAtMs: Date.now(), access });
  const signature = sodium().crypto_sign_detached(domain('sign', 'admission', body), custodian.privateKey);
  writeFileSync(join(dataDir, 'admission'), joinAdmission(body, [{ custodian: 0, signature }]));
  const hex = (bytes) => Buffer.from(bytes).toString('hex');
  const keys = pairs.map(({ publicKey, privateKey }) => ({ access: hex(publicKey), secret: hex(privateKey) }));
  return { org: orgOf(root), keys };
}

/** A child that answers numbered questions over IPC. */
function asking(child) {
  const pending = new Map();
  let ids = 0;
  child.on('message', ({ id, value, failure }) => {
    const { resolve, reject } = pending.get(id) ?? {};
    pending.delete(id);
    if (failure === undefined) resolve?.(value);
    else reject?.(new Error(failure));
  });
  child.once('exit', (code) => {
    for (const { reject } of pending.values()) reject(new Error(`the load ended with ${code}`));
  });
  return (question) =>
    new Promise((resolve, reject) => {
      ids += 1;
      pending.set(ids, { resolve, reject });
      child.send({ ...question, id: ids });
    });
}

/** The next message of this type. */
const next = (child, type) =>
  new Promise((resolve, reject) => {
    const done = () => {
      child.off('message', take);
      child.off('exit', fail);
    };
    const take = (message) => {
      if (message.type !== type) return;
      done();
      resolve(message);
    };
    const fail = (code) => {
      done();
      reject(new Error(`the relay ended with ${code}`));
    };
    child.on('message', take);
    child.once('exit', fail);
  });

/** One minute: samples of the relay all along, the figures of the load at its end. */
async function minute(relay, ask, dataDir) {
  const samples = [];
  const endMs = performance.now() + 60_000;
  while (performance.now() < endMs - sampleMs / 2) {
    await wait(Math.min(sampleMs, endMs - performance.now()));
    const sample = next(relay, 'sample');
    relay.send({ type: 'sample' });
    samples.push(await sample);
  }
  const rss = samples.map((each) => each.rss).sort((a, b) => a - b);
  return {
    ...(await ask({ type: 'minute' })),
    rss: rss[rss.length >> 1],
    heapLow: Math.min(...samples.map((each) => each.heap)),
    lateP99Ms: Math.max(...samples.map((each) => each.lateP99Ms)),
    lateMaxMs: Math.max(...samples.map((each) => each.lateMaxMs)),
    diskBytes: statSync(join(dataDir, 'relay.db')).size,
  };
}

const head =
  '| minute | inside | appended/s | delivered/s | stored, p50 ms | p99 | received, p50 ms | p99 | loop late, p99 ms | RSS, MiB | heap floor, MiB | file, MiB |\n|---|---|---|---|---|---|---|---|---|---|---|---|';
const row = (i, m) =>
  `| ${[
    i + 1,
    m.inside,
    (m.acknowledged / 60).toFixed(0),
    (m.delivered / 60).toFixed(0),
    ...[m.ackP50Ms, m.ackP99Ms, m.wayP50Ms, m.wayP99Ms, m.lateP99Ms].map((each) => each.toFixed(1)),
    ...[m.rss, m.heapLow, m.diskBytes].map((each) => (each / MiB).toFixed(0)),
  ].join(' | ')} |`;

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      devices: { type: 'string', default: '2000' },
      minutes: { type: 'string', default: '15' },
      rate: { type: 'string' },
      json: { type: 'string' },
    },
  });
  await loadSodium();
  const dataDir = mkdtempSync(join(tmpdir(), 'muster-soak-'));
  const { org, keys } = organise(dataDir, Number(values.devices));
  const relay = fork(here('./serve.mjs'), { env: { ...process.env, DIR: dataDir, ORG: org } });
  relay.on('message', ({ type, text }) => type === 'log' && console.log(`relay: ${text}`));
  const load = fork(here('./load.mjs'));
  try {
    const { port, pin } = await next(relay, 'listening');
    const ask = asking(load);
    await ask({ type: 'start', world: { port, pin, org, keys } });
    console.log(`${keys.length} devices are inside`);
    const most = values.rate === undefined ? await ask({ type: 'measure', seconds: measureSeconds }) : undefined;
    const perSecond = values.rate === undefined ? most / 2 : Number(values.rate);
    if (most !== undefined) console.log(`relay and load together can do ${most.toFixed(0)} appends a second`);
    console.log(`now ${perSecond.toFixed(0)} a second\n\n${head}`);
    await wait(3000);
    await ask({ type: 'minute' });
    await ask({ type: 'rate', perSecond });
    const minutes = [];
    for (let i = 0; i < Number(values.minutes); i++) {
      minutes.push(await minute(relay, ask, dataDir));
      console.log(row(i, minutes[i]));
    }
    const faults = judge(minutes);
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ most, perSecond, minutes, faults }));
    if (minutes.length < leastMinutes) console.log(`\nunder ${leastMinutes} minutes memory is not judged`);
    console.log(
      faults.length === 0 ? '\nflat: memory does not grow, nor does latency' : `\nNOT flat: ${faults.join('; ')}`,
    );
    return faults.length === 0 ? 0 : 1;
  } finally {
    load.disconnect();
    relay.disconnect();
    await new Promise((resolve) => (relay.exitCode === null ? relay.once('exit', resolve) : resolve()));
    rmSync(dataDir, { recursive: true, force: true });
  }
}
