/** Clocks that differ, and coordinators who are not there: a drill reaches everyone and gives one report. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assess } from '../../src/core/assess.ts';
import { readBody } from '../../src/core/body.ts';
import { startOf } from '../../src/core/drill.ts';
import { entriesOf, readLog } from '../../src/core/drillLog.ts';
import type { DrillPlan } from '../../src/core/list.ts';
import type { Report } from '../../src/core/report.ts';
import { drillRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { setClock } from '../kit/leap.ts';
import type { DrillFacts } from '../kit/muster.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

const facts: DrillFacts = {
  fromMs: 1_800_000_010_000,
  toMs: 1_800_000_020_000,
  openWithinMs: 5_000,
  answerWithinMs: 30_000,
  escalateAfterMs: 40_000,
  closeAfterMs: 60_000,
};
/** Nobody is asked to stand in. */
const alone: DrillFacts = { ...facts, escalateAfterMs: 60_000 };

function planOf(world: World): DrillPlan {
  const [plan] = world.founded.list.drills;
  if (plan === undefined) throw new Error('a drill is planned');
  return plan;
}

function reportOf(world: World, i: number): Report {
  const plan = planOf(world);
  const { list } = world.founded;
  const room = drillRoom(list, plan).id;
  const bytes = world.device(i).vault.entriesOf(room);
  return assess(list, plan, entriesOf(list, plan, readLog(list, room, bytes)));
}

const answer = (world: World, i: number) =>
  world.command(i, { type: 'answer', drill: planOf(world).id, answer: 'there' });

const toStart = (world: World, afterMs: number) =>
  world.run(startOf(world.founded.list, planOf(world)) + afterMs - world.nowMs);

describe('a drill on clocks that differ by seconds', () => {
  it('is raised once on every device, opened, closed, and reported the same by all', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const context = `seed ${seed}`;
      const world = new World(seed, { members: 5, drills: [{ ...alone, coordinators: [0, 1, 2] }] });
      for (const device of world.devices) device.clockMs = Math.floor(world.random.next() * 16_000) - 8_000;
      // Now and then no coordinator but the last is there when it starts; one comes back in the middle.
      const isLate = seed % 3 === 0;
      world.start(...(isLate ? [2, 3, 4] : [0, 1, 2, 3, 4]));
      toStart(world, 15_000);
      for (const i of isLate ? [2, 3] : [0, 2, 3]) answer(world, i);
      world.run(5_000);
      if (isLate) world.start(0);
      toStart(world, 100_000);
      if (isLate) world.start(1);
      world.run(20_000);
      for (const [i, device] of world.devices.entries()) {
        expect(device.raised, `${context}, device ${i}`).toHaveLength(isLate && i === 1 ? 0 : 1);
        expect(reportOf(world, i), context).toEqual(reportOf(world, 4));
      }
      expect(reportOf(world, 4).figures.acknowledged, context).toBe(isLate ? 2 : 3);
    }
  });

  it('that a coordinator with a fast clock has closed is still raised on a device that comes within its time', () => {
    const world = new World(40, { members: 3, drills: [alone] });
    world.start(0, 1);
    // Since it was connected: no relay has told it.
    world.device(0).clockMs = 8_000;
    toStart(world, 57_000);
    expect(world.device(1).running.drills.get(planOf(world).id)?.closed).toBeDefined();
    world.start(2);
    world.run(2_000);
    expect(world.device(2).raised).toHaveLength(1);
    answer(world, 2);
  });

  it('is opened by two coordinators at once without two drills', () => {
    const world = new World(41, { members: 4, drills: [facts] });
    world.startAll();
    world.run(4_000);
    for (const i of [2, 3]) for (const r of world.relays.keys()) world.part(i, r);
    for (const r of [1, 2]) world.part(0, r);
    world.part(1, 0);
    toStart(world, 20_000);
    world.heal();
    for (const i of [0, 1, 2, 3]) answer(world, i);
    world.run(80_000);
    const opened = [...world.device(3).vault.entries.values()].filter(
      ({ entry }) => readBody(entry.body)?.type === 'alarm',
    );
    expect(opened).toHaveLength(2);
    for (const i of world.devices.keys()) expect(reportOf(world, i)).toEqual(reportOf(world, 0));
    expect(reportOf(world, 0).figures.acknowledged).toBe(4);
  });
});

describe('a director who was away when the drill ended', () => {
  it('reads what came before closing it, so that nobody’s answer is left out of the report', () => {
    const world = new World(42, { members: 4, drills: [{ ...facts, coordinators: [0] }] });
    world.startAll();
    toStart(world, 3_000);
    expect(world.device(1).running.drills.get(planOf(world).id)?.opened).toBeDefined();
    world.crash(0);
    for (const i of [1, 2, 3]) answer(world, i);
    world.run(120_000);
    world.start(0);
    world.run(10_000);
    for (const i of world.devices.keys()) expect(reportOf(world, i).figures.acknowledged).toBe(3);
  });
});

describe('a drill and a clock that runs ahead for a while', () => {
  it('is not closed over the answers of the others by a director whose clock leapt past its end', () => {
    const world = new World(45, { members: 4, drills: [{ ...alone, coordinators: [0] }] });
    world.startAll();
    toStart(world, 3_000);
    setClock(world, 0, 86_400_000);
    world.run(10_000);
    for (const i of [1, 2, 3]) answer(world, i);
    world.run(30_000);
    setClock(world, 0, 0);
    toStart(world, 120_000);
    for (const i of world.devices.keys()) expect(reportOf(world, i).figures.acknowledged).toBe(3);
  });

  it('is raised once more when it starts, where the alarm came too soon', () => {
    const world = new World(46, { members: 3, drills: [alone] });
    world.startAll();
    world.run(2_000);
    const early = startOf(world.founded.list, planOf(world)) - world.nowMs + 1_000;
    setClock(world, 2, early);
    world.run(100);
    expect(world.device(2).raised).toHaveLength(1);
    setClock(world, 2, 0);
    toStart(world, 2_000);
    expect(world.device(2).raised).toHaveLength(2);
    answer(world, 2);
  });
});

describe('a person who stands in for several', () => {
  it('is asked for each, also for one who says later that they cannot come', () => {
    const world = new World(43, { members: 3, drills: [facts] });
    // In this list member i's deputy is member i + 1; make the middle one deputy of both others.
    const [, deputy] = world.founded.list.members;
    if (deputy === undefined) throw new Error('there are three');
    for (const member of world.founded.list.members)
      Object.assign(member, { deputies: member === deputy ? [] : [deputy.id] });
    world.startAll();
    toStart(world, 2_000);
    answer(world, 1);
    answer(world, 0);
    world.run(45_000);
    expect(world.device(1).raised).toHaveLength(2);
    world.command(0, { type: 'answer', drill: planOf(world).id, answer: 'not-available' });
    world.run(3_000);
    expect(world.device(1).raised).toHaveLength(3);
  });
});

describe('an entry from a clock that is far ahead', () => {
  it('is shown as soon as its time has come, without waiting for anything else to happen', () => {
    const world = new World(44, { members: 2, relays: 1 });
    world.startAll();
    world.run(4_000);
    world.device(0).clockMs = 3 * 3_600_000;
    const room = [...world.device(0).running.rooms.values()].find(({ info }) => info.kind === 'org')?.info.id;
    if (room === undefined) throw new Error('there is a room for everyone');
    world.command(0, { type: 'send-text', room, text: 'from later' });
    world.run(5_000);
    const entries = () => world.device(1).vault.entries.size;
    expect(entries()).toBe(0);
    expect(world.device(1).running.parked.size).toBe(1);
    world.crash(1);
    world.start(1);
    world.run(2_000);
    world.crash(0);
    world.stopRelay(0);
    world.run(3 * 3_600_000);
    expect(entries()).toBe(1);
  });
});
