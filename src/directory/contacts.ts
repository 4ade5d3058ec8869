/**
 * The contact file: one line of CSV per member, as a person keeps it in a spreadsheet. Pure: text in, members out, or
 * a `CallerFault` that names line and column of everything that is wrong. It must never guess: a line that is not
 * understood is refused, because the one left out would be the one nobody calls.
 *
 *   handle,name,role,unit,time_zone,deputies,path1_kind,path1,path1_off_primary,path2_kind,path2,path2_off_primary,…
 */
import papa from 'papaparse';
import { contactKinds, type LeafOf, maxMembers, roles } from '../core/leaf.ts';
import { utf8 } from '../wire/bytes.ts';
import { type Problem, throwIfAny } from './problem.ts';

export interface Contact {
  /** Line of the file it begins on, the heading being line 1. */
  readonly line: number;
  /** Key of the line, the same in the join request of the member's device. */
  readonly handle: string;
  readonly name: string;
  readonly role: LeafOf<'member'>['role'];
  readonly unit: string;
  readonly timeZone: string;
  /** Handles, first one first. */
  readonly deputies: readonly string[];
  readonly paths: LeafOf<'contact'>['paths'];
}

export const contactColumns: readonly string[] = ['handle', 'name', 'role', 'unit', 'time_zone', 'deputies'];
const maxPaths = 12;
const maxDeputies = 8;
const handlePattern = /^[a-z0-9][a-z0-9._-]{0,59}$/;

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Throws `CallerFault('invalid')`. */
export function readContacts(text: string): readonly Contact[] {
  const [heading, ...rows] = splitRows(text.replace(/^\uFEFF/, ''));
  const columns = (heading?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  const pathCount = checkColumns(columns, heading?.line ?? 1);
  const problems: Problem[] = [];
  const contacts = rows.map((row) => new RowReader(row, columns, problems).read(pathCount));
  if (rows.length === 0) problems.push({ where: 'line 2', text: 'there is nobody in this file' });
  if (rows.length > maxMembers)
    problems.push({ where: `line ${rows[maxMembers]?.line}`, text: `a muster list has at most ${maxMembers} members` });
  problems.push(...findBadNames(contacts));
  throwIfAny(problems);
  return contacts;
}

/** Rows with the line they begin on; a cell may hold line ends of its own. Empty lines are left out. */
function splitRows(text: string): readonly Row[] {
  const firstLine = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = [',', ';', '\t'].find((each) => firstLine.includes(each)) ?? ',';
  const rows: Row[] = [];
  let line = 1;
  let from = 0;
  papa.parse<string[]>(text, {
    delimiter,
    step: ({ data, meta }) => {
      if (data.some((cell) => cell.trim() !== '')) rows.push({ line, cells: data });
      line += text.slice(from, meta.cursor).split(/\r\n|\n|\r/).length - 1;
      from = meta.cursor;
    },
  });
  return rows;
}

/** How many contact paths the columns have room for. Throws `CallerFault('invalid')`. */
function checkColumns(columns: readonly string[], line: number): number {
  const pathCount = columns.filter((column) => /^path\d+$/.test(column)).length;
  const wanted = [
    ...contactColumns,
    ...Array.from({ length: Math.max(2, pathCount) }, (_, i) => [
      `path${i + 1}_kind`,
      `path${i + 1}`,
      `path${i + 1}_off_primary`,
    ]).flat(),
  ];
  const where = (column: string) => `line ${line}, column ${column}`;
  throwIfAny([
    ...wanted
      .filter((column) => !columns.includes(column))
      .map((column) => ({ where: where(column), text: 'this column is missing in the heading' })),
    ...columns
      .filter((column) => !wanted.includes(column))
      .map((column) => ({
        where: where(column === '' ? '(empty)' : column),
        text: 'the contact file has no such column',
      })),
    ...columns
      .filter((column, i) => columns.indexOf(column) !== i)
      .map((column) => ({ where: where(column), text: 'this column is there twice' })),
    ...(pathCount > maxPaths
      ? [{ where: where(`path${maxPaths + 1}`), text: `a member has at most ${maxPaths} contact paths` }]
      : []),
  ]);
  return pathCount;
}

class RowReader {
  readonly #row: Row;
  readonly #columns: readonly string[];
  readonly #problems: Problem[];

  constructor(row: Row, columns: readonly string[], problems: Problem[]) {
    this.#row = row;
    this.#columns = columns;
    this.#problems = problems;
  }

  read(pathCount: number): Contact {
    const { line, cells } = this.#row;
    if (cells.length !== this.#columns.length) {
      const text = `${cells.length} cells where the heading has ${this.#columns.length}; a cell with a comma in it needs quotes`;
      this.#problems.push({ where: `line ${line}`, text });
    }
    const handle = this.#cell('handle');
    if (!handlePattern.test(handle))
      this.#blame('handle', `"${handle}" is not a handle: small letters, digits and . _ - only`);
    const deputies = this.#cell('deputies')
      .split(';')
      .map((each) => each.trim())
      .filter((each) => each !== '');
    if (deputies.length > maxDeputies) this.#blame('deputies', `at most ${maxDeputies} deputies`);
    if (new Set(deputies).size !== deputies.length) this.#blame('deputies', 'a deputy is named twice');
    return {
      line,
      handle,
      name: this.#text('name', 120),
      role: this.#choice('role', roles),
      unit: this.#text('unit', 120),
      timeZone: this.#timeZone(),
      deputies,
      paths: this.#paths(pathCount),
    };
  }

  #paths(pathCount: number): Contact['paths'] {
    const paths = Array.from({ length: pathCount }, (_, i) => `path${i + 1}`).flatMap((column) => {
      const columns = [`${column}_kind`, column, `${column}_off_primary`];
      if (columns.every((each) => this.#cell(each) === '')) return [];
      const kind = this.#choice(`${column}_kind`, contactKinds);
      const offPrimary = this.#choice(`${column}_off_primary`, ['yes', 'no'] as const) === 'yes';
      return [{ kind, value: this.#text(column, 200), offPrimary }];
    });
    if (paths.length < 2) this.#blame('path2', 'a member needs two contact paths at least');
    else if (!paths.some((path) => path.offPrimary)) {
      this.#blame(
        'path1_off_primary',
        'one contact path must work when the primary infrastructure does not: put yes at one that does',
      );
    }
    return paths;
  }

  #timeZone(): string {
    const zone = this.#text('time_zone', 60);
    try {
      Intl.DateTimeFormat('en', { timeZone: zone });
    } catch {
      this.#blame('time_zone', `"${zone}" is not a time zone; write it like Europe/Berlin`);
    }
    return zone;
  }

  #choice<const W extends readonly [string, ...string[]]>(column: string, words: W): W[number] {
    const found = words.find((word) => word === this.#cell(column).toLowerCase());
    if (found === undefined) this.#blame(column, `"${this.#cell(column)}" is none of ${words.join(', ')}`);
    return found ?? words[0];
  }

  #text(column: string, maxBytes: number): string {
    const cell = this.#cell(column);
    if (cell === '') this.#blame(column, 'this is empty');
    if (utf8(cell).length > maxBytes || !cell.isWellFormed())
      this.#blame(column, `this is longer than ${maxBytes} bytes or not text`);
    return cell;
  }

  #cell(column: string): string {
    return (this.#row.cells[this.#columns.indexOf(column)] ?? '').trim();
  }

  #blame(column: string, text: string): void {
    this.#problems.push({ where: `line ${this.#row.line}, column ${column}`, text });
  }
}

/** Handles that stand there twice, and deputies who are nobody or oneself. */
function findBadNames(contacts: readonly Contact[]): readonly Problem[] {
  const first = new Map<string, number>();
  const twice = contacts.flatMap(({ handle, line }) => {
    const before = first.get(handle);
    if (before === undefined) first.set(handle, line);
    return before === undefined
      ? []
      : [{ where: `line ${line}, column handle`, text: `"${handle}" stands on line ${before} already` }];
  });
  const strangers = contacts.flatMap(({ handle, line, deputies }) =>
    deputies
      .filter((deputy) => deputy === handle || !first.has(deputy))
      .map((deputy) => ({
        where: `line ${line}, column deputies`,
        text: deputy === handle ? 'nobody is their own deputy' : `there is no line with the handle "${deputy}"`,
      })),
  );
  return [...twice, ...strangers];
}
