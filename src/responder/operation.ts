/** Operations on a room as a person reads them: what was done, and whether it holds. */
import type { OperationBody } from '../core/control.ts';
import type { EntryId, MemberId } from '../core/id.ts';
import { type MusterList, nameOf } from '../core/list.ts';
import { findDevice } from '../core/listed.ts';
import type { Verdict } from '../core/membership.ts';
import type { RoomState } from '../engine/state.ts';

const whyNot: Readonly<Record<Exclude<Verdict, 'counts'>, string>> = {
  'no-right': 'It does not count: they may not do that here.',
  unordered: 'It does not count: that device did something else at the same moment, which an honest one never does.',
  overruled: 'It does not count: they were put out or lost their role at the same time.',
};

export const nameIn = (list: MusterList, id: MemberId): string => {
  const member = list.members.find((each) => each.id === id);
  return member === undefined ? 'somebody who has left the list' : nameOf(member);
};

export function describeOperation(
  list: MusterList,
  room: RoomState,
  who: string,
  body: OperationBody,
  entry: EntryId,
): string {
  const verdict = room.membership.verdicts.get(entry) ?? 'no-right';
  const sentence = sentenceOf(list, who, body);
  if (verdict !== 'counts') return `${sentence} ${whyNot[verdict]}`;
  if (!room.membership.contested.has(entry)) return sentence;
  return `${sentence} CONTESTED: two people put each other out at the same time; the senior one stayed. Talk about it.`;
}

function sentenceOf(list: MusterList, who: string, body: OperationBody): string {
  switch (body.type) {
    case 'remove':
      return `${who} put ${named(list, body)} out of this room. Whoever knows of it writes so that they cannot read it.`;
    case 'add':
      return `${who} let ${named(list, body)} into this room.`;
    case 'role':
      return `${who} made ${nameIn(list, body.member)} ${body.role} of this room.`;
    case 'policy':
      return `${who} set the policy: who comes later ${body.history === 'all' ? 'may read everything' : 'reads from then on'}; keys are kept ${body.horizon === 'high' ? 'for an hour' : 'for a day'}; messages are kept ${body.retentionDays === undefined ? 'as long as the organisation keeps them' : `for ${body.retentionDays} days`}.`;
    case 'fork':
      return `${who}’s device has proof that another device signed two different things for one place. Either a copy of it is running or it lies. It is out of this room.`;
    default:
      return body satisfies never;
  }
}

function named(list: MusterList, body: OperationBody & { readonly type: 'remove' | 'add' }): string {
  const devices = body.devices.map((id) => {
    const device = findDevice(list, id);
    return device === undefined
      ? 'a device that has left the list'
      : `the device ${device.name} of ${nameIn(list, device.member)}`;
  });
  return [...body.members.map((id) => nameIn(list, id)), ...devices].join(', ');
}
