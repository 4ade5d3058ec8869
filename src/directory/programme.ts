/**
 * The drill programme as a person writes it: JSON with times that name their zone. Pure; what is wrong is a
 * `CallerFault` that names the field. What a drill may look like is decided here once, for every importer.
 */
import { z } from 'zod';
import { type Problem, throwIfAny } from './problem.ts';

const seconds = z
  .int()
  .min(1)
  .max(7 * 86_400);
const instant = z.iso.datetime({ offset: true, error: 'write it like 2027-03-01T09:00:00+01:00, with the zone' });

const drill = z
  .strictObject({
    title: z.string().trim().min(1).max(120),
    announced: z.boolean(),
    from: instant,
    to: instant,
    scenario: z.string().trim().max(2000).default(''),
    injects: z.array(z.string().trim().min(1).max(300)).max(20).default([]),
    /** Handles of the contact file, first one first. */
    coordinators: z.array(z.string().min(1)).min(1).max(8),
    openWithinSeconds: seconds,
    answerWithinSeconds: seconds,
    escalateAfterSeconds: seconds,
    closeAfterSeconds: seconds,
    answeredPercent: z.int().min(0).max(100),
  })
  .check((context) => {
    const { from, to, answerWithinSeconds, escalateAfterSeconds, closeAfterSeconds, coordinators } = context.value;
    const blame = (path: string, message: string) =>
      context.issues.push({ code: 'custom', path: [path], message, input: context.value });
    if (Date.parse(from) > Date.parse(to)) blame('to', 'this is before "from"');
    if (answerWithinSeconds > closeAfterSeconds)
      blame('answerWithinSeconds', 'the drill would be closed before the answers are due');
    if (escalateAfterSeconds > closeAfterSeconds)
      blame('escalateAfterSeconds', 'the drill would be closed before anybody is asked to step in');
    if (new Set(coordinators).size !== coordinators.length) blame('coordinators', 'somebody is named twice');
  });

const shape = z.strictObject({ drills: z.array(drill).max(400) });

export interface PlannedDrill {
  /** `programme, drills[0]`, for what is found wrong later. */
  readonly where: string;
  readonly title: string;
  readonly announced: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly scenario: string;
  readonly injects: readonly string[];
  readonly coordinators: readonly string[];
  readonly openWithinMs: number;
  readonly answerWithinMs: number;
  readonly escalateAfterMs: number;
  readonly closeAfterMs: number;
  readonly answeredPercent: number;
}

/** Throws `CallerFault('invalid')`. */
export function readProgramme(text: string): readonly PlannedDrill[] {
  const read = shape.safeParse(parseJson(text), { reportInput: true });
  if (!read.success) {
    throwIfAny(problemsOf(read.error));
    return [];
  }
  return read.data.drills.map((each, i) => ({
    where: `programme, drills[${i}]`,
    title: each.title,
    announced: each.announced,
    fromMs: Date.parse(each.from),
    toMs: Date.parse(each.to),
    scenario: each.scenario,
    injects: each.injects,
    coordinators: each.coordinators,
    openWithinMs: each.openWithinSeconds * 1000,
    answerWithinMs: each.answerWithinSeconds * 1000,
    escalateAfterMs: each.escalateAfterSeconds * 1000,
    closeAfterMs: each.closeAfterSeconds * 1000,
    answeredPercent: each.answeredPercent,
  }));
}

/** Throws `CallerFault('invalid')` with the place the parser stopped at. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const where = error instanceof Error ? error.message : 'it stops in the middle';
    throwIfAny([{ where: 'the file', text: `it is not JSON (${where})` }]);
    return undefined;
  }
}

/** What zod found, as a person reads it. Wants `reportInput`, or what is missing looks like what is wrong. */
export const problemsOf = (error: z.ZodError): readonly Problem[] =>
  error.issues.map((issue) => ({
    where: whereOf(issue.path),
    text:
      issue.code !== 'invalid_type'
        ? issue.message
        : issue.input === undefined
          ? 'this is missing'
          : `this is not ${kinds[issue.expected] ?? 'what belongs here'}`,
  }));

const kinds: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list in [ ]',
  object: 'an object in { }',
};

const whereOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the file'
    : path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`)).join('');
