/** The thread of the store falls over in the middle of a commit: nothing acknowledged is lost, and it comes back by itself. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  getPage,
  makeDataDir,
  numberOf,
  type RawClient,
  type RelayProcess,
  spawnRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const topic = topicNumber(1);
let dataDir = '';
let org: TestOrg;
let device: TestDevice;
let relay: RelayProcess;
let client: RawClient;
let refs = 0;

/**
 * Loaded into every thread of the relay. Where a file called `fall` says so, the thread of the store ends with an
 * error: before the next commit, or with the commit on disk and nobody told.
 */
const falling = (path: string) => `
  import { existsSync, readFileSync, unlinkSync } from 'node:fs';
  import { parentPort } from 'node:worker_threads';
  const path = ${JSON.stringify(path)};
  const when = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  if (parentPort !== null) {
    const [on, post] = [parentPort.on.bind(parentPort), parentPort.postMessage.bind(parentPort)];
    let isFalling = false;
    const fall = () => { throw new Error('a fault that the test put there'); };
    parentPort.on = (event, take) => on(event, (question) => {
      if (question.call === 'batch' && when() !== '') {
        const isLate = when() === 'after';
        unlinkSync(path);
        if (!isLate) fall();
        isFalling = true;
      }
      take(question);
    });
    parentPort.postMessage = (...args) => (isFalling ? fall() : post(...args));
  }`;

const start = async () => {
  const admission = join(dataDir, 'admission');
  writeFileSync(admission, org.list([device]));
  const program = `data:text/javascript,${encodeURIComponent(falling(join(dataDir, 'fall')))}`;
  relay = await spawnRelay(dataDir, org.org, admission, {
    nodeArgs: ['--import', program],
    args: ['--metrics', '127.0.0.1:0'],
  });
  client = await enter(relay, org, device);
};
beforeEach(async () => {
  [org, device, dataDir] = [await makeOrg(), await makeDevice(), makeDataDir()];
  await start();
});
afterEach(async () => {
  await relay.kill();
  dropDataDir(dataDir);
});

/** The offset it got, or the code of the refusal. */
async function append(n: number): Promise<number | string> {
  refs += 1;
  client.send({ type: 'append', ref: refs, items: [[topic, envelopeNumber(n)]] });
  const answer = await until(
    () => client.frames.find((frame) => 'ref' in frame && frame.ref === refs),
    'an append is answered',
  );
  client.frames.splice(0);
  return answer.type === 'appended' ? (answer.receipts[0]?.[0] ?? 0) : answer.type === 'refused' ? answer.code : '';
}
async function fall(when: 'before' | 'after', n: number): Promise<void> {
  writeFileSync(join(dataDir, 'fall'), when);
  expect(await append(n)).toBe('broken');
  expect(existsSync(join(dataDir, 'fall'))).toBe(false);
}
async function kept() {
  const reader = await enter(relay, org, device);
  reader.send({ type: 'tail', topic, from: 0 });
  await reader.take('live');
  const items = reader.frames.flatMap((frame) => (frame.type === 'deliver' ? frame.items : []));
  reader.close();
  return items.map(([offset, , envelope]) => [numberOf(envelope), offset] as const);
}
const health = async () => JSON.parse((await getPage(relay.port, '/healthz', 'https')).text);

describe('the thread of the store', () => {
  it.each(['before', 'after'] as const)('that falls %s its commit is started again', async (when) => {
    const offsets = [await append(1), await append(2)];
    await fall(when, 3);
    await until(async () => (await health()).ok === true, 'the relay is well again');
    // Whoever was refused tries again; the offset is the first one if the commit had been there after all.
    const [third, fourth] = [await append(3), await append(4)];
    expect([...offsets, third, fourth]).toEqual([...offsets, third, fourth].toSorted((a, b) => Number(a) - Number(b)));
    expect(await kept()).toEqual([
      [1, offsets[0]],
      [2, offsets[1]],
      [3, third],
      [4, fourth],
    ]);
    expect(await append(3)).toBe(third);
  });

  it('that falls twice stays down and says so, and a start of the relay has all that was acknowledged', async () => {
    const first = await append(1);
    await fall('before', 2);
    await until(async () => (await health()).ok === true, 'the relay is well again');
    const second = await append(2);
    await fall('before', 3);
    await until(async () => (await health()).trouble?.includes('until the relay is started again'), 'it says so');
    expect(await append(3)).toBe('broken');
    // Whoever runs it is told the same, and not that asking failed.
    const { status, text } = await getPage(relay.metricsPort, '/healthz');
    expect([status, JSON.parse(text).trouble]).toEqual([503, (await health()).trouble]);
    expect(await relay.stop()).toBe(0);
    await start();
    const third = await append(3);
    expect(await kept()).toEqual([
      [1, first],
      [2, second],
      [3, third],
    ]);
    expect(Number(third)).toBeGreaterThan(Number(second));
  });
});
