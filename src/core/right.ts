/** Roles in a room: who may do which operation to whom. */
import type { BodyOf } from './body.ts';
import type { OperationBody } from './control.ts';
import type { DeviceId, MemberId } from './id.ts';
import { outranks, type Role, roles } from './leaf.ts';

export type Policy = Omit<BodyOf<'policy'>, 'type'>;

/** A member as operations have made them. */
export interface Person {
  readonly role: Role;
  /** How many additions lie between the founding of the room and this member: 0 for those it was founded with. */
  readonly depth: number;
}
export type People = ReadonlyMap<MemberId, Person>;

/** Higher may do more. */
export const rankOf = (role: Role): number => roles.length - roles.indexOf(role);
export const highest = (a: Role, b: Role | undefined): Role => (b !== undefined && outranks(b, a) ? b : a);
const lower = (a: Role, b: Role): Role => (outranks(a, b) ? b : a);

/** What the list tells, whoever is in the room. */
export interface Known {
  readonly memberOf: (device: DeviceId) => MemberId | undefined;
  /** So that nobody removes in advance whom they could not remove later. */
  readonly roleOf: (member: MemberId) => Role | undefined;
}

/**
 * Whether this member may do this in a room with these people. Commanders do everything; officers add, and remove who
 * ranks below them; anyone may take out themselves and their own devices. A proof that a device forked needs no right.
 */
export function allows(author: MemberId, body: OperationBody, people: People, known: Known): boolean {
  const role = people.get(author)?.role;
  if (role === undefined) return false;
  switch (body.type) {
    case 'fork':
      return true;
    case 'role':
    case 'policy':
      return role === 'commander';
    case 'add':
      return rankOf(role) >= rankOf('officer');
    case 'remove':
      return [...body.members, ...body.devices.map(known.memberOf)].every((target) =>
        mayRemove(author, role, target, target && (people.get(target)?.role ?? known.roleOf(target))),
      );
    default:
      return body satisfies never;
  }
}

function mayRemove(author: MemberId, role: Role, target: MemberId | undefined, theirs: Role | undefined): boolean {
  if (target === author || role === 'commander') return true;
  return rankOf(role) >= rankOf('officer') && (theirs === undefined || rankOf(theirs) < rankOf(role));
}

/** Of roles that were given at the same time, the lowest; `undefined` of none. */
export const lowestOf = (given: readonly Role[]): Role | undefined =>
  given.length === 0 ? undefined : given.reduce(lower);

/** Of policies that were set at the same time, the stricter in each part. With none, the strict history, and nothing expires. */
export const strictest = (set: readonly Policy[]): Policy => {
  const days = set.flatMap((each) => each.retentionDays ?? []);
  return {
    history: set.length > 0 && set.every(({ history }) => history === 'all') ? 'all' : 'none',
    horizon: set.some(({ horizon }) => horizon === 'high') ? 'high' : 'default',
    ...(days.length === 0 ? {} : { retentionDays: Math.min(...days) }),
  };
};
