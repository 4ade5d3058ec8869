/** Who the stories are about: eight people, their devices, two muster lists and a room that six of them were founded with. */
import { makeCertificate, makeDeviceKeys } from '../../../../src/core/certificate.ts';
import { foundOrganisation } from '../../../../src/core/custodian.ts';
import { type DeviceId, deviceOf, memberOf } from '../../../../src/core/id.ts';
import { makeSignKey } from '../../../../src/core/key.ts';
import { type LeafBody, makeLeaf, type Role } from '../../../../src/core/leaf.ts';
import { type MusterList, readList } from '../../../../src/core/list.ts';
import { makePrekey } from '../../../../src/core/prekey.ts';
import { makeRoom } from '../../../../src/core/room.ts';
import { signList } from '../../../kit/muster.ts';
import { nowMs, streamOf } from '../scene.ts';

const roles = {
  ada: 'commander',
  bela: 'commander',
  goran: 'commander',
  cleo: 'officer',
  dunja: 'officer',
  emil: 'responder',
  fatma: 'responder',
  hana: 'responder',
} as const satisfies Record<string, Role>;
export type Name = keyof typeof roles;
export const names = Object.keys(roles) as readonly Name[];

/** A device: `ada/2` is Ada's second. */
export type Who = Name | `${Name}/${1 | 2}`;
const second: ReadonlySet<Name> = new Set(['ada', 'emil']);
export const fullName = (who: Who): string => (who.includes('/') ? who : `${who}/1`);

/** Who is in before anything happens. */
export const founders: readonly Name[] = ['ada', 'bela', 'goran', 'cleo', 'dunja', 'emil'];
export const roleAtFounding = (name: Name): Role => roles[name];

export type ListName = 'first' | 'second';

export function makeStage() {
  const random = streamOf('scenario');
  const { genesis, keys: custodians } = foundOrganisation('Test Works', ['One', 'Two', 'Three'], 2, random);
  const people = names.map((name) => {
    const identity = makeSignKey(random);
    const devices = [1, 2].slice(0, second.has(name) ? 2 : 1).map((number) => {
      const keys = makeDeviceKeys(random);
      const id = deviceOf(keys.sign.publicKey);
      const prekey = makePrekey(keys.sign, id, { seq: 0 }, { nowMs, forMs: 30 * 86_400_000 }, random);
      const certificate = makeCertificate(identity, keys, `device ${number}`, nowMs);
      return { name: `${name}/${number}`, id, keys, prekey, certificate };
    });
    return { name, identity, member: memberOf(identity.publicKey), devices };
  });
  const memberLeaf = (name: Name, role: Role, held?: Role): LeafBody => {
    const person = find(people, name);
    return {
      type: 'member',
      member: person.member,
      identity: person.identity.publicKey,
      role,
      ...(held === undefined ? {} : { held }),
      unit: 'IT',
      deputies: [],
      devices: person.devices.map(({ certificate, prekey }) => ({ certificate, prekey: prekey.record, since: 1 })),
    };
  };
  const sign = (bodies: readonly LeafBody[], version: number) =>
    signList(
      genesis,
      custodians.slice(0, 2),
      bodies.map((body) => makeLeaf(body, random)),
      { version },
    );
  const first = names.map((name) => memberLeaf(name, roles[name]));
  const cleo = find(people, 'cleo');
  const [device] = cleo.devices;
  if (device === undefined) throw new Error('Cleo has a device');
  /** Cleo has left, and Dunja is no officer any more. */
  const next = [
    ...names
      .filter((name) => name !== 'cleo')
      .map((name) => (name === 'dunja' ? memberLeaf(name, 'responder', roles.dunja) : memberLeaf(name, roles[name]))),
    {
      type: 'former' as const,
      member: cleo.member,
      identity: cleo.identity.publicKey,
      certificate: device.certificate,
      role: roles.cleo,
      since: 1,
      until: 2,
    },
  ];
  const lists = { first: sign(first, 1), second: sign(next, 2) };
  const read: Readonly<Record<ListName, MusterList>> = { first: readList(lists.first), second: readList(lists.second) };
  const devices = people.flatMap((person) => person.devices);
  const member = (name: Name) => find(people, name).member;
  const room = makeRoom(
    read.first,
    { kind: 'incident', title: 'Ransom note', members: founders.map(member), founder: find(devices, 'ada/1').id },
    nowMs,
    random,
  );
  return {
    people,
    lists,
    read,
    room,
    devices,
    member,
    device: (who: Who) => find(devices, fullName(who)),
    /** The devices of these people that a list has. */
    devicesOf: (of: readonly Name[], on: ListName): readonly string[] =>
      people
        .filter(({ name }) => of.includes(name))
        .flatMap((person) => person.devices)
        .filter(({ id }) => read[on].devices.has(id))
        .map(({ name }) => name),
    /** Lower member ids are senior among those of one rank who came at the same time. */
    bySeniority: (...of: readonly Name[]): readonly Name[] => [...of].sort((a, b) => (member(a) < member(b) ? -1 : 1)),
    rosterOf: (whos: readonly string[]) =>
      new Map(
        whos.map((who): [DeviceId, NonNullable<ReturnType<MusterList['devices']['get']>>] => {
          const known = read.first.devices.get(find(devices, who).id);
          if (known === undefined) throw new Error(`${who} is not on the list`);
          return [known.id, known];
        }),
      ),
  };
}
export type Stage = ReturnType<typeof makeStage>;

function find<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}
