/** Known attacks on messengers, tried on running devices: by who holds a key, by replays, by copies; and what healing closes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBody } from '../../src/core/body.ts';
import { makeEntry } from '../../src/core/entry.ts';
import { openEnvelope, readHeader, sealEnvelope } from '../../src/core/envelope.ts';
import type { Epoch } from '../../src/core/epoch.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { hex } from '../../src/wire/bytes.ts';
import { inRoom, say } from '../kit/insideRoom.ts';
import {
  epochIn,
  everyone,
  forge,
  packetTo,
  roomIn,
  sealed,
  slip,
  talked,
  textsIn,
  textsOf,
  write,
} from '../kit/rogue.ts';
import type { World } from '../kit/world.ts';

beforeAll(loadSodium);

/** What ever came to relays on a topic. */
const storedOn = (world: World, topic: string): readonly Uint8Array[] =>
  world.relays
    .flatMap((relay) => [...relay.topics].flatMap(([each, items]) => (each === topic ? items : [])))
    .map(({ bytes }) => bytes);

/** True if this opens with any of these. */
const opens = (epochs: readonly Epoch[], envelope: Uint8Array): boolean =>
  epochs.some((epoch) => {
    try {
      return openEnvelope(epoch, envelope).type === 'entry';
    } catch {
      return false;
    }
  });

describe('a key without provenance', () => {
  it('who holds the room’s key writes as nobody else with it', () => {
    const world = talked(3);
    const room = everyone(world);
    const { keys } = world.device(2).self;
    const facts = { seq: 0, heads: [], timeMs: world.nowMs, control: [], salt: world.random(16) };
    const entry = makeEntry(keys.sign, room.id, {
      ...facts,
      device: world.device(1).self.device,
      body: encodeBody({ type: 'text', text: 'I resign' }),
    });
    slip(world, 0, room.topic, sealed(world, 2, entry));
    expect(textsOf(world.device(0))).toEqual(['one']);
    expect(world.device(0).refused.map(({ code }) => code)).toEqual(['bad-signature']);
  });

  it('what another gives or seals again keeps its author, its place and its words', () => {
    const world = talked(4);
    const room = everyone(world);
    const told = forge(world, 0, room.id, { type: 'text', text: 'from Ada' });
    const { inbox } = world.device(1).running;
    slip(world, 1, inbox, packetTo(world, 1, { type: 'give', room: room.id, entries: [told.bytes] }));
    slip(world, 1, room.topic, sealed(world, 2, told));
    const kept = [...world.device(1).vault.entries.values()].filter(({ entry }) => entry.id === told.id);
    expect(kept.map(({ entry }) => entry.device)).toEqual([world.device(0).self.device]);
    expect(roomIn(world, 1, room.id).feeds.has(world.device(2).self.device)).toBe(false);
  });
});

describe('a replay', () => {
  it('of a room’s envelopes on another room’s topic, or in an inbox, shows nothing anywhere', () => {
    const { world, room } = inRoom(5, 3);
    say(world, 0, room, 'secret');
    world.run(2_000);
    const { topic } = roomIn(world, 0, room).info;
    const envelopes = storedOn(world, topic);
    const { device } = world.device(1).self;
    const count = () => world.device(1).vault.entries.size;
    const before = count();
    world.device(1).state = { ...world.device(1).running, seen: [] };
    slip(world, 1, everyone(world).topic, ...envelopes);
    slip(world, 1, world.device(1).running.inbox, ...envelopes);
    slip(world, 1, topic, ...storedOn(world, world.device(1).running.inbox));
    slip(world, 1, topic, ...envelopes);
    expect(count()).toBe(before);
    expect(roomIn(world, 1, everyone(world).id).feeds.has(device)).toBe(false);
    // Nor is an entry of one room one of another for who seals it there.
    const [entry] = [...world.device(0).vault.entries.values()].filter((each) => each.entry.room === room);
    if (entry === undefined) throw new Error('it was written');
    const org = epochIn(world, 2, everyone(world).id);
    slip(
      world,
      1,
      everyone(world).topic,
      sealEnvelope(org, 0, { type: 'entry', bytes: entry.entry.bytes }, world.random),
    );
    expect(world.device(1).refused.at(-1)?.code).toBe('bad-signature');
    expect(count()).toBe(before);
  });
});

describe('healing', () => {
  it('by one member closes the room to a thief of its keys for all who write, not for that one alone', () => {
    const { world, room } = inRoom(6, 4);
    say(world, 0, room, 'before');
    world.run(2_000);
    const stolen = [...roomIn(world, 3, room).epochs.values()];
    const { topic } = roomIn(world, 0, room).info;
    const before = storedOn(world, topic);
    expect(before.some((envelope) => opens(stolen, envelope))).toBe(true);
    world.result(2, world.command(2, { type: 'heal', room }));
    world.run(3_000);
    for (const i of [0, 1, 2, 3]) say(world, i, room, `after ${i}`);
    world.run(3_000);
    expect(textsIn(world, 1, room).toSorted()).toEqual(['after 0', 'after 1', 'after 2', 'after 3', 'before']);
    const known = new Set(before.map(hex));
    const after = storedOn(world, topic).filter((envelope) => !known.has(hex(envelope)));
    expect(after.length).toBeGreaterThanOrEqual(4);
    expect(after.some((envelope) => opens(stolen, envelope))).toBe(false);
  });
});

describe('a machine that was put back', () => {
  /** Device 1 writes, is put back to before it did, and is started again. */
  function putBack(seed: number, first: (world: World) => void): World {
    const world = talked(seed, 4);
    const { vault } = world.device(1);
    const maps = Object.values(vault).filter((each) => each instanceof Map);
    const saved = maps.map((each) => new Map<unknown, unknown>(each));
    write(world, 1, 'what was lost');
    world.run(3_000);
    world.crash(1);
    for (const [i, each] of maps.entries()) {
      each.clear();
      for (const [key, value] of saved[i] ?? []) (each as Map<unknown, unknown>).set(key, value);
    }
    first(world);
    return world;
  }
  const retired = (world: World) => {
    expect(world.device(1).running.retiredAtMs).toBeDefined();
    const id = write(world, 1, 'and on');
    expect(() => world.result(1, id)).toThrow('enrol it anew');
  };

  it('retires before it writes anything, if it hears what it had written', () => {
    const world = putBack(7, (each) => {
      each.start(1);
      each.run(3_000);
    });
    retired(world);
    expect(textsOf(world.device(1))).toContain('what was lost');
    expect(roomIn(world, 0, everyone(world).id).control.operations.size).toBe(0);
  });

  it('that writes before it hears, and whose writing gets out, seals the same place under another nonce, and both entries prove the fork', () => {
    const world = putBack(8, (each) => {
      for (const r of each.relays.keys()) each.part(1, r);
      each.start(1);
      write(each, 1, 'something else');
    });
    world.run(1_000);
    const { topic, id } = everyone(world);
    const again = [...world.device(1).running.outbox.values()].find((parcel) => parcel.topic === topic)?.bytes;
    const [before] = storedOn(world, topic).slice(-1);
    if (again === undefined || before === undefined) throw new Error('both were sealed');
    expect(readHeader(again)).toEqual(readHeader(before));
    expect(hex(again.subarray(12, 36))).not.toBe(hex(before.subarray(12, 36)));
    // To a relay it would not go (current.ts), but it may be carried.
    for (const i of [0, 2, 3]) slip(world, i, topic, again);
    world.heal();
    world.run(10_000);
    for (const i of [0, 2, 3]) {
      expect(roomIn(world, i, id).membership.roster.has(world.device(1).self.device)).toBe(false);
      expect(textsOf(world.device(i))).not.toContain('something else');
    }
    retired(world);
  });
});
