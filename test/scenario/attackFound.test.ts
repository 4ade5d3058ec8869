/** Holes that were found by trying to break the engine, each named for what was tried. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBody } from '../../src/core/body.ts';
import { makeEntry } from '../../src/core/entry.ts';
import { makeWant, sealEnvelope } from '../../src/core/envelope.ts';
import { openEpoch } from '../../src/core/epoch.ts';
import { entryId, type RoomId } from '../../src/core/id.ts';
import { sealPacket, startChain } from '../../src/core/packet.ts';
import { encodePayload } from '../../src/core/payload.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { fromHex, hex } from '../../src/wire/bytes.ts';
import { inRoom, move, say } from '../kit/insideRoom.ts';
import {
  epochIn,
  everyone,
  forge,
  garbage,
  grantTo,
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

/** Packets that ever came to these devices. */
const packetsTo = (world: World, ...devices: readonly number[]): number =>
  devices.reduce((sum, i) => sum + (world.relay(1).topics.get(world.device(i).running.inbox)?.length ?? 0), 0);

/** An epoch by device `by`, for the room as device `by` sees it, and another with another secret. */
function open(world: World, by: number, room: RoomId) {
  const { self } = world.device(by);
  const { membership } = roomIn(world, by, room);
  const facts = { room, control: membership.heads, listVersion: 1, roster: membership.roster };
  return openEpoch(self.keys.sign, self.device, facts, world.nowMs, world.random);
}

describe('a member', () => {
  it('who begins a feed at the last place there is does not stop a newcomer for good', () => {
    const { world, room } = inRoom(1, 3, 4);
    move(world, 0, room, 'add', 3);
    world.run(3_000);
    const previous = forge(world, 2, room, { type: 'text', text: 'never sent' }).id;
    const last = forge(world, 2, room, { type: 'text', text: 'x' }, { seq: 0xfffffffe, previous });
    const beyond = { ...last, bytes: fromHex(hex(last.bytes).replace('1afffffffe', '1affffffff')) };
    const { topic } = roomIn(world, 3, room).info;
    slip(world, 3, topic, sealed(world, 2, beyond));
    expect(world.device(3).refused.map(({ code }) => code)).toEqual(['malformed']);
    slip(world, 3, topic, sealed(world, 2, last));
    expect(roomIn(world, 3, room).feeds.get(last.device)?.count).toBe(0xffffffff);
    // What it holds can be said, and so can how much of that feed is to count.
    world.run(3_000);
    say(world, 3, room, 'still here');
    world.run(3_000);
    expect(textsIn(world, 0, room)).toContain('still here');
  });

  it.each([
    ['another secret', 1],
    ['a bucket of next year', 0xffff],
  ])('who opens the newest epoch and hands one of the others %s does not cut it off', (_, bucket) => {
    const world = talked(2);
    const room = everyone(world).id;
    const epoch = open(world, 2, room);
    grantTo(world, 2, 0, epoch);
    grantTo(world, 2, 1, { ...epoch, bucket, secret: bucket === 1 ? open(world, 2, room).secret : epoch.secret });
    write(world, 1, 'can you read me?');
    world.run(20_000);
    expect(textsOf(world.device(0))).toContain('can you read me?');
  });

  it('who does so to somebody who was added, with an epoch that does not name the addition, does not either', () => {
    const { world, room } = inRoom(3, 3, 4);
    const heads = roomIn(world, 2, room).membership;
    move(world, 0, room, 'add', 3);
    world.run(2 * 3_600_000);
    const { self } = world.device(2);
    const facts = { room, control: [], listVersion: 1, roster: heads.rosterAt([]) };
    const [epoch, other] = [0, 1].map(() => openEpoch(self.keys.sign, self.device, facts, world.nowMs, world.random));
    if (epoch === undefined || other === undefined) throw new Error('two were opened');
    for (const i of [0, 1]) grantTo(world, 2, i, epoch);
    grantTo(world, 2, 3, { ...epoch, bucket: 1, secret: other.secret });
    say(world, 3, room, 'can you read me?');
    world.run(20_000);
    expect(textsIn(world, 0, room)).toContain('can you read me?');
  });

  it('who names operations that never were, again and again, does not silence the others', () => {
    const world = talked(4);
    const { keys, device } = world.device(2).self;
    const room = everyone(world);
    const name = (seq: number) => {
      const facts = { device, seq, heads: [], timeMs: world.nowMs, control: [entryId.of(world.random(32))] };
      const entry = makeEntry(keys.sign, room.id, {
        ...facts,
        ...(seq === 0 ? {} : { previous: entryId.of(world.random(32)) }),
        body: encodeBody({ type: 'text', text: 'x' }),
        salt: world.random(16),
      });
      slip(world, 1, room.topic, sealed(world, 2, entry));
    };
    name(0);
    write(world, 1, 'can you hear me?');
    for (let n = 1; n < 10; n++) {
      world.run(3_000);
      name(n);
    }
    expect(textsOf(world.device(0))).toContain('can you hear me?');
  });

  it('who names the same operation again and again has nobody judge the room anew', () => {
    const { world, room } = inRoom(9, 4);
    move(world, 0, room, 'remove', 3);
    world.run(2_000);
    const { keys, device } = world.device(2).self;
    const { membership, info } = roomIn(world, 1, room);
    let previous = roomIn(world, 1, room).feeds.get(device)?.head;
    const first = roomIn(world, 1, room).feeds.get(device)?.count ?? 0;
    const judged = Array.from({ length: 4 }, (_, n) => {
      const facts = { device, heads: [], timeMs: world.nowMs, control: membership.heads, salt: world.random(16) };
      const body = encodeBody({ type: 'text', text: `${n}` });
      const place = { seq: first + n, ...(previous === undefined ? {} : { previous }) };
      const entry = makeEntry(keys.sign, room, { ...facts, ...place, body });
      previous = entry.id;
      slip(world, 1, info.topic, sealed(world, 2, entry));
      return roomIn(world, 1, room).membership;
    });
    expect(textsIn(world, 1, room)).toEqual(['0', '1', '2', '3']);
    // The first time it stands behind the operation, and that is news.
    expect(new Set(judged).size).toBe(1);
    expect(judged[0]).not.toBe(membership);
  });

  it('who asks for ranges that overlap is not given the same entries over and over', () => {
    const world = talked(5, 4);
    const room = everyone(world);
    for (let n = 0; n < 60; n++) write(world, 0, `${n}`);
    world.run(5_000);
    const { keys, device } = world.device(2).self;
    const ranges = Array.from({ length: 60 }, (_, n) => [world.device(0).self.device, n, n + 256] as const);
    const before = packetsTo(world, 2);
    const facts = { device, timeMs: world.nowMs, ranges, operations: [], nonce: world.random(16) };
    const bytes = sealEnvelope(epochIn(world, 2, room.id), 0, makeWant(keys.sign, room.id, facts), world.random);
    for (const i of [0, 1, 3]) world.hand(i, 0, { type: 'cast', topic: room.topic, bytes });
    world.run(5_000);
    // Each of three answers once; it was sixty times each.
    expect(packetsTo(world, 2) - before).toBe(3);
  });

  it('who encapsulates anew for each packet does not make what is kept grow without end', () => {
    const world = talked(6);
    const prekey = world.founded.list.devices.get(world.device(1).self.device)?.prekey;
    const [, pair] = [...world.device(1).running.pairs][0] ?? [];
    if (prekey === undefined || pair === undefined) throw new Error('it was granted an epoch');
    const pairs = new Map(Array.from({ length: 4_096 }, (_, n) => [`${n}`, pair]));
    world.device(1).state = { ...world.device(1).running, pairs };
    const epoch = open(world, 2, everyone(world).id);
    const granter = {
      type: 'grant',
      bucket: 0,
      secret: epoch.secret.open(),
      announcement: epoch.announcement,
    } as const;
    for (let n = 0; n < 3; n++) {
      const { packet } = sealPacket(startChain(prekey, world.random), encodePayload(granter), world.random);
      slip(world, 1, world.device(1).running.inbox, packet);
    }
    // It opens all the same.
    expect(roomIn(world, 1, everyone(world).id).epochs.has(epoch.tag)).toBe(true);
    expect(world.device(1).running.pairs.size).toBe(4_096);
  });

  it('who dates an entry later than a calendar goes breaks nobody’s screen', () => {
    const world = talked(7);
    const room = everyone(world);
    const late = { timeMs: Number.MAX_SAFE_INTEGER };
    slip(world, 0, room.topic, sealed(world, 2, forge(world, 2, room.id, { type: 'text', text: 'late' }, late)));
    const { vault, state } = world.device(0);
    const page = [...vault.entries.values()].map(({ entry }, position) => ({ ...entry, position, relays: [] }));
    const device = { state, vault: { pageOf: () => page } } as unknown as Responder;
    const { messages } = viewRoom(device, room.id, undefined, 10);
    expect(messages.map(({ text }) => text)).toContain('late');
    for (const { atMs } of messages) expect(() => new Date(atMs).toISOString()).not.toThrow();
  });
});

describe('a relay', () => {
  it('that makes up epochs does not make a device ask the others all the time', () => {
    const world = talked(8, 5);
    const before = packetsTo(world, 0, 2, 3, 4);
    for (let n = 0; n < 300; n++) {
      slip(world, 1, everyone(world).topic, garbage(world));
      world.run(100);
    }
    // Three packets in three seconds; it was three for every epoch made up.
    expect(packetsTo(world, 0, 2, 3, 4) - before).toBeLessThanOrEqual(33);
  });

  it('that withholds a grant, which then comes from another, leaves nobody with packets that cannot be opened', () => {
    const { world, room } = inRoom(7, 3);
    // Chains are in memory only: this one has to begin a new one, and its first packet never arrives.
    world.crash(0);
    world.start(0);
    world.run(3_000);
    const { inbox } = world.device(1).running;
    world.tamper = (_, __, frame) => (frame.type === 'deliver' && frame.topic === inbox ? [] : [frame]);
    world.result(0, world.command(0, { type: 'heal', room }));
    world.run(1_000);
    grantTo(world, 2, 1, epochIn(world, 0, room));
    say(world, 1, room, 'I have it');
    world.run(2_000);
    world.tamper = undefined;
    world.crash(2);
    world.result(0, world.command(0, { type: 'heal', room }));
    say(world, 0, room, 'healed');
    world.run(60_000);
    expect(textsIn(world, 1, room)).toContain('healed');
  });
});
