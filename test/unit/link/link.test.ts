/** The state machine of a link with everything from outside in the test's hands: no socket, no clock, no chance. */
import { beforeAll, describe, expect, it } from 'vitest';
import { linkLimit, retryMs } from '../../../src/link/limit.ts';
import type { LinkConfig } from '../../../src/link/event.ts';
import { Link, linkRef } from '../../../src/link/link.ts';
import type { RelayFrame } from '../../../src/wire/frame.ts';
import { relayId } from '../../../src/wire/id.ts';
import { readSetting, usualProxySetting } from '../../../src/link/proxy.ts';
import { LinkWorld } from '../../kit/linkWorld.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../../kit/org.ts';

const pin = relayId.of(new Uint8Array(32).fill(3));
let org: TestOrg;
let device: TestDevice;
beforeAll(async () => {
  org = await makeOrg();
  device = await makeDevice();
});

function start(over: Partial<LinkConfig> = {}) {
  const world = new LinkWorld();
  const config: LinkConfig = {
    relay: pin,
    addresses: ['192.0.2.1:1'],
    proxy: usualProxySetting,
    org: org.org,
    access: device.access,
    signAccess: device.signAccess,
    ...over,
  };
  const link = new Link(config, world, {
    up: (up) => world.ups.push(up),
    down: (down) => world.downs.push(down),
    frame: (_, frame) => world.frames.push(frame),
  });
  world.pass(0);
  return { world, link };
}
const challenge = (timeMs: number): RelayFrame => ({
  type: 'challenge',
  version: 1,
  nonce: new Uint8Array(32),
  store: new Uint8Array(16).fill(0xab),
  timeMs,
});
const refusedEntry: RelayFrame = { type: 'refused', code: 'not-admitted', text: 'no' };

function goUp(world: LinkWorld, admission = 1) {
  world.last.events.onOpen();
  world.say(challenge(world.nowMs));
  world.say({ type: 'welcome', admission, timeMs: world.nowMs });
}

describe('entering', () => {
  it('says hello, proves, and is up only after welcome', () => {
    const { world, link } = start();
    expect(link.send({ type: 'untail', topic: pin as never })).toBe(false);
    world.last.events.onOpen();
    expect(world.last.sent.map(({ type }) => type)).toEqual(['hello']);
    world.say(challenge(0));
    expect(world.last.sent.map(({ type }) => type)).toEqual(['hello', 'proof']);
    expect([world.ups.length, link.isUp]).toEqual([0, false]);
    world.say({ type: 'welcome', admission: 4, timeMs: 0 });
    expect(world.ups).toMatchObject([{ relay: pin, store: 'ab'.repeat(16), admission: 4 }]);
    expect(link.send({ type: 'tail', topic: pin as never, from: 0 })).toBe(true);
  });

  it('measures the clock of the relay by the shorter round trip', () => {
    const { world } = start();
    world.last.events.onOpen();
    world.nowMs += 400;
    world.say(challenge(world.nowMs - 200 + 5000));
    world.nowMs += 20;
    world.say({ type: 'welcome', admission: 1, timeMs: world.nowMs - 10 + 5003 });
    expect(world.ups).toMatchObject([{ offsetMs: 5003, rttMs: 20 }]);
  });

  it('brings its admission list once when it is not admitted, then proves again', () => {
    const list = org.list([device]);
    const { world } = start({ admission: () => ({ version: 1, list }) });
    world.last.events.onOpen();
    world.say(challenge(0));
    world.say(refusedEntry);
    expect(world.last.sent.at(-1)).toMatchObject({ type: 'admit', ref: linkRef });
    world.say({ type: 'admitted', ref: linkRef, version: 1 });
    expect(world.last.sent.at(-1)?.type).toBe('proof');
    world.say(refusedEntry);
    expect(world.downs).toMatchObject([{ code: 'not-admitted', retryInMs: linkLimit.refusedRetryMs }]);
  });

  it('brings a newer list after welcome and keeps the answer to itself', () => {
    const { world } = start({ admission: () => ({ version: 7, list: org.list([device]) }) });
    goUp(world, 6);
    expect(world.last.sent.at(-1)?.type).toBe('admit');
    world.say({ type: 'admitted', ref: linkRef, version: 7 });
    world.say({ type: 'admitted', ref: 5, version: 7 });
    expect(world.frames).toMatchObject([{ ref: 5 }]);
  });

  it.each<[string, RelayFrame]>([
    ['welcome before the proof', { type: 'welcome', admission: 1, timeMs: 0 }],
    ['an acknowledgement before welcome', { type: 'appended', ref: 1, receipts: [] }],
    [
      'a version never offered',
      { type: 'challenge', version: 9, nonce: new Uint8Array(32), store: new Uint8Array(16), timeMs: 0 },
    ],
  ])('hangs up on %s', (_, frame) => {
    const { world } = start();
    world.last.events.onOpen();
    world.say(frame);
    expect(world.last.isClosed).toBe(true);
    expect(world.downs).toHaveLength(1);
    expect(world.last.sent.some(({ type }) => type === 'proof')).toBe(false);
  });

  it('hangs up on noise', () => {
    const { world } = start();
    goUp(world);
    world.last.events.onMessage(new Uint8Array([1, 2, 3]));
    expect(world.downs).toMatchObject([{ code: 'malformed' }]);
    expect(world.last.isClosed).toBe(true);
  });
});

describe('staying', () => {
  it('waits longer each time, up to the cap, with jitter, and begins small again after a lasting success', () => {
    expect([1, 2, 3, 9, 40].map((n) => retryMs(n, 0))).toEqual([200, 400, 800, 30_000, 30_000]);
    expect(retryMs(9, 0.999)).toBeGreaterThanOrEqual(15_000);
    const { world } = start();
    const waits = () => world.downs.map(({ retryInMs }) => retryInMs);
    for (let i = 0; i < 3; i++) {
      world.last.events.onClose('unreachable', '');
      world.pass(world.downs.at(-1)?.retryInMs ?? 0);
    }
    expect(waits()).toEqual([200, 400, 800]);
    goUp(world);
    world.last.events.onClose('lost', ''); // at once again: no success
    expect(waits().at(-1)).toBe(1600);
    world.pass(1600);
    goUp(world);
    world.pass(linkLimit.stableMs);
    world.last.events.onClose('lost', '');
    expect(waits().at(-1)).toBe(200);
  });

  it('waits longer only if a wrong key is on every way', () => {
    const { world } = start({ addresses: ['192.0.2.1:1', '192.0.2.2:2'] });
    world.last.events.onClose('wrong-pin', 'another key');
    world.last.events.onClose('unreachable', 'nobody there');
    expect(world.downs).toMatchObject([{ code: 'wrong-pin', text: 'another key; nobody there', retryInMs: 200 }]);
    world.pass(200);
    world.last.events.onClose('wrong-pin', 'another key');
    world.last.events.onClose('wrong-pin', 'another key');
    expect(world.downs[1]).toMatchObject({
      code: 'wrong-pin',
      text: 'another key',
      retryInMs: linkLimit.refusedRetryMs,
    });
  });

  it('comes back first to the address that worked, and last to the one that led to nothing', () => {
    const { world } = start({ addresses: ['192.0.2.1:1', '192.0.2.2:2'] });
    const order = () => world.attempts.splice(0).map(({ route }) => route.port);
    world.last.events.onClose('unreachable', '');
    goUp(world);
    expect(world.ups).toMatchObject([{ address: '192.0.2.2:2' }]);
    world.pass(linkLimit.stableMs);
    world.last.events.onClose('lost', '');
    order();
    world.pass(200);
    expect(world.attempts).toHaveLength(1);
    world.last.events.onOpen(); // and says nothing more
    world.pass(linkLimit.handshakeMs);
    world.pass(400);
    world.pass(linkLimit.staggerMs);
    expect(order()).toEqual([2, 1, 2]);
  });

  it('finds a half-open connection by silence and lives on with an answer', () => {
    const { world } = start();
    goUp(world);
    world.pass(linkLimit.pingMs);
    expect(world.last.pings).toBe(1);
    world.last.events.onHeard();
    world.pass(linkLimit.pingMs);
    expect(world.last.pings).toBe(2);
    world.pass(linkLimit.pongMs);
    expect(world.downs).toMatchObject([{ code: 'timeout' }]);
    expect(world.attempts[0]?.isClosed).toBe(true);
  });

  it('gives up an attempt that hangs', () => {
    const { world } = start();
    world.pass(linkLimit.handshakeMs);
    expect(world.downs).toMatchObject([{ code: 'timeout' }]);
  });

  it('wakes: tries at once when down, asks at once when up', () => {
    const { world, link } = start();
    world.last.events.onClose('unreachable', '');
    link.wake();
    world.pass(0);
    expect(world.attempts).toHaveLength(2);
    goUp(world);
    link.wake();
    expect([world.attempts.length, world.last.pings]).toEqual([2, 1]);
    world.pass(linkLimit.wakePongMs);
    expect(world.downs.at(-1)?.code).toBe('timeout');
  });

  it('begins anew at once after a sleep, and measures the clock again', () => {
    const { world, link } = start();
    goUp(world);
    world.nowMs += 3_600_000; // our clock was set
    link.renew();
    expect(world.downs).toMatchObject([{ code: 'lost', retryInMs: 0 }]);
    world.pass(0);
    world.last.events.onOpen();
    world.say(challenge(world.nowMs - 3_600_000));
    world.say({ type: 'welcome', admission: 1, timeMs: world.nowMs - 3_600_000 });
    expect(world.ups.map(({ offsetMs }) => offsetMs)).toEqual([0, -3_600_000]);
    link.close();
    link.renew();
    expect(world.timers.size).toBe(0);
  });

  it('leaves a way at once that another setting forbids, one that stands and one that is tried', () => {
    const setting = readSetting('socks5://198.51.100.1:1080', true);
    const { world, link } = start();
    const direct = world.last;
    link.goBy(setting);
    expect(direct.isClosed).toBe(true);
    world.pass(10 * linkLimit.staggerMs);
    expect(world.attempts.slice(1).map(({ route }) => route.proxy?.host)).toEqual(['198.51.100.1']);
    goUp(world);
    const through = world.last;
    link.goBy(readSetting('none', false));
    expect([through.isClosed, link.isUp]).toEqual([true, false]);
    expect(world.downs).toMatchObject([{ code: 'lost', retryInMs: 0 }]);
    world.pass(10 * linkLimit.staggerMs);
    expect(world.attempts.slice(2).map(({ route }) => route.proxy)).toEqual([undefined]);
    link.close();
    link.goBy(setting);
    expect(world.timers.size).toBe(0);
  });

  it('takes no more than it may hold', () => {
    const { world, link } = start();
    goUp(world);
    world.last.bufferedBytes = linkLimit.outgoingBytes + 1;
    expect(link.send({ type: 'untail', topic: pin as never })).toBe(false);
  });

  it('closes for good: no timer is left', () => {
    const { world, link } = start();
    goUp(world);
    link.close();
    link.wake();
    expect(world.timers.size).toBe(0);
    expect(world.downs).toMatchObject([{ code: 'closed', retryInMs: undefined }]);
  });
});
