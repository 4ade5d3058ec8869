/**
 * Rooms: who is in, what they are called, where their envelopes go. A room's id is the hash of its genesis. Two
 * kinds exist without anyone inviting: the `org` room and the rooms of drills follow from the muster list alone,
 * so they are there when every coordinator is gone.
 */
import { type Bytes, concat, utf8 } from '../wire/bytes.ts';
import {
  ascending,
  type Coded,
  decode,
  encode,
  field,
  maybe,
  oneOf,
  rawBytes,
  record,
  text,
  uint,
} from '../wire/cbor.ts';
import { PeerFault } from '../wire/fault.ts';
import { orgId, type TopicId, topicId } from '../wire/id.ts';
import { type DeviceId, deviceId, drillId, type MemberId, memberId, type RoomId, roomId } from './id.ts';
import { derive, type Random } from './key.ts';
import { suite } from './label.ts';
import { maxMembers } from './leaf.ts';
import type { DrillPlan, MusterList } from './list.ts';
import { hash } from './verify.ts';

export const roomKinds = ['org', 'incident', 'drill', 'direct'] as const;
export const maxGenesisBytes = 80 * 1024;

const genesis = record({
  suite: field(1, uint(255)),
  org: field(2, orgId),
  kind: field(3, oneOf(...roomKinds)),
  title: field(4, text(320)),
  /** Who is in; absent: everyone on the muster list, whoever that is. */
  members: maybe(5, ascending(memberId, maxMembers)),
  /** The device that made it; absent in rooms that follow from the list. */
  founder: maybe(6, deviceId),
  createdAtMs: field(7, uint()),
  salt: field(8, rawBytes({ size: 32 })),
  /** The drill it belongs to. */
  drill: maybe(9, drillId),
});

export interface RoomInfo extends Coded<typeof genesis> {
  readonly id: RoomId;
  readonly genesis: Bytes;
  readonly topic: TopicId;
}

/** Throws `PeerFault`: `malformed`, `unknown-suite`, `wrong-organisation`. */
export function readRoom(bytes: Bytes, list: MusterList): RoomInfo {
  const inner = decode(genesis, bytes);
  if (inner.suite !== suite)
    throw new PeerFault('unknown-suite', `a room of suite ${inner.suite} is not known to this version`);
  if (inner.org !== list.org) throw new PeerFault('wrong-organisation', 'a room belongs to another organisation');
  const id = roomId.of(hash('room', bytes));
  return { ...inner, id, genesis: bytes, topic: topicId.of(derive(roomId.bytes(id), 'topic-room', 32)) };
}

export function makeRoom(
  list: MusterList,
  facts: {
    readonly kind: 'incident' | 'direct';
    readonly title: string;
    readonly members: readonly MemberId[];
    readonly founder: DeviceId;
  },
  nowMs: number,
  random: Random,
): RoomInfo {
  const members = [...new Set(facts.members)].sort();
  return readRoom(
    encode(genesis, { suite, org: list.org, ...facts, members, createdAtMs: nowMs, salt: random(32) }),
    list,
  );
}

function followingRoom(list: MusterList, kind: 'org' | 'drill', title: string, drill?: DrillPlan): RoomInfo {
  if (list.rendezvous === undefined)
    throw new PeerFault('out-of-place', 'this copy of the muster list was made for outsiders');
  const about = drill === undefined ? new Uint8Array() : drillId.bytes(drill.id);
  const salt = derive(list.rendezvous.open(), 'rendezvous-room', 32, utf8(kind), about);
  const named = drill === undefined ? {} : { drill: drill.id };
  return readRoom(encode(genesis, { suite, org: list.org, kind, title, createdAtMs: 0, salt, ...named }), list);
}

/** Everyone's room. Follows from the list alone. */
export const orgRoom = (list: MusterList): RoomInfo => followingRoom(list, 'org', 'Everyone');

/** A drill's room. Follows from the list alone, so whoever opens it opens the same one. */
export const drillRoom = (list: MusterList, drill: DrillPlan): RoomInfo => followingRoom(list, 'drill', 'Drill', drill);

/** Where sealed packets for one device wait. Only people on the list can compute it. */
export function inboxOf(list: MusterList, device: DeviceId): TopicId {
  if (list.rendezvous === undefined)
    throw new PeerFault('out-of-place', 'this copy of the muster list was made for outsiders');
  return topicId.of(derive(list.rendezvous.open(), 'topic-inbox', 32, deviceId.bytes(device)));
}

/** What an epoch's announcement commits to: the devices it was granted to. */
export const hashRoster = (devices: Iterable<DeviceId>): Bytes =>
  hash('roster', concat(...[...devices].sort().map(deviceId.bytes)));
