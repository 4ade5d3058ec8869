/**
 * The root of trust of an organisation: its custodians' keys and how many of them must sign. Its hash is the
 * organisation's fingerprint, read aloud, printed and handed to auditors; everything else hangs off it.
 */
import { type Bytes, hex } from '../wire/bytes.ts';
import { type Coded, checked, decode, field, list, rawBytes, record, text, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type OrgId, orgId } from '../wire/id.ts';
import { suite } from './label.ts';
import { hash, verify } from './verify.ts';

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

export const orgOf = (genesisBytes: Bytes): OrgId => orgId.of(hash('org', genesisBytes));

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
  root: Genesis,
  signatures: CustodianSignatures,
  label: 'list' | 'admission',
  ...parts: readonly Bytes[]
): void {
  const seen = new Set<number>();
  for (const { custodian, signature } of signatures) {
    const key = root.custodians[custodian]?.key;
    if (key === undefined || seen.has(custodian) || !verify(key, signature, label, ...parts)) {
      throw new PeerFault('bad-signature', 'a custodian signature does not verify');
    }
    seen.add(custodian);
  }
  if (seen.size < root.threshold) {
    throw new PeerFault('threshold', `${seen.size} of the ${root.threshold} custodian signatures needed are there`);
  }
}
