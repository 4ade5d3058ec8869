/**
 * The state of a device. A value: a step makes a new one and leaves the old as it was, so a step that fails, or
 * whose rows the disk refuses, has not happened.
 */

import type { FileFacts, FileIndex } from '../core/attachment.ts';
import type { BodyOf, Readiness } from '../core/body.ts';
import type { DeviceKeys } from '../core/certificate.ts';
import type { ControlLog } from '../core/control.ts';
import type { Entry } from '../core/entry.ts';
import type { Epoch } from '../core/epoch.ts';
import type { DeviceId, DrillId, EntryId, MemberId, PrekeyId, RoomId } from '../core/id.ts';
import type { DrillPlan, MusterList } from '../core/list.ts';
import type { Membership } from '../core/membership.ts';
import type { Chain, Pair, PairRef } from '../core/packet.ts';
import type { OwnPrekey, Prekey } from '../core/prekey.ts';
import type { Answer } from '../core/report.ts';
import type { RoomInfo } from '../core/room.ts';
import type { Mark, Range } from '../core/standing.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';
import type { HeldPrekey, Holding, Parcel, Places, Vector } from './row.ts';

/** Who this device is. While it runs nothing of it changes but whether reading is told. */
export interface Self {
  readonly device: DeviceId;
  readonly member: MemberId;
  readonly keys: DeviceKeys;
  /** The prekey that was made with the device, until the vault keeps it like the later ones. */
  readonly prekeys: readonly OwnPrekey[];
  /** Version of Muster, for readiness facts. */
  readonly app: string;
  readonly factor: Readiness['factor'];
  /** What its person reads is noted nowhere and told to nobody. */
  readonly hidesReading?: boolean;
}

export interface RelayState {
  readonly id: RelayId;
  readonly up: boolean;
  readonly sinceMs: number;
  /** Why it is down, in words. */
  readonly text?: string;
  /** Its clock minus ours, and when that was measured by ours: absent since ours leapt (leap.ts). */
  readonly offsetMs?: number;
  readonly measuredAtMs?: number;
  /** The address that led there, and through which proxy if not directly; of the last time if it is down. */
  readonly address?: string;
  readonly proxy?: string;
  /** Which disk the cursors speak of. */
  readonly store?: string;
  /** It was another one when this device was last connected, or it never was. */
  readonly isNew?: boolean;
  readonly cursors: ReadonlyMap<TopicId, number>;
  /** Topics whose backlog has all come since the link is up. */
  readonly live: ReadonlySet<TopicId>;
  /** Appends that were sent and not answered. */
  readonly inFlight: ReadonlyMap<number, readonly EnvelopeId[]>;
  /** The relay asked us to wait; what it did not take is offered again then. */
  readonly retryAtMs?: number;
  /** Topics with something that could not be kept for want of room: their cursors stay where it was. */
  readonly behind: ReadonlySet<TopicId>;
  /** When to ask again for those from their cursors. */
  readonly askAtMs?: number;
  readonly refill: Refill;
}

/** How far this device is in bringing a relay what it lacks of the shelf. */
export interface Refill {
  /** What this device posted itself is acknowledged up to this position of the shelf; absent once all of it is. */
  readonly ownAfter?: number;
  /** Everything on the shelf up to this position is known to be there. */
  readonly after: number;
  /** When to look; absent when there is nothing to look for, a page is being read or an answer is awaited. */
  readonly atMs?: number;
  /** The page that is being read, or the append that was sent. */
  readonly ref?: number;
  /** What was missing first when it was last looked: if it is still, nobody else is at it. */
  readonly next?: EnvelopeId;
  /** When a page was last brought. */
  readonly broughtAtMs?: number;
  /** Not before this: a relay that loses all of it each time would have us bring it all each time. */
  readonly restUntilMs?: number;
}

export interface Feed {
  /** The first place that is here: 0, except for who came later. */
  readonly from: number;
  /** One more than the newest place that is here; there is no gap between. */
  readonly count: number;
  readonly head: EntryId;
  /** The entry before the first that is here. */
  readonly before?: EntryId;
}

/**
 * An envelope at the topic it came on. The same bytes on another topic are another thing: a relay that brings them
 * there first must not make us pass over them where they belong.
 */
export type Spot = `${TopicId} ${EnvelopeId}`;

/** In portions, the newest last. */
export type Seen = readonly ReadonlySet<Spot>[];

export interface Parked {
  readonly topic: TopicId;
  readonly bytes: Bytes;
  /** What it waits for, as far as that is known: looking again before then would only cost. */
  readonly until?: Until;
  /** When it came, if that was since this device was opened. */
  readonly sinceMs?: number;
}

/**
 * The entries of a feed up to this place, a time by our clock, operations of a room and the device that names them, or a
 * muster list: an author or a version that the one in force does not have.
 */
export type Until =
  | { readonly device: DeviceId; readonly seq: number }
  | { readonly atMs: number }
  | { readonly operations: readonly EntryId[]; readonly room: RoomId; readonly by: DeviceId }
  | { readonly list: true };

/** How often and when others were asked, and when next. */
export interface Asked {
  readonly times: number;
  readonly nextMs: number;
  /** Something was said in that epoch that nobody keeps. */
  readonly isSaidIn?: boolean;
}

/** A chain of packets to a device, with the epochs whose grants went out in it: whoever uses one of them has it. */
export interface Outgoing {
  readonly chain: Chain;
  readonly epochs: ReadonlySet<string>;
}

export interface RoomState {
  readonly info: RoomInfo;
  readonly control: ControlLog;
  /** Signed bytes of the operations, for who comes later. */
  readonly operations: ReadonlyMap<EntryId, Bytes>;
  /** Skeletons of entries that name them, for the same. */
  readonly backing: ReadonlyMap<EntryId, Bytes>;
  /** This device named all operations since it was opened: who joined by a new list has not seen it do so before. */
  readonly hasNamed: boolean;
  /** What the operations and the list in force amount to. */
  readonly membership: Membership;
  /** Per feed, what its author knew from which place on. */
  readonly marks: ReadonlyMap<DeviceId, readonly Mark[]>;
  /** Per feed, places that do not count. */
  readonly voids: ReadonlyMap<DeviceId, readonly Range[]>;
  /** Proofs that a device forked, and when this one would put them into the log. */
  readonly suspects: ReadonlyMap<DeviceId, { readonly proof: Bytes; readonly atMs: number }>;
  /** Tags of epochs that were seen and not granted, and what was asked for. */
  readonly missing: ReadonlyMap<string, Asked>;
  /** When to ask the others for entries that are missing. */
  readonly wantAtMs?: number;
  /** How often that was asked in vain. */
  readonly wants: number;
  /** By tag: how envelopes name them. */
  readonly epochs: ReadonlyMap<string, Epoch>;
  /** Tags of epochs that were erased for their age, oldest first. */
  readonly erased: ReadonlySet<string>;
  /** Newest bucket seen per tag. */
  readonly buckets: ReadonlyMap<string, number>;
  /** Envelopes seen per tag, since this device was opened. */
  readonly counts: ReadonlyMap<string, number>;
  readonly feeds: ReadonlyMap<DeviceId, Feed>;
  /** Entries that no other entry names yet, oldest first. */
  readonly heads: readonly EntryId[];
  /** Own entries that wait for an epoch, in order. */
  readonly unsealed: readonly Entry[];
  /** What the other devices said they hold. */
  readonly haves: ReadonlyMap<DeviceId, Holding>;
  /** What the people of the others have read, as these said, and of this device. */
  readonly reads: ReadonlyMap<DeviceId, Places>;
  /** What of that this device told last, when to tell what is new, and when its person last read here since it was opened. */
  readonly toldRead: Places;
  readonly tellReadMs?: number;
  readonly readMs?: number;
  /** When to say what we hold. */
  readonly sayDue?: SayDue;
  /** What this device last said that it holds: only what is new is said again. */
  readonly said: Holding;
  /** What this device wrote may be offered: it is not an older copy of itself, as far as the relays can tell. */
  readonly isCurrent: boolean;
  /** Since when, and of how many things, it is not known whether they show that it is one. */
  readonly doubt?: { readonly sinceMs: number; readonly pending: number };
  /** Devices that held something else, what this one held when it told them all of that, and how often it did. */
  readonly told: ReadonlyMap<DeviceId, { readonly digest: string; readonly times: number }>;
  /** Devices of the room that do not know of it, and when to tell them. */
  readonly untold: ReadonlyMap<DeviceId, number>;
  /** When this device first had the chance to open an epoch and there was none. */
  readonly openWantedMs?: number;
}

/** What is known of one's own beacons (beacon.ts), since this device was opened. */
export interface BeaconState {
  /** One is to be said then, whatever else; `ask` wants the others to say theirs too. */
  readonly due?: { readonly atMs: number; readonly ask: boolean };
  readonly saidMs?: number;
  /** How many were said since something changed here, and when that was. */
  readonly quiet: number;
  readonly changedMs: number;
  /** From 0 up to 1: so that devices do not say theirs at the same time. */
  readonly chance: number;
}

export interface SayDue {
  readonly atMs: number;
  /** Everything and not only what is new, for somebody who holds something else; who holds more is to say so. */
  readonly isAll: boolean;
  /** Of each feed, how much others said to hold since: what they said does not have to be said once more. */
  readonly heard: Vector;
}

export interface Verified {
  /** False: it was taken back. */
  readonly holds: boolean;
  readonly how: BodyOf<'verified'>['how'];
  readonly atMs: number;
}

/** What is known of one drill from the list and the entries that came. */
export interface DrillState {
  readonly plan: DrillPlan;
  readonly startMs: number;
  readonly room: RoomId;
  readonly opened?: { readonly device: DeviceId; readonly atMs: number };
  readonly raised: ReadonlySet<DeviceId>;
  /** The newest answer of each member. */
  readonly answers: ReadonlyMap<MemberId, Answer>;
  /** Who stepped in for whom. */
  readonly standIns: ReadonlyMap<MemberId, MemberId>;
  /** The first closing by a coordinator, with how many entries of each feed it names. */
  readonly closed?: { readonly device: DeviceId; readonly seq: number; readonly cut: Vector };
  readonly closers: ReadonlySet<DeviceId>;
  /** For whom this device's person was asked to step in, since it was opened. */
  readonly asked: ReadonlySet<MemberId>;
  /** The screen was told that its time is over. */
  readonly isOverShown: boolean;
}

/** A file that is being fetched, or that this device offers to relays. */
export interface FileState {
  readonly room: RoomId;
  readonly entry: EntryId;
  readonly facts: FileFacts;
  /** As its sender called it: not shown without `cleanFileName`. */
  readonly name: string;
  readonly topic: TopicId;
  /** Once it was read or came, as long as it is needed. */
  readonly index?: FileIndex;
  /** Absent: it is whole here. */
  readonly fetching?: Fetch;
  readonly isOffered: boolean;
  /** How many chunks from the first each relay acknowledged, the index among them. */
  readonly held: ReadonlyMap<RelayId, number>;
}

export interface Fetch {
  /** Numbers of the chunks that are here. */
  readonly here: ReadonlySet<number>;
  /** Relays that were asked for the topic since their link is up. */
  readonly followed: ReadonlySet<RelayId>;
  /** When all is asked for from the beginning, if nothing comes until then, and how long after this that was. */
  readonly againAtMs: number;
  readonly waitMs: number;
}

/** What of a file is on its way to one relay. */
export type Carry =
  | { readonly type: 'reading'; readonly entry: EntryId; readonly from: number }
  | { readonly type: 'sent'; readonly entry: EntryId; readonly upTo: number; readonly ref: number }
  /** The relay did not take it, and why: it is tried again at this time. */
  | { readonly type: 'waiting'; readonly atMs: number; readonly code: string };

export interface State {
  readonly self: Self;
  readonly list: MusterList;
  readonly relays: ReadonlyMap<RelayId, RelayState>;
  readonly rooms: ReadonlyMap<RoomId, RoomState>;
  /** Which room's envelopes a topic carries; the inbox is not in here. */
  readonly topics: ReadonlyMap<TopicId, RoomId>;
  readonly inbox: TopicId;
  readonly outbox: ReadonlyMap<EnvelopeId, Parcel>;
  readonly parked: ReadonlyMap<Spot, Parked>;
  /** Envelopes seen lately, so that the second relay's copy costs one hash. */
  readonly seen: Seen;
  readonly drills: ReadonlyMap<DrillId, DrillState>;
  /** This device's own prekeys, the newest last. */
  readonly prekeys: readonly HeldPrekey[];
  /** Prekeys of others that are newer than the list's. */
  readonly known: ReadonlyMap<DeviceId, Prekey>;
  /** By the prekey they go to. Only in memory: losing one costs an encapsulation. */
  readonly outgoing: ReadonlyMap<PrekeyId, Outgoing>;
  readonly pairs: ReadonlyMap<PairRef, Pair>;
  /** Grants and entries given lately, so that the same request is not answered over and over. */
  readonly answered: ReadonlyMap<string, number>;
  /** Who compared keys with whom: by verifier, then by member. */
  readonly verified: ReadonlyMap<MemberId, ReadonlyMap<MemberId, Verified>>;
  readonly files: ReadonlyMap<EntryId, FileState>;
  readonly carries: ReadonlyMap<RelayId, Carry>;
  /** Bytes of chunks on this device. */
  readonly fileBytes: number;
  /** When the shelf was last held against its bounds. */
  readonly sweptAtMs: number;
  /** What this device calls its run since it was opened, and what it called those before: another is a copy of it. */
  readonly boot: string;
  readonly boots: ReadonlySet<string>;
  readonly beacon: BeaconState;
  /** A copy of this device was writing: it writes nothing more, and a new one has to be enrolled. */
  readonly retiredAtMs?: number;
  /** When this device last looked for what is over, since it was opened. */
  readonly lookedMs?: number;
  /** When it was last stepped, since it was opened. */
  readonly ranMs?: number;
  readonly nextRef: number;
}
