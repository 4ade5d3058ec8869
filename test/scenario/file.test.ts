/** Files between devices: relays that lie, drop and lose, members who seal what is not of the file, and crashes at every step. */
import { beforeAll, describe, expect, it } from 'vitest';
import { chunkBytes, type FileFacts, fileTopic, sealChunk } from '../../src/core/attachment.ts';
import { orgRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { seal } from '../../src/core/aead.ts';
import { pad } from '../../src/core/padding.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import { concat, u32be } from '../../src/wire/bytes.ts';
import { type CutFile, cutFile } from '../kit/file.ts';
import { seeded } from '../kit/random.ts';
import { World } from '../kit/world.ts';

beforeAll(loadSodium);

const minute = 60_000;

/** Not random, so that it is quick; each chunk is another. */
const textOf = (size: number, salt = 1): Uint8Array =>
  new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8) * salt + (i >> 16)) & 0xff);

/** Reads a file in on device `i`, as the responder does, and tells the room of everyone of it. */
function send(world: World, i: number, text: Uint8Array): { cut: CutFile; facts: FileFacts } {
  const cut = cutFile(text, world.random);
  const { file, salt, size } = cut.facts;
  world.device(i).vault.keepChunks(file, cut.chunks);
  const room = orgRoom(world.founded.list).id;
  const id = world.command(i, { type: 'send-file', room, file, salt, size, name: '../log\u202e.txt' });
  const { entry } = world.result(i, id);
  const kept = world.device(i).vault.files.get(entry ?? '');
  if (kept === undefined) throw new Error('the file was not told of');
  return { cut, facts: kept.facts };
}

const here = (world: World, i: number, { file }: FileFacts): number => world.device(i).vault.here(file).length;

function textOn(world: World, i: number, { facts, chunks }: CutFile): boolean {
  const kept = world.device(i).vault.chunks.get(facts.file);
  return chunks.every(({ number, bytes }) => Buffer.compare(kept?.get(number) ?? new Uint8Array(1), bytes) === 0);
}

function ask(world: World, i: number): void {
  for (const { room, entry, facts, name } of world.device(i).vault.files.values()) {
    const numbers = new Set(world.device(i).vault.here(facts.file));
    world.command(i, { type: 'fetch-file', room, entry, known: { ...facts, name }, here: numbers });
  }
}

/** A chunk as a member who knows the key would seal it, without a check. */
function sealAny(facts: FileFacts, number: number, bytes: Uint8Array): Uint8Array {
  const header = concat(new Uint8Array([1, 3]), u32be(number));
  return concat(header, seal(facts.key, header, pad(bytes, 65_536), seeded(number + 7)));
}

/** Puts envelopes on a relay as though somebody had appended them. */
function plant(world: World, r: number, facts: FileFacts, ...envelopes: readonly Uint8Array[]): void {
  const kept = world.relay(r).topics.get(fileTopic(facts)) ?? [];
  world.relay(r).topics.set(fileTopic(facts), kept);
  for (const bytes of envelopes)
    kept.push({ id: idOfEnvelope(bytes), offset: kept.length + 1, atMs: world.nowMs, bytes });
}

const countOn = (world: World, r: number, facts: FileFacts): number =>
  world.relay(r).topics.get(fileTopic(facts))?.length ?? 0;

const started = (seed: number, members = 2, relays = 2): World => {
  const world = new World(seed, { members, relays });
  world.startAll();
  world.run(5_000);
  return world;
};

describe('a file', () => {
  it('that is small comes by itself, to everyone and to every relay, each chunk once', () => {
    const world = started(1, 3);
    const { cut, facts } = send(world, 0, textOf(3 * chunkBytes + 5));
    world.run(minute);
    expect([1, 2].map((i) => textOn(world, i, cut))).toEqual([true, true]);
    expect([0, 1].map((r) => countOn(world, r, facts))).toEqual([5, 5]);
    expect(world.device(1).refused).toEqual([]);
    expect([...world.device(1).running.files]).toEqual([]);
  });

  it('that is large comes when a person asks, and its topic is not followed before or after', () => {
    const world = started(2);
    const { cut, facts } = send(world, 0, textOf(17 * chunkBytes));
    const asked: string[] = [];
    world.onStep = (device, _, __, ___, { effects }) => {
      for (const effect of effects)
        if (device === world.device(1) && effect.type === 'send' && 'topic' in effect.frame)
          if (effect.frame.topic === fileTopic(facts)) asked.push(effect.frame.type);
    };
    world.run(minute);
    expect(countOn(world, 0, facts)).toBe(18);
    expect([here(world, 1, facts), asked]).toEqual([0, []]);
    ask(world, 1);
    expect(asked).toEqual(['tail', 'tail']);
    world.run(minute);
    expect(textOn(world, 1, cut)).toBe(true);
    expect(asked).toEqual(['tail', 'tail', 'untail', 'untail']);
    expect([...world.device(1).links.values()].some(({ tails }) => tails.has(fileTopic(facts)))).toBe(false);
    expect(world.device(1).vault.cursors.has(`${world.relay(0).id} ${fileTopic(facts)}`)).toBe(false);
  });

  it('that is empty comes as well', () => {
    const world = started(3);
    const { facts } = send(world, 0, new Uint8Array());
    world.run(minute);
    expect(here(world, 1, facts)).toBe(1);
  });

  it('is sent a few chunks at a time, and an entry passes it', () => {
    const world = started(4);
    world.delayMs = 400;
    let most = 0;
    world.onStep = (_, __, ___, ____, { effects }) => {
      for (const effect of effects)
        if (effect.type === 'send' && effect.frame.type === 'append')
          most = Math.max(most, effect.frame.items.filter(([, bytes]) => bytes.length > 60_000).length);
    };
    const { facts } = send(world, 0, textOf(30 * chunkBytes));
    world.run(1_000);
    const room = orgRoom(world.founded.list).id;
    const { entry } = world.result(0, world.command(0, { type: 'send-text', room, text: 'now' }));
    world.run(800);
    expect(most).toBe(4);
    expect(world.device(1).vault.entries.has(entry ?? '')).toBe(true);
    expect(countOn(world, 0, facts)).toBeLessThan(31);
  });
});

describe('a relay', () => {
  it('that alone is there and turns every page round is asked again as soon as the index came', () => {
    const world = started(16, 2, 1);
    world.tamper = (_, __, frame) =>
      frame.type === 'deliver' ? [{ ...frame, items: [...frame.items].reverse() }] : [frame];
    const { cut, facts } = send(world, 0, textOf(17 * chunkBytes));
    world.run(minute);
    expect(countOn(world, 0, facts)).toBe(18);
    ask(world, 1);
    world.run(minute);
    expect(textOn(world, 1, cut)).toBe(true);
  });

  it('that repeats, turns round and drops a third of it keeps nobody from having it, as another relay is honest', () => {
    const world = started(5);
    world.relay(0).reorders = true;
    world.tamper = (relay, _, frame) => {
      if (relay !== world.relay(0) || frame.type !== 'deliver') return [frame];
      const items = frame.items.filter(() => world.random.next() > 0.3);
      return [
        { ...frame, items: [...items].reverse() },
        { ...frame, items },
      ];
    };
    const { cut } = send(world, 0, textOf(8 * chunkBytes + 1));
    world.run(10 * minute);
    expect(textOn(world, 1, cut)).toBe(true);
  });

  it('that alone is there, names an offset it does not have, and so hides chunks, is asked from the beginning again', () => {
    const world = started(6, 2, 1);
    let lies = 3;
    world.tamper = (_, device, frame) => {
      if (frame.type !== 'deliver' || device !== world.device(1) || frame.items[0]?.[2].length !== 65_614)
        return [frame];
      if (lies-- <= 0) return [frame];
      return [{ ...frame, items: frame.items.map(([, atMs]) => [1_000_000, atMs, new Uint8Array(65_614)] as const) }];
    };
    const { cut, facts } = send(world, 0, textOf(5 * chunkBytes));
    world.run(minute);
    expect(here(world, 1, facts)).toBeLessThan(6);
    world.run(60 * minute);
    expect(textOn(world, 1, cut)).toBe(true);
  });

  it('that lost its disk gets it again from who sent it', () => {
    const world = started(7);
    const { facts } = send(world, 0, textOf(5 * chunkBytes));
    world.run(minute);
    world.loseDisk(0);
    expect(countOn(world, 0, facts)).toBe(0);
    world.run(2 * minute);
    expect(countOn(world, 0, facts)).toBe(6);
  });

  it('gets it again from any member who has it, and nothing twice', () => {
    const world = started(8, 3);
    const { cut, facts } = send(world, 0, textOf(5 * chunkBytes));
    world.run(minute);
    world.crash(0);
    world.loseDisk(0);
    world.run(minute);
    expect(countOn(world, 0, facts)).toBe(0);
    for (const i of [1, 2])
      for (const { room, entry, name } of world.device(i).vault.files.values())
        world.command(i, {
          type: 'offer-file',
          room,
          entry,
          known: { ...facts, name },
          here: new Set(world.device(i).vault.here(facts.file)),
        });
    world.run(minute);
    expect([0, 1].map((r) => countOn(world, r, facts))).toEqual([6, 6]);
    expect(textOn(world, 2, cut)).toBe(true);
  });

  it('that has no room is told of, and gets it later; entries pass meanwhile', () => {
    const world = started(9, 2, 1);
    let isFull = true;
    const refs = new Set<number>();
    world.onStep = (_, __, ___, ____, { effects }) => {
      for (const effect of effects)
        if (effect.type === 'send' && effect.frame.type === 'append')
          if (effect.frame.items.some(([, bytes]) => bytes.length > 60_000)) refs.add(effect.frame.ref);
    };
    world.tamper = (_, __, frame) =>
      isFull && frame.type === 'appended' && refs.has(frame.ref)
        ? [{ type: 'refused', ref: frame.ref, code: 'quota', text: 'no room' }]
        : [frame];
    const { cut } = send(world, 0, textOf(3 * chunkBytes));
    world.run(minute / 2);
    expect([...world.device(0).running.carries.values()]).toEqual([
      { type: 'waiting', atMs: expect.any(Number), code: 'quota' },
    ]);
    expect(world.device(1).vault.files.size).toBe(1);
    expect([...world.device(0).vault.fileHeld.values()]).toEqual([]);
    isFull = false;
    world.run(3 * minute);
    expect(textOn(world, 1, cut)).toBe(true);
    expect([...world.device(0).vault.fileHeld.values()].map(({ count }) => count)).toEqual([4]);
    expect(refs.size).toBeLessThan(4);
  });
});

describe('a member who has the key', () => {
  it('seals other chunks, another index, numbers beyond the end and junk: all passed over, the right ones taken', () => {
    const world = started(10);
    world.part(1, 0);
    world.part(1, 1);
    const { cut, facts } = send(world, 0, textOf(4 * chunkBytes));
    const other = cutFile(textOf(4 * chunkBytes, 9), world.random);
    const wrong = [
      ...[1, 2, 3, 4].map((number) => sealAny(facts, number, textOf(chunkBytes, 5))),
      sealAny(facts, 0, other.index.leaves),
      sealAny(facts, 0, new Uint8Array(40)),
      sealAny(facts, 4_294_967_295, textOf(chunkBytes)),
      sealAny(facts, 3, textOf(10)),
      new Uint8Array(65_614).fill(1),
      new Uint8Array(40),
    ];
    // After the index, or they would wait for it, and come after the right ones.
    const index = sealChunk(facts, cut.index, { number: 0, bytes: cut.index.leaves });
    for (const r of [0, 1]) plant(world, r, facts, sealAny(facts, 0, other.index.leaves), index, ...wrong);
    world.run(minute);
    world.heal();
    world.run(5 * minute);
    expect(textOn(world, 1, cut)).toBe(true);
    expect(world.device(1).refused.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['bad-signature', 'malformed']),
    );
  });

  it('announces a file under the same id with another key: the right one still comes', () => {
    const world = started(11, 3);
    world.part(1, 0);
    world.part(1, 1);
    const { cut, facts } = send(world, 0, textOf(2 * chunkBytes));
    world.run(minute);
    const room = orgRoom(world.founded.list).id;
    world.command(2, { type: 'send-file', room, file: facts.file, salt: facts.salt, size: facts.size, name: 'mine' });
    world.run(minute);
    world.heal();
    world.run(5 * minute);
    expect(textOn(world, 1, cut)).toBe(true);
  });

  it('announces a file that is nowhere, a thousand times: what is fetched by itself is bounded', () => {
    const world = started(12, 2, 1);
    const room = orgRoom(world.founded.list).id;
    for (let i = 0; i < 100; i++) {
      const { file, salt } = cutFile(textOf(10, i), world.random).facts;
      world.command(0, { type: 'send-file', room, file, salt, size: 1_000_000, name: `${i}` });
    }
    world.run(minute);
    expect(world.device(1).vault.files.size).toBe(100);
    expect([...world.device(1).running.files.values()].filter(({ fetching: on }) => on !== undefined).length).toBe(64);
  });
});

describe('a device', () => {
  it('that is opened again in the middle of a file goes on at once', () => {
    const world = started(17, 2, 1);
    world.delayMs = 400;
    const { cut, facts } = send(world, 0, textOf(15 * chunkBytes));
    for (let wait = 0; here(world, 1, facts) < 2 && wait < 100; wait++) world.run(50);
    world.part(0, 0);
    world.run(2_000);
    const before = here(world, 1, facts);
    expect(before).toBeGreaterThan(1);
    expect(before).toBeLessThan(16);
    world.crash(1);
    world.start(1);
    world.run(2_000);
    world.heal();
    world.run(minute);
    expect(textOn(world, 1, cut)).toBe(true);
  });

  it('that has much already takes no more by itself, and none at all beyond what a vault may hold', () => {
    const world = started(18);
    const full = (bytes: number) => {
      world.device(1).state = { ...world.device(1).running, fileBytes: bytes };
    };
    full(256 * 1024 * 1024);
    const { cut, facts } = send(world, 0, textOf(100));
    world.run(minute);
    expect([world.device(1).vault.files.size, here(world, 1, facts)]).toEqual([1, 0]);
    full(4 * 1024 * 1024 * 1024);
    const [kept] = world.device(1).vault.files.values();
    if (kept === undefined) throw new Error('not told of');
    const known = { ...kept.facts, name: kept.name };
    const wanted = { type: 'fetch-file', room: kept.room, entry: kept.entry, known, here: new Set<number>() } as const;
    const refused = world.command(1, wanted);
    expect(() => world.result(1, refused)).toThrow('Drop some of them first');
    full(0);
    world.result(1, world.command(1, wanted));
    world.run(minute);
    expect(textOn(world, 1, cut)).toBe(true);
  });

  it('that dies at any step goes on from what is on disk, and nothing is at a relay twice', () => {
    for (let seed = 20; seed < 30; seed++) {
      const world = started(seed, 2, 2);
      const { cut, facts } = send(world, 0, textOf(9 * chunkBytes + 3));
      world.diesAfterWrite = () => world.random.next() < 0.08;
      for (let round = 0; round < 40; round++) {
        world.run(1_000);
        for (const i of [0, 1]) if (world.device(i).state === undefined) world.start(i);
      }
      world.diesAfterWrite = undefined;
      for (const i of [0, 1]) if (world.device(i).state === undefined) world.start(i);
      world.run(20 * minute);
      expect(textOn(world, 1, cut), `seed ${seed}`).toBe(true);
      expect([0, 1].map((r) => countOn(world, r, facts))).toEqual([11, 11]);
    }
  });

  it('whose disk gives back another text than it took seals nothing of it', () => {
    const world = started(13);
    const cut = cutFile(textOf(3 * chunkBytes), world.random);
    const { file, salt, size } = cut.facts;
    world.device(0).vault.keepChunks(
      file,
      cut.chunks.map((each) => (each.number === 2 ? { number: 2, bytes: textOf(chunkBytes, 8) } : each)),
    );
    const room = orgRoom(world.founded.list).id;
    world.command(0, { type: 'send-file', room, file, salt, size, name: 'x' });
    world.run(minute);
    const [kept] = world.device(0).vault.files.values();
    expect(kept?.isOffered).toBe(false);
    expect(countOn(world, 0, kept?.facts ?? cut.facts)).toBe(0);
    expect(world.device(0).refused.map(({ code }) => code)).toContain('corrupt');
  });

  it('drops a file when a person says so, but not what no relay has', () => {
    const world = started(14);
    for (const r of [0, 1]) world.stopRelay(r);
    const { facts } = send(world, 0, textOf(2 * chunkBytes));
    const [kept] = world.device(0).vault.files.values();
    if (kept === undefined) throw new Error('not told of');
    const drop = { type: 'drop-file', room: kept.room, entry: kept.entry } as const;
    const refused = world.command(0, drop);
    expect(() => world.result(0, refused)).toThrow('No relay has all of this file yet');
    for (const r of [0, 1]) world.startRelay(r);
    world.run(minute);
    expect(world.device(0).running.fileBytes).toBeGreaterThan(2 * chunkBytes - 1);
    world.result(0, world.command(0, drop));
    expect(here(world, 0, facts)).toBe(0);
    // And there is room for others again, without a new start.
    world.run(1);
    expect(world.device(0).running.fileBytes).toBe(0);
    world.crash(0);
    world.start(0);
    world.run(minute);
    ask(world, 0);
    world.run(minute);
    expect(here(world, 0, facts)).toBe(3);
  });
});

it('what relays carry shows neither name nor text nor key', () => {
  const world = started(15);
  const { cut, facts } = send(world, 0, textOf(2 * chunkBytes));
  world.run(minute);
  const secrets = [facts.key, cut.chunks[1]?.bytes.subarray(0, 64) ?? facts.key, new TextEncoder().encode('log')];
  for (const relay of world.relays)
    for (const frame of relay.crossed)
      for (const secret of secrets) expect(Buffer.from(frame).includes(Buffer.from(secret))).toBe(false);
  expect(idOfEnvelope(sealChunk(facts, cut.index, { number: 0, bytes: cut.index.leaves }))).toHaveLength(64);
});
