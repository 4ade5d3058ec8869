/** A disk that is full, takes no write or gives back other bytes: the relay says so, keeps serving reads, and recovers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allowWriting, forbidWriting, makeSmallDisk, type SmallDisk } from '../kit/disk.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import { seeded } from '../kit/random.ts';
import { Reader, Record, recordTopics, Writer } from '../kit/record.ts';
import {
  dropDataDir,
  enter,
  envelopeNumber,
  getPage,
  greet,
  makeDataDir,
  prove,
  type RelayProcess,
  spawnRelay,
  topicNumber,
} from '../kit/relay.ts';
import { until } from '../kit/until.ts';

let org: TestOrg;
let alice: TestDevice;
let bob: TestDevice;
let relay: RelayProcess | undefined;
let admission = '';
let listDir = '';

beforeEach(async () => {
  org = await makeOrg();
  [alice, bob] = [await makeDevice(), await makeDevice()];
  listDir = makeDataDir();
  admission = join(listDir, 'admission');
  writeFileSync(admission, org.list([alice, bob]));
});
afterEach(() => {
  relay?.child.kill('SIGKILL');
  relay = undefined;
  dropDataDir(listDir);
});

const start = async (dataDir: string) => {
  const running = await spawnRelay(dataDir, org.org, admission);
  relay = running;
  const pid = running.child.pid;
  if (pid === undefined) throw new Error('a relay without a process');
  return { running, pid };
};

/** Appends until the writer has an answer, as a device that tries again does. */
const appendUntil = (writer: Writer, record: Record, isDone: () => boolean, what: string) =>
  until(
    () => {
      if (writer.look() === 0) writer.send([record.newNumber(), record.newNumber(), record.newNumber()]);
      return isDone();
    },
    what,
    20_000,
  );

/** The whole story: well, ill, reading all the same, well again, and nothing acknowledged was lost over it. */
async function fallsIllAndRecovers(dataDir: string, ill: (pid: number) => void, well: (pid: number) => void) {
  const { running, pid } = await start(dataDir);
  const record = new Record();
  const writer = new Writer(await enter(running, org, alice), record);
  await appendUntil(writer, record, () => record.acknowledgedCount >= 60, 'sixty are acknowledged');
  expect((await getPage(running.port, '/healthz', 'https')).status).toBe(200);

  ill(pid);
  await appendUntil(writer, record, () => writer.refusals.length >= 3, 'appends are refused');
  expect(new Set(writer.refusals)).toEqual(new Set(['disk']));
  expect((await getPage(running.port, '/healthz', 'https')).status).toBe(503);
  const acknowledged = record.acknowledgedCount;
  // Reads go on, for whoever was there and for whoever comes now; so do casts.
  const reading = await enter(running, org, bob);
  const reader = new Reader(reading, record);
  await reader.readAll();
  expect(record.contradictions).toEqual([]);
  const [topic] = recordTopics;
  if (topic === undefined) throw new Error('no topic');
  const caster = await enter(running, org, alice);
  caster.send({ type: 'cast', topic, bytes: envelopeNumber(1) });
  await reading.take('cast');
  // A revocation is in force though it cannot be kept.
  caster.send({ type: 'admit', ref: 9, list: org.list([alice], { version: 2 }) });
  expect((await reading.take('refused')).code).toBe('not-admitted');
  await reading.whenClosed();
  const { client, challenge } = await greet(running.port);
  prove(client, challenge, running.pin, org.org, bob);
  expect((await client.take('refused')).code).toBe('not-admitted');

  well(pid);
  await appendUntil(writer, record, () => record.acknowledgedCount > acknowledged, 'appends are taken again');
  await until(
    async () => (await getPage(running.port, '/healthz', 'https')).status === 200,
    'it says it is well',
    20_000,
  );
  expect(record.contradictions).toEqual([]);
  await running.kill();
  const again = await start(dataDir);
  await new Reader(await enter(again.running, org, alice), record).readAll();
  expect(record.contradictions).toEqual([]);
  expect(await again.running.stop()).toBe(0);
}

describe('a disk', () => {
  let disk: SmallDisk;
  beforeEach(() => {
    disk = makeSmallDisk();
  });
  afterEach(() => {
    relay?.child.kill('SIGKILL');
    disk.drop();
  });

  it('that is full stops appends with "disk" and nothing else, until there is room', async () => {
    console.log(`the disk is ${disk.kind}`);
    await fallsIllAndRecovers(disk.dataDir, disk.fill, disk.free);
  }, 60_000);
});

describe('a data directory', () => {
  let dataDir = '';
  beforeEach(() => {
    dataDir = makeDataDir();
  });
  afterEach(() => {
    relay?.child.kill('SIGKILL');
    dropDataDir(dataDir);
  });

  it(
    'that takes no write at all stops appends with "disk" and nothing else, until it does',
    () => fallsIllAndRecovers(dataDir, forbidWriting, allowWriting),
    60_000,
  );

  it('with a damaged database: it goes on or says so, and never crashes over it or shows what nobody sent', async () => {
    const random = seeded(11);
    const { running } = await start(dataDir);
    const record = new Record();
    const writer = new Writer(await enter(running, org, alice), record);
    await appendUntil(writer, record, () => record.acknowledgedCount >= 1500, 'much is acknowledged');
    expect(await running.stop()).toBe(0);
    const path = join(dataDir, 'relay.db');
    const whole = readFileSync(path);
    let served = 0;
    for (let round = 0; round < 6; round++) {
      const damaged = Buffer.from(whole);
      // Behind the first page, which holds the schema: a file without it is no database and is not opened.
      const from = 4096 + Math.floor(random.next() * (whole.length - 20_000));
      for (let i = 0; i < 16_000; i++) damaged[from + i] = (damaged[from + i] ?? 0) ^ Math.floor(random.next() * 256);
      writeFileSync(path, damaged);
      let ill: RelayProcess;
      try {
        ill = (await start(dataDir)).running;
      } catch (error) {
        // It did not start: with a sentence and by itself.
        expect(String(error)).toMatch(/ended with 1: .*(database|relay)/);
        continue;
      }
      served += 1;
      for (const topic of recordTopics) {
        const client = await enter(ill, org, bob);
        client.send({ type: 'tail', topic, from: 0 });
        await until(
          () => client.closed ?? client.frames.find(({ type }) => type === 'live' || type === 'refused'),
          'it reads to the end or says that it cannot',
          20_000,
        );
        for (const frame of client.frames)
          if (frame.type === 'refused') expect(['broken', 'disk']).toContain(frame.code);
        client.close();
      }
      const client = await enter(ill, org, alice);
      client.send({ type: 'append', ref: 1, items: [[topicNumber(200), envelopeNumber(1)]] });
      const answer = await until(
        () => client.frames.find(({ type }) => type === 'appended' || type === 'refused') ?? client.closed,
        'an append is answered',
      );
      const isTaken = 'type' in answer && answer.type === 'appended';
      const health = await getPage(ill.port, '/healthz', 'https');
      if (!isTaken) expect(health.status).toBe(503);
      expect(ill.child.exitCode).toBeNull();
      expect(await ill.stop()).toBe(0);
      writeFileSync(path, whole);
    }
    expect(served).toBeGreaterThan(0);
  }, 120_000);
});
