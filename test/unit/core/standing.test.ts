/** Which entries of a feed count: up to the cut of a removal, before a fork, while their author was in. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Entry } from '../../../src/core/entry.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { isVoid, voidRanges } from '../../../src/core/standing.ts';
import { makeStage, operationsOf, Script } from '../../kit/operations.ts';

await loadSodium();
beforeAll(loadSodium);

const [ada, bela, cleo, fatma, hana] = [0, 1, 2, 3, 4];
const stage = makeStage({
  roles: ['commander', 'officer', 'responder', 'commander', 'responder'],
  inRoom: [ada, bela, cleo, fatma],
  devices: 2,
});
const { remove, add } = operationsOf(stage);

function feed(size: number, knowing: readonly Entry[] = [], script = new Script(stage)): Script {
  for (let i = 0; i < size; i++) script.says(cleo, i === 0 ? knowing : []);
  return script;
}
const voids = (script: Script, who = cleo) => script.voids(script.membership(), who);

describe('the entries of who was removed', () => {
  it('count up to the cut', () => {
    const script = feed(5);
    script.does(ada, remove([cleo], [], [[cleo, 3]]));
    expect(voids(script)).toEqual([{ from: 3 }]);
    expect(voids(feed(5))).toEqual([]);
  });

  it('do not count at all where the cut does not name the device', () => {
    const script = feed(5);
    script.does(ada, remove([cleo], [], [[[cleo, 1], 3]]));
    expect(voids(script)).toEqual([{ from: 0 }]);
  });

  it('of removals at the same time, count up to the highest cut', () => {
    const script = feed(5);
    const one = script.does(ada, remove([cleo], [], [[cleo, 1]]));
    const other = script.does(fatma, remove([], [cleo], [[cleo, 4]]));
    expect(voids(script)).toEqual([{ from: 4 }]);
    // One that knew them is none of those.
    script.does(ada, remove([cleo], [], [[cleo, 9]]), [one, other]);
    expect(voids(script)).toEqual([{ from: 4 }]);
  });

  it('do not count where the removal was known, until an addition was', () => {
    const script = feed(2);
    const removal = script.does(ada, remove([cleo], [], [[cleo, 2]]));
    script.says(cleo, [removal]);
    script.says(cleo);
    const again = script.does(bela, add([cleo]), [removal]);
    script.says(cleo, [again]);
    script.says(cleo);
    expect(voids(script)).toEqual([{ from: 2, to: 4 }]);
  });

  it('count whatever a removal says that does not hold', () => {
    const script = feed(3);
    script.does(ada, remove([bela]));
    script.does(bela, remove([cleo]));
    expect(voids(script)).toEqual([]);
  });
});

describe('the entries of others', () => {
  it('of somebody who was never in do not count', () => {
    const script = new Script(stage);
    script.says(hana);
    expect(voids(script, hana)).toEqual([{ from: 0 }]);
  });

  it('count from where they knew that they were added', () => {
    const script = new Script(stage);
    script.says(hana);
    const addition = script.does(bela, add([hana]));
    script.says(hana, [addition]);
    expect(voids(script, hana)).toEqual([{ from: 0, to: 1 }]);
  });

  it('do not count if the addition turned out not to hold', () => {
    const script = new Script(stage);
    script.does(ada, remove([bela]));
    const addition = script.does(bela, add([hana]));
    script.says(hana, [addition]);
    expect(voids(script, hana)).toEqual([{ from: 0 }]);
  });

  it('their own operation is known to what they write after it', () => {
    const script = feed(1);
    script.does(cleo, remove([cleo], [], [[cleo, 9]]));
    script.says(cleo);
    expect(voids(script)).toEqual([{ from: 2 }]);
  });
});

describe('the entries of a forked device', () => {
  it('count up to the place of the fork, whoever knew what', () => {
    const script = feed(6);
    const proof = script.does(bela, script.forkOf(cleo, 4));
    expect(voids(script)).toEqual([{ from: 4 }]);
    script.does(ada, remove([cleo], [], [[cleo, 6]]), [proof]);
    expect(voids(script)).toEqual([{ from: 4 }]);
    script.does(ada, script.forkOf(cleo, 2));
    expect(voids(script)).toEqual([{ from: 2 }]);
  });
});

it('a place is void in a range and not outside it', () => {
  const ranges = [{ from: 2, to: 4 }, { from: 7 }];
  expect([0, 1, 2, 3, 4, 6, 7, 1000].filter((seq) => isVoid(ranges, seq))).toEqual([2, 3, 7, 1000]);
});

it('a feed that names the same again and again costs no more than one that does not', () => {
  const script = new Script(stage);
  const known = [script.does(ada, add([hana])), script.does(fatma, add([hana]))];
  const membership = script.membership();
  const heads = known.map(({ id }) => id);
  const asked = vi.spyOn(membership, 'wasIn');
  const marks = Array.from({ length: 5000 }, (_, seq) => ({ seq, heads }));
  expect(voidRanges(membership, stage.device(cleo), marks)).toEqual([]);
  expect(asked.mock.calls.length).toBeLessThan(5);
});
