import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { percentile } from '../../../src/core/assess.ts';
import { askDeputyAfterMs, openAfterMs, startOf, whoIStandInFor } from '../../../src/core/drill.ts';
import type { DrillPlan, MusterList } from '../../../src/core/list.ts';
import { readList, redactList } from '../../../src/core/list.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

const planOf = (list: MusterList): DrillPlan => {
  const [plan] = list.drills;
  if (plan === undefined) throw new Error('a drill is planned');
  return plan;
};

describe('the start of a drill', () => {
  it('is within its window, the same on every device, and another with another list', () => {
    const starts = Array.from({ length: 60 }, (_, seed) => {
      const { list, listBytes } = foundMuster(seeded(seed), {
        members: 1,
        drills: [{ coordinators: [0], fromMs: 5_000, toMs: 65_000 }],
      });
      const start = startOf(list, planOf(list));
      expect(start).toBe(startOf(readList(listBytes), planOf(readList(listBytes))));
      expect(start).toBeGreaterThanOrEqual(5_000);
      expect(start).toBeLessThanOrEqual(65_000);
      return start;
    });
    expect(new Set(starts).size).toBeGreaterThan(50);
    // Spread over the window, not gathered at one end.
    expect(starts.filter((start) => start < 35_000).length).toBeGreaterThan(15);
    expect(starts.filter((start) => start >= 35_000).length).toBeGreaterThan(15);
  });

  it('can be its only moment, and any window fits', () => {
    const { list } = foundMuster(seeded(1), { members: 1, drills: [{ coordinators: [0] }] });
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        const plan = { ...planOf(list), fromMs: Math.min(a, b), toMs: Math.max(a, b) };
        const start = startOf(list, plan);
        expect(start >= plan.fromMs && start <= plan.toMs).toBe(true);
      }),
    );
    expect(startOf(list, { ...planOf(list), fromMs: 7, toMs: 7 })).toBe(7);
  });

  it('is the beginning of the window when it is announced', () => {
    const { list } = foundMuster(seeded(1), {
      members: 1,
      drills: [{ coordinators: [0], announced: true, fromMs: 9, toMs: 99 }],
    });
    expect(startOf(list, planOf(list))).toBe(9);
  });

  it('is not known to whoever holds a copy made for outsiders', () => {
    const { listBytes } = foundMuster(seeded(1), { members: 1, drills: [{ coordinators: [0] }] });
    const outside = readList(redactList(listBytes, (body) => body.type !== 'rendezvous'));
    expect(() => startOf(outside, planOf(outside))).toThrow('made for outsiders');
  });
});

describe('who is asked when', () => {
  it('coordinators one after the other, deputies spread over what is left of the drill', () => {
    const { list } = foundMuster(seeded(1), {
      members: 3,
      drills: [{ answerWithinMs: 50, escalateAfterMs: 100, closeAfterMs: 700, openWithinMs: 10 }],
    });
    const plan = planOf(list);
    expect([0, 1, 2].map((rank) => openAfterMs(plan, rank))).toEqual([0, 10, 20]);
    expect([0, 1, 2].map((rank) => askDeputyAfterMs(plan, rank, 3))).toEqual([100, 300, 500]);
    expect(askDeputyAfterMs(plan, 0, 0)).toBe(100);
  });

  it('a member stands in for those who name it, at the rank they give it', () => {
    const { list } = foundMuster(seeded(1), { members: 3 });
    const [first, , third] = list.members;
    if (first === undefined || third === undefined) throw new Error('three members');
    expect(whoIStandInFor(list, first.id).map(({ member, rank }) => [member.id, rank])).toEqual([[third.id, 0]]);
  });
});

describe('percentile', () => {
  it.each([
    [[], 50, undefined],
    [[7], 50, 7],
    [[7], 0, 7],
    [[7], 100, 7],
    [[1, 2], 50, 1],
    [[1, 2, 3], 50, 2],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90, 9],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 95, 10],
  ] as const)('of %j at %d is %s', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });

  it('is a value that is there, with at least that share at or below it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const ascending = values.toSorted((a, b) => a - b);
        const value = percentile(ascending, percent);
        expect(ascending).toContain(value);
        expect(ascending.filter((each) => each <= (value ?? 0)).length * 100).toBeGreaterThanOrEqual(
          percent * ascending.length,
        );
        expect(ascending.filter((each) => each < (value ?? 0)).length * 100).toBeLessThan(percent * ascending.length);
      }),
    );
  });
});
