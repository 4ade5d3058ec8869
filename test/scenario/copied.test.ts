/** A device of which there are two, or that was put back to an earlier state: it finds out before it contradicts itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { makeHave, sealEnvelope } from '../../src/core/envelope.ts';
import { epochIn, everyone, roomIn, talked, textsOf, write } from '../kit/rogue.ts';
import { type World, WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

/** A second one of device `i`, from a copy of its disk. */
function twinOf(world: World, i: number): number {
  const device = world.device(i);
  const twin = new WorldDevice(device.self);
  Object.assign(twin, { vault: device.vault.copy() });
  world.devices.push(twin);
  world.start(world.devices.length - 1);
  return world.devices.length - 1;
}

const isRetired = (world: World, i: number): boolean => world.device(i).running.retiredAtMs !== undefined;

/** Nobody took it for a fork: what the copy would have said was never said. */
function expectNoFork(world: World, ...others: readonly number[]): void {
  for (const i of others) {
    const { suspects, control, membership } = roomIn(world, i, everyone(world).id);
    expect([suspects.size, control.operations.size]).toEqual([0, 0]);
    expect(membership.roster.size).toBe(world.founded.selves.length);
  }
}

describe('a copy that runs at the same time', () => {
  it('is found by both within seconds, although neither writes; both write nothing more', () => {
    const world = talked(1);
    const twin = twinOf(world, 1);
    world.run(10_000);
    for (const i of [1, twin]) {
      expect(isRetired(world, i)).toBe(true);
      expect(world.device(i).refused.map(({ code }) => code)).toContain('equivocation');
      const id = world.command(i, { type: 'send-text', room: everyone(world).id, text: 'me?' });
      expect(world.device(i).results.get(id)).toMatchObject({ code: 'not-allowed' });
    }
    for (const i of [0, 2]) expect(isRetired(world, i)).toBe(false);
    expectNoFork(world, 0, 2);
  });

  it('is not what a relay makes of what this device said in an earlier run', () => {
    const world = talked(2);
    const said: Uint8Array[] = [];
    world.onStep = (device, _, __, ___, made) => {
      for (const effect of made.effects)
        if (device === world.device(1) && effect.type === 'send' && effect.frame.type === 'cast')
          said.push(effect.frame.bytes);
    };
    for (let n = 0; n < 3; n++) {
      world.crash(1);
      world.start(1);
      world.run(5_000);
    }
    expect(said.length).toBeGreaterThan(2);
    world.crash(1);
    world.start(1);
    world.run(5_000);
    for (const bytes of said) world.hand(1, 0, { type: 'cast', topic: everyone(world).topic, bytes });
    world.run(5_000);
    expect(isRetired(world, 1)).toBe(false);
  });
});

describe('a disk that was put back', () => {
  /** Device 1 from a disk of before it wrote twice. */
  function putBack(seed: number): World {
    const world = talked(seed);
    write(world, 1, 'before');
    world.run(3_000);
    const old = world.device(1).vault.copy();
    write(world, 1, 'first');
    write(world, 1, 'second');
    world.run(5_000);
    world.crash(1);
    Object.assign(world.device(1), { vault: old });
    return world;
  }

  it('is found out by the relays before it writes anything, and gets what it lost', () => {
    const world = putBack(3);
    world.start(1);
    write(world, 1, 'contradiction'); // before any relay has told anything
    world.run(30_000);
    expect(isRetired(world, 1)).toBe(true);
    expectNoFork(world, 0, 2);
    for (const i of [0, 2]) expect(textsOf(world.device(i))).toEqual(['one', 'before', 'first', 'second']);
  });

  it('gets what it lost, when nobody writes on it', () => {
    const world = putBack(4);
    world.start(1);
    world.run(30_000);
    expect(isRetired(world, 1)).toBe(true);
    expect(textsOf(world.device(1))).toEqual(['one', 'before', 'first', 'second']);
  });

  it('does not contradict itself either when it is written on before any relay is there', () => {
    const world = putBack(5);
    for (const r of world.relays.keys()) world.stopRelay(r);
    world.start(1);
    for (const text of ['a', 'b', 'c']) {
      write(world, 1, text);
      world.run(3_600_000);
    }
    for (const r of world.relays.keys()) world.startRelay(r);
    world.run(60_000);
    expect(isRetired(world, 1)).toBe(true);
    expectNoFork(world, 0, 2);
    expect(textsOf(world.device(1))).toEqual(expect.arrayContaining(['a', 'b', 'c'])); // nothing is thrown away
  });

  it('is found out by what the others hold, where every relay lost its disk', () => {
    const world = putBack(6);
    for (const r of world.relays.keys()) world.loseDisk(r);
    world.start(1);
    write(world, 1, 'contradiction');
    world.run(60_000);
    expect(isRetired(world, 1)).toBe(true);
    expectNoFork(world, 0, 2);
  });
});

it('who claims that a device wrote more than it did holds it up for a while, and no more', () => {
  const world = talked(7);
  const { id, topic } = everyone(world);
  world.crash(1);
  for (const r of world.relays.keys()) world.stopRelay(r);
  world.start(1);
  write(world, 1, 'I am sure');
  for (const r of world.relays.keys()) world.loseDisk(r);
  const { self } = world.device(0);
  const facts = { device: self.device, timeMs: world.nowMs, ask: false };
  const have = makeHave(self.keys.sign, id, { ...facts, spans: [[world.device(1).self.device, 0, 1_000]] });
  const bytes = sealEnvelope(epochIn(world, 0, id), 0, have, world.random);
  world.hand(1, 0, { type: 'cast', topic, bytes });
  world.run(15_000);
  expect(textsOf(world.device(0))).not.toContain('I am sure');
  world.run(15_000);
  expect(textsOf(world.device(0))).toContain('I am sure');
  expect(isRetired(world, 1)).toBe(false);
});
