/** Relays that lie: what they say can cost their own copies, and nothing else. */
import { beforeAll, describe, expect, it } from 'vitest';
import { drillRoom, inboxOf } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { idOfEnvelope as idOf } from '../../src/core/verify.ts';
import { decodeClientFrame, type RelayFrame } from '../../src/wire/frame.ts';
import { topicId } from '../../src/wire/id.ts';
import type { DrillFacts } from '../kit/muster.ts';
import { everyone, garbage, slip, textsOf, write } from '../kit/rogue.ts';
import { World, type WorldRelay } from '../kit/world.ts';

beforeAll(loadSodium);

const later: DrillFacts = { fromMs: 1_800_009_000_000, toMs: 1_800_009_000_000 };

/** Two devices that share an epoch; the second is then cut off from all relays but the first, which lies from now on. */
function alone(seed: number, lie: (frame: RelayFrame) => readonly RelayFrame[]): World {
  const world = new World(seed, { members: 2, drills: [later] });
  world.startAll();
  world.run(5_000);
  for (const r of [1, 2]) world.part(1, r);
  world.tamper = (relay, device, frame) =>
    relay === world.relay(0) && device === world.device(1) ? lie(frame) : [frame];
  return world;
}

function thenHonest(world: World): void {
  world.tamper = undefined;
  world.heal();
  world.run(5_000);
}

describe('a relay', () => {
  it('that casts an envelope before another delivers it does not keep it from being taken', () => {
    const world = alone(1, (frame) =>
      frame.type === 'deliver'
        ? frame.items.map(([, , bytes]) => ({ type: 'cast', topic: frame.topic, bytes }) as const)
        : [frame],
    );
    write(world, 0, 'hidden by a cast');
    world.run(3_000);
    expect(textsOf(world.device(1))).toEqual([]);
    thenHonest(world);
    expect(textsOf(world.device(1))).toEqual(['hidden by a cast']);
  });

  it.each([false, true])(
    'that delivers an envelope on other topics does not keep it from being taken on its own (restart: %s)',
    (restarts) => {
      const stray = topicId.of(new Uint8Array(32).fill(7));
      const swapped = (world: () => World) => (frame: RelayFrame) => {
        if (frame.type !== 'deliver' || frame.topic !== everyone(world()).topic) return [frame];
        const { list } = world().founded;
        const [plan] = list.drills;
        if (plan === undefined) throw new Error('a drill is planned');
        const topics = [stray, inboxOf(list, world().device(1).self.device), drillRoom(list, plan).topic];
        return topics.map((topic) => ({ ...frame, topic }));
      };
      const world: World = alone(2, (frame) => swapped(() => world)(frame));
      write(world, 0, 'one');
      world.run(1_000);
      write(world, 0, 'two');
      world.run(3_000);
      expect(textsOf(world.device(1))).toEqual([]);
      // The second comes first where it belongs, so it waits there too while the device goes down and comes back.
      const [, second] = world.relay(1).topics.get(everyone(world).topic) ?? [];
      if (second === undefined) throw new Error('both were stored');
      slip(world, 1, everyone(world).topic, second.bytes);
      if (restarts) {
        world.crash(1);
        world.start(1);
      }
      thenHonest(world);
      expect(textsOf(world.device(1))).toEqual(['one', 'two']);
    },
  );

  it('that speaks of topics nobody follows leaves nothing behind, in memory or on disk', () => {
    const world = alone(3, (frame) => [frame]);
    const held = () => {
      const { cursors, live } = [...world.device(1).running.relays.values()][0] ?? {};
      return [
        cursors?.size,
        live?.size,
        world.device(1).vault.cursors.size,
        world.device(1).running.seen.flatMap((portion) => [...portion.keys()]).length,
      ];
    };
    slip(world, 1, everyone(world).topic, garbage(world));
    const before = held();
    for (let n = 0; n < 50; n++) {
      const topic = topicId.of(world.random(32));
      slip(world, 1, topic, garbage(world));
      world.hand(1, 0, { type: 'live', topic, upTo: 5 });
    }
    expect(held()).toEqual(before);
  });

  it('that fills all the room for what has to wait delays, but makes nothing be lost', () => {
    const world = new World(4, { members: 2 });
    world.start(0);
    world.run(5_000);
    const inbox = inboxOf(world.founded.list, world.device(1).self.device);
    const grants: RelayFrame[] = [];
    world.tamper = (_, device, frame) => {
      if (device !== world.device(1) || frame.type !== 'deliver' || frame.topic !== inbox) return [frame];
      grants.push(frame);
      return [];
    };
    const stop = world.relays.map((relay) => relay.id);
    for (const r of stop.keys()) world.part(1, r);
    world.start(1);
    world.cut.delete(`${world.device(1).self.device} ${world.relay(0).id}`);
    world.connect(world.device(1), world.relay(0));
    const topic = everyone(world).topic;
    const flood = (count: number) => slip(world, 1, topic, ...Array.from({ length: count }, () => garbage(world)));
    // Offsets far beyond the true ones: this relay's own cursor is forfeit, the others' must not be.
    for (let n = 0; n < 10; n++) flood(500);
    expect(world.device(1).running.parked.size).toBeLessThanOrEqual(4096);
    world.heal();
    write(world, 0, 'one');
    write(world, 0, 'two');
    world.run(3_000);
    expect(textsOf(world.device(1))).toEqual([]);
    const [grant] = grants;
    if (grant === undefined) throw new Error('a grant was held back');
    world.tamper = undefined;
    world.hand(1, 1, grant);
    world.run(60_000);
    expect(textsOf(world.device(1))).toEqual(['one', 'two']);
    expect(world.device(1).vault.parked.size).toBeLessThanOrEqual(4096);
  });

  it('that refuses and says "now" each time, or refuses what it was never sent, is not offered things in a hot loop', () => {
    const world = new World(5, { members: 2 });
    world.tamper = (relay, _, frame) =>
      relay === world.relay(0) && frame.type === 'appended'
        ? [{ type: 'refused', ref: frame.ref, code: 'busy', text: 'now', retryAfterMs: 0 }]
        : [frame];
    world.delayMs = 2;
    world.start(0);
    write(world, 0, 'again');
    world.run(2_000);
    const before = appendsAt(world.relay(0));
    world.run(10_000);
    expect(appendsAt(world.relay(0)) - before).toBeLessThan(50);
    world.hand(0, 1, { type: 'refused', ref: 99_999, code: 'busy', text: 'what?', retryAfterMs: 0 });
    expect(world.device(0).running.relays.get(world.relay(1).id)?.retryAtMs).toBeUndefined();
  });

  it('that gives an entry back before it acknowledged it is not counted as holding it', () => {
    const world = new World(6, { members: 2 });
    world.tamper = (_, device, frame) => (device === world.device(0) && frame.type === 'appended' ? [] : [frame]);
    world.startAll();
    write(world, 0, 'not yet');
    world.run(5_000);
    expect(textsOf(world.device(1))).toEqual(['not yet']);
    const [entry] = [...world.device(0).vault.entries.keys()];
    expect([...world.device(0).vault.held].filter((line) => line.startsWith(`${entry} `))).toEqual([]);
    expect([...world.device(0).running.outbox.values()].every((parcel) => parcel.held.length === 0)).toBe(true);
  });

  it('that refuses to let a device follow a topic is asked again', () => {
    const world = new World(7, { members: 2, relays: 1 });
    let refusals = 0;
    world.tamper = (_, device, frame) => {
      if (device !== world.device(1) || !('topic' in frame) || frame.topic === undefined) return [frame];
      if (world.nowMs > 1_800_000_004_000) return [frame];
      refusals += 1;
      return [{ type: 'refused', topic: frame.topic, code: 'busy', text: 'not now' }];
    };
    world.startAll();
    write(world, 0, 'late');
    world.run(30_000);
    expect(refusals).toBeGreaterThan(0);
    expect(textsOf(world.device(1))).toEqual(['late']);
  });

  it('that sends everything backwards costs a signature check or two per entry, not one per pair', () => {
    const world = new World(8, { members: 2, relays: 1 });
    world.startAll();
    world.run(4_000);
    world.crash(1);
    for (let n = 0; n < 300; n++) write(world, 0, `${n}`);
    world.run(2_000);
    const stored = world.relay(0).topics.get(everyone(world).topic) ?? [];
    world.tamper = (_, __, frame) => (frame.type === 'deliver' && frame.topic === everyone(world).topic ? [] : [frame]);
    world.start(1);
    world.run(1_000);
    const startMs = performance.now();
    slip(world, 1, everyone(world).topic, ...stored.map((each) => each.bytes).reverse());
    // Each pair checked would be 45,000 checks, far over ten seconds.
    expect(performance.now() - startMs).toBeLessThan(4_000);
    expect(textsOf(world.device(1))).toHaveLength(300);
  });

  it('that lies at random, beside one honest one, keeps nothing from anyone and is believed only about itself', () => {
    for (let seed = 100; seed < 100 + 40; seed++) lieAtRandom(seed);
  });
});

function appendsAt(relay: WorldRelay): number {
  return relay.crossed.filter((bytes) => {
    try {
      return decodeClientFrame(bytes).type === 'append';
    } catch {
      return false; // one of its own
    }
  }).length;
}

function lieAtRandom(seed: number): void {
  const world = new World(seed, { members: 3, relays: 2, drills: [later] });
  const liar = world.relay(0);
  liar.reorders = true;
  const past: RelayFrame[] = [];
  const pick = (count: number) => Math.floor(world.random.next() * count);
  const entryOf = new Map<string, string>();
  world.onStep = (_, __, ___, ____, made) => {
    for (const effect of made.effects)
      if (effect.type === 'write')
        for (const row of effect.rows)
          if (row.type === 'parcel' && row.parcel.entry !== undefined) entryOf.set(row.parcel.id, row.parcel.entry.id);
  };
  world.tamper = (relay, device, frame) => {
    if (relay !== liar) return [frame];
    past.push(frame);
    const topics = [
      inboxOf(world.founded.list, device.self.device),
      everyone(world).topic,
      topicId.of(world.random(32)),
    ];
    const topic = topics[pick(3)] ?? everyone(world).topic;
    switch (pick(9)) {
      case 0:
        return [];
      case 1:
        return [frame, frame];
      case 2:
        return [past[pick(past.length)] ?? frame];
      case 3:
        return 'topic' in frame && frame.type !== 'refused' ? [{ ...frame, topic }] : [frame];
      case 4:
        return frame.type === 'deliver'
          ? [{ ...frame, items: frame.items.map(([, at, bytes]) => [2 ** 40 + pick(99), at, bytes] as const) }]
          : [frame];
      case 5:
        return [frame, { type: 'deliver', topic, items: [[pick(1e9), 0, garbage(world)]] }];
      case 6:
        return frame.type === 'deliver' ? frame.items.map(([, , bytes]) => ({ type: 'cast', topic, bytes })) : [frame];
      case 7:
        return [frame, { type: 'live', topic, upTo: 0 }];
      default:
        return [
          { type: 'appended', ref: 1 + pick(20), receipts: [] },
          { type: 'refused', ref: 1 + pick(20), code: 'busy', text: '', retryAfterMs: pick(50) },
        ];
    }
  };
  world.startAll();
  const sent: string[] = [];
  for (let round = 0; round < 8; round++) {
    const i = pick(3);
    sent.push(`seed ${seed} round ${round}`);
    write(world, i, `seed ${seed} round ${round}`);
    world.run(pick(1_500));
    const victim = pick(3);
    if (pick(3) === 0) {
      world.crash(victim);
      world.run(pick(500));
      world.start(victim);
    }
  }
  world.run(40_000);
  for (const device of world.devices) {
    expect([...textsOf(device)].sort(), `seed ${seed}`).toEqual([...sent].sort());
    const honest = world.relay(1);
    const truly = new Set([...honest.topics.values()].flat().map((each) => entryOf.get(idOf(each.bytes))));
    for (const line of device.vault.held) {
      const [entry, relay] = line.split(' ');
      if (relay === honest.id) expect(truly.has(entry), `seed ${seed}`).toBe(true);
    }
  }
}
