/**
 * What the engine wants on disk, as data. All rows of one step are written in one transaction, before any other
 * effect of that step is carried out; the vault applies them and can give them all back as a `Snapshot`.
 */
import type { Entry } from '../core/entry.ts';
import type { DeviceId, EntryId, EpochId, RoomId } from '../core/id.ts';
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
}

/** Per feed, how many entries from its start a device holds without a gap. */
export type Vector = ReadonlyMap<DeviceId, number>;

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
  | { readonly type: 'epoch-gone'; readonly room: RoomId; readonly epoch: EpochId }
  /** `sealed: false`: written here, and no epoch to send it in yet. */
  | { readonly type: 'entry'; readonly entry: Entry; readonly sealed: boolean; readonly receivedAtMs: number }
  | { readonly type: 'sealed'; readonly room: RoomId; readonly entry: EntryId }
  | { readonly type: 'heads'; readonly room: RoomId; readonly heads: readonly EntryId[] }
  | { readonly type: 'parcel'; readonly parcel: Parcel }
  /** Every relay of the list has it. */
  | { readonly type: 'parcel-done'; readonly id: EnvelopeId }
  | { readonly type: 'held'; readonly room: RoomId; readonly entry: EntryId; readonly relay: RelayId }
  /** Another store than before: what this relay held, and our cursors there, mean nothing any more. */
  | { readonly type: 'relay'; readonly relay: RelayId; readonly store: string }
  | { readonly type: 'cursor'; readonly relay: RelayId; readonly topic: TopicId; readonly offset: number }
  /** An envelope that cannot be used yet: its epoch or its predecessor is missing. */
  | { readonly type: 'parked'; readonly id: EnvelopeId; readonly topic: TopicId; readonly bytes: Bytes }
  | { readonly type: 'unparked'; readonly id: EnvelopeId; readonly topic: TopicId }
  | { readonly type: 'have'; readonly room: RoomId; readonly device: DeviceId; readonly vector: Vector };

export type RowOf<T extends Row['type']> = Extract<Row, { readonly type: T }>;

/** Everything a device needs to go on where it was. */
export interface Snapshot {
  readonly rooms: readonly RowOf<'room'>[];
  readonly epochs: readonly RowOf<'epoch'>[];
  /** Newest entry of each feed. */
  readonly feeds: readonly {
    readonly room: RoomId;
    readonly device: DeviceId;
    readonly seq: number;
    readonly entry: EntryId;
  }[];
  readonly heads: readonly RowOf<'heads'>[];
  readonly parcels: readonly Parcel[];
  readonly relays: readonly RowOf<'relay'>[];
  readonly cursors: readonly RowOf<'cursor'>[];
  readonly parked: readonly RowOf<'parked'>[];
  readonly haves: readonly RowOf<'have'>[];
  /** Own entries no epoch has carried yet, in feed order. */
  readonly unsealed: readonly { readonly room: RoomId; readonly bytes: Bytes }[];
}
