/** What is kept and who gets it: a real relay, real sockets. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RelayLimits } from '../../server/limit.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  numberOf,
  type RawClient,
  startTestRelay,
  type TestRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

let org: TestOrg;
let alice: TestDevice;
let bob: TestDevice;
let relay: TestRelay;
const topic = topicNumber(1);

beforeAll(async () => {
  org = await makeOrg();
  alice = await makeDevice();
  bob = await makeDevice();
});
/** Offsets in the order in which a test first saw them: the first is 1. What they are is the store's business. */
let names = new Map<number, number>();
function nameOf(offset: number): number {
  if (offset === 0) return 0;
  if (!names.has(offset)) {
    // An offset that is new to the test must be higher than any before, or it was given twice or out of order.
    expect(offset).toBeGreaterThan(Math.max(0, ...names.keys()));
    names.set(offset, names.size + 1);
  }
  return names.get(offset) ?? 0;
}
const offsetNamed = (name: number): number => [...names].find(([, each]) => each === name)?.[0] ?? 0;

beforeEach(async () => {
  names = new Map();
  relay = await startTestRelay([org.org], { admission: org.list([alice, bob]) });
});
afterEach(async () => {
  await relay.close();
  dropDataDir(relay.dataDir);
});

async function restart(limits: Partial<RelayLimits> = {}, now = Date.now): Promise<void> {
  await relay.close();
  relay = await startTestRelay([org.org], { dataDir: relay.dataDir, limits, now });
}

let ref = 0;
async function append(client: RawClient, numbers: readonly number[], size?: number) {
  ref += 1;
  client.send({ type: 'append', ref, items: numbers.map((n) => [topic, envelopeNumber(n, size)] as const) });
  const { receipts } = await client.take('appended');
  return receipts.map(([offset]) => nameOf(offset));
}

/** Offset and number of every envelope this client was sent, in the order of arrival. */
function received(client: RawClient): [number, number][] {
  return client.frames.flatMap((frame) =>
    frame.type === 'deliver'
      ? frame.items.map(([offset, , envelope]): [number, number] => [nameOf(offset), numberOf(envelope)])
      : [],
  );
}

const takeLive = async (client: RawClient) => nameOf((await client.take('live')).upTo);

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('append', () => {
  it('answers with offsets and times, and the same envelope twice is one', async () => {
    const client = await enter(relay, org, alice);
    expect(await append(client, [1, 2, 3])).toEqual([1, 2, 3]);
    expect(await append(client, [2, 4, 4])).toEqual([2, 4, 4]);
    await restart();
    const later = await enter(relay, org, bob);
    expect(await append(later, [4, 5])).toEqual([4, 5]);
    later.send({ type: 'tail', topic, from: 0 });
    await later.take('live');
    expect(received(later)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
  });

  it('keeps topics of two organisations apart even if they have the same name', async () => {
    const other = await makeOrg();
    await relay.close();
    relay = await startTestRelay([org.org, other.org], { dataDir: relay.dataDir, admission: other.list([bob]) });
    const a = await enter(relay, org, alice);
    await append(a, [1]);
    const b = await enter(relay, other, bob);
    b.send({ type: 'tail', topic, from: 0 });
    expect(await takeLive(b)).toBe(0);
    await append(a, [2]);
    a.send({ type: 'cast', topic, bytes: envelopeNumber(3) });
    await append(b, [9]);
    await b.take('deliver');
    expect(b.frames).toEqual([]);
  });

  it('never gives an offset twice, not after deletion by size or age, not after a restart', async () => {
    await restart({ topicBytes: 1000 });
    const client = await enter(relay, org, alice);
    expect(await append(client, upTo(10))).toEqual(upTo(10));
    client.send({ type: 'tail', topic, from: 0 });
    await client.take('live');
    expect(received(client).map(([offset]) => offset)).toEqual([8, 9, 10]);
    // A year later everything is too old; the sweep empties the topic.
    await restart({ sweepMs: 10 }, () => Date.now() + 365 * 86_400_000);
    const later = await enter(relay, org, alice);
    await until(() => {
      later.send({ type: 'tail', topic, from: 0 });
      const [now, isLive] = [received(later), later.frames.some(({ type }) => type === 'live')];
      later.frames.length = 0;
      return isLive && now.length === 0;
    }, 'the sweep has emptied the topic');
    expect(await append(later, [11])).toEqual([11]);
    await restart();
    expect(await append(await enter(relay, org, alice), [12])).toEqual([12]);
  });

  it('refuses beyond the quota the custodians set, keeps serving reads, and takes repeats of what it has', async () => {
    const client = await enter(relay, org, alice);
    client.send({ type: 'admit', ref: 1, list: org.list([alice, bob], { version: 2, quotaBytes: 1000 }) });
    await client.take('admitted');
    expect(await append(client, [1, 2, 3])).toEqual([1, 2, 3]);
    client.send({ type: 'append', ref: 77, items: [[topic, envelopeNumber(4)]] });
    expect(await client.take('refused')).toMatchObject({ code: 'quota', ref: 77 });
    expect(await append(client, [1, 2, 3])).toEqual([1, 2, 3]);
    client.send({ type: 'tail', topic, from: 0 });
    expect(await takeLive(client)).toBe(3);
  });

  it('refuses a flood of one device with a time to come back, and not the others', async () => {
    await restart({ envelopesPerSecond: 1, envelopesAtOnce: 5 });
    const client = await enter(relay, org, alice);
    await append(client, upTo(5));
    client.send({ type: 'append', ref: 9, items: [[topic, envelopeNumber(6)]] });
    const refused = await client.take('refused');
    expect(refused).toMatchObject({ code: 'rate', ref: 9 });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    // Counted for the device, not for the socket.
    const again = await enter(relay, org, alice);
    again.send({ type: 'append', ref: 1, items: [[topic, envelopeNumber(6)]] });
    expect((await again.take('refused')).code).toBe('rate');
    await append(await enter(relay, org, bob), [6]);
  });

  it('lets the oldest socket of a device go when there are too many', async () => {
    await restart({ connectionsPerDevice: 2 });
    const first = await enter(relay, org, alice);
    const second = await enter(relay, org, alice);
    await enter(relay, org, alice);
    await first.whenClosed();
    expect(second.closed).toBeUndefined();
  });
});

describe('tail', () => {
  it('turns backlog into live without a gap and without a duplicate while appends race', async () => {
    const writer = await enter(relay, org, alice);
    const total = 1500;
    let sent = 0;
    const write = async () => {
      while (sent < total) {
        const from = sent;
        sent = Math.min(total, sent + 1 + (sent % 7));
        writer.send({
          type: 'append',
          ref: from,
          items: upTo(sent - from).map((i) => [topic, envelopeNumber(from + i, 2000)] as const),
        });
        for (const [offset] of (await writer.take('appended', 20_000)).receipts) nameOf(offset);
      }
    };
    const writing = write();
    const readers = [];
    // Readers come in at different moments, from different cursors, and one begins again in the middle.
    for (const from of [0, 100, 0, 700, 0]) {
      await until(() => names.size > from + 150, 'enough was written', 20_000);
      const client = await enter(relay, org, bob);
      readers.push({ client, from });
      client.send({ type: 'tail', topic, from: offsetNamed(from) });
      if (readers.length === 3) {
        client.send({ type: 'untail', topic });
        client.frames.length = 0;
        client.send({ type: 'tail', topic, from: offsetNamed(from) });
      }
    }
    await writing;
    for (const { client, from } of readers.filter((_, i) => i !== 0 && i !== 2)) {
      const expected = upTo(total).slice(from);
      await until(() => received(client).length >= expected.length, 'everything arrives', 20_000);
      expect(received(client).map(([offset]) => offset)).toEqual(expected);
      expect(received(client).map(([, n]) => n)).toEqual(expected);
    }
    const again = readers[2]?.client;
    if (again === undefined) throw new Error('the reader that began again is missing');
    await until(() => received(again).at(-1)?.[0] === total, 'everything arrives after beginning again');
    const offsets = received(again).map(([offset]) => offset);
    expect(offsets.slice(offsets.lastIndexOf(1))).toEqual(upTo(total));
  }, 60_000);

  it('says live once, with the last offset', async () => {
    const client = await enter(relay, org, alice);
    await append(client, upTo(3));
    client.send({ type: 'tail', topic, from: offsetNamed(1) });
    expect(await takeLive(client)).toBe(3);
    expect(received(client)).toEqual([
      [2, 2],
      [3, 3],
    ]);
    await append(client, [4]);
    await until(() => received(client).length === 3, 'the live envelope');
    expect(client.frames.some(({ type }) => type === 'live')).toBe(false);
  });

  it('tells a cursor from the future by a lower offset and skips nothing after it', async () => {
    const client = await enter(relay, org, alice);
    await append(client, [1, 2]);
    client.send({ type: 'tail', topic, from: Number.MAX_SAFE_INTEGER });
    expect(await takeLive(client)).toBe(2);
    await append(client, [3]);
    await until(() => received(client).length === 1, 'the live envelope');
    expect(received(client)).toEqual([[3, 3]]);
  });

  it('sends nothing after untail', async () => {
    const [a, b] = [await enter(relay, org, alice), await enter(relay, org, bob)];
    b.send({ type: 'tail', topic, from: 0 });
    await b.take('live');
    b.send({ type: 'untail', topic });
    b.send({ type: 'tail', topic: topicNumber(2), from: 0 });
    await b.take('live');
    await append(a, [1]);
    a.send({ type: 'append', ref: 1, items: [[topicNumber(2), envelopeNumber(2)]] });
    expect((await b.take('deliver')).topic).toBe(topicNumber(2));
    expect(b.frames).toEqual([]);
  });

  it('holds a slow reader on disk, not in memory, and gives it everything in the end', async () => {
    await restart({ outgoingBytes: 64 * 1024, pageBytes: 64 * 1024 });
    const [a, b] = [await enter(relay, org, alice), await enter(relay, org, bob)];
    b.send({ type: 'tail', topic, from: 0 });
    await b.take('live');
    b.socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    const count = 400; // 40 MB, far beyond what the sockets of the machine take in
    for (let n = 1; n <= count; n += 4) await append(a, [n, n + 1, n + 2, n + 3], 100_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(25 * 1024 * 1024);
    expect(received(b).length).toBeLessThan(count);
    b.socket.resume();
    await until(() => received(b).length >= count, 'the slow reader catches up', 20_000);
    expect(received(b).map(([offset]) => offset)).toEqual(upTo(count));
  }, 40_000);

  it('bounds the topics of one socket', async () => {
    await restart({ topicsPerConnection: 2 });
    const client = await enter(relay, org, alice);
    for (const n of [1, 2, 3]) client.send({ type: 'tail', topic: topicNumber(n), from: 0 });
    expect(await client.take('refused')).toMatchObject({ code: 'busy', topic: topicNumber(3) });
    client.send({ type: 'tail', topic: topicNumber(2), from: 0 });
    await until(() => client.frames.filter(({ type }) => type === 'live').length === 3, 'an old topic may begin again');
  });
});

describe('cast', () => {
  it('goes to the others who listen now, and is kept nowhere', async () => {
    const [a, b] = [await enter(relay, org, alice), await enter(relay, org, bob)];
    for (const client of [a, b]) {
      client.send({ type: 'tail', topic, from: 0 });
      await client.take('live');
    }
    a.send({ type: 'cast', topic, bytes: envelopeNumber(5) });
    expect(numberOf((await b.take('cast')).bytes)).toBe(5);
    const late = await enter(relay, org, bob);
    late.send({ type: 'tail', topic, from: 0 });
    expect(await takeLive(late)).toBe(0);
    expect(late.frames).toEqual([]);
    expect(a.frames).toEqual([]);
  });
});
