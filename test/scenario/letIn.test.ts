/** Somebody is let into an epoch that was opened before they came: what puts them out again has to end it. */
import { beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom, move, say } from '../kit/insideRoom.ts';
import { epochIn, textsIn } from '../kit/rogue.ts';

beforeAll(loadSodium);

it('who was let in and is put out again reads nothing more, although the epoch was not announced to them', () => {
  const { world, room } = inRoom(1, 3, 4);
  const before = epochIn(world, 0, room);
  world.run(20 * 60_000);
  move(world, 0, room, 'add', 3);
  world.run(5_000);
  say(world, 1, room, 'welcome');
  world.run(5_000);
  expect(textsIn(world, 3, room)).toEqual(['welcome']);
  expect(epochIn(world, 1, room).id).toBe(before.id);
  move(world, 0, room, 'remove', 3);
  world.run(5_000);
  say(world, 1, room, 'without you');
  say(world, 0, room, 'nor this');
  world.run(60_000);
  expect(textsIn(world, 3, room)).toEqual(['welcome']);
  expect(textsIn(world, 2, room).toSorted()).toEqual(['nor this', 'welcome', 'without you']);
  for (const i of [0, 1, 2]) expect(epochIn(world, i, room).id).not.toBe(before.id);
});

it('also where the two who removed them, and let them in, did not know of each other', () => {
  const { world, room } = inRoom(2, 4, 5);
  move(world, 0, room, 'add', 4);
  world.run(5_000);
  for (const r of world.relays.keys()) world.part(1, r);
  world.run(1_000);
  move(world, 0, room, 'remove', 4);
  world.run(3_000);
  say(world, 1, room, 'do you hear me?');
  world.heal();
  world.run(30_000);
  say(world, 1, room, 'without you');
  world.run(60_000);
  expect(textsIn(world, 4, room)).not.toContain('without you');
  expect(textsIn(world, 3, room)).toContain('without you');
});
