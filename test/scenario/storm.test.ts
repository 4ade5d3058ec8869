/**
 * A room so large that everybody saying something about everything would be a storm: how often devices speak, and how
 * much, when all come at once and after one message. DEVICES=250 runs it with that many.
 */
import { beforeAll, expect, it } from 'vitest';
import { readHeader } from '../../src/core/envelope.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { hasRead } from '../../src/engine/reading.ts';
import { everyone, roomIn, textsOf, write } from '../kit/rogue.ts';
import { World, type WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

const devices = Number(process.env['DEVICES'] ?? 40);

/** What each device cast over its one relay since this was last called: how many, and bytes in all. */
function casts(world: World): () => { readonly most: number; readonly all: number; readonly bytes: number } {
  const counts = new Map<WorldDevice, number>();
  let bytes = 0;
  world.onStep = (device, _, __, ___, made) => {
    for (const effect of made.effects) {
      if (effect.type !== 'send' || effect.frame.type !== 'cast') continue;
      readHeader(effect.frame.bytes);
      counts.set(device, (counts.get(device) ?? 0) + 1);
      bytes += effect.frame.bytes.length;
    }
  };
  return () => {
    const made = { most: Math.max(0, ...counts.values()), all: [...counts.values()].reduce((a, b) => a + b, 0), bytes };
    counts.clear();
    bytes = 0;
    return made;
  };
}

it(
  'everybody coming at once is a few small casts of each, one message is one, and having read it another',
  () => {
    const world = new World(1, { members: devices, relays: 1 });
    const since = casts(world);
    world.startAll();
    world.run(60_000);
    since();
    // Everybody has written, so that all of what is held is much.
    for (const i of world.devices.keys()) write(world, i, `${i}`);
    world.run(60_000);
    for (const device of world.devices) expect(textsOf(device)).toHaveLength(devices);
    const talk = since();
    world.stopRelay(0);
    world.run(1_000);
    world.startRelay(0);
    world.run(60_000);
    const coming = since();
    write(world, 0, 'one message');
    world.run(60_000);
    const message = since();
    const room = everyone(world).id;
    const own = world.device(0).self.device;
    const last = (roomIn(world, 0, room).feeds.get(own)?.count ?? 0) - 1;
    const readAll = (seq: number) => {
      for (const i of world.devices.keys()) world.command(i, { type: 'read', room, places: [[own, seq]] });
    };
    readAll(last);
    world.run(60_000);
    const reading = since();
    // All read what came before the line was cut, and come back at once: what each holds and has read is to be told.
    write(world, 0, 'and one more');
    world.run(60_000);
    world.stopRelay(0);
    readAll(last + 1);
    world.run(1_000);
    since();
    world.startRelay(0);
    world.run(60_000);
    const back = since();
    console.log(
      `${devices} devices; all write: ${JSON.stringify(talk)}; all come: ${JSON.stringify(coming)}; one message: ${JSON.stringify(message)}; all read it: ${JSON.stringify(reading)}; all come, having read: ${JSON.stringify(back)}`,
    );
    expect([reading.most, reading.all]).toEqual([1, devices - 1]);
    expect(reading.bytes / reading.all).toBeLessThan(600);
    expect(back.most).toBeLessThanOrEqual(5);
    expect(back.bytes / back.all).toBeLessThan(600);
    expect(coming.most).toBeLessThanOrEqual(4);
    expect(coming.bytes / coming.all).toBeLessThan(600);
    expect(message.most).toBe(1);
    expect(message.bytes / message.all).toBeLessThan(600);
    // And yet everybody knows of everybody.
    const { haves, reads, feeds } = roomIn(world, 0, room);
    for (const { self } of world.devices.slice(1)) {
      expect(haves.get(self.device)?.get(own)?.to).toBe(feeds.get(own)?.count);
      for (const seq of [last, last + 1]) expect(hasRead(reads.get(self.device), own, seq)).toBe(true);
    }
  },
  devices * 4_000,
);
