/** Relays that lost their disks, were put back or come anew: the devices bring them what they keep, once. */
import { beforeAll, describe, expect, it } from 'vitest';
import { inboxOf } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import { appendBound } from '../../src/engine/outbox.ts';
import { shelfBound } from '../../src/engine/shelf.ts';
import type { Row } from '../../src/engine/row.ts';
import type { EnvelopeId } from '../../src/wire/id.ts';
import { everyone, textsOf, write } from '../kit/rogue.ts';
import { World } from '../kit/world.ts';
import type { WorldRelay } from '../kit/worldRelay.ts';

beforeAll(loadSodium);

const topicOf = (world: World, relay: WorldRelay) => relay.topics.get(everyone(world).topic) ?? [];
const idsAt = (world: World, r: number): ReadonlySet<EnvelopeId> =>
  new Set(topicOf(world, world.relay(r)).map(({ bytes }) => idOfEnvelope(bytes)));

/** Envelopes of everyone's room that are offered to a relay from now on, by what is in them. */
function offersTo(world: World, ...relays: readonly number[]) {
  const ids = new Set(relays.map((r) => world.relay(r).id));
  const offers = new Map<EnvelopeId, number>();
  world.onStep = (_, __, ___, ____, made) => {
    for (const effect of made.effects) {
      if (effect.type !== 'send' || !ids.has(effect.relay) || effect.frame.type !== 'append') continue;
      for (const [topic, bytes] of effect.frame.items)
        if (topic === everyone(world).topic) {
          const id = idOfEnvelope(bytes);
          offers.set(id, (offers.get(id) ?? 0) + 1);
        }
    }
  };
  return {
    offers,
    get total() {
      return [...offers.values()].reduce((sum, each) => sum + each, 0);
    },
  };
}

/** Everybody is there and wrote; then there is silence until everything is everywhere. */
function written(seed: number, { members, each }: { readonly members: number; readonly each: number }): World {
  const world = new World(seed, { members, relays: 3 });
  world.startAll();
  world.run(5_000);
  for (let n = 0; n < each; n++)
    for (const i of world.devices.keys()) {
      write(world, i, `${i}: ${n}`);
      world.run(50);
    }
  world.run(20_000);
  return world;
}

const sortedTexts = (world: World, i: number): readonly string[] => [...textsOf(world.device(i))].sort();

describe('when all relays lose their disks at once', () => {
  it('a device that slept through it gets everything, also what it takes to read it, from those who keep it', () => {
    const world = written(1, { members: 4, each: 3 });
    world.crash(3);
    for (let n = 0; n < 3; n++) write(world, 0, `while away ${n}`);
    world.run(5_000);
    // New keys that it never saw, so their grant has to be there again as well.
    world.command(1, { type: 'heal', room: everyone(world).id });
    write(world, 1, 'under new keys');
    world.run(5_000);
    const before = idsAt(world, 0);
    for (const r of world.relays.keys()) world.loseDisk(r);
    expect(idsAt(world, 0).size).toBe(0);
    world.run(60_000);
    for (const r of world.relays.keys()) expect(idsAt(world, r)).toEqual(before);
    // Nobody else is there: it reads what relays have.
    for (const i of [0, 1, 2]) world.crash(i);
    world.start(3);
    world.run(10_000);
    world.start(0, 1, 2);
    expect(sortedTexts(world, 3)).toEqual(sortedTexts(world, 0));
    expect(sortedTexts(world, 3)).toContain('under new keys');
    expect(new Set(textsOf(world.device(3))).size).toBe(textsOf(world.device(3)).length);
  });

  it('authors show it as held again, and not before a relay acknowledged it', () => {
    const world = written(2, { members: 3, each: 1 });
    const [entry] = [...world.device(0).vault.entries.values()].filter(
      ({ entry: each }) => each.device === world.device(0).self.device,
    );
    const shown = () => [...world.device(0).vault.held].filter((line) => line.startsWith(`${entry?.entry.id} `)).length;
    expect(shown()).toBe(3);
    world.tamper = (_, __, frame) => (frame.type === 'appended' ? [] : [frame]);
    world.loseDisk(0);
    world.run(30_000);
    // Somebody brought it and it came back here; nobody was told that it is on that disk.
    expect(idsAt(world, 0).size).toBeGreaterThan(0);
    expect(shown()).toBe(2);
    world.tamper = undefined;
    world.stopRelay(0);
    world.startRelay(0);
    world.run(30_000);
    expect(shown()).toBe(3);
  });

  it('an author who was away when others brought it sees it held again', () => {
    const world = written(12, { members: 3, each: 1 });
    world.crash(0);
    for (const r of world.relays.keys()) world.loseDisk(r);
    world.run(60_000);
    const seen = offersTo(world, 0);
    world.start(0);
    world.run(30_000);
    const own = [...world.device(0).vault.shelf.values()].filter(({ isOwn, envelope }) => isOwn && envelope.entry);
    for (const { at } of own) expect([...at.values()].map(({ isHeld }) => isHeld)).toEqual([true, true, true]);
    expect(seen.total).toBe(own.length);
  });
});

describe('a relay that lost its disk', () => {
  it('is offered each envelope about once, although twelve devices keep it', () => {
    const ratios: number[] = [];
    for (const seed of [3, 4, 5]) {
      const world = written(seed, { members: 12, each: 0 });
      for (let n = 0; n < 12; n++) write(world, 0, `${n}`);
      world.run(20_000);
      const before = idsAt(world, 1);
      // The author is not there to bring theirs, and the eleven others keep the same.
      world.crash(0);
      const seen = offersTo(world, 0);
      world.loseDisk(0);
      world.run(90_000);
      expect(idsAt(world, 0)).toEqual(before);
      expect(new Set(seen.offers.keys())).toEqual(before);
      ratios.push(seen.total / before.size);
    }
    // Two that looked in the same instant bring the same page. All twelve would be twelve times.
    expect(ratios.reduce((sum, each) => sum + each, 0) / ratios.length, `${ratios}`).toBeLessThan(1.5);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(3);
  });

  it('is brought page after page by whoever is there, when those who begin die one after the other', () => {
    const world = written(6, { members: 3, each: 2 });
    // More than one append takes.
    const long = 'x'.repeat(appendBound.bytes / 32);
    for (let n = 0; n < 70; n++) write(world, 0, `${n} ${long}`);
    world.run(30_000);
    const before = idsAt(world, 1);
    const bytes = topicOf(world, world.relay(1)).reduce((sum, each) => sum + each.bytes.length, 0);
    expect(bytes).toBeGreaterThan(2 * appendBound.bytes);
    let pages = 0;
    world.diesAfterWrite = () => false;
    world.onStep = (device, _, __, ___, made) => {
      for (const effect of made.effects) {
        if (effect.type !== 'send' || effect.relay !== world.relay(0).id || effect.frame.type !== 'append') continue;
        pages += 1;
        // Dies with the page under way: it is not known whether it arrived.
        if (pages > 2) continue;
        const i = world.devices.indexOf(device);
        world.at(5, () => {
          world.crash(i);
          world.at(20_000, () => world.start(i));
        });
      }
    };
    world.loseDisk(0);
    world.run(180_000);
    expect(pages).toBeGreaterThan(2);
    expect(idsAt(world, 0)).toEqual(before);
    expect(topicOf(world, world.relay(0))).toHaveLength(before.size);
    for (const i of world.devices.keys()) {
      expect(world.device(i).running.outbox.size).toBe(0);
      expect(textsOf(world.device(i))).toHaveLength(76);
    }
  });

  it('that says so at every link is not brought everything at every link', () => {
    const world = written(7, { members: 2, each: 5 });
    const seen = offersTo(world, 0);
    for (let n = 0; n < 20; n++) {
      world.loseDisk(0);
      world.run(10_000);
    }
    const count = idsAt(world, 1).size;
    // Two hundred seconds, and each of both rests ten minutes after what it brought.
    expect(seen.total).toBeLessThanOrEqual(count * 3);
    world.run(700_000);
    expect(idsAt(world, 0)).toEqual(idsAt(world, 1));
  });
});

describe('a relay that was put back and does not say so', () => {
  it('has nothing passed over that it gets from then on, and is brought what it lost', () => {
    const world = written(8, { members: 3, each: 1 });
    const relay = world.relay(0);
    const old = new Map([...relay.topics].map(([topic, stored]) => [topic, [...stored]]));
    for (let n = 0; n < 6; n++) write(world, 0, `later ${n}`);
    world.run(10_000);
    const before = idsAt(world, 1);
    // From here on it is the only relay, so what comes comes by it or not at all.
    for (const r of [1, 2]) world.stopRelay(r);
    world.stopRelay(0);
    relay.topics.clear();
    for (const [topic, stored] of old) relay.topics.set(topic, stored);
    world.startRelay(0);
    write(world, 1, 'at a place where others had read before');
    world.run(30_000);
    for (const i of world.devices.keys())
      expect(textsOf(world.device(i))).toContain('at a place where others had read before');
    const now = idsAt(world, 0);
    expect([...before].filter((id) => !now.has(id))).toEqual([]);
  });
});

describe('a relay that was away', () => {
  it('gets what its author could not bring it any more', () => {
    const world = written(9, { members: 3, each: 1 });
    world.stopRelay(2);
    write(world, 0, 'its author is gone by then');
    world.run(5_000);
    world.crash(0);
    world.startRelay(2);
    world.run(30_000);
    expect(idsAt(world, 2)).toEqual(idsAt(world, 1));
  });
});

describe('what is kept', () => {
  it('never comes to life again: an epoch that was erased for its age is not taken, waited for or asked for', () => {
    const world = new World(10, { members: 3, relays: 2 });
    world.startAll();
    world.run(5_000);
    const inbox = inboxOf(world.founded.list, world.device(1).self.device);
    for (let n = 0; n < 3; n++) write(world, 0, `old ${n}`);
    world.run(10_000);
    for (let day = 0; day < 4; day++) world.run(86_400_000);
    write(world, 0, 'new');
    world.run(10_000);
    expect(world.device(1).vault.erased.size).toBeGreaterThan(0);
    // What they saw since they were opened they would not look at again.
    for (const i of world.devices.keys()) {
      world.crash(i);
      world.start(i);
    }
    world.run(10_000);
    const asked: Row[] = [];
    world.onStep = (_, __, ___, ____, made) => {
      for (const effect of made.effects)
        if (effect.type === 'write')
          asked.push(...effect.rows.filter(({ type }) => type === 'parked' || type === 'parcel'));
    };
    world.loseDisk(0);
    world.run(60_000);
    expect(idsAt(world, 0)).toEqual(idsAt(world, 1));
    expect(world.relay(0).topics.get(inbox)?.length).toBeGreaterThan(0);
    expect(asked).toEqual([]);
    for (const device of world.devices) expect(device.running.parked.size).toBe(0);
  });

  it('goes when it is too old, but not what is owed, and not because this clock jumped', () => {
    const world = new World(11, { members: 2, relays: 2 });
    world.startAll();
    world.run(5_000);
    write(world, 0, 'old');
    world.run(5_000);
    world.stopRelay(1);
    write(world, 0, 'owed');
    world.run(5_000);
    const { vault } = world.device(0);
    const owed = [...vault.parcels.keys()];
    expect(owed).toHaveLength(1);
    const before = new Set(vault.shelf.keys());
    world.device(0).clockMs = 2 * shelfBound.ageMs;
    world.run(2 * 3_600_000);
    for (const id of before) expect(vault.shelf.has(id)).toBe(true);
    world.stopRelay(0);
    world.startRelay(0);
    world.run(2 * 3_600_000);
    for (const id of before) expect(vault.shelf.has(id)).toBe(true);
    world.device(0).clockMs = 0;
    world.crash(1);
    world.nowMs += shelfBound.ageMs;
    world.stopRelay(0);
    world.startRelay(0);
    world.run(86_400_000);
    expect([...before].filter((id) => vault.shelf.has(id))).toEqual(owed);
  });
});
