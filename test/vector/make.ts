/**
 * Makes every vector and every example of docs/protocol.md from one seed. `node test/vector/write.mjs` writes them;
 * vector.test.ts holds what is on disk against what this makes, and runs each vector against the code that reads.
 */
import { encodeAdmission, joinAdmission } from '../../src/core/admission.ts';
import { seal } from '../../src/core/aead.ts';
import { encodeBody } from '../../src/core/body.ts';
import { makeCertificate, makeDeviceKeys, readCertificate } from '../../src/core/certificate.ts';
import { signAsCustodian } from '../../src/core/custodian.ts';
import { makeEntry } from '../../src/core/entry.ts';
import { makeHave, sealEnvelope } from '../../src/core/envelope.ts';
import { type Epoch, forgetBefore, makeGrant, messageKey, openEpoch, type RoomFacts } from '../../src/core/epoch.ts';
import { readGenesis, rootOf } from '../../src/core/genesis.ts';
import {
  type DeviceId,
  deviceId,
  deviceOf,
  drillId,
  type EntryId,
  entryId,
  memberId,
  memberOf,
  prekeyId,
  roomId,
} from '../../src/core/id.ts';
import { derive, makeSignKey, type SignKey, sign } from '../../src/core/key.ts';
import { hashLeaf, type LeafBody, leaf, makeLeaf, type Role, roles } from '../../src/core/leaf.ts';
import { admissionOf, joinList, makeHead, readList, redactList } from '../../src/core/list.ts';
import { sealPacket } from '../../src/core/packet.ts';
import { pad } from '../../src/core/padding.ts';
import { makePrekey } from '../../src/core/prekey.ts';
import { makeRoom, orgRoom } from '../../src/core/room.ts';
import { hash } from '../../src/core/verify.ts';
import { type Bytes, concat, fromHex, hex, readU32be, u32be, utf8 } from '../../src/wire/bytes.ts';
import { type Codec, decode, encode, field, rawBytes, record, uint } from '../../src/wire/cbor.ts';
import { type ClientFrame, encodeClientFrame, encodeRelayFrame, type RelayFrame } from '../../src/wire/frame.ts';
import { accessKey, orgId, topicId } from '../../src/wire/id.ts';
import { foundMuster, signList } from '../kit/muster.ts';
import { seeded } from '../kit/random.ts';
import { type Input, type ShapeName, shapes, show, type Vector } from './subject.ts';

export const seed = 20_261_121;
const nowMs = 1_800_000_000_000;

export interface VectorFile {
  readonly format: 'muster-vectors/1';
  readonly subject: string;
  readonly seed: number;
  readonly vectors: readonly Vector[];
}

const ok = (name: string, input: Input, output: unknown): Vector => ({
  name,
  input,
  expect: 'ok',
  output: show(output),
});
const bad = (name: string, expect: string, input: Input): Vector => ({ name, input, expect });

const flip = (bytes: Bytes, at: number): Bytes =>
  bytes.map((byte, i) => (i === (at < 0 ? bytes.length + at : at) ? byte ^ 1 : byte));
/** Every signed body is a map of fewer than 24 fields whose first is the suite: its value is the third byte. */
const ofSuite = (body: Bytes, suite: number): Bytes => body.map((byte, i) => (i === 2 ? suite : byte));

const any = rawBytes({ max: 1_000_000 });
const sig = rawBytes({ size: 64 });
const signed: Codec<{ readonly body: Bytes; readonly signature: Bytes }> = record({
  body: field(1, any),
  signature: field(2, sig),
});
const certificateShape = record({
  body: field(1, any),
  identity: field(2, sig),
  sign: field(3, sig),
  access: field(4, sig),
  evidence: field(5, sig),
});

/** People, keys and things that the vectors are about. */
function makeCast() {
  const random = seeded(seed);
  const founded = foundMuster(random, { members: 2, relays: 1, nowMs, drills: [{}] });
  const [ada, bela] = founded.selves;
  const [identity, otherIdentity] = founded.identities;
  if (ada === undefined || bela === undefined || identity === undefined || otherIdentity === undefined)
    throw new Error('two people were founded');
  const room = orgRoom(founded.list);
  const facts: RoomFacts = { room: room.id, control: [], listVersion: 1, roster: founded.list.devices };
  const [prekey] = bela.prekeys;
  const listPrekey = founded.list.devices.get(bela.device)?.prekey;
  if (prekey === undefined || listPrekey === undefined) throw new Error('everyone has a prekey');
  const stranger = { identity: otherIdentity, keys: makeDeviceKeys(random) };
  return { random, founded, ada, bela, identity, otherIdentity, room, facts, prekey, listPrekey, stranger };
}
type Cast = ReturnType<typeof makeCast>;

const rosterOf = (cast: Cast): readonly (readonly string[])[] =>
  [...cast.founded.list.devices.values()].map((device) => [device.id, hex(device.signKey)]);

function cborVectors(): readonly Vector[] {
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

function frames(cast: Cast): { readonly device: readonly ClientFrame[]; readonly relay: readonly RelayFrame[] } {
  const { random } = cast;
  const topic = topicId.of(random(32));
  const envelope = random(40);
  return {
    device: [
      { type: 'hello', versions: [1] },
      {
        type: 'proof',
        org: cast.founded.list.org,
        access: accessKey.of(cast.ada.keys.access.publicKey),
        signature: random(64),
      },
      { type: 'append', ref: 7, items: [[topic, envelope]] },
      { type: 'tail', topic, from: 300 },
      { type: 'untail', topic },
      { type: 'cast', topic, bytes: envelope },
      { type: 'admit', ref: 8, list: random(10) },
    ],
    relay: [
      { type: 'challenge', version: 1, nonce: random(32), store: random(16), timeMs: nowMs },
      { type: 'welcome', admission: 3, timeMs: nowMs },
      { type: 'appended', ref: 7, receipts: [[301, nowMs]] },
      { type: 'deliver', topic, items: [[301, nowMs, envelope]] },
      { type: 'live', topic, upTo: 301 },
      { type: 'cast', topic, bytes: envelope },
      { type: 'admitted', ref: 8, version: 4 },
      { type: 'refused', ref: 7, code: 'rate', text: 'too fast', retryAfterMs: 1500 },
      { type: 'refused', code: 'not-admitted', text: 'no' },
    ],
  };
}

function frameVectors(cast: Cast): readonly Vector[] {
  const { device, relay } = frames(cast);
  const wrong = (why: string, from: 'device' | 'relay', bytes: string) =>
    bad(why, 'malformed', { from, bytes: bytes.replaceAll(' ', '') });
  const topic = `5820${'11'.repeat(32)}`;
  return [
    ...device.map((frame) =>
      ok(`device: ${frame.type}`, { from: 'device', bytes: hex(encodeClientFrame(frame)) }, frame),
    ),
    ...relay.map((frame) =>
      ok(
        `relay: ${frame.type}${'ref' in frame && frame.type === 'refused' ? ' an append' : ''}`,
        { from: 'relay', bytes: hex(encodeRelayFrame(frame)) },
        frame,
      ),
    ),
    wrong('an unknown frame', 'device', '82 08 a0'),
    wrong('a frame of the other side', 'device', hex(encodeRelayFrame({ type: 'welcome', admission: 3, timeMs: 5 }))),
    wrong('nine versions', 'device', '82 01 a1 01 89 010203040506070809'),
    wrong('a topic of 31 bytes', 'device', `82 05 a1 01 581f ${'11'.repeat(31)}`),
    wrong('an envelope of 31 bytes', 'device', `82 06 a2 01 ${topic} 02 581f ${'22'.repeat(31)}`),
    wrong('513 envelopes', 'device', '82 03 a2 01 07 02 990201'),
    wrong('a reference of 2^32', 'device', '82 03 a2 01 1b0000000100000000 02 80'),
    wrong('an unknown refusal', 'relay', '82 08 a2 03 0c 04 60'),
    wrong('a refusal without a code', 'relay', '82 08 a1 04 60'),
    wrong('a byte after the frame', 'device', '82 01 a1 01 81 01 00'),
  ];
}

function aeadVectors(cast: Cast): readonly Vector[] {
  const { random } = cast;
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

function paddingVectors(): readonly Vector[] {
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

function genesisVectors(cast: Cast): readonly Vector[] {
  const { genesis } = cast.founded;
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
      { org: cast.founded.list.org, name: root.name, threshold: 2, custodians: root.custodians },
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

function certificateVectors(cast: Cast): readonly Vector[] {
  const { identity, stranger, ada } = cast;
  const certificate = makeCertificate(identity, ada.keys, 'laptop', nowMs);
  const parts = decode(certificateShape, certificate);
  const input = (bytes: Bytes, key = identity): Input => ({ certificate: hex(bytes), identity: hex(key.publicKey) });
  const wrong = (why: string, expect: string, changes: Partial<typeof parts>) =>
    bad(why, expect, input(encode(certificateShape, { ...parts, ...changes })));
  const resigned = (body: Bytes) =>
    encode(certificateShape, {
      body,
      identity: sign(identity, 'certificate', body),
      sign: sign(ada.keys.sign, 'possession', body),
      access: sign(ada.keys.access, 'possession', body),
      evidence: sign(ada.keys.evidence, 'possession', body),
    });
  const theirs = sign(stranger.keys.sign, 'possession', parts.body);
  return [
    ok('a laptop', input(certificate), {
      id: ada.device,
      member: ada.member,
      signKey: ada.keys.sign.publicKey,
      access: hex(ada.keys.access.publicKey),
      evidenceKey: ada.keys.evidence.publicKey,
      name: 'laptop',
      createdAtMs: nowMs,
    }),
    bad('of another member', 'not-a-member', input(certificate, cast.otherIdentity)),
    bad('suite 2', 'unknown-suite', input(resigned(ofSuite(parts.body, 2)))),
    wrong('not signed by the identity', 'bad-signature', { identity: flip(parts.identity, 0) }),
    wrong('the identity signed for possession instead', 'bad-signature', {
      identity: sign(identity, 'possession', parts.body),
    }),
    wrong('a signing key nobody showed to hold', 'bad-signature', { sign: theirs }),
    wrong('an access key nobody showed to hold', 'bad-signature', { access: theirs }),
    wrong('an evidence key nobody showed to hold', 'bad-signature', { evidence: theirs }),
    wrong('possession shown under the label of certificates', 'bad-signature', {
      sign: sign(ada.keys.sign, 'certificate', parts.body),
    }),
    wrong('altered', 'bad-signature', { body: flip(parts.body, -1) }),
    bad('cut short', 'malformed', input(certificate.subarray(0, -1))),
  ];
}

function prekeyVectors(cast: Cast): readonly Vector[] {
  const { ada, bela, prekey, random } = cast;
  const life = { nowMs, forMs: 30 * 86_400_000 };
  const parts = decode(signed, prekey.record);
  const key = bela.keys.sign;
  const input = (bytes: Bytes, device: DeviceId = bela.device, signKey: Bytes = key.publicKey): Input => ({
    prekey: hex(bytes),
    device,
    signKey: hex(signKey),
  });
  const next = makePrekey(key, bela.device, { seq: 1, previous: prekey.id }, life, random);
  const shown = (own: typeof prekey, chain: object) => ({
    suite: 1,
    device: bela.device,
    ...chain,
    key: decodePrekeyKey(own.record),
    createdAtMs: nowMs,
    notAfterMs: nowMs + life.forMs,
    id: own.id,
  });
  const resigned = (body: Bytes, label: 'prekey' | 'entry' = 'prekey') =>
    encode(signed, { body, signature: sign(key, label, body) });
  return [
    ok('the first of a device', input(prekey.record), shown(prekey, { seq: 0 })),
    ok('the second, naming the first', input(next.record), shown(next, { seq: 1, previous: prekey.id })),
    bad('of another device', 'out-of-place', input(prekey.record, ada.device, ada.keys.sign.publicKey)),
    bad('suite 2', 'unknown-suite', input(resigned(ofSuite(parts.body, 2)))),
    bad('signed under another label', 'bad-signature', input(resigned(parts.body, 'entry'))),
    bad(
      'signed by another device',
      'bad-signature',
      input(encode(signed, { ...parts, signature: sign(ada.keys.sign, 'prekey', parts.body) })),
    ),
    bad('an altered key', 'bad-signature', input(flip(prekey.record, 200))),
    bad('cut short', 'malformed', input(prekey.record.subarray(0, -1))),
  ];
}

/** The 1,216 bytes after the head `59 04c0` of field 5. */
function decodePrekeyKey(recordBytes: Bytes): Bytes {
  const at = hex(recordBytes).indexOf('055904c0') / 2 + 4;
  return recordBytes.subarray(at, at + 1216);
}

function packetVectors(cast: Cast): readonly Vector[] {
  const { random, prekey, listPrekey, bela, ada } = cast;
  const packet = sealPacket(listPrekey, utf8('a grant goes here'), random);
  const other = makePrekey(bela.keys.sign, bela.device, { seq: 9, previous: prekey.id }, { nowMs, forMs: 1 }, random);
  const input = (bytes: Bytes, to: { own?: typeof prekey; device?: DeviceId } = {}): Input => {
    const { own = prekey, device = bela.device } = to;
    return { packet: hex(bytes), prekey: hex(own.record), seed: hex(own.seed.open()), recipient: device };
  };
  const wrong = (why: string, expect: string, at: number) => bad(why, expect, input(flip(packet, at)));
  return [
    ok('a payload', input(packet), utf8('a grant goes here')),
    wrong('suite 0', 'unknown-suite', 0),
    wrong('type 3', 'malformed', 1),
    wrong('another prekey is named', 'unknown-key', 2),
    wrong('another encapsulation is named', 'malformed', 18),
    wrong('a chain', 'malformed', 37),
    wrong('a length that is not of X-Wing', 'malformed', 39),
    wrong('an altered encapsulation', 'malformed', 40),
    wrong('an altered nonce', 'bad-commitment', 40 + 1120),
    wrong('an altered commitment', 'bad-commitment', 40 + 1120 + 24),
    wrong('an altered payload', 'bad-ciphertext', -1),
    bad('sealed to another prekey of the device', 'unknown-key', input(packet, { own: other })),
    bad('read as another device', 'bad-commitment', input(packet, { device: ada.device })),
    bad('cut within the encapsulation', 'malformed', input(packet.subarray(0, 1000))),
    bad('nothing at all', 'unknown-suite', input(new Uint8Array())),
  ];
}

function makeEntries(cast: Cast) {
  const { ada, room, random } = cast;
  const facts = (seq: number, previous: EntryId | undefined, text: string) => ({
    device: ada.device,
    seq,
    ...(previous === undefined ? {} : { previous }),
    heads: [],
    timeMs: nowMs,
    control: [],
    body: encodeBody({ type: 'text', text }),
    salt: random(16),
  });
  const first = makeEntry(ada.keys.sign, room.id, facts(0, undefined, 'mail is down'));
  const second = makeEntry(ada.keys.sign, room.id, {
    ...facts(1, first.id, 'and so is the directory'),
    heads: [entryId.of(new Uint8Array(32).fill(5))],
  });
  return { first, second };
}

function entryVectors(cast: Cast): readonly Vector[] {
  const { ada, bela, room, founded } = cast;
  const { first, second } = makeEntries(cast);
  const parts = decode(signed, first.bytes);
  const input = (bytes: Bytes, changes: Input = {}): Input => ({
    entry: hex(bytes),
    room: room.id,
    roster: rosterOf(cast),
    ...changes,
  });
  const resigned = (body: Bytes, label: 'entry' | 'have' = 'entry', key: SignKey = ada.keys.sign) =>
    encode(signed, { body, signature: sign(key, label, roomId.bytes(room.id), body) });
  const other = makeRoom(
    founded.list,
    { kind: 'incident', title: 'x', members: [ada.member], founder: ada.device },
    nowMs,
    cast.random,
  );
  const { bytes: _, ...shownFirst } = first;
  const { bytes: __, ...shownSecond } = second;
  // The map head says 8 fields without `previous`; position 0 with one, and position 1 without, are refused.
  const atOne = parts.body.map((byte, i) => (i === seqAt(parts.body) ? 1 : byte));
  return [
    ok('the first of a feed', input(first.bytes), shownFirst),
    ok('the second, naming the first and a head', input(second.bytes), shownSecond),
    bad('suite 2', 'unknown-suite', input(resigned(ofSuite(parts.body, 2)))),
    bad('by a device outside the room', 'not-a-member', input(first.bytes, { roster: rosterOf(cast).slice(1) })),
    bad('moved to another room', 'bad-signature', input(first.bytes, { room: other.id })),
    bad('signed by another device of the room', 'bad-signature', input(resigned(parts.body, 'entry', bela.keys.sign))),
    bad('signed under another label', 'bad-signature', input(resigned(parts.body, 'have'))),
    bad('an altered text', 'bad-signature', input(flip(first.bytes, first.bytes.length - 64 - 3 - 20))),
    bad('position 1 without a predecessor', 'malformed', input(resigned(atOne))),
    bad('a byte after the end', 'malformed', input(concat(first.bytes, new Uint8Array(1)))),
  ];
}

/** Where the value of field 3 (the position) stands: after suite (3 bytes) and device (1 + 2 + 32). */
const seqAt = (body: Bytes): number => {
  const at = 3 + 35 + 1;
  if (body[at - 1] !== 3) throw new Error('an entry is laid out in another way than this thinks');
  return at;
};

function grantVectors(cast: Cast): readonly Vector[] {
  const { ada, bela, room, facts, random, listPrekey, stranger } = cast;
  const epoch = openEpoch(ada.keys.sign, ada.device, facts, nowMs, random);
  const later = forgetBefore(epoch, 2);
  const granter = { key: bela.keys.sign, device: bela.device };
  const first = makeGrant(epoch, granter, listPrekey.id);
  const signedLater = makeGrant(later, granter, listPrekey.id);
  const grantShape = record({ bucket: field(1, uint()), secret: field(2, any), announcement: field(3, any) });
  const base = decode(grantShape, first);
  const announced = decode(signed, epoch.announcement);
  const regrant = (changes: Partial<typeof base>) => encode(grantShape, { ...base, ...changes });
  const strangerDevice = deviceOf(stranger.keys.sign.publicKey);
  const theirs = openEpoch(stranger.keys.sign, strangerDevice, facts, nowMs, random);
  const alone = openEpoch(
    ada.keys.sign,
    ada.device,
    { ...facts, roster: new Map([...facts.roster].slice(0, 1)) },
    nowMs,
    random,
  );
  const input = (bytes: Bytes, changes: Input = {}): Input => ({
    grant: hex(bytes),
    room: room.id,
    listVersion: 1,
    roster: rosterOf(cast),
    to: listPrekey.id,
    ...changes,
  });
  const shown = (of: Epoch, keys: readonly string[]) => ({
    id: of.id,
    tag: of.tag,
    bucket: of.bucket,
    device: ada.device,
    openedAtMs: nowMs,
    keys,
  });
  const keysFrom = (of: Epoch) => [0, 1, 3].map((ahead) => hex(messageKey(of, of.bucket + ahead)));
  return [
    ok('from the first bucket', input(first), shown(epoch, keysFrom(epoch))),
    ok(
      'from the third bucket, signed by another device of the room',
      input(signedLater),
      shown(later, keysFrom(later)),
    ),
    bad('another secret than was announced', 'bad-commitment', input(regrant({ secret: flip(base.secret, 0) }))),
    bad(
      'from a later bucket and not signed',
      'not-a-member',
      input(regrant({ bucket: 2, secret: later.secret.open() })),
    ),
    bad(
      'from a later bucket, signed by a stranger',
      'not-a-member',
      input(makeGrant(later, { key: stranger.keys.sign, device: strangerDevice }, listPrekey.id)),
    ),
    bad(
      'from a later bucket, signed with the wrong key',
      'bad-signature',
      input(makeGrant(later, { key: stranger.keys.sign, device: bela.device }, listPrekey.id)),
    ),
    bad(
      'from a later bucket, signed for another prekey',
      'bad-signature',
      input(makeGrant(later, granter, prekeyId.of(new Uint8Array(32)))),
    ),
    bad('opened by a device outside the roster', 'not-a-member', input(makeGrant(theirs, granter, listPrekey.id))),
    bad(
      'announced to other devices than the list gives',
      'out-of-place',
      input(makeGrant(alone, granter, listPrekey.id)),
    ),
    bad('of another room', 'out-of-place', input(first, { room: roomId.parse('00'.repeat(32)) })),
    bad('an altered announcement', 'bad-signature', input(regrant({ announcement: flip(epoch.announcement, -1) }))),
    bad(
      'suite 2',
      'unknown-suite',
      input(regrant({ announcement: encode(signed, { ...announced, body: ofSuite(announced.body, 2) }) })),
    ),
    bad('a bucket of 65,536', 'malformed', input(regrant({ bucket: 65_536 }))),
    bad('a secret of 31 bytes', 'malformed', input(regrant({ secret: base.secret.subarray(1) }))),
  ];
}

function envelopeVectors(cast: Cast): readonly Vector[] {
  const { ada, facts, random } = cast;
  const epoch = openEpoch(ada.keys.sign, ada.device, facts, nowMs, random);
  const other = openEpoch(ada.keys.sign, ada.device, facts, nowMs, random);
  const frame = { type: 'entry', bytes: makeEntries(cast).first.bytes } as const;
  const now = sealEnvelope(epoch, 0, frame, random);
  const later = sealEnvelope(epoch, 5, frame, random);
  const input = (envelope: Bytes, of: Epoch = epoch): Input => ({
    announcement: hex(of.announcement),
    bucket: of.bucket,
    secret: hex(of.secret.open()),
    envelope: hex(envelope),
  });
  const wrong = (why: string, expect: string, at: number) => bad(why, expect, input(flip(now, at)));
  const sealedRaw = (plain: Bytes) => {
    const header = now.subarray(0, 12);
    return concat(header, seal(messageKey(epoch, 0), header, plain, random));
  };
  return [
    ok('an entry in the first bucket', input(now), frame),
    ok('an entry in the sixth bucket', input(later), frame),
    ok('the same, by a device that erased the buckets before', input(later, forgetBefore(epoch, 4)), frame),
    wrong('suite 0', 'unknown-suite', 0),
    wrong('type 0', 'malformed', 1),
    wrong('another epoch is named', 'bad-commitment', 2),
    wrong('another bucket is named', 'bad-commitment', 11),
    wrong('an altered nonce', 'bad-commitment', 12),
    wrong('an altered commitment', 'bad-commitment', 36),
    wrong('an altered ciphertext', 'bad-ciphertext', 68),
    wrong('an altered tag', 'bad-ciphertext', -1),
    bad('opened with another epoch', 'bad-commitment', input(now, other)),
    bad('of a bucket whose key is erased', 'unknown-key', input(now, forgetBefore(epoch, 1))),
    bad('eleven bytes', 'malformed', input(now.subarray(0, 11))),
    bad('cut short', 'bad-ciphertext', input(now.subarray(0, -1))),
    bad('sealed without padding', 'bad-padding', input(sealedRaw(utf8('x')))),
    bad('sealed, padded and not a frame', 'malformed', input(sealedRaw(pad(utf8('x'))))),
  ];
}

function haveVectors(cast: Cast): readonly Vector[] {
  const { ada, room } = cast;
  const facts = { device: ada.device, timeMs: nowMs, vector: [[ada.device, 3] as const], ask: true };
  const made = makeHave(ada.keys.sign, room.id, facts);
  if (made.type !== 'have') throw new Error('not what was asked for');
  const input = (changes: Input = {}): Input => ({
    body: hex(made.body),
    signature: hex(made.signature),
    room: room.id,
    roster: rosterOf(cast),
    ...changes,
  });
  return [
    ok('three entries of its own', input(), facts),
    bad('by a device outside the room', 'not-a-member', input({ roster: rosterOf(cast).slice(1) })),
    bad('of another room', 'bad-signature', input({ room: roomId.parse('00'.repeat(32)) })),
    bad('altered', 'bad-signature', input({ body: hex(flip(made.body, -1)) })),
    bad(
      'signed as an entry',
      'bad-signature',
      input({ signature: hex(sign(ada.keys.sign, 'entry', roomId.bytes(room.id), made.body)) }),
    ),
    bad('cut short', 'malformed', input({ body: hex(made.body.subarray(0, -1)) })),
  ];
}

function listVectors(cast: Cast): readonly Vector[] {
  const { founded } = cast;
  // One member is enough to be wrong in every way, and keeps the file readable.
  const drills = [{ coordinators: [0] }];
  const { genesis, custodians, leaves, list, listBytes, selves } = foundMuster(seeded(seed + 1), {
    members: 1,
    relays: 1,
    nowMs,
    drills,
  });
  const root = readGenesis(genesis);
  const signers = custodians.slice(0, 2);
  const bodies = leaves.map((bytes) => decode(leaf, bytes).body);
  const random = seeded(seed + 2);
  const head = makeHead(genesis, { version: 1, issuedAtMs: nowMs, expiresAtMs: nowMs + 1 }, leaves);
  const signaturesOf = (bytes: Bytes, keys: readonly SignKey[] = signers) =>
    keys.map((key) => signAsCustodian(root, key, 'list', bytes));
  const signedWith = (change: (body: LeafBody) => LeafBody, more: readonly LeafBody[] = []) =>
    signList(
      genesis,
      signers,
      [...bodies.map(change), ...more].map((body) => makeLeaf(body, random)),
    );
  const member = (changes: object) => signedWith((body) => (body.type === 'member' ? { ...body, ...changes } : body));
  const twice = (type: LeafBody['type']) =>
    signedWith(
      (body) => body,
      bodies.filter((body) => body.type === type),
    );
  const input = (bytes: Bytes, changes: Input = {}): Input => ({ list: hex(bytes), ...changes });
  const wrong = (why: string, expect: string, bytes: Bytes) => bad(why, expect, input(bytes));
  const stranger = memberId.of(new Uint8Array(32).fill(9));
  const [self] = selves;
  const [otherIdentity] = founded.identities;
  const prekey = self?.prekeys[0]?.record;
  const otherPrekey = founded.selves[0]?.prekeys[0]?.record;
  const certificate = bodies.flatMap((body) => (body.type === 'member' ? body.devices : []))[0]?.certificate;
  const plan = bodies.find((body) => body.type === 'drill');
  const secret = bodies.find((body) => body.type === 'rendezvous')?.secret;
  const relays = bodies.flatMap((body) => (body.type === 'relay' ? [body.relay] : []));
  if (self === undefined || otherIdentity === undefined || prekey === undefined || otherPrekey === undefined)
    throw new Error('a member has a device');
  if (certificate === undefined || plan === undefined || secret === undefined) throw new Error('a list has a drill');
  const isOpen = (body: LeafBody) => body.type === 'member' || body.type === 'relay' || body.type === 'drill';
  const device = { certificate, prekey, since: 1 };
  const moment =
    readU32be(derive(secret, 'drill-time', 16, drillId.bytes(plan.drill), u32be(plan.sequence)), 0) / 2 ** 32;
  const shown = (headBytes: Bytes, signedBy: readonly number[], isWhole = true) => ({
    id: hex(hash('list', headBytes)),
    org: hex(hash('org', rootOf(genesis))),
    version: 1,
    signedBy,
    withheld: isWhole ? 0 : bodies.filter((body) => !isOpen(body)).length,
    members: [
      { id: self.member, ...(isWhole ? { name: 'Ada 1' } : {}), devices: [{ id: self.device, since: device.since }] },
    ],
    former: [],
    relays,
    drills: [
      {
        id: plan.drill,
        ...(isWhole ? { startMs: plan.fromMs + Math.floor(moment * (plan.toMs - plan.fromMs + 1)) } : {}),
      },
    ],
    ...(isWhole ? { orgRoom: orgRoom(list).id, orgTopic: orgRoom(list).topic } : {}),
    ...(isWhole ? { inboxes: [hex(derive(secret, 'topic-inbox', 32, deviceId.bytes(self.device)))] } : {}),
  });
  const whole = joinList(head, signaturesOf(head), leaves);
  const all = joinList(head, signaturesOf(head, custodians), leaves);
  const otherKind = relabelled(head, leaves);
  return [
    ok('whole', input(whole, { org: list.org }), shown(head, [0, 1])),
    ok(
      'a copy for outsiders, without name, contact paths and rendezvous',
      input(redactList(whole, isOpen)),
      shown(head, [0, 1], false),
    ),
    ok('signed by all three', input(all), shown(head, [0, 1, 2])),
    bad('of another organisation', 'wrong-organisation', input(whole, { org: founded.list.org })),
    wrong(
      'signed by one of the two that are needed',
      'threshold',
      joinList(head, signaturesOf(head, custodians.slice(0, 1)), leaves),
    ),
    wrong('signed by nobody', 'threshold', joinList(head, [], leaves)),
    wrong(
      'signed twice by the same',
      'bad-signature',
      joinList(
        head,
        signaturesOf(
          head,
          custodians.slice(0, 1).flatMap((key) => [key, key]),
        ),
        leaves,
      ),
    ),
    wrong(
      'one good signature too few and one bad',
      'bad-signature',
      joinList(
        head,
        signaturesOf(head).map((each, i) => (i === 1 ? { ...each, signature: flip(each.signature, 0) } : each)),
        leaves,
      ),
    ),
    wrong(
      'signatures of the admission list',
      'bad-signature',
      joinList(
        head,
        signers.map((key) => signAsCustodian(root, key, 'admission', head)),
        leaves,
      ),
    ),
    wrong('suite 2', 'unknown-suite', joinList(ofSuite(head, 2), signaturesOf(ofSuite(head, 2)), leaves)),
    wrong('an altered head', 'bad-signature', joinList(flip(head, -1), signaturesOf(head), leaves)),
    wrong(
      'an altered leaf',
      'bad-signature',
      joinList(
        head,
        signaturesOf(head),
        leaves.map((bytes, i) => (i === 0 ? flip(bytes, -1) : bytes)),
      ),
    ),
    wrong('two leaves in each other’s place', 'bad-signature', joinList(head, signaturesOf(head), leaves.toReversed())),
    wrong(
      'a leaf more than was signed',
      'bad-signature',
      joinList(head, signaturesOf(head), [
        ...leaves,
        makeLeaf({ type: 'name', member: self.member, name: 'Eve' }, random),
      ]),
    ),
    wrong(
      'a leaf of another kind than was signed',
      'out-of-place',
      joinList(otherKind, signaturesOf(otherKind), leaves),
    ),
    wrong(
      'a copy without a member',
      'out-of-place',
      redactList(whole, (body) => body.type === 'relay' || body.type === 'drill'),
    ),
    wrong(
      'a copy without a relay',
      'out-of-place',
      redactList(whole, (body) => body.type !== 'relay'),
    ),
    wrong(
      'a copy without a drill',
      'out-of-place',
      redactList(whole, (body) => body.type !== 'drill'),
    ),
    wrong('a deputy who is not on it', 'out-of-place', member({ deputies: [stranger] })),
    wrong(
      'a coordinator who is not on it',
      'out-of-place',
      signedWith((body) => (body.type === 'drill' ? { ...body, coordinators: [stranger] } : body)),
    ),
    wrong(
      'a name of nobody',
      'out-of-place',
      signedWith((body) => (body.type === 'name' ? { ...body, member: stranger } : body)),
    ),
    wrong('a member id that is not of the identity key', 'out-of-place', member({ member: stranger })),
    wrong(
      'another member’s certificate',
      'not-a-member',
      member({ identity: otherIdentity.publicKey, member: memberOf(otherIdentity.publicKey) }),
    ),
    wrong('another device’s prekey', 'out-of-place', member({ devices: [{ ...device, prekey: otherPrekey }] })),
    wrong('a device twice', 'out-of-place', member({ devices: [device, device] })),
    wrong('a device since a list to come', 'out-of-place', member({ devices: [{ ...device, since: 2 }] })),
    ...(['member', 'name', 'contact', 'relay', 'drill', 'rendezvous'] as const).map((type) =>
      wrong(`a ${type} twice`, 'out-of-place', twice(type)),
    ),
    wrong('cut short', 'malformed', listBytes.subarray(0, -1)),
    ...formerVectors(),
  ];
}

/** Of a second list: the first one also had two devices that this one has not, and its member had another role. */
function formerVectors(): readonly Vector[] {
  const random = seeded(seed + 3);
  const { genesis, custodians, identities, leaves, selves } = foundMuster(random, { members: 1, relays: 1, nowMs });
  const [self] = selves;
  const [identity] = identities;
  if (self === undefined || identity === undefined) throw new Error('one person was founded');
  const gone = makeSignKey(random);
  const former = (owner: SignKey, role: Role, keys = makeDeviceKeys(random)) => ({
    type: 'former' as const,
    member: memberOf(owner.publicKey),
    identity: owner.publicKey,
    certificate: makeCertificate(owner, keys, 'old laptop', nowMs),
    role,
    since: 1,
    until: 2,
  });
  const [replaced, left] = [former(identity, 'commander'), former(gone, 'archivist')];
  const rest = leaves
    .map((bytes) => decode(leaf, bytes).body)
    .map((body) => (body.type === 'member' ? { ...body, role: 'officer' as const, held: 'commander' as const } : body));
  /** `last`: the last byte of the first leaf, for what no encoder would write. */
  const signed = (bodies: readonly LeafBody[], last?: number) => {
    const good = bodies.map((body) => makeLeaf(body, random));
    const made = good.map((bytes, i) => (i === 0 && last !== undefined ? bytes.with(bytes.length - 1, last) : bytes));
    const hashOf = ([first]: readonly Bytes[]) => hex(hashLeaf(first ?? new Uint8Array()));
    const proper = makeHead(genesis, { version: 2, issuedAtMs: nowMs, expiresAtMs: nowMs + 1 }, good);
    const head = fromHex(hex(proper).replace(hashOf(good), hashOf(made)));
    const signers = custodians.slice(0, 2);
    return joinList(
      head,
      signers.map((key) => signAsCustodian(readGenesis(genesis), key, 'list', head)),
      made,
    );
  };
  const whole = signed([...rest, replaced, left]);
  const list = readList(whole);
  const outside = redactList(
    whole,
    (body) => body.type !== 'name' && body.type !== 'contact' && body.type !== 'rendezvous',
  );
  const shown = {
    id: list.id,
    org: list.org,
    version: 2,
    signedBy: [0, 1],
    withheld: 3,
    members: [{ id: self.member, held: 'commander', devices: [{ id: self.device, since: 1 }] }],
    former: [replaced, left].map(({ member, identity: key, certificate, role, since, until }) => {
      const { id } = readCertificate(certificate, key);
      return { id, member, role, since, until };
    }),
    relays: list.relays.map((relay) => relay.id),
    drills: [],
  };
  const wrong = (why: string, expect: string, bytes: Bytes) => bad(why, expect, { list: hex(bytes) });
  const withLeaf = (changes: object) => signed([...rest, { ...replaced, ...changes }]);
  return [
    ok('list 2 with former devices, a copy for outsiders', { list: hex(outside) }, shown),
    wrong(
      'a copy without a former device',
      'out-of-place',
      redactList(whole, (body) => body.type !== 'former'),
    ),
    wrong('a role that was held and is the present one', 'malformed', signed(rest, roles.indexOf('officer'))),
    wrong('a role that was held and is below the present one', 'malformed', signed(rest, roles.indexOf('observer'))),
    wrong(
      'a former device that left in the list it came with',
      'malformed',
      signed([replaced, ...rest], replaced.since),
    ),
    wrong('a former device that leaves in a list to come', 'out-of-place', withLeaf({ until: 3 })),
    wrong(
      'a former device of a member id that is not of the identity key',
      'out-of-place',
      withLeaf({ member: left.member }),
    ),
    wrong(
      'a former device with another member’s certificate',
      'not-a-member',
      withLeaf({ certificate: left.certificate }),
    ),
    wrong('a former device twice', 'out-of-place', signed([...rest, replaced, replaced])),
    wrong(
      'a former device that is a present one',
      'out-of-place',
      signed([...rest, former(identity, 'commander', self.keys)]),
    ),
  ];
}

/** The head with the first leaf said to be of another kind: its tag stands three bytes before the hash. */
function relabelled(head: Bytes, leaves: readonly Bytes[]): Bytes {
  const [first] = leaves;
  if (first === undefined) throw new Error('a list has leaves');
  const at = hex(head).indexOf(hex(hashLeaf(first))) / 2 - 3;
  return head.map((byte, i) => (i === at ? 2 : byte));
}

function admissionVectors(cast: Cast): readonly Vector[] {
  const { list, genesis, custodians } = cast.founded;
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

function roomVectors(cast: Cast): readonly Vector[] {
  const { founded, ada, bela, random } = cast;
  const room = makeRoom(
    founded.list,
    { kind: 'incident', title: 'Ransom note', members: [ada.member, bela.member], founder: ada.device },
    nowMs,
    random,
  );
  const listBytes = redactList(
    founded.listBytes,
    (body) => body.type === 'member' || body.type === 'relay' || body.type === 'drill',
  );
  const input = (bytes: Bytes): Input => ({ genesis: hex(bytes), list: hex(listBytes) });
  const orgAt = hex(room.genesis).indexOf(founded.list.org) / 2;
  const [low, high] = [ada.member, bela.member].sort();
  const swapped = hex(room.genesis).replace(`5820${low}5820${high}`, `5820${high}5820${low}`);
  return [
    ok('of an incident', input(room.genesis), {
      id: hex(hash('room', room.genesis)),
      topic: hex(derive(hash('room', room.genesis), 'topic-room', 32)),
      kind: 'incident',
      title: 'Ransom note',
      members: [low, high],
    }),
    bad('suite 2', 'unknown-suite', input(ofSuite(room.genesis, 2))),
    bad('of another organisation', 'wrong-organisation', input(flip(room.genesis, orgAt))),
    bad('members out of order', 'malformed', input(fromHex(swapped))),
    bad('cut short', 'malformed', input(room.genesis.subarray(0, -1))),
  ];
}

export function makeVectors(): readonly VectorFile[] {
  const cast = makeCast();
  const makers: Readonly<Record<string, (cast: Cast) => readonly Vector[]>> = {
    cbor: cborVectors,
    frame: frameVectors,
    aead: aeadVectors,
    padding: paddingVectors,
    genesis: genesisVectors,
    certificate: certificateVectors,
    prekey: prekeyVectors,
    packet: packetVectors,
    entry: entryVectors,
    grant: grantVectors,
    envelope: envelopeVectors,
    have: haveVectors,
    list: listVectors,
    admission: admissionVectors,
    room: roomVectors,
  };
  return Object.entries(makers).map(([subject, make]) => ({
    format: 'muster-vectors/1',
    subject,
    seed,
    vectors: make(cast),
  }));
}

/** As it is written to disk, where the formatter may then lay it out in another way. */
export const fileOf = (file: VectorFile): string => `${JSON.stringify(file, null, 2)}\n`;

/** The examples of docs/protocol.md: subject and name of a positive vector, and which of its inputs is shown. */
const shownIn: readonly (readonly [example: string, subject: string, vector: string, input: string])[] = [
  ['frame-hello', 'frame', 'device: hello', 'bytes'],
  ['frame-proof', 'frame', 'device: proof', 'bytes'],
  ['frame-append', 'frame', 'device: append', 'bytes'],
  ['frame-tail', 'frame', 'device: tail', 'bytes'],
  ['frame-challenge', 'frame', 'relay: challenge', 'bytes'],
  ['frame-deliver', 'frame', 'relay: deliver', 'bytes'],
  ['frame-refused', 'frame', 'relay: refused an append', 'bytes'],
  ['aead', 'aead', 'a short text', 'sealed'],
  ['padding', 'padding', '1 bytes in 256', 'padded'],
  ['certificate', 'certificate', 'a laptop', 'certificate'],
  ['prekey', 'prekey', 'the first of a device', 'prekey'],
  ['packet', 'packet', 'a payload', 'packet'],
  ['entry', 'entry', 'the first of a feed', 'entry'],
  ['announcement', 'envelope', 'an entry in the first bucket', 'announcement'],
  ['grant', 'grant', 'from the first bucket', 'grant'],
  ['envelope', 'envelope', 'an entry in the first bucket', 'envelope'],
  ['have', 'have', 'three entries of its own', 'body'],
  ['genesis', 'genesis', 'two of three', 'genesis'],
  ['list', 'list', 'whole', 'list'],
  ['admission', 'admission', 'two devices', 'admission'],
  ['room', 'room', 'of an incident', 'genesis'],
];

export function makeExamples(files: readonly VectorFile[] = makeVectors()): ReadonlyMap<string, Bytes> {
  return new Map(
    shownIn.map(([example, subject, name, input]) => {
      const vector = files.find((file) => file.subject === subject)?.vectors.find((each) => each.name === name);
      const value = vector?.input[input];
      if (vector?.expect !== 'ok' || typeof value !== 'string')
        throw new Error(`there is no good vector ${subject}: ${name}`);
      return [example, fromHex(value)];
    }),
  );
}
