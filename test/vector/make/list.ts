/** The muster list. What it says of lists before it: former.ts. */
import { signAsCustodian } from '../../../src/core/custodian.ts';
import { readGenesis, rootOf } from '../../../src/core/genesis.ts';
import { deviceId, drillId, memberId, memberOf } from '../../../src/core/id.ts';
import { derive, type SignKey } from '../../../src/core/key.ts';
import { hashLeaf, type LeafBody, leaf, makeLeaf } from '../../../src/core/leaf.ts';
import { joinList, makeHead, redactList } from '../../../src/core/list.ts';
import { orgRoom } from '../../../src/core/room.ts';
import { hash } from '../../../src/core/verify.ts';
import { type Bytes, hex, readU32be, u32be } from '../../../src/wire/bytes.ts';
import { decode } from '../../../src/wire/cbor.ts';
import { foundMuster, signList } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';
import type { Input, Vector } from '../subject.ts';
import { formerVectors } from './former.ts';
import { bad, flip, nowMs, ofSuite, ok, type Scene, seed } from './scene.ts';

export function listVectors(scene: Scene): readonly Vector[] {
  const { founded } = scene;
  // One member is enough to be wrong in every way, and keeps the file readable.
  const drills = [{ coordinators: [0] }];
  const { genesis, custodians, leaves, list, listBytes, selves } = foundMuster(seeded(seed + 1), {
    members: 1,
    relays: 1,
    nowMs,
    drills,
  });
  const root = readGenesis(genesis);
  const signers = custodians.slice(0, 2);
  const bodies = leaves.map((bytes) => decode(leaf, bytes).body);
  const random = seeded(seed + 2);
  const head = makeHead(genesis, { version: 1, issuedAtMs: nowMs, expiresAtMs: nowMs + 1 }, leaves);
  const signaturesOf = (bytes: Bytes, keys: readonly SignKey[] = signers) =>
    keys.map((key) => signAsCustodian(root, key, 'list', bytes));
  const signedWith = (change: (body: LeafBody) => LeafBody, more: readonly LeafBody[] = []) =>
    signList(
      genesis,
      signers,
      [...bodies.map(change), ...more].map((body) => makeLeaf(body, random)),
    );
  const member = (changes: object) => signedWith((body) => (body.type === 'member' ? { ...body, ...changes } : body));
  const twice = (type: LeafBody['type']) =>
    signedWith(
      (body) => body,
      bodies.filter((body) => body.type === type),
    );
  const input = (bytes: Bytes, changes: Input = {}): Input => ({ list: hex(bytes), ...changes });
  const wrong = (why: string, expect: string, bytes: Bytes) => bad(why, expect, input(bytes));
  const stranger = memberId.of(new Uint8Array(32).fill(9));
  const [self] = selves;
  const [otherIdentity] = founded.identities;
  const prekey = self?.prekeys[0]?.record;
  const otherPrekey = founded.selves[0]?.prekeys[0]?.record;
  const certificate = bodies.flatMap((body) => (body.type === 'member' ? body.devices : []))[0]?.certificate;
  const plan = bodies.find((body) => body.type === 'drill');
  const secret = bodies.find((body) => body.type === 'rendezvous')?.secret;
  const relays = bodies.flatMap((body) => (body.type === 'relay' ? [body.relay] : []));
  if (self === undefined || otherIdentity === undefined || prekey === undefined || otherPrekey === undefined)
    throw new Error('a member has a device');
  if (certificate === undefined || plan === undefined || secret === undefined) throw new Error('a list has a drill');
  const isOpen = (body: LeafBody) => body.type === 'member' || body.type === 'relay' || body.type === 'drill';
  const device = { certificate, prekey, since: 1 };
  const moment =
    readU32be(derive(secret, 'drill-time', 16, drillId.bytes(plan.drill), u32be(plan.sequence)), 0) / 2 ** 32;
  const shown = (headBytes: Bytes, signedBy: readonly number[], isWhole = true) => ({
    id: hex(hash('list', headBytes)),
    org: hex(hash('org', rootOf(genesis))),
    version: 1,
    signedBy,
    withheld: isWhole ? 0 : bodies.filter((body) => !isOpen(body)).length,
    members: [
      { id: self.member, ...(isWhole ? { name: 'Ada 1' } : {}), devices: [{ id: self.device, since: device.since }] },
    ],
    former: [],
    relays,
    drills: [
      {
        id: plan.drill,
        ...(isWhole ? { startMs: plan.fromMs + Math.floor(moment * (plan.toMs - plan.fromMs + 1)) } : {}),
      },
    ],
    ...(isWhole ? { orgRoom: orgRoom(list).id, orgTopic: orgRoom(list).topic } : {}),
    ...(isWhole ? { inboxes: [hex(derive(secret, 'topic-inbox', 32, deviceId.bytes(self.device)))] } : {}),
  });
  const whole = joinList(head, signaturesOf(head), leaves);
  const all = joinList(head, signaturesOf(head, custodians), leaves);
  const otherKind = relabelled(head, leaves);
  return [
    ok('whole', input(whole, { org: list.org }), shown(head, [0, 1])),
    ok(
      'a copy for outsiders, without name, contact paths and rendezvous',
      input(redactList(whole, isOpen)),
      shown(head, [0, 1], false),
    ),
    ok('signed by all three', input(all), shown(head, [0, 1, 2])),
    bad('of another organisation', 'wrong-organisation', input(whole, { org: founded.list.org })),
    wrong(
      'signed by one of the two that are needed',
      'threshold',
      joinList(head, signaturesOf(head, custodians.slice(0, 1)), leaves),
    ),
    wrong('signed by nobody', 'threshold', joinList(head, [], leaves)),
    wrong(
      'signed twice by the same',
      'bad-signature',
      joinList(
        head,
        signaturesOf(
          head,
          custodians.slice(0, 1).flatMap((key) => [key, key]),
        ),
        leaves,
      ),
    ),
    wrong(
      'one good signature too few and one bad',
      'bad-signature',
      joinList(
        head,
        signaturesOf(head).map((each, i) => (i === 1 ? { ...each, signature: flip(each.signature, 0) } : each)),
        leaves,
      ),
    ),
    wrong(
      'signatures of the admission list',
      'bad-signature',
      joinList(
        head,
        signers.map((key) => signAsCustodian(root, key, 'admission', head)),
        leaves,
      ),
    ),
    wrong('suite 2', 'unknown-suite', joinList(ofSuite(head, 2), signaturesOf(ofSuite(head, 2)), leaves)),
    wrong('an altered head', 'bad-signature', joinList(flip(head, -1), signaturesOf(head), leaves)),
    wrong(
      'an altered leaf',
      'bad-signature',
      joinList(
        head,
        signaturesOf(head),
        leaves.map((bytes, i) => (i === 0 ? flip(bytes, -1) : bytes)),
      ),
    ),
    wrong('two leaves in each other’s place', 'bad-signature', joinList(head, signaturesOf(head), leaves.toReversed())),
    wrong(
      'a leaf more than was signed',
      'bad-signature',
      joinList(head, signaturesOf(head), [
        ...leaves,
        makeLeaf({ type: 'name', member: self.member, name: 'Eve' }, random),
      ]),
    ),
    wrong(
      'a leaf of another kind than was signed',
      'out-of-place',
      joinList(otherKind, signaturesOf(otherKind), leaves),
    ),
    wrong(
      'a copy without a member',
      'out-of-place',
      redactList(whole, (body) => body.type === 'relay' || body.type === 'drill'),
    ),
    wrong(
      'a copy without a relay',
      'out-of-place',
      redactList(whole, (body) => body.type !== 'relay'),
    ),
    wrong(
      'a copy without a drill',
      'out-of-place',
      redactList(whole, (body) => body.type !== 'drill'),
    ),
    wrong('a deputy who is not on it', 'out-of-place', member({ deputies: [stranger] })),
    wrong(
      'a coordinator who is not on it',
      'out-of-place',
      signedWith((body) => (body.type === 'drill' ? { ...body, coordinators: [stranger] } : body)),
    ),
    wrong(
      'a name of nobody',
      'out-of-place',
      signedWith((body) => (body.type === 'name' ? { ...body, member: stranger } : body)),
    ),
    wrong('a member id that is not of the identity key', 'out-of-place', member({ member: stranger })),
    wrong(
      'another member’s certificate',
      'not-a-member',
      member({ identity: otherIdentity.publicKey, member: memberOf(otherIdentity.publicKey) }),
    ),
    wrong('another device’s prekey', 'out-of-place', member({ devices: [{ ...device, prekey: otherPrekey }] })),
    wrong('a device twice', 'out-of-place', member({ devices: [device, device] })),
    wrong('a device since a list to come', 'out-of-place', member({ devices: [{ ...device, since: 2 }] })),
    ...(['member', 'name', 'contact', 'relay', 'drill', 'rendezvous'] as const).map((type) =>
      wrong(`a ${type} twice`, 'out-of-place', twice(type)),
    ),
    wrong('cut short', 'malformed', listBytes.subarray(0, -1)),
    ...formerVectors(),
  ];
}

/** The head with the first leaf said to be of another kind: its tag stands three bytes before the hash. */
function relabelled(head: Bytes, leaves: readonly Bytes[]): Bytes {
  const [first] = leaves;
  if (first === undefined) throw new Error('a list has leaves');
  const at = hex(head).indexOf(hex(hashLeaf(first))) / 2 - 3;
  return head.map((byte, i) => (i === at ? 2 : byte));
}
