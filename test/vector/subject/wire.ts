/** Readings of what devices and relays say to each other, and of the encoding under everything. */
import { open } from '../../../src/core/aead.ts';
import { pad, unpad } from '../../../src/core/padding.ts';
import * as cbor from '../../../src/wire/cbor.ts';
import { decodeClientFrame, decodeRelayFrame, encodeClientFrame, encodeRelayFrame } from '../../../src/wire/frame.ts';
import { orgId } from '../../../src/wire/id.ts';
import { bytes, type Input, same, text } from './input.ts';

/** Shapes that between them use every combinator. */
export const shapes = {
  uint: cbor.uint(),
  'uint to 100': cbor.uint(100),
  int: cbor.int,
  bool: cbor.bool,
  'bytes to 64': cbor.rawBytes({ max: 64 }),
  'bytes of 4': cbor.rawBytes({ size: 4 }),
  'text to 16': cbor.text(16),
  'list to 4 of uint': cbor.list(cbor.uint(), 4),
  'set to 4 of org ids': cbor.ascending(orgId, 4),
  'map 1 uint, 2 text?, 24 bool': cbor.record({
    a: cbor.field(1, cbor.uint()),
    b: cbor.maybe(2, cbor.text(8)),
    c: cbor.field(24, cbor.bool),
  }),
  'one of a, b': cbor.oneOf('a', 'b'),
  'pair of uint, bool': cbor.tuple(cbor.uint(), cbor.bool),
  'union 1 {1 uint}, 9 {}': cbor.variant({
    one: [1, cbor.record({ n: cbor.field(1, cbor.uint()) })],
    nine: [9, cbor.record({})],
  }),
} satisfies Record<string, cbor.Codec<never> | cbor.Codec<unknown>>;
export type ShapeName = keyof typeof shapes;
const isShape = (name: string): name is ShapeName => Object.hasOwn(shapes, name);

export const wireSubjects = {
  cbor(input: Input) {
    const name = text(input, 'shape');
    if (!isShape(name)) throw new Error(`there is no shape ${name}`);
    const shape: cbor.Codec<unknown> = shapes[name] as cbor.Codec<unknown>;
    const value = cbor.decode(shape, bytes(input, 'bytes'));
    same(cbor.encode(shape, value), bytes(input, 'bytes'));
    return value;
  },
  frame(input: Input) {
    const given = bytes(input, 'bytes');
    if (text(input, 'from') === 'device') {
      const frame = decodeClientFrame(given);
      same(encodeClientFrame(frame), given);
      return frame;
    }
    const frame = decodeRelayFrame(given);
    same(encodeRelayFrame(frame), given);
    return frame;
  },
  aead: (input: Input) => open(bytes(input, 'key'), bytes(input, 'aad'), bytes(input, 'sealed')),
  padding(input: Input) {
    const data = unpad(bytes(input, 'padded'));
    same(pad(data), bytes(input, 'padded'));
    return data;
  },
};
