/** Files that people carry: what a new device asks for, and what custodians hand out. */
import { joinAdmission } from '../../../src/core/admission.ts';
import { joinBundle } from '../../../src/core/bundle.ts';
import { makeCertificate } from '../../../src/core/certificate.ts';
import { signAsCustodian } from '../../../src/core/custodian.ts';
import { readGenesis } from '../../../src/core/genesis.ts';
import { encodeJoin } from '../../../src/core/join.ts';
import { admissionOf, readList, redactList } from '../../../src/core/list.ts';
import { hash } from '../../../src/core/verify.ts';
import { safetyWords } from '../../../src/core/words.ts';
import { type Bytes, concat, fromHex, hex } from '../../../src/wire/bytes.ts';
import { foundMuster, signList } from '../../kit/muster.ts';
import type { Vector } from '../subject.ts';
import { bad, flip, nowMs, ofSuite, ok, type Scene } from './scene.ts';

export function joinVectors(scene: Scene): readonly Vector[] {
  const { ada, bela, identity, otherIdentity } = scene;
  const prekeyOf = (self: typeof ada) => self.prekeys[0]?.record ?? new Uint8Array();
  const facts = {
    handle: 'ada',
    identity: identity.publicKey,
    certificate: makeCertificate(identity, ada.keys, 'laptop', nowMs),
    prekey: prekeyOf(ada),
  };
  const request = encodeJoin(facts);
  const digest = hash('join', request);
  const input = (bytes: Bytes) => ({ request: hex(bytes) });
  const wrong = (why: string, expect: string, changes: Partial<typeof facts>) =>
    bad(why, expect, input(encodeJoin({ ...facts, ...changes })));
  return [
    ok('of a laptop', input(request), {
      handle: 'ada',
      member: ada.member,
      device: ada.device,
      digest,
      words: safetyWords(digest),
    }),
    bad('suite 2', 'unknown-suite', input(ofSuite(request, 2))),
    wrong('with another identity than certified it', 'not-a-member', { identity: otherIdentity.publicKey }),
    wrong('with an altered certificate', 'bad-signature', { certificate: flip(facts.certificate, -1) }),
    wrong('with another device’s prekey', 'out-of-place', { prekey: prekeyOf(bela) }),
    wrong('with an altered prekey', 'bad-signature', { prekey: flip(facts.prekey, -1) }),
    bad(
      'with a handle of 61 bytes',
      'malformed',
      input(fromHex(hex(request).replace('0263616461', `02783d${'61'.repeat(61)}`))),
    ),
    bad('cut short', 'malformed', input(request.subarray(0, -1))),
    bad('a byte after the end', 'malformed', input(concat(request, new Uint8Array(1)))),
  ];
}

export function bundleVectors(scene: Scene): readonly Vector[] {
  // One member keeps the file readable.
  const { genesis, custodians, leaves, list, listBytes } = foundMuster(scene.random, { members: 1, relays: 1, nowMs });
  const root = readGenesis(genesis);
  const admit = (of: typeof list, keys = custodians.slice(0, 2), from = root) => {
    const body = admissionOf(of);
    return joinAdmission(
      body,
      keys.map((key) => signAsCustodian(from, key, 'admission', body)),
    );
  };
  const next = readList(signList(genesis, custodians.slice(0, 2), leaves, { version: 2 }));
  const other = scene.founded;
  const foreign = admit(other.list, other.custodians.slice(0, 2), readGenesis(other.genesis));
  const input = (of: Bytes, admission: Bytes, org: string = list.org) => ({
    bundle: hex(joinBundle(of, admission)),
    org,
  });
  const admission = admit(list);
  const whole = joinBundle(listBytes, admission);
  return [
    ok('of the first list', input(listBytes, admission), { list: list.id, org: list.org, version: 1 }),
    bad('of another organisation', 'wrong-organisation', input(listBytes, admission, other.list.org)),
    bad('with the admission list of another organisation', 'out-of-place', input(listBytes, foreign)),
    bad('with the admission list of another version', 'out-of-place', input(listBytes, admit(next))),
    bad(
      'with an admission list that too few signed',
      'threshold',
      input(listBytes, admit(list, custodians.slice(0, 1))),
    ),
    bad(
      'with a list that leaves out a member',
      'out-of-place',
      input(
        redactList(listBytes, ({ type }) => type !== 'member'),
        admission,
      ),
    ),
    bad('with an altered list', 'bad-signature', input(flip(listBytes, -1), admission)),
    bad('cut short', 'malformed', { bundle: hex(whole.subarray(0, -1)) }),
    bad('a byte after the end', 'malformed', { bundle: `${hex(whole)}00` }),
  ];
}
