/**
 * Two people who make sure that they have each other's right keys: they read the same words to each other, or one
 * scans the other's code. What it shows is that no list gave either of them a false identity for the other; the
 * outcome is an entry (`verified`), so it is part of the log and holds exactly as long as both keys stay.
 */
import { type Bytes, hex } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import { type OrgId, orgId } from '../wire/id.ts';
import { hash } from './verify.ts';
import { safetyWords } from './words.ts';

/** What both compare, the same from either side. Identity keys of 32 bytes. */
export function verificationOf(org: OrgId, one: Bytes, other: Bytes): Bytes {
  const [first = one, second = other] = [one, other].sort((a, b) => (hex(a) < hex(b) ? -1 : 1));
  return hash('verification', orgId.bytes(org), first, second);
}

/** Eight words to read to each other. */
export const verificationWords = (digest: Bytes): readonly string[] => safetyWords(digest);

const prefix = 'muster-verify:1:';

/** What stands in the code that the other person's device scans. */
export const verificationCode = (digest: Bytes): string => `${prefix}${hex(digest)}`;

/** True if a scanned code is of these two. Throws `CallerFault('invalid')` for a code that is of something else. */
export function isVerificationCode(scanned: string, digest: Bytes): boolean {
  const text = scanned.trim();
  if (!/^muster-verify:1:[0-9a-f]{64}$/.test(text))
    throw new CallerFault(
      'invalid',
      'This is not a Muster code for comparing keys. Scan the code on the other screen.',
    );
  return text.slice(prefix.length) === hex(digest);
}
