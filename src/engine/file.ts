/**
 * Files that are under way on this device: fetched, or offered to relays. What is neither stands on disk alone. A chunk
 * is never held in memory for longer than the step that takes or sends it; of a file only its leaves are.
 */
import { countChunks } from '../core/attachment.ts';
import type { EntryId, RoomId } from '../core/id.ts';
import type { RelayId, TopicId } from '../wire/id.ts';
import type { FileState, State } from './state.ts';
import { type Turn, withKey, withoutKey } from './turn.ts';

/** Files on this device, all together. What a person asks for goes up to here: an evening's photographs, many times over. */
export const maxFilesBytes: number = 4 * 1024 * 1024 * 1024;

/** Chunks of a file with its index. */
export const countAll = ({ facts }: FileState): number => countChunks(facts.size) + 1;

export const isFetched = (state: State, topic: TopicId): boolean =>
  [...state.files.values()].some((file) => file.topic === topic && file.fetching !== undefined);

/** Puts a file in the state, or takes out one that is neither fetched nor offered any more. */
export function setFile(turn: Turn, file: FileState): void {
  const { files } = turn.state;
  const isActive = file.fetching !== undefined || file.isOffered;
  turn.state = { ...turn.state, files: isActive ? withKey(files, file.entry, file) : withoutKey(files, file.entry) };
}

/** The same, and on disk. */
export function keepFile(turn: Turn, file: FileState): void {
  const { room, entry, facts, name, isOffered } = file;
  turn.write({ type: 'file', room, entry, facts, name, isWanted: file.fetching !== undefined, isOffered });
  setFile(turn, file);
  turn.roomChanged(room);
}

/** The bytes of a file go, if no other entry needs them; then there is room for others. */
export function dropBytes(turn: Turn, room: RoomId, entry: EntryId): void {
  turn.write({ type: 'file-gone', room, entry });
  turn.effect({ type: 'count-files' });
}

export const fileIn = (state: State, entry: EntryId): FileState | undefined => state.files.get(entry);

/** A link came up or went down: what was asked for or sent on it is not any more. `isLost`: nothing is there any more. */
export function forgetLink(turn: Turn, relay: RelayId, isLost: boolean): void {
  turn.state = { ...turn.state, carries: withoutKey(turn.state.carries, relay) };
  for (const file of turn.state.files.values()) {
    const { fetching, held } = file;
    const followed = new Set([...(fetching?.followed ?? [])].filter((each) => each !== relay));
    setFile(turn, {
      ...file,
      held: isLost ? withoutKey(held, relay) : held,
      ...(fetching === undefined
        ? {}
        : { fetching: { ...fetching, followed, againAtMs: turn.nowMs + fetching.waitMs } }),
    });
  }
}

/** What this relay acknowledged it has no longer: what this device offers is owed to it again. */
export function oweAgain(turn: Turn, relay: RelayId): void {
  turn.state = { ...turn.state, carries: withoutKey(turn.state.carries, relay) };
  for (const file of turn.state.files.values()) {
    if (!file.isOffered) continue;
    turn.write({ type: 'file-held', room: file.room, entry: file.entry, relay, count: 0 });
    setFile(turn, { ...file, held: withoutKey(file.held, relay) });
  }
}
