/** Who is in a room, as several devices come to see it: removed, let in, at the same time, and by a later list. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/core/id.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { pickEpoch } from '../../src/engine/epoch.ts';
import { inRoom, operate, say } from '../kit/insideRoom.ts';
import { epochIn, roomIn, textsIn } from '../kit/rogue.ts';
import type { World } from '../kit/world.ts';

beforeAll(loadSodium);

const member = (world: World, i: number) => world.device(i).self.member;

const rosters = (world: World, room: RoomId, ...devices: readonly number[]) =>
  devices.map((i) => [...roomIn(world, i, room).membership.roster.keys()].sort());

describe('a member who is removed', () => {
  it('reads what was written before, and nothing that is written by anyone who knows', () => {
    const { world, room } = inRoom(1, 4, 5);
    say(world, 3, room, 'still in');
    world.run(2_000);
    operate(world, 0, room, { type: 'remove', members: [member(world, 3)], devices: [] });
    world.run(3_000);
    say(world, 1, room, 'without her');
    say(world, 0, room, 'nor this');
    world.run(5_000);
    for (const i of [0, 1, 2])
      expect(textsIn(world, i, room).toSorted()).toEqual(['nor this', 'still in', 'without her']);
    expect(textsIn(world, 3, room)).toEqual(['still in']);
    expect(() => say(world, 3, room, 'hello?')).toThrow('not in this room any more');
    const inside = [0, 1, 2].map((i) => world.device(i).self.device).sort();
    expect(rosters(world, room, 0, 1, 2, 3)).toEqual([inside, inside, inside, inside]);
    // One epoch, opened by who removed, and everyone sends in it.
    expect(new Set([0, 1, 2].map((i) => epochIn(world, i, room).id)).size).toBe(1);
    expect(epochIn(world, 1, room).device).toBe(world.device(0).self.device);
  });

  it('and writes on without having heard of it: that is kept, does not count, and is the same on every device', () => {
    const { world, room } = inRoom(2, 4, 5);
    say(world, 3, room, 'before');
    world.run(2_000);
    for (const r of world.relays.keys()) world.part(3, r);
    operate(world, 0, room, { type: 'remove', members: [member(world, 3)], devices: [] });
    world.run(3_000);
    say(world, 3, room, 'after, but I do not know');
    world.heal();
    world.run(8_000);
    const author = world.device(3).self.device;
    for (const i of [0, 1, 2, 3]) {
      expect(roomIn(world, i, room).feeds.get(author)?.count).toBe(2);
      expect(roomIn(world, i, room).voids.get(author)).toEqual([{ from: 1 }]);
    }
  });

  it('is put out however many epochs were opened before: another device opens the next', () => {
    const { world, room } = inRoom(11, 4, 5);
    for (let n = 0; n < 19; n++) {
      world.result(0, world.command(0, { type: 'heal', room }));
      world.run(1_000);
    }
    expect(() => world.result(0, world.command(0, { type: 'heal', room }))).toThrow('many new keys');
    operate(world, 0, room, { type: 'remove', members: [member(world, 3)], devices: [] });
    world.run(3_000);
    say(world, 1, room, 'without her');
    world.run(10_000);
    expect(textsIn(world, 0, room)).toEqual(['without her']);
    expect(textsIn(world, 3, room)).toEqual([]);
  });

  it('by somebody without the right stays, and nothing happened', () => {
    const { world, room } = inRoom(3, 3, 4);
    const before = roomIn(world, 1, room);
    expect(() => operate(world, 1, room, { type: 'remove', members: [member(world, 2)], devices: [] })).toThrow(
      'may not do this',
    );
    expect(roomIn(world, 1, room)).toEqual(before);
  });
});

describe('a member who is let in', () => {
  it('reads and writes from then on, and nothing of what was before', () => {
    const { world, room } = inRoom(4, 3, 4);
    say(world, 0, room, 'secret of the three');
    say(world, 1, room, 'mine too');
    world.run(20 * 60_000);
    operate(world, 0, room, { type: 'add', members: [member(world, 3)], devices: [] });
    say(world, 2, room, 'welcome');
    world.run(5_000);
    say(world, 3, room, 'thank you');
    say(world, 1, room, 'what did we miss');
    world.run(5_000);
    const after = ['welcome', 'thank you', 'what did we miss'].sort();
    expect(textsIn(world, 3, room).toSorted()).toEqual(after);
    for (const i of [0, 1, 2])
      expect(textsIn(world, i, room).toSorted()).toEqual(['mine too', 'secret of the three', ...after].sort());
    // No new epoch: the one in use, from its present bucket on.
    expect(roomIn(world, 3, room).epochs.size).toBe(1);
    expect(epochIn(world, 3, room).bucket).toBe(1);
  });

  it('is given what was before where the policy says so', () => {
    const { world, room } = inRoom(5, 3, 4);
    say(world, 0, room, 'secret of the three');
    world.run(2_000);
    operate(world, 0, room, { type: 'policy', history: 'all', horizon: 'default' });
    world.run(20 * 60_000);
    operate(world, 0, room, { type: 'add', members: [member(world, 3)], devices: [] });
    say(world, 0, room, 'read up');
    world.run(60_000);
    expect(textsIn(world, 3, room).toSorted()).toEqual(['read up', 'secret of the three']);
  });

  it('again after a removal, by somebody who knew of it', () => {
    const { world, room } = inRoom(6, 3, 4);
    operate(world, 0, room, { type: 'remove', members: [member(world, 2)], devices: [] });
    world.run(3_000);
    say(world, 1, room, 'without');
    world.run(20 * 60_000);
    operate(world, 0, room, { type: 'add', members: [member(world, 2)], devices: [] });
    world.run(5_000);
    say(world, 1, room, 'with');
    say(world, 2, room, 'back');
    world.run(5_000);
    expect(textsIn(world, 2, room).toSorted()).toEqual(['back', 'with']);
    expect(textsIn(world, 0, room).toSorted()).toEqual(['back', 'with', 'without']);
  });
});

describe('at the same time', () => {
  it('two people remove two others: all devices agree, and neither of the two reads on', () => {
    const { world, room } = inRoom(7, 5, 6);
    operate(world, 0, room, { type: 'role', member: member(world, 1), role: 'commander' });
    world.run(3_000);
    for (const r of world.relays.keys()) world.part(1, r);
    operate(world, 0, room, { type: 'remove', members: [member(world, 3)], devices: [] });
    operate(world, 1, room, { type: 'remove', members: [member(world, 4)], devices: [] });
    world.run(3_000);
    world.heal();
    world.run(10_000);
    say(world, 2, room, 'the three of us');
    world.run(10_000);
    const inside = [0, 1, 2].map((i) => world.device(i).self.device).sort();
    expect(rosters(world, room, 0, 1, 2)).toEqual([inside, inside, inside]);
    for (const i of [0, 1, 2]) expect(textsIn(world, i, room)).toEqual(['the three of us']);
    for (const i of [3, 4]) expect(textsIn(world, i, room)).toEqual([]);
  });

  it('two commanders remove each other: the senior stays, and everyone sees that it is contested', () => {
    const { world, room } = inRoom(8, 3, 4);
    operate(world, 0, room, { type: 'role', member: member(world, 1), role: 'commander' });
    world.run(3_000);
    for (const r of world.relays.keys()) world.part(1, r);
    operate(world, 0, room, { type: 'remove', members: [member(world, 1)], devices: [] });
    operate(world, 1, room, { type: 'remove', members: [member(world, 0)], devices: [] });
    world.run(3_000);
    world.heal();
    world.run(10_000);
    const [a, b, c] = rosters(world, room, 0, 1, 2);
    expect(a).toEqual(c);
    expect(b).toEqual(c);
    expect(a?.length).toBe(2);
    for (const i of [0, 1, 2]) expect(roomIn(world, i, room).membership.contested.size).toBe(1);
  });
});

it('healing a room opens a new epoch that everyone sends in', () => {
  const { world, room } = inRoom(9, 3, 4);
  const before = epochIn(world, 0, room);
  world.run(1_000);
  world.result(1, world.command(1, { type: 'heal', room }));
  world.run(3_000);
  say(world, 2, room, 'healed');
  world.run(3_000);
  for (const i of [0, 1, 2]) {
    const epoch = pickEpoch(roomIn(world, i, room), world.listOf(i), world.nowMs);
    expect(epoch?.device).toBe(world.device(1).self.device);
    expect(epoch?.id).not.toBe(before.id);
    expect(textsIn(world, i, room)).toEqual(['healed']);
  }
});

it('what a room is, is the same after a restart', () => {
  const { world, room } = inRoom(10, 4, 5);
  operate(world, 0, room, { type: 'remove', members: [member(world, 3)], devices: [] });
  operate(world, 0, room, { type: 'role', member: member(world, 1), role: 'officer' });
  world.run(5_000);
  const before = roomIn(world, 2, room);
  world.crash(2);
  world.start(2);
  const after = roomIn(world, 2, room);
  expect([...after.membership.people]).toEqual([...before.membership.people]);
  expect([...after.membership.verdicts]).toEqual([...before.membership.verdicts]);
  expect(after.marks).toEqual(before.marks);
  expect(after.voids).toEqual(before.voids);
  expect(after.operations).toEqual(before.operations);
});
