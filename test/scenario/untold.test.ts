/** An operation in a room that has been silent for so long that it goes out in an epoch which names it. */
import { beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom, operate, say } from '../kit/insideRoom.ts';
import { roomIn, textsIn } from '../kit/rogue.ts';

beforeAll(loadSodium);

it('is told to the others beside it: they could not open the one without the other, and would have to ask', () => {
  const { world, room } = inRoom(1, 3, 4);
  world.run(30 * 3_600_000);
  operate(world, 0, room, { type: 'role', member: world.device(1).self.member, role: 'officer' });
  say(world, 0, room, 'after a quiet day');
  // Less than it takes until the first of them asks.
  world.run(2_000);
  for (const i of [1, 2]) {
    expect(textsIn(world, i, room)).toEqual(['after a quiet day']);
    expect([...roomIn(world, i, room).membership.verdicts.values()]).toEqual(['counts']);
  }
});
