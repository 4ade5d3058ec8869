/**
 * Envelopes: the only thing that ever leaves a device for a room (docs/protocol.md section 4.6).
 *
 *   header = suite ‖ 0x01 ‖ epoch tag[8] ‖ u16 bucket
 *   envelope = header ‖ aead(key of the bucket, aad = header, pad(frame))
 *
 * Room and epoch are bound through the key, the header through the associated data. A relay sees tag, bucket, size
 * and time; not the room, not the author, not the kind.
 */
import { type Bytes, concat, fromHex, hex, readU16be, u16be } from '../wire/bytes.ts';
import {
  bool,
  type Codec,
  type Coded,
  decode,
  encode,
  field,
  list,
  maybe,
  rawBytes,
  record,
  tuple,
  uint,
  variant,
} from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { open, seal } from './aead.ts';
import { maxEntryBytes, type SignKeyOf } from './entry.ts';
import { type Epoch, messageKey } from './epoch.ts';
import { type DeviceId, deviceId, entryId, type RoomId, roomId } from './id.ts';
import { type Random, type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import { pad, unpad } from './padding.ts';
import { verify } from './verify.ts';

export const envelopeType = 1;
const HEADER = 2 + 8 + 2;

const have = record({
  device: field(1, deviceId),
  timeMs: field(2, uint()),
  /** Per feed, the places this device holds without a gap: from this one up to, not including, that one. */
  spans: field(3, list(tuple(deviceId, uint(0xffffffff), uint(0xffffffff)), 2000)),
  /** The device just came back and would like to know what the others hold. */
  ask: field(4, bool),
  /** Per feed, places its person has read: several stretches of one feed where something between them was not. */
  read: maybe(5, list(tuple(deviceId, uint(0xffffffff), uint(0xffffffff)), 2000)),
});
export type Have = Coded<typeof have>;

const want = record({
  device: field(1, deviceId),
  timeMs: field(2, uint()),
  /** Per feed: from this place up to, not including, that one. */
  ranges: field(3, list(tuple(deviceId, uint(0xffffffff), uint(0xffffffff)), 200)),
  /** Operations that entries name and that are not here. */
  operations: field(4, list(entryId, 64)),
  /** Asked again it is another request, not the same again (rule R3). */
  nonce: field(5, rawBytes({ size: 16 })),
});
export type Want = Coded<typeof want>;

export const frame = variant({
  entry: [1, record({ bytes: field(1, rawBytes({ max: maxEntryBytes })) })],
  /** What a device holds: a signed claim, so that nobody can say it for somebody else. Cast, not stored. */
  have: [2, record({ body: field(1, rawBytes({ max: 80_000 })), signature: field(2, rawBytes({ size: 64 })) })],
  /** What a device misses. Signed, so that what it is given can depend on who it is. Cast, not stored. */
  want: [3, record({ body: field(1, rawBytes({ max: 16_000 })), signature: field(2, rawBytes({ size: 64 })) })],
  /** That a device is there, and which rooms it knows (beacon.ts). Cast in everyone's room, not stored. */
  beacon: [4, record({ body: field(1, rawBytes({ max: 16_000 })), signature: field(2, rawBytes({ size: 64 })) })],
});
export type Frame = Coded<typeof frame>;
export type FrameOf<T extends Frame['type']> = Extract<Frame, { readonly type: T }>;

export interface EnvelopeHeader {
  readonly tag: string;
  readonly bucket: number;
}

/** Throws `PeerFault`: `malformed`, `unknown-suite`. */
export function readHeader(envelope: Bytes): EnvelopeHeader {
  if (envelope[0] !== suite) throw new PeerFault('unknown-suite', 'an envelope of an unknown suite');
  if (envelope[1] !== envelopeType || envelope.length < HEADER) throw new PeerFault('malformed', 'not an envelope');
  return { tag: hex(envelope.subarray(2, 10)), bucket: readU16be(envelope, 10) };
}

export function sealEnvelope(epoch: Epoch, bucket: number, value: Frame, random: Random): Bytes {
  const header = concat(new Uint8Array([suite, envelopeType]), fromHex(epoch.tag), u16be(bucket));
  const key = messageKey(epoch, bucket);
  try {
    return concat(header, seal(key, header, pad(encode(frame, value)), random));
  } finally {
    key.fill(0);
  }
}

/** Throws `PeerFault`: `unknown-key`, and what `open` (aead.ts), `unpad` and `decode` throw. */
export function openEnvelope(epoch: Epoch, envelope: Bytes): Frame {
  const key = messageKey(epoch, readHeader(envelope).bucket);
  try {
    return decode(frame, unpad(open(key, envelope.subarray(0, HEADER), envelope.subarray(HEADER))));
  } finally {
    key.fill(0);
  }
}

export function makeHave(key: SignKey, room: RoomId, facts: Have): Frame {
  const body = encode(have, facts);
  return { type: 'have', body, signature: sign(key, 'have', roomId.bytes(room), body) };
}

export function makeWant(key: SignKey, room: RoomId, facts: Want): Frame {
  const body = encode(want, facts);
  return { type: 'want', body, signature: sign(key, 'want', roomId.bytes(room), body) };
}

/** Throws `PeerFault`: `malformed`, `not-a-member`, `bad-signature`. */
export const readHave = (value: FrameOf<'have'>, room: RoomId, signKeyOf: SignKeyOf): Have =>
  readClaim('have', have, value, room, signKeyOf);

/** Throws as `readHave` does. */
export const readWant = (value: FrameOf<'want'>, room: RoomId, signKeyOf: SignKeyOf): Want =>
  readClaim('want', want, value, room, signKeyOf);

/** What a device says of itself, as it signed it for this room. Throws `PeerFault` as `readHave` does. */
export function readClaim<T extends { readonly device: DeviceId }>(
  label: 'have' | 'want' | 'beacon',
  codec: Codec<T>,
  value: { readonly body: Bytes; readonly signature: Bytes },
  room: RoomId,
  signKeyOf: SignKeyOf,
): T {
  const facts = decode(codec, value.body);
  const key = signKeyOf(facts.device);
  if (key === undefined) throw new PeerFault('not-a-member', `a device outside the room sends a ${label}`);
  if (!verify(key, value.signature, label, roomId.bytes(room), value.body))
    throw new PeerFault('bad-signature', 'what a device says of itself is not signed by it');
  return facts;
}
