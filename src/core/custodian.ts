/** What custodians do: found an organisation and sign what everyone else relies on. */
import type { Bytes } from '../wire/bytes.ts';
import { encode } from '../wire/cbor.ts';
import { CallerFault } from '../wire/fault.ts';
import { genesis } from './genesis.ts';
import { makeSignKey, type Random, type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import type { CustodianSignatures } from './root.ts';

/** A custodian as the genesis names them: each makes their own key, only the public half comes here. */
export interface CustodianPublic {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly key: Bytes;
}

/** The genesis of a new organisation. Throws `CallerFault('invalid')` when threshold, keys or names do not fit. */
export const makeGenesis = (
  name: string,
  custodians: readonly CustodianPublic[],
  threshold: number,
  random: Random,
): Bytes => encode(genesis, { suite, name, threshold, custodians, salt: random(32) });

/** A genesis together with the keys of all its custodians: for one machine that plays them all, a demo or a test. */
export function foundOrganisation(
  name: string,
  custodians: readonly string[],
  threshold: number,
  random: Random,
): { readonly genesis: Bytes; readonly keys: readonly SignKey[] } {
  const made = custodians.map((each) => ({ name: each, signKey: makeSignKey(random) }));
  const named = made.map(({ name: each, signKey }) => ({ name: each, key: signKey.publicKey }));
  return { genesis: makeGenesis(name, named, threshold, random), keys: made.map(({ signKey }) => signKey) };
}

/** One custodian's signature over a list head or an admission body, ready for `joinList` or `joinAdmission`. */
export function signAsCustodian(
  root: { readonly custodians: readonly { readonly key: Bytes }[] },
  key: SignKey,
  label: 'list' | 'admission',
  document: Bytes,
): CustodianSignatures[number] {
  const custodian = root.custodians.findIndex((each) => each.key.every((byte, i) => byte === key.publicKey[i]));
  if (custodian < 0) throw new CallerFault('not-allowed', 'This key is not a custodian of this organisation.');
  return { custodian, signature: sign(key, label, document) };
}
