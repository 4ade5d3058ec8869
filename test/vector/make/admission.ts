/** What a relay may know of an organisation. */
import { encodeAdmission, joinAdmission } from '../../../src/core/admission.ts';
import { signAsCustodian } from '../../../src/core/custodian.ts';
import { readGenesis, rootOf } from '../../../src/core/genesis.ts';
import type { SignKey } from '../../../src/core/key.ts';
import { admissionOf } from '../../../src/core/list.ts';
import { type Bytes, concat, hex } from '../../../src/wire/bytes.ts';
import type { Vector } from '../subject.ts';
import { bad, flip, nowMs, ofSuite, ok, type Scene } from './scene.ts';

export function admissionVectors(scene: Scene): readonly Vector[] {
  const { list, genesis, custodians } = scene.founded;
  const root = readGenesis(genesis);
  const body = admissionOf(list);
  const join = (bytes: Bytes, keys: readonly SignKey[], label: 'list' | 'admission' = 'admission') =>
    joinAdmission(
      bytes,
      keys.map((key) => signAsCustodian(root, key, label, bytes)),
    );
  const [one, two] = [custodians.slice(0, 1), custodians.slice(0, 2)];
  const access = [...list.devices.values()].map((device) => device.access).sort();
  const good = join(body, two);
  const quota = encodeAdmission({
    suite: 1,
    root: rootOf(genesis),
    version: 2,
    issuedAtMs: nowMs,
    access: [],
    quotaBytes: 1_000_000,
  });
  // The access list is the last field: its first key moved behind its second is out of order.
  const swapped = concat(body.subarray(0, -68), body.subarray(-34), body.subarray(-68, -34));
  const wrong = (why: string, expect: string, bytes: Bytes) => bad(why, expect, { admission: hex(bytes) });
  return [
    ok('two devices', { admission: hex(good) }, { org: list.org, version: 1, access }),
    ok('nobody, with a quota', { admission: hex(join(quota, two)) }, { org: list.org, version: 2, access: [] }),
    wrong('signed by one of the two that are needed', 'threshold', join(body, one)),
    wrong('signed as a muster list', 'bad-signature', join(body, two, 'list')),
    wrong(
      'signed twice by the same',
      'bad-signature',
      join(
        body,
        one.flatMap((key) => [key, key]),
      ),
    ),
    wrong(
      'altered',
      'bad-signature',
      joinAdmission(
        flip(body, -1),
        two.map((key) => signAsCustodian(root, key, 'admission', body)),
      ),
    ),
    wrong('suite 2', 'unknown-suite', join(ofSuite(body, 2), two)),
    wrong('keys out of order', 'malformed', join(swapped, two)),
    wrong('cut short', 'malformed', good.subarray(0, -1)),
  ];
}
