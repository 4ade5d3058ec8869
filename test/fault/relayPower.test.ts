/**
 * Power loss: of a relay under load the files are taken as they are, what was written after the last acknowledgement is
 * torn, and the relay is opened on the rest. Everything acknowledged is there, nothing that is there is damaged.
 *
 * That an acknowledgement waits for fsync cannot be seen from the files of a machine that goes on running; the pragma
 * is held by test/relay/crash.test.ts, the calls by `npm run fault -- --trace` where there is a strace.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from '@signalapp/sqlcipher';
import { afterEach, expect, it } from 'vitest';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import { seeded } from '../kit/random.ts';
import { Reader, Record, Writer } from '../kit/record.ts';
import { dropDataDir, enter, makeDataDir, type RelayProcess, spawnRelay, startTestRelay } from '../kit/relay.ts';
import { layOut, logEnd, takePicture, tear } from '../kit/torn.ts';
import { until } from '../kit/until.ts';

const cuts = Number(process.env['CUTS'] ?? 15);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

const dirs: string[] = [];
let relay: RelayProcess | undefined;
const newDir = () => {
  const dir = makeDataDir();
  dirs.push(dir);
  return dir;
};
afterEach(() => {
  relay?.child.kill('SIGKILL');
  for (const dir of dirs.splice(0)) dropDataDir(dir);
});

/** Opens a relay on what is left and reads everything. */
async function readLeft(dataDir: string, record: Record, due: ReadonlySet<number>, org: TestOrg, device: TestDevice) {
  const left = await startTestRelay([org.org], { dataDir });
  try {
    const client = await enter(left, org, device);
    await new Reader(client, record).readAll(undefined, due);
    client.close();
  } finally {
    await left.close();
  }
  const database = new Database(join(dataDir, 'relay.db'));
  const sound = database.pragma('integrity_check', { simple: true });
  database.close();
  return sound;
}

it(`keeps everything acknowledged over ${cuts} power cuts`, { timeout: 60_000 + cuts * 10_000 }, async () => {
  console.log(`cuts: ${cuts}, seed ${seed}`);
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random.next() * count);
  const dataDir = newDir();
  const org = await makeOrg();
  const [alice, bob] = [await makeDevice(), await makeDevice()];
  const admission = join(dataDir, 'admission');
  writeFileSync(admission, org.list([alice, bob]));
  const record = new Record();
  const running = await spawnRelay(dataDir, org.org, admission);
  relay = running;
  const pid = running.child.pid;
  if (pid === undefined) throw new Error('a relay without a process');
  const writer = new Writer(await enter(running, org, alice), record);
  const some = (count: number) => Array.from({ length: count }, () => record.newNumber());
  let states = 0;
  let torn = 0;
  for (let cut = 0; cut < cuts; cut++) {
    for (let i = 1 + below(5); i > 0; i--) writer.send(some(1 + below(20)));
    await until(() => writer.look() === 0, 'everything is acknowledged');
    const early = await takePicture(pid, dataDir);
    const dueEarly = record.acknowledged();
    // Some on their way to the disk, some already there.
    for (let i = 1 + below(12); i > 0; i--) {
      writer.send(some(1 + below(30)));
      for (let turns = below(12); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    }
    writer.look();
    const dueLate = record.acknowledged();
    const late = await takePicture(pid, dataDir);
    for (const { picture, isWhole } of tear(early, late, () => random.next())) {
      states += 1;
      if (!isWhole) torn += 1;
      const left = newDir();
      layOut(dataDir, left, picture);
      expect(await readLeft(left, record, isWhole ? dueLate : dueEarly, org, bob)).toBe('ok');
      expect(record.contradictions).toEqual([]);
      dropDataDir(left);
    }
  }
  expect(record.acknowledgedCount).toBeGreaterThan(cuts * 10);
  expect(states).toBeGreaterThan(cuts);
  expect(torn).toBeGreaterThan(0);
  expect(await running.stop()).toBe(0);
});

it('finds the end of a log by its salts, and tears nothing before it', () => {
  const [pageBytes, salt] = [1024, Buffer.from('saltsalt')];
  const head = Buffer.alloc(32);
  head.writeUInt32BE(pageBytes, 8);
  salt.copy(head, 16);
  const frame = (mark: string) => {
    const bytes = Buffer.alloc(24 + pageBytes, 7);
    bytes.write(mark, 8, 'latin1');
    return bytes;
  };
  const early = Buffer.concat([head, frame('saltsalt'), frame('oldoldol')]);
  const late = Buffer.concat([head, frame('saltsalt'), frame('saltsalt'), frame('saltsalt')]);
  expect([logEnd(early), logEnd(late), logEnd(Buffer.alloc(5))]).toEqual([32 + 1048, 32 + 3 * 1048, 0]);
  const database = Buffer.alloc(4096, 1);
  const random = seeded(5);
  const states = tear({ database, log: early }, { database, log: late }, () => random.next());
  expect(states.length).toBe(4);
  for (const { picture } of states) {
    expect(picture.log.length).toBeGreaterThanOrEqual(1080);
    expect(picture.log.subarray(0, 1080).equals(late.subarray(0, 1080))).toBe(true);
  }
  expect(states.filter(({ picture }) => !picture.log.equals(late)).length).toBeGreaterThan(0);
});
