/** The encoding itself: every form that is allowed, and every other form of the same value. */

import { hex } from '../../../src/wire/bytes.ts';
import { type Codec, encode } from '../../../src/wire/cbor.ts';
import { orgId } from '../../../src/wire/id.ts';
import type { ShapeName } from '../subject/wire.ts';
import { shapes, type Vector } from '../subject.ts';
import { bad, ok } from './scene.ts';

export function cborVectors(): readonly Vector[] {
  const good = <N extends ShapeName>(shape: N, bytes: string, value: unknown) => {
    const made = hex(encode(shapes[shape] as Codec<unknown>, value));
    if (made !== bytes.replaceAll(' ', '')) throw new Error(`${shape} gives ${made}`);
    return ok(`${shape}: ${bytes}`, { shape, bytes: made }, value);
  };
  const wrong = (why: string, shape: ShapeName, bytes: string) =>
    bad(why, 'malformed', { shape, bytes: bytes.replaceAll(' ', '') });
  const id = (first: string) => `5820 ${first}${'00'.repeat(31)}`;
  return [
    good('uint', '00', 0),
    good('uint', '17', 23),
    good('uint', '18 18', 24),
    good('uint', '18 ff', 255),
    good('uint', '19 0100', 256),
    good('uint', '19 ffff', 65_535),
    good('uint', '1a 00010000', 65_536),
    good('uint', '1a ffffffff', 4_294_967_295),
    good('uint', '1b 0000000100000000', 4_294_967_296),
    good('uint', '1b 001fffffffffffff', Number.MAX_SAFE_INTEGER),
    good('int', '20', -1),
    good('int', '38 63', -100),
    good('int', '3b 001ffffffffffffe', Number.MIN_SAFE_INTEGER),
    good('bool', 'f5', true),
    good('bytes to 64', '40', new Uint8Array()),
    good('bytes of 4', '44 01020304', new Uint8Array([1, 2, 3, 4])),
    good('text to 16', '62 c3bc', 'ü'),
    good('list to 4 of uint', '83 01 02 03', [1, 2, 3]),
    good(
      'set to 4 of org ids',
      `82 ${id('01')} ${id('02')}`,
      ['01', '02'].map((first) => orgId.parse(first + '00'.repeat(31))),
    ),
    good('map 1 uint, 2 text?, 24 bool', 'a2 01 05 1818 f4', { a: 5, c: false }),
    good('map 1 uint, 2 text?, 24 bool', 'a3 01 05 02 6161 1818 f4', { a: 5, b: 'a', c: false }),
    good('one of a, b', '01', 'b'),
    good('pair of uint, bool', '82 07 f4', [7, false]),
    good('union 1 {1 uint}, 9 {}', '82 01 a1 01 02', { type: 'one', n: 2 }),
    good('union 1 {1 uint}, 9 {}', '82 09 a0', { type: 'nine' }),
    wrong('nothing at all', 'uint', ''),
    wrong('23 in two bytes', 'uint', '18 17'),
    wrong('255 in three bytes', 'uint', '19 00ff'),
    wrong('65,535 in five bytes', 'uint', '1a 0000ffff'),
    wrong('2^32 - 1 in nine bytes', 'uint', '1b 00000000ffffffff'),
    wrong('2^53', 'uint', '1b 0020000000000000'),
    wrong('2^64 - 1', 'uint', '1b ffffffffffffffff'),
    wrong('-2^53', 'int', '3b 001fffffffffffff'),
    wrong('101 where 100 is the most', 'uint to 100', '18 65'),
    wrong('a reserved length', 'uint', '1c'),
    wrong('an indefinite length', 'bytes to 64', '5f 41 00 ff'),
    wrong('an indefinite list', 'list to 4 of uint', '9f 01 ff'),
    wrong('an indefinite map', 'map 1 uint, 2 text?, 24 bool', 'bf 01 05 1818 f4 ff'),
    wrong('a byte after the end', 'uint', '00 00'),
    wrong('an argument that ends early', 'uint', '19 01'),
    wrong('a byte string that ends early', 'bytes to 64', '44 010203'),
    wrong('a length of 2^40 bytes that are not there', 'bytes to 64', '5b 0000010000000000'),
    wrong('3 bytes where 4 are due', 'bytes of 4', '43 010203'),
    wrong('a text where bytes are due', 'bytes of 4', '64 61616161'),
    wrong('null', 'bool', 'f6'),
    wrong('undefined', 'bool', 'f7'),
    wrong('a half float', 'uint', 'f9 3c00'),
    wrong('a double', 'uint', 'fb 3ff0000000000000'),
    wrong('a tag', 'uint', 'c1 00'),
    wrong('true in two bytes', 'bool', 'f8 15'),
    wrong('UTF-8 cut in a character', 'text to 16', '61 c3'),
    wrong('UTF-8 in an overlong form', 'text to 16', '62 c081'),
    wrong('a surrogate in UTF-8', 'text to 16', '63 eda080'),
    wrong('a text that is too long', 'text to 16', `71 ${'61'.repeat(17)}`),
    wrong('five items where four are the most', 'list to 4 of uint', '85 0102030405'),
    wrong('a set out of order', 'set to 4 of org ids', `82 ${id('02')} ${id('01')}`),
    wrong('a set with a member twice', 'set to 4 of org ids', `82 ${id('01')} ${id('01')}`),
    wrong('a map without a field it needs', 'map 1 uint, 2 text?, 24 bool', 'a1 01 05'),
    wrong('a map with a key twice', 'map 1 uint, 2 text?, 24 bool', 'a3 01 05 01 05 1818 f4'),
    wrong('a map out of order', 'map 1 uint, 2 text?, 24 bool', 'a3 02 6161 01 05 1818 f4'),
    wrong('a map with an unknown key', 'map 1 uint, 2 text?, 24 bool', 'a3 01 05 1818 f4 1819 00'),
    wrong('a map with a text key', 'map 1 uint, 2 text?, 24 bool', 'a2 6161 05 1818 f4'),
    wrong('a map that says fewer fields than it has', 'map 1 uint, 2 text?, 24 bool', 'a1 01 05 1818 f4'),
    wrong('a map with a key that is not in its shortest form', 'map 1 uint, 2 text?, 24 bool', 'a2 1801 05 1818 f4'),
    wrong('an unknown choice', 'one of a, b', '02'),
    wrong('an array of three where two are due', 'pair of uint, bool', '83 07 f4 00'),
    wrong('an unknown tag of a union', 'union 1 {1 uint}, 9 {}', '82 02 a1 01 02'),
    wrong('a union of three', 'union 1 {1 uint}, 9 {}', '83 09 a0 00'),
  ];
}
