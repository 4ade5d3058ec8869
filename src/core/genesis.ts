/**
 * The root of trust of an organisation: its custodians' keys and how many of them must sign. Its hash is the
 * organisation's fingerprint, read aloud, printed and handed to auditors; everything else hangs off it.
 *
 * It comes in two forms with one fingerprint: the genesis, with names, for members; and the root, with a salted hash
 * in their place, for relays, which must not learn who an organisation or its custodians are.
 */
import { type Bytes, hex } from '../wire/bytes.ts';
import { type Coded, checked, decode, encode, field, list, rawBytes, record, text, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type OrgId, orgId } from '../wire/id.ts';
import { domain, suite } from './label.ts';
import { type Checker, hash, makeCheck, sodiumChecker } from './verify.ts';

/** Custodians of one organisation. */
export const maxCustodians = 15;

const shape = record({
  suite: field(1, uint(255)),
  name: field(2, text(120)),
  threshold: field(3, uint(maxCustodians)),
  custodians: field(
    4,
    list(record({ name: field(1, text(120)), key: field(2, rawBytes({ size: 32 })) }), maxCustodians),
  ),
  salt: field(5, rawBytes({ size: 32 })),
});
export type Genesis = Coded<typeof shape>;

/** One key in two places would let one person be counted twice towards the threshold. */
const haveOwnKeys = (custodians: Genesis['custodians']): boolean =>
  new Set(custodians.map((each) => hex(each.key))).size === custodians.length;

export const genesis = checked(
  shape,
  (value) => value.threshold >= 1 && value.threshold <= value.custodians.length && haveOwnKeys(value.custodians),
  'the threshold does not fit the custodians, or two of them share a key',
);

const names = record({ name: field(1, text(120)), custodians: field(2, list(text(120), maxCustodians)) });

const rootShape = checked(
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

/** The form for relays. Throws `PeerFault` as `readGenesis` does. */
export function rootOf(genesisBytes: Bytes): Bytes {
  const { name, threshold, custodians, salt } = readGenesis(genesisBytes);
  const named = encode(names, { name, custodians: custodians.map((each) => each.name) });
  return encode(rootShape, {
    suite,
    threshold,
    keys: custodians.map((each) => each.key),
    names: hash('names', salt, named),
  });
}

/** Throws `PeerFault`: `malformed` or `unknown-suite`. */
export function readRoot(bytes: Bytes): Root {
  const value = decode(rootShape, bytes);
  if (value.suite !== suite)
    throw new PeerFault('unknown-suite', `suite ${value.suite} is not known to this version of Muster`);
  return value;
}

export const orgOfRoot = (rootBytes: Bytes, checker: Checker = sodiumChecker): OrgId =>
  orgId.of(checker.hash(domain('hash', 'org', rootBytes)));
export const orgOf = (genesisBytes: Bytes): OrgId => orgOfRoot(rootOf(genesisBytes));
export const keysOf = (root: Genesis): readonly Bytes[] => root.custodians.map((each) => each.key);

/** Signatures of custodians over one document, each naming the custodian by position in the genesis. */
export const custodianSignatures = list(
  record({ custodian: field(1, uint(maxCustodians - 1)), signature: field(2, rawBytes({ size: 64 })) }),
  maxCustodians,
);
export type CustodianSignatures = Coded<typeof custodianSignatures>;

/** Throws `PeerFault`: `malformed` or `unknown-suite`. */
export function readGenesis(bytes: Bytes): Genesis {
  const value = decode(genesis, bytes);
  if (value.suite !== suite)
    throw new PeerFault('unknown-suite', `suite ${value.suite} is not known to this version of Muster`);
  return value;
}

/**
 * Throws `PeerFault('threshold')` unless enough different custodians signed, and `bad-signature` if any
 * signature given is wrong: a document that carries a bad signature was tampered with, however many are good.
 */
export function checkThreshold(
  root: { readonly threshold: number; readonly keys: readonly Bytes[] },
  signatures: CustodianSignatures,
  label: 'list' | 'admission',
  text: Bytes,
  checker: Checker = sodiumChecker,
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
