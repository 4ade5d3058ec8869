/** What a beacon says that a device holds is what it holds. */
import { beforeAll, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { beaconAtMs } from '../../src/engine/beacon.ts';
import { everyone, roomIn, slip, talked, textsOf, write } from '../kit/rogue.ts';

beforeAll(loadSodium);

it('after a step that said one in the middle, and took an entry before it and an entry after it', () => {
  const world = talked(1, 2);
  const { topic, id } = everyone(world);
  const reader = world.device(1);
  const held: Uint8Array[] = [];
  world.tamper = (_, device, frame) => {
    if (device !== reader || frame.type !== 'deliver') return [frame];
    held.push(...frame.items.map(([, , envelope]) => envelope));
    return [];
  };
  for (const text of ['two', 'three']) write(world, 0, text);
  world.run(3_000);
  const [two, three] = held;
  if (two === undefined || three === undefined) throw new Error('both were sent');
  // It waits for the one before it.
  slip(world, 1, topic, three);
  expect(reader.running.parked.size).toBe(1);
  // It is due because a relay is there again, and it is said in the step that brings the one before.
  world.disconnect(reader, world.relay(0));
  world.connect(reader, world.relay(0));
  const isDue = () =>
    reader.running.beacon.due !== undefined && beaconAtMs(reader.running, world.nowMs) === world.nowMs + 1;
  for (let ms = 0; ms < 20_000 && !isDue(); ms++) world.run(1);
  world.nowMs += 1;
  slip(world, 1, topic, two);
  expect(textsOf(reader)).toEqual(['one', 'two', 'three']);
  expect(reader.running.beacon.saidMs).toBe(world.nowMs);
  // Nobody has to tell anybody anything: the next beacons say so.
  world.tamper = undefined;
  world.run(86_400_000);
  expect([0, 1].map((i) => roomIn(world, i, id).told.size)).toEqual([0, 0]);
});
