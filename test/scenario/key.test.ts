/** Keys over time: replaced, erased, missing and asked for, and devices that sleep for months. */
import { beforeAll, describe, expect, it } from 'vitest';
import { stripEntry } from '../../src/core/entry.ts';
import { openEnvelope } from '../../src/core/envelope.ts';
import { horizon } from '../../src/core/horizon.ts';
import { openPacket } from '../../src/core/packet.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import type { RelayFrame } from '../../src/wire/frame.ts';
import { faultOf } from '../kit/fault.ts';
import { epochIn, everyone, packetTo, roomIn, slip, talked, textsOf, write } from '../kit/rogue.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

const hourMs = 3_600_000;

/** Everything that came to a device's inbox, as a relay would have kept it. */
const packetsTo = (world: World, i: number) =>
  [...(world.relay(0).topics.get(world.device(i).running.inbox) ?? [])].map(({ bytes }) => bytes);

describe('prekeys', () => {
  it('are replaced daily while the device is awake, numbered and chained, and every other device learns of it', () => {
    const world = talked(1);
    world.run(60 * hourMs);
    const { prekeys } = world.device(1).running;
    const newest = prekeys.at(-1);
    expect(newest?.seq).toBe(2);
    for (const i of [0, 2]) expect(world.device(i).running.known.get(world.device(1).self.device)?.id).toBe(newest?.id);
  });

  it('are erased some hours after the next one was published, and a packet to them opens for nobody any more', () => {
    const world = talked(2);
    const [first] = world.device(1).running.prekeys;
    const grant = packetsTo(world, 1)[0] ?? packetsTo(world, 0)[0];
    if (first === undefined || grant === undefined) throw new Error('an epoch was granted');
    world.run(25 * hourMs);
    expect(world.device(1).running.prekeys.map(({ seq }) => seq)).toEqual([0, 1]);
    world.run(6 * hourMs);
    expect(world.device(1).running.prekeys.map(({ seq }) => seq)).toEqual([1]);
    expect(first.seed.open().every((byte) => byte === 0)).toBe(true);
    // Whoever takes the device now has the ciphertexts of back then, all its keys, and nothing that opens them.
    for (const i of [0, 1, 2]) {
      const { prekeys, pairs, self } = world.device(i).running;
      for (const packet of packetsTo(world, i).slice(0, 1))
        expect(faultOf(() => openPacket(packet, prekeys, pairs, self.device))).toBe('unknown-key');
      expect(
        world
          .device(i)
          .vault.load()
          .pairs.every(({ pair }) => prekeys.some(({ id }) => id === pair.prekey)),
      ).toBe(true);
    }
  });

  it('are not erased while a relay may hold packets that were not read', () => {
    const world = talked(3);
    world.run(25 * hourMs);
    for (const r of world.relays.keys()) world.part(1, r);
    world.run(24 * hourMs);
    expect(world.device(1).running.prekeys.map(({ seq }) => seq)).toEqual([0, 1]);
  });

  it('made by a copy of this device are noticed: it writes nothing more', () => {
    const world = talked(4);
    // The copy is made, and its original goes on, a day later, in the same network.
    const copied = world.device(1).vault.load();
    world.run(25 * hourMs);
    expect(copied.prekeys.length).toBe(1);
    world.device(1).vault.prekeys.delete(world.device(1).running.prekeys.at(-1)?.id ?? '');
    world.crash(1);
    world.device(1).vault.cursors.clear();
    for (const [id, { entry }] of world.device(1).vault.entries)
      if (entry.device === world.device(1).self.device) world.device(1).vault.entries.delete(id);
    world.start(1);
    world.run(10_000);
    expect(world.device(1).running.retiredAtMs).toBeDefined();
    // It makes no keys for anybody, either.
    const { id } = everyone(world);
    const heal = world.command(1, { type: 'heal', room: id });
    const create = world.command(1, { type: 'create-room', title: 'Copy', members: [world.device(0).self.member] });
    for (const each of [heal, create]) expect(() => world.result(1, each)).toThrow('copied, or put back');
  });
});

describe('bucket keys', () => {
  it('are forgotten after a day, so that what was sent opens for no thief of the device; others stay', () => {
    const world = talked(5);
    const epoch = epochIn(world, 1, everyone(world).id);
    const sent = [...(world.relay(0).topics.get(everyone(world).topic) ?? [])][0]?.bytes;
    if (sent === undefined) throw new Error('something was sent');
    expect(openEnvelope(epoch, sent).type).toBe('entry');
    world.run(horizon.default.bucketGraceMs + 2 * hourMs);
    const later = roomIn(world, 1, everyone(world).id).epochs.get(epoch.tag);
    expect(later?.bucket).toBeGreaterThan(0);
    expect(faultOf(() => (later === undefined ? undefined : openEnvelope(later, sent)))).toBe('unknown-key');
    expect(epoch.secret.open().every((byte) => byte === 0)).toBe(true);
    world.run(26 * hourMs);
    expect(roomIn(world, 1, everyone(world).id).epochs.has(epoch.tag)).toBe(false);
    // What it says is in the vault all the same, and the room goes on.
    write(world, 2, 'two days later');
    world.run(5_000);
    expect(textsOf(world.device(1))).toEqual(['one', 'two days later']);
  });
});

describe('a device that sleeps', () => {
  it('for ninety days, while others talk every week, is current within seconds', () => {
    const world = talked(6, 4);
    world.crash(3);
    for (let week = 0; week < 13; week++) {
      world.run(7 * 24 * hourMs);
      write(world, week % 3, `week ${week}`);
      world.run(10_000);
    }
    world.start(3);
    world.run(10_000);
    expect(textsOf(world.device(3)).toSorted()).toEqual(textsOf(world.device(0)).toSorted());
    write(world, 3, 'good morning');
    world.run(5_000);
    for (const i of [0, 1, 2]) expect(textsOf(world.device(i))).toContain('good morning');
  });

  it('with something unsent seals it again, so that those who erased their keys meanwhile can read it', () => {
    const world = talked(7);
    for (const r of world.relays.keys()) world.part(1, r);
    write(world, 1, 'written on the way down');
    world.run(1_000);
    world.crash(1);
    world.run(80 * hourMs);
    world.start(1);
    world.heal();
    world.run(10_000);
    for (const i of [0, 1, 2]) expect(textsOf(world.device(i)).toSorted()).toEqual(['one', 'written on the way down']);
    // By its own envelope, not by asking: nothing lies at the relays that opens for nobody.
    for (const i of [0, 2]) {
      expect(world.device(i).running.parked.size).toBe(0);
      expect(roomIn(world, i, everyone(world).id).missing.size).toBe(0);
    }
    expect(world.device(1).running.outbox.size).toBe(0);
  });
});

describe('a grant that never came', () => {
  it('is asked for, and what it opens is read', () => {
    const world = new World(8, { members: 4 });
    // Relays lose whatever is for device 2 alone, for the first minute.
    let isLost = true;
    world.tamper = (_, device, frame): readonly RelayFrame[] => {
      const isInbox = 'topic' in frame && frame.topic === device.state?.inbox;
      return isLost && device === world.device(2) && isInbox && frame.type === 'deliver' ? [] : [frame];
    };
    world.start(0, 1, 3);
    world.run(4_000);
    world.start(2);
    write(world, 0, 'can you read this');
    world.run(1_000);
    expect(textsOf(world.device(2))).toEqual([]);
    isLost = false;
    world.run(10_000);
    expect(textsOf(world.device(2))).toEqual(['can you read this']);
    expect(world.device(2).running.parked.size).toBe(0);
  });

  it('is asked for where only words that nobody keeps came of its epoch, and these are said again', () => {
    const world = talked(13, 4);
    let isLost = true;
    world.tamper = (_, device, frame): readonly RelayFrame[] =>
      isLost && device === world.device(2) && frame.type === 'deliver' ? [] : [frame];
    world.result(0, world.command(0, { type: 'heal', room: everyone(world).id }));
    world.run(1_000);
    write(world, 0, 'can you read this');
    world.run(5_000);
    isLost = false;
    world.run(120_000);
    expect(textsOf(world.device(2))).toContain('can you read this');
  });

  it('is not given to who is not in the room', () => {
    const world = talked(9, 4);
    const members = [1, 2].map((i) => world.device(i).self.member);
    const { room } = world.result(0, world.command(0, { type: 'create-room', title: 'three', members }));
    world.run(3_000);
    const sealed = roomIn(world, 0, room);
    // The outsider knows the room, follows it and sees its envelopes.
    const outsider = world.device(3);
    const known = {
      ...sealed,
      epochs: new Map(),
      feeds: new Map(),
      missing: new Map([[[...sealed.epochs.keys()][0] ?? '', { times: 0, nextMs: 0 }]]),
    };
    outsider.state = {
      ...outsider.running,
      rooms: new Map(outsider.running.rooms).set(room, known),
      topics: new Map(outsider.running.topics).set(sealed.info.topic, room),
    };
    for (const relay of world.relays) {
      world.disconnect(outsider, relay);
      world.connect(outsider, relay);
    }
    world.run(10_000);
    const asked = world.devices.filter(({ refused }) => refused.some(({ code }) => code === 'not-a-member'));
    expect(asked.length).toBeGreaterThan(0);
    expect(roomIn(world, 3, room).epochs.size).toBe(0);
  });
});

describe('entries that never came', () => {
  it('to one device, because every relay withholds them, come from the others', () => {
    const world = talked(10, 4);
    const withheld = new Set<string>();
    world.tamper = (_, device, frame): readonly RelayFrame[] => {
      if (device !== world.device(2) || frame.type !== 'deliver' || frame.topic !== everyone(world).topic)
        return [frame];
      for (const [, , bytes] of frame.items) withheld.add(Buffer.from(bytes).toString('hex'));
      return [];
    };
    write(world, 0, 'two');
    write(world, 1, 'three');
    world.run(30_000);
    expect(withheld.size).toBeGreaterThan(0);
    expect(textsOf(world.device(2)).toSorted()).toEqual(['one', 'three', 'two']);
  });
});

describe('entries that are given', () => {
  it('without what they say are not taken where this device may read it: nobody can hide a message that way', () => {
    const world = talked(12);
    world.tamper = (_, device, frame): readonly RelayFrame[] =>
      device === world.device(1) && frame.type === 'deliver' && frame.topic === everyone(world).topic ? [] : [frame];
    write(world, 0, 'they are in the mail server');
    world.run(1_000);
    const entry = [...world.device(0).vault.entries.values()].at(-1)?.entry;
    if (entry === undefined) throw new Error('it was written');
    const bare = packetTo(world, 1, { type: 'give', room: entry.room, entries: [stripEntry(entry.bytes)] });
    slip(world, 1, world.device(1).running.inbox, bare);
    world.run(500);
    expect([...world.device(1).vault.entries.values()].some((kept) => kept.entry.id === entry.id)).toBe(false);
    world.tamper = undefined;
    world.run(30_000);
    expect(textsOf(world.device(1))).toContain('they are in the mail server');
  });
});

describe('packets', () => {
  it('leave the encapsulation out once the other side has shown that it has it', () => {
    const world = talked(11);
    write(world, 1, 'heard');
    write(world, 2, 'heard');
    world.run(3_000);
    const sizes = () => [1, 2].map((i) => packetsTo(world, i).at(-1)?.length ?? 0);
    const opener = world.devices.indexOf(
      world.devices.find(({ self }) => self.device === epochIn(world, 0, everyone(world).id).device) ?? world.device(0),
    );
    const others = [0, 1, 2].filter((i) => i !== opener);
    const before = others.map((i) => packetsTo(world, i).at(-1)?.length ?? 0);
    world.run(1_000);
    world.result(opener, world.command(opener, { type: 'heal', room: everyone(world).id }));
    world.run(3_000);
    const after = others.map((i) => packetsTo(world, i).at(-1)?.length ?? 0);
    for (const [n, size] of after.entries()) expect(size).toBe((before[n] ?? 0) - 1120);
    expect(sizes().length).toBe(2);
    // And they open after a restart of both sides.
    for (const i of [0, 1, 2]) {
      world.crash(i);
      world.start(i);
    }
    world.run(3_000);
    write(world, opener, 'still');
    world.run(3_000);
    for (const i of [0, 1, 2]) expect(textsOf(world.device(i))).toContain('still');
  });
});
