/** What can happen to a device, and what it wants done. Both are plain data: a run can be recorded and replayed. */
import type { FileFacts } from '../core/attachment.ts';
import type { BodyOf } from '../core/body.ts';
import type { DeviceId, DrillId, EntryId, FileId, MemberId, RoomId } from '../core/id.ts';
import type { Random } from '../core/key.ts';
import type { Answer } from '../core/report.ts';
import type { Secret } from '../core/secret.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { Fault } from '../wire/fault.ts';
import type { ClientFrame, RelayFrame } from '../wire/frame.ts';
import type { RelayId, TopicId } from '../wire/id.ts';
import type { Looked } from './ahead.ts';
import type { Row, ShelfPage, Span } from './row.ts';

export type Command =
  | { readonly type: 'send-text'; readonly room: RoomId; readonly text: string }
  | { readonly type: 'create-room'; readonly title: string; readonly members: readonly MemberId[] }
  /** Puts members or devices in or out, gives a role, sets the policy. */
  | { readonly type: 'operate'; readonly room: RoomId; readonly operation: Change }
  /** New keys at once: those of the room that somebody may have taken do not open what is sent from now on. */
  | { readonly type: 'heal'; readonly room: RoomId }
  /** The person compared keys with this member (`holds`), or takes that back. */
  | {
      readonly type: 'verify';
      readonly member: MemberId;
      readonly how: BodyOf<'verified'>['how'];
      readonly holds: boolean;
    }
  | FileCommand
  /** The person has seen these places of feeds, with what the entries there say. */
  | { readonly type: 'read'; readonly room: RoomId; readonly places: readonly (readonly [DeviceId, number])[] }
  | { readonly type: 'answer'; readonly drill: DrillId; readonly answer: Answer; readonly standInFor?: MemberId };

export type FileCommand =
  /** Its chunks are on disk, with the index; from here on they are offered. */
  | {
      readonly type: 'send-file';
      readonly room: RoomId;
      readonly file: FileId;
      readonly salt: Bytes;
      readonly size: number;
      readonly name: string;
    }
  /** `here`: numbers of its chunks that are on disk. `offer-file` brings to every relay again what is whole here. */
  | {
      readonly type: 'fetch-file' | 'offer-file';
      readonly room: RoomId;
      readonly entry: EntryId;
      readonly known: FileFacts & { readonly name: string };
      readonly here: ReadonlySet<number>;
    }
  | { readonly type: 'drop-file'; readonly room: RoomId; readonly entry: EntryId };

/** An operation as a person asks for it: what it cuts off is worked out. */
export type Change =
  | { readonly type: 'remove' | 'add'; readonly members: readonly MemberId[]; readonly devices: readonly DeviceId[] }
  | Pick<BodyOf<'role'>, 'type' | 'member' | 'role'>
  | BodyOf<'policy'>;

/** Entries the engine wants back from disk, and what for. */
export type Reading =
  /** To seal for somebody who wants them. */
  | {
      readonly for: 'give';
      readonly room: RoomId;
      readonly device: DeviceId;
      readonly span: Span;
      readonly to: DeviceId;
    }
  /** To hold against another entry for the same place. */
  | {
      readonly for: 'compare';
      readonly room: RoomId;
      readonly device: DeviceId;
      readonly span: Span;
      readonly other: Bytes;
    }
  /** The index of a file that is fetched: its first chunk. */
  | { readonly for: 'index'; readonly room: RoomId; readonly entry: EntryId; readonly file: FileId }
  /** Chunks of a file, to seal for a relay: `entries` are so many from this number on, or fewer. */
  | {
      readonly for: 'carry';
      readonly room: RoomId;
      readonly entry: EntryId;
      readonly file: FileId;
      readonly from: number;
      readonly count: number;
      readonly relay: RelayId;
    }
  /** To seal again. */
  | { readonly for: 'reseal'; readonly room: RoomId; readonly entry: EntryId }
  /** Texts that came here before a time, and were written before it or after `nowMs`: the oldest `limit` of them. */
  | {
      readonly for: 'expire';
      readonly room: RoomId;
      readonly beforeMs: number;
      readonly nowMs: number;
      readonly limit: number;
    };

export type Event =
  /** The device was opened; links will come up by themselves. */
  | { readonly type: 'start' }
  | {
      readonly type: 'link-up';
      readonly relay: RelayId;
      readonly store: string;
      readonly offsetMs: number;
      /** Which of its addresses led there, and through which proxy, if any. For people: nothing is decided by it. */
      readonly address?: string;
      readonly proxy?: string;
    }
  | { readonly type: 'link-down'; readonly relay: RelayId; readonly text: string }
  | { readonly type: 'frame'; readonly relay: RelayId; readonly frame: RelayFrame }
  /** Time passed; comes at `dueAt(state)` or later. */
  | { readonly type: 'tick' }
  | { readonly type: 'command'; readonly id: number; readonly command: Command }
  /** What of it is on disk, in the order of the feed. */
  | { readonly type: 'read'; readonly reading: Reading; readonly entries: readonly Bytes[] }
  /** Bytes of files that are on disk. */
  | { readonly type: 'counted'; readonly fileBytes: number }
  /** What a relay lacks of the shelf. */
  | { readonly type: 'shelf'; readonly reading: ShelfReading; readonly page: ShelfPage }
  /** Envelopes came by hand. Answered by `carried` once they are on disk. */
  | { readonly type: 'bring'; readonly id: number; readonly items: readonly (readonly [TopicId, Bytes])[] }
  /** Envelopes are about to be carried away by hand: what waits for a relay is made ready. Answered by `carried`. */
  | { readonly type: 'pack'; readonly id: number };

/** A page of the shelf, of what this relay lacks after a position. `ref` tells one from another. */
export interface ShelfReading {
  readonly relay: RelayId;
  readonly after: number;
  /** Only what this device posted, and all of it that the relay did not acknowledge. */
  readonly isOwn: boolean;
  readonly ref: number;
}

export type CommandResult = { readonly room: RoomId; readonly entry?: EntryId };

export type Effect =
  /** At most one a step, and first: nothing else of the step is done before it is on disk. */
  | { readonly type: 'write'; readonly rows: readonly Row[] }
  /** Secrets that this step replaced: overwritten once it is on disk. */
  | { readonly type: 'forget'; readonly secrets: readonly Secret[] }
  | { readonly type: 'read'; readonly reading: Reading }
  | { readonly type: 'read-shelf'; readonly reading: ShelfReading }
  /** Files went: how much there is now, only the disk knows, where one may be another's as well. Answered by `counted`. */
  | { readonly type: 'count-files' }
  | { readonly type: 'carried'; readonly id: number }
  | { readonly type: 'send'; readonly relay: RelayId; readonly frame: ClientFrame }
  | { readonly type: 'done'; readonly id: number; readonly result: CommandResult }
  | { readonly type: 'failed'; readonly id: number; readonly fault: Fault }
  /** A person must see this now. Carries no text: what is shown comes from the view. */
  | { readonly type: 'raise'; readonly drill: DrillId }
  | { readonly type: 'changed'; readonly home: boolean; readonly alarm: boolean; readonly rooms: readonly RoomId[] }
  /** Something from outside was turned down. Exact for our log; nothing of it goes back out. */
  | { readonly type: 'refused'; readonly relay?: RelayId; readonly code: string; readonly text: string };

/** Time and chance, as arguments, and what was worked out of this event before. */
export interface World {
  readonly nowMs: number;
  readonly random: Random;
  /** Nothing depends on it: what is not in here the step does itself. */
  readonly ahead?: Looked;
}
