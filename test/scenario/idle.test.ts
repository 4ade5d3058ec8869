/**
 * A device that sleeps for ninety days, while everything changes that can: two lists, who is in its rooms, all keys, and
 * relays drop what is old. It is current soon after it wakes, and says what it cannot have any more.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { gapsIn } from '../../src/engine/gap.ts';
import { inRoom, move, operate, say } from '../kit/insideRoom.ts';
import { bring, leavesOf, makeNew, signNext, without, withNewcomer } from '../kit/nextList.ts';
import { everyone, forge, roomIn, sealed, slip, textsIn, write } from '../kit/rogue.ts';
import type { World } from '../kit/world.ts';

beforeAll(loadSodium);

const day = 86_400_000;

/** Relays keep nothing that came longer than this ago. */
function dropOlderThan(world: World, ms: number): void {
  for (const { topics } of world.relays)
    for (const [topic, stored] of topics)
      topics.set(
        topic,
        stored.filter(({ atMs }) => world.nowMs - atMs <= ms),
      );
}

describe('a device that wakes after ninety days', () => {
  it('is current within a minute after it was given the list, although it missed two and relays kept ten days', () => {
    const { world, room } = inRoom(1, 4, 5);
    say(world, 0, room, 'before it slept');
    world.run(3_000);
    world.crash(3);
    const told: string[] = ['before it slept'];
    const tell = (i: number, text: string) => {
      say(world, i, room, text);
      told.push(text);
      world.run(60_000);
    };
    const pass = (days: number) => {
      for (let n = 0; n < days; n += 5) {
        world.run(5 * day);
        dropOlderThan(world, 10 * day);
      }
    };
    pass(10);
    tell(0, 'in the first month');
    operate(world, 0, room, { type: 'role', member: world.device(1).self.member, role: 'commander' });
    tell(1, 'thank you');
    pass(15);
    // Somebody comes by the second list, the founder goes by the third, another is put out of the room.
    const nora = makeNew(world);
    const second = withNewcomer(nora, leavesOf(world));
    const signed = signNext(world, second);
    world.takeList(signed, 0, 1, 2, 4);
    const i = bring(world, nora, signed);
    world.run(60_000);
    write(world, i, 'hello all');
    pass(15);
    move(world, 1, room, 'remove', 2);
    tell(1, 'without them');
    pass(15);
    const third = signNext(world, without(world.device(0), second), world.listOf(1));
    world.crash(0);
    world.takeList(third, 1, 2, 4, i);
    world.run(60_000);
    tell(1, 'under the third list');
    pass(35);
    // Nothing of it is at a relay any more: what is missing comes from the one other who is in the room.
    world.start(3);
    world.run(60_000);
    world.takeList(third, 3);
    world.run(60_000);
    expect(textsIn(world, 3, room).toSorted()).toEqual(told.toSorted());
    expect(textsIn(world, 3, everyone(world).id)).toContain('hello all');
    const { membership } = roomIn(world, 3, room);
    expect([...membership.roster.keys()].toSorted()).toEqual([1, 3].map((n) => world.device(n).self.device).toSorted());
    expect(gapsIn(world.device(3).running, room)).toEqual([]);
    say(world, 3, room, 'good morning');
    world.run(30_000);
    expect(textsIn(world, 1, room)).toContain('good morning');
    expect(textsIn(world, 2, room)).not.toContain('good morning');
  }, 120_000);
});

describe('what nobody has any more', () => {
  it('is shown as missing, of whom and how much, and keeps nobody else’s entries', () => {
    const { world, room } = inRoom(2, 3);
    say(world, 1, room, 'the first');
    world.run(3_000);
    // An entry that only its author had, and the one after it, which is all that is left.
    const lost = forge(world, 1, room, { type: 'text', text: 'lost' });
    const next = forge(world, 1, room, { type: 'text', text: 'next' }, { seq: lost.seq + 1, previous: lost.id });
    const bytes = sealed(world, 1, next);
    world.crash(1);
    slip(world, 2, roomIn(world, 2, room).info.topic, bytes);
    say(world, 0, room, 'never mind');
    world.run(30_000);
    expect(textsIn(world, 2, room)).toEqual(['the first', 'never mind']);
    const gap = { device: world.device(1).self.device, from: lost.seq, to: next.seq };
    expect(gapsIn(world.device(2).running, room)).toEqual([gap]);
    world.crash(2);
    world.start(2);
    world.run(5_000);
    expect(gapsIn(world.device(2).running, room)).toEqual([gap]);
  });
});
