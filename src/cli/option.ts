/** Options that are more than a text. Commander hands over texts; what is not what was asked for is refused. */
import { mostRetentionDays } from '../core/retention.ts';
import { isFingerprintOf } from '../core/words.ts';
import { CallerFault } from '../wire/fault.ts';
import { orgId } from '../wire/id.ts';

/** Throws `CallerFault('invalid')` naming the option. */
export function readWhole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new CallerFault('invalid', `${option} is a whole number from ${least} to ${most}, not "${text}".`);
}

/** For how many days something is kept, or `for-good`. Throws `CallerFault('invalid')`. */
export const readKept = (option: string, text: string): { readonly retentionDays?: number } =>
  text === 'for-good' ? {} : { retentionDays: readWhole(option, text, 1, mostRetentionDays) };

/**
 * A fingerprint as a person copies it: twelve words, or 64 digits with or without blanks. Gives the words or the digits
 * in one piece. Throws `CallerFault('invalid')`, so that a mistyped one never turns into a verdict.
 */
export function readFingerprint(option: string, text: string): string {
  const digits = text.replace(/\s+/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  try {
    if (/\s|-|,/.test(text.trim())) {
      isFingerprintOf(text, orgId.of(new Uint8Array(32)));
      return text;
    }
  } catch {
    // one of the words is none, or the last one does not fit the others
  }
  throw new CallerFault(
    'invalid',
    `${option} takes a fingerprint: twelve words in quotes, or 64 hexadecimal digits. "${text}" is neither; look for a misspelt word.`,
  );
}
