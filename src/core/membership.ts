/**
 * Who is in a room, judged from the signed operations and the muster list alone (docs/protocol.md section 6.2). A pure
 * function of a set: in whatever order the operations came, the result is the same. The rules, in short:
 *
 * - an operation counts if its author had the right in what its own causal past makes of the room;
 * - a removal or demotion voids what the removed one did at the same time, and of two that remove each other the senior
 *   stays and it shows as contested;
 * - a removal holds until somebody who knew of it adds again;
 * - a device that signed two contradicting entries is out for good;
 * - the muster list wins over everything.
 */
import { type ControlLog, closureOf, type Operation, pastsOf } from './control.ts';
import type { SignKeyOf } from './entry.ts';
import { type Fork, readFork } from './fork.ts';
import type { DeviceId, EntryId, MemberId } from './id.ts';
import type { ListDevice, MusterList } from './list.ts';
import { type Base, foundersOf, memberOf, type Outcome, resolve } from './outcome.ts';
import { allows, type People, type Person, type Policy, rankOf } from './right.ts';
import type { RoomInfo } from './room.ts';
import { type Settled, settle } from './settle.ts';

export type Verdict =
  | 'counts'
  /** Its author had no right to it, by its own past or by the list. */
  | 'no-right'
  /** Its author signed another operation at the same time: an honest device's come one after the other. */
  | 'unordered'
  /** Its author was removed or demoted at the same time. */
  | 'overruled';

/** The key of a device that is or was on the list. */
export const signKeyIn =
  (list: MusterList): SignKeyOf =>
  (device) =>
    (list.devices.get(device) ?? list.former.get(device))?.signKey;

export class Membership {
  readonly #room: RoomInfo;
  readonly #list: MusterList;
  readonly #log: ControlLog;
  readonly #pasts: ReadonlyMap<EntryId, ReadonlySet<EntryId>>;
  /** Operations whose authors had the right, and for each the ones that take the ground from it. */
  readonly #sound = new Map<EntryId, Set<EntryId>>();
  readonly #forks = new Map<EntryId, Fork>();
  readonly #outcomes = new Map<string, Outcome & Settled>();
  readonly #founders: Readonly<Record<Base, People>>;
  readonly #final: Outcome & Settled;
  readonly verdicts: ReadonlyMap<EntryId, Verdict>;
  /** The devices that may read and write now. */
  readonly roster: ReadonlyMap<DeviceId, ListDevice>;

  constructor(room: RoomInfo, list: MusterList, log: ControlLog) {
    this.#room = room;
    this.#list = list;
    this.#log = log;
    this.#pasts = pastsOf(log);
    this.#founders = { now: foundersOf(room, list, 'now'), ever: foundersOf(room, list, 'ever') };
    const verdicts = this.#judge();
    this.#final = this.#outcome(log.operations.keys(), 'now');
    for (const id of this.#sound.keys()) if (!this.#final.accepted.has(id)) verdicts.set(id, 'overruled');
    this.verdicts = verdicts;
    this.roster = this.#rosterOf(this.#final);
  }

  get people(): People {
    return this.#final.people;
  }

  get policy(): Policy {
    return this.#final.policy;
  }

  /** Removals that met one of their author by somebody they removed: people should talk about it. */
  get contested(): ReadonlySet<EntryId> {
    return this.#final.contested;
  }

  /** The devices that could when exactly these operations and all that they knew were known, by the list in force. */
  rosterAt(heads: Iterable<EntryId>): ReadonlyMap<DeviceId, ListDevice> {
    return this.#rosterOf(this.#outcome(heads, 'now'));
  }

  /**
   * Operations that an entry made now names: all sound ones that no other builds on. One that does not count for want
   * of a right is not named: to name it is to stand behind it.
   */
  get heads(): readonly EntryId[] {
    const covered = new Set([...this.#sound.keys()].flatMap((id) => [...(this.#pasts.get(id) ?? [])]));
    return [...this.#sound.keys()].filter((id) => !covered.has(id)).sort();
  }

  /** These operations and everything that they knew. */
  closure(heads: Iterable<EntryId>): ReadonlySet<EntryId> {
    return closureOf(this.#pasts, heads);
  }

  /** True if this device's member was in, and the device itself not out, by what was known then. */
  wasIn(device: DeviceId, heads: Iterable<EntryId>): boolean {
    const member = memberOf(this.#list, device);
    const outcome = this.#outcome(heads, 'ever');
    return member !== undefined && outcome.people.has(member) && !outcome.out.has(device);
  }

  /**
   * How many entries of a device's feed count, of those whose author knew exactly `known`: every removal it did not
   * know of has a cut. Of removals made at the same time the most generous cut holds. A fork ends it for all.
   */
  limitOf(device: DeviceId, known: ReadonlySet<EntryId>): number {
    const accepted = [...this.#final.accepted].flatMap((id) => this.#log.operations.get(id) ?? []);
    const removals = accepted.filter((each) => each.body.type === 'remove' && this.#putsOut(each, device));
    const unknown = removals.filter(({ id }) => !known.has(id));
    const cuts = unknown.map((one) =>
      Math.max(...removals.filter((other) => !this.#isOrdered(one, other)).map((each) => cutOf(each, device))),
    );
    const forks = accepted.flatMap(({ id }) => this.#forks.get(id) ?? []).filter((fork) => fork.device === device);
    return Math.min(Number.POSITIVE_INFINITY, ...cuts, ...forks.map((fork) => fork.seq));
  }

  /** In the order of the log, in which each comes after all it knew: what is sound is then known of all of those. */
  #judge(): Map<EntryId, Verdict> {
    const unordered = this.#findUnordered();
    const verdicts = new Map<EntryId, Verdict>();
    for (const operation of this.#log.operations.values()) {
      const { id } = operation;
      const hasRight = !unordered.has(id) && this.#hasRight(operation);
      if (hasRight) this.#noteSound(operation);
      verdicts.set(id, unordered.has(id) ? 'unordered' : hasRight ? 'counts' : 'no-right');
    }
    return verdicts;
  }

  #noteSound(operation: Operation): void {
    const strikers = new Set<EntryId>();
    for (const [id, strikersOfOther] of this.#sound) {
      const other = this.#log.operations.get(id);
      if (other === undefined || this.#isOrdered(operation, other)) continue;
      if (this.#strikes(other, operation)) strikers.add(id);
      if (this.#strikes(operation, other)) strikersOfOther.add(operation.id);
    }
    this.#sound.set(operation.id, strikers);
  }

  #findUnordered(): ReadonlySet<EntryId> {
    const found = new Set<EntryId>();
    const byDevice = new Map<DeviceId, Operation[]>();
    for (const each of this.#log.operations.values())
      byDevice.set(each.device, [...(byDevice.get(each.device) ?? []), each]);
    for (const own of byDevice.values())
      for (const [i, one] of own.entries())
        for (const other of own.slice(i + 1)) if (!this.#isOrdered(one, other)) found.add(one.id).add(other.id);
    return found;
  }

  #hasRight(operation: Operation): boolean {
    const { id, body, device, control } = operation;
    const author = memberOf(this.#list, device);
    if (author === undefined || !this.wasIn(device, control)) return false;
    if (body.type === 'fork') return this.#convict(id, body.proof);
    const isAllowed = (base: Base) =>
      allows(author, body, this.#outcome(control, base).people, (each) => memberOf(this.#list, each));
    if (this.#list.devices.has(device) && isAllowed('now')) return true;
    return isAllowed('ever') && this.#isBacked(id, author);
  }

  /** A proof that does not hold convicts nobody. */
  #convict(id: EntryId, proof: Uint8Array): boolean {
    try {
      this.#forks.set(id, readFork(proof, this.#room.id, signKeyIn(this.#list)));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * What somebody did who has left the list or lost their role since counts if a device of another member, which is on
   * the list, wrote knowing it. Otherwise they could go on with operations that seem to be from before.
   */
  #isBacked(id: EntryId, author: MemberId): boolean {
    for (const [head, devices] of this.#log.named) {
      if (head !== id && !this.#knew(head, id)) continue;
      for (const device of devices) {
        const member = this.#list.devices.get(device)?.member;
        if (member !== undefined && member !== author) return true;
      }
    }
    return false;
  }

  /** True if operation `one` was made knowing `other`. */
  #knew(one: EntryId, other: EntryId): boolean {
    return this.#pasts.get(one)?.has(other) ?? false;
  }

  #isOrdered(one: Operation, other: Operation): boolean {
    return this.#knew(one.id, other.id) || this.#knew(other.id, one.id);
  }

  /** True if the operation puts this device out, by itself or with its member. */
  #putsOut({ id, body }: Operation, device: DeviceId): boolean {
    if (body.type === 'fork') return this.#forks.get(id)?.device === device;
    if (body.type !== 'remove') return false;
    const member = memberOf(this.#list, device);
    return body.devices.includes(device) || (member !== undefined && body.members.includes(member));
  }

  /** True if `one` takes the ground from `other`, which was made at the same time. */
  #strikes(one: Operation, other: Operation): boolean {
    return this.#putsOut(one, other.device) || this.#demotes(one, memberOf(this.#list, other.device));
  }

  #demotes({ body, control }: Operation, member: MemberId | undefined): boolean {
    if (body.type !== 'role' || body.member !== member) return false;
    const before = this.#outcome(control, 'ever').people.get(body.member);
    return before !== undefined && rankOf(body.role) < rankOf(before.role);
  }

  #authorOf({ device, control }: Operation): Person | undefined {
    const member = memberOf(this.#list, device);
    return member === undefined ? undefined : this.#outcome(control, 'ever').people.get(member);
  }

  /** By role, then by how near to the founders, then by id: all of it as their own past had it. */
  #bySeniority(a: Operation, b: Operation): number {
    const [x, y] = [this.#authorOf(a), this.#authorOf(b)];
    const [m, n] = [memberOf(this.#list, a.device) ?? '', memberOf(this.#list, b.device) ?? ''];
    const byRank = (y === undefined ? 0 : rankOf(y.role)) - (x === undefined ? 0 : rankOf(x.role));
    return byRank || (x?.depth ?? 0) - (y?.depth ?? 0) || compare(m, n) || compare(a.id, b.id);
  }

  #outcome(heads: Iterable<EntryId>, base: Base): Outcome & Settled {
    const named = [...heads].sort();
    const key = `${base} ${named.join(' ')}`;
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const past = this.closure(named);
    const operations = [...this.#log.operations.values()].filter(({ id }) => past.has(id) && this.#sound.has(id));
    const strikersOf = (id: EntryId) => this.#sound.get(id) ?? new Set<EntryId>();
    const settled = settle(operations, strikersOf, (a, b) => this.#bySeniority(a, b));
    const kept = operations.filter(({ id }) => settled.accepted.has(id));
    const outcome = resolve(kept, {
      people: this.#founders[base],
      forked: new Map([...this.#forks].map(([id, fork]) => [id, fork.device])),
      knew: (one, other) => this.#knew(one, other),
      authorOf: (operation) => this.#authorOf(operation),
      roleOf: (member) => this.#list.members.find((each) => each.id === member)?.role,
    });
    const made = { ...settled, ...outcome };
    this.#outcomes.set(key, made);
    return made;
  }

  #rosterOf({ people, out }: Outcome): ReadonlyMap<DeviceId, ListDevice> {
    const devices = [...this.#list.devices.values()];
    return new Map(
      devices.filter(({ id, member }) => people.has(member) && !out.has(id)).map((each) => [each.id, each]),
    );
  }
}

const cutOf = ({ body }: Operation, device: DeviceId): number =>
  body.type === 'remove' ? (body.cut.find(([each]) => each === device)?.[1] ?? 0) : 0;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
