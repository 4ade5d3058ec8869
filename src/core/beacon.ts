/**
 * What a device says of itself in everyone's room when it comes and from time to time (docs/protocol.md section 4.8):
 * that it is there, which of its runs this is, and of every room it knows a mark and a mark of what it holds of it. Who is
 * in a room recognises both; nobody else can, and no two beacons have a mark in common.
 */
import { type Bytes, concat, hex, u32be } from '../wire/bytes.ts';
import { bool, type Coded, encode, field, list, rawBytes, record, tuple, uint } from '../wire/cbor.ts';
import type { SignKeyOf } from './entry.ts';
import { type Frame, type FrameOf, readClaim } from './envelope.ts';
import { type DeviceId, deviceId, type RoomId, roomId } from './id.ts';
import { type SignKey, sign } from './key.ts';
import { hash } from './verify.ts';

/** Rooms in one beacon; a device in more of them says so, and then nothing follows from a mark that is not there. */
export const maxMarks = 512;
const markBytes = 8;

const beacon = record({
  device: field(1, deviceId),
  timeMs: field(2, uint()),
  /** By chance, made when the device was opened: two that run at the same time are two copies. */
  boot: field(3, rawBytes({ size: 16 })),
  /** Would like to know the same of the others. */
  ask: field(4, bool),
  /** Every room it knows has a mark here. */
  isWhole: field(5, bool),
  marks: field(6, list(tuple(rawBytes({ size: markBytes }), rawBytes({ size: markBytes })), maxMarks)),
});
export type Beacon = Coded<typeof beacon>;

/** What a beacon says of one room: which, and what of it is held, with its person having read all of that or not. */
export interface RoomMark {
  readonly mark: string;
  readonly held: string;
  readonly read: string;
}

/** The same for who holds as many entries of each feed; `counts` says how many, from wherever one's own begin. */
export function digestOfFeeds(counts: Iterable<readonly [DeviceId, number]>): Bytes {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('beacon-feeds', concat(...sorted.flatMap(([id, count]) => [deviceId.bytes(id), u32be(count)])));
}

/** How this beacon would speak of a room of which as much is held as the digest says. */
export function markRoom(
  said: Pick<Beacon, 'device' | 'timeMs' | 'boot'>,
  room: RoomId,
  digest: Bytes,
): RoomMark & { readonly pair: readonly [Bytes, Bytes]; readonly readPair: readonly [Bytes, Bytes] } {
  const time = concat(u32be(Math.floor(said.timeMs / 2 ** 32)), u32be(said.timeMs % 2 ** 32));
  const mark = hash('beacon-room', roomId.bytes(room), deviceId.bytes(said.device), time, said.boot);
  const held = hash('beacon-held', mark, digest).subarray(0, markBytes);
  const read = hash('beacon-read', mark, digest).subarray(0, markBytes);
  const short = mark.subarray(0, markBytes);
  return { mark: hex(short), held: hex(held), read: hex(read), pair: [short, held], readPair: [short, read] };
}

export function makeBeacon(key: SignKey, room: RoomId, facts: Beacon): Frame {
  const body = encode(beacon, facts);
  return { type: 'beacon', body, signature: sign(key, 'beacon', roomId.bytes(room), body) };
}

/** Throws `PeerFault`: `malformed`, `not-a-member`, `bad-signature`. */
export const readBeacon = (value: FrameOf<'beacon'>, room: RoomId, signKeyOf: SignKeyOf): Beacon =>
  readClaim('beacon', beacon, value, room, signKeyOf);
