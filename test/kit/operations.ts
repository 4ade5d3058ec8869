/**
 * Operations on a room as devices would sign them, and as no honest one would: whoever acts says what they knew. Every
 * entry goes through `noteControl`, in the order it was made or in any other.
 */
import { type BodyOf, encodeBody } from '../../src/core/body.ts';
import { type DeviceKeys, makeCertificate, makeDeviceKeys, readCertificate } from '../../src/core/certificate.ts';
import { type ControlLog, emptyControl, noteControl, type OperationBody } from '../../src/core/control.ts';
import { type Entry, makeEntry } from '../../src/core/entry.ts';
import { proveFork } from '../../src/core/fork.ts';
import { type DeviceId, deviceOf, type EntryId, type MemberId } from '../../src/core/id.ts';
import type { Role } from '../../src/core/leaf.ts';
import type { ListDevice, Member, MusterList } from '../../src/core/list.ts';
import { signKeyIn } from '../../src/core/listed.ts';
import { Membership } from '../../src/core/membership.ts';
import { makePrekey, readPrekey } from '../../src/core/prekey.ts';
import { makeRoom, orgRoom, type RoomInfo } from '../../src/core/room.ts';
import { marksOf, type Range, voidRanges } from '../../src/core/standing.ts';
import { foundMuster } from './muster.ts';
import { seeded } from './random.ts';

/** A member's first device, or the one named. */
export type Who = number | readonly [member: number, device: number];

export interface Stage {
  readonly list: MusterList;
  readonly room: RoomInfo;
  member(i: number): MemberId;
  device(who: Who): DeviceId;
  keys(who: Who): DeviceKeys;
}

export interface StageFacts {
  /** One member for each. */
  readonly roles: readonly Role[];
  /** Of every member. */
  readonly devices?: number;
  /** Those the room is founded with; without it the room of everyone. */
  readonly inRoom?: readonly number[];
  readonly founder?: number;
}

export function makeStage({ roles, devices = 1, inRoom, founder = 0 }: StageFacts): Stage {
  const random = seeded(roles.length + 100 * devices);
  const founded = foundMuster(random, { members: roles.length, relays: 1, roles });
  const kept: DeviceKeys[][] = founded.selves.map((self) => [self.keys]);
  const nowMs = 1_800_000_000_000;
  const members = founded.list.members.map((member, i): Member => {
    const identity = founded.identities[i];
    if (identity === undefined) throw new Error('every member has an identity');
    const more = Array.from({ length: devices - 1 }, (_, k): ListDevice => {
      const keys = makeDeviceKeys(random);
      kept[i]?.push(keys);
      const certificate = makeCertificate(identity, keys, `device ${k + 2}`, nowMs);
      const device = readCertificate(certificate, member.identity);
      const { record } = makePrekey(keys.sign, device.id, { seq: 0 }, { nowMs, forMs: 86_400_000 }, random);
      return { ...device, identity: member.identity, certificate, since: 1, prekey: readPrekey(record, device) };
    });
    return { ...member, devices: [...member.devices, ...more] };
  });
  const list = { ...founded.list, members, devices: devicesOf(members) };
  const at = <T>(items: readonly T[] | undefined, i: number): T => {
    const item = items?.[i];
    if (item === undefined) throw new Error(`the stage has no number ${i}`);
    return item;
  };
  const member = (i: number) => at(members, i).id;
  const keys = (who: Who) => (typeof who === 'number' ? at(at(kept, who), 0) : at(at(kept, who[0]), who[1]));
  const device = (who: Who) => deviceOf(keys(who).sign.publicKey);
  const facts = { kind: 'incident', title: 'Mail is down', founder: device(founder) } as const;
  const room =
    inRoom === undefined ? orgRoom(list) : makeRoom(list, { ...facts, members: inRoom.map(member) }, nowMs, random);
  return { list, room, member, device, keys };
}

const devicesOf = (members: readonly Member[]): ReadonlyMap<DeviceId, ListDevice> =>
  new Map(members.flatMap((each) => each.devices).map((each) => [each.id, each]));

/** The next version of a list: without members or devices, who are former then, or with other roles. */
export function nextList(
  stage: Stage,
  changes: { readonly gone?: readonly Who[]; readonly roles?: Readonly<Record<number, Role>> },
): MusterList {
  const { list } = stage;
  const whole = new Set((changes.gone ?? []).flatMap((who) => (typeof who === 'number' ? [stage.member(who)] : [])));
  const single = new Set((changes.gone ?? []).map(stage.device));
  const isGone = (device: ListDevice) => whole.has(device.member) || single.has(device.id);
  const roles = new Map(Object.entries(changes.roles ?? {}).map(([i, role]) => [stage.member(Number(i)), role]));
  const members = list.members
    .filter(({ id }) => !whole.has(id))
    .map(
      (member): Member => ({
        ...member,
        role: roles.get(member.id) ?? member.role,
        ...(roles.has(member.id) ? { held: member.role } : {}),
        devices: member.devices.filter((each) => !isGone(each)),
      }),
    );
  const roleOf = (id: MemberId) => list.members.find((each) => each.id === id)?.role ?? 'archivist';
  const former = [...list.devices.values()].filter(isGone).map((each) => ({
    ...each,
    role: roleOf(each.member),
    until: list.version + 1,
  }));
  return {
    ...list,
    version: list.version + 1,
    members,
    devices: devicesOf(members),
    former: new Map(former.map((each) => [each.id, each])),
  };
}

type Named = readonly (Entry | EntryId)[];
const idsOf = (named: Named): EntryId[] =>
  [...new Set(named.map((each) => (typeof each === 'string' ? each : each.id)))].sort();

/** Where an entry stands, if not at the end of the feed: a place that is taken makes a fork. */
export interface Place {
  readonly seq: number;
  readonly previous?: EntryId;
}

export class Script {
  readonly #random = seeded(7);
  readonly #feeds = new Map<DeviceId, Entry[]>();
  readonly stage: Stage;
  readonly entries: Entry[] = [];

  constructor(stage: Stage) {
    this.stage = stage;
  }

  /** An operation by a device that knew these and all that they knew. */
  does(who: Who, body: OperationBody, knowing: Named = [], place?: Place): Entry {
    return this.#write(who, encodeBody(body), knowing, place);
  }

  /** An entry that is no operation and names these. */
  says(who: Who, knowing: Named = [], place?: Place): Entry {
    return this.#write(who, encodeBody({ type: 'text', text: 'on it' }), knowing, place);
  }

  /** Two entries of one device for one place, and what anyone can make of them. */
  forkOf(who: Who, seq = 0): BodyOf<'fork'> {
    const place = seq === 0 ? { seq } : { seq, previous: this.#feed(who)[seq - 1]?.id };
    const make = () => this.#make(who, encodeBody({ type: 'text', text: 'one of two' }), [], place);
    const [a, b] = [make(), make()];
    return { type: 'fork', proof: proveFork(a.bytes, b.bytes, this.stage.room.id, signKeyIn(this.stage.list)) };
  }

  log(entries: readonly Entry[] = this.entries): ControlLog {
    return entries.reduce(noteControl, emptyControl);
  }

  membership(list: MusterList = this.stage.list, entries: readonly Entry[] = this.entries): Membership {
    return new Membership(this.stage.room, list, this.log(entries));
  }

  voids(membership: Membership, who: Who): readonly Range[] {
    return voidRanges(membership, this.stage.device(who), this.#feed(who).flatMap(marksOf));
  }

  #write(who: Who, body: Uint8Array, knowing: Named, place?: Place): Entry {
    const entry = this.#make(who, body, knowing, place);
    this.entries.push(entry);
    if (place === undefined) this.#feed(who).push(entry);
    return entry;
  }

  #feed(who: Who): Entry[] {
    const device = this.stage.device(who);
    const feed = this.#feeds.get(device) ?? [];
    this.#feeds.set(device, feed);
    return feed;
  }

  #make(who: Who, body: Uint8Array, knowing: Named, place?: { seq: number; previous?: EntryId | undefined }): Entry {
    const feed = this.#feed(who);
    const { seq, previous } = place ?? { seq: feed.length, previous: feed.at(-1)?.id };
    return makeEntry(this.stage.keys(who).sign, this.stage.room.id, {
      device: this.stage.device(who),
      seq,
      ...(previous === undefined ? {} : { previous }),
      heads: [],
      timeMs: 1_800_000_000_000 + this.entries.length,
      control: idsOf(knowing),
      body,
      salt: this.#random(16),
    });
  }
}

const sorted = <T extends string>(ids: readonly T[]): readonly T[] => [...ids].sort();

/** Operations, named by people of the stage. */
export const operationsOf = (stage: Stage) => ({
  /** With the cut as a list of [device, entries]; without one nothing of theirs that the author did not know counts. */
  remove: (
    members: readonly number[],
    devices: readonly Who[] = [],
    cut: readonly (readonly [Who, number])[] = [],
  ): BodyOf<'remove'> => ({
    type: 'remove',
    members: sorted(members.map(stage.member)),
    devices: sorted(devices.map(stage.device)),
    cut: cut.map(([who, count]) => [stage.device(who), count] as const),
  }),
  add: (members: readonly number[], devices: readonly Who[] = []): BodyOf<'add'> => ({
    type: 'add',
    members: sorted(members.map(stage.member)),
    devices: sorted(devices.map(stage.device)),
  }),
  role: (member: number, role: Role): BodyOf<'role'> => ({ type: 'role', member: stage.member(member), role }),
  policy: (history: 'none' | 'all', horizon: 'default' | 'high' = 'default'): BodyOf<'policy'> => ({
    type: 'policy',
    history,
    horizon,
  }),
});

/** Everything that anyone can ask of a membership, as data that can be compared. */
export function viewOf(script: Script, membership: Membership, whos: readonly Who[]) {
  return {
    verdicts: [...membership.verdicts].sort(),
    people: [...membership.people].sort(),
    roster: [...membership.roster.keys()].sort(),
    policy: membership.policy,
    heads: membership.heads,
    contested: [...membership.contested].sort(),
    voids: whos.map((who) => script.voids(membership, who)),
  };
}
