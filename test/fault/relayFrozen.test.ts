/**
 * A relay that stands still for a while (SIGSTOP) and goes on: what was acknowledged is there, what was not is taken
 * when it is tried again, and devices come back by themselves.
 *
 * A few seconds here; `npm run fault -- --freeze 30` for longer.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passTime } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { makeDevice, makeOrg } from '../kit/org.ts';
import { Reader, Record, Writer } from '../kit/record.ts';
import { dropDataDir, enter, makeDataDir, RawClient, type RelayProcess, spawnRelay } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const freezeMs = Number(process.env['FREEZE'] ?? 3) * 1000;

let dataDir = '';
let relay: RelayProcess | undefined;
afterEach(() => {
  relay?.child.kill('SIGKILL');
  dropDataDir(dataDir);
});

it('loses nothing acknowledged, and serves those who stayed and those who came meanwhile', async () => {
  dataDir = makeDataDir();
  const org = await makeOrg();
  const [alice, bob] = [await makeDevice(), await makeDevice()];
  const admission = join(dataDir, 'admission');
  writeFileSync(admission, org.list([alice, bob]));
  const running = await spawnRelay(dataDir, org.org, admission);
  relay = running;
  const record = new Record();
  const staying = new Writer(await enter(running, org, alice), record);
  const leavingClient = await enter(running, org, alice);
  const leaving = new Writer(leavingClient, record);
  const load = () => {
    for (const writer of [staying, leaving])
      while (writer.look() < 6) writer.send([record.newNumber(), record.newNumber()]);
    return record.acknowledgedCount > 300;
  };
  await until(load, 'it is under load');

  running.child.kill('SIGSTOP');
  // One gives up and knocks again while nobody answers; the other keeps what it said.
  for (let i = 0; i < 50; i++) staying.send([record.newNumber()]);
  staying.look();
  leaving.look();
  leavingClient.close();
  const again = leaving.unanswered.filter((n) => !record.isAcknowledged(n));
  const knocking = new RawClient(running.port);
  await passTime(freezeMs);
  expect(knocking.socket.readyState).toBe(knocking.socket.CONNECTING);
  running.child.kill('SIGCONT');

  await until(() => staying.look() === 0, 'everything said before and meanwhile is answered', 20_000);
  expect(staying.refusals).toEqual([]);
  await knocking.open();
  knocking.close();
  const back = new Writer(await enter(running, org, alice), record);
  back.send(again);
  await until(() => back.look() === 0, 'what got no answer is taken now');
  for (const n of again) expect(record.isAcknowledged(n)).toBe(true);
  await new Reader(await enter(running, org, bob), record).readAll();
  expect(record.contradictions).toEqual([]);
  await running.kill();
  const fresh = await spawnRelay(dataDir, org.org, admission);
  relay = fresh;
  await new Reader(await enter(fresh, org, bob), record).readAll();
  expect(record.contradictions).toEqual([]);
  expect(await fresh.stop()).toBe(0);
}, 120_000);
