/** Relays, one or all together, that would bring somebody in: a device on no list, or one that is not in the room. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBody } from '../../src/core/body.ts';
import { makeEntry } from '../../src/core/entry.ts';
import { makeHave, makeWant, sealEnvelope } from '../../src/core/envelope.ts';
import { forgetBefore, openEpoch } from '../../src/core/epoch.ts';
import type { RoomId } from '../../src/core/id.ts';
import { makeNeed } from '../../src/core/need.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import type { Self } from '../../src/engine/state.ts';
import { inRoom, say } from '../kit/insideRoom.ts';
import { makeNew } from '../kit/nextList.ts';
import { epochIn, grantTo, packetTo, roomIn, slip, textsIn } from '../kit/rogue.ts';
import { type World, WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

/** What ever came to relays on a topic. */
const storedOn = (world: World, topic: string): number =>
  world.relays.reduce(
    (sum, relay) => sum + [...relay.topics].filter(([each]) => each === topic).flatMap(([, items]) => items).length,
    0,
  );

describe('servers that bring somebody in', () => {
  /** All that one can send who has a device of its own, the ids of everything, and even the key of the room. */
  function tryAll(world: World, room: RoomId, { keys, device, member }: Self): void {
    const { info, membership } = roomIn(world, 0, room);
    const epoch = epochIn(world, 0, room);
    const entry = (text: Parameters<typeof encodeBody>[0]) =>
      makeEntry(keys.sign, room, {
        device,
        seq: 0,
        heads: [],
        timeMs: world.nowMs,
        control: [],
        body: encodeBody(text),
        salt: world.random(16),
      });
    const facts = { room, control: membership.heads, listVersion: 1, roster: membership.roster };
    const own = openEpoch(keys.sign, device, facts, world.nowMs, world.random);
    const add = entry({ type: 'add', members: [member], devices: [] });
    const frames = [
      { type: 'entry', bytes: add.bytes } as const,
      { type: 'entry', bytes: entry({ type: 'text', text: 'I am one of you' }).bytes } as const,
    ];
    const casts = [
      makeHave(keys.sign, room, { device, timeMs: world.nowMs, spans: [], ask: true }),
      makeWant(keys.sign, room, {
        device,
        timeMs: world.nowMs,
        ranges: [[world.device(0).self.device, 0, 9]],
        operations: [],
        nonce: world.random(16),
      }),
    ];
    const granter = { keys, device };
    const need = makeNeed(keys.sign, { device, room, tags: [], nonce: world.random(16), timeMs: world.nowMs });
    for (const i of [0, 1, 2]) {
      const inbox = world.device(i).running.inbox;
      slip(world, i, info.topic, ...frames.map((frame) => sealEnvelope(epoch, 0, frame, world.random)));
      for (const frame of casts)
        world.hand(i, 0, { type: 'cast', topic: info.topic, bytes: sealEnvelope(epoch, 0, frame, world.random) });
      slip(world, i, inbox, packetTo(world, i, { type: 'need', ...need }));
      slip(world, i, inbox, packetTo(world, i, { type: 'log', room, entries: [add.bytes] }));
      slip(world, i, inbox, packetTo(world, i, { type: 'give', room, entries: [add.bytes] }));
      const later = forgetBefore(epoch, epoch.bucket + 1);
      for (const each of [own, later]) {
        const stranger = new WorldDevice({ ...world.device(0).self, ...granter });
        world.devices.push(stranger);
        grantTo(world, world.devices.length - 1, i, each);
        world.devices.pop();
      }
    }
  }

  it('put nobody in who is on no list, though all of them work together and have the room’s key', () => {
    const { world, room } = inRoom(1, 3);
    say(world, 0, room, 'secret');
    world.run(2_000);
    const stranger = makeNew(world).self;
    const before = storedOn(world, world.device(0).running.inbox);
    tryAll(world, room, stranger);
    world.run(30_000);
    for (const i of [0, 1, 2]) {
      expect(roomIn(world, i, room).membership.roster.size).toBe(3);
      expect(textsIn(world, i, room)).toEqual(['secret']);
      expect([...roomIn(world, i, room).epochs.values()].every(({ device }) => device !== stranger.device)).toBe(true);
      const codes = new Set(world.device(i).refused.map(({ code }) => code));
      expect(codes).toEqual(new Set(['not-a-member']));
    }
    expect(storedOn(world, world.device(0).running.inbox)).toBe(before);
  });

  it('nor anybody of the list who is not in the room, who is given no key, operation or entry', () => {
    const { world, room } = inRoom(2, 3, 4);
    say(world, 0, room, 'secret');
    world.run(2_000);
    const { self, running } = world.device(3);
    const before = storedOn(world, running.inbox);
    tryAll(world, room, self);
    world.run(30_000);
    for (const i of [0, 1, 2]) {
      expect(roomIn(world, i, room).membership.roster.has(self.device)).toBe(false);
      expect(textsIn(world, i, room)).toEqual(['secret']);
      expect([...roomIn(world, i, room).epochs.values()].every(({ device }) => device !== self.device)).toBe(true);
    }
    expect(storedOn(world, running.inbox)).toBe(before);
  });
});
