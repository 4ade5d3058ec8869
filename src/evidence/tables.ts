/**
 * The tables of a pack, each a pure function of the report: what a governance tool imports. Nothing is said here
 * that report.json does not say, and names stand in one table alone, which can be withheld.
 */
import type { Report } from '../core/report.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { encodeCsv, readCsv } from './csv.ts';

export type Names = ReadonlyMap<string, string>;

/** One cell, several refs: a blank between them cannot occur in one. */
const several = (refs: readonly string[]): string => refs.join(' ');

export function participantsTable(report: Report): Bytes {
  const columns = [
    ...['ref', 'role', 'unit', 'deputies', 'outcome', 'answer', 'reached_after_ms', 'answered_after_ms'],
    ...[
      'stand_in',
      'stand_in_answered_after_ms',
      'list_version',
      'relays_up',
      'relays_total',
      'clock_offset_ms',
      'app',
      'factor',
    ],
  ];
  const rows = report.participants.map((each) => [
    ...[
      each.ref,
      each.role,
      each.unit,
      several(each.deputies),
      each.outcome,
      each.answer,
      each.reachedAfterMs,
      each.answeredAfterMs,
    ],
    ...[each.standIn?.ref, each.standIn?.answeredAfterMs, each.readiness?.listVersion, each.readiness?.relaysUp],
    ...[each.readiness?.relaysTotal, each.readiness?.clockOffsetMs, each.readiness?.app, each.readiness?.factor],
  ]);
  return encodeCsv(columns, rows);
}

export function findingsTable(report: Report): Bytes {
  const columns = ['id', 'kind', 'severity', 'code', 'text', 'about', 'advice'];
  const rows = report.findings.map((each) => [
    each.id,
    each.kind,
    each.severity,
    each.code,
    each.text,
    several(each.about),
    each.advice,
  ]);
  return encodeCsv(columns, rows);
}

/** One action for each weakness. Owner and due date are decided by people afterwards, in a copy of this table. */
export function improvementTable(report: Report): Bytes {
  const columns = ['action', 'finding', 'severity', 'what', 'about', 'owner', 'due', 'status'];
  const weak = report.findings.filter((each) => each.kind === 'weakness');
  const rows = weak.map((each, index) => [
    `A${index + 1}`,
    each.id,
    each.severity,
    each.advice,
    several(each.about),
    '',
    '',
    'open',
  ]);
  return encodeCsv(columns, rows);
}

export function crosswalkTable(report: Report): Bytes {
  const rows = report.clauses.map((each) => [each.clause, each.claim, several(each.fields)]);
  return encodeCsv(['clause', 'claim', 'fields'], rows);
}

export function exceptionsTable(report: Report): Bytes {
  return encodeCsv(
    ['item', 'reason'],
    report.notExercised.map((each) => [each.item, each.reason]),
  );
}

const nameColumns = ['ref', 'name'];

/** Throws `CallerFault('invalid')` unless every participant has a name and nobody else has. */
export function namesTable(report: Report, names: Names): Bytes {
  const rows = report.participants.map(({ ref }) => [ref, names.get(ref)]);
  if (names.size !== rows.length || rows.some(([, name]) => name === undefined)) {
    throw new CallerFault('invalid', 'the names given are not those of the participants');
  }
  return encodeCsv(nameColumns, rows);
}

/** Throws `PeerFault('malformed')`. Whether they are the names of this report shows when the table is built again. */
export function readNamesTable(bytes: Bytes): Names {
  const rows = readCsv(nameColumns, bytes);
  const names = new Map(rows.map(([ref = '', name = '']) => [ref, name]));
  if (names.size !== rows.length) throw new PeerFault('malformed', 'a participant has two names');
  return names;
}

/** One JSON object a line, in the order of the report. */
export function eventLines(report: Report): string {
  return report.events.map((event) => `${JSON.stringify(event)}\n`).join('');
}
