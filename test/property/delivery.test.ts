/**
 * Whatever order relays deliver in, whatever they repeat, and whatever one of them leaves out as long as another brings
 * it: a device that was away ends with the same feeds as those that were there.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../../src/core/body.ts';
import { orgRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { World, type WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

const late = 3;

/** Three devices talked; the fourth was off. All are off now, and the relays hold everything. */
function talked(seed: number): World {
  const world = new World(seed, { members: 4 });
  world.start(0, 1, 2);
  world.run(4_000);
  const room = orgRoom(world.founded.list).id;
  for (let i = 0; i < 8; i++) {
    world.command(i % 3, { type: 'send-text', room, text: `${seed} ${i}` });
    world.run(Math.floor(world.random.next() * 120));
  }
  world.run(6_000);
  for (const i of [0, 1, 2]) world.crash(i);
  return world;
}

/** What one relay does to each topic: for every envelope how often it is delivered, and in which order they come. */
const mischief = fc.record({
  times: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 40, maxLength: 40 }),
  order: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }),
});

function disturb(
  world: World,
  index: number,
  { times, order }: { readonly times: readonly number[]; readonly order: readonly number[] },
  least: number,
): void {
  for (const [topic, stored] of world.relay(index).topics) {
    const repeated = stored.flatMap((each, i) =>
      Array.from({ length: Math.max(least, times[i % times.length] ?? 1) }, (_, n) => ({
        each,
        key: order[(i + 7 * n) % order.length] ?? 0,
      })),
    );
    const mixed = repeated.sort((a, b) => a.key - b.key).map(({ each }, i) => ({ ...each, offset: i + 1 }));
    world.relay(index).topics.set(topic, mixed);
  }
}

const feedsOf = (device: WorldDevice, world: World) => {
  const vault = [...device.vault.entries.values()].filter(({ entry }) => entry.room === orgRoom(world.founded.list).id);
  return vault
    .map(({ entry }) => `${entry.device} ${entry.seq} ${entry.id} ${JSON.stringify(readBody(entry.body))}`)
    .sort();
};

describe('delivery', () => {
  it('in any order, with repeats and losses that another relay makes good, ends in the same feeds', () => {
    let delivered = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(mischief, { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        (seed, relays, crashes) => {
          const world = talked(seed);
          const before = feedsOf(world.device(0), world);
          expect(before).toHaveLength(8);
          // Two relays lose what they like; the third has all of it, in its own order, and comes last.
          for (const [i, each] of relays.entries()) disturb(world, i, each, i === 2 ? 1 : 0);
          world.stopRelay(2);
          world.start(late);
          world.run(500);
          if (crashes) {
            world.crash(late);
            world.start(late);
          }
          world.startRelay(2);
          world.run(10_000);
          expect(feedsOf(world.device(late), world)).toEqual(before);
          const room = world.device(late).running.rooms.get(orgRoom(world.founded.list).id);
          const counts = [...(room?.feeds.values() ?? [])].map((feed) => feed.count);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(8);
          expect(world.device(late).running.parked.size).toBe(0);
          delivered += before.length;
        },
      ),
      { numRuns: 40 },
    );
    expect(delivered).toBeGreaterThan(0);
  });

  it('what no relay brings is missing, and nothing after it is shown as if it were there', () => {
    const world = talked(77);
    const room = orgRoom(world.founded.list);
    for (const relay of world.relays) relay.topics.set(room.topic, (relay.topics.get(room.topic) ?? []).slice(1));
    world.start(late);
    world.run(10_000);
    const feeds = [...(world.device(late).running.rooms.get(room.id)?.feeds.values() ?? [])];
    expect(feedsOf(world.device(late), world).length).toBeLessThan(8);
    expect(feeds).toHaveLength(2);
    expect(world.device(late).running.parked.size).toBeGreaterThan(0);
  });
});
