/** The tools of the simulation: plans, the way to a shorter one, and the command. */
import { beforeAll, describe, expect, it } from 'vitest';
import { command } from './command.ts';
import { mishapsNotYet } from './notYet.ts';
import { planOf } from './plan.ts';
import { lineOf, sayFailure, sayTally } from './say.ts';
import { pickFrom, shrink } from './shrink.ts';
import { ready, usual } from './simulate.ts';
import type { Outcome, Plan } from './type.ts';

beforeAll(ready);

const setting = { ...usual, seed: 5 };

/** A command, with what it said. */
async function run(...args: readonly string[]) {
  const said = { out: '', err: '' };
  const status = await command(args, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { ...said, status };
}

describe('a plan', () => {
  it('follows from its seed alone, and leaves a relay honest', () => {
    expect(planOf(setting)).toEqual(planOf(setting));
    expect(planOf({ ...setting, seed: 6 })).not.toEqual(planOf(setting));
    for (let seed = 0; seed < 300; seed++) {
      const { bad, mishaps } = planOf({ ...setting, seed });
      expect(bad.length).toBeLessThan(usual.relays);
      for (const mishap of mishaps)
        if (['relay-wipe', 'relay-rollback', 'lie', 'reorder', 'keep-nothing'].includes(mishap.type))
          expect(bad).toContain('relay' in mishap ? mishap.relay : -1);
    }
  });

  it('has every kind of mishap that is not off in some hundred seeds', () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 300; seed++) for (const { type } of planOf({ ...setting, seed }).mishaps) kinds.add(type);
    expect([...kinds].sort()).toEqual(
      [
        ...['clock', 'clone', 'crash', 'cut', 'keep-nothing', 'lie', 'list', 'old-list', 'partition', 'put-back'],
        ...['relay-crash', 'relay-rollback', 'relay-wipe', 'reorder', 'repeat', 'reset', 'sleep', 'slow', 'slow-disk'],
      ]
        .filter((type) => !Object.hasOwn(mishapsNotYet, type))
        .sort(),
    );
  });
});

describe('a shorter plan', () => {
  const plan = planOf({ ...setting, hours: 240 });
  const has = (other: Plan, ...places: readonly number[]) =>
    places.every((i) => other.mishaps.some((each) => each === plan.mishaps[i]));

  it('is what the failure needs and nothing else', () => {
    const { left, plays } = shrink(plan, (other) => has(other, 3, 17));
    expect(left).toEqual({ mishaps: [3, 17], acts: [] });
    expect(plays).toBeLessThanOrEqual(80);
    expect(pickFrom(plan, left).mishaps).toEqual([plan.mishaps[3], plan.mishaps[17]]);
  });

  it('is all of it, where everything is needed, and is looked for no longer than is said', () => {
    let plays = 0;
    const { left } = shrink(plan, () => {
      plays += 1;
      return false;
    });
    expect(left.mishaps).toHaveLength(plan.mishaps.length);
    expect(plays).toBeLessThanOrEqual(80);
  });

  it('is told with the seed, what did not hold, and both ways to see it again', () => {
    const outcome: Outcome = { setting, digest: '', steps: 1, entries: 1, log: [], wrong: ['3 misses something'] };
    const text = sayFailure(outcome, { plan, left: { mishaps: [2], acts: [] }, plays: 1 });
    expect(text).toContain('seed 5');
    expect(text).toContain('3 misses something');
    expect(text).toContain('npm run sim -- --seed 5 --hours 24 --devices 5 --relays 3\n');
    expect(text).toContain('npm run sim -- --seed 5 --hours 24 --devices 5 --relays 3 --mishaps 2 --acts none');
  });
});

it('says times and amounts as people read them', () => {
  expect(lineOf({ atMs: 5_400_000, type: 'clock', device: 1, byMs: -3_600_000, forMs: 61_000 })).toBe(
    '  01:30:00  clock: device 1, by -01:00:00, for 00:01:01',
  );
  expect(sayTally({ runs: 1, steps: 2, failed: [] }, 3.2, usual)).toBe(
    '1 seed × 24 simulated hours, 5 devices, 3 relays: all held; 2 steps in 3 s',
  );
});

describe('npm run sim', () => {
  it('refuses what it does not know, with its help, and status 2', async () => {
    for (const args of [['--seed', 'x'], ['--seeds', '4'], ['--devices', '99'], ['--hours', '1.5'], ['--what']])
      expect(await run(...args), args.join(' ')).toMatchObject({ status: 2, out: '' });
    expect((await run('--seed', 'x')).err).toContain('--seeds A..B');
  });

  it('plays part of a seed, in words or as one line of JSON', async () => {
    const args = ['--seed', '4', '--hours', '1', '--devices', '3', '--mishaps', 'none', '--acts', '0'];
    const said = await run(...args);
    expect(said).toMatchObject({ status: 0, err: '' });
    expect(said.out).toMatch(/seed 4: .*0 mishaps, 1 act of people.*\ndigest [0-9a-f]{64}\nall held\n/);
    const { out } = await run(...args, '--json');
    expect(JSON.parse(out)).toMatchObject({ wrong: [], plan: { mishaps: [] } });
    expect(said.out).toContain(JSON.parse(out).digest);
  });
});
