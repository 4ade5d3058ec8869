/** An operation that a new list leaves without backing: who has that list takes for in whom others know to be out. */
import { beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { makeNeed } from '../../src/core/need.ts';
import { inboxOf } from '../../src/core/room.ts';
import { fromHex } from '../../src/wire/bytes.ts';
import { inRoom, move, operate, say } from '../kit/insideRoom.ts';
import { leavesOf, signNext, without } from '../kit/nextList.ts';
import { epochIn, packetTo, roomIn, slip } from '../kit/rogue.ts';

beforeAll(loadSodium);

it('an epoch is not handed on to whom its opener knew to be out, by who takes the removal for void', () => {
  const { world, room } = inRoom(1, 4);
  operate(world, 0, room, { type: 'role', member: world.device(1).self.member, role: 'commander' });
  world.run(3_000);
  world.takeList(signNext(world, without(world.device(1), leavesOf(world))), 0, 3);
  world.run(3_000);
  move(world, 1, room, 'remove', 3);
  world.run(3_000);
  world.command(2, { type: 'heal', room });
  world.run(3_000);
  const { tag } = epochIn(world, 2, room);
  const { device, keys } = world.device(3).self;
  // The premise: it has the epoch, and by its list, and their own, the one who asks is in.
  expect(roomIn(world, 0, room).epochs.has(tag)).toBe(true);
  expect(roomIn(world, 0, room).membership.roster.has(device)).toBe(true);
  expect(roomIn(world, 2, room).membership.roster.has(device)).toBe(false);
  const facts = { device, room, tags: [fromHex(tag)], nonce: world.random(16), timeMs: world.nowMs };
  const need = packetTo(world, 0, { type: 'need', ...makeNeed(keys.sign, facts) });
  slip(world, 0, inboxOf(world.founded.list, world.device(0).self.device), need);
  world.run(10_000);
  expect(roomIn(world, 3, room).epochs.has(tag)).toBe(false);
});

it('somebody whom it lets in does not back it by their own word, which nobody else can read', () => {
  const { world, room } = inRoom(1, 4);
  const membershipOf = (i: number) => roomIn(world, i, room).membership;
  const list = signNext(world, without(world.device(2), leavesOf(world)));
  for (const i of [1, 2])
    operate(world, 0, room, { type: 'role', member: world.device(i).self.member, role: 'commander' });
  world.run(3_000);
  world.takeList(list, 0, 3);
  world.run(3_000);
  move(world, 1, room, 'remove', 1);
  world.run(3_000);
  move(world, 2, room, 'add', 1);
  world.run(3_000);
  say(world, 1, room, 'in again');
  // The premise: it was let in by the list it has.
  expect(membershipOf(1).roster.has(world.device(1).self.device)).toBe(true);
  world.run(3_000);
  world.takeList(list, 1);
  world.run(10_000);
  for (const i of [1, 3]) expect([...membershipOf(i).roster.keys()]).toEqual([...membershipOf(0).roster.keys()]);
  expect(membershipOf(0).roster.has(world.device(1).self.device)).toBe(false);
});
