/** What comes to this device alone: grants, requests for them, operations of a room it is new to, entries it misses. */

import { readBody } from '../core/body.ts';
import { isOperation, missingIn } from '../core/control.ts';
import { type Entry, readSkeleton } from '../core/entry.ts';
import { factsOf, isAnnouncedBy } from '../core/epoch.ts';
import type { EntryId, PrekeyId, RoomId } from '../core/id.ts';
import { signKeyIn } from '../core/listed.ts';
import { readNeed } from '../core/need.ts';
import type { Payload } from '../core/payload.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { askAfresh } from './beacon.ts';
import { addRoom, invitedTo, takeGrant } from './epoch.ts';
import { isExpired } from './expire.ts';
import { judgeOperations } from './feed.ts';
import { answerNeed, scheduleWant } from './need.ts';
import { unpackPacket } from './packet.ts';
import { type Later, takeEntry } from './place.ts';
import { isEntitled, judged, withOperation } from './room.ts';
import type { RoomState } from './state.ts';
import type { Turn } from './turn.ts';

/** How often to ask for entries before their skeletons will do. */
const patientWants = 5;
/** Grants that wait for an operation or a list. */
const maxWaiting = 256;

/** Takes a packet of our inbox; what it waits for, if it is a grant that cannot be judged yet. Throws `PeerFault`. */
export function takePacket(turn: Turn, packet: Bytes): Later | undefined {
  judgeOperations(turn);
  const { payload, bytes, to } = unpackPacket(turn, packet);
  switch (payload.type) {
    case 'grant':
      try {
        return takeGrantOrWait(turn, payload, to);
      } finally {
        bytes.fill(0);
      }
    case 'need':
      answerNeed(
        turn,
        readNeed(payload, (device) => turn.state.list.devices.get(device)?.signKey),
      );
      return undefined;
    case 'log':
      takeOperations(turn, payload);
      return undefined;
    case 'give':
      takeGiven(turn, payload);
      return undefined;
    default:
      return payload satisfies never;
  }
}

type Of<T extends Payload['type']> = Extract<Payload, { readonly type: T }>;

function takeGrantOrWait(turn: Turn, grant: Of<'grant'>, to: PrekeyId): Later | undefined {
  const facts = factsOf(grant);
  const before = unreadIn(turn, facts.room);
  try {
    takeGrant(turn, grant, facts.room, to);
    if (unreadIn(turn, facts.room) < before) askAfresh(turn, facts.room);
    return undefined;
  } catch (fault) {
    if (!(fault instanceof PeerFault) || fault.code !== 'unknown-reference') throw fault;
    const isLater = facts.listVersion > turn.state.list.version;
    // Anyone who is admitted can put things here: only what a device of the list announced is worth keeping, or one that
    // a later list may have.
    const signKey = turn.state.list.devices.get(facts.device)?.signKey;
    if (signKey === undefined ? !isLater : !isAnnouncedBy(grant, signKey))
      throw new PeerFault('bad-signature', 'an epoch is not signed by who it names');
    if (isLater) return keep(turn, { until: { list: true } }, fault);
    if (turn.state.rooms.has(facts.room)) scheduleWant(turn, facts.room);
    return keep(turn, { until: { operations: facts.control, room: facts.room, by: facts.device } }, fault);
  }
}

/** Epochs in which something was said that could not be read here. */
const unreadIn = ({ state }: Turn, room: RoomId): number =>
  [...(state.rooms.get(room)?.missing.values() ?? [])].filter(({ isSaidIn }) => isSaidIn === true).length;

function keep(turn: Turn, later: Later, fault: PeerFault): Later {
  const waiting = [...turn.state.parked.values()].filter(({ topic }) => topic === turn.state.inbox).length;
  if (waiting >= maxWaiting) throw fault;
  return later;
}

/** Takes operations ahead of their feeds, in the order in which each names only what came before it. */
function takeOperations(turn: Turn, log: Of<'log'>): void {
  const { list, self } = turn.state;
  const known = turn.state.rooms.get(log.room);
  const before = known ?? (log.genesis === undefined ? undefined : invitedTo(log.genesis, list));
  if (before === undefined || before.info.id !== log.room)
    throw new PeerFault('out-of-place', 'operations of a room this device does not know');
  let room: RoomState = before;
  const taken: { readonly id: EntryId; readonly bytes: Bytes }[] = [];
  for (const bytes of log.entries) {
    const entry = readLogged(turn, log.room, bytes);
    const isKnown = entry === undefined || room.operations.has(entry.id) || room.backing.has(entry.id);
    if (isKnown || missingIn(room.control, entry.control).length > 0) continue;
    const next = withOperation(room, entry);
    if (next.operations.has(entry.id) || next.backing.has(entry.id)) taken.push({ id: entry.id, bytes: entry.bytes });
    room = next;
  }
  if (taken.length === 0 && known !== undefined) return;
  const after = judged(room, list);
  if (known === undefined && !after.membership.roster.has(self.device))
    throw new PeerFault('not-a-member', 'operations of a room this device is not in');
  addRoom(turn, after.info);
  turn.setRoom(after);
  for (const { id, bytes } of taken) turn.write({ type: 'operation', room: log.room, id, bytes });
  turn.unlocked = true;
  // What the others said meanwhile in epochs that rest on these was not heard here.
  askAfresh(turn, log.room);
  turn.roomChanged(log.room);
  turn.homeChanged();
}

/** An operation, or the skeleton of an entry that names some; nothing for what does not hold. */
function readLogged(turn: Turn, room: RoomId, bytes: Bytes): Entry | undefined {
  const entry = readOne(turn, room, bytes);
  const isBacking = entry?.isStripped === true && entry.control.length > 0;
  return entry !== undefined && (isBacking || isOperation(readBody(entry.body))) ? entry : undefined;
}

/** Anybody may send these: one that does not hold is passed over, and does not cost the others. */
const readOne = (turn: Turn, room: RoomId, bytes: Bytes): Entry | undefined =>
  turn.guard(() => readSkeleton(bytes.slice(), room, signKeyIn(turn.state.list)));

/**
 * Takes entries that this device misses, and skeletons of those that are not for it. Each proves itself; one that does
 * not fit is left out, not kept. What was before the first that is here joins backwards, so the last one first.
 */
function takeGiven(turn: Turn, { room, entries }: Of<'give'>): void {
  if (!turn.state.rooms.has(room)) throw new PeerFault('out-of-place', 'entries of a room this device does not know');
  const left = entries.flatMap((bytes) => readGiven(turn, room, bytes)).filter((entry) => isLeft(turn, entry));
  for (const entry of left.reverse()) isLeft(turn, entry);
}

const isLeft = (turn: Turn, entry: Entry): boolean => takeEntry(turn, entry) !== undefined;

/**
 * Its content may be over everywhere. Where that follows from no policy of now, it may from one of before: then a feed
 * must not stop there for good, and what was asked for often enough in vain is taken as it is given.
 */
function mayBeGone(turn: Turn, { room: id, timeMs }: Entry): boolean {
  const room = turn.room(id);
  return room.wants >= patientWants || isExpired(turn.state, room, { timeMs, receivedAtMs: timeMs }, turn.nowMs);
}

/** What this device may read is not taken without it: somebody could keep it from being shown. */
function readGiven(turn: Turn, room: RoomId, bytes: Bytes): readonly Entry[] {
  const { list, self } = turn.state;
  const entry = readOne(turn, room, bytes);
  const own = list.devices.get(self.device);
  const isHidden =
    entry?.isStripped === true &&
    own !== undefined &&
    !mayBeGone(turn, entry) &&
    isEntitled(turn.room(room), list, own, entry);
  return entry === undefined || isHidden ? [] : [entry];
}
