/** Lists that change while people talk: who comes, who goes, who is replaced, and who has not heard of it yet. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom, move, say } from '../kit/insideRoom.ts';
import { bring, leavesOf, makeNew, signNext, without, withNewcomer } from '../kit/nextList.ts';
import { epochIn, everyone, roomIn, textsIn, textsOf, write } from '../kit/rogue.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

function talked(seed: number, members = 3): World {
  const world = new World(seed, { members });
  world.startAll();
  world.run(4_000);
  write(world, 0, 'before');
  write(world, 1, 'me too');
  world.run(3_000);
  return world;
}

describe('somebody who joins by a later list', () => {
  it('reads and writes from then on in a room that was written in before, and is read', () => {
    const world = talked(1);
    world.run(2 * 3_600_000);
    const nora = makeNew(world);
    const list = signNext(world, withNewcomer(nora, leavesOf(world)));
    world.takeList(list);
    const i = bring(world, nora, list);
    world.run(10_000);
    write(world, 0, 'welcome');
    world.run(5_000);
    write(world, i, 'hello all');
    write(world, 1, 'hello Nora');
    world.run(20_000);
    expect(textsOf(world.device(i)).toSorted()).toEqual(['hello Nora', 'hello all', 'welcome']);
    for (const each of [0, 1, 2])
      expect(textsOf(world.device(each)).toSorted()).toEqual([
        'before',
        'hello Nora',
        'hello all',
        'me too',
        'welcome',
      ]);
    // Nothing waits for ever for what is from before.
    expect(world.device(i).running.parked.size).toBe(0);
    world.crash(i);
    world.start(i);
    write(world, 2, 'after your restart');
    world.run(5_000);
    expect(textsOf(world.device(i))).toContain('after your restart');
  });

  it('is read by a device that has not taken that list yet, as soon as it has', () => {
    const world = talked(2);
    const nora = makeNew(world);
    const list = signNext(world, withNewcomer(nora, leavesOf(world)));
    world.takeList(list, 0, 1);
    const i = bring(world, nora, list);
    world.run(10_000);
    write(world, i, 'who am I?');
    write(world, 0, 'welcome');
    world.run(10_000);
    expect(textsOf(world.device(2)).toSorted()).toEqual(['before', 'me too']);
    expect(world.device(2).running.parked.size).toBeGreaterThan(0);
    world.takeList(list, 2);
    world.run(10_000);
    expect(textsOf(world.device(2)).toSorted()).toEqual(['before', 'me too', 'welcome', 'who am I?']);
  });
});

describe('a device that is replaced', () => {
  it('is a new device, which is given what its member could read', () => {
    const world = talked(3);
    world.run(3_600_000);
    const identity = world.founded.identities[2];
    const fresh = makeNew(world, identity);
    const list = signNext(world, without(world.device(2), leavesOf(world), fresh));
    world.crash(2);
    world.takeList(list, 0, 1);
    const i = bring(world, fresh, list);
    world.run(10_000);
    write(world, 0, 'welcome back');
    write(world, 1, 'indeed');
    world.run(90_000);
    expect(textsOf(world.device(i)).toSorted()).toEqual(['before', 'indeed', 'me too', 'welcome back']);
  });

  it('is told of a room that its member is in and that was changed since it was opened', () => {
    const world = talked(9, 4);
    const members = [1, 2].map((i) => world.device(i).self.member);
    const { room } = world.result(0, world.command(0, { type: 'create-room', title: 'Ransom note', members }));
    world.run(3_000);
    move(world, 0, room, 'add', 3);
    world.run(3_600_000);
    const fresh = makeNew(world, world.founded.identities[2]);
    const list = signNext(world, without(world.device(2), leavesOf(world), fresh));
    world.crash(2);
    world.takeList(list, 0, 1, 3);
    const i = bring(world, fresh, list);
    world.result(1, world.command(1, { type: 'send-text', room, text: 'welcome back' }));
    world.run(20_000);
    expect(textsIn(world, i, room)).toEqual(['welcome back']);
    world.result(i, world.command(i, { type: 'send-text', room, text: 'thank you' }));
    world.run(20_000);
    expect(textsIn(world, 3, room)).toEqual(['welcome back', 'thank you']);
  });
});

describe('somebody who leaves by a later list', () => {
  it('cannot read what anyone writes who has it, nor write so that it is sealed for them', () => {
    const world = talked(4);
    const list = signNext(world, without(world.device(2), leavesOf(world)));
    world.takeList(list, 0, 1);
    world.run(10_000);
    write(world, 0, 'the two of us');
    world.run(10_000);
    expect(textsOf(world.device(1))).toContain('the two of us');
    expect(textsOf(world.device(2))).not.toContain('the two of us');
    expect(roomIn(world, 0, everyone(world).id).membership.roster.size).toBe(2);
  });

  it('wrote what they wrote: it verifies and is taken also by devices that have the list already', () => {
    const world = talked(5);
    for (const r of world.relays.keys()) world.part(1, r);
    write(world, 2, 'my last word');
    world.run(5_000);
    expect(textsOf(world.device(0))).toContain('my last word');
    const list = signNext(world, without(world.device(2), leavesOf(world)));
    world.crash(2);
    world.takeList(list, 0, 1);
    world.heal();
    world.run(10_000);
    expect(textsOf(world.device(1))).toContain('my last word');
    write(world, 0, 'goodbye');
    world.run(5_000);
    expect(textsIn(world, 1, everyone(world).id).toSorted()).toEqual(['before', 'goodbye', 'me too', 'my last word']);
    expect(epochIn(world, 0, everyone(world).id).listVersion).toBe(2);
  });
});

describe('a device that is not on the list any more and has not heard of it', () => {
  it('makes its next prekey in an epoch that not everyone holds: the others tell those who came with the list', () => {
    const world = talked(71);
    const fresh = makeNew(world, world.founded.identities[2]);
    const list = signNext(world, without(world.device(2), leavesOf(world), fresh));
    world.takeList(list, 0, 1);
    const i = bring(world, fresh, list);
    const gone = world.device(2);
    world.run(60_000);
    write(world, i, 'hello all');
    write(world, 2, 'and from me');
    world.run(60_000);
    const { id: room } = everyone(world);
    const held = (by: number) => roomIn(world, by, room).feeds.get(gone.self.device)?.count;
    expect(held(i)).toBe(held(0));
    const prekeys = gone.running.prekeys.map((each) => ({ ...each, createdAtMs: each.createdAtMs - 86_400_000 }));
    gone.state = { ...gone.running, prekeys };
    world.run(60_000);
    expect(held(0)).toBe(roomIn(world, 2, room).feeds.get(gone.self.device)?.count);
    expect(held(i)).toBe(held(0));
  });
});

describe('operations on everyone’s room, and a list after them', () => {
  it('a newcomer judges a removal as the others do, although who made it has left the list', () => {
    const world = talked(6, 4);
    move(world, 0, everyone(world).id, 'remove', 3);
    world.run(5_000);
    write(world, 1, 'named by one');
    write(world, 2, 'and by another');
    world.run(2 * 3_600_000);
    const nora = makeNew(world);
    const list = signNext(world, withNewcomer(nora, without(world.device(0), leavesOf(world))));
    world.crash(0);
    world.takeList(list, 1, 2, 3);
    const i = bring(world, nora, list);
    world.run(20_000);
    write(world, 1, 'after');
    world.run(20_000);
    write(world, i, 'from Nora');
    world.run(60_000);
    for (const each of [1, 2, i]) {
      const { membership } = roomIn(world, each, everyone(world).id);
      expect([...membership.verdicts.values()]).toEqual(['counts']);
      expect(membership.roster.has(world.device(3).self.device)).toBe(false);
      expect(textsOf(world.device(each))).toEqual(expect.arrayContaining(['after', 'from Nora']));
    }
    expect(textsOf(world.device(3))).not.toContain('after');
    expect(textsOf(world.device(3))).not.toContain('from Nora');
  });

  it('a newcomer sees what somebody writes who was put out and let in again before', () => {
    const world = talked(7, 4);
    const { id } = everyone(world);
    move(world, 0, id, 'remove', 2);
    world.run(5_000);
    move(world, 0, id, 'add', 2);
    world.run(5_000);
    write(world, 2, 'back');
    world.run(2 * 3_600_000);
    const nora = makeNew(world);
    const list = signNext(world, withNewcomer(nora, leavesOf(world)));
    world.takeList(list);
    const i = bring(world, nora, list);
    world.run(20_000);
    for (const text of ['two', 'three']) write(world, 2, text);
    write(world, 1, 'four');
    world.run(60_000);
    expect(textsIn(world, i, id).toSorted()).toEqual(['four', 'three', 'two']);
    expect(roomIn(world, i, id).voids.size).toBe(0);
  });

  it('what somebody wrote who was let in and has left the list since still counts', () => {
    const world = talked(8, 4);
    const members = [world.device(1).self.member];
    const { room } = world.result(0, world.command(0, { type: 'create-room', title: 'Ransom note', members }));
    world.run(3_000);
    move(world, 0, room, 'add', 2);
    world.run(5_000);
    world.result(2, world.command(2, { type: 'send-text', room, text: 'I found the file' }));
    world.run(5_000);
    world.result(1, world.command(1, { type: 'send-text', room, text: 'thank you' }));
    world.run(5_000);
    const list = signNext(world, without(world.device(2), leavesOf(world)));
    world.crash(2);
    world.takeList(list, 0, 1);
    world.run(10_000);
    for (const i of [0, 1]) expect(textsIn(world, i, room).toSorted()).toEqual(['I found the file', 'thank you']);
  });
});

describe('a device that is replaced after its member was put out of everyone’s room', () => {
  /** Nobody who can grant the epoch in which it was written will write again: it is only given, and only to who asks. */
  function replaced() {
    const { world, room } = inRoom(1, 4);
    move(world, 0, everyone(world).id, 'remove', 3);
    world.run(3_000);
    const fresh = makeNew(world, world.founded.identities[3]);
    const list = signNext(world, without(world.device(3), leavesOf(world), fresh));
    world.crash(3);
    world.takeList(list, 0);
    say(world, 1, room, 'by the list before');
    world.run(3_000);
    for (const each of [1, 2]) world.crash(each);
    const i = bring(world, fresh, list);
    world.run(3_000);
    return { world, room, i };
  }

  it('is given what it cannot know of and no beacon tells it', () => {
    const { world, room, i } = replaced();
    say(world, 0, room, 'welcome back');
    world.run(60_000);
    expect(textsIn(world, i, room).toSorted()).toEqual(['by the list before', 'welcome back']);
  });

  it('is given it also if nobody heard it ask', () => {
    const { world, room, i } = replaced();
    world.tamper = (_, __, frame) => (frame.type === 'cast' ? [] : [frame]);
    say(world, 0, room, 'welcome back');
    world.run(60_000);
    expect(textsIn(world, i, room)).toEqual(['welcome back']);
    world.tamper = undefined;
    world.run(2 * 3_600_000);
    expect(textsIn(world, i, room).toSorted()).toEqual(['by the list before', 'welcome back']);
  });
});
