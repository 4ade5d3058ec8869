/**
 * Who is in a room, judged from the signed operations and the muster list alone (docs/protocol.md section 6.2). A pure
 * function of a set: in whatever order the operations came, the result is the same. The rules, in short:
 *
 * - an operation counts if its author had the right in what its own causal past makes of the room, less what has turned
 *   out not to hold since;
 * - a removal or demotion voids what the removed one did at the same time, and of those that remove each other the
 *   senior's holds and it shows as contested;
 * - of what one device did beside an earlier operation of its own nothing counts, and the earlier one does;
 * - a removal holds until somebody who knew of it adds again;
 * - a device that signed two contradicting entries is out for good;
 * - the muster list wins over everything.
 */
import type { BodyOf } from './body.ts';
import type { ControlLog, Operation } from './control.ts';
import { maxControlHeads } from './entry.ts';
import type { DeviceId, EntryId } from './id.ts';
import { isIn, Judgement } from './judgement.ts';
import type { ListDevice, MusterList } from './list.ts';
import { memberOf } from './listed.ts';
import type { Outcome } from './outcome.ts';
import type { People, Policy } from './right.ts';
import type { RoomInfo } from './room.ts';
import type { Settled } from './settle.ts';

export type Verdict =
  | 'counts'
  /** Its author had no right to it, by its own past or by the list. */
  | 'no-right'
  /** Its author signed an earlier one that it does not know: an honest device's come one after the other. */
  | 'unordered'
  /** Its author was removed or demoted at the same time, or had the right by something that does not hold. */
  | 'overruled';

export class Membership {
  readonly #list: MusterList;
  readonly #log: ControlLog;
  readonly #judgement: Judgement;
  readonly #final: Outcome & Settled;
  /** Operations whose authors had the right and that do not hold. */
  readonly #voided: ReadonlySet<EntryId>;
  #heads: readonly EntryId[] | undefined;
  readonly verdicts: ReadonlyMap<EntryId, Verdict>;
  /** The devices that may read and write now. */
  readonly roster: ReadonlyMap<DeviceId, ListDevice>;

  constructor(room: RoomInfo, list: MusterList, log: ControlLog) {
    this.#list = list;
    this.#log = log;
    this.#judgement = new Judgement(room, list, log);
    this.#final = this.#judgement.outcome(log.operations.keys(), 'now');
    this.verdicts = new Map([...log.operations.keys()].map((id) => [id, this.#verdictOf(id)]));
    this.#voided = new Set(
      [...log.operations.keys()].filter((id) => this.#judgement.hasRight(id) && !this.#final.accepted.has(id)),
    );
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
    return this.#rosterOf(this.#judgement.outcome(heads, 'now'));
  }

  /**
   * Operations that an entry made now names: those whose author had the right and that no other such builds on. One
   * without a right is not named: to name it is to stand behind it. Of more than an entry can name those that hold
   * come first.
   */
  get heads(): readonly EntryId[] {
    this.#heads ??= this.#firstOf(() => false);
    return this.#heads;
  }

  /** Whether entries name this operation, or one that builds on it: its author had the right, whatever became of it. */
  isNamed(id: EntryId): boolean {
    const verdict = this.verdicts.get(id);
    return verdict === 'counts' || verdict === 'overruled';
  }

  /** As `heads`, for an operation by this device: were its own last one not among them, the new one would not count. */
  headsFor(device: DeviceId): readonly EntryId[] {
    return this.#firstOf((id) => this.#log.operations.get(id)?.device === device);
  }

  /** These operations and everything that they knew. */
  closure(heads: Iterable<EntryId>): ReadonlySet<EntryId> {
    return this.#judgement.closure(heads);
  }

  /**
   * True if nobody who is out now can have been let in since exactly these operations were known: who was let in later may
   * hold keys that were made before. So nothing since may have put anybody out, or have been able to undo what had.
   */
  hasOnlyGrownSince(heads: readonly EntryId[]): boolean {
    const before = this.closure(heads);
    return [...this.closure(this.heads)].every((id) => before.has(id) || this.#hasOnlyAdded(id, heads, before));
  }

  /** True if this device is in the room now, or was when its member left the list. */
  isIn(device: DeviceId): boolean {
    return this.wasIn(device, this.verdicts.keys());
  }

  /** True if this device's member was in, and the device itself not out, by what was known then and still holds. */
  wasIn(device: DeviceId, heads: Iterable<EntryId>): boolean {
    const member = memberOf(this.#list, device);
    return member !== undefined && isIn(this.#judgement.outcomeWithout(heads, 'ever', this.#voided), member, device);
  }

  /**
   * How many entries of a device's feed count, of those whose author knew exactly `known`: every removal it did not
   * know of has a cut. Of removals made at the same time the most generous cut holds. A fork ends it for all.
   */
  limitOf(device: DeviceId, known: ReadonlySet<EntryId>): number {
    const judgement = this.#judgement;
    const accepted = [...this.#final.accepted].flatMap((id) => this.#log.operations.get(id) ?? []);
    const removals = accepted.filter((each) => each.body.type === 'remove' && judgement.putsOut(each, device));
    const unknown = removals.filter(({ id }) => !known.has(id));
    const cuts = unknown.map((one) =>
      Math.max(...removals.filter(({ id }) => !judgement.isOrdered(one.id, id)).map((each) => cutOf(each, device))),
    );
    const forks = accepted.flatMap(({ id }) => judgement.forks.get(id) ?? []).filter((fork) => fork.device === device);
    return Math.min(Number.POSITIVE_INFINITY, ...cuts, ...forks.map((fork) => fork.seq));
  }

  #hasOnlyAdded(id: EntryId, heads: readonly EntryId[], before: ReadonlySet<EntryId>): boolean {
    const body = this.#log.operations.get(id)?.body;
    const holds = this.#final.accepted.has(id);
    switch (body?.type) {
      case 'policy':
        return true;
      // It can take the ground from a removal that it does not know.
      case 'role':
        return holds && [...before].every((each) => this.#judgement.knew(id, each));
      case 'add':
        if (!holds) return !this.#judgement.outcome([...heads, id], 'now').accepted.has(id);
        return [...this.#list.devices.values()].every((each) => this.roster.has(each.id) || !addsIn(body, each));
      default:
        return false;
    }
  }

  #firstOf(isOwn: (id: EntryId) => boolean): readonly EntryId[] {
    const weightOf = (id: EntryId) => (isOwn(id) ? 0 : this.#final.accepted.has(id) ? 1 : 2);
    const named = [...this.verdicts.keys()].filter((id) => this.isNamed(id));
    const covered = new Set<EntryId>();
    for (const id of named) for (const each of this.closure([id])) if (each !== id) covered.add(each);
    const heads = named.filter((id) => !covered.has(id)).sort();
    const first = heads.sort((a, b) => weightOf(a) - weightOf(b)).slice(0, maxControlHeads);
    return first.sort();
  }

  #verdictOf(id: EntryId): Verdict {
    const operation = this.#log.operations.get(id);
    if (operation === undefined || this.#judgement.isOutOfPlace(operation)) return 'unordered';
    if (!this.#judgement.hasRight(id)) return 'no-right';
    if (this.#final.unordered.has(id)) return 'unordered';
    return this.#final.accepted.has(id) ? 'counts' : 'overruled';
  }

  #rosterOf({ people, out }: Outcome): ReadonlyMap<DeviceId, ListDevice> {
    const devices = [...this.#list.devices.values()];
    return new Map(
      devices.filter(({ id, member }) => people.has(member) && !out.has(id)).map((each) => [each.id, each]),
    );
  }
}

const addsIn = (body: BodyOf<'add'>, { id, member }: ListDevice): boolean =>
  body.devices.includes(id) || body.members.includes(member);

const cutOf = ({ body }: Operation, device: DeviceId): number =>
  body.type === 'remove' ? (body.cut.find(([each]) => each === device)?.[1] ?? 0) : 0;
