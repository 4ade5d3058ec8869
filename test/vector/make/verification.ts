/** What two people read or show to each other. */

import { verificationWords } from '../../../src/core/verification.ts';
import { hash } from '../../../src/core/verify.ts';
import { type Bytes, hex } from '../../../src/wire/bytes.ts';
import { orgId } from '../../../src/wire/id.ts';
import type { Input, Vector } from '../subject.ts';
import { bad, ok, type Scene } from './scene.ts';

export function verificationVectors(scene: Scene): readonly Vector[] {
  const { identity, otherIdentity, stranger, random, founded } = scene;
  const { org } = founded.list;
  const otherOrg = orgId.of(random(32));
  const [ada, bela, eve] = [identity.publicKey, otherIdentity.publicKey, stranger.keys.sign.publicKey];
  const input = (one: Bytes, other: Bytes, changes: Input = {}): Input => ({
    org,
    one: hex(one),
    other: hex(other),
    ...changes,
  });
  const digestOf = (of: string, one: Bytes, other: Bytes) => {
    const [first = one, second = other] = hex(one) < hex(other) ? [one, other] : [other, one];
    return hash('verification', orgId.bytes(orgId.parse(of)), first, second);
  };
  const shown = (digest: Bytes) => ({
    digest,
    words: verificationWords(digest),
    code: `muster-verify:1:${hex(digest)}`,
  });
  const digest = digestOf(org, ada, bela);
  const code = `muster-verify:1:${hex(digest)}`;
  const scan = (name: string, scanned: string, fits: boolean) =>
    ok(name, input(ada, bela, { scanned }), { ...shown(digest), fits });
  const wrong = (why: string, scanned: string) => bad(why, 'invalid', input(ada, bela, { scanned }));
  return [
    ok('of two people', input(ada, bela), shown(digest)),
    ok('the same from the other side', input(bela, ada), shown(digest)),
    ok('with somebody else', input(ada, eve), shown(digestOf(org, ada, eve))),
    ok('in another organisation', input(ada, bela, { org: otherOrg }), shown(digestOf(otherOrg, ada, bela))),
    scan('the code of the other', code, true),
    scan('the code of the other, with a line end', `${code}\n`, true),
    scan('the code of somebody else', `muster-verify:1:${hex(digestOf(org, ada, eve))}`, false),
    wrong('a code of something else', 'https://example.org/'),
    wrong('a code of another version', code.replace(':1:', ':2:')),
    wrong('a code in capitals', code.toUpperCase()),
    wrong('a code that is cut', code.slice(0, -1)),
    wrong('nothing', ''),
  ];
}
