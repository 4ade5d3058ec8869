import { beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../../src/core/assess.ts';
import { makeCertificate, makeDeviceKeys } from '../../src/core/certificate.ts';
import { startOf } from '../../src/core/drill.ts';
import { entriesOf, readLog } from '../../src/core/drillLog.ts';
import { deviceOf, memberOf } from '../../src/core/id.ts';
import { makeSignKey } from '../../src/core/key.ts';
import { makeLeaf } from '../../src/core/leaf.ts';
import { type MusterList, readList, redactList } from '../../src/core/list.ts';
import type { Report } from '../../src/core/report.ts';
import { drillRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { checkPack } from '../../src/evidence/check.ts';
import { exportPack } from '../../src/evidence/export.ts';
import { makeLogCheck } from '../../src/evidence/log.ts';
import { type DrillFacts, signList } from '../kit/muster.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

const facts: DrillFacts = {
  fromMs: 1_800_000_010_000,
  toMs: 1_800_000_020_000,
  openWithinMs: 5_000,
  answerWithinMs: 30_000,
  escalateAfterMs: 40_000,
  closeAfterMs: 90_000,
  coordinators: [0, 1],
};

const planOf = (list: MusterList) => {
  const [plan] = list.drills;
  if (plan === undefined) throw new Error('no drill planned');
  return plan;
};

function reportOf(world: World, device: number, list = world.founded.list): Report {
  const plan = planOf(world.founded.list);
  const room = drillRoom(world.founded.list, plan).id;
  return assess(list, plan, entriesOf(list, plan, readLog(list, room, entriesIn(world, device))));
}

function entriesIn(world: World, device: number): readonly Uint8Array[] {
  const room = drillRoom(world.founded.list, planOf(world.founded.list)).id;
  return [...world.device(device).vault.entries.values()]
    .filter(({ entry }) => entry.room === room)
    .map(({ entry }) => entry.bytes);
}

function toStart(world: World): void {
  const startMs = startOf(world.founded.list, planOf(world.founded.list));
  world.run(startMs - world.nowMs + 1_000);
}

const answer = (world: World, i: number, standInFor?: number) =>
  world.command(i, {
    type: 'answer',
    drill: planOf(world.founded.list).id,
    answer: 'there',
    ...(standInFor === undefined ? {} : { standInFor: world.device(standInFor).self.member }),
  });

describe('a drill', () => {
  it('starts by itself on every device, at the same unannounced moment', () => {
    const world = new World(1, { members: 5, drills: [facts] });
    world.startAll();
    world.run(9_000);
    expect(world.devices.flatMap((device) => device.raised)).toEqual([]);
    toStart(world);
    for (const device of world.devices) expect(device.raised).toHaveLength(1);
  });

  it('is reported the same by every device and from a copy of the list made for outsiders', () => {
    const world = new World(2, { members: 5, drills: [facts] });
    world.startAll();
    toStart(world);
    for (const i of [0, 1, 2]) {
      world.run(2_000);
      answer(world, i);
    }
    world.run(35_000);
    answer(world, 3);
    // Member 4 stays silent; its first deputy is member 0.
    world.run(15_000);
    answer(world, 0, 4);
    world.run(60_000);
    const report = reportOf(world, 1);
    expect(report.figures).toMatchObject({
      members: 5,
      reached: 5,
      acknowledged: 4,
      inTime: 3,
      late: 1,
      silent: 1,
      stoodInFor: 1,
    });
    expect(report.participants[4]?.standIn?.ref).toBe('P01');
    expect(report.result).toBe('fail');
    for (const i of world.devices.keys()) expect(reportOf(world, i)).toEqual(report);
    const outside = readList(
      redactList(
        world.founded.listBytes,
        (body) => body.type === 'member' || body.type === 'relay' || body.type === 'drill',
      ),
    );
    expect(outside.rendezvous).toBeUndefined();
    expect(reportOf(world, 2, outside)).toEqual(report);
  });

  it('has an evidence pack whose list shows former devices, and counts none of them', async () => {
    const world = new World(8, { members: 3, drills: [facts] });
    world.startAll();
    toStart(world);
    for (const i of [0, 1]) answer(world, i);
    world.run(120_000);
    const { genesis, custodians, leaves, list } = world.founded;
    const keys = makeDeviceKeys(world.random);
    const identity = makeSignKey(world.random);
    const former = {
      type: 'former',
      member: memberOf(identity.publicKey),
      identity: identity.publicKey,
      certificate: makeCertificate(identity, keys, 'old laptop', world.nowMs),
      role: 'commander',
      since: 1,
      until: 2,
    } as const;
    const listBytes = signList(genesis, custodians, [...leaves, makeLeaf(former, world.random)], {
      version: 2,
      previous: world.founded.list.id,
    });
    const { report, files } = await exportPack({
      list: readList(listBytes),
      listBytes,
      drill: planOf(list).id,
      room: drillRoom(list, planOf(list)).id,
      entries: entriesIn(world, 0),
      signer: { device: world.device(0).self.device, key: world.device(0).self.keys.evidence },
      withNames: true,
    });
    expect(report.figures).toMatchObject({ members: 3, acknowledged: 2 });
    expect(report.participants).toHaveLength(3);
    expect(await checkPack(files, makeLogCheck(list.org))).toEqual([]);
    const copy = readList(files.get('directory/list.cbor') ?? new Uint8Array());
    expect([...copy.former.values()].map(({ id, name }) => [id, name])).toEqual([
      [deviceOf(keys.sign.publicKey), 'old laptop'],
    ]);
    expect([copy.rendezvous, copy.members[0]?.contacts]).toEqual([undefined, undefined]);
  });

  it('is opened by the next coordinator when the first is off', () => {
    const world = new World(3, { members: 5, drills: [facts] });
    world.start(1, 2, 3, 4);
    toStart(world);
    world.run(8_000);
    expect(world.device(2).running.drills.get(planOf(world.founded.list).id)?.opened?.device).toBe(
      world.device(1).self.device,
    );
    for (const i of [1, 2, 3, 4]) answer(world, i);
    world.run(110_000);
    const report = reportOf(world, 3);
    expect(report.figures).toMatchObject({ acknowledged: 4, unreachable: 1 });
    expect(report.drill.director).toBe('P02');
  });

  it('carries on when a relay dies in the middle, and says so', () => {
    const world = new World(4, { members: 5, drills: [facts] });
    world.startAll();
    toStart(world);
    answer(world, 0);
    world.run(3_000);
    world.stopRelay(1);
    world.run(1_000);
    for (const i of [1, 2, 3, 4]) answer(world, i);
    world.run(100_000);
    const report = reportOf(world, 2);
    expect(report.figures.acknowledged).toBe(5);
    expect(report.relays[1]).toMatchObject({ ref: 'R2', lostBy: 5, answersAfterLoss: 4, reachedBy: 5 });
    expect(report.objectives.find((each) => each.id === 'O4')?.met).toBe(true);
    expect(report.result).toBe('pass-with-findings');
  });

  it('asks deputies when somebody is silent, and stops asking once one stepped in', () => {
    const world = new World(5, { members: 3, drills: [facts] });
    world.startAll();
    toStart(world);
    answer(world, 0);
    answer(world, 1);
    world.run(45_000);
    // Member 2's deputy is member 0: raised once for the drill and once to step in.
    expect(world.device(0).raised).toHaveLength(2);
    expect(world.device(1).raised).toHaveLength(1);
    expect(() => world.result(1, answer(world, 1, 2))).toThrow('not a deputy');
    world.result(0, answer(world, 0, 2));
  });

  it('does not take an answer once it is over, nor before it started', () => {
    const world = new World(6, { members: 3, drills: [facts] });
    world.startAll();
    world.run(1_000);
    expect(() => world.result(0, answer(world, 0))).toThrow('not running');
    toStart(world);
    world.run(120_000);
    expect(() => world.result(0, answer(world, 0))).toThrow('not running');
  });

  it('refuses a report from a log with a hole', () => {
    const world = new World(7, { members: 3, drills: [facts] });
    world.startAll();
    toStart(world);
    answer(world, 1);
    world.run(120_000);
    const plan = planOf(world.founded.list);
    const room = drillRoom(world.founded.list, plan).id;
    const entries = [...world.device(0).vault.entries.values()]
      .filter(({ entry }) => entry.room === room)
      .map(({ entry }) => entry);
    expect(() => entriesOf(world.founded.list, plan, entries)).not.toThrow();
    for (const missing of entriesOf(world.founded.list, plan, entries).slice(0, -1)) {
      expect(() =>
        entriesOf(
          world.founded.list,
          plan,
          entries.filter((entry) => entry !== missing),
        ),
      ).toThrow('not in the log');
    }
  });
});
