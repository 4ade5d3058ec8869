/**
 * SIGKILL of a loaded relay at random moments, on one store all the time: everything acknowledged is there after the
 * restart, in order, once; and what listeners saw before the kill never gives its offset to anything else.
 *
 * A few kills here; `npm run fault -- --kills 200` for many, `--seed` for the same moments again.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { TopicId } from '../../src/wire/id.ts';
import { makeDevice, makeOrg } from '../kit/org.ts';
import { seeded } from '../kit/random.ts';
import { Reader, Record, Writer } from '../kit/record.ts';
import { dropDataDir, enter, makeDataDir, type RelayProcess, spawnRelay } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const kills = Number(process.env['KILLS'] ?? 20);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

let dataDir = '';
let relay: RelayProcess | undefined;
afterEach(() => {
  relay?.child.kill('SIGKILL');
  dropDataDir(dataDir);
});

it(`loses nothing acknowledged over ${kills} kills`, { timeout: 60_000 + kills * 5000 }, async () => {
  console.log(`kills: ${kills}, seed ${seed}`);
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random.next() * count);
  dataDir = makeDataDir();
  const org = await makeOrg();
  const [alice, bob] = [await makeDevice(), await makeDevice()];
  const admission = join(dataDir, 'admission');
  writeFileSync(admission, org.list([alice, bob]));
  const record = new Record();
  let cursors: ReadonlyMap<TopicId, number> = new Map();
  let again: readonly number[] = [];
  for (let round = 0; round <= kills; round++) {
    const running = await spawnRelay(dataDir, org.org, admission);
    relay = running;
    const readerClient = await enter(running, org, bob);
    const reader = new Reader(readerClient, record);
    // Now and then everything from the beginning, and at the end.
    cursors = await reader.readAll(round % 20 === 0 || round === kills ? undefined : cursors);
    expect(record.contradictions).toEqual([]);
    if (round === kills) break;
    const client = await enter(running, org, alice);
    const writer = new Writer(client, record);
    if (again.length > 0) writer.send(again);
    const goal = record.acknowledgedCount + below(150);
    const window = 1 + below(8);
    await until(
      () => {
        reader.look();
        while (writer.look() < window) writer.send(Array.from({ length: 1 + below(5) }, () => record.newNumber()));
        return record.acknowledgedCount >= goal;
      },
      'enough is acknowledged',
      20_000,
    );
    // And some turns on: before, in and after a commit.
    for (let turns = below(40); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    await running.kill();
    await Promise.all([client.whenClosed(), readerClient.whenClosed()]);
    writer.look();
    reader.look();
    again = writer.unanswered.filter((n) => !record.isAcknowledged(n)).slice(0, 400);
  }
  expect(record.contradictions).toEqual([]);
  expect(record.acknowledgedCount).toBeGreaterThan(kills * 20);
  expect(record.shownCount).toBeGreaterThan(kills * 20);
  expect(await relay?.stop()).toBe(0);
});
