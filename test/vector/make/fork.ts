/** Proofs that a device contradicted itself. */
import { stripEntry } from '../../../src/core/entry.ts';
import { proveFork } from '../../../src/core/fork.ts';
import { roomId } from '../../../src/core/id.ts';
import { sign } from '../../../src/core/key.ts';
import { type Bytes, hex } from '../../../src/wire/bytes.ts';
import { decode, encode, field, record } from '../../../src/wire/cbor.ts';
import type { Input, Vector } from '../subject.ts';
import { textBy } from './entry.ts';
import { any, bad, changed, flip, ofSuite, ok, type Scene } from './scene.ts';

const proofShape = record({ first: field(1, any), second: field(2, any) });
const bareShape = record({ header: field(1, any), signature: field(2, any), content: field(5, any) });

export function forkVectors(scene: Scene): readonly Vector[] {
  const { ada, bela, room, otherRoom, random, roster } = scene;
  const keyOf = (device: string) => (device === ada.device ? ada.keys.sign.publicKey : undefined);
  const say = (said: string, facts: Partial<Parameters<typeof textBy>[2]> = {}) =>
    textBy(scene, random, { said, room: room.id, ...facts });
  const first = say('first');
  const next = say('next', { seq: 1, previous: first.id });
  const third = say('third', { seq: 2, previous: next.id });
  // Which of two for one place has the lower id is chance: the proof has that one first.
  const [low, high] = [next, say('next, by a copy', { seq: 1, previous: first.id })].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  if (low === undefined || high === undefined) throw new Error('there are two');
  const astray = say('after something else', { seq: 2, previous: low === next ? high.id : low.id });
  const foreign = textBy({ ada: bela }, random, { said: 'mine', room: room.id, seq: 1, previous: first.id });
  const elsewhere = say('in another room', { seq: 1, previous: first.id, room: otherRoom.id });
  const pair = (a: Bytes, b: Bytes) => encode(proofShape, { first: a, second: b });
  const bare = ({ bytes }: { readonly bytes: Bytes }) => stripEntry(bytes);
  const input = (proof: Bytes, changes: Input = {}): Input => ({
    proof: hex(proof),
    room: room.id,
    roster,
    ...changes,
  });
  const same = pair(bare(low), bare(high));
  const broken = pair(bare(next), bare(astray));
  const prove = (a: { readonly bytes: Bytes }, b: { readonly bytes: Bytes }) =>
    proveFork(a.bytes, b.bytes, room.id, keyOf);
  if (hex(prove(high, low)) !== hex(same) || hex(prove(astray, next)) !== hex(broken))
    throw new Error('the proofs are not laid out as they are made');
  const ofHigh = decode(bareShape, bare(high));
  const again = (header: Bytes) =>
    encode(bareShape, {
      ...ofHigh,
      header,
      signature: sign(ada.keys.sign, 'entry', roomId.bytes(room.id), header, ofHigh.content),
    });
  const by = (seq: number, made: Bytes) => ({ device: ada.device, seq, made });
  const wrong = (why: string, expect: string, a: Bytes, b: Bytes) => bad(why, expect, input(pair(a, b)));
  const lowFirst = (a: typeof low, b: typeof low) =>
    [a, b].sort((x, y) => (x.id < y.id ? -1 : 1)).map(bare) as [Bytes, Bytes];
  return [
    ok('two entries for one place', input(same), by(1, same)),
    ok('an entry that names another predecessor than the one before it', input(broken), by(1, broken)),
    bad('two entries with what they say', 'malformed', input(pair(low.bytes, high.bytes))),
    wrong('two entries for one place in the other order', 'out-of-place', bare(high), bare(low)),
    wrong('a broken link in the other order', 'out-of-place', bare(astray), bare(next)),
    wrong('an entry and the next', 'out-of-place', bare(first), bare(next)),
    wrong('an entry and the one after the next', 'out-of-place', bare(first), bare(third)),
    wrong('the same entry twice', 'out-of-place', bare(low), bare(low)),
    wrong('the same entry with and without what it says', 'malformed', bare(low), low.bytes),
    wrong('entries of two devices for one place', 'out-of-place', ...lowFirst(next, foreign)),
    wrong('entries of two rooms for one place', 'bad-signature', ...lowFirst(next, elsewhere)),
    bad('of another room', 'bad-signature', input(same, { room: otherRoom.id })),
    bad('of a device that is not known', 'not-a-member', input(same, { roster: roster.slice(1) })),
    wrong(
      'the first not signed',
      'bad-signature',
      changed(bareShape, bare(low), { signature: new Uint8Array(64) }),
      bare(high),
    ),
    wrong(
      'the second not signed',
      'bad-signature',
      bare(low),
      changed(bareShape, bare(high), { signature: new Uint8Array(64) }),
    ),
    wrong(
      'the content of the second altered',
      'bad-signature',
      bare(low),
      changed(bareShape, bare(high), { content: flip(ofHigh.content, 0) }),
    ),
    wrong('the second of suite 2', 'unknown-suite', bare(low), again(ofSuite(ofHigh.header, 2))),
    wrong(
      'an entry too large for a proof',
      'malformed',
      bare(low),
      say('x'.repeat(4000), { seq: 1, previous: first.id }).bytes,
    ),
    bad('one entry alone', 'malformed', input(encode(record({ first: field(1, any) }), { first: bare(low) }))),
    bad('cut short', 'malformed', input(same.subarray(0, -1))),
    bad('a byte after the end', 'malformed', input(new Uint8Array([...same, 0]))),
  ];
}
