/** The race for a relay with network, names, proxies and time in the test's hands. */
import { describe, expect, it } from 'vitest';
import { interleave } from '../../../src/link/address.ts';
import { linkLimit } from '../../../src/link/limit.ts';
import type { Route } from '../../../src/link/port.ts';
import { type ProxySetting, readProxy, readSetting, usualProxySetting } from '../../../src/link/proxy.ts';
import { laneOf, Race, type RacePlan } from '../../../src/link/race.ts';
import { relayId } from '../../../src/wire/id.ts';
import { LinkWorld } from '../../kit/linkWorld.ts';

const { staggerMs, patienceMs } = linkLimit;
const [one, two, three] = ['192.0.2.1:1', '192.0.2.2:2', '[2001:db8::3]:3'] as const;

function race(addresses: readonly string[], setting: ProxySetting = usualProxySetting, over: Partial<RacePlan> = {}) {
  const world = new LinkWorld();
  return { world, ...startIn(world, addresses, setting, over) };
}

function startIn(world: LinkWorld, addresses: readonly string[], setting: ProxySetting, over: Partial<RacePlan> = {}) {
  const won: Route[] = [];
  const messages: Uint8Array[] = [];
  const closes: string[] = [];
  let failures = 0;
  const made = new Race({ relay: relayId.of(new Uint8Array(32)), addresses, setting, ...over }, world, {
    won: (_, route) => won.push(route),
    failed: () => {
      failures += 1;
    },
    onMessage: (bytes) => messages.push(bytes),
    onHeard: () => undefined,
    onClose: (code) => closes.push(code),
  });
  world.pass(0);
  return { made, won, messages, closes, failed: () => failures };
}

const begun = (world: LinkWorld) =>
  world.attempts.map(({ route }) => `${route.proxy === undefined ? '' : `${route.proxy.host} `}${route.host}`);
const at = (world: LinkWorld, i: number) => {
  const attempt = world.attempts[i];
  if (attempt === undefined) throw new Error(`attempt ${i} was not made`);
  return attempt;
};

describe('a race', () => {
  it('begins one way after the other while none answers, and keeps the first that gets there', () => {
    const { world, won, messages, closes } = race([one, two, three]);
    expect(begun(world)).toEqual(['192.0.2.1']);
    world.pass(staggerMs - 1);
    expect(begun(world)).toEqual(['192.0.2.1']);
    world.pass(1);
    world.pass(staggerMs);
    expect(begun(world)).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::3']);
    at(world, 1).events.onOpen();
    expect(won.map(({ address }) => address)).toEqual([two]);
    expect(world.attempts.map(({ isClosed }) => isClosed)).toEqual([true, false, true]);
    at(world, 0).events.onOpen();
    at(world, 0).events.onMessage(new Uint8Array([1]));
    at(world, 0).events.onClose('lost', '');
    expect([won.length, messages.length, closes.length]).toEqual([1, 0, 0]);
    at(world, 1).events.onMessage(new Uint8Array([2]));
    at(world, 1).events.onClose('lost', '');
    expect([messages.length, closes]).toEqual([1, ['lost']]);
    expect(world.timers.size).toBe(0);
  });

  it('does not end at a wrong key, and goes on at once', () => {
    const { world, made, won, failed } = race([one, two]);
    at(world, 0).events.onClose('wrong-pin', 'another key');
    expect([begun(world).length, world.nowMs]).toEqual([2, 1_000_000]);
    at(world, 1).events.onOpen();
    expect([won.length, failed(), made.failures.map(({ code }) => code)]).toEqual([1, 0, ['wrong-pin']]);
  });

  it('loses no more than one stagger to a dead address', () => {
    for (const dead of [0, 1, 2]) {
      const addresses = [one, two, three];
      const { world, won } = race(addresses);
      for (let passed = 0; won.length === 0; passed += 1) {
        expect(passed).toBeLessThanOrEqual(staggerMs);
        for (const { route, events, isClosed } of world.attempts)
          if (route.address !== addresses[dead] && !isClosed) events.onOpen();
        world.pass(1);
      }
    }
  });

  it('fails once, when the last way has failed', () => {
    const { world, failed } = race([one, two]);
    world.pass(staggerMs);
    at(world, 1).events.onClose('unreachable', '');
    expect(failed()).toBe(0);
    at(world, 0).events.onClose('unreachable', '');
    at(world, 0).events.onClose('unreachable', '');
    expect([failed(), world.timers.size]).toEqual([1, 0]);
  });

  it('survives addresses that are none, a machine that refuses, and a plan that leads nowhere', () => {
    const { world, made, won } = race(['no address', one]);
    at(world, 0).events.onOpen();
    expect([won.length, made.failures.length]).toEqual([1, 1]);
    const refusing = new LinkWorld();
    refusing.connect = () => {
      throw new Error('no sockets left');
    };
    expect(startIn(refusing, [one, two], usualProxySetting).failed()).toBe(1);
    expect(race([one], { policy: 'proxy-only' }).failed()).toBe(1);
    expect(race([]).failed()).toBe(1);
  });

  it('leaves nothing behind when it is closed', () => {
    const { world, made } = race([one, 'relay.example:3']);
    world.pass(staggerMs);
    made.close();
    world.asked[0]?.done(['192.0.2.9']);
    expect([world.timers.size, world.attempts.length]).toEqual([0, 1]);
    expect(world.attempts.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('begins with the lane that was good and ends with the one that was bad', () => {
    const lane = (address: string) => laneOf({ address, host: '', port: 1 });
    const { world } = race([one, two, three], usualProxySetting, { first: lane(three), last: lane(one) });
    world.pass(2 * staggerMs);
    expect(begun(world)).toEqual(['2001:db8::3', '192.0.2.2', '192.0.2.1']);
  });
});

describe('names', () => {
  const six = ['2001:db8::1', '2001:db8::2', '2001:db8::3'];
  const four = ['192.0.2.1', '192.0.2.2'];

  it('are tried with both families in turn', () => {
    expect(interleave([...six, ...four])).toEqual([six[0], four[0], six[1], four[1], six[2]]);
    expect(interleave([...four, ...six])).toEqual([four[0], six[0], four[1], six[1], six[2]]);
    expect(interleave(['192.0.2.1', 'evil.example', '192.0.2.1', '::1%eth0 x'])).toEqual(['192.0.2.1']);
    expect(interleave([])).toEqual([]);
    const world = new LinkWorld();
    world.names.set('relay.example', [...six, ...four]);
    startIn(world, ['relay.example:7'], usualProxySetting);
    world.pass(10 * staggerMs);
    expect(begun(world)).toEqual([six[0], four[0], six[1], four[1], six[2]]);
  });

  it('that take their time hold up nobody', () => {
    const { world } = race(['relay.example:7', one]);
    expect(begun(world)).toEqual([]);
    world.pass(patienceMs);
    expect(begun(world)).toEqual(['192.0.2.1']);
    world.asked[0]?.done(['192.0.2.7']);
    expect(begun(world)).toEqual(['192.0.2.1']);
    world.pass(staggerMs);
    expect(begun(world)).toEqual(['192.0.2.1', '192.0.2.7']);
    world.asked[0]?.done(['192.0.2.8']); // twice is once
    world.pass(staggerMs);
    expect(begun(world)).toHaveLength(2);
  });

  it('that nobody knows are said, and fail no other', () => {
    const world = new LinkWorld();
    world.names.set('relay.example', []);
    const { made, won, failed } = startIn(world, ['relay.example:7', one], usualProxySetting);
    expect(made.failures[0]?.text).toContain('relay.example');
    at(world, 0).events.onOpen();
    expect([won.length, failed()]).toEqual([1, 0]);
  });

  it('with a thousand addresses are not a thousand connections', () => {
    const world = new LinkWorld();
    const many = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const names = ['a', 'b', 'c', 'd'].map((each) => `${each}.example`);
    for (const name of names) world.names.set(name, many);
    const { failed } = startIn(
      world,
      names.map((name) => `${name}:1`),
      usualProxySetting,
    );
    world.pass(100 * staggerMs);
    expect(begun(world)).toHaveLength(linkLimit.routesPerRace);
    for (const { events } of world.attempts) events.onClose('unreachable', '');
    expect(failed()).toBe(1);
  });
});

describe('proxies', () => {
  const proxy = 'http://198.51.100.1:3128';

  it('come first, and what is direct follows a stagger later or as soon as the proxy fails', () => {
    const { world, won } = race([one], readSetting(proxy, false));
    expect(begun(world)).toEqual(['198.51.100.1 192.0.2.1']);
    world.pass(staggerMs);
    expect(begun(world)).toEqual(['198.51.100.1 192.0.2.1', '192.0.2.1']);
    at(world, 0).events.onOpen();
    expect(won[0]?.proxy?.host).toBe('198.51.100.1');
    const failing = race([one], readSetting(proxy, false));
    at(failing.world, 0).events.onClose('proxy', 'it wants a password');
    expect(begun(failing.world)).toHaveLength(2);
    at(failing.world, 1).events.onClose('unreachable', 'nobody');
    expect(failing.made.failures.map(({ text }) => text)).toEqual(['through the proxy: it wants a password', 'nobody']);
  });

  it('are the only way where the setting says so: nothing goes directly, and no name is asked for', () => {
    const { world, failed } = race([one, 'relay.example:7'], readSetting(proxy, true));
    world.pass(10 * staggerMs);
    expect(begun(world)).toEqual(['198.51.100.1 192.0.2.1', '198.51.100.1 relay.example']);
    for (const { events } of world.attempts) events.onClose('proxy', '');
    world.pass(10 * staggerMs);
    expect([failed(), world.attempts.length, world.asked.length]).toEqual([1, 2, 0]);
  });

  it('are not taken where the setting says so, whatever the system wants', () => {
    const world = new LinkWorld();
    world.system = [readProxy(proxy, 'system')];
    startIn(world, [one, two], readSetting('none', false));
    world.pass(10 * staggerMs);
    expect(begun(world)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(world.askedSystem).toHaveLength(0);
  });

  it('of the system are waited for, but not for long', () => {
    const world = new LinkWorld();
    world.system = undefined;
    startIn(world, [one], usualProxySetting);
    expect(begun(world)).toEqual([]);
    world.askedSystem[0]?.([readProxy(proxy, 'system')]);
    expect(begun(world)).toEqual(['198.51.100.1 192.0.2.1']);
    const slow = new LinkWorld();
    slow.system = undefined;
    const { won } = startIn(slow, [one], usualProxySetting);
    slow.pass(patienceMs);
    expect(begun(slow)).toEqual(['192.0.2.1']);
    at(slow, 0).events.onOpen();
    slow.askedSystem[0]?.([readProxy(proxy, 'system')]);
    slow.pass(10 * staggerMs);
    expect([won.length, slow.attempts.length]).toEqual([1, 1]);
  });
});
