/** A list is never followed by an older one, nor by another of the same version. */
import { beforeAll, expect, it } from 'vitest';
import { readList } from '../../../src/core/list.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { checkNext } from '../../../src/core/succession.ts';
import { CallerFault } from '../../../src/wire/fault.ts';
import { faultOf } from '../../kit/fault.ts';
import { foundMuster, signList } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

const lists = () => {
  const { list, genesis, custodians, leaves } = foundMuster(seeded(1));
  const next = (version: number, previous = list.id, issuedAtMs = 1_800_000_000_001) =>
    readList(signList(genesis, custodians.slice(0, 2), leaves, { version, previous, issuedAtMs }));
  return { list, next };
};

it('goes forward only, link by link', () => {
  const { list, next } = lists();
  const second = next(2);
  expect(faultOf(() => checkNext(second, list))).toBe('rolled-back');
  expect(faultOf(() => checkNext(second, next(2, list.id, 1_800_000_000_002)))).toBe('equivocation');
  expect(faultOf(() => checkNext(second, next(3, list.id)))).toBe('equivocation');
  expect(faultOf(() => checkNext(second, second), CallerFault)).toBe('already-there');
  checkNext(list, second);
  checkNext(second, next(3, second.id));
  // Somebody who slept through some: what is between cannot be checked, the custodians signed it all the same.
  checkNext(list, next(5, second.id));
});
