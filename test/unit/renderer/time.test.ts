/** Durations as people say them. */
import { expect, it } from 'vitest';
import { clockMeans, sayClock } from '../../../renderer/text/clock.ts';
import { formatAge, formatDuration, formatOffset, formatShort, formatUtc } from '../../../renderer/text/time.ts';

it.each([
  [0, 'less than a second'],
  [1000, '1 second'],
  [59_999, '59 seconds'],
  [61_000, '1 minute 1 second'],
  [120_000, '2 minutes'],
  [-240_000, '4 minutes'],
  [3_599_000, '59 minutes'],
  [3_660_000, '1 hour 1 minute'],
  [172_800_000, '2 days'],
])('%d ms lasts %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});
it('tells ages, table times, clock offsets and UTC', () => {
  expect([formatAge(30_000), formatAge(301_000), formatAge(7_300_000)]).toEqual([
    'less than a minute',
    '5 minutes',
    '2 hours',
  ]);
  expect([formatShort(460_000), formatShort(3_723_000)]).toEqual(['7:40', '1:02:03']);
  expect([formatOffset(-310), formatOffset(61_000)]).toEqual([
    'clock agrees',
    'its clock is 1 minute 1 second ahead of ours',
  ]);
  expect(formatUtc(0)).toBe('1970-01-01 00:00:00 UTC');
});

it('says of a clock which way it is off, and whether one relay alone says so', () => {
  const late = { offsetMs: 7_200_000, relays: 1, wrong: true };
  expect(sayClock(late)).toBe('This machine’s clock is 2 hours behind');
  expect(clockMeans(late)).toMatch(/drills start late.*Only one relay says so/);
  const early = { offsetMs: -7_200_000, relays: 3, wrong: true };
  expect(sayClock(early)).toBe('This machine’s clock is 2 hours ahead');
  expect(clockMeans(early)).toMatch(/drills start early/);
  expect(clockMeans(early)).not.toContain('Only one');
});
