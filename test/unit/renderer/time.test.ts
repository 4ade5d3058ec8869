/** Durations as people say them. */
import { expect, it } from 'vitest';
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
