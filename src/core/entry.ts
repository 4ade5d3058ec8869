/**
 * Entries: the signed records of the one log (docs/protocol.md section 4.4). The signature is inside the
 * encryption; the id leaves out signature and ciphertext, so the same entry sealed again by a helper is the same
 * entry, and any member can hand it to an auditor.
 *
 *   inner = {suite, device, seq, previous?, heads, timeMs, control, body, salt}
 *   entry = {inner, Sig(device, "entry", room, inner)}        id = H("entry", room, inner)
 */
import type { Bytes } from '../wire/bytes.ts';
import { ascending, type Coded, checked, decode, encode, field, maybe, rawBytes, record, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { maxBodyBytes } from './body.ts';
import { deviceId, type EntryId, entryId, type RoomId, roomId } from './id.ts';
import { type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import { hash, verify } from './verify.ts';

/** Heads an entry names. With more, the newest are named; the others stay named through their own descendants. */
export const maxHeads = 8;
const heads = ascending(entryId, maxHeads);

const inner = checked(
  record({
    suite: field(1, uint(255)),
    device: field(2, deviceId),
    /** Position in the author's feed of this room, from 0. */
    seq: field(3, uint(0xffffffff)),
    /** The author's entry before this one. */
    previous: maybe(4, entryId),
    /** Newest entries of others the author had seen: this entry comes after them, whatever any clock says. */
    heads: field(5, heads),
    timeMs: field(6, uint()),
    /** Newest membership operations the author knew. */
    control: field(7, heads),
    body: field(8, rawBytes({ max: maxBodyBytes })),
    /** Keeps the id from confirming a guess at a short text. */
    salt: field(9, rawBytes({ size: 16 })),
  }),
  (value) => (value.seq === 0) === (value.previous === undefined),
  'the first entry of a feed has no predecessor and every other one has',
);

const signedEntry = record({
  inner: field(1, rawBytes({ max: maxBodyBytes + 2048 })),
  signature: field(2, rawBytes({ size: 64 })),
});
export const maxEntryBytes = maxBodyBytes + 2300;

export interface Entry extends Coded<typeof inner> {
  readonly id: EntryId;
  readonly room: RoomId;
  /** The signed bytes as they were made: what is stored, handed on and verified. */
  readonly bytes: Bytes;
}
export type EntryFacts = Omit<Coded<typeof inner>, 'suite'>;

export function makeEntry(key: SignKey, room: RoomId, facts: EntryFacts): Entry {
  const innerBytes = encode(inner, { suite, ...facts });
  const signature = sign(key, 'entry', roomId.bytes(room), innerBytes);
  return {
    suite,
    ...facts,
    id: idOf(room, innerBytes),
    room,
    bytes: encode(signedEntry, { inner: innerBytes, signature }),
  };
}

const idOf = (room: RoomId, innerBytes: Bytes): EntryId => entryId.of(hash('entry', roomId.bytes(room), innerBytes));

/**
 * An entry as this device's own vault gives it back. It was read and checked before it was written there, and the
 * vault is authenticated, so the signature is not checked again. Never for bytes that come from anywhere else.
 */
export function reopenEntry(bytes: Bytes, room: RoomId): Entry {
  const outer = decode(signedEntry, bytes);
  return { ...decode(inner, outer.inner), id: idOf(room, outer.inner), room, bytes };
}

/**
 * Reads an entry and checks that the device it names signed it for this room. `signKeyOf` gives the key of a
 * device that may write here, or nothing. Throws `PeerFault`: `malformed`, `unknown-suite`, `not-a-member`,
 * `bad-signature`. Whether its place in the feed is free is the caller's to check.
 */
export function readEntry(
  bytes: Bytes,
  room: RoomId,
  signKeyOf: (device: Entry['device']) => Bytes | undefined,
): Entry {
  const outer = decode(signedEntry, bytes);
  const value = decode(inner, outer.inner);
  if (value.suite !== suite)
    throw new PeerFault('unknown-suite', `an entry of suite ${value.suite} is not known to this version`);
  const key = signKeyOf(value.device);
  if (key === undefined) throw new PeerFault('not-a-member', 'an entry is by a device that is not in the room');
  if (!verify(key, outer.signature, 'entry', roomId.bytes(room), outer.inner)) {
    throw new PeerFault('bad-signature', 'an entry was not signed by the device it names');
  }
  return { ...value, id: idOf(room, outer.inner), room, bytes };
}
