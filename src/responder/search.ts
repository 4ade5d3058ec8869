/** What a person who searches is shown: rooms by their titles and what was written in them. Reads only. */
import type { RoomId } from '../core/id.ts';
import { nameOf } from '../core/list.ts';
import { memberOf } from '../core/listed.ts';
import { isVoid } from '../core/standing.ts';
import type { SearchView } from '../ipc/view.ts';
import type { FoundEntry } from '../vault/page.ts';
import { answers, hitsIn, readQuestion } from '../vault/words.ts';
import type { Responder } from './responder.ts';
import { isShown, lastMs, titleOf } from './roomView.ts';

/** `before`: the place of the last message shown so far. */
export function viewSearch(
  device: Responder,
  typed: string,
  where: { readonly room?: RoomId; readonly before?: number; readonly limit: number },
): SearchView {
  const { state } = device;
  const question = readQuestion(typed);
  if (question === undefined) return { rooms: [], messages: [], more: false };
  const asksAll = where.room === undefined && where.before === undefined;
  const shown = [...state.rooms.values()].filter((room) => isShown(device, room));
  const titled = asksAll ? shown.filter((room) => answers(question, titleOf(device, room))) : [];
  const found = search(device, typed, where);
  return {
    rooms: titled.map((room) => {
      const title = titleOf(device, room);
      return { id: room.info.id, title, kind: room.info.kind, hits: hitsIn(title, question) };
    }),
    messages: found.slice(0, where.limit).flatMap((kept) => {
      const room = state.rooms.get(kept.room);
      if (room === undefined) return [];
      const author = state.list.members.find((member) => member.id === memberOf(state.list, kept.device));
      return [
        {
          room: kept.room,
          title: titleOf(device, room),
          entry: kept.id,
          authorName: author === undefined ? 'somebody who has left the list' : nameOf(author),
          atMs: Math.min(kept.timeMs, lastMs),
          ...kept.excerpt,
          place: kept.position,
        },
      ];
    }),
    more: found.length > where.limit,
  };
}

/**
 * One more than asked for, if there are so many. What does not count is shown nowhere: who was out could otherwise still be
 * read by being searched for. Nor does it take the place of what counts: who is out could otherwise hide that from a search.
 */
function search(
  device: Responder,
  typed: string,
  { limit, before, ...where }: { readonly room?: RoomId; readonly before?: number; readonly limit: number },
): readonly FoundEntry[] {
  const found: FoundEntry[] = [];
  for (let from = before; found.length <= limit; ) {
    const page = device.vault.search(typed, {
      ...where,
      limit: limit + 1,
      ...(from === undefined ? {} : { before: from }),
    });
    found.push(...page.filter((kept) => isCounted(device, kept)));
    from = page.at(-1)?.position;
    if (page.length <= limit) break;
  }
  return found.slice(0, limit + 1);
}

function isCounted({ state }: Responder, { room, device, seq }: FoundEntry): boolean {
  const voids = state.rooms.get(room)?.voids;
  return voids !== undefined && !isVoid(voids.get(device) ?? [], seq);
}
