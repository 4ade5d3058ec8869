/** An invitation that never came: the room is still told of, by anybody who is in it, and nobody else hears of it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom, move, operate, say } from '../kit/insideRoom.ts';
import { leavesOf, signNext, without } from '../kit/nextList.ts';
import { textsIn } from '../kit/rogue.ts';
import type { World } from '../kit/world.ts';

beforeAll(loadSodium);

const day = 86_400_000;

/** The disks of all relays are gone, and with them what was on its way. */
function loseAll(world: World): void {
  for (const r of world.relays.keys()) world.loseDisk(r);
}

const knows = (world: World, i: number, room: string): boolean =>
  [...world.device(i).running.rooms.keys()].some((id) => id === room);

describe('a device that missed its invitation', () => {
  it('hears of the room from the others, although who let it in is off the list and no relay has it any more', () => {
    const { world, room } = inRoom(1, 3, 4);
    world.crash(3);
    operate(world, 0, room, { type: 'role', member: world.device(1).self.member, role: 'officer' });
    move(world, 0, room, 'add', 3);
    world.run(5_000);
    // Somebody who stays knows of it: of an operation that nobody knew of, its author's leaving takes the ground.
    say(world, 1, room, 'good');
    world.run(5_000);
    const list = signNext(world, without(world.device(0), leavesOf(world)));
    world.crash(0);
    loseAll(world);
    world.takeList(list, 1, 2, 3);
    world.start(3);
    world.run(60_000);
    expect(knows(world, 3, room)).toBe(true);
    say(world, 1, room, 'there you are');
    world.run(10_000);
    say(world, 3, room, 'here I am');
    world.run(10_000);
    expect(textsIn(world, 3, room)).toEqual(['there you are', 'here I am']);
    for (const i of [1, 2]) expect(textsIn(world, i, room)).toEqual(['good', 'there you are', 'here I am']);
  });

  it('hears of a room that has been silent since, and reads what was said in it', () => {
    const world = inRoom(2, 4).world;
    world.crash(3);
    const members = [1, 2, 3].map((i) => world.device(i).self.member);
    const { room } = world.result(0, world.command(0, { type: 'create-room', title: 'Ransom note', members }));
    say(world, 0, room, 'the only thing ever said here');
    world.run(5_000);
    loseAll(world);
    world.run(3 * day);
    world.crash(0);
    world.start(3);
    world.run(120_000);
    expect(knows(world, 3, room)).toBe(true);
    expect(textsIn(world, 3, room)).toEqual(['the only thing ever said here']);
  }, 60_000);

  it('is not told of rooms it is not in, nor told again of those it knows', () => {
    const { world, room } = inRoom(3, 3, 5);
    move(world, 0, room, 'add', 3);
    world.run(5_000);
    move(world, 0, room, 'remove', 3);
    world.run(5_000);
    const before = world.relay(0).topics.size;
    for (const i of [3, 4]) {
      world.crash(i);
      world.start(i);
    }
    world.run(60_000);
    expect(knows(world, 4, room)).toBe(false);
    expect(world.relay(0).topics.size).toBe(before);
  });
});
