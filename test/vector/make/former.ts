/** What a muster list says of the lists before it. */
import { makeCertificate, makeDeviceKeys, readCertificate } from '../../../src/core/certificate.ts';
import { signAsCustodian } from '../../../src/core/custodian.ts';
import { readGenesis } from '../../../src/core/genesis.ts';
import { memberOf } from '../../../src/core/id.ts';
import { makeSignKey, type SignKey } from '../../../src/core/key.ts';
import { hashLeaf, type LeafBody, leaf, makeLeaf, type Role, roles } from '../../../src/core/leaf.ts';
import { joinList, makeHead, readList, redactList } from '../../../src/core/list.ts';
import { type Bytes, fromHex, hex } from '../../../src/wire/bytes.ts';
import { decode } from '../../../src/wire/cbor.ts';
import { foundMuster } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';
import type { Vector } from '../subject.ts';
import { bad, nowMs, ok, seed } from './scene.ts';

/** Of a second list: the first one also had two devices that this one has not, and its member had another role. */
export function formerVectors(): readonly Vector[] {
  const random = seeded(seed + 3);
  const { genesis, custodians, identities, leaves, selves } = foundMuster(random, { members: 1, relays: 1, nowMs });
  const [self] = selves;
  const [identity] = identities;
  if (self === undefined || identity === undefined) throw new Error('one person was founded');
  const gone = makeSignKey(random);
  const former = (owner: SignKey, role: Role, keys = makeDeviceKeys(random)) => ({
    type: 'former' as const,
    member: memberOf(owner.publicKey),
    identity: owner.publicKey,
    certificate: makeCertificate(owner, keys, 'old laptop', nowMs),
    role,
    since: 1,
    until: 2,
  });
  const [replaced, left] = [former(identity, 'commander'), former(gone, 'archivist')];
  const rest = leaves
    .map((bytes) => decode(leaf, bytes).body)
    .map((body) => (body.type === 'member' ? { ...body, role: 'officer' as const, held: 'commander' as const } : body));
  /** `last`: the last byte of the first leaf, for what no encoder would write. */
  const signed = (bodies: readonly LeafBody[], last?: number) => {
    const good = bodies.map((body) => makeLeaf(body, random));
    const made = good.map((bytes, i) => (i === 0 && last !== undefined ? bytes.with(bytes.length - 1, last) : bytes));
    const hashOf = ([first]: readonly Bytes[]) => hex(hashLeaf(first ?? new Uint8Array()));
    const proper = makeHead(genesis, { version: 2, issuedAtMs: nowMs, expiresAtMs: nowMs + 1 }, good);
    const head = fromHex(hex(proper).replace(hashOf(good), hashOf(made)));
    const signers = custodians.slice(0, 2);
    return joinList(
      head,
      signers.map((key) => signAsCustodian(readGenesis(genesis), key, 'list', head)),
      made,
    );
  };
  const whole = signed([...rest, replaced, left]);
  const list = readList(whole);
  const outside = redactList(
    whole,
    (body) => body.type !== 'name' && body.type !== 'contact' && body.type !== 'rendezvous',
  );
  const shown = {
    id: list.id,
    org: list.org,
    version: 2,
    signedBy: [0, 1],
    withheld: 3,
    members: [{ id: self.member, held: 'commander', devices: [{ id: self.device, since: 1 }] }],
    former: [replaced, left].map(({ member, identity: key, certificate, role, since, until }) => {
      const { id } = readCertificate(certificate, key);
      return { id, member, role, since, until };
    }),
    relays: list.relays.map((relay) => relay.id),
    drills: [],
  };
  const wrong = (why: string, expect: string, bytes: Bytes) => bad(why, expect, { list: hex(bytes) });
  const withLeaf = (changes: object) => signed([...rest, { ...replaced, ...changes }]);
  return [
    ok('list 2 with former devices, a copy for outsiders', { list: hex(outside) }, shown),
    wrong(
      'a copy without a former device',
      'out-of-place',
      redactList(whole, (body) => body.type !== 'former'),
    ),
    wrong('a role that was held and is the present one', 'malformed', signed(rest, roles.indexOf('officer'))),
    wrong('a role that was held and is below the present one', 'malformed', signed(rest, roles.indexOf('observer'))),
    wrong(
      'a former device that left in the list it came with',
      'malformed',
      signed([replaced, ...rest], replaced.since),
    ),
    wrong('a former device that leaves in a list to come', 'out-of-place', withLeaf({ until: 3 })),
    wrong(
      'a former device of a member id that is not of the identity key',
      'out-of-place',
      withLeaf({ member: left.member }),
    ),
    wrong(
      'a former device with another member’s certificate',
      'not-a-member',
      withLeaf({ certificate: left.certificate }),
    ),
    wrong('a former device twice', 'out-of-place', signed([...rest, replaced, replaced])),
    wrong(
      'a former device that is a present one',
      'out-of-place',
      signed([...rest, former(identity, 'commander', self.keys)]),
    ),
  ];
}
