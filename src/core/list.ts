/**
 * The muster list: signed by m of n custodians, versioned, hash-linked, expiring (docs/protocol.md section 5).
 *
 *   head = {suite, genesis, version, previous?, issuedAt, expiresAt, leaves: [kind, hash]}     signed by custodians
 *   file = {head, signatures, leaves present: [index, bytes]}
 *
 * A device holds all leaves; an evidence pack holds some: names, contact paths and the rendezvous may be left out,
 * members, relays, drills and former devices never. Reading checks every signature before anything is used.
 */
import { type Bytes, equal } from '../wire/bytes.ts';
import {
  type Coded,
  decode,
  encode,
  field,
  list as listOf,
  maybe,
  rawBytes,
  record,
  tuple,
  uint,
} from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import type { OrgId, RelayId } from '../wire/id.ts';
import { encodeAdmission } from './admission.ts';
import { type Device, readCertificate } from './certificate.ts';
import { type Genesis, keysOf, orgOf, readGenesis, rootOf } from './genesis.ts';
import { type DeviceId, type DrillId, type ListId, listId, type MemberId, memberOf } from './id.ts';
import { suite } from './label.ts';
import { hashLeaf, type LeafBody, type LeafOf, leaf, leafTags, maxFormer, maxMembers, type Role } from './leaf.ts';
import { type Prekey, readPrekey } from './prekey.ts';
import type { OrgRetention } from './retention.ts';
import { type CustodianSignatures, checkThreshold, custodianSignatures } from './root.ts';
import { Secret } from './secret.ts';
import { hash, sodiumChecker } from './verify.ts';

export const maxLeaves: number = maxMembers * 3 + maxFormer + 500;
const maxLeafBytes = 48 * 1024;

const head = record({
  suite: field(1, uint(255)),
  genesis: field(2, rawBytes({ max: 4096 })),
  version: field(3, uint(0xffffffff)),
  previous: maybe(4, listId),
  issuedAtMs: field(5, uint()),
  expiresAtMs: field(6, uint()),
  leaves: field(7, listOf(tuple(uint(255), rawBytes({ size: 32 })), maxLeaves)),
});

const file = record({
  head: field(1, rawBytes({ max: 37 * maxLeaves + 8192 })),
  signatures: field(2, custodianSignatures),
  leaves: field(3, listOf(tuple(uint(maxLeaves), rawBytes({ max: maxLeafBytes })), maxLeaves)),
});
type ListFile = Coded<typeof file>;
type ListHead = Coded<typeof head>;

/**
 * A report counts these: were one left out of a copy, whoever was silent could be made never to have been there. Were a
 * former device left out, what it signed could be made to look like a stranger's.
 */
const neverWithheld: ReadonlySet<number> = new Set([leafTags.member, leafTags.relay, leafTags.drill, leafTags.former]);
export const mayWithhold = (body: LeafBody): boolean => !neverWithheld.has(leafTags[body.type]);

export type ContactPath = LeafOf<'contact'>['paths'][number];

/** What a list says of any device, and what a later list needs to carry it on. */
interface Listed extends Device {
  /** Key of its member, and what that key said of the device, verbatim. */
  readonly identity: Bytes;
  readonly certificate: Bytes;
  /** Version of the first list that had it. */
  readonly since: number;
}

export interface ListDevice extends Listed {
  /** The prekey the list brings: enough to be granted a room's key without having met. */
  readonly prekey: Prekey;
}

/** A device of an earlier list. What it signed verifies; it is in no roster, admitted nowhere and counted by no report. */
export interface FormerDevice extends Listed {
  /** The highest that its member had by a list before `until`. */
  readonly role: Role;
  /** Version of the first list without it. */
  readonly until: number;
}

export interface Member {
  readonly id: MemberId;
  /** Ed25519, 32 bytes. The id is its hash, so a person with a new key is a new member. */
  readonly identity: Bytes;
  readonly role: Role;
  /** The highest role by an earlier list, where that is above the present one. */
  readonly held?: Role;
  readonly unit: string;
  readonly deputies: readonly MemberId[];
  readonly devices: readonly ListDevice[];
  /** Absent where the leaf was withheld. */
  readonly name?: string;
  readonly timeZone?: string;
  readonly contacts?: readonly ContactPath[];
}

export type ListRelay = Omit<LeafOf<'relay'>, 'type' | 'relay'> & { readonly id: RelayId };
export type DrillPlan = Omit<LeafOf<'drill'>, 'type' | 'drill'> & { readonly id: DrillId };

export interface MusterList {
  readonly id: ListId;
  readonly org: OrgId;
  readonly genesis: Genesis;
  readonly genesisBytes: Bytes;
  readonly version: number;
  readonly previous?: ListId;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Positions in the genesis of the custodians who signed. */
  readonly signedBy: readonly number[];
  readonly members: readonly Member[];
  readonly relays: readonly ListRelay[];
  readonly drills: readonly DrillPlan[];
  /** Nothing in a copy that leaves it out: nothing expires by that. */
  readonly retention: OrgRetention;
  /** Absent in a copy that was made for outsiders. */
  readonly rendezvous?: Secret<'rendezvous'>;
  /** Leaves that were left out of this copy. */
  readonly withheld: number;
  /** The devices in force. */
  readonly devices: ReadonlyMap<DeviceId, ListDevice>;
  readonly former: ReadonlyMap<DeviceId, FormerDevice>;
}

/** The bytes custodians sign (label `list`). */
export function makeHead(
  genesisBytes: Bytes,
  facts: {
    readonly version: number;
    readonly previous?: ListId;
    readonly issuedAtMs: number;
    readonly expiresAtMs: number;
  },
  leaves: readonly Bytes[],
): Bytes {
  const signed = leaves.map((bytes) => [leafTags[decode(leaf, bytes).body.type], hashLeaf(bytes)] as const);
  return encode(head, { suite, genesis: genesisBytes, ...facts, leaves: signed });
}

export const joinList = (headBytes: Bytes, signatures: CustodianSignatures, leaves: readonly Bytes[]): Bytes =>
  encode(file, { head: headBytes, signatures, leaves: leaves.map((bytes, i) => [i, bytes] as const) });

/** A copy without the leaves `keep` turns down; signatures still hold. */
export function redactList(bytes: Bytes, keep: (body: LeafBody) => boolean): Bytes {
  const { head: headBytes, signatures, leaves } = decode(file, bytes);
  return encode(file, {
    head: headBytes,
    signatures,
    leaves: leaves.filter(([, each]) => keep(decode(leaf, each).body)),
  });
}

/**
 * Opens and checks a list: custodian signatures, leaf hashes, certificates, prekeys, and that everything that is
 * named exists. Throws `PeerFault`. `org`, if given, is the fingerprint it must descend from.
 */
export function readList(bytes: Bytes, org?: OrgId): MusterList {
  const outer = decode(file, bytes);
  const inner = readHead(outer.head);
  const root = readGenesis(inner.genesis);
  if (org !== undefined && orgOf(inner.genesis) !== org)
    throw new PeerFault('wrong-organisation', 'the muster list belongs to another organisation');
  // Before any leaf is looked at: what nobody signed costs no more than this to turn down.
  checkThreshold(
    { threshold: root.threshold, keys: keysOf(root) },
    outer.signatures,
    'list',
    outer.head,
    sodiumChecker,
  );
  return openList(outer.head, outer.signatures, outer.leaves);
}

/** Throws `PeerFault`: `malformed` or `unknown-suite`. */
function readHead(headBytes: Bytes): ListHead {
  const inner = decode(head, headBytes);
  if (inner.suite !== suite)
    throw new PeerFault('unknown-suite', `a muster list of suite ${inner.suite} is not known to this version`);
  return inner;
}

/** Reads a list that is not signed yet, to show what is about to be signed. Nothing may rely on it. */
export const previewList = (headBytes: Bytes, leaves: readonly Bytes[], signatures: CustodianSignatures): MusterList =>
  openList(
    headBytes,
    signatures,
    leaves.map((bytes, i) => [i, bytes] as const),
  );

function openList(headBytes: Bytes, signatures: CustodianSignatures, leaves: ListFile['leaves']): MusterList {
  const inner = readHead(headBytes);
  const bodies = openLeaves(inner.leaves, leaves);
  const members = readMembers(bodies, inner.version);
  const devices = members.flatMap((member) => member.devices);
  const former = readFormer(bodies, inner.version);
  unique([...devices, ...former], 'device');
  const rendezvous = bodies.filter((body) => body.type === 'rendezvous');
  if (rendezvous.length > 1) throw twice('rendezvous');
  const policies = bodies.filter((body) => body.type === 'policy');
  if (policies.length > 1) throw twice('policy');
  const { type: _, ...retention } = policies[0] ?? { type: 'policy' };
  return {
    id: listId.of(hash('list', headBytes)),
    org: orgOf(inner.genesis),
    genesis: readGenesis(inner.genesis),
    genesisBytes: inner.genesis,
    version: inner.version,
    ...(inner.previous === undefined ? {} : { previous: inner.previous }),
    issuedAtMs: inner.issuedAtMs,
    expiresAtMs: inner.expiresAtMs,
    signedBy: signatures.map((each) => each.custodian),
    members,
    relays: unique(
      bodies.filter((body) => body.type === 'relay').map(({ type: _, relay, ...rest }) => ({ id: relay, ...rest })),
      'relay',
    ),
    drills: unique(
      bodies.filter((body) => body.type === 'drill').map(({ type: _, drill, ...rest }) => ({ id: drill, ...rest })),
      'drill',
    ),
    retention,
    ...(rendezvous[0] === undefined ? {} : { rendezvous: new Secret('rendezvous', rendezvous[0].secret) }),
    withheld: inner.leaves.length - leaves.length,
    devices: new Map(devices.map((device) => [device.id, device])),
    former: new Map(former.map((device) => [device.id, device])),
  };
}

/** What relays may know of this list: the bytes custodians sign (label `admission`). */
export function admissionOf(list: MusterList): Bytes {
  return encodeAdmission({
    suite,
    root: rootOf(list.genesisBytes),
    version: list.version,
    issuedAtMs: list.issuedAtMs,
    access: [...list.devices.values()].map((device) => device.access).sort(),
  });
}

/** How a person is called where the name is known, and how where it was withheld. */
export const nameOf = (member: Member): string => member.name ?? `member ${member.id.slice(0, 8)}`;

const twice = (what: string) => new PeerFault('out-of-place', `a muster list names the same ${what} twice`);

function unique<T extends { readonly id: string }>(items: readonly T[], what: string): readonly T[] {
  if (new Set(items.map((item) => item.id)).size !== items.length) throw twice(what);
  return items;
}

function openLeaves(signed: ListHead['leaves'], present: ListFile['leaves']): readonly LeafBody[] {
  let last = -1;
  const bodies = present.map(([index, bytes]) => {
    const [tag, expected] = signed[index] ?? [];
    if (index <= last || expected === undefined || !equal(hashLeaf(bytes), expected)) {
      throw new PeerFault('bad-signature', 'a part of the muster list is not what the custodians signed');
    }
    last = index;
    const { body } = decode(leaf, bytes);
    if (leafTags[body.type] !== tag)
      throw new PeerFault('out-of-place', 'a part of the muster list is of another kind than was signed');
    return body;
  });
  const here = new Set(present.map(([index]) => index));
  if (signed.some(([tag], index) => neverWithheld.has(tag) && !here.has(index))) {
    throw new PeerFault('out-of-place', 'a copy of the muster list leaves out a member, a device, a relay or a drill');
  }
  return bodies;
}

function readMembers(bodies: readonly LeafBody[], version: number): readonly Member[] {
  const names = byMember(bodies.filter((body) => body.type === 'name'));
  const contacts = byMember(bodies.filter((body) => body.type === 'contact'));
  const members = bodies
    .filter((body) => body.type === 'member')
    .map((body): Member => {
      checkMemberId(body);
      const name = names.get(body.member)?.name;
      const contact = contacts.get(body.member);
      return {
        id: body.member,
        identity: body.identity,
        role: body.role,
        ...(body.held === undefined ? {} : { held: body.held }),
        unit: body.unit,
        deputies: body.deputies,
        devices: body.devices.map(({ certificate, prekey, since }) => {
          const device = readCertificate(certificate, body.identity);
          if (since > version)
            throw new PeerFault('out-of-place', 'a device is on the muster list since a version to come');
          return { ...device, identity: body.identity, certificate, since, prekey: readPrekey(prekey, device) };
        }),
        ...(name === undefined ? {} : { name }),
        ...(contact === undefined ? {} : { timeZone: contact.timeZone, contacts: contact.paths }),
      };
    });
  unique(members, 'member');
  const known = new Set(members.map((member) => member.id));
  const named = [...names.keys(), ...contacts.keys(), ...members.flatMap((member) => member.deputies)];
  const coordinators = bodies.filter((body) => body.type === 'drill').flatMap((body) => body.coordinators);
  for (const id of [...named, ...coordinators]) {
    if (!known.has(id)) throw new PeerFault('out-of-place', 'a muster list names somebody who is not on it');
  }
  return members;
}

/** Their members need not be on the list any more. Where one is, the identity key is the same because the id is. */
const readFormer = (bodies: readonly LeafBody[], version: number): readonly FormerDevice[] =>
  bodies
    .filter((body) => body.type === 'former')
    .map((body) => {
      checkMemberId(body);
      const { identity, certificate, role, since, until } = body;
      const device = readCertificate(certificate, identity);
      if (until > version) throw new PeerFault('out-of-place', 'a device leaves the muster list in a version to come');
      return { ...device, identity, certificate, role, since, until };
    });

function checkMemberId({ member, identity }: { readonly member: MemberId; readonly identity: Bytes }): void {
  if (member !== memberOf(identity)) throw new PeerFault('out-of-place', 'a member id does not fit its identity key');
}

function byMember<T extends { readonly member: MemberId }>(items: readonly T[]): ReadonlyMap<MemberId, T> {
  const map = new Map(items.map((item) => [item.member, item]));
  if (map.size !== items.length) throw twice('member');
  return map;
}
