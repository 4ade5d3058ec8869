/**
 * How the command line talks: aligned, calm, colours only on a terminal. Everything that came from outside goes through
 * `clean` before it is printed: a message must not be able to steer the terminal it is shown on.
 */
import picocolors from 'picocolors';

/** Without control characters and without those that turn the direction of text. */
export const clean = (text: string): string =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (each) =>
    each === '\n' || each === '\t' ? ' ' : '\ufffd',
  );

export const paint = (io: { readonly isTty: boolean }): ReturnType<typeof picocolors.createColors> =>
  picocolors.createColors(io.isTty);

const widthOf = (text: string): number => [...text.normalize('NFC')].length;
const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Rows under a heading, columns aligned, two blanks between. Cells are cleaned. */
export function table(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [heading, ...rows.map((row) => row.map((cell) => clean(String(cell))))];
  const widths = heading.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))));
  return all
    .map((row) =>
      `  ${row.map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i] ?? 0))).join('  ')}`.trimEnd(),
    )
    .join('\n');
}

/** Label and value, one to a line. Values are cleaned. */
export function facts(pairs: readonly (readonly [label: string, value: string | number])[]): string {
  const width = Math.max(...pairs.map(([label]) => widthOf(label)));
  return pairs.map(([label, value]) => `  ${pad(label, width)}  ${clean(String(value))}`.trimEnd()).join('\n');
}

/** `2027-03-01 09:00 UTC`: one form for everyone who compares, wherever they sit. */
export const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The same to the second, for what goes on right now. */
export const second = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** 64 digits in groups, so that two people can read them to each other. */
export const digits = (hexadecimal: string): string => hexadecimal.match(/.{1,8}/g)?.join(' ') ?? '';

/** For command lines that are pasted: quoted where a shell would split it. */
export const shown = (path: string): string =>
  /^[\w./:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
