/** Crashes at every step there is, between the disk and everything else: what is on disk goes on, once and in order. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../../src/core/body.ts';
import { startOf } from '../../src/core/drill.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import type { DrillFacts } from '../kit/muster.ts';
import { everyone, roomIn, textsOf, write } from '../kit/rogue.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

const drill: DrillFacts = {
  announced: true,
  fromMs: 1_800_000_004_000,
  toMs: 1_800_000_004_000,
  openWithinMs: 1_000,
  answerWithinMs: 3_000,
  escalateAfterMs: 60_000,
  closeAfterMs: 6_000,
};

interface Run {
  readonly world: World;
  /** Steps that the device made until the end. */
  readonly steps: number;
}

/** A first talk, a relay that goes and comes, and a drill. Device `victim` dies in its `at`th step, after the write. */
function talk(victim: number, at: number): Run {
  const world = new World(77, { members: 3, relays: 2, drills: [drill] });
  let steps = 0;
  world.diesAfterWrite = (device) => {
    if (device !== world.device(victim)) return false;
    steps += 1;
    if (steps !== at) return false;
    world.at(150, () => world.start(victim));
    return true;
  };
  const say = (i: number, text: string) => {
    if (world.device(i).state !== undefined) write(world, i, text);
  };
  world.startAll();
  world.run(500);
  say(0, '0: one');
  say(1, '1: two');
  world.run(700);
  world.stopRelay(0);
  say(0, '0: three');
  world.run(300);
  world.startRelay(0);
  say(2, '2: four');
  world.run(3_500);
  const [plan] = world.founded.list.drills;
  if (plan !== undefined && world.device(1).state !== undefined)
    world.command(1, { type: 'answer', drill: plan.id, answer: 'there' });
  world.run(9_000);
  return { world, steps };
}

function check({ world }: Run, context: string): void {
  const [plan] = world.founded.list.drills;
  if (plan === undefined) throw new Error('a drill is planned');
  for (const [i, device] of world.devices.entries()) {
    // Whoever wrote it has it on disk, so all have it, and each author's in order.
    const own = textsOf(device).filter((text) => text.startsWith(`${i}: `));
    for (const other of world.devices)
      expect(
        textsOf(other).filter((text) => text.startsWith(`${i}: `)),
        context,
      ).toEqual(own);
    expect(new Set(textsOf(device)).size, context).toBe(textsOf(device).length);
    expect(device.refused, context).toEqual([]);
    expect(device.running.outbox.size + device.running.parked.size, context).toBe(0);
    expect([...roomIn(world, i, everyone(world).id).feeds].sort(), context).toEqual(
      [...roomIn(world, 0, everyone(world).id).feeds].sort(),
    );
    const state = device.running.drills.get(plan.id);
    expect(state?.raised.size, context).toBe(3);
    expect(state?.closed, context).toBeDefined();
    const raisedEntries = [...device.vault.entries.values()].filter(
      ({ entry }) => entry.device === device.self.device && readBody(entry.body)?.type === 'raised',
    );
    expect(raisedEntries, context).toHaveLength(1);
    expect(device.raised.length, `${context}: nobody saw the alarm`).toBeGreaterThanOrEqual(1);
  }
}

describe('a crash between the write and the sends', () => {
  it.each([
    [0, 'odd', 1],
    [0, 'even', 2],
    [1, 'odd', 1],
    [1, 'even', 2],
  ])('of device %s at any %s step loses nothing, doubles nothing and forks nothing', (victim, _, first) => {
    const { steps } = talk(victim, -1);
    expect(steps).toBeGreaterThan(30);
    for (let at = first; at <= steps; at += 2) check(talk(victim, at), `device ${victim}, step ${at} of ${steps}`);
  });
});

describe('an alarm', () => {
  it('that was on disk and not yet on the screen when the device died is raised when it is opened again', () => {
    const world = new World(78, { members: 2, drills: [drill] });
    world.start(0);
    const [plan] = world.founded.list.drills;
    if (plan === undefined) throw new Error('a drill is planned');
    world.run(startOf(world.founded.list, plan) - world.nowMs - 1);
    world.diesAfterWrite = () =>
      [...world.device(0).vault.entries.values()].some(({ entry }) => readBody(entry.body)?.type === 'raised');
    world.run(500);
    expect(world.device(0).state).toBeUndefined();
    expect(world.device(0).raised).toEqual([]);
    world.diesAfterWrite = undefined;
    world.start(0);
    expect(world.device(0).raised).toEqual([plan.id]);
    world.command(0, { type: 'answer', drill: plan.id, answer: 'there' });
    world.crash(0);
    world.start(0);
    world.run(500);
    expect(world.device(0).raised).toEqual([plan.id]);
  });
});
