/** A room on the screen: its page, and how each message reads. Reads only, as all of view.ts does. */
import { cleanFileName, sizeWords } from '../core/attachment.ts';
import { type Body, readBody } from '../core/body.ts';
import { type Entry, reopenEntry } from '../core/entry.ts';
import type { DeviceId, EntryId, RoomId } from '../core/id.ts';
import { type ListDevice, type Member, nameOf } from '../core/list.ts';
import { memberOf } from '../core/listed.ts';
import { isVoid } from '../core/standing.ts';
import { gapsIn } from '../engine/gap.ts';
import { readersOf } from '../engine/reading.ts';
import { isEntitled, roomOf } from '../engine/room.ts';
import type { RoomState } from '../engine/state.ts';
import type { MessageView, RoomView } from '../ipc/view.ts';
import type { KeptEntry } from '../vault/page.ts';
import { CallerFault } from '../wire/fault.ts';
import { findFile } from './fileView.ts';
import { describeOperation, nameIn } from './operation.ts';
import { viewPeople } from './people.ts';
import type { Responder } from './responder.ts';

/** Rooms of drills that have not started are there, but nobody is told when a drill will be. */
export function isShown(device: Responder, room: RoomState): boolean {
  const drill = room.info.drill === undefined ? undefined : device.state.drills.get(room.info.drill);
  return room.info.kind !== 'drill' || (drill !== undefined && device.nowMs >= drill.startMs && room.feeds.size > 0);
}

export function titleOf(device: Responder, room: RoomState): string {
  const drill = room.info.drill === undefined ? undefined : device.state.drills.get(room.info.drill);
  return drill?.plan.title ?? room.info.title;
}

export const membersOf = (device: Responder, { membership }: RoomState): readonly Member[] =>
  device.state.list.members.filter((member) => membership.people.has(member.id));

/** The newest of a room, or what came before an entry. Throws `CallerFault('not-found')`. */
export function viewRoom(device: Responder, id: RoomId, before: EntryId | undefined, limit: number): RoomView {
  const page = device.vault.pageOf(id, before, limit + 1);
  return viewPage(device, roomOf(device.state, id), {
    shown: page.slice(Math.max(0, page.length - limit)),
    more: page.length > limit,
    newer: before !== undefined,
  });
}

/** An entry with what came before and after it, half of `limit` each. Throws `CallerFault('not-found')`. */
export function viewAround(device: Responder, id: RoomId, entry: EntryId, limit: number): RoomView {
  const room = roomOf(device.state, id);
  const half = Math.ceil(limit / 2);
  const after = device.vault.pageFrom(id, entry, half + 1);
  if (after.length === 0) throw new CallerFault('not-found', 'This message is not on this device any more.');
  const before = device.vault.pageOf(id, entry, limit - half + 1);
  return viewPage(device, room, {
    shown: [...before.slice(Math.max(0, before.length - (limit - half))), ...after.slice(0, half)],
    more: before.length > limit - half,
    newer: after.length > half,
  });
}

interface Page {
  readonly shown: readonly KeptEntry[];
  readonly more: boolean;
  readonly newer: boolean;
}

function viewPage(device: Responder, room: RoomState, { shown, more, newer }: Page): RoomView {
  const { id } = room.info;
  const shelf = shelfOf(device, room);
  return {
    id,
    title: titleOf(device, room),
    kind: room.info.kind,
    ...viewPeople(device, room),
    messages: shown.map((entry) => message(shelf, entry)),
    more,
    newer,
    missing: gapsIn(device.state, id).map((gap) => ({
      name: authorName(device, gap.device),
      entries: gap.to - gap.from,
      from: gap.from + 1,
    })),
    waitingForKey: [...device.state.parked.values()].filter((parked) => parked.topic === room.info.topic).length,
  };
}

/** What all messages of one room have in common, worked out once for a page of them. */
interface Shelf {
  readonly device: Responder;
  readonly room: RoomState;
  readonly roster: readonly ListDevice[];
  readonly members: readonly Member[];
}

export const shelfOf = (device: Responder, room: RoomState): Shelf => ({
  device,
  room,
  roster: [...room.membership.roster.values()],
  members: membersOf(device, room),
});

function authorName({ state }: Responder, id: DeviceId): string {
  const member = memberOf(state.list, id);
  const author = state.list.members.find((each) => each.id === member);
  return author === undefined ? 'somebody who has left the list' : nameOf(author);
}

/** The last moment that a date can show: an author may name a later one, and nobody's screen breaks over it. */
export const lastMs = 8.64e15;

export function message({ device, room, roster, members }: Shelf, kept: KeptEntry): MessageView {
  const { list, self } = device.state;
  const entry = reopenEntry(kept.bytes, room.info.id);
  const { body: said, isStripped } = entry;
  const body = readBody(said);
  const author = list.members.find((member) => member.id === memberOf(list, kept.device));
  const name = authorName(device, kept.device);
  const isOut = isVoid(room.voids.get(kept.device) ?? [], kept.seq);
  const has = new Set(
    roster
      .filter(({ id }) => {
        if (id === self.device || id === kept.device) return true;
        const span = room.haves.get(id)?.get(kept.device);
        return span !== undefined && span.from <= kept.seq && kept.seq < span.to;
      })
      .map(({ id }) => id),
  );
  const readers = readersOf(device.state, room, entry);
  const file = body?.type === 'file' && !isOut && !isStripped ? findFile(device, room.info.id, kept.id) : undefined;
  return {
    ...(file === undefined ? {} : { file }),
    entry: kept.id,
    author: author?.id ?? '',
    authorName: name,
    own: kept.device === self.device,
    atMs: Math.min(kept.timeMs, lastMs),
    kind: body?.type === 'text' && !isOut ? 'text' : 'notice',
    text: isStripped
      ? strippedText(device, room, name, entry)
      : isOut
        ? outText(name)
        : sentence({ device, room }, name, body, kept.id),
    // Of those that a message can still be had from: one that left the list holds nothing for anybody.
    relays: list.relays.filter(({ id }) => kept.relays.includes(id)).length,
    relaysTotal: list.relays.length,
    devices: has.size,
    devicesTotal: roster.length,
    members: members.map((member) => ({
      name: nameOf(member),
      has: member.devices.some((each) => has.has(each.id)),
      read: readers.has(member.id),
    })),
  };
}

/** What this person might have read was read by nobody's leave but time's. */
function strippedText({ state }: Responder, room: RoomState, name: string, entry: Entry): string {
  const own = state.list.devices.get(state.self.device);
  return own !== undefined && isEntitled(room, state.list, own, entry)
    ? `${name} wrote something that is not kept any more.`
    : `${name} wrote something while you were not in this room.`;
}

const answerWords = { there: 'is there', 'need-help': 'needs help', 'not-available': 'is not available' } as const;

const outText = (who: string): string =>
  `A device of ${who} wrote something after it was out of this room. It is kept as evidence, does not count, and is not shown.`;

function sentence(
  { device, room }: Pick<Shelf, 'device' | 'room'>,
  who: string,
  body: Body | undefined,
  entry: EntryId,
): string {
  const relayName = (id: string) => device.state.list.relays.find((relay) => relay.id === id)?.name ?? 'a relay';
  switch (body?.type) {
    case 'text':
      return body.text;
    case 'alarm':
      return `EXERCISE: ${who}’s device opened the drill.`;
    case 'raised':
      return `The alarm is on ${who}’s screen.`;
    case 'answer':
      return body.standInFor === undefined
        ? `${who} ${answerWords[body.answer]}.`
        : `${who} stepped in for ${nameIn(device.state.list, body.standInFor)}.`;
    case 'relay':
      return body.up
        ? `${who}’s device found ${relayName(body.relay)} again.`
        : `${who}’s device lost ${relayName(body.relay)}.`;
    case 'close':
      return `EXERCISE: ${who}’s device closed the drill.`;
    case 'remove':
    case 'add':
    case 'role':
    case 'policy':
    case 'fork':
      return describeOperation(device.state.list, room, who, body, entry);
    case 'prekey':
      return `${who}’s device has a new key for being let into rooms.`;
    case 'file':
      return `${who} sent the file ${cleanFileName(body.name)} (${sizeWords(body.size)}).`;
    case 'verified':
      return body.holds
        ? `${who} compared keys with ${nameIn(device.state.list, body.member)}: they are right.`
        : `${who} takes back having compared keys with ${nameIn(device.state.list, body.member)}.`;
    case undefined:
      return `Something from ${who} that this version of Muster does not know. It is kept; a newer version shows it.`;
    default:
      return body satisfies never;
  }
}
