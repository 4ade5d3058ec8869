import { beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../../src/core/body.ts';
import { orgRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { utf8 } from '../../src/wire/bytes.ts';
import { World, type WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

const texts = (device: WorldDevice): readonly string[] =>
  [...device.vault.entries.values()].flatMap(({ entry }) => {
    const body = readBody(entry.body);
    return body?.type === 'text' ? [body.text] : [];
  });

const everyone = (world: World) => orgRoom(world.founded.list).id;

describe('a room', () => {
  it('carries a text from one device to all others by the muster list alone', () => {
    const world = new World(1, { members: 5 });
    world.startAll();
    world.run(5_000);
    world.command(0, { type: 'send-text', room: everyone(world), text: 'mail is down' });
    world.run(5_000);
    for (const device of world.devices) expect(texts(device)).toEqual(['mail is down']);
    expect(world.devices.flatMap((device) => device.refused)).toEqual([]);
  });

  it('sends what was written with no relay in reach, in order, once one is', () => {
    const world = new World(2);
    for (const i of world.relays.keys()) world.stopRelay(i);
    world.startAll();
    for (const text of ['one', 'two', 'three']) world.command(0, { type: 'send-text', room: everyone(world), text });
    world.run(5_000);
    expect(texts(world.device(1))).toEqual([]);
    world.startRelay(1);
    world.run(10_000);
    expect(texts(world.device(1))).toEqual(['one', 'two', 'three']);
    expect(texts(world.device(2))).toEqual(['one', 'two', 'three']);
  });

  it('loses nothing that was shown as sent when a relay dies for good', () => {
    const world = new World(3, { members: 4 });
    world.start(0, 1);
    world.run(3_000);
    world.stopRelay(0);
    world.command(0, { type: 'send-text', room: everyone(world), text: 'still here' });
    world.run(3_000);
    world.stopRelay(1);
    world.start(2, 3);
    world.run(8_000);
    for (const i of [1, 2, 3]) expect(texts(world.device(i))).toEqual(['still here']);
  });

  it('says who has an entry, and claims nobody who does not', () => {
    const world = new World(4, { members: 4 });
    world.start(0, 1, 2);
    world.run(4_000);
    world.command(0, { type: 'send-text', room: everyone(world), text: 'who has this' });
    world.run(4_000);
    const room = world.device(0).running.rooms.get(everyone(world));
    const holders = [...(room?.haves ?? [])]
      .filter(([, holding]) => (holding.get(world.device(0).self.device)?.to ?? 0) >= 1)
      .map(([device]) => device);
    expect(holders.sort()).toEqual([world.device(1).self.device, world.device(2).self.device].sort());
  });

  it('invites by granting: an incident room reaches its members and nobody else', () => {
    const world = new World(5, { members: 4 });
    world.startAll();
    world.run(3_000);
    const members = [0, 1, 2].map((i) => world.device(i).self.member);
    const id = world.command(0, { type: 'create-room', title: 'Ransom note on srv-7', members });
    const { room } = world.result(0, id);
    world.command(0, { type: 'send-text', room, text: 'pull the plug' });
    world.run(5_000);
    expect(texts(world.device(1))).toEqual(['pull the plug']);
    expect(texts(world.device(2))).toEqual(['pull the plug']);
    expect(world.device(3).running.rooms.has(room)).toBe(false);
    expect(texts(world.device(3))).toEqual([]);
  });

  it('shows relays no text, name, number or identity key', () => {
    const world = new World(6, { members: 4 });
    world.startAll();
    world.run(3_000);
    world.command(1, { type: 'send-text', room: everyone(world), text: 'the password is hunter2' });
    world.run(3_000);
    const seen = Buffer.concat(world.relays.flatMap((relay) => relay.crossed));
    const secrets = [
      'the password is hunter2',
      'hunter2',
      'Everyone',
      ...world.founded.list.members.flatMap((member) => [
        member.name ?? '',
        ...(member.contacts ?? []).map((path) => path.value),
      ]),
    ];
    for (const secret of secrets) expect(seen.includes(Buffer.from(utf8(secret)))).toBe(false);
    for (const device of world.founded.list.devices.values())
      expect(seen.includes(Buffer.from(device.signKey))).toBe(false);
    // The search would have found it: a planted text is found.
    expect(Buffer.concat([seen, Buffer.from('hunter2')]).includes(Buffer.from('hunter2'))).toBe(true);
  });

  it('goes on from its rows after a crash at any moment, with nothing lost and nothing twice', () => {
    for (let seed = 10; seed < 30; seed++) {
      const world = new World(seed, { members: 4 });
      world.startAll();
      const sent: string[] = [];
      for (let round = 0; round < 6; round++) {
        const author = Math.floor(world.random.next() * 4);
        if (world.device(author).state !== undefined) {
          const text = `seed ${seed} round ${round}`;
          world.command(author, { type: 'send-text', room: everyone(world), text });
          sent.push(text);
        }
        world.run(Math.floor(world.random.next() * 400));
        const victim = Math.floor(world.random.next() * 4);
        world.crash(victim);
        world.run(Math.floor(world.random.next() * 400));
        world.start(victim);
      }
      world.run(15_000);
      for (const device of world.devices) expect([...texts(device)].sort()).toEqual([...sent].sort());
    }
  });

  it('is the same run for the same seed', () => {
    const trace = (seed: number) => {
      const world = new World(seed, { members: 3 });
      world.startAll();
      world.command(0, { type: 'send-text', room: everyone(world), text: 'same' });
      world.run(5_000);
      return Buffer.concat(world.relays.flatMap((relay) => relay.crossed)).toString('hex');
    };
    expect(trace(7)).toBe(trace(7));
    expect(trace(7)).not.toBe(trace(8));
  });
});
