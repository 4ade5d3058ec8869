/**
 * Whether an acknowledgement waits for the disk, seen from outside: the relay's calls are traced while a device appends
 * one envelope at a time. Between two acknowledgements there must be an fsync that has returned. Not part of the tests:
 * few machines have a strace.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDevice, makeOrg } from '../kit/org.ts';
import { dropDataDir, enter, envelopeNumber, makeDataDir, spawnRelay, topicNumber } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const appends = 100;

/** Answers the exit code, and says what was seen. */
export async function trace(): Promise<number> {
  const dataDir = makeDataDir();
  const [org, device] = [await makeOrg(), await makeDevice()];
  const admission = join(dataDir, 'admission');
  writeFileSync(admission, org.list([device]));
  const relay = await spawnRelay(dataDir, org.org, admission);
  const path = join(dataDir, 'trace');
  const flags = ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-o', path, '-p', String(relay.child.pid)];
  const tracer = spawn('strace', flags, { stdio: 'inherit' });
  const missing = new Promise<string>((resolve) => tracer.once('error', (error) => resolve(error.message)));
  try {
    const isTraced = () => /TracerPid:\t[1-9]/.test(readFileSync(`/proc/${relay.child.pid}/status`, 'utf8'));
    const why = await Promise.race([missing, until(isTraced, 'the relay is traced', 10_000)]);
    if (typeof why === 'string') {
      console.error(`there is no strace here: ${why}`);
      return 69;
    }
    const client = await enter(relay, org, device);
    for (let n = 1; n <= appends; n++) {
      client.send({ type: 'append', ref: n, items: [[topicNumber(1), envelopeNumber(n)]] });
      await client.take('appended');
    }
  } finally {
    await relay.stop();
  }
  await until(() => tracer.exitCode !== null, 'the trace is complete', 10_000);
  const count = readFileSync(path, 'utf8').match(/(?:fsync|fdatasync)(?:\(| resumed).*= 0$/gm)?.length ?? 0;
  dropDataDir(dataDir);
  console.log(`${appends} envelopes acknowledged one at a time, ${count} fsyncs`);
  return count >= appends ? 0 : 1;
}
