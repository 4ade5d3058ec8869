/**
 * What the next list says of the ones before: since when a device has been there, which devices were, what people might
 * once do. Pure. It must never forget a device: what that signed would stop verifying wherever only the newest list is
 * held.
 */
import type { DeviceId, MemberId } from '../core/id.ts';
import type { JoinRequest } from '../core/join.ts';
import { type LeafBody, maxFormer, type Role } from '../core/leaf.ts';
import type { MusterList } from '../core/list.ts';
import { rolesOf } from '../core/outcome.ts';
import { highest } from '../core/right.ts';
import type { Problem } from './problem.ts';

/** The list in force; nothing before the first one. */
type Previous = MusterList | undefined;

export const nextVersion = (previous: Previous): number => (previous?.version ?? 0) + 1;

export const sinceOf = (previous: Previous, device: DeviceId): number =>
  previous?.devices.get(device)?.since ?? nextVersion(previous);

/** The role to write beside the one a member gets, if an earlier list gave them a higher one. */
export function heldBy(previous: Previous, member: MemberId, role: Role): Role | undefined {
  const best = previous === undefined ? role : highestEver(previous, member, role);
  return best === role ? undefined : best;
}

/** One leaf for each device that an earlier list had and the next one, which has `present`, has not. */
export function formerLeaves(previous: Previous, present: ReadonlySet<DeviceId>): readonly LeafBody[] {
  if (previous === undefined) return [];
  const leaving = previous.members.flatMap((member) =>
    member.devices
      .filter(({ id }) => !present.has(id))
      .map((device) => ({
        ...device,
        role: highestEver(previous, member.id, member.role),
        until: nextVersion(previous),
      })),
  );
  return [...previous.former.values(), ...leaving].map(
    ({ member, identity, certificate, role, since, until }): LeafBody => ({
      type: 'former',
      member,
      identity,
      certificate,
      role,
      since,
      until,
    }),
  );
}

/** Devices that left and are handed in again: somebody else may hold their keys by now. */
export const findReturned = (previous: Previous, joins: readonly JoinRequest[]): readonly Problem[] =>
  joins.flatMap(({ handle, device }) => {
    const until = previous?.former.get(device.id)?.until;
    if (until === undefined) return [];
    const text = `this device left with list ${until} and its keys were given up; make a new one with muster device init`;
    return [{ where: `join request of "${handle}" (${device.name})`, text }];
  });

export const findTooMany = (former: readonly LeafBody[]): readonly Problem[] =>
  former.length <= maxFormer
    ? []
    : [
        {
          where: 'former devices',
          text: `there would be ${former.length}, and a muster list carries at most ${maxFormer}, for good; give the join requests of devices that still work again, or found a new organisation`,
        },
      ];

/** The highest role a member has now, or has or had by this list; of who is not on it any more, what their devices left with. */
const highestEver = (list: MusterList, id: MemberId, now: Role): Role => highest(now, rolesOf(list, 'ever').get(id));
