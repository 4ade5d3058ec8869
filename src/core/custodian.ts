/** What custodians do: found an organisation and sign what everyone else relies on. */
import type { Bytes } from '../wire/bytes.ts';
import { encode } from '../wire/cbor.ts';
import { CallerFault } from '../wire/fault.ts';
import { type CustodianSignatures, genesis } from './genesis.ts';
import { makeSignKey, type Random, type SignKey, sign } from './key.ts';
import { suite } from './label.ts';

/** The genesis of a new organisation and one key per custodian, in order. */
export function foundOrganisation(
  name: string,
  custodians: readonly string[],
  threshold: number,
  random: Random,
): { readonly genesis: Bytes; readonly keys: readonly SignKey[] } {
  const keys = custodians.map(() => makeSignKey(random));
  const named = custodians.map((each, i) => ({ name: each, key: keys[i]?.publicKey ?? new Uint8Array(32) }));
  return { genesis: encode(genesis, { suite, name, threshold, custodians: named, salt: random(32) }), keys };
}

/** One custodian's signature over a list head or an admission body, ready for `joinList` or `joinAdmission`. */
export function signAsCustodian(root: { readonly custodians: readonly { readonly key: Bytes }[] }, key: SignKey, label: 'list' | 'admission', document: Bytes): CustodianSignatures[number] {
  const custodian = root.custodians.findIndex((each) => each.key.every((byte, i) => byte === key.publicKey[i]));
  if (custodian < 0) throw new CallerFault('not-allowed', 'This key is not a custodian of this organisation.');
  return { custodian, signature: sign(key, label, document) };
}
