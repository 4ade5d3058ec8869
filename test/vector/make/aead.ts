/** The one cipher, and the padding of what goes into it. */
import { seal } from '../../../src/core/aead.ts';
import { pad } from '../../../src/core/padding.ts';
import { type Bytes, concat, hex, u32be, utf8 } from '../../../src/wire/bytes.ts';
import type { Input, Vector } from '../subject.ts';
import { bad, flip, ok, type Scene } from './scene.ts';

export function aeadVectors(scene: Scene): readonly Vector[] {
  const { random } = scene;
  const key = random(32);
  const aad = utf8('header');
  const sealed = seal(key, aad, utf8('mail is down'), random);
  const empty = seal(key, new Uint8Array(), new Uint8Array(), random);
  const input = (changes: Readonly<Record<string, Bytes>> = {}): Input => ({
    key: hex(key),
    aad: hex(aad),
    sealed: hex(sealed),
    ...mapHex(changes),
  });
  return [
    ok('a short text', input(), utf8('mail is down')),
    ok('nothing', input({ aad: new Uint8Array(), sealed: empty }), new Uint8Array()),
    bad('another key', 'bad-commitment', input({ key: flip(key, 0) })),
    bad('another header', 'bad-commitment', input({ aad: utf8('Header') })),
    bad('an altered nonce', 'bad-commitment', input({ sealed: flip(sealed, 0) })),
    bad('an altered commitment', 'bad-commitment', input({ sealed: flip(sealed, 24) })),
    bad('an altered text', 'bad-ciphertext', input({ sealed: flip(sealed, 56) })),
    bad('an altered tag', 'bad-ciphertext', input({ sealed: flip(sealed, -1) })),
    bad('a tag cut off', 'bad-ciphertext', input({ sealed: sealed.subarray(0, -1) })),
    bad('71 bytes', 'malformed', input({ sealed: sealed.subarray(0, 71) })),
  ];
}

const mapHex = (values: Readonly<Record<string, Bytes>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, bytes]) => [name, hex(bytes)]));

export function paddingVectors(): readonly Vector[] {
  const good = (size: number) => {
    const data = new Uint8Array(size).fill(0xaa);
    return ok(`${size} bytes in ${pad(data).length}`, { padded: hex(pad(data)) }, data);
  };
  const wrong = (why: string, padded: Bytes) => bad(why, 'bad-padding', { padded: hex(padded) });
  const one = pad(new Uint8Array([7]));
  return [
    ...[0, 1, 252, 253, 300, 509].map(good),
    wrong('nothing at all', new Uint8Array()),
    wrong('255 bytes', one.subarray(0, 255)),
    wrong('257 bytes', concat(one, new Uint8Array(1))),
    wrong('a length beyond the end', concat(u32be(253), new Uint8Array(252))),
    wrong('a length of 2^32 - 1', concat(u32be(0xffffffff), new Uint8Array(252))),
    wrong('a byte that is not zero', flip(one, -1)),
    wrong('more room than the length takes', concat(u32be(1), new Uint8Array(268))),
  ];
}
