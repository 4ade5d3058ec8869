/**
 * What people wrote is over by policy: on every device its content goes and its skeleton stays. By the wrong clock it must
 * not go, and no helper may bring it back.
 */
import { describe, expect, test } from 'vitest';
import { readBody } from '../../src/core/body.ts';
import { readSkeleton } from '../../src/core/entry.ts';
import type { EntryId, RoomId } from '../../src/core/id.ts';
import { makeLeaf } from '../../src/core/leaf.ts';
import { orgRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { cutFile } from '../kit/file.ts';
import { renew } from '../kit/leap.ts';
import { signList } from '../kit/muster.ts';
import { World } from '../kit/world.ts';

await loadSodium();
const dayMs = 86_400_000;
const text = 'The spare key is under the third stone.';

function makeWorld(seed: number): { readonly world: World; readonly room: RoomId } {
  const world = new World(seed);
  world.startAll();
  world.run(5_000);
  return { world, room: orgRoom(world.founded.list).id };
}

function say(world: World, i: number, room: RoomId, said = text): EntryId {
  const id = world.command(i, { type: 'send-text', room, text: said });
  world.run(5_000);
  return world.result(i, id).entry ?? ('' as never);
}

function keepFor(world: World, room: RoomId, retentionDays?: number): void {
  const days = retentionDays === undefined ? {} : { retentionDays };
  const id = world.command(0, {
    type: 'operate',
    room,
    operation: { type: 'policy', history: 'none', horizon: 'default', ...days },
  });
  world.run(5_000);
  world.result(0, id);
}

/** Time passes as on machines that sleep in between, and come back to their relays. */
function pass(world: World, forMs: number): void {
  for (const relay of world.relays.keys()) world.stopRelay(relay);
  world.run(10_000);
  world.nowMs += forMs;
  for (const relay of world.relays.keys()) world.startRelay(relay);
  world.run(30_000);
}

const keptBy = (world: World, i: number, id: EntryId) => world.device(i).vault.entries.get(id)?.entry;
const holds = (world: World, i: number, id: EntryId): boolean =>
  readBody(keptBy(world, i, id)?.body ?? new Uint8Array())?.type === 'text';
const holders = (world: World, id: EntryId) => [...world.devices.keys()].filter((i) => holds(world, i, id));

describe('what is over by the policy of a room', () => {
  test('goes everywhere once its time is over and not before, and its skeleton still verifies', () => {
    const { world, room } = makeWorld(1);
    keepFor(world, room, 30);
    const id = say(world, 1, room);
    pass(world, 29 * dayMs);
    expect(holders(world, id)).toEqual([0, 1, 2]);
    pass(world, 2 * dayMs);
    expect(holders(world, id)).toEqual([]);
    for (const i of world.devices.keys()) {
      const bytes = keptBy(world, i, id)?.bytes ?? new Uint8Array();
      expect(Buffer.from(bytes).includes(text)).toBe(false);
      const read = readSkeleton(bytes, room, (device) => world.founded.list.devices.get(device)?.signKey);
      expect([read.id, read.isStripped]).toEqual([id, true]);
    }
  });

  test('is only what people wrote: who is in, and what keys there are, stays', () => {
    const { world, room } = makeWorld(2);
    keepFor(world, room, 30);
    say(world, 1, room);
    const before = [...world.device(2).vault.entries.values()].filter(
      ({ entry }) => readBody(entry.body)?.type !== 'text',
    );
    pass(world, 60 * dayMs);
    for (const { entry } of before) expect(keptBy(world, 2, entry.id)?.isStripped).toBe(false);
    expect(world.device(2).running.rooms.get(room)?.membership.policy.retentionDays).toBe(30);
    world.crash(2);
    world.start(2);
    world.run(5_000);
    expect(world.device(2).running.rooms.get(room)?.membership.policy.retentionDays).toBe(30);
    const id = say(world, 2, room, 'we still talk');
    expect(holders(world, id)).toEqual([0, 1, 2]);
  });

  test('of more texts than one step takes goes in several, and ends', () => {
    const { world, room } = makeWorld(3);
    keepFor(world, room, 30);
    const ids = Array.from({ length: 300 }, (_, i) =>
      world.command(1, { type: 'send-text', room, text: `${text} ${i}` }),
    );
    world.run(20_000);
    pass(world, 31 * dayMs);
    const entries = ids.map((id) => world.result(1, id).entry);
    expect(entries.filter((id) => id !== undefined && holds(world, 2, id))).toEqual([]);
  });

  test('is nothing where no policy says so', () => {
    const { world, room } = makeWorld(4);
    const id = say(world, 1, room);
    pass(world, 4_000 * dayMs);
    expect(holders(world, id)).toEqual([0, 1, 2]);
  });
});

describe('a clock', () => {
  test('that jumps ahead by a year costs nothing, whether or not links stay up', () => {
    for (const isCut of [true, false]) {
      const { world, room } = makeWorld(5);
      keepFor(world, room, 30);
      const id = say(world, 1, room);
      if (isCut) for (const r of world.relays.keys()) world.part(2, r);
      world.device(2).clockMs = 365 * dayMs;
      world.run(2 * 3_600_000);
      expect(holds(world, 2, id)).toBe(true);
      if (isCut) world.heal();
      world.run(2 * 3_600_000);
      expect(holds(world, 2, id)).toBe(true);
    }
  });

  test('that jumps ahead by forty hours costs nothing, and weeks on one connection do not keep what is over', () => {
    const { world, room } = makeWorld(15);
    keepFor(world, room, 30);
    const id = say(world, 1, room);
    world.run(29 * dayMs);
    renew(world, 2);
    world.run(60_000);
    world.device(2).clockMs = 40 * 3_600_000;
    world.run(2 * 3_600_000);
    expect(holders(world, id)).toEqual([0, 1, 2]);
    world.run(dayMs);
    expect(holders(world, id)).toEqual([2]);
  });

  test('of one relay that lies takes nothing away: the earlier time counts', () => {
    const { world, room } = makeWorld(6);
    keepFor(world, room, 30);
    const id = say(world, 1, room);
    const { running } = world.device(2);
    const relays = new Map([...running.relays].map(([each, relay]) => [each, { ...relay, offsetMs: 400 * dayMs }]));
    world.device(2).state = { ...running, relays };
    world.run(2 * 3_600_000);
    expect(holds(world, 2, id)).toBe(true);
  });

  test('that no relay confirms makes nothing expire, until one does', () => {
    const { world, room } = makeWorld(7);
    keepFor(world, room, 30);
    const id = say(world, 1, room);
    for (const r of world.relays.keys()) world.stopRelay(r);
    world.run(1_000);
    world.nowMs += 40 * dayMs;
    world.run(3 * 3_600_000);
    expect(holders(world, id)).toEqual([0, 1, 2]);
    world.startRelay(0);
    world.run(30_000);
    expect(holders(world, id)).toEqual([]);
  });
});

describe('what is over', () => {
  test('is not brought back by who still has it, and a feed does not stop at it', () => {
    const { world, room } = makeWorld(8);
    keepFor(world, room, 30);
    for (const r of world.relays.keys()) world.part(2, r);
    const id = say(world, 1, room);
    const last = say(world, 1, room, 'and after it');
    world.run(10_000);
    world.crash(0);
    for (const r of world.relays.keys()) world.loseDisk(r);
    pass(world, 31 * dayMs);
    world.heal();
    const later = say(world, 1, room, 'a month later');
    world.start(0);
    world.run(10 * 60_000);
    expect(holders(world, id)).toEqual([]);
    expect(holders(world, last)).toEqual([]);
    expect(keptBy(world, 2, last)?.isStripped).toBe(true);
    expect(holders(world, later)).toEqual([0, 1, 2]);
  });

  test('is a file with its name, its key and its bytes, once a relay has had all of it', () => {
    const { world, room } = makeWorld(14);
    keepFor(world, room, 30);
    const { facts, chunks } = cutFile(new TextEncoder().encode(text), world.random);
    const { file, salt, size } = facts;
    world.device(1).vault.keepChunks(file, chunks);
    const sent = world.command(1, { type: 'send-file', room, file, salt, size, name: 'key.txt' });
    world.run(10_000);
    const id = world.result(1, sent).entry ?? ('' as never);
    expect([...world.device(1).vault.files.keys()]).toEqual([id]);
    pass(world, 31 * dayMs);
    for (const i of world.devices.keys()) {
      expect([...world.device(i).vault.files.keys(), ...world.device(i).vault.chunks.keys()]).toEqual([]);
      expect(keptBy(world, i, id)?.isStripped).toBe(true);
    }
    expect(world.device(1).running.files.size).toBe(0);
  });

  test('is not taken from a helper who still has it', () => {
    const { world, room } = makeWorld(13);
    keepFor(world, room, 30);
    for (const r of world.relays.keys()) world.part(2, r);
    const id = say(world, 1, room);
    world.crash(1);
    for (const r of world.relays.keys()) world.loseDisk(r);
    world.device(0).state = { ...world.device(0).running, lookedMs: world.nowMs + 60 * dayMs };
    pass(world, 31 * dayMs);
    world.heal();
    say(world, 2, room, 'a month later');
    world.run(10 * 60_000);
    expect(holds(world, 0, id)).toBe(true);
    expect(keptBy(world, 2, id)?.isStripped).toBe(true);
  });

  test('stays over where its whole bytes come once more', () => {
    const { world, room } = makeWorld(9);
    keepFor(world, room, 30);
    const id = say(world, 1, room);
    say(world, 1, room, 'and after it');
    const topic = world.device(2).running.rooms.get(room)?.info.topic;
    const stored = topic === undefined ? undefined : world.relay(0).topics.get(topic);
    pass(world, 31 * dayMs);
    for (const each of stored ?? [])
      if (topic !== undefined)
        world.hand(2, 0, { type: 'deliver', topic, items: [[each.offset, each.atMs, each.bytes]] });
    world.run(60_000);
    expect(holds(world, 2, id)).toBe(false);
  });

  test('is not a text that no relay has: it would go out as nothing', () => {
    const { world, room } = makeWorld(10);
    keepFor(world, room, 30);
    world.tamper = (_, device, frame) => (device === world.device(1) && frame.type === 'appended' ? [] : [frame]);
    const id = say(world, 1, room);
    pass(world, 31 * dayMs);
    world.run(2 * 3_600_000);
    expect(holds(world, 1, id)).toBe(true);
    world.tamper = undefined;
    pass(world, 3_600_000);
    world.run(2 * 3_600_000);
    expect(holds(world, 1, id)).toBe(false);
  });
});

describe('the organisation', () => {
  /** The next list, with these times in it. */
  const withPolicy = (world: World, retentionDays: number, evidenceDays?: number) => {
    const { genesis, custodians, leaves, list } = world.founded;
    const kept = evidenceDays === undefined ? {} : { evidenceDays };
    const policy = makeLeaf({ type: 'policy', retentionDays, ...kept }, world.random);
    return signList(genesis, custodians.slice(0, 2), [...leaves, policy], {
      version: list.version + 1,
      previous: list.id,
    });
  };

  test('keeps for the shorter of its own time and the room’s', () => {
    const { world, room } = makeWorld(11);
    keepFor(world, room, 90);
    const id = say(world, 1, room);
    world.takeList(withPolicy(world, 10));
    world.run(10_000);
    pass(world, 11 * dayMs);
    expect(holders(world, id)).toEqual([]);
  });

  test('keeps what was written in a drill by its time for evidence, and not by that for everything else', () => {
    const world = new World(12, { drills: [{}] });
    world.startAll();
    world.run(5_000);
    const [drill] = world.device(0).running.drills.values();
    if (drill === undefined) throw new Error('no drill');
    world.run(200_000);
    const id = say(world, 1, drill.room);
    const other = say(world, 1, orgRoom(world.founded.list).id);
    world.takeList(withPolicy(world, 10, 100));
    world.run(10_000);
    pass(world, 11 * dayMs);
    expect([holders(world, id), holders(world, other)]).toEqual([[0, 1, 2], []]);
    pass(world, 100 * dayMs);
    expect(holders(world, id)).toEqual([]);
  });
});
