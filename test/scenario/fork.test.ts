/** Two branches of one feed: everyone finds out, with a proof that anyone can check, and the device is out. */
import { beforeAll, expect, it } from 'vitest';
import { readFork } from '../../src/core/fork.ts';
import { signKeyIn } from '../../src/core/listed.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { epochIn, everyone, forge, roomIn, sealed, slip, textsIn, write } from '../kit/rogue.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

function talked(seed: number): World {
  const world = new World(seed, { members: 4 });
  world.startAll();
  world.run(4_000);
  for (const text of ['one', 'two', 'three']) write(world, 3, text);
  world.run(3_000);
  return world;
}

it.each([0, 1, 2])(
  'a second entry for place %s, shown to one device alone, puts its device out on every device',
  (seq) => {
    const world = talked(1);
    const { id } = everyone(world);
    const { device } = world.device(3).self;
    const before = epochIn(world, 0, id);
    const [, previous] = [...world.device(0).vault.entries.values()]
      .filter(({ entry }) => entry.device === device && (entry.seq === seq - 1 || entry.seq === seq))
      .map(({ entry }) => entry)
      .sort((a, b) => b.seq - a.seq);
    const twin = forge(
      world,
      3,
      id,
      { type: 'text', text: 'I never said that' },
      { seq, ...(previous === undefined ? {} : { previous: previous.id }) },
    );
    slip(world, 1, everyone(world).topic, sealed(world, 3, twin));
    world.run(10_000);
    for (const i of [0, 1, 2]) {
      const room = roomIn(world, i, id);
      expect(room.membership.roster.has(device)).toBe(false);
      expect(room.voids.get(device)).toEqual([{ from: seq }]);
      expect(textsIn(world, i, id)).toEqual(['one', 'two', 'three'].slice(0, seq));
      const proofs = [...room.control.operations.values()].flatMap(({ body }) =>
        body.type === 'fork' ? [body.proof] : [],
      );
      expect(proofs.length).toBe(1);
      for (const proof of proofs) expect(readFork(proof, id, signKeyIn(world.founded.list))).toEqual({ device, seq });
    }
    // It is locked out of what is written from then on.
    const after = epochIn(world, 0, id);
    expect(after.id).not.toBe(before.id);
    write(world, 0, 'without it');
    world.run(3_000);
    expect(textsIn(world, 2, id)).toContain('without it');
    expect(textsIn(world, 3, id)).not.toContain('without it');
  },
);

it('a branch that goes on from another entry than the one that is here is proof enough', () => {
  const world = talked(2);
  const { id } = everyone(world);
  const { device } = world.device(3).self;
  const twin = forge(world, 3, id, { type: 'text', text: 'never sent' }, { seq: 2 });
  const next = forge(world, 3, id, { type: 'text', text: 'goes on' }, { seq: 3, previous: twin.id });
  slip(world, 1, everyone(world).topic, sealed(world, 3, next));
  world.run(10_000);
  for (const i of [0, 1, 2]) expect(roomIn(world, i, id).membership.roster.has(device)).toBe(false);
});

it('the same entry once more, sealed by whomever, convicts nobody', () => {
  const world = talked(3);
  const { id } = everyone(world);
  for (const { entry } of [...world.device(0).vault.entries.values()]) {
    if (entry.room !== id) continue;
    slip(world, 1, everyone(world).topic, sealed(world, 2, entry));
  }
  world.run(10_000);
  expect(roomIn(world, 1, id).membership.roster.size).toBe(4);
  expect(roomIn(world, 1, id).control.operations.size).toBe(0);
});
