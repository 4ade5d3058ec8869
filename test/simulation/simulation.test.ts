/**
 * Days of mishaps, as many seeds as fit into some minutes on every core, from a first seed that never changes: what is
 * found is found again. SIM_FIRST and SIM_MINUTES take others and more; `npm run sim` is the same by hand.
 */
import { beforeAll, expect, it } from 'vitest';
import { runMany } from './pool.ts';
import { sayTally } from './say.ts';
import { ready, simulate, usual } from './simulate.ts';

beforeAll(ready);

it('the same seed is the same run, to the byte, and another seed is another', () => {
  const digest = (seed: number) => simulate({ ...usual, devices: 4, seed }).digest;
  expect(digest(9)).toBe(digest(9));
  expect(digest(9)).not.toBe(digest(15));
});

const first = Number(process.env['SIM_FIRST'] ?? 1);
const minutes = Number(process.env['SIM_MINUTES'] ?? 5);

it('everything holds, whatever happens', async () => {
  const startMs = performance.now();
  const setting = { ...usual, devices: 4 };
  const tally = await runMany({ setting, first, forMs: minutes * 60_000, mostFailed: 5 });
  console.log(`simulation: ${sayTally(tally, (performance.now() - startMs) / 1000, setting)}`);
  expect(tally.failed).toEqual([]);
  expect(tally.runs).toBeGreaterThan(0);
});
