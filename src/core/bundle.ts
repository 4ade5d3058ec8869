/** What is handed out after custodians signed: the muster list for devices and the admission list for relays, as one file. */
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, field, rawBytes, record } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import type { OrgId } from '../wire/id.ts';
import { limit } from '../wire/limit.ts';
import { readAdmission } from './admission.ts';
import { type MusterList, readList } from './list.ts';
import { sodiumChecker } from './verify.ts';

/** A list of 2,000 members with devices and prekeys. */
export const maxBundleBytes: number = 16 * 1024 * 1024;

const shape = record({
  list: field(1, rawBytes({ max: maxBundleBytes })),
  admission: field(2, rawBytes({ max: limit.admissionBytes })),
});

export interface Bundle {
  readonly list: MusterList;
  readonly listBytes: Bytes;
  readonly admission: Bytes;
}

export const joinBundle = (listBytes: Bytes, admission: Bytes): Bytes => encode(shape, { list: listBytes, admission });

/** Opens and checks both. Throws `PeerFault`. `org`, if given, is the fingerprint it must descend from. */
export function readBundle(bytes: Bytes, org?: OrgId): Bundle {
  const { list: listBytes, admission } = decode(shape, bytes);
  const list = readList(listBytes, org);
  const admitted = readAdmission(admission, sodiumChecker);
  if (admitted.org !== list.org || admitted.admission.version !== list.version) {
    throw new PeerFault('out-of-place', 'the admission list does not belong to this muster list');
  }
  return { list, listBytes, admission };
}
