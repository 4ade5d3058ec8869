/**
 * What the engine wants on disk, as data. All rows of one step are written in one transaction, before any other
 * effect of that step is carried out; the vault applies them and can give them all back as a `Snapshot`.
 */
import type { FileFacts } from '../core/attachment.ts';
import type { Entry } from '../core/entry.ts';
import type { DeviceId, EntryId, EpochId, FileId, PrekeyId, RoomId } from '../core/id.ts';
import type { Pair, PairRef } from '../core/packet.ts';
import type { OwnPrekey } from '../core/prekey.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { EnvelopeId, RelayId, TopicId } from '../wire/id.ts';

/** An envelope on its way to relays. */
export interface Parcel {
  readonly id: EnvelopeId;
  readonly topic: TopicId;
  readonly bytes: Bytes;
  /** The entry inside, where there is one: grants carry none. */
  readonly entry?: { readonly room: RoomId; readonly id: EntryId };
  /** Relays that have it on disk. */
  readonly held: readonly RelayId[];
  /** False: of no use to a relay later on, so it goes once every relay has it. */
  readonly isKept: boolean;
}

/** What of the shelf a relay is not known to have, in order, as much as goes into one append. */
export interface ShelfPage {
  readonly envelopes: readonly Pick<Parcel, 'id' | 'topic' | 'bytes'>[];
  /** Everything up to this position is there. */
  readonly after: number;
  /** The first one after these. */
  readonly next?: EnvelopeId;
}

/** Per feed, how many entries from its start a device holds without a gap. */
export type Vector = ReadonlyMap<DeviceId, number>;

/** Places `from` up to, not including, `to` of a feed, without a gap. Who came later does not begin at 0. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
/** Per feed, what a device holds of it. */
export type Holding = ReadonlyMap<DeviceId, Span>;
/** Per feed, stretches of it that somebody has read, ascending and apart. */
export type Places = ReadonlyMap<DeviceId, readonly Span[]>;

export type Row =
  | { readonly type: 'room'; readonly room: RoomId; readonly genesis: Bytes }
  | {
      readonly type: 'epoch';
      readonly room: RoomId;
      readonly epoch: EpochId;
      readonly announcement: Bytes;
      readonly bucket: number;
      readonly secret: Bytes;
    }
  /** `erased`: its tag, where its time was over and it must not come back. */
  | { readonly type: 'epoch-gone'; readonly room: RoomId; readonly epoch: EpochId; readonly erased?: string }
  /** `sealed: false`: written here, and no epoch to send it in yet. */
  | {
      readonly type: 'entry';
      readonly entry: Entry;
      readonly sealed: boolean;
      readonly receivedAtMs: number;
      /** State follows from it: it is given back at every start. */
      readonly isNotable: boolean;
    }
  /** What it says has come, where only its skeleton was. */
  | { readonly type: 'filled'; readonly entry: Entry; readonly isNotable: boolean }
  /** What it says is over: only its skeleton stays, and nothing of it is found by searching. */
  | { readonly type: 'expired'; readonly room: RoomId; readonly entry: EntryId }
  | { readonly type: 'sealed'; readonly room: RoomId; readonly entry: EntryId }
  /** What it was sealed in is too old to send: it is sealed again. */
  | { readonly type: 'unsealed'; readonly room: RoomId; readonly entry: EntryId }
  | { readonly type: 'heads'; readonly room: RoomId; readonly heads: readonly EntryId[] }
  /** An envelope that is owed to every relay. `held` is empty. */
  | { readonly type: 'parcel'; readonly parcel: Parcel; readonly atMs: number }
  /** Every relay of the list has it, so it is owed no more. */
  | { readonly type: 'parcel-done'; readonly id: EnvelopeId; readonly isKept: boolean }
  /** An envelope that came and is kept; nothing, if it is on the shelf. */
  | ({ readonly type: 'shelve'; readonly atMs: number } & Pick<Parcel, 'id' | 'topic' | 'bytes' | 'entry'>)
  /**
   * A relay has an envelope at this offset, if that is on the shelf; `isHeld`: and on its disk, so the entry inside is
   * shown to be there.
   */
  | {
      readonly type: 'at';
      readonly id: EnvelopeId;
      readonly relay: RelayId;
      readonly offset: number;
      readonly isHeld: boolean;
    }
  /** Of this topic the relay has nothing after this offset any more. */
  | { readonly type: 'rolled-back'; readonly relay: RelayId; readonly topic: TopicId; readonly upTo: number }
  /** What is not owed goes, if it came before this time, and the oldest beyond so many bytes. */
  | { readonly type: 'shelf-bound'; readonly beforeMs: number; readonly bytes: number }
  /** Another store than before: what this relay held, and our cursors there, mean nothing any more. */
  | { readonly type: 'relay'; readonly relay: RelayId; readonly store: string }
  | { readonly type: 'cursor'; readonly relay: RelayId; readonly topic: TopicId; readonly offset: number }
  /** An envelope that cannot be used yet: its epoch or its predecessor is missing. */
  | { readonly type: 'parked'; readonly id: EnvelopeId; readonly topic: TopicId; readonly bytes: Bytes }
  | { readonly type: 'unparked'; readonly id: EnvelopeId; readonly topic: TopicId }
  /** An operation that came ahead of its feed, to somebody who came later. */
  | { readonly type: 'operation'; readonly room: RoomId; readonly id: EntryId; readonly bytes: Bytes }
  /** A prekey of this device, with its seed. */
  | { readonly type: 'own-prekey'; readonly prekey: HeldPrekey }
  /** Its seed is overwritten, and what followed from it. */
  | { readonly type: 'own-prekey-gone'; readonly id: PrekeyId }
  /** The newest prekey of another device. */
  | { readonly type: 'prekey'; readonly device: DeviceId; readonly record: Bytes }
  | { readonly type: 'pair'; readonly ref: PairRef; readonly pair: Pair }
  /** An entry tells of a file; whether it is fetched, and whether this device brings it to relays. */
  | ({ readonly type: 'file'; readonly isWanted: boolean; readonly isOffered: boolean } & FileNote)
  /** How many chunks of it from the first, the index among them, this relay has on disk. */
  | {
      readonly type: 'file-held';
      readonly room: RoomId;
      readonly entry: EntryId;
      readonly relay: RelayId;
      readonly count: number;
    }
  /** A chunk that was checked; nothing, if it is here. */
  | { readonly type: 'chunk'; readonly file: FileId; readonly number: number; readonly bytes: Bytes }
  /** Chunks of no other entry's file go; that there was one stays. */
  | { readonly type: 'file-gone'; readonly room: RoomId; readonly entry: EntryId }
  /** The topic is not followed any more: how far it was read means nothing. */
  | { readonly type: 'untailed'; readonly topic: TopicId }
  /** What this device calls its run since it was opened. Only the newest few are kept. */
  | { readonly type: 'boot'; readonly token: Bytes }
  /** This device must not write any more: a copy of it is, or was. */
  | { readonly type: 'retired'; readonly atMs: number }
  | { readonly type: 'have'; readonly room: RoomId; readonly device: DeviceId; readonly holding: Holding }
  /** What the person of a device has read, as it said, or of this one. */
  | { readonly type: 'read'; readonly room: RoomId; readonly device: DeviceId; readonly places: Places };

/** A file as an entry tells of it. */
export interface FileNote {
  readonly room: RoomId;
  readonly entry: EntryId;
  readonly facts: FileFacts;
  readonly name: string;
}

export type RowOf<T extends Row['type']> = Extract<Row, { readonly type: T }>;

/** An own prekey with what decides when its seed may be erased. */
export interface HeldPrekey extends OwnPrekey {
  /** The entry that made it known; absent for the one the list brings. */
  readonly entry?: EntryId;
  /** When a relay had that entry on disk. */
  readonly publishedAtMs?: number;
  /** Encapsulations that came to it. */
  readonly opened: number;
}

/** Everything a device needs to go on where it was. */
export interface Snapshot {
  readonly rooms: readonly RowOf<'room'>[];
  readonly epochs: readonly RowOf<'epoch'>[];
  /** First place and newest entry of each feed. */
  readonly feeds: readonly {
    readonly room: RoomId;
    readonly device: DeviceId;
    readonly from: number;
    readonly seq: number;
    readonly entry: EntryId;
    /** What the first names as the one before it. */
    readonly before?: EntryId;
  }[];
  readonly heads: readonly RowOf<'heads'>[];
  readonly parcels: readonly Parcel[];
  readonly relays: readonly RowOf<'relay'>[];
  /** Epochs that were erased for their age, oldest first. */
  readonly erased: readonly { readonly room: RoomId; readonly tag: string }[];
  readonly cursors: readonly RowOf<'cursor'>[];
  readonly parked: readonly RowOf<'parked'>[];
  readonly haves: readonly RowOf<'have'>[];
  readonly reads: readonly RowOf<'read'>[];
  /** Files that are fetched or offered, in the order they were told of. */
  readonly files: readonly (FileNote & {
    readonly isWanted: boolean;
    readonly isOffered: boolean;
    /** Numbers of the chunks that are here, of one that is fetched. */
    readonly here: readonly number[];
    readonly held: ReadonlyMap<RelayId, number>;
  })[];
  readonly fileBytes: number;
  readonly prekeys: readonly HeldPrekey[];
  readonly known: readonly RowOf<'prekey'>[];
  readonly pairs: readonly RowOf<'pair'>[];
  readonly retired?: RowOf<'retired'>;
  readonly boots: readonly RowOf<'boot'>[];
  /** Operations that came ahead of their feeds, in the order they came. */
  readonly operations: readonly RowOf<'operation'>[];
  /** Entries from which state follows besides feeds: operations, what names them, verifications. In order. */
  readonly notable: readonly { readonly room: RoomId; readonly bytes: Bytes }[];
  /** Own entries no epoch has carried yet, in feed order. */
  readonly unsealed: readonly { readonly room: RoomId; readonly bytes: Bytes }[];
}
