/**
 * The root of trust of an organisation as a relay has it: custodians' keys and how many of them must sign, and a salted
 * hash in the place of names (genesis.ts). What custodians signed is checked against it.
 *
 * A relay imports this file, so it may not import anything that decrypts.
 */
import { type Bytes, hex } from '../wire/bytes.ts';
import { type Coded, checked, decode, field, list, rawBytes, record, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type OrgId, orgId } from '../wire/id.ts';
import { type Checker, makeCheck } from './check.ts';
import { domain, suite } from './label.ts';

/** Custodians of one organisation. */
export const maxCustodians = 15;

export const rootShape = checked(
  record({
    suite: field(1, uint(255)),
    threshold: field(2, uint(maxCustodians)),
    keys: field(3, list(rawBytes({ size: 32 }), maxCustodians)),
    /** H("names", salt, names): whoever holds the genesis can show what they are, nobody can guess. */
    names: field(4, rawBytes({ size: 32 })),
  }),
  (value) =>
    value.threshold >= 1 &&
    value.threshold <= value.keys.length &&
    new Set(value.keys.map(hex)).size === value.keys.length,
  'the threshold does not fit the custodians, or two of them share a key',
);
export type Root = Coded<typeof rootShape>;

/** Throws `PeerFault`: `malformed` or `unknown-suite`. */
export function readRoot(bytes: Bytes): Root {
  const value = decode(rootShape, bytes);
  if (value.suite !== suite)
    throw new PeerFault('unknown-suite', `suite ${value.suite} is not known to this version of Muster`);
  return value;
}

export const orgOfRoot = (rootBytes: Bytes, checker: Checker): OrgId =>
  orgId.of(checker.hash(domain('hash', 'org', rootBytes)));

/** Signatures of custodians over one document, each naming the custodian by position in the genesis. */
export const custodianSignatures = list(
  record({ custodian: field(1, uint(maxCustodians - 1)), signature: field(2, rawBytes({ size: 64 })) }),
  maxCustodians,
);
export type CustodianSignatures = Coded<typeof custodianSignatures>;

/**
 * Throws `PeerFault('threshold')` unless enough different custodians signed, and `bad-signature` if any
 * signature given is wrong: a document that carries a bad signature was tampered with, however many are good.
 */
export function checkThreshold(
  root: { readonly threshold: number; readonly keys: readonly Bytes[] },
  signatures: CustodianSignatures,
  label: 'list' | 'admission',
  text: Bytes,
  checker: Checker,
): void {
  const seen = new Set<number>();
  for (const { custodian, signature } of signatures) {
    const key = root.keys[custodian];
    if (key === undefined || seen.has(custodian) || !checker.passes(makeCheck(key, signature, label, text))) {
      throw new PeerFault('bad-signature', 'a custodian signature does not verify');
    }
    seen.add(custodian);
  }
  if (seen.size < root.threshold) {
    throw new PeerFault('threshold', `${seen.size} of the ${root.threshold} custodian signatures needed are there`);
  }
}
