/**
 * Entries: the signed records of the one log (docs/protocol.md section 4.4). The signature is inside the
 * encryption; the id leaves out signature and ciphertext, so the same entry sealed again by a helper is the same
 * entry, and any member can hand it to an auditor.
 *
 *   header   = {suite, device, seq, previous?, heads, timeMs, control}
 *   content  = H("content", salt, body)
 *   entry    = {header, Sig(device, "entry", room, header, content), salt, body}     id = H("entry", room, header, content)
 *   skeleton = {header, the same signature, content}                                 the same id
 *
 * A skeleton still says who, when and after what, and still verifies; what was said is gone, and the salt with it, so
 * that nobody can confirm a guess at it.
 */
import type { Bytes } from '../wire/bytes.ts';
import { ascending, type Coded, checked, decode, encode, field, maybe, rawBytes, record, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { maxBodyBytes } from './body.ts';
import { type Check, makeCheck } from './check.ts';
import { type DeviceId, deviceId, type EntryId, entryId, type RoomId, roomId } from './id.ts';
import { type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import { hash, passes } from './verify.ts';

/** Heads an entry names. With more, the newest are named; the others stay named through their own descendants. */
export const maxHeads = 8;
/** Operations an entry names: all that nobody has built on yet, which are few unless many act at the same moment. */
export const maxControlHeads = 64;

const header = checked(
  record({
    suite: field(1, uint(255)),
    device: field(2, deviceId),
    /** Position in the author's feed of this room, from 0. One less than fits, so that how many there are fits too. */
    seq: field(3, uint(0xfffffffe)),
    /** The author's entry before this one. */
    previous: maybe(4, entryId),
    /** Newest entries of others the author had seen: this entry comes after them, whatever any clock says. */
    heads: field(5, ascending(entryId, maxHeads)),
    timeMs: field(6, uint()),
    /** Newest operations the author knows; in an entry that is none itself, those it came to know since its last. */
    control: field(7, ascending(entryId, maxControlHeads)),
  }),
  (value) => (value.seq === 0) === (value.previous === undefined),
  'the first entry of a feed has no predecessor and every other one has',
);
const maxHeaderBytes = 3072;

const signed = checked(
  record({
    header: field(1, rawBytes({ max: maxHeaderBytes })),
    signature: field(2, rawBytes({ size: 64 })),
    /** Keeps the id from confirming a guess at a short text. */
    salt: maybe(3, rawBytes({ size: 16 })),
    body: maybe(4, rawBytes({ max: maxBodyBytes })),
    content: maybe(5, rawBytes({ size: 32 })),
  }),
  ({ salt, body, content }) =>
    (salt === undefined) === (body === undefined) && (body === undefined) !== (content === undefined),
  'an entry has either a salt and a body, or the hash of both',
);
type Signed = Coded<typeof signed>;
export const maxEntryBytes: number = maxBodyBytes + maxHeaderBytes + 128;
export const maxSkeletonBytes: number = maxHeaderBytes + 128;

type Header = Coded<typeof header>;

/** What a device signed, whether or not what it said is still there. */
export interface Skeleton extends Header {
  readonly id: EntryId;
  readonly room: RoomId;
  /** The signed bytes as they were made: what is stored, handed on and verified. */
  readonly bytes: Bytes;
}
export interface Entry extends Skeleton {
  readonly salt: Bytes;
  /** Empty in a skeleton. */
  readonly body: Bytes;
  /** What it said is not here: it was not for this device, or its time was over. */
  readonly isStripped: boolean;
}
export type EntryFacts = Omit<Header, 'suite'> & Pick<Entry, 'salt' | 'body'>;

/** The key of a device whose signature can count here, or nothing. */
export type SignKeyOf = (device: DeviceId) => Bytes | undefined;

export function makeEntry(key: SignKey, room: RoomId, { salt, body, ...facts }: EntryFacts): Entry {
  const headerBytes = encode(header, { suite, ...facts });
  const content = hash('content', salt, body);
  const signature = sign(key, 'entry', roomId.bytes(room), headerBytes, content);
  const bytes = encode(signed, { header: headerBytes, signature, salt, body });
  return { suite, ...facts, salt, body, isStripped: false, id: idOf(room, headerBytes, content), room, bytes };
}

const idOf = (room: RoomId, headerBytes: Bytes, content: Bytes): EntryId =>
  entryId.of(hash('entry', roomId.bytes(room), headerBytes, content));

const contentOf = ({ salt, body, content }: Signed): Bytes =>
  content ?? hash('content', salt ?? new Uint8Array(), body ?? new Uint8Array());

/** The same entry without what it says. */
export function stripEntry(bytes: Bytes): Bytes {
  const outer = decode(signed, bytes);
  return encode(signed, { header: outer.header, signature: outer.signature, content: contentOf(outer) });
}

/**
 * An entry as this device's own vault gives it back. It was read and checked before it was written there, and the
 * vault is authenticated, so the signature is not checked again. Never for bytes that come from anywhere else.
 */
export function reopenEntry(bytes: Bytes, room: RoomId): Entry {
  const outer = decode(signed, bytes);
  return asEntry({ outer, inner: decode(header, outer.header), content: contentOf(outer) }, room, bytes);
}

/**
 * Reads an entry and checks that the device it names signed it for this room. Throws `PeerFault`: `malformed` (also
 * for a skeleton), `unknown-suite`, `not-a-member`, `bad-signature`. Whether its place in the feed is free, and
 * whether its author may write there, is the caller's to check.
 */
export const readEntry = (bytes: Bytes, room: RoomId, signKeyOf: SignKeyOf): Entry =>
  acceptEntry(parseEntry(bytes, room, signKeyOf));

/** As `readEntry`, for an entry or its skeleton. */
export const readSkeleton = (bytes: Bytes, room: RoomId, signKeyOf: SignKeyOf): Entry =>
  acceptSigned(parseEntry(bytes, room, signKeyOf));

/** An entry nobody has checked yet: it says what it says, and whoever made it may have written any name into it. */
export interface Unchecked {
  readonly entry: Entry;
  readonly check: Check;
}

/** The first half of `readEntry`, of an entry or its skeleton: all but the signature. Throws as that does. */
export function parseEntry(bytes: Bytes, room: RoomId, signKeyOf: SignKeyOf): Unchecked {
  const { key, ...parts } = readParts(bytes, signKeyOf);
  const { outer, content } = parts;
  return {
    entry: asEntry(parts, room, bytes),
    check: makeCheck(key, outer.signature, 'entry', roomId.bytes(room), outer.header, content),
  };
}

/** The second half. `isSigned`: this very check was made before, and passed. Throws as `readEntry` does. */
export function acceptEntry(unchecked: Unchecked, isSigned = false): Entry {
  const entry = acceptSigned(unchecked, isSigned);
  if (entry.isStripped) throw new PeerFault('malformed', 'an entry without what it says');
  return entry;
}

function acceptSigned({ entry, check }: Unchecked, isSigned = false): Entry {
  if (!isSigned && !passes(check))
    throw new PeerFault('bad-signature', 'an entry was not signed by the device it names');
  return entry;
}

interface Parts {
  readonly outer: Signed;
  readonly inner: Header;
  readonly content: Bytes;
}

function asEntry({ outer, inner, content }: Parts, room: RoomId, bytes: Bytes): Entry {
  const { salt = new Uint8Array(), body = new Uint8Array() } = outer;
  const id = idOf(room, outer.header, content);
  return { ...inner, salt, body, isStripped: outer.body === undefined, id, room, bytes };
}

function readParts(bytes: Bytes, signKeyOf: SignKeyOf): Parts & { readonly key: Bytes } {
  const outer = decode(signed, bytes);
  const inner = decode(header, outer.header);
  if (inner.suite !== suite)
    throw new PeerFault('unknown-suite', `an entry of suite ${inner.suite} is not known to this version`);
  const key = signKeyOf(inner.device);
  if (key === undefined) throw new PeerFault('not-a-member', 'an entry is by a device that is not known here');
  return { outer, inner, content: contentOf(outer), key };
}
