/** What can happen to a device, and what it wants done. Both are plain data: a run can be recorded and replayed. */
import type { DrillId, EntryId, MemberId, RoomId } from '../core/id.ts';
import type { Random } from '../core/key.ts';
import type { Answer } from '../core/report.ts';
import type { Fault } from '../wire/fault.ts';
import type { ClientFrame, RelayFrame } from '../wire/frame.ts';
import type { RelayId } from '../wire/id.ts';
import type { Row } from './row.ts';

export type Command =
  | { readonly type: 'send-text'; readonly room: RoomId; readonly text: string }
  | { readonly type: 'create-room'; readonly title: string; readonly members: readonly MemberId[] }
  | { readonly type: 'answer'; readonly drill: DrillId; readonly answer: Answer; readonly standInFor?: MemberId };

export type Event =
  /** The device was opened; links will come up by themselves. */
  | { readonly type: 'start' }
  | { readonly type: 'link-up'; readonly relay: RelayId; readonly store: string; readonly offsetMs: number }
  | { readonly type: 'link-down'; readonly relay: RelayId; readonly text: string }
  | { readonly type: 'frame'; readonly relay: RelayId; readonly frame: RelayFrame }
  /** Time passed; comes at `dueAt(state)` or later. */
  | { readonly type: 'tick' }
  | { readonly type: 'command'; readonly id: number; readonly command: Command };

export type CommandResult = { readonly room: RoomId; readonly entry?: EntryId };

export type Effect =
  /** At most one a step, and first: nothing else of the step is done before it is on disk. */
  | { readonly type: 'write'; readonly rows: readonly Row[] }
  | { readonly type: 'send'; readonly relay: RelayId; readonly frame: ClientFrame }
  | { readonly type: 'done'; readonly id: number; readonly result: CommandResult }
  | { readonly type: 'failed'; readonly id: number; readonly fault: Fault }
  /** A person must see this now. Carries no text: what is shown comes from the view. */
  | { readonly type: 'raise'; readonly drill: DrillId }
  | { readonly type: 'changed'; readonly home: boolean; readonly alarm: boolean; readonly rooms: readonly RoomId[] }
  /** Something from outside was turned down. Exact for our log; nothing of it goes back out. */
  | { readonly type: 'refused'; readonly relay?: RelayId; readonly code: string; readonly text: string };

/** Time and chance, as arguments. */
export interface World {
  readonly nowMs: number;
  readonly random: Random;
}
