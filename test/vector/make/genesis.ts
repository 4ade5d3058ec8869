/** The root of an organisation. */
import { readGenesis } from '../../../src/core/genesis.ts';
import { type Bytes, hex, utf8 } from '../../../src/wire/bytes.ts';
import { type Codec, encode, field, record, uint } from '../../../src/wire/cbor.ts';
import type { Vector } from '../subject.ts';
import { any, bad, ok, type Scene } from './scene.ts';

export function genesisVectors(scene: Scene): readonly Vector[] {
  const { genesis } = scene.founded;
  const root = readGenesis(genesis);
  const again = (changes: object): Bytes => {
    const shape = record({
      suite: field(1, uint()),
      name: field(2, textShape),
      threshold: field(3, uint()),
      custodians: field(4, custodianShape),
      salt: field(5, any),
    });
    return encode(shape, { ...root, ...changes } as never);
  };
  const wrong = (why: string, expect: string, bytes: Bytes) => bad(why, expect, { genesis: hex(bytes) });
  const [first, second] = root.custodians;
  return [
    ok(
      'two of three',
      { genesis: hex(genesis) },
      { org: scene.founded.list.org, name: root.name, threshold: 2, custodians: root.custodians },
    ),
    wrong('suite 2', 'unknown-suite', again({ suite: 2 })),
    wrong('a threshold of none', 'malformed', again({ threshold: 0 })),
    wrong('a threshold beyond the custodians', 'malformed', again({ threshold: 4 })),
    wrong('one key in two places', 'malformed', again({ custodians: [first, { ...second, key: first?.key }] })),
    wrong('a salt of 31 bytes', 'malformed', again({ salt: root.salt.subarray(1) })),
    wrong('cut short', 'malformed', genesis.subarray(0, -1)),
  ];
}
const textShape = {
  read: () => '',
  write: (writer: Parameters<Codec<string>['write']>[0], value: string) => writeText(writer, value),
} satisfies Codec<string>;
function writeText(writer: Parameters<Codec<string>['write']>[0], value: string): void {
  const bytes = utf8(value);
  writer.head(3, bytes.length);
  writer.raw(bytes);
}
const custodianShape: Codec<readonly { readonly name: string; readonly key: Bytes }[]> = {
  read: () => [],
  write(writer, value) {
    writer.head(4, value.length);
    for (const each of value) record({ name: field(1, textShape), key: field(2, any) }).write(writer, each);
  },
};
