/**
 * What is wrong with a file a person wrote, and where. All of it at once: someone who mends a table of eighty lines
 * should not have to run the import eighty times.
 */
import { CallerFault } from '../wire/fault.ts';

export interface Problem {
  /** `line 3, column role` or `drills[0].from`. */
  readonly where: string;
  readonly text: string;
}

/** More than this is one mistake made many times. */
const shown = 8;

/** Throws `CallerFault('invalid')` naming every problem, if there is one. */
export function throwIfAny(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.slice(0, shown).map(({ where, text }) => `${where}: ${text}`);
  const more = problems.length - lines.length;
  throw new CallerFault('invalid', [...lines, ...(more > 0 ? [`and ${more} more like these`] : [])].join('\n  '));
}
