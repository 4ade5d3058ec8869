/**
 * report.json: the one definition of what it may hold. The reader, the canonical writer and the JSON Schema
 * (draft 2020-12) that goes into every pack all come from the shape below, and the compiler holds the shape
 * against `Report`: a field in one and not in the other does not build.
 *
 * Unknown fields are refused, not skipped: what nobody reads could say anything.
 */
import { z } from 'zod';
import { type Report, reportSchema } from '../core/report.ts';
import { type Bytes, equal, fromUtf8, utf8 } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';

/** A report of 5,000 members with two hundred thousand events stays below. */
const maxReportBytes = 64 * 1024 * 1024;
const maxPeople = 10_000;
/** Somewhere in the year 6000: far enough, and two of them still make a date. */
const lastMs = 1.27e14;

const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => value.isWellFormed(), 'half a character');
const label = text(200);
const prose = text(4000);
const id = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._:/-]{0,127}$/);
const count = z.int().min(0);
const ref = z.string().regex(/^P[0-9]{2,5}$/);
const share = z.int().min(0).max(100);
const refs = z.array(ref).max(100);

const answer = z.enum(['there', 'need-help', 'not-available']);
const outcome = z.enum(['in-time', 'late', 'silent', 'unreachable']);

const participantFields = z.strictObject({
  ref,
  role: label,
  unit: label,
  deputies: refs,
  outcome,
  answer: answer.exactOptional(),
  reachedAfterMs: z.int().exactOptional(),
  answeredAfterMs: z.int().exactOptional(),
  standIn: z.strictObject({ ref, answeredAfterMs: z.int() }).exactOptional(),
  readiness: z
    .strictObject({
      listVersion: count,
      relaysUp: count,
      relaysTotal: count,
      clockOffsetMs: z.int(),
      app: label,
      factor: label,
    })
    .exactOptional(),
});
const participant = participantFields.refine(
  (each) => (each.answer === undefined) === (each.answeredAfterMs === undefined),
  'an answer without its time, or a time without its answer',
);

const relay = z.strictObject({
  ref: z.string().regex(/^R[0-9]{1,4}$/),
  name: label,
  pin: label,
  reachedBy: count,
  lostBy: count,
  lostAfterMs: z.int().exactOptional(),
  answersAfterLoss: count.exactOptional(),
  switchMs: z.int().exactOptional(),
});

const objective = z.strictObject({
  id,
  text: prose,
  target: prose,
  actual: prose,
  met: z.boolean(),
  rating: z.enum(['P', 'S', 'M', 'U']),
});

const finding = z.strictObject({
  id,
  kind: z.enum(['strength', 'weakness']),
  severity: z.enum(['low', 'medium', 'high']),
  code: label,
  text: prose,
  about: z.array(label).max(maxPeople),
  advice: prose,
});

const event = z.strictObject({
  seq: count,
  atMs: z.int(),
  afterMs: z.int(),
  actor: label,
  action: label,
  detail: prose,
  entry: id,
});

const figures = z.strictObject({
  members: count,
  reached: count,
  acknowledged: count,
  inTime: count,
  late: count,
  silent: count,
  unreachable: count,
  stoodInFor: count,
  needHelp: count,
  notAvailable: count,
  firstMs: z.int().exactOptional(),
  medianMs: z.int().exactOptional(),
  p90Ms: z.int().exactOptional(),
  p95Ms: z.int().exactOptional(),
  maxMs: z.int().exactOptional(),
  deputyMs: z.int().exactOptional(),
});

const shape = z.strictObject({
  schema: z.literal(reportSchema),
  id,
  status: z.literal('final'),
  exercise: z.literal(true),
  organisation: z.strictObject({ name: label, fingerprint: z.string().regex(/^[0-9a-f]{64}$/) }),
  drill: z.strictObject({
    id,
    sequence: count,
    title: label,
    type: z.literal('reach'),
    trigger: z.literal('planned'),
    announced: z.boolean(),
    scenario: prose,
    injects: z.array(prose).max(1000),
    windowFromMs: z.int(),
    windowToMs: z.int(),
    startedAtMs: z.int().min(0).max(lastMs),
    openedAfterMs: z.int(),
    closedAfterMs: count.max(lastMs),
    director: ref,
  }),
  list: z.strictObject({
    version: count,
    id,
    issuedAtMs: z.int(),
    expiresAtMs: z.int(),
    custodians: count,
    threshold: count,
    signedBy: z.array(label).max(100),
  }),
  targets: z.strictObject({
    answerWithinMs: count,
    escalateAfterMs: count,
    closeAfterMs: count,
    answeredPercent: share,
  }),
  figures,
  byRole: z
    .array(z.strictObject({ role: label, members: count, acknowledged: count, medianMs: z.int().exactOptional() }))
    .max(maxPeople),
  participants: z
    .array(participant)
    .max(maxPeople)
    .refine((all) => new Set(all.map((each) => each.ref)).size === all.length, 'a participant is there twice'),
  relays: z.array(relay).max(100),
  objectives: z.array(objective).max(100),
  result: z.enum(['pass', 'pass-with-findings', 'fail']),
  findings: z.array(finding).max(maxPeople),
  events: z.array(event).max(1_000_000),
  crypto: z.strictObject({ suite: count, signature: label, keyAgreement: label, cipher: label }),
  limits: z.array(prose).max(100),
  notExercised: z.array(z.strictObject({ item: prose, reason: prose })).max(1000),
  clauses: z
    .array(z.strictObject({ clause: label, claim: z.literal('supports'), fields: z.array(label).max(100) }))
    .max(1000),
  evidence: z.strictObject({ entries: count, closedBy: id }),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Holds<T extends true> = T;
/** Does not compile when the shape and the type of report.json drift apart, in either direction. */
export type ShapeIsReport = Holds<Same<DeepReadonly<z.infer<typeof shape>>, DeepReadonly<Report>>>;

/** `schema/report.schema.json`. */
export const reportJsonSchema = {
  title: 'Muster drill report',
  description: 'What a drill was, computed from signed entries and the signed muster list. See docs/evidence.md.',
  ...z.toJSONSchema(shape, { target: 'draft-2020-12' }),
};

export const encodeJson = (value: unknown): Bytes => utf8(`${JSON.stringify(value, null, 2)}\n`);

/** The report with its fields in the order of the shape. Throws `CallerFault('invalid')` if it does not fit. */
export function orderReport(report: Report): Report {
  const result = shape.safeParse(report);
  if (!result.success) {
    throw new CallerFault('invalid', `the report does not fit its schema: ${whereOf(result.error)}`);
  }
  return result.data;
}

/** The bytes of report.json: two spaces, fields in the order of the shape, a line feed at the end. */
export const encodeReport = (report: Report): Bytes => encodeJson(orderReport(report));

/** Reads bytes that must be exactly what `encodeReport` writes. Throws `PeerFault`: `malformed` or `too-large`. */
export function readReportJson(bytes: Bytes): Report {
  if (bytes.length > maxReportBytes) throw new PeerFault('too-large', 'report.json is larger than any report can be');
  const result = shape.safeParse(parseJson(bytes));
  if (!result.success)
    throw new PeerFault('malformed', `report.json does not fit its schema: ${whereOf(result.error)}`);
  // Catches what JSON.parse forgives: repeated keys, other number forms, other spacing and order.
  if (!equal(encodeJson(result.data), bytes)) throw new PeerFault('malformed', 'report.json is not in its one form');
  return result.data;
}

/** Throws `PeerFault('malformed')`, nothing else. */
export function parseJson(bytes: Bytes): unknown {
  const source = fromUtf8(bytes);
  try {
    return JSON.parse(source);
  } catch {
    throw new PeerFault('malformed', 'not JSON');
  }
}

/** The place, never the value: what stands there came from outside. */
function whereOf(error: z.ZodError | undefined): string {
  const path = error?.issues[0]?.path ?? [];
  return path.length === 0 ? 'at the top' : `at ${path.map(String).join('.').slice(0, 100)}`;
}
