/** Options that are numbers. Commander hands over texts; what is not the number that was asked for is refused. */
import { CallerFault } from '../wire/fault.ts';

/** Throws `CallerFault('invalid')` naming the option. */
export function readWhole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new CallerFault('invalid', `${option} is a whole number from ${least} to ${most}, not "${text}".`);
}
