/**
 * What the next muster list changes, in words, for the people who are asked to sign it. Pure, and whole: whatever
 * differs between the two lists and is not a signature or a date must show here.
 */
import { type ListDevice, type Member, type MusterList, nameOf } from '../core/list.ts';
import type { OrgRetention } from '../core/retention.ts';
import { equal } from '../wire/bytes.ts';

export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly what: 'member' | 'former device' | 'relay' | 'drill' | 'policy';
  readonly name: string;
  /** What about it changed, in words. */
  readonly details: readonly string[];
}

/** In the order of the lists; nothing for two lists that say the same. */
export function listChanges(before: MusterList, after: MusterList): readonly Change[] {
  return [
    ...compareMembers(before, after),
    // Those that leave now show at their members. What a list says of lists before the one in force must not change.
    ...compare(
      'former device',
      [...before.former.values()],
      [...after.former.values()].filter(({ id }) => !before.devices.has(id)),
      (device) => device.name,
      (a, b) => [
        ...differs('role', a.role, b.role),
        ...differs('on lists', `${a.since} to ${a.until - 1}`, `${b.since} to ${b.until - 1}`),
      ],
    ),
    ...compareRetention(before.retention, after.retention),
    ...compare(
      'relay',
      before.relays,
      after.relays,
      (relay) => relay.name,
      (a, b) => [
        ...differs('name', a.name, b.name),
        ...differs('addresses', a.addresses.join(' '), b.addresses.join(' ')),
        ...differs('operator', a.operator, b.operator),
      ],
    ),
    ...compare(
      'drill',
      before.drills,
      after.drills,
      (drill) => `${drill.sequence} "${drill.title}"`,
      ({ coordinators: a, ...old }, { coordinators: b, ...now }) => [
        ...(JSON.stringify(old) === JSON.stringify(now) ? [] : ['times, targets or scenario']),
        ...differs('coordinators', namesIn(before, a), namesIn(after, b)),
      ],
    ),
  ];
}

const differs = (what: string, a: string, b: string): readonly string[] =>
  a === b ? [] : [`${what}: ${a || 'none'} → ${b || 'none'}`];

function compareRetention(before: OrgRetention, after: OrgRetention): readonly Change[] {
  const details = [
    ...differs('what people write', keptFor(before.retentionDays), keptFor(after.retentionDays)),
    ...differs('what they write in drills', keptFor(before.evidenceDays), keptFor(after.evidenceDays)),
  ];
  return details.length === 0 ? [] : [{ kind: 'changed', what: 'policy', name: 'how long things are kept', details }];
}

export const keptFor = (days: number | undefined): string => (days === undefined ? 'for good' : `${days} days`);

const namesIn = (list: MusterList, ids: readonly string[]): string =>
  ids
    .map((id) => list.members.find((member) => member.id === id))
    .map((member) => (member === undefined ? '?' : nameOf(member)))
    .join(', ');

function compareMembers(before: MusterList, after: MusterList): readonly Change[] {
  const gone = before.members.filter(({ id }) => !after.members.some((member) => member.id === id));
  // Somebody who set up anew has new keys and so a new id: to people that is the same person with other keys.
  const anew = (member: Member): Member | undefined => gone.find((each) => nameOf(each) === nameOf(member));
  const renewed = new Set(after.members.map(anew));
  const removed = gone.filter((member) => !renewed.has(member) || after.members.some(({ id }) => id === member.id));
  return [
    ...removed.map(
      (member): Change => ({
        kind: 'removed',
        what: 'member',
        name: nameOf(member),
        details: devicesIn(member.devices, []),
      }),
    ),
    ...after.members.flatMap((member): readonly Change[] => {
      const same = before.members.find(({ id }) => id === member.id);
      const old = same ?? anew(member);
      if (old === undefined)
        return [{ kind: 'added', what: 'member', name: nameOf(member), details: [`${member.role}, ${member.unit}`] }];
      const details = [
        ...(same === undefined ? ['NEW KEYS: another installation; hear the safety words again'] : []),
        ...changesOf(before, old, after, member),
      ];
      return details.length === 0 ? [] : [{ kind: 'changed', what: 'member', name: nameOf(member), details }];
    }),
  ];
}

function changesOf(before: MusterList, a: Member, after: MusterList, b: Member): readonly string[] {
  const paths = (member: Member) =>
    (member.contacts ?? [])
      .map((path) => `${path.kind} ${path.value}${path.offPrimary ? ' (off primary)' : ''}`)
      .join(', ');
  return [
    ...differs('name', nameOf(a), nameOf(b)),
    ...differs('role', a.role, b.role),
    ...differs('unit', a.unit, b.unit),
    ...differs('deputies', namesIn(before, a.deputies), namesIn(after, b.deputies)),
    ...differs('time zone', a.timeZone ?? '', b.timeZone ?? ''),
    ...differs('contact paths', paths(a), paths(b)),
    ...devicesIn(a.devices, b.devices),
  ];
}

/** By their keys, for a device that takes another's place may have its name. */
function devicesIn(before: readonly ListDevice[], after: readonly ListDevice[]): readonly string[] {
  const here = (devices: readonly ListDevice[], { id }: ListDevice) => devices.find((each) => each.id === id);
  return [
    ...before
      .filter((device) => here(after, device) === undefined)
      .map(({ name }) => `device leaves for good: ${name}`),
    ...after.filter((device) => here(before, device) === undefined).map(({ name }) => `device comes: ${name}`),
    ...after.flatMap((device) => {
      const old = here(before, device);
      if (old === undefined) return [];
      if (!equal(old.certificate, device.certificate)) return [`device certified anew: ${old.name} → ${device.name}`];
      return old.prekey.id === device.prekey.id ? [] : [`device with another prekey: ${device.name}`];
    }),
  ];
}

function compare<T extends { readonly id: string }>(
  what: Change['what'],
  before: readonly T[],
  after: readonly T[],
  name: (item: T) => string,
  details: (a: T, b: T) => readonly string[],
): readonly Change[] {
  const removed = before.filter(({ id }) => !after.some((item) => item.id === id));
  return [
    ...removed.map((item): Change => ({ kind: 'removed', what, name: name(item), details: [] })),
    ...after.flatMap((item): readonly Change[] => {
      const old = before.find(({ id }) => id === item.id);
      if (old === undefined) return [{ kind: 'added', what, name: name(item), details: [] }];
      const changes = details(old, item);
      return changes.length === 0 ? [] : [{ kind: 'changed', what, name: name(item), details: changes }];
    }),
  ];
}
