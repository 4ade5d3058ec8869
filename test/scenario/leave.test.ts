/** Who takes themselves out of a room: what they did until then, and that they left, reaches the others all the same. */
import { beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { pickEpoch } from '../../src/engine/epoch.ts';
import { inRoom, move, operate, say } from '../kit/insideRoom.ts';
import { roomIn, textsIn } from '../kit/rogue.ts';

beforeAll(loadSodium);

const hourMs = 3_600_000;

it('while there is no epoch to send in: one is opened for it', () => {
  const { world, room } = inRoom(1, 3, 4);
  world.run(30 * hourMs);
  expect(pickEpoch(roomIn(world, 2, room), world.listOf(2), world.nowMs)).toBeUndefined();
  move(world, 2, room, 'remove', 2);
  world.run(10_000);
  say(world, 0, room, 'the two of us');
  world.run(10_000);
  for (const i of [0, 1]) expect(roomIn(world, i, room).membership.roster.size).toBe(2);
  expect(textsIn(world, 1, room)).toEqual(['the two of us']);
  expect(textsIn(world, 2, room)).toEqual([]);
  expect(roomIn(world, 2, room).unsealed).toEqual([]);
});

it('in the moment in which something older was about to be sealed again: it goes out as it was', () => {
  const { world, room } = inRoom(2, 3, 4);
  for (const r of world.relays.keys()) world.part(0, r);
  operate(world, 0, room, { type: 'role', member: world.device(1).self.member, role: 'officer' });
  say(world, 0, room, 'see you');
  world.run(14 * hourMs);
  world.heal();
  move(world, 0, room, 'remove', 0);
  world.run(30_000);
  for (const i of [1, 2]) {
    expect(roomIn(world, i, room).membership.roster.has(world.device(0).self.device)).toBe(false);
    expect(textsIn(world, i, room)).toEqual(['see you']);
    expect(world.device(i).running.parked.size).toBe(0);
  }
  expect(world.device(0).running.outbox.size).toBe(0);
});
