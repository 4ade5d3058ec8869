/** Devices that earlier lists had: what they signed verifies under the newest list alone, and that is all they can do. */
import { beforeAll, describe, expect, it } from 'vitest';
import { joinAdmission, readAdmission } from '../../../src/core/admission.ts';
import { makeCertificate, makeDeviceKeys } from '../../../src/core/certificate.ts';
import { emptyControl } from '../../../src/core/control.ts';
import { signAsCustodian } from '../../../src/core/custodian.ts';
import { refsOf } from '../../../src/core/drillLog.ts';
import { makeEntry, readEntry } from '../../../src/core/entry.ts';
import { deviceOf, memberOf } from '../../../src/core/id.ts';
import { makeSignKey } from '../../../src/core/key.ts';
import { type LeafBody, makeLeaf } from '../../../src/core/leaf.ts';
import { admissionOf, mayWithhold, readList, redactList } from '../../../src/core/list.ts';
import { Membership } from '../../../src/core/membership.ts';
import { orgRoom } from '../../../src/core/room.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { sodiumChecker } from '../../../src/core/verify.ts';
import { foundMuster, signList } from '../../kit/muster.ts';
import { seeded } from '../../kit/random.ts';

beforeAll(loadSodium);

function listWithFormer() {
  const random = seeded(3);
  const founded = foundMuster(random, { members: 2 });
  const { genesis, custodians, leaves } = founded;
  const identity = makeSignKey(random);
  const keys = makeDeviceKeys(random);
  const certificate = makeCertificate(identity, keys, 'old laptop', 1);
  const body: LeafBody = {
    type: 'former',
    member: memberOf(identity.publicKey),
    identity: identity.publicKey,
    certificate,
    role: 'officer',
    since: 2,
    until: 5,
  };
  const bytes = signList(genesis, custodians, [...leaves, makeLeaf(body, random)], { version: 7 });
  return { ...founded, random, bytes, keys, device: deviceOf(keys.sign.publicKey), body };
}

describe('a former device', () => {
  it('is read with all that a later list needs to carry it on', () => {
    const { bytes, device, body } = listWithFormer();
    const { type: _, ...facts } = body;
    expect([...readList(bytes).former.keys()]).toEqual([device]);
    expect(readList(bytes).former.get(device)).toMatchObject({ ...facts, id: device, name: 'old laptop' });
  });

  it('is in no roster, admitted to no relay and not numbered', () => {
    const { bytes, device, keys, custodians, list: before } = listWithFormer();
    const list = readList(bytes);
    expect(list.devices.has(device)).toBe(false);
    expect([...new Membership(orgRoom(list), list, emptyControl).roster.keys()]).toEqual([...list.devices.keys()]);
    expect(refsOf(list)).toEqual(refsOf(before));
    const body = admissionOf(list);
    const signatures = custodians.map((key) => signAsCustodian(list.genesis, key, 'admission', body));
    const { access } = readAdmission(joinAdmission(body, signatures), sodiumChecker).admission;
    expect(access).toEqual([...list.devices.values()].map((each) => each.access).sort());
    expect(access).not.toContain(Buffer.from(keys.access.publicKey).toString('hex'));
  });

  it('signed what still verifies for who holds this list alone', () => {
    const { bytes, keys, device, random } = listWithFormer();
    const list = readList(bytes);
    const room = orgRoom(list).id;
    const body = new Uint8Array([1]);
    const facts = { device, seq: 0, heads: [], timeMs: 1, control: [], salt: random(16), body };
    const entry = makeEntry(keys.sign, room, facts);
    const author = (id: typeof device) => list.former.get(id)?.signKey;
    expect(readEntry(entry.bytes, room, author).id).toBe(entry.id);
    expect(() => readEntry(entry.bytes, room, (id) => list.devices.get(id)?.signKey)).toThrow(
      expect.objectContaining({ code: 'not-a-member' }),
    );
  });
});

describe('a copy of a list', () => {
  it('keeps former devices when everything is left out that may be', () => {
    const { bytes } = listWithFormer();
    const copy = readList(redactList(bytes, (body) => !mayWithhold(body)));
    expect(copy.withheld).toBe(5);
    expect(copy.former).toEqual(readList(bytes).former);
  });

  it('is refused without one of them', () => {
    const { bytes } = listWithFormer();
    expect(() => readList(redactList(bytes, (body) => body.type !== 'former'))).toThrow(
      expect.objectContaining({ side: 'peer', code: 'out-of-place' }),
    );
  });
});
