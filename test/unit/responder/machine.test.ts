/** Sleep, clocks that are set and networks that change, on a machine that is in the test's hands. */
import { expect, it } from 'vitest';
import { watchMachine } from '../../../src/responder/machine.ts';
import { LinkWorld } from '../../kit/linkWorld.ts';

/** A machine with two clocks; `world` holds the timers. */
function machine() {
  const world = new LinkWorld();
  const facts = { setMs: 0, sleptMs: 0, networks: 'eth0 192.0.2.7/24' };
  const noticed: string[] = [];
  const end = watchMachine(
    {
      now: () => world.nowMs + facts.setMs,
      monotonicMs: () => world.nowMs - facts.sleptMs,
      networks: () => facts.networks,
      setTimer: (ms, fire) => world.setTimer(ms, fire),
    },
    { onJump: () => noticed.push('jump'), onNetwork: () => noticed.push('network') },
  );
  return { world, facts, noticed, end };
}

it('notices nothing while nothing happens, however long', () => {
  const { world, noticed } = machine();
  world.pass(24 * 3_600_000);
  expect(noticed).toEqual([]);
});

it.each([
  ['slept, and the steady clock with it', { passedMs: 3_600_000, sleptMs: 0, setMs: 0 }],
  ['slept, and the steady clock stood still', { passedMs: 3_600_000, sleptMs: 3_600_000, setMs: 0 }],
  ['had its clock set ahead by days', { passedMs: 0, sleptMs: 0, setMs: 48 * 3_600_000 }],
  ['had its clock set back by two seconds', { passedMs: 0, sleptMs: 0, setMs: -2_000 }],
])('notices within seconds, and once, that the machine %s', (_, { passedMs, ...facts }) => {
  const given = machine();
  given.world.pass(7_000);
  given.world.nowMs += passedMs;
  Object.assign(given.facts, facts);
  given.world.pass(5_000);
  expect(given.noticed).toEqual(['jump']);
  given.world.pass(3_600_000);
  expect(given.noticed).toEqual(['jump']);
});

it('does not take a busy machine, or a clock that is slewed, for one that slept', () => {
  const { world, facts, noticed } = machine();
  for (let i = 0; i < 100; i += 1) {
    world.nowMs += 5_000; // this much later than asked
    facts.setMs += 5;
    world.pass(5_000);
  }
  expect(noticed).toEqual([]);
});

it('notices another network, and looks no more after its end', () => {
  const { world, facts, noticed, end } = machine();
  facts.networks = 'eth0 198.51.100.3/24';
  world.pass(5_000);
  expect(noticed).toEqual(['network']);
  end();
  facts.networks = '';
  world.pass(60_000);
  expect([noticed.length, world.timers.size]).toEqual([1, 0]);
});
