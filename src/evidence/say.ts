/** How figures are written for people: one way each, in every page and text of a pack. */
import type { Answer, Outcome, Rating, Report, ReportParticipant } from '../core/report.ts';
import { ink } from './sheet.ts';

export function sayMs(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (Math.abs(ms) < 1000) return `${ms} ms`;
  // Tenths by whole numbers, so that 59.96 s does not become "60.0 s".
  const tenths = Math.floor(ms / 100);
  if (Math.abs(ms) < 60_000) return `${tenths / 10} s`;
  const seconds = Math.floor(ms / 1000);
  if (ms < 3_600_000)
    return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** For columns of times, where one unit can be compared at a glance. */
export const saySeconds = (ms: number | undefined): string =>
  ms === undefined ? '–' : (Math.round(ms / 100) / 10).toFixed(1);

/** `2026-11-17 09:12:00 UTC`; a dash for what no calendar has. */
export function sayTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '–' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export const sayPercent = (part: number, of: number): string => (of === 0 ? '–' : `${Math.floor((100 * part) / of)} %`);

export const outcomeWord = {
  'in-time': 'in time',
  late: 'late',
  silent: 'silent',
  unreachable: 'unreachable',
} as const satisfies Record<Outcome, string>;
export const outcomeColor = {
  'in-time': ink.good,
  late: ink.warn,
  silent: ink.silent,
  unreachable: ink.bad,
} as const satisfies Record<Outcome, string>;
export const answerWord = {
  there: 'there',
  'need-help': 'needs help',
  'not-available': 'not available',
} as const satisfies Record<Answer, string>;
export const ratingWord = {
  P: 'performed',
  S: 'performed with some challenges',
  M: 'performed with major challenges',
  U: 'unable to be performed',
} as const satisfies Record<Rating, string>;
export const resultWord = {
  pass: 'Passed',
  'pass-with-findings': 'Passed with findings',
  fail: 'Failed',
} as const satisfies Record<Report['result'], string>;
export const resultColor = { pass: ink.good, 'pass-with-findings': ink.warn, fail: ink.bad } as const satisfies Record<
  Report['result'],
  string
>;
export const severityColor = { low: ink.muted, medium: ink.warn, high: ink.bad } as const;

/** Refs in one line; a long row of them is cut, since findings.csv holds them all. */
export const sayRefs = (refs: readonly string[], most = 30): string =>
  refs.length <= most
    ? refs.join(', ')
    : `${refs.slice(0, most).join(', ')} and ${refs.length - most} more (findings.csv)`;

/** What they said, or who said it for them. */
export const sayAnswer = ({ answer, standIn }: ReportParticipant): string =>
  answer !== undefined
    ? answerWord[answer]
    : standIn !== undefined
      ? `${standIn.ref} stepped in after ${sayMs(standIn.answeredAfterMs)}`
      : '';

/** The drill in two sentences, for whoever reads no further. */
export function summary(report: Report): string {
  const { figures, targets, relays } = report;
  const target = `${targets.answeredPercent} % within ${sayMs(targets.answerWithinMs)}`;
  const first = `The alarm reached ${figures.reached} of ${figures.members} people; ${figures.inTime} answered in time (${sayPercent(figures.inTime, figures.members)}; target ${target}), ${figures.late} late, ${figures.silent} stayed silent and ${figures.unreachable} could not be reached.`;
  const standIn = figures.stoodInFor === 0 ? '' : ` Deputies stepped in for ${figures.stoodInFor}.`;
  const lost = relays.filter((relay) => relay.lostBy > 0);
  if (lost.length === 0) return `${first}${standIn}`;
  const later = lost.reduce((sum, relay) => sum + (relay.answersAfterLoss ?? 0), 0);
  const which = lost.map((relay) => relay.ref).join(', ');
  return `${first}${standIn} Relay ${which} was lost during the drill; ${later} ${later === 1 ? 'answer' : 'answers'} came in after that by other ways.`;
}
