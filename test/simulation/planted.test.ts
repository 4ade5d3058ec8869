/** The simulation itself: a mistake that is planted is found within some seeds, and by the same seed not without it. */
import { beforeAll, expect, it } from 'vitest';
import { plants } from './planted.ts';
import { ready, simulate, usual } from './simulate.ts';

/** Seeds until each has to be found. */
const most = 80;

beforeAll(ready);

it.each(plants)('$name: found', ({ name, alter }) => {
  const setting = { ...usual, devices: 4 };
  for (let seed = 1; seed <= most; seed++) {
    const [wrong] = simulate({ ...setting, seed }, alter).wrong;
    if (wrong === undefined || simulate({ ...setting, seed }).wrong.length > 0) continue;
    console.log(`${name}: found by seed ${seed} of at most ${most}: ${wrong.slice(0, 160)}`);
    return;
  }
  expect.unreachable(`not found in ${most} seeds`);
});
