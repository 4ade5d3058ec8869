/**
 * Epochs: one secret of a room that ratchets forward by time bucket (docs/protocol.md section 4.5). Any device of
 * the room may open one; it is granted to each device of the roster in a sealed packet. Nobody orders epochs.
 *
 *   announcement = {suite, room, control, list version, roster hash, commitment, device, t0} + Sig(device, "epoch")
 *   id = H("epoch", announcement)     E_0 = 32 random bytes     E_{k+1} = KDF(E_k, "bucket", id)
 */
import { type Bytes, equal, hex, u16be } from '../wire/bytes.ts';
import { ascending, type Coded, decode, encode, field, maybe, rawBytes, record, uint } from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import type { Device } from './certificate.ts';
import { maxControlHeads } from './entry.ts';
import {
  type DeviceId,
  deviceId,
  type EntryId,
  type EpochId,
  entryId,
  epochId,
  type PrekeyId,
  prekeyId,
  type RoomId,
  roomId,
} from './id.ts';
import { derive, type Random, type SignKey, sign } from './key.ts';
import { suite } from './label.ts';
import { hashRoster, maxGenesisBytes } from './room.ts';
import { Secret, sameSecret } from './secret.ts';
import { hash, verify } from './verify.ts';

/** A time bucket: keys of past buckets can be erased, and then what was sent in them cannot be read again. */
export const bucketMs: number = 15 * 60_000;
/** How far a sender's clock may run ahead before its bucket is refused. */
const maxBucketsAhead = 4;
const maxBucket = 0xffff;

const maxAnnouncementBytes = 3072;

const announcement = record({
  suite: field(1, uint(255)),
  room: field(2, roomId),
  /** Operations its opener knew: with the list they give the roster. */
  control: field(3, ascending(entryId, maxControlHeads)),
  /** The muster list the roster was made from: who is revoked in a later one is outside later epochs. */
  listVersion: field(4, uint(0xffffffff)),
  roster: field(5, rawBytes({ size: 32 })),
  commitment: field(6, rawBytes({ size: 32 })),
  device: field(7, deviceId),
  openedAtMs: field(8, uint()),
});
const signedAnnouncement = record({
  body: field(1, rawBytes({ max: maxAnnouncementBytes - 100 })),
  signature: field(2, rawBytes({ size: 64 })),
});

export const grant = record({
  bucket: field(1, uint(maxBucket)),
  secret: field(2, rawBytes({ size: 32 })),
  announcement: field(3, rawBytes({ max: maxAnnouncementBytes })),
  /** Needed for buckets after the first, which the announcement does not commit to. */
  granter: maybe(4, deviceId),
  signature: maybe(5, rawBytes({ size: 64 })),
  /** The room, where it does not follow from the muster list: receiving this is being invited. */
  room: maybe(6, rawBytes({ max: maxGenesisBytes })),
});
export type Grant = Coded<typeof grant>;

/** An epoch as one device holds it: from the bucket it was granted at, forward. */
export interface Epoch {
  readonly id: EpochId;
  readonly room: RoomId;
  readonly announcement: Bytes;
  readonly device: DeviceId;
  readonly listVersion: number;
  readonly control: readonly EntryId[];
  /** Hash of the devices it was announced to. */
  readonly roster: Bytes;
  readonly openedAtMs: number;
  /** First bucket this device can read. */
  readonly bucket: number;
  readonly secret: Secret<'epoch'>;
  /** First 8 bytes of it name the epoch in an envelope. */
  readonly tag: string;
}

/** A room as an epoch is opened for it. */
export interface RoomFacts {
  readonly room: RoomId;
  readonly control: readonly EntryId[];
  readonly listVersion: number;
  readonly roster: Roster;
}
/** A room as grants are judged by it. */
export interface GrantFacts extends RoomFacts {
  readonly isKnown: (operation: EntryId) => boolean;
  /** The devices that these operations, and all that they knew, give under the list in force. */
  readonly rosterAt: (control: readonly EntryId[]) => Roster;
}
/** A room as epochs to send in are chosen by it. */
export interface SendFacts extends GrantFacts {
  /** Nobody who is out now can have been let in since exactly these operations were known. */
  readonly hasOnlyGrownSince: (control: readonly EntryId[]) => boolean;
}
type Roster = ReadonlyMap<DeviceId, Device>;

export function openEpoch(key: SignKey, device: DeviceId, facts: RoomFacts, nowMs: number, random: Random): Epoch {
  const secret = random(32);
  const body = encode(announcement, {
    suite,
    room: facts.room,
    control: facts.control,
    listVersion: facts.listVersion,
    roster: hashRoster(facts.roster.keys()),
    commitment: hash('epoch-commit', secret, roomId.bytes(facts.room)),
    device,
    openedAtMs: nowMs,
  });
  const bytes = encode(signedAnnouncement, { body, signature: sign(key, 'epoch', body) });
  return asEpoch(bytes, decode(announcement, body), 0, secret);
}

function asEpoch(bytes: Bytes, facts: Coded<typeof announcement>, bucket: number, secret: Bytes): Epoch {
  const id = epochId.of(hash('epoch', bytes));
  return {
    id,
    room: facts.room,
    // A copy: what a grant came in is overwritten once it was read.
    announcement: bytes.slice(),
    device: facts.device,
    listVersion: facts.listVersion,
    control: facts.control,
    roster: facts.roster.slice(),
    openedAtMs: facts.openedAtMs,
    bucket,
    secret: new Secret('epoch', secret),
    tag: tagOf(id),
  };
}

const tagOf = (id: EpochId): string => hex(hash('epoch-tag', epochId.bytes(id)).subarray(0, 8));

/** The grant for one recipient. Signed when it starts after the first bucket (rule R6). */
export function makeGrant(
  epoch: Epoch,
  granter: { readonly key: SignKey; readonly device: DeviceId },
  to: PrekeyId,
  room?: Bytes,
): Grant {
  const common = {
    bucket: epoch.bucket,
    secret: epoch.secret.open(),
    announcement: epoch.announcement,
    ...(room === undefined ? {} : { room }),
  };
  if (epoch.bucket === 0) return common;
  const signature = sign(
    granter.key,
    'grant',
    ...grantParts(epoch.room, epoch.id, epoch.bucket, epoch.secret.open(), to),
  );
  return { ...common, granter: granter.device, signature };
}

const grantParts = (room: RoomId, epoch: EpochId, bucket: number, secret: Bytes, to: PrekeyId): readonly Bytes[] => [
  roomId.bytes(room),
  epochId.bytes(epoch),
  u16be(bucket),
  hash('epoch-commit', secret),
  prekeyId.bytes(to),
];

/** What an epoch's announcement says, before anything about it is believed. Throws `PeerFault('malformed')`. */
export const factsOf = (
  given: Grant,
): Pick<Epoch, 'room' | 'device' | 'listVersion' | 'control'> & { readonly suite: number } =>
  decode(announcement, decode(signedAnnouncement, given.announcement).body);

/** Whether a device of this key announced the epoch: enough to keep a grant that cannot be judged yet. */
export function isAnnouncedBy(given: Grant, signKey: Bytes): boolean {
  const { body, signature } = decode(signedAnnouncement, given.announcement);
  return verify(signKey, signature, 'epoch', body);
}

/**
 * Checks a grant against the room as this device knows it. Throws `PeerFault`:
 * `unknown-reference` when it names an operation or a list that is not here (R1: what it says of the roster could not
 * be judged; it is kept until they are); `not-a-member` when whoever opened the epoch is not in the roster its own
 * operations yield (R7: a removed member may not open one "covering" its own removal), or not in the room now, or the
 * granter is not (R6); `bad-signature`; `bad-commitment` when the secret is not the one announced (a rekeyer cannot
 * give two members two secrets); `out-of-place` for another room or roster.
 */
export function acceptGrant(given: Grant, facts: GrantFacts, to: PrekeyId): Epoch {
  const outer = decode(signedAnnouncement, given.announcement);
  const inner = decode(announcement, outer.body);
  if (inner.suite !== suite)
    throw new PeerFault('unknown-suite', `an epoch of suite ${inner.suite} is not known to this version`);
  if (inner.room !== facts.room) throw new PeerFault('out-of-place', 'a grant belongs to another room');
  if (inner.listVersion > facts.listVersion || !inner.control.every(facts.isKnown))
    throw new PeerFault('unknown-reference', 'an epoch names an operation or a muster list that is not here yet');
  const named = facts.rosterAt(inner.control);
  const opener = named.get(inner.device);
  if (opener === undefined || !facts.roster.has(inner.device))
    throw new PeerFault('not-a-member', 'an epoch was opened by a device that is not in the room');
  if (!verify(opener.signKey, outer.signature, 'epoch', outer.body))
    throw new PeerFault('bad-signature', 'an epoch is not signed by who it names');
  if (inner.listVersion === facts.listVersion && !equal(inner.roster, hashRoster(named.keys())))
    throw new PeerFault('out-of-place', 'an epoch was granted to other devices than its operations and the list give');
  const epoch = asEpoch(given.announcement, inner, given.bucket, given.secret);
  if (given.bucket === 0) {
    const commitment = hash('epoch-commit', given.secret, roomId.bytes(inner.room));
    if (!sameSecret(commitment, inner.commitment))
      throw new PeerFault('bad-commitment', 'a grant carries another secret than was announced');
    return epoch;
  }
  const granter = given.granter === undefined ? undefined : facts.roster.get(given.granter);
  if (granter === undefined || given.signature === undefined)
    throw new PeerFault('not-a-member', 'a later grant is not signed by a device of the room');
  const parts = grantParts(inner.room, epoch.id, given.bucket, given.secret, to);
  if (!verify(granter.signKey, given.signature, 'grant', ...parts))
    throw new PeerFault('bad-signature', 'a grant does not verify');
  return epoch;
}

/**
 * True if what is sealed in this epoch can be read by nobody who is out now: it was opened under the list in force, by
 * a device of the room as it is, for devices that are all still in, and so are those it may have been granted to since:
 * who comes later is let into the epoch that is there. A member about to be removed can announce an epoch
 * for a list that does not have it; it is still its opener, so this says no (R7).
 */
export function isFor(epoch: Epoch, facts: SendFacts): boolean {
  if (epoch.listVersion !== facts.listVersion || !facts.roster.has(epoch.device)) return false;
  if (!epoch.control.every(facts.isKnown)) return false;
  const readers = facts.rosterAt(epoch.control);
  return (
    equal(epoch.roster, hashRoster(readers.keys())) &&
    [...readers.keys()].every((device) => facts.roster.has(device)) &&
    facts.hasOnlyGrownSince(epoch.control)
  );
}

/** The bucket to send in at `nowMs`: by the clock, never behind the newest one seen. */
export function bucketAt(epoch: Epoch, nowMs: number, newestSeen: number): number {
  const byClock = Math.floor(Math.max(0, nowMs - epoch.openedAtMs) / bucketMs);
  return Math.min(maxBucket, Math.max(byClock, newestSeen, epoch.bucket));
}

/** From when on a clock finds a bucket near enough to open what is in it. */
export const readableFromMs = (epoch: Epoch, bucket: number): number =>
  bucket <= maxBucketsAhead ? 0 : epoch.openedAtMs + (bucket - maxBucketsAhead) * bucketMs;

export const isBucketTooFar = (epoch: Epoch, bucket: number, nowMs: number): boolean =>
  nowMs < readableFromMs(epoch, bucket);

/**
 * The bucket each epoch was last asked for. An epoch lives a day, so without it every message of the evening would
 * turn the ratchet some ninety times. It holds nothing that does not follow from the epoch, and goes with it.
 */
const reached = new WeakMap<Epoch, { readonly bucket: number; readonly secret: Bytes }>();

function secretAt(epoch: Epoch, bucket: number): Bytes {
  if (bucket === epoch.bucket) return epoch.secret.open();
  const last = reached.get(epoch);
  if (last?.bucket === bucket) return last.secret;
  const start = last !== undefined && last.bucket < bucket ? last : { ...epoch, secret: epoch.secret.open() };
  if (start !== last) last?.secret.fill(0);
  const id = epochId.bytes(epoch.id);
  let secret = start.secret;
  for (let k = start.bucket; k < bucket; k++) {
    const next = derive(secret, 'bucket', 32, id);
    if (k > epoch.bucket) secret.fill(0);
    secret = next;
  }
  reached.set(epoch, { bucket, secret });
  return secret;
}

/** Key of one bucket. Throws `PeerFault('unknown-key')` for buckets before the one this device was granted. */
export function messageKey(epoch: Epoch, bucket: number): Bytes {
  if (bucket < epoch.bucket)
    throw new PeerFault('unknown-key', 'sent before this device was let in, or its key is erased');
  const id = epochId.bytes(epoch.id);
  return derive(secretAt(epoch, bucket), 'message', 32, roomId.bytes(epoch.room), id, u16be(bucket));
}

/** The same epoch without the buckets before `bucket`: what was sent in them can no longer be read here. */
export function forgetBefore(epoch: Epoch, bucket: number): Epoch {
  if (bucket <= epoch.bucket) return epoch;
  const later = { ...epoch, bucket, secret: new Secret('epoch', secretAt(epoch, bucket)) };
  forgetReached(epoch);
  return later;
}

/** Overwrites what is remembered beside an epoch that is given up. */
export function forgetReached(epoch: Epoch): void {
  reached.get(epoch)?.secret.fill(0);
  reached.delete(epoch);
}

/** Restores an epoch from a vault's row: the announcement was checked when it was first accepted. */
export const restoreEpoch = (bytes: Bytes, bucket: number, secret: Bytes): Epoch =>
  asEpoch(bytes, decode(announcement, decode(signedAnnouncement, bytes).body), bucket, secret);
