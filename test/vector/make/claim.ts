/** What devices say they hold and miss: signed, cast and not stored. */
import { digestOfFeeds, makeBeacon, markRoom } from '../../../src/core/beacon.ts';
import { makeHave, makeWant } from '../../../src/core/envelope.ts';
import { entryId, roomId } from '../../../src/core/id.ts';
import { type SignKey, sign } from '../../../src/core/key.ts';
import type { SignLabel } from '../../../src/core/label.ts';
import { type Bytes, concat, fromHex, hex } from '../../../src/wire/bytes.ts';
import type { Input, Vector } from '../subject.ts';
import { arrayHead, bad, flip, nowMs, ok, runs, type Scene } from './scene.ts';

export function claims({ ada, bela, room, random }: Scene) {
  const common = { device: ada.device, timeMs: nowMs };
  const held = { ...common, spans: [[ada.device, 0, 3] as const], ask: true };
  const missed = {
    ...common,
    ranges: [[ada.device, 3, 5] as const],
    operations: [entryId.of(new Uint8Array(32).fill(5))],
    nonce: random(16),
  };
  const have = makeHave(ada.keys.sign, room.id, held);
  const seen = { ...held, ask: false, read: [[bela.device, 0, 1] as const, [bela.device, 3, 5] as const] };
  const read = makeHave(ada.keys.sign, room.id, seen);
  const want = makeWant(ada.keys.sign, room.id, missed);
  const run = { ...common, boot: new Uint8Array(16).fill(7) };
  const { pair, readPair } = markRoom(run, room.id, digestOfFeeds([[ada.device, 3]]));
  const here = { ...run, ask: true, isWhole: true, marks: [pair] };
  const beacon = makeBeacon(ada.keys.sign, room.id, here);
  const done = { ...run, ask: false, isWhole: true, marks: [readPair] };
  const readAll = makeBeacon(ada.keys.sign, room.id, done);
  if (have.type !== 'have' || read.type !== 'have' || want.type !== 'want') throw new Error('not what was asked for');
  if (beacon.type !== 'beacon' || readAll.type !== 'beacon') throw new Error('not what was asked for');
  return {
    have: { facts: held, frame: have },
    read: { facts: seen, frame: read },
    want: { facts: missed, frame: want },
    beacon: { facts: here, frame: beacon },
    readAll: { facts: done, frame: readAll },
  };
}

/** What is the same for all: signed by a device of the room, for the room, under their own label. */
function claimVectors(scene: Scene, label: 'have' | 'want' | 'beacon', name: string) {
  const { ada, bela, room, otherRoom, roster } = scene;
  const { frame, facts } = claims(scene)[label];
  const other = label === 'have' ? 'want' : 'have';
  const input = (changes: Input = {}): Input => ({
    body: hex(frame.body),
    signature: hex(frame.signature),
    room: room.id,
    roster,
    ...changes,
  });
  const over = (body: Bytes, as: SignLabel = label, key: SignKey = ada.keys.sign) =>
    hex(sign(key, as, roomId.bytes(room.id), body));
  return {
    input,
    over,
    vectors: [
      ok(name, input(), facts),
      bad('by a device outside the room', 'not-a-member', input({ roster: roster.slice(1) })),
      bad('of another room', 'bad-signature', input({ room: otherRoom.id })),
      bad('altered', 'bad-signature', input({ body: hex(flip(frame.body, -1)) })),
      bad('in the name of another', 'bad-signature', input({ signature: over(frame.body, label, bela.keys.sign) })),
      bad('signed as an entry', 'bad-signature', input({ signature: over(frame.body, 'entry') })),
      bad(`signed as a ${other}`, 'bad-signature', input({ signature: over(frame.body, other) })),
      bad('cut short', 'malformed', input({ body: hex(frame.body.subarray(0, -1)) })),
      bad('a byte after the end', 'malformed', input({ body: `${hex(frame.body)}00` })),
    ],
  };
}

/** A body of many parts, signed over what the runs stand for. */
function manyOf(over: (body: Bytes) => string, head: string, item: string, count: number, tail: string): Input {
  const parts = [head + arrayHead(count), item, tail].map((part) => fromHex(part.replaceAll(' ', ''))) as [
    Bytes,
    Bytes,
    Bytes,
  ];
  const [first, each, last] = parts;
  const body = concat(first, ...Array.from({ length: count }, () => each), last);
  return { body: runs([first, 1], [each, count], [last, 1]), signature: over(body) };
}

export function haveVectors(scene: Scene): readonly Vector[] {
  const { input, over, vectors } = claimVectors(scene, 'have', 'three entries of its own');
  const { device } = scene.ada;
  const spans = (count: number) =>
    input(manyOf(over, `a401 5820${device} 0200 03`, `83 5820${device} 00 01`, count, '04f4'));
  const read = (count: number) =>
    input(manyOf(over, `a501 5820${device} 0200 0380 04f4 05`, `83 5820${device} 00 01`, count, ''));
  const { frame, facts } = claims(scene).read;
  const body = (text: string) => {
    const made = text.replaceAll(' ', '');
    return input({ body: made, signature: over(fromHex(made)) });
  };
  return [
    ...vectors,
    ok(
      'two stretches of another, which were read',
      input({ body: hex(frame.body), signature: hex(frame.signature) }),
      facts,
    ),
    ok('2,000 stretches that were read', read(2000), { device, spans: 0 }),
    bad('2,001 stretches that were read', 'malformed', read(2001)),
    ok('2,000 feeds', spans(2000), { device, spans: 2000 }),
    bad('2,001 feeds', 'malformed', spans(2001)),
    bad('a span of two', 'malformed', body(`a401 5820${device} 0200 0381 82 5820${device} 00 04f4`)),
    bad(
      'a place of 2^32',
      'malformed',
      body(`a401 5820${device} 0200 0381 83 5820${device} 00 1b0000000100000000 04f4`),
    ),
    bad('without saying whether it asks', 'malformed', body(`a301 5820${device} 0200 0380`)),
  ];
}

export function wantVectors(scene: Scene): readonly Vector[] {
  const { input, over, vectors } = claimVectors(scene, 'want', 'two entries and an operation');
  const { device } = scene.ada;
  const nonce = `0550${'00'.repeat(16)}`;
  const ranges = (count: number) =>
    input(manyOf(over, `a501 5820${device} 0200 03`, `83 5820${device} 00 01`, count, `0480 ${nonce}`));
  const operations = (count: number) =>
    input(manyOf(over, `a501 5820${device} 0200 0380 04`, `5820${'05'.repeat(32)}`, count, nonce));
  const few = (count: number, text: string) => {
    const made = text.replace('#', (0x80 + count).toString(16)).replaceAll(' ', '');
    return input({ body: made, signature: over(fromHex(made)) });
  };
  return [
    ...vectors,
    ok('200 ranges', ranges(200), { device, ranges: 200 }),
    bad('201 ranges', 'malformed', ranges(201)),
    ok('64 operations', operations(64), { device, ranges: 0 }),
    bad('65 operations', 'malformed', operations(65)),
    bad('a nonce of 15 bytes', 'malformed', few(0, `a501 5820${device} 0200 03# 0480 054f${'00'.repeat(15)}`)),
    bad('without a nonce', 'malformed', few(0, `a401 5820${device} 0200 03# 0480`)),
    bad(
      'an operation of 31 bytes',
      'malformed',
      few(1, `a501 5820${device} 0200 0380 04# 581f${'05'.repeat(31)} ${nonce}`),
    ),
  ];
}

export function beaconVectors(scene: Scene): readonly Vector[] {
  const { input, over, vectors } = claimVectors(scene, 'beacon', 'one room, of which three entries are held');
  const { device } = scene.ada;
  const boot = `0350${'00'.repeat(16)}`;
  const pair = `82 48${'01'.repeat(8)} 48${'02'.repeat(8)}`;
  const marks = (count: number) => input(manyOf(over, `a601 5820${device} 0200 ${boot} 04f5 05f5 06`, pair, count, ''));
  const body = (text: string) => {
    const made = text.replaceAll(' ', '');
    return input({ body: made, signature: over(fromHex(made)) });
  };
  const { frame, facts } = claims(scene).readAll;
  return [
    ...vectors,
    ok(
      'one room, of which all was read',
      input({ body: hex(frame.body), signature: hex(frame.signature), isRead: true }),
      facts,
    ),
    ok('512 rooms', marks(512), { device, marks: 512 }),
    bad('513 rooms', 'malformed', marks(513)),
    bad('a run of 15 bytes', 'malformed', body(`a601 5820${device} 0200 034f${'00'.repeat(15)} 04f5 05f5 0680`)),
    bad(
      'a mark of 7 bytes',
      'malformed',
      body(`a601 5820${device} 0200 ${boot} 04f5 05f5 0681 82 47${'01'.repeat(7)} 48${'02'.repeat(8)}`),
    ),
    bad('without saying whether it is all', 'malformed', body(`a501 5820${device} 0200 ${boot} 04f5 0680`)),
  ];
}
