/**
 * The root of trust of an organisation: its custodians' keys and how many of them must sign. Its hash is the
 * organisation's fingerprint, read aloud, printed and handed to auditors; everything else hangs off it.
 *
 * It comes in two forms with one fingerprint: the genesis, with names, for members; and the root (root.ts), with a salted
 * hash in their place, for relays, which must not learn who an organisation or its custodians are.
 */
import { type Bytes, hex } from '../wire/bytes.ts';
import { type Coded, checked, decode, encode, field, list, rawBytes, record, text, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import type { OrgId } from '../wire/id.ts';
import { suite } from './label.ts';
import { maxCustodians, orgOfRoot, rootShape } from './root.ts';
import { hash, sodiumChecker } from './verify.ts';

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

export const orgOf = (genesisBytes: Bytes): OrgId => orgOfRoot(rootOf(genesisBytes), sodiumChecker);
export const keysOf = (root: Genesis): readonly Bytes[] => root.custodians.map((each) => each.key);

/** Throws `PeerFault`: `malformed` or `unknown-suite`. */
export function readGenesis(bytes: Bytes): Genesis {
  const value = decode(genesis, bytes);
  if (value.suite !== suite)
    throw new PeerFault('unknown-suite', `suite ${value.suite} is not known to this version of Muster`);
  return value;
}
