/**
 * One thing wrong with a pack: which file, what kind of wrong, and a sentence for the person who has to decide
 * what it means. Findings are printed by `muster verify` and counted by its exit code.
 */
export type FindingCode =
  | 'signature' // the signature does not hold, or is not there
  | 'signers' // allowed_signers does not name the one who signed
  | 'manifest' // SHA256SUMS is not in its one form
  | 'missing'
  | 'extra'
  | 'changed' // the bytes are not those of SHA256SUMS
  | 'odd' // a link, a device, too large, or a name no pack has
  | 'malformed' // it cannot be read as what it claims to be
  | 'differs' // signed, but not what report.json gives
  | 'log' // signed, but not what the signed entries give
  | 'organisation'; // not the organisation that was expected

export interface Finding {
  readonly file: string;
  readonly code: FindingCode;
  readonly text: string;
}
