/** What has to hold after an upheaval (upheaval.ts), whatever happened in it. Failures are told in words, not thrown. */

import { readBody } from '../../src/core/body.ts';
import { missingIn } from '../../src/core/control.ts';
import { type Entry, reopenEntry } from '../../src/core/entry.ts';
import { readHeader } from '../../src/core/envelope.ts';
import { readFork } from '../../src/core/fork.ts';
import type { RoomId } from '../../src/core/id.ts';
import { memberOf, signKeyIn } from '../../src/core/listed.ts';
import { isVoid } from '../../src/core/standing.ts';
import { idOfEnvelope } from '../../src/core/verify.ts';
import { cameLaterMs, horizonOf, isEntitled, judged, mayReadBack, withOperation } from '../../src/engine/room.ts';
import type { RoomState } from '../../src/engine/state.ts';
import { hex } from '../../src/wire/bytes.ts';
import type { Upheaval } from './upheaval.ts';
import type { WorldDevice } from './world.ts';

export type Say = (what: string) => void;

/** A device that did nothing wrong and is still in the room, with what it holds of it. */
export interface Inside {
  readonly i: number;
  readonly device: WorldDevice;
  readonly room: RoomState;
  readonly entries: ReadonlyMap<Entry['id'], Entry>;
}

/** The room as somebody sees it who knows all that any device knows that did nothing wrong and has its place. */
export function truthOf({ world, spoilt, gone }: Upheaval, id: RoomId): RoomState | undefined {
  const honest = world.devices.filter((device) => !spoilt.has(device) && !gone.has(device));
  const rooms = honest.flatMap(({ running }) => running.rooms.get(id) ?? []);
  const [first] = rooms;
  const list = honest[0]?.running.list;
  if (first === undefined || list === undefined) return undefined;
  let all = first;
  let waiting = rooms.flatMap(({ operations, backing }) => [...operations.values(), ...backing.values()]);
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length;
    waiting = waiting.filter((bytes) => {
      const entry = reopenEntry(bytes, id);
      if (missingIn(all.control, entry.control).length > 0) return true;
      all = withOperation(all, entry);
      return false;
    });
  }
  return judged(all, list);
}

/**
 * Those who are in by that. Somebody who was put out by a side that they could not hear, and still has not, takes
 * themselves for in, and is not among them.
 */
export function insiders(upheaval: Upheaval, id: RoomId): readonly Inside[] {
  const { world, spoilt, gone } = upheaval;
  const roster = truthOf(upheaval, id)?.membership.roster;
  return world.devices.flatMap((device, i) => {
    const room = device.running.rooms.get(id);
    if (spoilt.has(device) || gone.has(device) || room === undefined) return [];
    if (roster?.has(device.self.device) !== true) return [];
    const mine = [...device.vault.entries.values()].map(({ entry }) => entry).filter((entry) => entry.room === id);
    return [{ i, device, room, entries: new Map(mine.map((entry) => [entry.id, entry])) }];
  });
}

export const short = (id: string): string => id.slice(0, 6);

const sorted = (lines: Iterable<string>): string => [...lines].sort().join('\n');

/** What the operations amount to, as text that can be compared. */
const judgementOf = ({ membership }: RoomState): Readonly<Record<string, string>> => ({
  // What is without right is not named by anyone, so that not everybody comes to know of it.
  verdicts: sorted(
    [...membership.verdicts]
      .filter(([, verdict]) => verdict !== 'no-right')
      .map(([id, verdict]) => `${short(id)} ${verdict}`),
  ),
  people: sorted([...membership.people].map(([id, { role, depth }]) => `${short(id)} ${role} ${depth}`)),
  roster: sorted([...membership.roster.keys()].map(short)),
  policy: JSON.stringify(membership.policy),
  contested: sorted([...membership.contested].map(short)),
  heads: sorted(membership.heads.map(short)),
});

export function agree(upheaval: Upheaval, id: RoomId, say: Say): void {
  const inside = insiders(upheaval, id);
  const [first] = inside;
  if (first === undefined) return;
  for (const other of inside) {
    const [a, b] = [judgementOf(first.room), judgementOf(other.room)];
    for (const [name, value] of Object.entries(a))
      if (value !== b[name]) say(`${first.i} and ${other.i} differ in ${name}:\n${value}\n--\n${b[name]}`);
    for (const author of other.room.feeds.keys()) {
      const [x, y] = [first.room.feeds.get(author), other.room.feeds.get(author)];
      if (x === undefined || y === undefined || x.from !== y.from) continue;
      const [v, w] = [first, other].map(({ room }) => JSON.stringify(room.voids.get(author) ?? []));
      if (v !== w) say(`${first.i} and ${other.i} differ in what of ${short(author)} is void: ${v} ${w}`);
    }
  }
  if (inside.length !== first.room.membership.roster.size) noteAbsent(upheaval, inside, first, say);
  sameEntries(upheaval, inside, say);
}

/** Who is in the room by what the others say has to find itself in it. */
function noteAbsent({ world, spoilt }: Upheaval, inside: readonly Inside[], first: Inside, say: Say): void {
  for (const id of first.room.membership.roster.keys()) {
    if (inside.some(({ device }) => device.self.device === id)) continue;
    const device = world.devices.find(({ self }) => self.device === id);
    if (device !== undefined && !spoilt.has(device))
      say(`${world.devices.indexOf(device)} does not know that it is in`);
  }
}

/** Entries that count, by any of those inside: everyone has them from where it begins, whole where it may. */
function sameEntries(upheaval: Upheaval, inside: readonly Inside[], say: Say): void {
  const all = new Map<Entry['id'], { readonly entry: Entry; readonly by: Inside }>();
  for (const by of inside)
    for (const entry of by.entries.values()) {
      if (isVoid(by.room.voids.get(entry.device) ?? [], entry.seq)) continue;
      const known = all.get(entry.id);
      if (known === undefined || known.entry.isStripped) all.set(entry.id, { entry, by });
    }
  const missing = new Map<string, string>();
  for (const { device, room, entries, i } of inside) {
    for (const { entry, by } of all.values()) {
      const feed = room.feeds.get(entry.device);
      if (feed === undefined || entry.seq < feed.from) {
        if (isFromBeginning(device, room)) missing.set(`${i} ${entry.device}`, nameOf(upheaval, entry, by));
        continue;
      }
      const mine = entries.get(entry.id);
      if (mine === undefined) missing.set(`${i} ${entry.device}`, nameOf(upheaval, entry, by));
      // What came as a skeleton is not asked for again when a policy gives it to them later.
      else if (!upheaval.watched.open.has(room.info.id) && isWholeFor(room, device, entry) && mine.isStripped)
        missing.set(`${i} ${entry.device} whole`, `the text of ${nameOf(upheaval, entry, by)}`);
    }
  }
  for (const [who, what] of missing) say(`${who.split(' ')[0]} misses ${what}`);
}

const nameOf = ({ world }: Upheaval, entry: Entry, by: Inside): string =>
  `${world.devices.findIndex(({ self }) => self.device === entry.device)}/${entry.seq} ${short(entry.id)} (${readBody(entry.body)?.type}; ask ${by.i})`;

function isWholeFor(room: RoomState, { running }: WorldDevice, entry: Entry): boolean {
  const own = running.list.devices.get(running.self.device);
  return own !== undefined && isEntitled(room, running.list, own, entry);
}

/** True of who was there at the founding: the others begin later, if they may not read back. */
const isFromBeginning = ({ running }: WorldDevice, room: RoomState): boolean =>
  cameLaterMs(room, running.list, running.self) === undefined || mayReadBack(room, running.list, running.self);

/** Nobody who did nothing wrong is taken for a copy of themselves. */
export function innocent({ world, spoilt }: Upheaval, id: RoomId, say: Say): void {
  const guilty = new Set([...spoilt].map(({ self }) => self.device));
  for (const [i, device] of world.devices.entries()) {
    if (spoilt.has(device)) continue;
    if (device.running.retiredAtMs !== undefined) say(`${i} is retired`);
    for (const { body } of device.running.rooms.get(id)?.control.operations.values() ?? [])
      if (body.type === 'fork' && !guilty.has(readFork(body.proof, id, signKeyIn(device.running.list)).device))
        say(`${i} knows of a fork that was none`);
  }
}

/** Everybody in the room reads what everybody who may write wrote last. */
export function speak(upheaval: Upheaval, id: RoomId, say: Say): void {
  const inside = insiders(upheaval, id);
  for (const author of inside) {
    const own = [...author.entries.values()].filter(({ device }) => device === author.device.self.device);
    const last = own.filter((entry) => textOf(entry) === `last ${author.i}`);
    if (last.length !== 1) say(`${author.i} could not write`);
    for (const reader of inside)
      for (const { id: entry, device, seq } of last) {
        const there = reader.entries.get(entry);
        if (there === undefined || there.isStripped) say(`${reader.i} does not read what ${author.i} wrote last`);
        else if (isVoid(reader.room.voids.get(device) ?? [], seq)) say(`${reader.i} takes ${author.i}'s last for void`);
      }
  }
}

const textOf = (entry: Entry): string | undefined => {
  const body = readBody(entry.body);
  return body?.type === 'text' ? body.text : undefined;
};

/**
 * What its author's device has is there as long as that is among them. What a relay has of somebody who is out by now is,
 * if it counts, with those inside: it is lost only where every holder was. An epoch that somebody opened who is out is
 * granted to nobody who does not hold it already, and what is in it opens for nobody else (4.5, step 7). Somebody off the
 * list hears no more of the room: what they send in an epoch that is over by its policy comes when its keys are erased.
 * What came after something that is lost has no place in its feed, and what names an operation that is lost cannot be
 * judged: two who are off the list tell each other of operations that nobody else can open.
 */
export function kept(upheaval: Upheaval, id: RoomId, say: Say): void {
  const { world, watched, spoilt } = upheaval;
  const inside = insiders(upheaval, id);
  const truth = truthOf(upheaval, id);
  const [first] = inside;
  if (first === undefined || truth === undefined) return;
  const { roster } = truth.membership;
  const { epochMs } = horizonOf(truth);
  const isOpen = (tag: string, { device, timeMs }: Entry): boolean => {
    const epoch = watched.opened.get(tag);
    if (epoch === undefined || !roster.has(epoch.device)) return false;
    return roster.has(device) || timeMs <= epoch.openedAtMs + epochMs;
  };
  const stored = world.relays.flatMap(({ topics }) => [...topics.values()].flat());
  const held = new Set(
    stored.flatMap(({ bytes }) => {
      const sealed = watched.parcels.get(idOfEnvelope(bytes))?.entry;
      const entry = sealed === undefined ? undefined : watched.authored.get(sealed.id)?.entry;
      return entry !== undefined && isOpen(readHeader(bytes).tag, entry) ? [entry.id] : [];
    }),
  );
  const isLost = (operation: Entry['id']): boolean =>
    !held.has(operation) && !inside.some(({ room }) => room.operations.has(operation));
  const ended = new Set<WorldDevice>();
  const bySeq = [...watched.authored.values()].sort((a, b) => a.entry.seq - b.entry.seq);
  for (const { entry, author } of bySeq) {
    if (entry.room !== id || inside.some(({ entries }) => entries.has(entry.id))) continue;
    const name = nameOf(upheaval, entry, first);
    const wouldCount = entry.seq < truth.membership.limitOf(entry.device, new Set());
    if (inside.some(({ device }) => device === author)) say(`${name} is lost although its author is there`);
    else if (!held.has(entry.id) || entry.control.some(isLost)) ended.add(author);
    else if (!ended.has(author) && wouldCount && !spoilt.has(author)) say(`${name} is at a relay, and nobody has it`);
  }
}

/** Of somebody who was put out once, what the one who did it had counts. */
export function spared(upheaval: Upheaval, id: RoomId, say: Say): void {
  const { watched, spoilt } = upheaval;
  const inside = insiders(upheaval, id);
  const all = watched.removals.filter(({ room }) => room === id);
  const guilty = new Set([...spoilt].map(({ self }) => self.device));
  for (const { i, room } of inside)
    for (const [device, ranges] of room.voids) {
      const member = memberOf(upheaval.world.founded.list, device);
      const those = all.filter(({ members, devices }) => devices.includes(device) || members.some((m) => m === member));
      const [removal] = those;
      const from = ranges[0]?.from ?? Number.POSITIVE_INFINITY;
      if (removal === undefined || those.length > 1 || guilty.has(device)) continue;
      if (from < (removal.held.get(device) ?? 0))
        say(`${i} takes for void what ${short(removal.id)} had of ${short(device)}`);
    }
}

/** A picture of all final states. */
export function pictureOf({ world, rooms }: Upheaval): string {
  return world.devices
    .map(({ running, vault }) => {
      const parts = rooms.map((id) => {
        const room = running.rooms.get(id);
        if (room === undefined) return 'none';
        const epochs = [...room.epochs.values()].map(
          ({ tag, bucket, secret }) => `${tag} ${bucket} ${hex(secret.open())}`,
        );
        return [JSON.stringify([...room.feeds]), JSON.stringify(judgementOf(room)), ...epochs].join(' ');
      });
      return [...parts, sorted(vault.entries.keys()), sorted(vault.held), running.prekeys.map((each) => each.id)].join(
        ' ',
      );
    })
    .join('\n');
}
