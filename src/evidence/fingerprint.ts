/**
 * keys/fingerprints.txt: what to compare with paper. It proves nothing by itself, since whoever makes a pack can
 * write it; it only saves the reader from computing.
 */
import { type Bytes, fromUtf8, utf8 } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { sshFingerprint } from './sshsig.ts';

export interface Fingerprints {
  readonly organisation: string;
  readonly words: readonly string[];
  readonly principal: string;
  readonly signerPublicKey: Bytes;
}

const wordsLine = /^organisation in words: (\S+(?: \S+){0,63})$/mu;

/** At least one, and none that could end the line. */
export const areWords = (words: readonly string[]): boolean =>
  words.length > 0 && words.length <= 64 && words.every((word) => /^\S{1,40}$/u.test(word) && word.isWellFormed());

export function encodeFingerprints(fingerprints: Fingerprints): Bytes {
  const { organisation, words, principal, signerPublicKey } = fingerprints;
  return utf8(
    `organisation: ${organisation}\norganisation in words: ${words.join(' ')}\nsigner ${principal}: ${sshFingerprint(signerPublicKey)}\n`,
  );
}

/** The words alone: everything else is known from elsewhere and compared. Throws `PeerFault('malformed')`. */
export function readFingerprintWords(bytes: Bytes): readonly string[] {
  const words = wordsLine.exec(fromUtf8(bytes))?.[1];
  if (words === undefined) throw new PeerFault('malformed', 'no fingerprint in words');
  return words.split(' ');
}
