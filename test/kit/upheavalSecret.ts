/** What must stay closed, after an upheaval (upheaval.ts): to whoever was out when it was written, and to relays. */

import { type Entry, readSkeleton } from '../../src/core/entry.ts';
import { openEnvelope, readHeader } from '../../src/core/envelope.ts';
import { bucketMs, type Epoch, factsOf, restoreEpoch } from '../../src/core/epoch.ts';
import type { DeviceId, RoomId } from '../../src/core/id.ts';
import type { ListDevice, MusterList } from '../../src/core/list.ts';
import { memberOf, signKeyIn } from '../../src/core/listed.ts';
import { openPacket } from '../../src/core/packet.ts';
import { readPayload } from '../../src/core/payload.ts';
import { inboxOf } from '../../src/core/room.ts';
import { Secret } from '../../src/core/secret.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import { isEntitled } from '../../src/engine/room.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import type { TopicId } from '../../src/wire/id.ts';
import type { Upheaval } from './upheaval.ts';
import { insiders, type Say, short } from './upheavalCheck.ts';
import type { Keys, Text, Watched } from './upheavalWatch.ts';
import type { World } from './world.ts';

/** Within one bucket it makes no difference when somebody was let in, and clocks are off by twenty minutes each way. */
const graceMs = (15 + 40) * 60_000;

interface Sent {
  readonly topic: TopicId;
  readonly bytes: Uint8Array;
}

/** Every different envelope and packet that any device gave to any relay, and every cast. */
function sentIn({ world }: Upheaval): readonly Sent[] {
  const frames = world.relays.flatMap(({ sent }) => sent);
  const known = sentSoFar.get(world);
  if (known?.frames === frames.length) return known.sent;
  const sent = new Map<string, Sent>();
  // The same bytes are offered to every relay: hashed once.
  const ids = new Map<Uint8Array, string>();
  const add = (topic: TopicId, bytes: Uint8Array) => {
    const id = ids.get(bytes) ?? idOfEnvelope(bytes);
    ids.set(bytes, id);
    sent.set(id, { topic, bytes });
  };
  for (const frame of frames) {
    if (frame.type === 'append') for (const [topic, envelope] of frame.items) add(topic, envelope);
    if (frame.type === 'cast') add(frame.topic, frame.bytes);
  }
  const found = { frames: frames.length, sent: [...sent.values()] };
  sentSoFar.set(world, found);
  return found.sent;
}

/** It is asked for once a room. */
const sentSoFar = new WeakMap<World, { readonly frames: number; readonly sent: readonly Sent[] }>();

function tryOr<T, U>(work: () => T, otherwise: U): T | U {
  try {
    return work();
  } catch (fault) {
    if (fault instanceof PeerFault) return otherwise;
    throw fault;
  }
}

/** Everything a device could open, if it kept every key and refused no grant. */
interface Reach {
  readonly epochs: ReadonlyMap<string, Epoch>;
  /** Entries that were given to it alone. */
  readonly given: ReadonlySet<Entry['id']>;
}

function reachOf(upheaval: Upheaval, device: DeviceId, keys: Keys, sent: readonly Sent[], list: MusterList): Reach {
  const epochs = new Map<string, Epoch>();
  const given = new Set<Entry['id']>();
  const keep = (epoch: Epoch) => {
    const known = epochs.get(epoch.tag);
    if (known === undefined || epoch.bucket < known.bucket) epochs.set(epoch.tag, epoch);
  };
  for (const { announcement, bucket, secret } of keys.epochs.values()) keep(restoreEpoch(announcement, bucket, secret));
  const prekeys = [...keys.prekeys.values()].map(({ prekey, seed }) => ({
    ...prekey,
    seed: new Secret('prekey', seed),
  }));
  const pairs = new Map(
    [...keys.pairs].map(([ref, { row, secret }]) => [ref, { ...row.pair, secret: new Secret('pair', secret) }]),
  );
  const inbox = inboxOf(upheaval.world.founded.list, device);
  for (const { topic, bytes } of sent) {
    if (topic !== inbox) continue;
    tryOr(() => {
      const opened = openPacket(bytes, prekeys, pairs, device);
      pairs.set(opened.ref, opened.pair);
      const payload = readPayload(opened.payload);
      if (payload.type === 'grant' && factsOf(payload).suite === 1)
        keep(restoreEpoch(payload.announcement, payload.bucket, payload.secret));
      if (payload.type === 'give')
        for (const each of payload.entries) {
          const entry = readSkeleton(each, payload.room, signKeyIn(list));
          if (!entry.isStripped) given.add(entry.id);
        }
    }, undefined);
  }
  return { epochs, given };
}

/** No text that was written by who knew that X is out is readable by X. */
export function closed(upheaval: Upheaval, id: RoomId, say: Say): void {
  const { world, watched } = upheaval;
  const [judge] = insiders(upheaval, id);
  if (judge === undefined) return;
  const { list } = judge.device.running;
  const sent = sentIn(upheaval);
  const texts = [...watched.texts.values()].filter(({ entry }) => entry.room === id);
  for (const [device, keys] of watched.keys) {
    const forbidden = texts.filter((text) => isForbidden(upheaval, text, device, list, judge.room));
    if (forbidden.length === 0) continue;
    const i = world.devices.findIndex(({ self }) => self.device === device);
    const reach = reachOf(upheaval, device, keys, sent, list);
    for (const { entry, author } of forbidden) {
      const name = `${i} reads ${short(entry.id)} by ${world.devices.indexOf(author)}, who knew it is out`;
      if (reach.given.has(entry.id)) say(`${name}: it was given`);
      const sealed = [...watched.parcels.values()].filter((parcel) => parcel.entry?.id === entry.id);
      // It waited for an epoch until they were in.
      if (sealed.some(({ roster }) => roster.has(device))) continue;
      const copies = world.devices.filter(({ self }) => self.device === device);
      const isThere = copies.some(({ vault }) => vault.entries.get(entry.id)?.entry.isStripped === false);
      if (isThere) say(`${name}: in its vault`);
      for (const { bytes } of sealed) {
        const epoch = reach.epochs.get(readHeader(bytes).tag);
        if (epoch !== undefined && tryOr(() => openEnvelope(epoch, bytes), undefined) !== undefined)
          say(
            `${name}: it holds the epoch ${epoch.tag} from bucket ${epoch.bucket}, sent in ${readHeader(bytes).bucket}`,
          );
      }
    }
  }
}

function isForbidden(
  { world, watched }: Upheaval,
  { entry, author, atMs, roster, knew }: Text,
  device: DeviceId,
  list: MusterList,
  room: Parameters<typeof isEntitled>[0],
): boolean {
  if (device === author.self.device || roster.has(device)) return false;
  const member = memberOf(list, device);
  const isNew = !world.founded.list.devices.has(device);
  const arrivals = watched.additions.filter(
    ({ id, members, devices, ...addition }) =>
      addition.room === entry.room &&
      !knew.has(id) &&
      (members.some((each) => each === member) || devices.includes(device)),
  );
  // Who was let in again later reads from the bucket of then on, and everything where the policy says so. What waited long
  // for a relay was sealed again, in the bucket of then.
  const times = [...arrivals.map((each) => each.atMs), ...(isNew ? [watched.listAtMs ?? 0] : [])];
  const sealedMs = Math.max(atMs, ...sealingsOf(watched, entry.id));
  if (times.some((each) => watched.open.has(entry.room) || each < sealedMs + graceMs)) return false;
  const listed = [list.devices.get(device), list.former.get(device)].find((each) => each !== undefined);
  return listed === undefined || !isEntitled(room, list, listed as ListDevice, entry);
}

/** When the buckets begin that an entry was sealed in. */
const sealingsOf = ({ parcels, opened }: Watched, id: Entry['id']): readonly number[] =>
  [...parcels.values()].flatMap(({ entry, bytes }) => {
    if (entry?.id !== id) return [];
    const { tag, bucket } = readHeader(bytes);
    return [(opened.get(tag)?.openedAtMs ?? 0) + bucket * bucketMs];
  });

/** No key is among what crossed a relay. */
export function unseen(upheaval: Upheaval, say: Say): void {
  const { world, watched } = upheaval;
  const all = Buffer.concat(sentIn(upheaval).map(({ bytes }) => bytes));
  const look = (name: string, secret: Uint8Array) => {
    if (secret.some((byte) => byte !== 0) && all.includes(Buffer.from(secret))) say(`${name} crossed a relay`);
  };
  for (const { epochs, prekeys, pairs } of watched.keys.values()) {
    for (const { secret } of epochs.values()) look('an epoch', secret);
    for (const { seed } of prekeys.values()) look('a prekey', seed);
    for (const { secret } of pairs.values()) look('a pair', secret);
  }
  for (const { self } of world.devices) look('a signing key', self.keys.sign.secret.open().subarray(0, 32));
}
