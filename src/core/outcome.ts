/** What operations that hold make of a room, starting from the people it was founded with. */
import type { BodyOf } from './body.ts';
import type { Operation } from './control.ts';
import type { DeviceId, EntryId, MemberId } from './id.ts';
import type { Role } from './leaf.ts';
import type { MusterList } from './list.ts';
import { memberOf } from './listed.ts';
import { highest, lowestOf, type People, type Person, type Policy, strictest } from './right.ts';
import type { RoomInfo } from './room.ts';

/** By the list in force, or by the most that anybody on it or gone from it ever was: to judge what is past. */
export type Base = 'now' | 'ever';

export interface Outcome {
  readonly people: People;
  readonly out: ReadonlySet<DeviceId>;
  readonly policy: Policy;
}

export interface Ground {
  readonly people: People;
  /** Devices that the forks among the operations convict. */
  readonly forked: ReadonlyMap<EntryId, DeviceId>;
  readonly knew: (one: EntryId, other: EntryId) => boolean;
  /** The member behind an operation as its own past had them. */
  readonly authorOf: (operation: Operation) => Person | undefined;
  readonly roleOf: (member: MemberId) => Role | undefined;
}

type Of<T extends Operation['body']['type']> = Operation & { readonly body: BodyOf<T> };
const ofType = <T extends Operation['body']['type']>(operations: readonly Operation[], type: T): readonly Of<T>[] =>
  operations.filter((each): each is Of<T> => each.body.type === type);

export function resolve(kept: readonly Operation[], ground: Ground): Outcome {
  const adds = ofType(kept, 'add');
  const removes = ofType(kept, 'remove');
  /** A removal holds until somebody who knew of it adds again: against an addition made at the same time it wins. */
  const holds = (removal: Operation, again: (add: Of<'add'>) => boolean) =>
    !adds.some((add) => again(add) && ground.knew(add.id, removal.id));
  const people = new Map(ground.people);
  for (const add of adds) {
    const depth = (ground.authorOf(add)?.depth ?? 0) + 1;
    for (const member of add.body.members) {
      const role = ground.roleOf(member);
      if (role === undefined || (people.get(member)?.depth ?? Number.POSITIVE_INFINITY) <= depth) continue;
      people.set(member, { role, depth });
    }
  }
  const out = new Set(kept.flatMap(({ id }) => ground.forked.get(id) ?? []));
  for (const removal of removes) {
    for (const member of removal.body.members)
      if (holds(removal, ({ body }) => body.members.includes(member))) people.delete(member);
    for (const device of removal.body.devices)
      if (holds(removal, ({ body }) => body.devices.includes(device))) out.add(device);
  }
  const given = new Map<MemberId, Of<'role'>[]>();
  for (const each of ofType(kept, 'role')) given.set(each.body.member, [...(given.get(each.body.member) ?? []), each]);
  for (const [member, operations] of given) {
    const person = people.get(member);
    const role = lowestOf(newest(operations, ground.knew).map(({ body }) => body.role));
    if (person !== undefined && role !== undefined) people.set(member, { ...person, role });
  }
  return { people, out, policy: strictest(newest(ofType(kept, 'policy'), ground.knew).map(({ body }) => body)) };
}

/** Those that no other of them was made knowing. */
const newest = <O extends Operation>(operations: readonly O[], knew: Ground['knew']): readonly O[] =>
  operations.filter((one) => !operations.some((other) => knew(other.id, one.id)));

/** Who is in before any operation. The founder commands the room. */
export function foundersOf(room: RoomInfo, list: MusterList, base: Base): People {
  const people = new Map<MemberId, Person>();
  const named = room.members === undefined ? undefined : new Set(room.members);
  for (const [member, role] of rolesOf(list, base))
    if (named === undefined || named.has(member)) people.set(member, { role, depth: 0 });
  const founder = room.founder === undefined ? undefined : memberOf(list, room.founder);
  if (founder !== undefined && people.has(founder)) people.set(founder, { role: 'commander', depth: 0 });
  return people;
}

/** Of everyone, in a room or not: what is done to somebody who is not in it is judged by this too. */
export function rolesOf(list: MusterList, base: Base): ReadonlyMap<MemberId, Role> {
  const roles = new Map<MemberId, Role>();
  for (const { id, role, held } of list.members) roles.set(id, base === 'ever' ? highest(role, held) : role);
  if (base === 'ever')
    for (const { member, role } of list.former.values()) roles.set(member, highest(role, roles.get(member)));
  return roles;
}
