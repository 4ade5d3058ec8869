/** Files of a room as a screen shows them: what they are called, how much is here, and how far relays have them. */
import { cleanFileName, countChunks } from '../core/attachment.ts';
import { reopenEntry } from '../core/entry.ts';
import type { EntryId, RoomId } from '../core/id.ts';
import { memberOf } from '../core/listed.ts';
import { isVoid } from '../core/standing.ts';
import { roomOf } from '../engine/room.ts';
import type { FileView } from '../ipc/view.ts';
import { isWhole, type KeptFile } from '../vault/files.ts';
import { CallerFault } from '../wire/fault.ts';
import { nameIn } from './operation.ts';
import type { Responder } from './responder.ts';

/** In the order in which they were told of. What does not count is left out. Throws `CallerFault('not-found')`. */
export function viewFiles(device: Responder, id: RoomId): readonly FileView[] {
  roomOf(device.state, id);
  return device.vault.filesOf(id).flatMap((kept) => shown(device, kept) ?? []);
}

/** One of them, if its entry counts and it is not over. */
export function findFile(device: Responder, room: RoomId, entry: EntryId): FileView | undefined {
  const kept = device.vault.fileOf(room, entry);
  return kept === undefined ? undefined : shown(device, kept);
}

/** One of them. Throws `CallerFault('not-found')`. */
export function viewFile(device: Responder, room: RoomId, entry: EntryId): FileView {
  const view = findFile(device, room, entry);
  if (view === undefined) throw new CallerFault('not-found', 'There is no such file in this room.');
  return view;
}

/** Nothing, where its entry does not count. */
function shown(device: Responder, kept: KeptFile): FileView | undefined {
  const [bytes] = device.vault.entryOf(kept.room, kept.entry);
  if (bytes === undefined) return undefined;
  const entry = reopenEntry(bytes, kept.room);
  const voids = roomOf(device.state, kept.room).voids.get(entry.device) ?? [];
  return isVoid(voids, entry.seq) ? undefined : fileView(device, kept, entry);
}

function fileView(
  device: Responder,
  kept: KeptFile,
  entry: Pick<ReturnType<typeof reopenEntry>, 'device' | 'timeMs'>,
): FileView {
  const { list, self, relays } = device.state;
  const chunks = countChunks(kept.facts.size) + 1;
  const held = [...relays.keys()].map((relay) => kept.held.get(relay) ?? 0);
  const author = memberOf(list, entry.device);
  const trouble = kept.isOffered ? troubleOf(device) : undefined;
  return {
    entry: kept.entry,
    name: cleanFileName(kept.name),
    size: kept.facts.size,
    authorName: author === undefined ? 'somebody who has left the list' : nameIn(list, author),
    own: entry.device === self.device,
    atMs: entry.timeMs,
    state: isWhole(kept) ? 'here' : kept.isWanted ? 'fetching' : 'elsewhere',
    offered: kept.isOffered,
    chunks,
    here: kept.here,
    sentChunks: Math.max(0, ...held),
    relays: held.filter((count) => count === chunks).length,
    relaysTotal: relays.size,
    ...(trouble === undefined ? {} : { trouble }),
  };
}

/** Why a relay does not take chunks at the moment. */
function troubleOf({ state }: Responder): string | undefined {
  for (const [id, carry] of state.carries) {
    const relay = state.list.relays.find((each) => each.id === id);
    if (carry.type === 'waiting')
      return `${relay?.name ?? 'A relay'} does not take it now (${carry.code}); it is tried again`;
  }
  return undefined;
}
