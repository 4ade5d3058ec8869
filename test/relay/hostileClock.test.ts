/** A machine clock that jumps by days: nothing is dropped, refused or reordered for it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  type RawClient,
  startTestRelay,
  type TestRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const topic = topicNumber(1);
const dayMs = 86_400_000;
let org: TestOrg;
let device: TestDevice;
let relay: TestRelay | undefined;
let nowMs = Date.now();

beforeEach(async () => {
  org = await makeOrg();
  device = await makeDevice();
  nowMs = Date.now();
  relay = await startTestRelay([org.org], { admission: org.list([device]), limits: { sweepMs: 10 }, now: () => nowMs });
});
afterEach(async () => {
  await relay?.close();
  if (relay !== undefined) dropDataDir(relay.dataDir);
});

const append = async (client: RawClient, n: number): Promise<readonly (readonly [number, number])[]> => {
  client.send({ type: 'append', ref: n, items: [[topic, envelopeNumber(n)]] });
  return (await client.take('appended')).receipts;
};
const running = (): TestRelay => {
  if (relay === undefined) throw new Error('no relay');
  return relay;
};

describe.each([-400, -2, 2, 400])('a clock that jumps by %i days', (days) => {
  it('drops nothing, keeps offsets and times ascending, and lets in and takes on as before', async () => {
    const client = await enter(running(), org, device);
    const receipts = [...(await append(client, 1)), ...(await append(client, 2))];
    nowMs += days * dayMs;
    receipts.push(...(await append(client, 3)));
    // The sweep looks many times; nothing is old by anybody's clock but the one that jumped.
    for (let n = 4; n < 40; n++) receipts.push(...(await append(client, n)));
    const other = await enter(running(), org, device);
    receipts.push(...(await append(other, 40)));
    const offsets = receipts.map(([offset]) => offset);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(new Set(offsets).size).toBe(40);
    const times = receipts.map(([, timeMs]) => timeMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const reader = await enter(running(), org, device);
    reader.send({ type: 'tail', topic, from: 0 });
    await reader.take('live');
    const count = () => reader.frames.reduce((sum, each) => sum + (each.type === 'deliver' ? each.items.length : 0), 0);
    await until(() => count() === 40, 'everything is there');
  });
});
