/**
 * A device whose clock ran ahead for days, or was set back: it erases nothing by it that others still send in, erases what
 * its time has come for, and waits for nothing longer than it would have.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom, move, say } from '../kit/insideRoom.ts';
import { renew, setClock } from '../kit/leap.ts';
import { leavesOf, signNext, without } from '../kit/nextList.ts';
import { epochIn, everyone, roomIn, talked, textsIn, textsOf, write } from '../kit/rogue.ts';
import type { RelayFrame } from '../../src/wire/frame.ts';
import type { World } from '../kit/world.ts';

beforeAll(loadSodium);

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const cutOff = (world: World, i: number) => {
  for (const r of world.relays.keys()) world.part(i, r);
};

describe('keys', () => {
  it.each([
    { name: 'notices that its clock leapt', isNoticed: true },
    { name: 'does not', isNoticed: false },
  ])('of what somebody wrote whom a list took off are still there, where a device $name', ({ isNoticed }) => {
    const { world, room } = inRoom(61, 2, 3);
    say(world, 1, room, 'before');
    world.run(hourMs);
    cutOff(world, 1);
    say(world, 1, room, 'last words');
    world.takeList(signNext(world, without(world.device(1), leavesOf(world))), 0, 2);
    world.run(10_000);
    if (isNoticed) setClock(world, 0, 4 * dayMs);
    else world.device(0).clockMs = 4 * dayMs;
    world.run(2 * hourMs);
    world.device(0).clockMs = 0;
    world.run(60_000);
    world.heal();
    world.run(60_000);
    expect(textsIn(world, 0, room)).toEqual(['before', 'last words']);
  });

  it('go when their time has come by the relays, although the clock is days ahead', () => {
    const world = talked(62);
    const { tag } = epochIn(world, 1, everyone(world).id);
    const [first] = world.device(1).running.prekeys;
    setClock(world, 1, 4 * dayMs);
    const epochs = () => roomIn(world, 1, everyone(world).id).epochs;
    world.run(23 * hourMs);
    expect(epochs().get(tag)?.bucket).toBe(0);
    expect(world.device(1).running.prekeys.map(({ id }) => id)).toContain(first?.id);
    world.run(4 * hourMs);
    expect(epochs().get(tag)?.bucket).toBeGreaterThan(0);
    world.run(23 * hourMs);
    expect(epochs().has(tag)).toBe(false);
    expect(world.device(1).running.prekeys.map(({ id }) => id)).not.toContain(first?.id);
  });

  it('are kept while nobody confirms the time, and go as soon as one relay does', () => {
    const world = talked(63);
    const { tag } = epochIn(world, 1, everyone(world).id);
    world.device(1).clockMs = 4 * dayMs;
    world.run(51 * hourMs);
    const epochs = () => roomIn(world, 1, everyone(world).id).epochs;
    expect(epochs().get(tag)?.bucket).toBe(0);
    for (const r of [1, 2]) world.part(1, r);
    renew(world, 1);
    world.run(60_000);
    expect(epochs().has(tag)).toBe(false);
  });

  it('go by the clock that is behind of two, and one relay of three changes nothing, whatever it says', () => {
    const world = talked(64);
    const { tag } = epochIn(world, 1, everyone(world).id);
    const lie = (offsetMs: number) => {
      const { running } = world.device(1);
      const [one] = running.relays.values();
      if (one === undefined) throw new Error('there is a relay');
      const relays = new Map(running.relays).set(one.id, { ...one, offsetMs });
      world.device(1).state = { ...running, relays };
    };
    const epochs = () => roomIn(world, 1, everyone(world).id).epochs;
    lie(1_000 * dayMs);
    world.run(23 * hourMs);
    expect(epochs().get(tag)?.bucket).toBe(0);
    lie(-1_000 * dayMs);
    world.run(28 * hourMs);
    expect(epochs().has(tag)).toBe(false);
  });
});

it('a device that erased keys by a clock ahead which relays confirmed is heard again and hears as soon as it writes', () => {
  const { world, room } = inRoom(44, 3);
  say(world, 1, room, 'before');
  world.run(hourMs);
  world.device(0).clockMs = 40 * hourMs;
  world.run(2 * hourMs);
  const { running } = world.device(0);
  const relays = new Map([...running.relays].map(([id, relay]) => [id, { ...relay, offsetMs: 0 }]));
  world.device(0).state = { ...running, relays };
  world.run(2 * hourMs);
  world.device(0).clockMs = 0;
  // The premise: of what is sent in now it has keys only for the next day.
  const { tag } = epochIn(world, 1, room);
  expect(roomIn(world, 0, room).epochs.get(tag)?.bucket).toBeGreaterThan(60);
  say(world, 0, room, 'from who was ahead');
  world.run(60_000);
  say(world, 1, room, 'to who was ahead');
  world.run(60_000);
  for (const i of [0, 1, 2])
    expect(textsIn(world, i, room).slice(-2)).toEqual(['from who was ahead', 'to who was ahead']);
});

describe('a clock that was ahead and is set right', () => {
  it('leaves no prekey behind that serves for days longer, nor one that is not erased', () => {
    const world = talked(65);
    setClock(world, 1, 4 * dayMs);
    world.run(hourMs);
    const ahead = world.device(1).running.prekeys.at(-1);
    expect(ahead?.createdAtMs).toBeGreaterThan(world.nowMs + 3 * dayMs);
    setClock(world, 1, 0);
    world.run(8 * hourMs);
    const [only, ...others] = world.device(1).running.prekeys;
    expect(others).toEqual([]);
    expect(only?.seq).toBeGreaterThan(ahead?.seq ?? 0);
    expect(Math.abs(world.nowMs - (only?.createdAtMs ?? 0))).toBeLessThan(dayMs);
    for (const i of [0, 2]) expect(world.device(i).running.known.get(world.device(1).self.device)?.id).toBe(only?.id);
  });

  it('leaves nothing that is asked for again only when the clock is there once more', () => {
    const world = talked(66, 4);
    let isLost = true;
    world.tamper = (_, device, frame): readonly RelayFrame[] => {
      const isInbox = 'topic' in frame && frame.topic === device.state?.inbox;
      return isLost && device === world.device(2) && isInbox && frame.type === 'deliver' ? [] : [frame];
    };
    setClock(world, 2, 20 * hourMs);
    world.run(10_000);
    world.result(0, world.command(0, { type: 'heal', room: everyone(world).id }));
    world.run(1_000);
    write(world, 0, 'can you read this');
    world.run(10_000);
    world.device(2).clockMs = 0;
    isLost = false;
    // It is told something, and so looks at its clock.
    write(world, 3, 'hello');
    world.run(120_000);
    expect(textsOf(world.device(2))).toContain('can you read this');
  });

  it('does not keep a device silent that was waiting for an operation', () => {
    const { world, room } = inRoom(67, 3, 4);
    setClock(world, 1, 4 * dayMs);
    world.run(10_000);
    // What device 2 writes names an operation that every relay withholds from device 1.
    const { topic } = roomIn(world, 1, room).info;
    const withheld = new Set<string>();
    world.tamper = (_, device, frame): readonly RelayFrame[] => {
      if (device !== world.device(1) || frame.type !== 'deliver') return [frame];
      if (frame.topic !== topic) return [];
      const items = frame.items.filter(([, , bytes]) => !withheld.has(Buffer.from(bytes).toString('hex')));
      return items.length === 0 ? [] : [{ ...frame, items }];
    };
    const before = new Set(
      (world.relay(0).topics.get(topic) ?? []).map(({ bytes }) => Buffer.from(bytes).toString('hex')),
    );
    cutOff(world, 1);
    move(world, 0, room, 'add', 3);
    world.run(1_000);
    for (const { bytes } of world.relay(0).topics.get(topic) ?? []) {
      const text = Buffer.from(bytes).toString('hex');
      if (!before.has(text)) withheld.add(text);
    }
    world.heal();
    say(world, 2, room, 'now four');
    world.run(1_000);
    const waiting = [...world.device(1).running.parked.values()];
    expect(waiting.some(({ until }) => until !== undefined && 'operations' in until)).toBe(true);
    world.device(1).clockMs = 0;
    say(world, 1, room, 'who is that');
    world.run(10_000);
    expect(roomIn(world, 1, room).unsealed).toEqual([]);
    expect(textsIn(world, 0, room)).toContain('who is that');
  });
});
