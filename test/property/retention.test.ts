/** Whatever clocks say, what is over is over by both times, stays over, and is never longer than any policy allows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOver, retentionMs } from '../../src/core/retention.ts';
import { type Policy, strictest } from '../../src/core/right.ts';

const dayMs = 86_400_000;
const time = fc.integer({ min: 0, max: 4_000 * dayMs });
const days = fc.option(fc.integer({ min: 1, max: 36_525 }), { nil: undefined });
const policy = fc
  .record({ history: fc.constantFrom('none' as const, 'all' as const), horizon: fc.constant('default' as const), days })
  .map(
    ({ days: retentionDays, ...rest }): Policy => ({
      ...rest,
      ...(retentionDays === undefined ? {} : { retentionDays }),
    }),
  );

test('nothing is over that came lately, and nothing that was written lately', () => {
  fc.assert(
    fc.property(time, time, time, fc.integer({ min: 1, max: 1_000 }), (timeMs, receivedAtMs, nowMs, kept) => {
      const keepMs = kept * dayMs;
      if (!isOver({ timeMs, receivedAtMs }, keepMs, nowMs)) return;
      expect(nowMs - receivedAtMs).toBeGreaterThanOrEqual(keepMs);
      expect(timeMs > nowMs || nowMs - timeMs >= keepMs).toBe(true);
    }),
  );
});

test('what both times say is over stays over, and by a shorter policy all the more', () => {
  fc.assert(
    fc.property(
      time,
      time,
      time,
      time,
      fc.integer({ min: 1, max: 1_000 }),
      (timeMs, receivedAtMs, nowMs, laterMs, kept) => {
        const keepMs = kept * dayMs;
        if (timeMs > nowMs || !isOver({ timeMs, receivedAtMs }, keepMs, nowMs)) return;
        expect(isOver({ timeMs, receivedAtMs }, keepMs, nowMs + laterMs)).toBe(true);
        expect(isOver({ timeMs, receivedAtMs }, Math.floor(keepMs / 2), nowMs)).toBe(true);
      },
    ),
  );
});

test('of policies set at the same time, and of the organisation’s, the shortest counts; in drills only that for evidence', () => {
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 5 }), days, days, (set, retentionDays, evidenceDays) => {
      const org = {
        ...(retentionDays === undefined ? {} : { retentionDays }),
        ...(evidenceDays === undefined ? {} : { evidenceDays }),
      };
      const all = [...set.map((each) => each.retentionDays), retentionDays].filter((each) => each !== undefined);
      const least = all.length === 0 ? undefined : Math.min(...all) * dayMs;
      expect(retentionMs('incident', strictest(set), org)).toBe(least);
      expect(retentionMs('drill', strictest(set), org)).toBe(
        evidenceDays === undefined ? undefined : evidenceDays * dayMs,
      );
    }),
  );
});
