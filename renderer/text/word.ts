/** The words of the screen for what the contract names in codes. One word per thing, as in docs/words.md. */
import type { Answer, Report, RoomLine } from '../../src/ipc/view.ts';

export const answerWords = {
  there: 'I’m here',
  'need-help': 'I need help',
  'not-available': 'Not available',
} as const satisfies Record<Answer, string>;

export const outcomeWords = {
  'in-time': 'in time',
  late: 'late',
  silent: 'silent',
  unreachable: 'unreachable',
} as const satisfies Record<Report['participants'][number]['outcome'], string>;

/** As it is written of somebody else, in a report. */
export const answeredWords = {
  there: 'there',
  'need-help': 'needs help',
  'not-available': 'not available',
} as const satisfies Record<Answer, string>;

export const resultWords = {
  pass: 'Passed',
  'pass-with-findings': 'Passed, with findings',
  fail: 'Failed',
} as const satisfies Record<Report['result'], string>;

export const ratingWords = {
  P: 'without challenges',
  S: 'with some challenges',
  M: 'with major challenges',
  U: 'could not be performed',
} as const satisfies Record<Report['objectives'][number]['rating'], string>;

export const roomWords = {
  org: 'Everyone',
  incident: 'Incident',
  drill: 'Drill',
  direct: 'Direct',
} as const satisfies Record<RoomLine['kind'], string>;
