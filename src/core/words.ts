/**
 * Fingerprints as words, for reading aloud and for paper: the BIP-39 English list, which has no two words that
 * begin with the same four letters, and a checksum in the last word.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { type Bytes, hex } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import { type OrgId, orgId } from '../wire/id.ts';

/** 128 of 256 bits: to pass another fingerprint off for this one takes 2^128 tries. */
const wordBytes = 16;

/** Twelve words for the first 16 bytes. */
export const wordsOf = (digest: Bytes): readonly string[] =>
  entropyToMnemonic(digest.subarray(0, wordBytes), wordlist).split(' ');

export const orgWords = (org: OrgId): readonly string[] => wordsOf(orgId.bytes(org));

/**
 * Eight words for a digest two people read to each other: 88 bits. Fewer would do against one blind try, but who swaps
 * a join request on its way has had all the time since to look for one with the same words.
 */
export const safetyWords = (digest: Bytes): readonly string[] => wordsOf(digest).slice(0, 8);

/**
 * True if what a person typed (64 hexadecimal digits or twelve words) is this organisation's fingerprint. Throws
 * `CallerFault('invalid')` if it is neither.
 */
export function isFingerprintOf(typed: string, org: OrgId): boolean {
  const words = typed
    .trim()
    .toLowerCase()
    .split(/[\s,-]+/);
  if (words.length === 1) return orgId.parse(typed) === org;
  try {
    return hex(mnemonicToEntropy(words.join(' '), wordlist)) === org.slice(0, 2 * wordBytes);
  } catch (cause) {
    throw new CallerFault(
      'invalid',
      'A fingerprint is 64 hexadecimal digits or twelve words; one of these words is not right.',
      { cause },
    );
  }
}
