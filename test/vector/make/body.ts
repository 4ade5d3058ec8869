/** What entries say: every kind, and its bounds. */
import { type Body, encodeBody } from '../../../src/core/body.ts';
import { deviceId, drillId, fileId, memberId } from '../../../src/core/id.ts';
import { type Bytes, concat, fromHex, hex, u16be, u32be } from '../../../src/wire/bytes.ts';
import { relayId } from '../../../src/wire/id.ts';
import type { Vector } from '../subject.ts';
import { arrayHead, bad, nowMs, ok, runs } from './scene.ts';

const fill = (byte: number, size = 32): Bytes => new Uint8Array(size).fill(byte);
const idHex = (byte: number): string => `5820${hex(fill(byte))}`;
const ids = <T>(count: number, of: (bytes: Bytes) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => of(fill(i)));

const drill = drillId.of(fill(0xd1));
const relay = relayId.of(fill(0x4e));
const member = memberId.of(fill(0x3e));
const device = deviceId.of(fill(0xde));
const readiness = {
  listVersion: 1,
  relays: [relay],
  relaysTotal: 3,
  clockOffsetMs: -1500,
  app: '0.1.0',
  factor: 'passphrase',
} as const;

const kinds: readonly (readonly [name: string, body: Body])[] = [
  ['text', { type: 'text', text: 'mail is down' }],
  ['text: nothing', { type: 'text', text: '' }],
  ['alarm', { type: 'alarm', drill, startedAtMs: nowMs }],
  ['raised', { type: 'raised', drill, readiness }],
  ['answer', { type: 'answer', drill, answer: 'there', readiness }],
  ['answer: a deputy for somebody', { type: 'answer', drill, answer: 'not-available', standInFor: member, readiness }],
  ['relay', { type: 'relay', relay, up: false, sinceMs: nowMs }],
  ['close', { type: 'close', drill, cut: [[device, 3]] }],
  ['remove', { type: 'remove', members: [member], devices: [device], cut: [[device, 2]] }],
  [
    'remove: 64 members and devices',
    { type: 'remove', members: ids(64, memberId.of), devices: ids(64, deviceId.of), cut: [] },
  ],
  ['add', { type: 'add', members: [member], devices: [] }],
  ['add: 64 members and devices', { type: 'add', members: ids(64, memberId.of), devices: ids(64, deviceId.of) }],
  ...(['commander', 'officer', 'responder', 'observer', 'archivist'] as const).map(
    (role) => [`role: ${role}`, { type: 'role', member, role }] as const,
  ),
  ['policy: loosest', { type: 'policy', history: 'all', horizon: 'default' }],
  ['policy: strictest', { type: 'policy', history: 'none', horizon: 'high' }],
  ['fork', { type: 'fork', proof: fill(0xf0, 100) }],
  ['prekey', { type: 'prekey', record: fill(0x9e, 100) }],
  ['verified', { type: 'verified', member, digest: fill(7), how: 'words', holds: true }],
  [
    'file',
    {
      type: 'file',
      file: fileId.of(fill(0xf1)),
      salt: fill(0x5a, 16),
      key: fill(0xce),
      name: 'log.txt',
      size: 1_000_000,
    },
  ],
  [
    'file: nothing',
    { type: 'file', file: fileId.of(fill(0xf1)), salt: fill(0x5a, 16), key: fill(0xce), name: '', size: 0 },
  ],
  ['verified: it did not hold', { type: 'verified', member, digest: fill(7), how: 'code', holds: false }],
];

/** The head of a text of 24 bytes and more. */
const textHead = (size: number): string => (size < 256 ? `78${hex(fill(size, 1))}` : `79${hex(u16be(size))}`);

const set = (count: number): string => arrayHead(count) + Array.from({ length: count }, (_, i) => idHex(i)).join('');

/** With as many of something as is allowed, or one more. The cut is not a set: one pair stands for all. */
const bounded: readonly (readonly [name: string, most: number, of: (count: number) => ReturnType<typeof runs>])[] = [
  ['text of # bytes', 40_000, (n) => runs([`8201 a101 79${hex(u16be(n))}`, 1], ['61', n])],
  [
    'close with a cut of # feeds',
    1200,
    (n) => runs([`8206 a201 ${idHex(0xd1)} 02${arrayHead(n)}`, 1], [`82 ${idHex(1)} 00`, n]),
  ],
  [
    'remove with a cut of # feeds',
    1024,
    (n) => runs([`8207 a3 0181${idHex(1)} 0280 03${arrayHead(n)}`, 1], [`82 ${idHex(1)} 00`, n]),
  ],
  ['remove of # members', 64, (n) => runs([`8207 a3 01${set(n)} 0280 0380`, 1])],
  ['remove of # devices', 64, (n) => runs([`8207 a3 0180 02${set(n)} 0380`, 1])],
  ['add of # members', 64, (n) => runs([`8208 a2 01${set(n)} 0280`, 1])],
  ['add of # devices', 64, (n) => runs([`8208 a2 0180 02${set(n)}`, 1])],
  ['fork with a proof of # bytes', 8192, (n) => runs([`820b a101 59${hex(u16be(n))}`, 1], ['00', n])],
  ['prekey of # bytes', 1500, (n) => runs([`820c a101 59${hex(u16be(n))}`, 1], ['00', n])],
  [
    'file with a name of # bytes',
    255,
    (n) =>
      runs(
        [`820e a5 01 ${idHex(1)} 0250 ${'5a'.repeat(16)} 03 ${idHex(2)} 04${textHead(n)}`, 1],
        ['61', n],
        ['0500', 1],
      ),
  ],
  [
    'file of # bytes',
    104_857_600,
    (n) => runs([`820e a5 01 ${idHex(1)} 0250 ${'5a'.repeat(16)} 03 ${idHex(2)} 0460 051a${hex(u32be(n))}`, 1]),
  ],
  [
    'raised with # relays',
    100,
    (n) => runs([`8203 a201 ${idHex(0xd1)} 02 a60101 02${arrayHead(n)}`, 1], [idHex(1), n], ['0303 0400 0560 0600', 1]),
  ],
  [
    'raised with # relays on the list',
    1000,
    (n) => runs([`8203 a201 ${idHex(0xd1)} 02 a60101 0280 0319${hex(u16be(n))} 0400 0560 0600`, 1]),
  ],
  [
    'raised by a version named in # bytes',
    40,
    (n) =>
      runs([`8203 a201 ${idHex(0xd1)} 02 a60101 0280 0303 0400 0578${hex(fill(n, 1))}`, 1], ['61', n], ['0600', 1]),
  ],
];

const grouped = (n: number): string => n.toLocaleString('en-US');

export function bodyVectors(): readonly Vector[] {
  const wrong = (why: string, bytes: string) => bad(why, 'malformed', { body: bytes.replaceAll(' ', '') });
  const role = encodeBody({ type: 'role', member, role: 'observer' });
  const overlong = concat(fromHex('1a'), u32be(5));
  return [
    ...kinds.map(([name, body]) => ok(name, { body: hex(encodeBody(body)) }, body)),
    ...bounded.flatMap(([name, most, of]) => {
      const { type } = { type: name.split(' ')[0] };
      const named = (n: number) => name.replace('#', grouped(n));
      return [ok(named(most), { body: of(most) }, { type }), bad(named(most + 1), 'malformed', { body: of(most + 1) })];
    }),
    wrong('tag 0', '8200 a0'),
    wrong('tag 15', '820f a0'),
    wrong('a tag not in its shortest form', `82 ${hex(overlong)} a0`),
    wrong('three in place of two', `83 ${hex(role).slice(2)} 00`),
    wrong('a text that is not UTF-8', '8201 a101 61ff'),
    wrong('a field that is not known', '8201 a2 0160 0200'),
    wrong('a role that is not known', `8209 a2 01 ${idHex(0x3e)} 0205`),
    wrong('a history that is not known', '820a a2 0102 0200'),
    wrong('a horizon that is not known', '820a a2 0100 0202'),
    wrong('a policy in part', '820a a1 0100'),
    wrong(
      'an answer that is not known',
      `${hex(encodeBody({ type: 'answer', drill, answer: 'there', readiness })).replace('0200', '0203')}`,
    ),
    wrong('verified in another way', `820d a4 01 ${idHex(0x3e)} 02 ${idHex(7)} 0302 04f5`),
    wrong('verified and neither true nor false', `820d a4 01 ${idHex(0x3e)} 02 ${idHex(7)} 0300 0401`),
    wrong('verified with a digest of 31 bytes', `820d a4 01 ${idHex(0x3e)} 02 581f${'07'.repeat(31)} 0300 04f5`),
    wrong('remove with members out of order', `8207 a3 0182${idHex(2)}${idHex(1)} 0280 0380`),
    wrong('remove of a member twice', `8207 a3 0182${idHex(1)}${idHex(1)} 0280 0380`),
    wrong('remove of a device twice', `8207 a3 0180 0282${idHex(1)}${idHex(1)} 0380`),
    wrong('remove with a cut of 2^32', `8207 a3 0181${idHex(1)} 0280 0381 82 ${idHex(1)} 1b0000000100000000`),
    wrong('remove without a cut', `8207 a2 0181${idHex(1)} 0280`),
    wrong('add with members out of order', `8208 a2 0182${idHex(2)}${idHex(1)} 0280`),
    wrong('a drill of 31 bytes', `8202 a2 01 581f${'d1'.repeat(31)} 0200`),
    wrong('a byte after the end', `${hex(role)}00`),
    wrong('nothing at all', ''),
  ];
}
