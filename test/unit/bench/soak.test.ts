/** The verdict of `npm run bench -- soak`: it must be able to turn out badly, and not for noise. */
import { describe, expect, it } from 'vitest';
import { seeded } from '../../kit/random.ts';

interface Minute {
  readonly heapLow: number;
  readonly rss: number;
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  readonly wayP50Ms: number;
  readonly wayP99Ms: number;
  readonly outOfOrder: number;
  readonly cut: number;
  readonly acknowledged: number;
  readonly refused: Readonly<Record<string, number>>;
}
// Plain JavaScript, because it runs beside the build and not in it.
const { judge, slope } = (await import(new URL('../../bench/soak/verdict.mjs', import.meta.url).href)) as {
  judge: (minutes: readonly Minute[]) => readonly string[];
  slope: (values: readonly number[]) => number;
};

const MiB = 1024 * 1024;
const run = (change: (minute: Minute, i: number) => Partial<Minute> = () => ({}), count = 15): readonly Minute[] => {
  const random = seeded(1);
  return Array.from({ length: count }, (_, i) => {
    const noise = () => 0.9 + 0.2 * random.next();
    const minute = {
      heapLow: 60 * MiB * noise(),
      rss: 250 * MiB * noise(),
      ackP50Ms: 4 * noise(),
      ackP99Ms: 30 * noise(),
      wayP50Ms: 4 * noise(),
      wayP99Ms: 30 * noise(),
      outOfOrder: 0,
      cut: 0,
      acknowledged: 1000,
      refused: {},
    };
    return { ...minute, ...change(minute, i) };
  });
};

describe('the verdict', () => {
  it('draws the line that fits best', () => {
    expect(slope([1, 3, 5, 7])).toBeCloseTo(2);
    expect(slope([4, 4, 4])).toBe(0);
    expect(slope([9])).toBe(0);
  });

  it('is good over noise, and over a start that still fills its caches', () => {
    expect(judge(run())).toEqual([]);
    expect(judge(run(({ rss }, i) => (i < 4 ? { rss: rss / 2 } : {})))).toEqual([]);
    expect(judge(run(undefined, 1))).toEqual([]);
    // A try of two minutes is all start.
    expect(judge(run(({ rss }, i) => ({ rss: rss * (1 + i) }), 2))).toEqual([]);
  });

  it.each([
    ['a leak in the heap', 'heapLow grew', ({ heapLow }: Minute, i: number) => ({ heapLow: heapLow + i * 3 * MiB })],
    ['a leak outside it', 'rss grew', ({ rss }: Minute, i: number) => ({ rss: rss + i * 10 * MiB })],
    [
      'a median that rises',
      'wayP50Ms rose',
      ({ wayP50Ms }: Minute, i: number) => ({ wayP50Ms: wayP50Ms * (1 + i / 3) }),
    ],
    ['late ones that rise', 'ackP99Ms rose', ({ ackP99Ms }: Minute, i: number) => ({ ackP99Ms: ackP99Ms * (1 + i) })],
    ['an envelope twice', 'minute 8: 1 deliveries', (_: Minute, i: number) => ({ outOfOrder: i === 7 ? 1 : 0 })],
    ['a refusal', 'minute 8: refused busy 3', (_: Minute, i: number) => ({ refused: i === 7 ? { busy: 3 } : {} })],
    ['a device cut', 'minute 8: 2 sockets', (_: Minute, i: number) => ({ cut: i === 7 ? 2 : 0 })],
    ['silence', 'minute 8: nothing', (_: Minute, i: number) => ({ acknowledged: i === 7 ? 0 : 5 })],
  ])('is bad over %s', (_what, says, change) => {
    expect(judge(run(change)).join('; ')).toContain(says);
  });
});
