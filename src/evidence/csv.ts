/**
 * Tables as CSV (RFC 4180: CRLF, comma, quotes doubled), UTF-8 without byte order mark.
 *
 * A spreadsheet runs a cell that begins like a formula, and names and roles come from outside. Such a text gets
 * an apostrophe in front; so does a text that has one there already, so taking one apostrophe off gives every
 * text back exactly. Numbers are never touched.
 */
import papa from 'papaparse';
import { type Bytes, equal, fromUtf8, utf8 } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';

export type Cell = string | number | undefined;

/** Some spreadsheets skip white space before `=`, and some take the full-width forms for the plain ones. */
const startsLikeFormula = /^(?:['\t\r\n]|\s*[=+\-@＝＋－＠])/u;

export const guardCell = (text: string): string => (startsLikeFormula.test(text) ? `'${text}` : text);
export const bareCell = (text: string): string => (text.startsWith("'") ? text.slice(1) : text);

export function encodeCsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): Bytes {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? guardCell(cell) : (cell ?? ''))));
  return utf8(`${papa.unparse([[...columns], ...cells], { newline: '\r\n', header: false })}\r\n`);
}

/** Rows of texts, guards taken off. Throws `PeerFault('malformed')` unless it is what `encodeCsv` writes. */
export function readCsv(columns: readonly string[], bytes: Bytes): readonly (readonly string[])[] {
  const { data } = papa.parse<string[]>(fromUtf8(bytes), { newline: '\r\n', delimiter: ',', skipEmptyLines: true });
  const [, ...guarded] = data;
  const rows = guarded.map((row) => row.map(bareCell));
  if (!equal(encodeCsv(columns, rows), bytes)) throw new PeerFault('malformed', 'not a table in its one form');
  return rows;
}
