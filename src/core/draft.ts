/**
 * A muster list on its way from draft to signed: it goes from custodian to custodian as a file, each sees what it
 * says and adds two signatures, one over the list and one over what relays may know of it.
 */
import { type Bytes, equal } from '../wire/bytes.ts';
import { type Coded, decode, encode, field, list as listOf, rawBytes, record } from '../wire/cbor.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { joinAdmission } from './admission.ts';
import { joinBundle, maxBundleBytes, readBundle } from './bundle.ts';
import { signAsCustodian } from './custodian.ts';
import type { ListId } from './id.ts';
import type { Random, SignKey } from './key.ts';
import { type LeafBody, makeLeaf } from './leaf.ts';
import { admissionOf, joinList, type MusterList, makeHead, maxLeaves, previewList } from './list.ts';
import { custodianSignatures } from './root.ts';

const shape = record({
  head: field(1, rawBytes({ max: maxBundleBytes })),
  leaves: field(2, listOf(rawBytes({ max: 48 * 1024 }), maxLeaves)),
  admission: field(3, rawBytes({ max: 400 * 1024 })),
  listSignatures: field(4, custodianSignatures),
  admissionSignatures: field(5, custodianSignatures),
});

export interface Draft extends Coded<typeof shape> {
  /** What it says. Not signed yet, so nothing but a screen may use it. */
  readonly preview: MusterList;
}

export interface DraftFacts {
  readonly genesis: Bytes;
  readonly version: number;
  readonly previous?: ListId;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** Throws `PeerFault` when the parts do not fit each other: an unknown deputy, a device twice. */
export function makeDraft({ genesis, ...facts }: DraftFacts, bodies: readonly LeafBody[], random: Random): Bytes {
  const leaves = bodies.map((body) => makeLeaf(body, random));
  const head = makeHead(genesis, facts, leaves);
  const admission = admissionOf(previewList(head, leaves, []));
  return encode(shape, { head, leaves, admission, listSignatures: [], admissionSignatures: [] });
}

/** Throws `PeerFault`, also when what relays would be told is not what the list says: a custodian signs both. */
export function readDraft(bytes: Bytes): Draft {
  const inner = decode(shape, bytes);
  const preview = previewList(inner.head, inner.leaves, inner.listSignatures);
  if (!equal(admissionOf(preview), inner.admission))
    throw new PeerFault('out-of-place', 'the draft admits other devices than its list names');
  return { ...inner, preview };
}

/** Adds one custodian's signatures. Throws `CallerFault`: `not-allowed`, `already-there`. */
export function signDraft(draft: Draft, key: SignKey): Bytes {
  const { preview, ...inner } = draft;
  const ofList = signAsCustodian(preview.genesis, key, 'list', inner.head);
  if (inner.listSignatures.some((each) => each.custodian === ofList.custodian)) {
    throw new CallerFault('already-there', 'This custodian has signed this draft already.');
  }
  const ofAdmission = signAsCustodian(preview.genesis, key, 'admission', inner.admission);
  return encode(shape, {
    ...inner,
    listSignatures: [...inner.listSignatures, ofList],
    admissionSignatures: [...inner.admissionSignatures, ofAdmission],
  });
}

/** The file to hand out. Throws `PeerFault('threshold')` when custodians are missing, and what reading it throws. */
export function issueDraft(draft: Draft): Bytes {
  const list = joinList(draft.head, draft.listSignatures, draft.leaves);
  const bundle = joinBundle(list, joinAdmission(draft.admission, draft.admissionSignatures));
  readBundle(bundle);
  return bundle;
}
