/** Who is in a room, what they are there, and what this person may do about it. Reads only. */
import type { OperationBody } from '../core/control.ts';
import { readFork } from '../core/fork.ts';
import type { DeviceId, MemberId, RoomId } from '../core/id.ts';
import { type Member, nameOf } from '../core/list.ts';
import { findDevice, memberOf, signKeyIn } from '../core/listed.ts';
import { allows, type Policy } from '../core/right.ts';
import { mayWrite } from '../engine/feed.ts';
import { roomOf } from '../engine/room.ts';
import type { RoomState } from '../engine/state.ts';
import type { RoomView } from '../ipc/view.ts';
import { CallerFault } from '../wire/fault.ts';
import { describeOperation, nameIn } from './operation.ts';
import type { Responder } from './responder.ts';

export type People = Pick<RoomView, 'members' | 'role' | 'mayWrite' | 'mayAdd' | 'history' | 'contested'>;

export function viewPeople({ state }: Responder, room: RoomState): People {
  const { list, self } = state;
  const { people, contested, policy } = room.membership;
  const writes = mayWrite(state, room);
  const known = {
    memberOf: (device: DeviceId) => memberOf(list, device),
    roleOf: (member: MemberId) => list.members.find(({ id }) => id === member)?.role,
  };
  const may = (body: OperationBody) => writes && allows(self.member, body, people, known);
  const role = people.get(self.member)?.role;
  return {
    members: list.members.flatMap((member) => {
      const person = people.get(member.id);
      if (person === undefined) return [];
      const you = member.id === self.member;
      const mayRemove = !you && may({ type: 'remove', members: [member.id], devices: [], cut: [] });
      return [{ member: member.id, name: nameOf(member), role: person.role, you, mayRemove }];
    }),
    ...(role === undefined ? {} : { role }),
    mayWrite: writes,
    mayAdd: may({ type: 'add', members: [], devices: [] }),
    history: policy.history,
    contested: contested.size > 0,
  };
}

export interface Roster {
  readonly members: readonly {
    readonly member: MemberId;
    readonly name: string;
    readonly role: string;
    readonly you: boolean;
    /** `isIn`: reads and writes here. */
    readonly devices: readonly { readonly device: DeviceId; readonly name: string; readonly isIn: boolean }[];
  }[];
  readonly policy: Policy;
  /** A sentence each. */
  readonly contested: readonly string[];
  /** Devices that signed two different things for one place: out for good. */
  readonly forked: readonly { readonly device: DeviceId; readonly name: string; readonly of: string }[];
}

/** Everything there is to know of who is in. Throws `CallerFault('not-found')`. */
export function viewRoster(device: Responder, id: RoomId): Roster {
  const { list, self } = device.state;
  const room = roomOf(device.state, id);
  const { membership, control } = room;
  const counting = [...control.operations.values()].filter((each) => membership.verdicts.get(each.id) === 'counts');
  const forked = new Set(
    counting.flatMap(({ body }) => (body.type === 'fork' ? [readFork(body.proof, id, signKeyIn(list)).device] : [])),
  );
  return {
    members: list.members.flatMap((member) => {
      const person = membership.people.get(member.id);
      if (person === undefined) return [];
      const devices = member.devices.map((each) => ({
        device: each.id,
        name: each.name,
        isIn: membership.roster.has(each.id),
      }));
      return [{ member: member.id, name: nameOf(member), role: person.role, you: member.id === self.member, devices }];
    }),
    policy: membership.policy,
    contested: counting.flatMap(({ id: entry, device: by, body }) => {
      if (!membership.contested.has(entry)) return [];
      const author = memberOf(list, by);
      const who = author === undefined ? 'somebody who has left the list' : nameIn(list, author);
      return [describeOperation(list, room, who, body, entry)];
    }),
    forked: [...forked].map((each) => {
      const found = findDevice(list, each);
      return { device: each, name: found?.name ?? '', of: found === undefined ? '' : nameIn(list, found.member) };
    }),
  };
}

/** Throws `CallerFault('not-found')`. */
export function memberBy(device: Responder, id: MemberId): Member {
  const member = device.state.list.members.find((each) => each.id === id);
  if (member === undefined) throw new CallerFault('not-found', 'That person is not on the muster list.');
  return member;
}
