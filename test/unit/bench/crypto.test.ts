/** The arithmetic of `npm run bench -- crypto`: a comparison that cannot turn out badly compares nothing. */
import { describe, expect, it } from 'vitest';

type Rounds = readonly Readonly<Record<string, number>>[];
interface Verdict {
  readonly what: string;
  readonly isMet: boolean;
}
// Plain JavaScript, because it runs beside the build and not in it.
const load = (name: string): Promise<unknown> => import(new URL(`../../bench/crypto/${name}`, import.meta.url).href);
const { compare, takeTurns } = (await load('measure.mjs')) as {
  compare: (ours: Rounds, theirs: Rounds) => { readonly ratio: number };
  takeTurns: (
    contenders: Readonly<Record<string, () => Promise<Rounds[number]>>>,
    options: { readonly rounds: number; readonly warmUp: number },
  ) => Promise<Readonly<Record<string, Rounds>>>;
};
const { judge } = (await load('target.mjs')) as { judge: (figures: unknown) => readonly Verdict[] };

describe('turns', () => {
  it('give everyone the same number of rounds and each the first place as often', async () => {
    const order: string[] = [];
    const contender = (name: string) => async () => {
      order.push(name);
      return { part: order.length };
    };
    const times = await takeTurns({ a: contender('a'), b: contender('b') }, { rounds: 3, warmUp: 1 });
    expect(order.join('')).toBe('abbaabba');
    expect([times['a']?.length, times['b']?.length]).toEqual([3, 3]);
  });

  it('are compared round by round, so that a slow moment hits both', () => {
    const ours = [
      { seal: 1, open: 1 },
      { seal: 10, open: 10 },
      { seal: 1, open: 1 },
    ];
    const theirs = [{ all: 4 }, { all: 40 }, { all: 4 }];
    expect(compare(ours, theirs).ratio).toBe(0.5);
  });
});

describe('the verdict', () => {
  const even = { ratio: 1, low: 1, high: 1 };
  const removal = {
    cold: { ratios: { matrix: even, mls: even } },
    warm: { ratios: { matrix: even, mls: even } },
    bytes: { 'ours cold': 10, 'ours warm': 10, matrix: 10, mls: 10 },
  };
  const figures = {
    message: { ratios: { matrix: even, signal: even } },
    'removal-50': removal,
    'removal-250': removal,
    'sizes-250': { envelope: [388, 420, 452], sum: { ours: 1, signal: 2 } },
  };
  const missed = (changed: object) =>
    judge({ ...figures, ...changed })
      .filter(({ isMet }) => !isMet)
      .map(({ what }) => what);

  it('is that figures at the limit are met', () => expect(missed({})).toEqual([]));

  it.each([
    ['1 KB', { message: { ratios: { matrix: { ...even, ratio: 1.01 }, signal: even } } }],
    ['removing one of 50, cold, bytes to MLS', { 'removal-50': { ...removal, bytes: { ...removal.bytes, mls: 9 } } }],
    ['bytes of a 100-byte text', { 'sizes-250': { envelope: [388, 461, 461], sum: { ours: 1, signal: 2 } } }],
    ['state in a room of 250', { 'sizes-250': { envelope: [388, 420, 452], sum: { ours: 1.1, signal: 2 } } }],
  ])('is that a figure above it is missed: %s', (what, changed) => {
    expect(missed(changed)[0]).toContain(what);
  });
});
