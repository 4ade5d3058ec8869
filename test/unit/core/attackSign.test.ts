/** Attacks on signatures: one made for something is put where another belongs, and keys are claimed that are not held. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { nodeChecker } from '../../../server/check.ts';
import {
  accessProof,
  checkAccessProof,
  encodeAdmission,
  joinAdmission,
  readAdmission,
} from '../../../src/core/admission.ts';
import { makeBeacon, readBeacon } from '../../../src/core/beacon.ts';
import { encodeBody } from '../../../src/core/body.ts';
import { type DeviceKeys, makeCertificate, makeDeviceKeys, readCertificate } from '../../../src/core/certificate.ts';
import { foundOrganisation, signAsCustodian } from '../../../src/core/custodian.ts';
import { makeEntry, readEntry } from '../../../src/core/entry.ts';
import { makeHave, makeWant, readHave, readWant } from '../../../src/core/envelope.ts';
import { acceptGrant, forgetBefore, type Grant, openEpoch } from '../../../src/core/epoch.ts';
import { orgOf, readGenesis, rootOf } from '../../../src/core/genesis.ts';
import { deviceOf, memberOf, roomId } from '../../../src/core/id.ts';
import { derive, makeSignKey, sign } from '../../../src/core/key.ts';
import { hashLabels, keyLabels, type SignLabel, signLabels, topicLabels } from '../../../src/core/label.ts';
import { type LeafBody, leaf, makeLeaf } from '../../../src/core/leaf.ts';
import { joinList, makeHead, readList } from '../../../src/core/list.ts';
import { makeNeed, readNeed } from '../../../src/core/need.ts';
import { makePrekey, readPrekey } from '../../../src/core/prekey.ts';
import { loadSodium, sodium } from '../../../src/core/sodium.ts';
import { hash, sodiumChecker, verify } from '../../../src/core/verify.ts';
import { type Bytes, concat, fromHex, hex, u32be, utf8 } from '../../../src/wire/bytes.ts';
import { decode } from '../../../src/wire/cbor.ts';
import { PeerFault } from '../../../src/wire/fault.ts';
import { accessKey, relayId } from '../../../src/wire/id.ts';
import { faultOf } from '../../kit/fault.ts';
import { castOfGrants, granted } from '../../kit/grant.ts';
import { foundMuster, signList } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);
afterEach(() => vi.restoreAllMocks());

const nowMs = 1_800_000_000_000;

/** Always the same: custodian, member and all keys of the device are one key, so that labels alone keep them apart. */
const one = (size: number) => new Uint8Array(size).fill(7);

/** Every structure that is signed, how it is read, and every signature in it by label. */
function everything() {
  const made = new Map<SignLabel, Bytes>();
  const real = sodium().crypto_sign_detached;
  const spy = vi.spyOn(sodium(), 'crypto_sign_detached').mockImplementation(((message: Bytes, key: Bytes) => {
    const signature = real(message, key);
    const label = Buffer.from(message).toString('latin1').split('\0')[0]?.split('/').at(-1);
    made.set(label as SignLabel, signature);
    return signature;
  }) as typeof real);
  const key = makeSignKey(one);
  const keys: DeviceKeys = { sign: key, access: key, evidence: key };
  const [device, member] = [deviceOf(key.publicKey), memberOf(key.publicKey)];
  const room = roomId.of(one(32));
  const keyOf = () => key.publicKey;
  const { genesis } = foundOrganisation('x', ['One'], 1, one);
  const root = readGenesis(genesis);
  const certificate = makeCertificate(key, keys, 'x', nowMs);
  const prekey = makePrekey(key, device, { seq: 0 }, { nowMs, forMs: 1 }, one);
  const devices = [{ certificate, prekey: prekey.record, since: 1 }];
  const body: LeafBody = {
    type: 'member',
    member,
    identity: key.publicKey,
    role: 'commander',
    unit: '',
    deputies: [],
    devices,
  };
  const leaves = [makeLeaf(body, one)];
  const head = makeHead(genesis, { version: 1, issuedAtMs: nowMs, expiresAtMs: nowMs }, leaves);
  const list = joinList(head, [signAsCustodian(root, key, 'list', head)], leaves);
  const admission = encodeAdmission({
    suite: 1,
    root: rootOf(genesis),
    version: 1,
    issuedAtMs: nowMs,
    access: [accessKey.of(key.publicKey)],
  });
  const proof = accessProof(one(32), relayId.of(one(32)), orgOf(genesis), 1);
  const entryFacts = { device, seq: 0, heads: [], timeMs: nowMs, control: [], salt: one(16) };
  const entry = makeEntry(key, room, { ...entryFacts, body: encodeBody({ type: 'text', text: 'x' }) });
  const roster = readList(list).devices;
  const facts = { room, control: [], listVersion: 1, roster, isKnown: () => true, rosterAt: () => roster };
  const epoch = forgetBefore(openEpoch(key, device, facts, nowMs, one), 1);
  const grant = granted(epoch, { key, device }, prekey.id);
  const take = (given: Grant) => acceptGrant(given, facts, prekey.id);
  const need = makeNeed(key, { device, room, tags: [], nonce: one(16), timeMs: nowMs });
  const have = makeHave(key, room, { device, timeMs: nowMs, spans: [], ask: false });
  const want = makeWant(key, room, { device, timeMs: nowMs, ranges: [], operations: [], nonce: one(16) });
  const run = { boot: one(16), ask: false, isWhole: true, marks: [] };
  const beacon = makeBeacon(key, room, { device, timeMs: nowMs, ...run });
  const access = sign(key, 'access', ...proof);
  if (have.type !== 'have' || want.type !== 'want' || beacon.type !== 'beacon') throw new Error('they were made');
  if (grant.signature === undefined) throw new Error('it was made');
  const admitted = joinAdmission(admission, [signAsCustodian(root, key, 'admission', admission)]);
  spy.mockRestore();
  const bare = (read: (signature: Bytes) => unknown, signature: Bytes) => [signature, read] as const;
  const structures: readonly (readonly [Bytes, (bytes: Bytes) => unknown])[] = [
    [certificate, (bytes) => readCertificate(bytes, key.publicKey)],
    [prekey.record, (bytes) => readPrekey(bytes, { id: device, signKey: key.publicKey })],
    [list, (bytes) => readList(bytes)],
    [admitted, (bytes) => readAdmission(bytes, sodiumChecker)],
    [admitted, (bytes) => readAdmission(bytes, nodeChecker)],
    [entry.bytes, (bytes) => readEntry(bytes, room, keyOf)],
    [grant.announcement, (announcement) => take({ ...grant, announcement })],
    bare((signature) => take({ ...grant, signature }), grant.signature),
    bare((signature) => readNeed({ ...need, signature }, keyOf), need.signature),
    bare((signature) => readHave({ ...have, signature }, room, keyOf), have.signature),
    bare((signature) => readWant({ ...want, signature }, room, keyOf), want.signature),
    bare((signature) => readBeacon({ ...beacon, signature }, room, keyOf), beacon.signature),
    bare((signature) => {
      if (!checkAccessProof(accessKey.of(key.publicKey), signature, proof, nodeChecker))
        throw new PeerFault('bad-signature', '');
    }, access),
  ];
  return { made, structures };
}

describe('protocol confusion', () => {
  it('a signature of one structure is refused in every other, though one key made both', () => {
    const { made, structures } = everything();
    expect([...made.keys()].sort()).toEqual([...signLabels].sort());
    const replaced = new Set<string>();
    for (const [bytes, read] of structures) {
      expect(faultOf(() => read(bytes))).toBe('none');
      for (const [own, signature] of made) {
        if (!hex(bytes).includes(hex(signature))) continue;
        for (const [other, foreign] of made) {
          if (other === own) continue;
          const confused = fromHex(hex(bytes).replaceAll(hex(signature), hex(foreign)));
          expect([own, other, faultOf(() => read(confused))]).toEqual([own, other, 'bad-signature']);
          replaced.add(`${own} ${other}`);
        }
      }
    }
    expect(replaced.size).toBe(signLabels.length * (signLabels.length - 1));
  });

  it('a signature under one label verifies under no other, and not over parts that are joined or split', () => {
    const key = makeSignKey(seeded(1));
    for (const label of signLabels) {
      const signature = sign(key, label, utf8('ab'), utf8('c'));
      const under = signLabels.filter((other) => verify(key.publicKey, signature, other, utf8('ab'), utf8('c')));
      expect(under).toEqual([label]);
      const framed = concat(utf8('ab'), u32be(1), utf8('c'));
      for (const parts of [[utf8('abc')], [utf8('a'), utf8('bc')], [framed], [utf8('c'), utf8('ab')]])
        expect(verify(key.publicKey, signature, label, ...parts)).toBe(false);
    }
  });

  it('hashes and derived keys of one use are none of another: a device id is no member id and no topic a key', () => {
    const hashed = hashLabels.map((label) => hex(hash(label, one(32))));
    const derived = [...keyLabels, ...topicLabels].map((label) => hex(derive(one(32), label, 32, one(32))));
    expect(new Set([...hashed, ...derived]).size).toBe(hashLabels.length + keyLabels.length + topicLabels.length);
  });
});

describe('key substitution', () => {
  const random = seeded(2);
  const identity = () => makeSignKey(random);

  it('nobody can have a key certified that they do not hold: each of the three has to sign', () => {
    const [mine, theirs] = [makeDeviceKeys(random), makeDeviceKeys(random)];
    const me = identity();
    const read = (keys: DeviceKeys, as = me) =>
      faultOf(() => readCertificate(makeCertificate(as, keys, 'x', nowMs), me.publicKey));
    expect(read(mine)).toBe('none');
    for (const which of ['sign', 'access', 'evidence'] as const) {
      const stolen = { ...mine[which], publicKey: theirs[which].publicKey };
      expect(read({ ...mine, [which]: stolen })).toBe('bad-signature');
    }
    expect(read(mine, { ...identity(), publicKey: me.publicKey })).toBe('bad-signature');
    expect(read(mine, identity())).toBe('not-a-member');
  });

  it('a key of small order, under which anything would verify, is certified for nobody', () => {
    const small = fromHex('01'.padEnd(64, '0'));
    const keys = makeDeviceKeys(random);
    const me = identity();
    const bytes = makeCertificate(me, { ...keys, access: { ...keys.access, publicKey: small } }, 'x', nowMs);
    // R the neutral element and S zero: without a look at the key it holds for every message.
    const trivial = hex(concat(small, new Uint8Array(32)));
    const body = bytes.subarray(4, 4 + (bytes[3] ?? 0));
    const forged = fromHex(hex(bytes).replace(hex(sign(keys.access, 'possession', body)), trivial));
    expect(hex(forged)).toContain(trivial);
    expect(faultOf(() => readCertificate(forged, me.publicKey))).toBe('bad-signature');
  });

  it('a device of one member is not taken for another’s, also where both certify it', () => {
    const founded = foundMuster(random, { members: 2 });
    const [ada, bela] = founded.selves;
    const [, other] = founded.identities;
    if (ada === undefined || bela === undefined || other === undefined) throw new Error('two were founded');
    const certificate = makeCertificate(other, ada.keys, 'x', nowMs);
    const prekey = ada.prekeys[0]?.record ?? one(1);
    const bodies = founded.leaves.map((bytes) => decode(leaf, bytes).body);
    const more = bodies.map((body) =>
      body.type === 'member' && body.member === bela.member
        ? { ...body, devices: [...body.devices, { certificate, prekey, since: 1 }] }
        : body,
    );
    const leaves = more.map((body) => makeLeaf(body, random));
    const read = (signers: number) =>
      faultOf(() => readList(signList(founded.genesis, founded.custodians.slice(0, signers), leaves)));
    expect(read(2)).toBe('out-of-place');
    // And who belongs is nobody’s word but that of enough custodians.
    expect([0, 1].map(read)).toEqual(['threshold', 'threshold']);
  });

  it('a grant for one room, epoch, prekey or secret is none for another', () => {
    const { facts, at, granter, to, epoch } = castOfGrants();
    const later = forgetBefore(epoch, 1);
    const given = granted(later, granter(0), to(1));
    const other = roomId.of(one(32));
    expect(faultOf(() => acceptGrant(given, facts, to(1)))).toBe('none');
    expect(faultOf(() => acceptGrant(given, { ...facts, room: other }, to(1)))).toBe('out-of-place');
    expect(faultOf(() => acceptGrant(given, facts, to(2)))).toBe('bad-signature');
    expect(faultOf(() => acceptGrant({ ...given, secret: one(32) }, facts, to(1)))).toBe('bad-signature');
    expect(faultOf(() => acceptGrant({ ...given, bucket: 2 }, facts, to(1)))).toBe('bad-signature');
    expect(faultOf(() => acceptGrant({ ...given, granter: at(1).device }, facts, to(1)))).toBe('bad-signature');
  });
});

describe('the proof for a relay', () => {
  it('is bound to nonce, relay, organisation and version, and made with a key that signs nothing else', () => {
    const keys = makeDeviceKeys(seeded(3));
    expect(new Set([keys.sign, keys.access, keys.evidence].map(({ publicKey }) => hex(publicKey))).size).toBe(3);
    const [org, foreign] = [orgOf(foundMuster(seeded(4)).genesis), orgOf(foundMuster(seeded(5)).genesis)];
    const [here, there] = [relayId.of(one(32)), relayId.of(new Uint8Array(32))];
    const proof = accessProof(one(32), here, org, 1);
    const check = (...parts: Parameters<typeof accessProof>) =>
      checkAccessProof(
        accessKey.of(keys.access.publicKey),
        sign(keys.access, 'access', ...proof),
        accessProof(...parts),
        nodeChecker,
      );
    expect(check(one(32), here, org, 1)).toBe(true);
    expect(check(new Uint8Array(32), here, org, 1)).toBe(false);
    expect(check(one(32), there, org, 1)).toBe(false);
    expect(check(one(32), here, foreign, 1)).toBe(false);
    expect(check(one(32), here, org, 2)).toBe(false);
    const signed = sign(keys.sign, 'access', ...proof);
    expect(checkAccessProof(accessKey.of(keys.access.publicKey), signed, proof, nodeChecker)).toBe(false);
  });
});
