/** Entries, whole and without their content. */
import { encodeBody } from '../../../src/core/body.ts';
import { type EntryFacts, makeEntry, maxControlHeads, maxHeads, stripEntry } from '../../../src/core/entry.ts';
import { type EntryId, entryId, type RoomId, roomId } from '../../../src/core/id.ts';
import { type Random, type SignKey, sign } from '../../../src/core/key.ts';
import type { SignLabel } from '../../../src/core/label.ts';
import { hash } from '../../../src/core/verify.ts';
import { type Bytes, concat, hex } from '../../../src/wire/bytes.ts';
import { type Coded, decode, encode, field, list, maybe, record, uint } from '../../../src/wire/cbor.ts';
import { saidBy } from '../subject/room.ts';
import type { Input, Vector } from '../subject.ts';
import { any, bad, changed, flip, nowMs, ofSuite, ok, runs, type Scene } from './scene.ts';

const wide = record({
  header: field(1, any),
  signature: field(2, any),
  salt: maybe(3, any),
  body: maybe(4, any),
  content: maybe(5, any),
});
type Wide = Coded<typeof wide>;
const headerShape = record({
  suite: field(1, uint()),
  device: field(2, any),
  seq: field(3, uint()),
  previous: maybe(4, any),
  heads: field(5, list(any, 100)),
  time: maybe(6, uint()),
  control: field(7, list(any, 100)),
  more: maybe(8, uint()),
});

/** A text of Ada's at this place of her feed. */
export const textBy = (
  { ada }: Pick<Scene, 'ada'>,
  random: Random,
  facts: Partial<EntryFacts> & { readonly said: string; readonly room: RoomId },
) => {
  const { said, room, ...rest } = facts;
  const body = encodeBody({ type: 'text', text: said });
  const common = { device: ada.device, seq: 0, heads: [], timeMs: nowMs, control: [], body, salt: random(16) };
  return makeEntry(ada.keys.sign, room, { ...common, ...rest });
};

export function makeEntries(scene: Scene, random: Random = scene.random) {
  const room = scene.room.id;
  const first = textBy(scene, random, { said: 'mail is down', room });
  const heads = [entryId.of(new Uint8Array(32).fill(5))];
  const next = { said: 'and so is the directory', room, seq: 1, previous: first.id };
  return { first, second: textBy(scene, random, { ...next, heads }) };
}

const idsOf = (count: number): readonly EntryId[] =>
  Array.from({ length: count }, (_, i) => entryId.of(new Uint8Array(32).fill(i + 1)));

export function entryVectors(scene: Scene): readonly Vector[] {
  const { ada, bela, room, otherRoom, random } = scene;
  const { first, second } = makeEntries(scene);
  const full = { heads: idsOf(maxHeads), control: idsOf(maxControlHeads) };
  const crowded = textBy(scene, random, { said: 'everyone acts', room: room.id, ...full });
  const large = textBy(scene, random, { said: '', room: room.id, body: new Uint8Array(48 * 1024) });
  const parts = decode(wide, first.bytes);
  const { header, signature } = parts;
  const [salt, body] = [first.salt, first.body];
  const content = hash('content', salt, body);
  const bare = stripEntry(first.bytes);
  const input = (bytes: Bytes, changes: Input = {}): Input => ({
    entry: hex(bytes),
    as: 'entry',
    room: room.id,
    roster: scene.roster,
    ...changes,
  });
  const asSkeleton = (bytes: Bytes, changes: Input = {}) => input(bytes, { as: 'skeleton', ...changes });
  const shown = (entry: typeof first) => ({ ...saidBy(entry, entry), skeleton: stripEntry(entry.bytes) });
  const shownBare = { ...saidBy(first), skeleton: bare };
  const over = (headerBytes: Bytes, contentBytes: Bytes, label: SignLabel = 'entry', key: SignKey = ada.keys.sign) =>
    sign(key, label, roomId.bytes(room.id), headerBytes, contentBytes);
  const signedBy = (headerBytes: Bytes, label: SignLabel = 'entry', key: SignKey = ada.keys.sign) =>
    encode(wide, { header: headerBytes, signature: over(headerBytes, content, label, key), salt, body });
  const wrongHeader = (why: string, changes: Partial<Coded<typeof headerShape>>, of: Bytes = header) =>
    bad(why, 'malformed', input(signedBy(changed(headerShape, of, changes))));
  const wrongForm = (why: string, bytes: Partial<Wide>, expect = 'malformed') =>
    bad(why, expect, asSkeleton(encode(wide, { header, signature, ...bytes })));
  const [one = new Uint8Array(), two = new Uint8Array()] = idsOf(2).map(entryId.bytes);
  const many = (count: number) => idsOf(count).map(entryId.bytes);
  const { previous: _, ...unlinked } = decode(headerShape, decode(wide, second.bytes).header);
  const grown = concat(large.bytes.subarray(0, -48 * 1024), new Uint8Array(48 * 1024));
  if (hex(grown) !== hex(large.bytes)) throw new Error('the body is not what an entry ends in');
  return [
    ok('the first of a feed', input(first.bytes), shown(first)),
    ok('the second, naming the first and a head', input(second.bytes), shown(second)),
    ok('with 8 heads and 64 operations', input(crowded.bytes), shown(crowded)),
    ok(
      'a body of 49,152 bytes',
      input(large.bytes, { entry: runs([large.bytes.subarray(0, -49_152), 1], ['00', 49_152]) }),
      {
        id: large.id,
      },
    ),
    ok('the first, without what it says', asSkeleton(bare), shownBare),
    ok('the first with what it says, read for its header alone', asSkeleton(first.bytes), shownBare),
    bad('suite 2', 'unknown-suite', input(signedBy(ofSuite(header, 2)))),
    bad('by a device outside the room', 'not-a-member', input(first.bytes, { roster: scene.roster.slice(1) })),
    bad('moved to another room', 'bad-signature', input(first.bytes, { room: otherRoom.id })),
    bad('signed by another device of the room', 'bad-signature', input(signedBy(header, 'entry', bela.keys.sign))),
    bad('signed under another label', 'bad-signature', input(signedBy(header, 'have'))),
    bad('an altered text', 'bad-signature', input(flip(first.bytes, -1))),
    bad('another salt', 'bad-signature', input(encode(wide, { ...parts, salt: flip(salt, 0) }))),
    bad(
      'an altered time',
      'bad-signature',
      input(encode(wide, { ...parts, header: changed(headerShape, header, { time: 1 }) })),
    ),
    bad(
      'the content of another entry',
      'bad-signature',
      input(encode(wide, { ...parts, salt: second.salt, body: second.body })),
    ),
    wrongForm('signed over another content', { signature: over(header, flip(content, 0)), content }, 'bad-signature'),
    wrongForm(
      'signed over its header alone',
      { signature: sign(ada.keys.sign, 'entry', roomId.bytes(room.id), header), content },
      'bad-signature',
    ),
    wrongForm(
      'signed over the body in place of the content',
      { signature: over(header, body), salt, body },
      'bad-signature',
    ),
    wrongForm('without its content, and the hash altered', { content: flip(content, 0) }, 'bad-signature'),
    bad('without its content, where an entry is due', 'malformed', input(bare)),
    bad('without its content, moved to another room', 'bad-signature', asSkeleton(bare, { room: otherRoom.id })),
    bad('without its content, by a device outside the room', 'not-a-member', asSkeleton(bare, { roster: [] })),
    wrongForm('a body without a salt', { body }),
    wrongForm('a salt without a body', { salt }),
    wrongForm('a salt beside the hash of the content', { salt, content }),
    wrongForm('a body beside the hash of the content', { body, content }),
    wrongForm('everything at once', { salt, body, content }),
    wrongForm('neither content nor the hash of it', {}),
    wrongForm('a salt of 15 bytes', { salt: salt.subarray(1), body }),
    wrongForm('a hash of 31 bytes', { content: content.subarray(1) }),
    wrongForm('a signature of 63 bytes', { signature: signature.subarray(1), salt, body }),
    bad(
      'a body of 49,153 bytes',
      'malformed',
      input(first.bytes, {
        entry: runs(
          [encode(wide, { header, signature, salt, body: new Uint8Array(49_153) }).subarray(0, -49_153), 1],
          ['00', 49_153],
        ),
      }),
    ),
    wrongHeader('position 0 with a predecessor', { previous: one }),
    bad('position 1 without a predecessor', 'malformed', input(signedBy(encode(headerShape, unlinked)))),
    wrongHeader('a position of 2^32', { seq: 2 ** 32 }, decode(wide, second.bytes).header),
    wrongHeader('9 heads', { heads: many(9) }),
    wrongHeader('65 operations', { control: many(65) }),
    wrongHeader('heads out of order', { heads: [two, one] }),
    wrongHeader('a head twice', { heads: [one, one] }),
    wrongHeader('operations out of order', { control: [two, one] }),
    wrongHeader('a head of 31 bytes', { heads: [one.subarray(1)] }),
    wrongHeader('a device of 33 bytes', { device: new Uint8Array(33) }),
    wrongHeader('a field that is not known', { more: 1 }),
    bad(
      'without a time',
      'malformed',
      input(signedBy(encode(headerShape, { ...decode(headerShape, header), time: undefined } as never))),
    ),
    bad('a byte after the header', 'malformed', input(signedBy(concat(header, new Uint8Array(1))))),
    bad('a byte after the end', 'malformed', input(concat(first.bytes, new Uint8Array(1)))),
  ];
}
