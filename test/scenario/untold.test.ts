/** An operation that could not be sent for so long that it goes out in an epoch which names it. */
import { beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom, operate, say } from '../kit/insideRoom.ts';
import { roomIn, textsIn } from '../kit/rogue.ts';

beforeAll(loadSodium);

it('is told to the others beside it: they could not open the one without the other', () => {
  const { world, room } = inRoom(1, 3, 4);
  for (const r of world.relays.keys()) world.part(0, r);
  operate(world, 0, room, { type: 'role', member: world.device(1).self.member, role: 'officer' });
  say(world, 0, room, 'I am back');
  world.run(30 * 3_600_000);
  world.heal();
  world.run(30_000);
  for (const i of [1, 2]) {
    expect(textsIn(world, i, room)).toEqual(['I am back']);
    expect([...roomIn(world, i, room).membership.verdicts.values()]).toEqual(['counts']);
  }
});
