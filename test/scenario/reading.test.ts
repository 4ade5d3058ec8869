/** What people have read, as their devices say: true, signed by each for itself, never taken back, and no storm. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Have, makeHave, readHave, sealEnvelope } from '../../src/core/envelope.ts';
import { type Entry, reopenEntry, stripEntry } from '../../src/core/entry.ts';
import { deviceId } from '../../src/core/id.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { hasRead, readersOf, withStretch } from '../../src/engine/reading.ts';
import type { Span } from '../../src/engine/row.ts';
import type { RoomState } from '../../src/engine/state.ts';
import { withoutKey } from '../../src/engine/turn.ts';
import { inRoom, move, say } from '../kit/insideRoom.ts';
import { epochIn, everyone, roomIn, talked, textsOf, write } from '../kit/rogue.ts';
import { type World, WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);

type Stretch = readonly [author: number, from: number, to: number];

/** The person at device `i` has the texts of `author` on the screen, or these places of its feed. */
function look(world: World, i: number, author: number, ...seqs: readonly number[]): void {
  const room = everyone(world).id;
  const { device } = world.device(author).self;
  const places = (seqs.length > 0 ? seqs : seqsOf(world, author)).map((seq) => [device, seq] as const);
  world.result(i, world.command(i, { type: 'read', room, places }));
}

const seqsOf = (world: World, author: number): readonly number[] => {
  const { device } = world.device(author).self;
  return [...world.device(author).vault.entries.values()].flatMap(({ entry }) =>
    entry.device === device && entry.room === everyone(world).id ? [entry.seq] : [],
  );
};

/** Whether device `i` shows that the person of device `reader` has read this place of a feed, or the newest. */
function shows(world: World, i: number, reader: number, author: number, seq?: number): boolean {
  const room = roomIn(world, i, everyone(world).id);
  const { device } = world.device(author).self;
  const last = (room.feeds.get(device)?.count ?? 0) - 1;
  return hasRead(room.reads.get(world.device(reader).self.device), device, seq ?? last);
}

/** A claim by device `by`, straight to device `to`; in the name of another, if one is given. */
function claim(world: World, by: number, to: number, read: readonly Stretch[], changes: Partial<Have> = {}): void {
  const room = everyone(world);
  const { device, keys } = world.device(by).self;
  const have = makeHave(keys.sign, room.id, {
    device,
    timeMs: world.nowMs,
    spans: [],
    ask: false,
    read: read.map(([author, from, end]) => [world.device(author).self.device, from, end] as const),
    ...changes,
  });
  const bytes = sealEnvelope(epochIn(world, to, room.id), 0, have, world.random);
  world.hand(to, 0, { type: 'cast', topic: room.topic, bytes });
}

function castsOf(world: World): () => number {
  let count = 0;
  world.onStep = (_, __, ___, ____, made) => {
    count += made.effects.filter((effect) => effect.type === 'send' && effect.frame.type === 'cast').length;
  };
  return () => {
    const made = count;
    count = 0;
    return made;
  };
}

describe('a member who claims to have read', () => {
  it('what nobody has written yet is not believed, then or when it is written', () => {
    const world = talked(1);
    claim(world, 2, 0, [[0, 0, 0xffffffff]]);
    expect(shows(world, 0, 2, 0)).toBe(true);
    write(world, 0, 'two');
    world.run(3_000);
    expect(shows(world, 0, 2, 0)).toBe(false);
  });

  it('for another is not heard', () => {
    const world = talked(2);
    claim(world, 2, 0, [[0, 0, 1]], { device: world.device(1).self.device });
    expect(shows(world, 0, 1, 0)).toBe(false);
    expect(world.device(0).refused.map(({ code }) => code)).toContain('bad-signature');
  });

  it('feeds of nobody, empty stretches and those that go backwards, leaves nothing here', () => {
    const world = talked(3);
    const { device } = world.device(0).self;
    const nobody = Array.from({ length: 900 }, () => [deviceId.of(world.random(32)), 0, 9] as const);
    claim(world, 2, 0, [], { read: [...nobody, [device, 1, 1], [device, 1, 0]] });
    expect(roomIn(world, 0, everyone(world).id).reads.get(world.device(2).self.device)?.size ?? 0).toBeLessThan(3);
    expect(shows(world, 0, 2, 0)).toBe(false);
  });

  it('every other place does not make what is kept of it grow for ever', () => {
    const world = talked(4);
    for (let n = 0; n < 200; n++) write(world, 0, `${n}`);
    world.run(5_000);
    const all = seqsOf(world, 0);
    claim(
      world,
      2,
      0,
      all.filter((seq) => seq % 2 === 1).map((seq) => [0, seq, seq + 1] as const),
    );
    const { device } = world.device(0).self;
    const reads = roomIn(world, 0, everyone(world).id).reads.get(world.device(2).self.device);
    expect(reads?.get(device)?.length).toBe(32);
    expect(world.device(0).vault.reads.size).toBeGreaterThan(0);
  });
});

describe('what a person has read', () => {
  it('is shown to all, of those places alone, and stays when it is claimed again that it is less', () => {
    const world = talked(5);
    write(world, 0, 'two');
    write(world, 0, 'three');
    world.run(3_000);
    const last = seqsOf(world, 0).at(-1) ?? 0;
    look(world, 1, 0, last - 1);
    world.run(5_000);
    for (const i of [0, 2]) {
      expect(shows(world, i, 1, 0, last - 1)).toBe(true);
      expect([shows(world, i, 1, 0, last), shows(world, i, 1, 0, last - 2), shows(world, i, 2, 0)]).toEqual([
        false,
        false,
        false,
      ]);
    }
    claim(world, 1, 0, [[0, 0, 1]]);
    expect(shows(world, 0, 1, 0, last - 1)).toBe(true);
    look(world, 1, 0, last);
    world.run(5_000);
    expect(shows(world, 0, 1, 0, last)).toBe(true);
  });

  it('is there after restarts, of who read and of who was told, and is not said anew at each', () => {
    const world = talked(6);
    look(world, 1, 0);
    world.run(5_000);
    const room = everyone(world).id;
    for (const i of [0, 1]) world.crash(i);
    world.start(0, 1);
    world.run(5_000);
    expect([shows(world, 0, 1, 0), shows(world, 1, 1, 0)]).toEqual([true, true]);
    const { toldRead, reads } = roomIn(world, 1, room);
    expect(toldRead).toBe(reads.get(world.device(1).self.device));
  });

  it('while no relay was there is told when one is', () => {
    const world = talked(7);
    for (const r of world.relays.keys()) world.part(1, r);
    const seen = seqsOf(world, 0).at(-1) ?? 0;
    look(world, 1, 0, seen);
    // What comes by hand makes it say what it holds, to nobody, and is not read: no beacon tells of the room.
    write(world, 0, 'carried');
    world.carry(0, 1);
    world.run(60_000);
    expect(textsOf(world.device(1))).toContain('carried');
    expect(shows(world, 0, 1, 0, seen)).toBe(false);
    world.heal();
    world.run(10_000);
    expect([shows(world, 0, 1, 0, seen), shows(world, 0, 1, 0)]).toEqual([true, false]);
  });

  it('is told by a beacon to who was away, of a room that was read to the end', () => {
    const world = talked(8);
    world.crash(0);
    for (const author of [0, 2]) look(world, 1, author);
    world.run(20_000);
    world.start(0);
    world.run(20_000);
    expect(shows(world, 0, 1, 0)).toBe(true);
    expect(shows(world, 0, 2, 0)).toBe(false);
  });

  it('is told again to who was away, of a room that was not', () => {
    const world = talked(9);
    write(world, 2, 'not looked at');
    world.run(3_000);
    world.crash(0);
    look(world, 1, 0);
    world.run(20_000);
    world.start(0);
    world.run(20_000);
    expect(shows(world, 0, 1, 0)).toBe(false);
    world.run(3 * 3_600_000);
    expect(shows(world, 0, 1, 0)).toBe(true);
    expect(shows(world, 0, 1, 2)).toBe(false);
  });

  it('is told by nobody who does not want to tell it', () => {
    const world = talked(10);
    const shy = new WorldDevice({ ...world.device(1).self, hidesReading: true });
    Object.assign(shy, { vault: world.device(1).vault });
    world.crash(1);
    world.devices[1] = shy;
    world.start(1);
    world.run(5_000);
    for (const author of [0, 2]) look(world, 1, author);
    world.run(3 * 3_600_000);
    expect(shows(world, 0, 1, 0)).toBe(false);
    expect(textsOf(shy)).toEqual(['one']);
  });
});

/** Members by index who are shown, at device `i`, to have read the newest entry of a feed; `change` alters what is there. */
function readers(world: World, i: number, author: number, change: (room: RoomState) => RoomState = (room) => room) {
  const room = change(roomIn(world, i, everyone(world).id));
  const feed = room.feeds.get(world.device(author).self.device);
  const entry = world.device(i).vault.entries.get(feed?.head ?? '')?.entry;
  if (entry === undefined) throw new Error('it is here');
  const members = world.founded.selves.map(({ member }) => member);
  const named = (of: Entry) =>
    [...readersOf(world.device(i).running, room, of)].map((member) => members.indexOf(member)).sort();
  return { whole: named(entry), bare: named(reopenEntry(stripEntry(entry.bytes), entry.room)) };
}

describe('who is shown to have read', () => {
  it('is everyone who did and never who wrote it, also to those themselves', () => {
    const world = talked(15, 4);
    for (const i of [1, 3]) look(world, i, 0);
    world.run(5_000);
    for (const i of [0, 1, 2, 3]) expect(readers(world, i, 0).whole).toEqual([1, 3]);
    claim(world, 0, 1, [[0, 0, 9]]);
    expect(readers(world, 1, 0).whole).toEqual([1, 3]);
  });

  it('is nobody of what is a skeleton here or does not count, and nobody who is out or does not say to hold it', () => {
    const world = talked(16);
    look(world, 1, 0);
    world.run(5_000);
    const { device: author } = world.device(0).self;
    const { device: reader } = world.device(1).self;
    expect(readers(world, 0, 0)).toEqual({ whole: [1], bare: [] });
    const now = (change: (room: RoomState) => RoomState) => readers(world, 0, 0, change).whole;
    expect(now((room) => ({ ...room, haves: withoutKey(room.haves, reader) }))).toEqual([]);
    expect(now((room) => ({ ...room, voids: new Map([[author, [{ from: 0, to: 99 }]]]) }))).toEqual([]);
    const room = everyone(world).id;
    const members = [world.device(1).self.member];
    world.command(0, { type: 'operate', room, operation: { type: 'remove', members, devices: [] } });
    write(world, 2, 'another');
    expect(roomIn(world, 0, room).membership.roster.has(reader)).toBe(false);
    expect([...roomIn(world, 0, room).reads.keys()]).toContain(reader);
    expect(readers(world, 0, 0).whole).toEqual([]);
  });

  it('is nobody who came later and claims to have read what they may not have', () => {
    const { world, room } = inRoom(17, 3, 4);
    say(world, 0, room, 'before');
    world.run(5_000);
    const { device } = world.device(0).self;
    const seq = (roomIn(world, 1, room).feeds.get(device)?.count ?? 0) - 1;
    const id = roomIn(world, 1, room).feeds.get(device)?.head ?? '';
    world.run(20 * 60_000);
    move(world, 0, room, 'add', 3);
    world.run(5_000);
    const { self } = world.device(3);
    const span = [device, 0, seq + 1] as const;
    const facts = { device: self.device, timeMs: world.nowMs, spans: [span], ask: false, read: [span] };
    const { topic } = roomIn(world, 1, room).info;
    const have = makeHave(self.keys.sign, room, facts);
    const bytes = sealEnvelope(epochIn(world, 1, room), 0, have, world.random);
    world.hand(1, 0, { type: 'cast', topic, bytes });
    const entry = world.device(1).vault.entries.get(id)?.entry;
    if (entry === undefined) throw new Error('it is here');
    expect(hasRead(roomIn(world, 1, room).reads.get(self.device), device, seq)).toBe(true);
    expect([...readersOf(world.device(1).running, roomIn(world, 1, room), entry)]).toEqual([]);
  });
});

describe('a device of which there are two', () => {
  it('claims nothing of what its person reads after it was found out', () => {
    const world = talked(11);
    const twin = new WorldDevice(world.device(1).self);
    Object.assign(twin, { vault: world.device(1).vault.copy() });
    world.devices.push(twin);
    world.start(3);
    world.run(10_000);
    expect([1, 3].map((i) => world.device(i).running.retiredAtMs !== undefined)).toEqual([true, true]);
    for (const i of [1, 3]) look(world, i, 0);
    world.run(3 * 3_600_000);
    expect(shows(world, 0, 1, 0)).toBe(false);
  });

  it('put back to before it read, claims what it had said before and no more', () => {
    const world = talked(12);
    const old = world.device(1).vault.copy();
    write(world, 0, 'two');
    world.run(3_000);
    look(world, 1, 0);
    world.run(5_000);
    world.crash(1);
    Object.assign(world.device(1), { vault: old });
    write(world, 0, 'three');
    world.start(1);
    world.run(3 * 3_600_000);
    const last = seqsOf(world, 0).at(-1) ?? 0;
    expect([shows(world, 0, 1, 0, last - 1), shows(world, 0, 1, 0, last)]).toEqual([true, false]);
  });
});

describe('many', () => {
  it('who read the same are one cast of each, whatever they look at within a second', () => {
    const world = talked(13, 12);
    world.run(30_000);
    const casts = castsOf(world);
    const relays = world.relays.length;
    for (let i = 1; i < 12; i++) look(world, i, 0);
    for (let i = 1; i < 12; i++) look(world, i, 0);
    world.run(30_000);
    expect(casts()).toBe(11 * relays);
    for (let i = 1; i < 12; i++) expect(shows(world, 0, i, 0)).toBe(true);
    for (let i = 1; i < 12; i++) look(world, i, 0);
    world.run(30_000);
    expect(casts()).toBe(0);
  });
});

describe('a claim', () => {
  it('without that part is read as before, and with too much of it not at all', () => {
    const world = talked(14);
    const room = everyone(world).id;
    const { self } = world.device(1);
    const facts = { device: self.device, timeMs: 1, spans: [], ask: false };
    const made = (changes: Partial<Have>) => {
      const have = makeHave(self.keys.sign, room, { ...facts, ...changes });
      if (have.type !== 'have') throw new Error('it is one');
      return readHave(have, room, (id) => world.founded.list.devices.get(id)?.signKey);
    };
    expect(made({})).toEqual(facts);
    const stretches = (count: number) => Array.from({ length: count }, (_, n) => [self.device, n, n + 1] as const);
    expect(() => made({ read: stretches(2_001) })).toThrow();
  });

  it('joins stretches that meet, in whatever order they come', () => {
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [0, 2, 1],
    ];
    const all = [
      { from: 0, to: 3 },
      { from: 3, to: 5 },
      { from: 4, to: 9 },
    ];
    const none: readonly Span[] = [];
    for (const order of orders)
      expect(order.reduce((spans, n) => withStretch(spans, all[n] ?? { from: 0, to: 0 }), none)).toEqual([
        { from: 0, to: 9 },
      ]);
    expect(withStretch([{ from: 0, to: 2 }], { from: 4, to: 5 })).toEqual([
      { from: 0, to: 2 },
      { from: 4, to: 5 },
    ]);
  });
});
