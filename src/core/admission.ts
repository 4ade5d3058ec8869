/**
 * The admission list: what a relay may know of an organisation. Access keys and limits, signed by custodians;
 * no names, no rooms, no signing keys. A relay imports this file, so it may not import anything that decrypts.
 */
import type { Bytes } from '../wire/bytes.ts';
import { ascending, type Coded, decode, encode, field, maybe, rawBytes, record, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { type AccessKey, accessKey, type OrgId, orgId, type RelayId, relayId } from '../wire/id.ts';
import { type Checker, makeCheck } from './check.ts';
import { suite } from './label.ts';
import { type CustodianSignatures, checkThreshold, custodianSignatures, orgOfRoot, readRoot } from './root.ts';

/** Devices of one organisation at one relay. */
const maxDevices = 5000;

const body = record({
  suite: field(1, uint(255)),
  /** Verbatim root (genesis.ts), without names: whoever knows the fingerprint can check the rest. */
  root: field(2, rawBytes({ max: 4096 })),
  /** The version of the muster list this was made from; a relay never goes back. */
  version: field(3, uint()),
  issuedAtMs: field(4, uint()),
  access: field(5, ascending(accessKey, maxDevices)),
  /** Bytes this organisation may keep at a relay; the relay's own limit applies if it is lower. */
  quotaBytes: maybe(6, uint()),
});
export type Admission = Coded<typeof body>;

const signed = record({ body: field(1, rawBytes({ max: 400 * 1024 })), signatures: field(2, custodianSignatures) });

export const encodeAdmission = (value: Admission): Bytes => encode(body, value);
export const joinAdmission = (bodyBytes: Bytes, signatures: CustodianSignatures): Bytes =>
  encode(signed, { body: bodyBytes, signatures });

/** Opens and checks a signed admission list. Throws `PeerFault`. The caller decides whether it serves `org`. */
export function readAdmission(bytes: Bytes, checker: Checker): { readonly org: OrgId; readonly admission: Admission } {
  const outer = decode(signed, bytes);
  const admission = decode(body, outer.body);
  if (admission.suite !== suite)
    throw new PeerFault('unknown-suite', `suite ${admission.suite} is not known to this relay`);
  checkThreshold(readRoot(admission.root), outer.signatures, 'admission', outer.body, checker);
  return { org: orgOfRoot(admission.root, checker), admission };
}

/** What a device signs to get past a relay: the relay's nonce, the pin the device saw and the organisation. */
export const accessProof = (nonce: Bytes, relay: RelayId, org: OrgId, version: number): readonly Bytes[] => [
  nonce,
  relayId.bytes(relay),
  new Uint8Array([version]),
  orgId.bytes(org),
];

/** True if `access` signed this relay's nonce for this relay. */
export function checkAccessProof(
  access: AccessKey,
  signature: Bytes,
  proof: readonly Bytes[],
  checker: Checker,
): boolean {
  return checker.passes(makeCheck(accessKey.bytes(access), signature, 'access', ...proof));
}
