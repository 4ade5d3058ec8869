/** What a person does to a room: puts members in and out, gives roles, sets the policy, heals it. */
import type { Body } from '../core/body.ts';
import type { DeviceId, EntryId, MemberId, RoomId } from '../core/id.ts';
import type { MusterList } from '../core/list.ts';
import { everyDevice } from '../core/listed.ts';
import { CallerFault } from '../wire/fault.ts';
import { openingsLeft, openRoomEpoch, pickEpoch, sendCurrentGrant, sendOperations } from './epoch.ts';
import type { Change, Command, CommandResult } from './event.ts';
import { author, mayWrite, sealIn } from './feed.ts';
import { orgRoomOf, rotatePrekey } from './key.ts';
import { roomOf } from './room.ts';
import type { RoomState, Self } from './state.ts';
import { type Turn, withoutKey } from './turn.ts';
import { digestOf } from './verified.ts';

type Of<T extends Command['type']> = Extract<Command, { readonly type: T }>;

/** Throws `CallerFault`: `not-found`, `not-allowed`. */
export function operate(turn: Turn, { room: roomId, operation }: Of<'operate'>): CommandResult {
  const room = roomOf(turn.state, roomId);
  checkNames(turn, operation);
  const entry = carryOut(turn, roomId, bodyOf(turn, room, operation));
  if (operation.type === 'add') letIn(turn, room, roomId);
  return { room: roomId, entry };
}

/**
 * Writes an operation, and sees to it that the others get it before they need it: it goes out in the epoch that was
 * sent in until now, since one that is opened after it can only be judged by who has it (rule R1). Whoever it removes
 * can read that; what comes after, they cannot, for there is a new epoch at once.
 */
export function carryOut(turn: Turn, roomId: RoomId, body: Body): EntryId {
  if (putsOut(body, turn.state.self) && pickEpoch(turn.room(roomId), turn.state.list, turn.nowMs) === undefined)
    openRoomEpoch(turn, roomId); // who is out has nothing to send in any more
  const epoch = pickEpoch(turn.room(roomId), turn.state.list, turn.nowMs);
  const entry = author(turn, roomId, body);
  const after = turn.room(roomId);
  if (after.membership.verdicts.get(entry.id) !== 'counts')
    throw new CallerFault(
      'not-allowed',
      'You may not do this in this room. Ask somebody with a higher role; nothing was changed.',
    );
  if (epoch !== undefined) sealIn(turn, roomId, epoch);
  if (
    pickEpoch(after, turn.state.list, turn.nowMs) !== undefined ||
    !after.membership.roster.has(turn.state.self.device)
  )
    return entry.id;
  // Somebody is put out however many epochs there were: then another device opens the next.
  if (openingsLeft(after, turn.state.self.device, turn.nowMs) > 0) openRoomEpoch(turn, roomId);
  return entry.id;
}

const putsOut = (body: Body, self: Self): boolean =>
  body.type === 'remove' && (body.members.includes(self.member) || body.devices.includes(self.device));

/** A removal says, of every device that it puts out, how much of its feed is here. */
function bodyOf(turn: Turn, room: RoomState, operation: Change): Body {
  if (operation.type === 'role' || operation.type === 'policy') return operation;
  const members = [...operation.members].sort();
  const devices = [...operation.devices].sort();
  if (operation.type === 'add') return { type: 'add', members, devices };
  const { list } = turn.state;
  const out = everyDevice(list).filter(({ id, member }) => devices.includes(id) || members.includes(member));
  const cut = out.flatMap(({ id }) => {
    const feed = room.feeds.get(id);
    return feed === undefined ? [] : [[id, feed.count] as const];
  });
  return { type: 'remove', members, devices, cut };
}

/** Those who came with an operation are told of all operations, and granted what is sent in, from now on. */
function letIn(turn: Turn, before: RoomState, roomId: RoomId): void {
  const room = turn.room(roomId);
  const epoch = pickEpoch(room, turn.state.list, turn.nowMs);
  for (const device of room.membership.roster.values()) {
    if (before.membership.roster.has(device.id)) continue;
    sendOperations(turn, room, device);
    if (epoch !== undefined && epoch.openedAtMs !== turn.nowMs) sendCurrentGrant(turn, room, device, epoch);
  }
}

export function checkMembers(list: MusterList, members: readonly MemberId[]): void {
  const known = new Set(list.members.map((member) => member.id));
  if (members.some((member) => !known.has(member)))
    throw new CallerFault('not-found', 'One of these people is not on the muster list.');
}

function checkNames(turn: Turn, operation: Change): void {
  const { list } = turn.state;
  const members = operation.type === 'policy' ? [] : operation.type === 'role' ? [operation.member] : operation.members;
  checkMembers(list, members);
  if ('devices' in operation && operation.devices.some((device) => !list.devices.has(device)))
    throw new CallerFault('not-found', 'One of these devices is not on the muster list.');
}

/**
 * Opens an epoch whatever there is, and replaces this device's prekey: a thief of the room's keys reads nothing that is
 * sent from now on. One who has the prekey of another device as well is locked out when that one is replaced too.
 */
export function heal(turn: Turn, roomId: RoomId): CommandResult {
  const room = roomOf(turn.state, roomId);
  if (!room.membership.roster.has(turn.state.self.device))
    throw new CallerFault('not-allowed', 'You are not in this room any more.');
  rotatePrekey(turn);
  openRoomEpoch(turn, roomId);
  return { room: roomId };
}

/** Says in everyone's room that this person compared keys with a member, or takes it back. */
export function verify(turn: Turn, { member, how, holds }: Of<'verify'>): CommandResult {
  const { self } = turn.state;
  const room = orgRoomOf(turn.state);
  const digest = digestOf(turn.state, self.member, member);
  if (room === undefined || digest === undefined || member === self.member)
    throw new CallerFault('not-found', 'That is nobody else on the muster list.');
  const entry = author(turn, room.info.id, { type: 'verified', member, digest, how, holds });
  return { room: room.info.id, entry: entry.id };
}

/** Puts a proof that a device forked into the log, unless somebody has. */
export function convict(turn: Turn, roomId: RoomId, device: DeviceId): void {
  const room = turn.room(roomId);
  const proof = room.suspects.get(device)?.proof;
  turn.setRoom({ ...room, suspects: withoutKey(room.suspects, device) });
  if (proof === undefined || !room.membership.roster.has(device) || !mayWrite(turn.state, room)) return;
  try {
    carryOut(turn, roomId, { type: 'fork', proof });
  } catch (fault) {
    if (!(fault instanceof CallerFault)) throw fault; // it would not count: somebody knew more
  }
}
