/** Envelopes carried by hand: no relay at all, both ways, and what becomes of them once there is one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import { everyone, textsOf, write } from '../kit/rogue.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

function unreachable(seed: number, members = 2): World {
  const world = new World(seed, { members, relays: 2 });
  for (const r of world.relays.keys()) world.stopRelay(r);
  world.startAll();
  world.run(5_000);
  return world;
}

const sorted = (world: World, i: number) => [...textsOf(world.device(i))].sort();

describe('two devices that never reached a relay', () => {
  it('exchange everything through files, both ways, for days', () => {
    const world = unreachable(1);
    const said: string[] = [];
    for (let day = 0; day < 4; day++) {
      for (const i of [0, 1]) {
        said.push(`${i}: day ${day}`);
        write(world, i, `${i}: day ${day}`);
      }
      world.carry(0, 1);
      world.run(1_000);
      world.carry(1, 0);
      world.run(1_000);
      world.carry(0, 1);
      world.run(86_400_000);
    }
    for (const i of [0, 1]) {
      expect(sorted(world, i)).toEqual(said.sort());
      expect(world.device(i).refused.filter(({ code }) => code !== 'unknown-key')).toEqual([]);
      expect(world.device(i).running.retiredAtMs).toBeUndefined();
    }
  });

  it('take the same file any number of times and in any order, and nothing comes twice', () => {
    const world = unreachable(2);
    for (let n = 0; n < 5; n++) write(world, 0, `${n}`);
    for (let n = 0; n < 3; n++) {
      world.carry(0, 1);
      world.run(500);
      world.crash(1);
      world.start(1);
    }
    expect(textsOf(world.device(1))).toEqual(['0', '1', '2', '3', '4']);
    const { size } = world.device(1).vault.shelf;
    world.carry(0, 1);
    expect(world.device(1).vault.shelf.size).toBe(size);
  });

  it('have nothing shown as held by a relay', () => {
    const world = unreachable(3);
    write(world, 0, 'one');
    world.carry(0, 1);
    world.carry(1, 0);
    world.run(2_000);
    expect([world.device(0).vault.held.size, world.device(1).vault.held.size]).toEqual([0, 0]);
    expect(world.device(0).running.outbox.size).toBeGreaterThan(0);
  });
});

describe('what came by hand', () => {
  it('is brought to relays by whoever reaches one, though its author is gone', () => {
    const world = unreachable(4, 3);
    world.crash(2);
    write(world, 0, 'carried out');
    world.carry(0, 1);
    world.run(2_000);
    world.crash(0);
    for (const r of world.relays.keys()) world.startRelay(r);
    world.run(60_000);
    const ids = world.relays.map(
      (relay) => new Set((relay.topics.get(everyone(world).topic) ?? []).map(({ bytes }) => idOfEnvelope(bytes))),
    );
    const sent = [...world.device(0).vault.parcels.values()].filter(({ entry }) => entry !== undefined);
    expect(sent.length).toBeGreaterThan(0);
    for (const { id } of sent) for (const each of ids) expect(each.has(id)).toBe(true);
  });

  it('is nothing to a device it is not for', () => {
    const world = new World(5, { members: 3, relays: 1 });
    world.startAll();
    world.run(5_000);
    const members = world.founded.selves.map(({ member }) => member);
    const [, second] = members;
    if (second === undefined) throw new Error('there are three');
    const { room } = world.result(0, world.command(0, { type: 'create-room', title: 'two of us', members: [second] }));
    world.command(0, { type: 'send-text', room, text: 'not for the third' });
    world.run(5_000);
    const before = world.device(2).vault.shelf.size;
    world.carry(0, 2);
    world.run(2_000);
    expect(textsOf(world.device(2))).toEqual([]);
    expect(world.device(2).vault.shelf.size).toBe(before);
    expect(world.device(2).running.parked.size).toBe(0);
  });
});
