/**
 * acks/P01.json: one person's answer with the signed entry it was read from, so that "they answered" is not our
 * word but their device's. What the file says in plain fields comes from the report; the entry's own bytes are
 * what a verifier holds against the log.
 */
import { z } from 'zod';
import type { Report, ReportParticipant } from '../core/report.ts';
import { type Bytes, equal } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { encodeJson, parseJson } from './schema.ts';

export interface Acknowledgement {
  readonly ref: string;
  readonly entryId: string;
  /** The signed entry, exactly as it was made. */
  readonly entryBytes: Bytes;
}

/** One entry; far above what a signed answer needs. */
const maxEntryBytes = 256 * 1024;

const shape = z.strictObject({
  schema: z.literal('muster-acknowledgement/1'),
  exercise: z.literal(true),
  report: z.string(),
  drill: z.string(),
  ref: z.string(),
  role: z.string(),
  outcome: z.string(),
  answer: z.string(),
  answeredAfterMs: z.int(),
  entry: z.string().min(1).max(128),
  signedEntry: z.string().max(2 * maxEntryBytes),
});

export const acknowledgementPath = (ref: string): string => `acks/${ref}.json`;

/** Those of whom a pack must hold an acknowledgement: everyone who answered themselves. */
export const answered = (report: Report): readonly ReportParticipant[] =>
  report.participants.filter((each) => each.answeredAfterMs !== undefined);

/** Throws `CallerFault('invalid')` if the participant did not answer. */
export function encodeAcknowledgement(report: Report, acknowledgement: Acknowledgement): Bytes {
  const participant = report.participants.find((each) => each.ref === acknowledgement.ref);
  if (participant?.answeredAfterMs === undefined || participant.answer === undefined) {
    throw new CallerFault('invalid', `${acknowledgement.ref} did not answer in this report`);
  }
  if (acknowledgement.entryBytes.length > maxEntryBytes)
    throw new CallerFault('invalid', 'an acknowledgement is too large');
  const file: z.infer<typeof shape> = {
    schema: 'muster-acknowledgement/1',
    exercise: true,
    report: report.id,
    drill: report.drill.id,
    ref: participant.ref,
    role: participant.role,
    outcome: participant.outcome,
    answer: participant.answer,
    answeredAfterMs: participant.answeredAfterMs,
    entry: acknowledgement.entryId,
    signedEntry: Buffer.from(acknowledgement.entryBytes).toString('base64'),
  };
  return encodeJson(file);
}

/** Throws `PeerFault('malformed')`. Whether it fits the report shows when it is written again. */
export function readAcknowledgement(bytes: Bytes): Acknowledgement {
  const result = shape.safeParse(parseJson(bytes));
  if (!result.success) throw new PeerFault('malformed', 'not an acknowledgement');
  const { ref, entry, signedEntry } = result.data;
  const entryBytes = new Uint8Array(Buffer.from(signedEntry, 'base64'));
  if (entryBytes.length > maxEntryBytes || !equal(encodeJson(result.data), bytes)) {
    throw new PeerFault('malformed', 'not an acknowledgement in its one form');
  }
  return { ref, entryId: entry, entryBytes };
}
