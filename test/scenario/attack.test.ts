/** Attacks on running devices: relays that replay and flood, members who fork, forge closings and prepare for being removed. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { assess } from '../../src/core/assess.ts';
import { encodeBody, readBody } from '../../src/core/body.ts';
import { startOf } from '../../src/core/drill.ts';
import { entriesOf, readLog } from '../../src/core/drillLog.ts';
import { type Entry, makeEntry } from '../../src/core/entry.ts';
import { sealEnvelope } from '../../src/core/envelope.ts';
import { bucketMs, type Epoch, forgetBefore, openEpoch } from '../../src/core/epoch.ts';
import type { EntryId, RoomId } from '../../src/core/id.ts';
import { leaf, makeLeaf } from '../../src/core/leaf.ts';
import { readList } from '../../src/core/list.ts';
import { drillRoom, orgRoom } from '../../src/core/room.ts';
import { loadSodium, sodium } from '../../src/core/sodium.ts';
import { isVoid } from '../../src/core/standing.ts';
import { pickEpoch } from '../../src/engine/epoch.ts';
import { author } from '../../src/engine/feed.ts';
import { Turn } from '../../src/engine/turn.ts';
import { decode } from '../../src/wire/cbor.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import { decodeRelayFrame, type RelayFrame } from '../../src/wire/frame.ts';
import type { TopicId } from '../../src/wire/id.ts';
import { signList } from '../kit/muster.ts';
import { grantTo, talked } from '../kit/rogue.ts';
import { World, type WorldDevice } from '../kit/world.ts';

beforeAll(loadSodium);
afterEach(() => vi.restoreAllMocks());

const everyone = (world: World) => orgRoom(world.founded.list);

const deliver = (world: World, i: number, topic: TopicId, ...envelopes: readonly Uint8Array[]) =>
  world.hand(i, 0, {
    type: 'deliver',
    topic,
    items: envelopes.map((bytes, n) => [1_000 + n, world.nowMs, bytes] as const),
  });

const roomOf = (device: WorldDevice, room: RoomId) => {
  const state = device.running.rooms.get(room);
  if (state === undefined) throw new Error('the device is not in that room');
  return state;
};

function epochOf(world: World, i: number): Epoch {
  const room = roomOf(world.device(i), everyone(world).id);
  const epoch = pickEpoch(room, world.founded.list, world.nowMs);
  if (epoch === undefined) throw new Error('there is no epoch to send in');
  return epoch;
}

const texts = (device: WorldDevice): readonly string[] =>
  [...device.vault.entries.values()].flatMap(({ entry }) => {
    const body = readBody(entry.body);
    return body?.type === 'text' ? [body.text] : [];
  });

/** The newest entry of a device's own feed. */
function headOf(world: World, i: number): EntryId {
  const feed = roomOf(world.device(i), everyone(world).id).feeds.get(world.device(i).self.device);
  if (feed === undefined) throw new Error('it has written nothing');
  return feed.head;
}

/** An entry by device `by`, as its own software would never make it. */
function forge(
  world: World,
  by: number,
  place: { readonly seq: number; readonly previous?: Entry['id'] },
  text: string,
): Entry {
  const { self } = world.device(by);
  const facts = { device: self.device, heads: [], timeMs: world.nowMs, control: [], salt: world.random(16) };
  return makeEntry(self.keys.sign, everyone(world).id, {
    ...facts,
    ...place,
    body: encodeBody({ type: 'text', text }),
  });
}

describe('a relay', () => {
  it('that replays an old claim of what a device holds takes nothing back', () => {
    const world = talked(1);
    const old = world.relay(0).crossed.length;
    world.command(0, { type: 'send-text', room: everyone(world).id, text: 'two' });
    world.run(3_000);
    const author0 = world.device(0).self.device;
    const claims = () =>
      [...roomOf(world.device(0), everyone(world).id).haves]
        .map(([device, holding]) => `${device} ${holding.get(author0)?.to}`)
        .sort();
    const before = claims();
    expect(before.every((claim) => claim.endsWith(' 2'))).toBe(true);
    // The device forgot which envelopes it saw: the replay has to be harmless by itself.
    world.device(0).state = { ...world.device(0).running, seen: [] };
    let replayed = 0;
    for (const bytes of world.relay(0).crossed.slice(0, old)) {
      const frame = read(bytes);
      if (frame?.type !== 'cast') continue;
      world.hand(0, 0, frame);
      replayed += 1;
    }
    expect(replayed).toBeGreaterThan(0);
    expect(claims()).toEqual(before);
  });

  it('cannot make a device derive sixty thousand keys with one unauthenticated cast or envelope', () => {
    const world = talked(2);
    const tag = epochOf(world, 1).tag;
    const junk = Buffer.concat([
      Buffer.from([1, 1]),
      Buffer.from(tag, 'hex'),
      Buffer.from([0xff, 0xff]),
      Buffer.alloc(400, 7),
    ]);
    const spy = vi.spyOn(sodium(), 'crypto_generichash');
    world.hand(1, 0, { type: 'cast', topic: everyone(world).topic, bytes: junk });
    deliver(world, 1, everyone(world).topic, junk);
    expect(spy.mock.calls.length).toBeGreaterThan(0);
    expect(spy.mock.calls.length).toBeLessThan(100);
  });

  it('that repeats an envelope, or an entry sealed again, shows it once', () => {
    const world = talked(3);
    const { entry } = [...world.device(0).vault.entries.values()][0] ?? {};
    if (entry === undefined) throw new Error('something was written');
    const again = sealEnvelope(epochOf(world, 2), 1, { type: 'entry', bytes: entry.bytes }, world.random);
    deliver(world, 1, everyone(world).topic, again, again);
    world.device(1).state = { ...world.device(1).running, seen: [] };
    deliver(world, 1, everyone(world).topic, again);
    expect(texts(world.device(1))).toEqual(['one']);
    expect(world.device(1).refused).toEqual([]);
  });
});

function read(bytes: Uint8Array): RelayFrame | undefined {
  try {
    return decodeRelayFrame(bytes);
  } catch {
    return undefined; // what devices sent, which crossed here too
  }
}

describe('a clock that is wrong', () => {
  it('of the sender, far ahead: the entry is kept and shown when its time has come, not lost', () => {
    const world = talked(4);
    const entry = forge(
      world,
      0,
      {
        seq: 1,
        previous: headOf(world, 0),
      },
      'from tomorrow',
    );
    const envelope = sealEnvelope(epochOf(world, 0), 20, { type: 'entry', bytes: entry.bytes }, world.random);
    deliver(world, 1, everyone(world).topic, envelope);
    expect(texts(world.device(1))).toEqual(['one']);
    expect(world.device(1).running.parked.size).toBe(1);
    world.crash(1);
    world.nowMs += 20 * bucketMs;
    world.start(1);
    expect(texts(world.device(1))).toEqual(['one', 'from tomorrow']);
  });
});

describe('a member', () => {
  it('who signs two entries for one place is refused the second, and told apart by a code', () => {
    const world = talked(5);
    const twin = forge(world, 0, { seq: 0 }, 'I never said one');
    deliver(
      world,
      1,
      everyone(world).topic,
      sealEnvelope(epochOf(world, 0), 0, { type: 'entry', bytes: twin.bytes }, world.random),
    );
    world.run(1);
    expect(world.device(1).refused.map((each) => each.code)).toEqual(['equivocation']);
    expect(texts(world.device(1))).toEqual(['one']);
  });

  it('who goes on from another branch is refused', () => {
    const world = talked(6);
    const twin = forge(world, 0, { seq: 0 }, 'I never said one');
    const next = forge(world, 0, { seq: 1, previous: twin.id }, 'and I say two');
    deliver(
      world,
      1,
      everyone(world).topic,
      sealEnvelope(epochOf(world, 0), 0, { type: 'entry', bytes: next.bytes }, world.random),
    );
    world.run(1);
    expect(world.device(1).refused.map((each) => each.code)).toEqual(['equivocation']);
    expect(texts(world.device(1))).toEqual(['one']);
  });

  it('whose device was copied hears of it: it takes what the copy wrote, and writes nothing more', () => {
    const world = talked(7);
    const clone = forge(
      world,
      0,
      {
        seq: 1,
        previous: headOf(world, 0),
      },
      'from the copy',
    );
    deliver(
      world,
      0,
      everyone(world).topic,
      sealEnvelope(epochOf(world, 0), 0, { type: 'entry', bytes: clone.bytes }, world.random),
    );
    expect(world.device(0).refused.map((each) => each.code)).toEqual(['equivocation']);
    expect(texts(world.device(0))).toEqual(['one', 'from the copy']);
    const written = world.command(0, {
      type: 'send-text',
      room: everyone(world).id,
      text: 'from the other of the two',
    });
    expect(() => world.result(0, written)).toThrow('enrol it anew');
    // Nor after a restart.
    world.crash(0);
    world.start(0);
    const again = world.command(0, { type: 'send-text', room: everyone(world).id, text: 'from the other of the two' });
    expect(() => world.result(0, again)).toThrow('enrol it anew');
  });

  it('who is not in a room cannot write in it with its key', () => {
    const world = talked(8);
    const id = world.command(0, { type: 'create-room', title: 'two of us', members: [world.device(1).self.member] });
    const { room } = world.result(0, id);
    world.run(3_000);
    const inside = roomOf(world.device(0), room);
    const epoch = pickEpoch(inside, world.founded.list, world.nowMs);
    if (epoch === undefined) throw new Error('the room has an epoch');
    const { self } = world.device(2);
    const facts = { device: self.device, seq: 0, heads: [], timeMs: world.nowMs, control: [], salt: world.random(16) };
    const entry = makeEntry(self.keys.sign, room, { ...facts, body: encodeBody({ type: 'text', text: 'let me in' }) });
    deliver(world, 1, inside.info.topic, sealEnvelope(epoch, 0, { type: 'entry', bytes: entry.bytes }, world.random));
    // It is part of its feed, so that every device holds the same, and does not count.
    const { voids } = roomOf(world.device(1), room);
    expect(isVoid(voids.get(self.device) ?? [], 0)).toBe(true);
    expect(voids.has(world.device(0).self.device)).toBe(false);
  });

  it('cannot lock another out of an epoch with a later grant of a wrong secret: only the first bucket’s is taken', () => {
    const world = talked(9);
    const epoch = openEpoch(
      world.device(0).self.keys.sign,
      world.device(0).self.device,
      factsOf(world),
      world.nowMs,
      world.random,
    );
    const wrong = { ...forgetBefore(epoch, 1), secret: forgetBefore(epoch, 9).secret };
    grantTo(world, 2, 1, wrong);
    const held = () => roomOf(world.device(1), everyone(world).id).epochs.get(epoch.tag);
    expect(held()).toBeUndefined();
    expect(world.device(1).refused.map((each) => each.code)).toEqual(['out-of-place']);
    grantTo(world, 2, 1, epoch);
    expect(held()?.bucket).toBe(0);
    expect(held()?.secret.open()).toEqual(epoch.secret.open());
  });

  it('who opens an epoch from the far future is not followed there', () => {
    const world = talked(10);
    const farMs = world.nowMs + 400 * 86_400_000;
    const { self } = world.device(2);
    const early = openEpoch(self.keys.sign, self.device, factsOf(world), farMs, world.random);
    grantTo(world, 2, 1, early);
    const room = roomOf(world.device(1), everyone(world).id);
    expect(room.epochs.has(early.tag)).toBe(true);
    expect(pickEpoch(room, world.founded.list, world.nowMs)?.id).not.toBe(early.id);
  });

  it('about to be removed cannot prepare an epoch that the others will send in afterwards (R7)', () => {
    const world = talked(11);
    const { self } = world.device(2);
    const bodies = world.founded.leaves.map((bytes) => decode(leaf, bytes).body);
    const without = bodies.flatMap((body) => {
      if ('member' in body && body.member === self.member) return [];
      return [body.type === 'member' ? { ...body, deputies: [] } : body];
    });
    const bytes = signList(
      world.founded.genesis,
      world.founded.custodians.slice(0, 2),
      without.map((body) => makeLeaf(body, world.random)),
      { version: 2, previous: world.founded.list.id },
    );
    const after = readList(bytes, world.founded.list.org);
    expect(after.devices.size).toBe(2);
    const facts = { ...factsOf(world), listVersion: 2, roster: after.devices };
    const prepared = openEpoch(self.keys.sign, self.device, facts, world.nowMs + 1, world.random);
    grantTo(world, 2, 1, prepared);
    const isHeld = () => roomOf(world.device(1), everyone(world).id).epochs.has(prepared.tag);
    // Kept until the list it names is here, and then turned down: whoever opened it is not on it.
    expect(isHeld()).toBe(false);
    expect(world.device(1).running.parked.size).toBe(1);
    world.takeList(bytes);
    world.run(10_000);
    expect(isHeld()).toBe(false);
    expect(world.device(1).refused.map((each) => each.code)).toContain('not-a-member');
    const epoch = pickEpoch(roomOf(world.device(1), everyone(world).id), after, world.nowMs);
    expect(epoch?.listVersion).toBe(2);
    expect(epoch?.device).not.toBe(self.device);
  });
});

const factsOf = (world: World) => ({
  room: everyone(world).id,
  control: [],
  listVersion: 1,
  roster: world.founded.list.devices,
});

describe('a report', () => {
  function drilled(seed: number): World {
    const drills = [
      {
        fromMs: 1_800_000_010_000,
        toMs: 1_800_000_020_000,
        openWithinMs: 5_000,
        answerWithinMs: 30_000,
        escalateAfterMs: 40_000,
        closeAfterMs: 90_000,
      },
    ];
    const world = new World(seed, { members: 4, drills });
    world.startAll();
    const plan = planOf(world);
    world.run(startOf(world.founded.list, plan) - world.nowMs + 2_000);
    for (const i of [0, 1, 3]) world.command(i, { type: 'answer', drill: plan.id, answer: 'there' });
    world.run(20_000);
    return world;
  }
  const planOf = (world: World) => {
    const [plan] = world.founded.list.drills;
    if (plan === undefined) throw new Error('a drill is planned');
    return plan;
  };
  const logOf = (world: World, i: number): readonly Entry[] => {
    const room = drillRoom(world.founded.list, planOf(world)).id;
    const bytes = [...world.device(i).vault.entries.values()]
      .filter(({ entry }) => entry.room === room)
      .map(({ entry }) => entry.bytes);
    return readLog(world.founded.list, room, bytes);
  };

  // Dated before the true closing it would be the first in the log, dated after it the last.
  it.each([
    ['before', 0],
    ['after', 10_000_000],
  ])(
    'is not directed by a member who, without being a coordinator, writes a closing entry dated %s the true one',
    (_when, aheadMs) => {
      const world = drilled(20);
      const device = world.device(3);
      const room = drillRoom(world.founded.list, planOf(world)).id;
      const turn = new Turn(device.running, { nowMs: world.nowMs + aheadMs, random: world.random });
      author(turn, room, { type: 'close', drill: planOf(world).id, cut: [] });
      const { state, effects } = turn.finish();
      for (const effect of effects) if (effect.type === 'write') device.vault.apply(effect.rows);
      device.state = state;
      world.command(3, { type: 'send-text', room, text: 'x' });
      world.run(90_000);
      const log = logOf(world, 1);
      expect(log.filter((entry) => readBody(entry.body)?.type === 'close')).toHaveLength(2);
      const report = assess(world.founded.list, planOf(world), entriesOf(world.founded.list, planOf(world), log));
      expect(report.drill.director).toBe('P01');
      expect(report.drill.closedAfterMs).toBeLessThan(200_000);
    },
  );

  it('refuses a log in which the other branch of a fork fills the place of an entry that was taken out', () => {
    const world = drilled(21);
    world.run(90_000);
    const plan = planOf(world);
    const { list } = world.founded;
    const log = logOf(world, 1);
    const room = drillRoom(list, plan).id;
    expect(() => entriesOf(list, plan, log)).not.toThrow();
    // Device 1's answer is to vanish; device 3 helps with a second entry for its own first place.
    const isAnswerOf = (i: number) => (entry: Entry) =>
      entry.device === world.device(i).self.device && readBody(entry.body)?.type === 'answer';
    const gone = log.find(isAnswerOf(1));
    const [first] = log.filter((entry) => entry.device === world.device(3).self.device && entry.seq === 0);
    if (gone === undefined || first === undefined) throw new Error('both are in the log');
    const { id: _, bytes: __, room: ___, suite: ____, ...facts } = first;
    const twin = makeEntry(world.device(3).self.keys.sign, room, { ...facts, salt: world.random(16) });
    const cooked = [...log.filter((entry) => entry !== gone), twin];
    expect(cooked).toHaveLength(log.length);
    expect(() => entriesOf(list, plan, cooked)).toThrow(PeerFault);
    expect(() => entriesOf(list, plan, [...log, twin])).toThrow('two different entries for one place');
    // Nor does the branch alone do, in the place of the entry that others follow.
    expect(() => entriesOf(list, plan, [...log.filter((entry) => entry !== first), twin])).toThrow(
      'two different entries for one place',
    );
  });
});
