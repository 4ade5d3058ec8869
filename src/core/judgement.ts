/** What a set of operations comes to: whose author had the right, which of those hold, and what they make of the room. */
import { type ControlLog, closureOf, type Operation, pastsOf, surplusOf } from './control.ts';
import { type Fork, readFork } from './fork.ts';
import type { DeviceId, EntryId, MemberId } from './id.ts';
import type { Role } from './leaf.ts';
import type { MusterList } from './list.ts';
import { memberOf, signKeyIn } from './listed.ts';
import { type Base, foundersOf, type Outcome, resolve, rolesOf } from './outcome.ts';
import { allows, type People, type Person, rankOf } from './right.ts';
import type { RoomInfo } from './room.ts';
import { type Settled, settle } from './settle.ts';

/** Had the right by the list in force; or by an earlier one, with the word of another member. */
type Right = 'now' | 'backed';

export class Judgement {
  readonly #room: RoomInfo;
  readonly #list: MusterList;
  readonly #log: ControlLog;
  readonly #founders: Readonly<Record<Base, People>>;
  readonly #roles: Readonly<Record<Base, ReadonlyMap<MemberId, Role>>>;
  readonly #pasts: ReadonlyMap<EntryId, ReadonlySet<EntryId>>;
  readonly #surplus: ReadonlySet<EntryId>;
  /** Operations whose authors had the right, each after all it knew. */
  readonly #rights = new Map<EntryId, Right>();
  /** For each of those, the ones that take the ground from it. */
  readonly #strikers = new Map<EntryId, Set<EntryId>>();
  /** Operations that want the word of another member, by whose they are. */
  readonly #unbacked = new Map<MemberId, Set<EntryId>>();
  readonly #outcomes = new Map<string, Outcome & Settled>();
  readonly forks = new Map<EntryId, Fork>();

  constructor(room: RoomInfo, list: MusterList, log: ControlLog) {
    this.#room = room;
    this.#list = list;
    this.#log = log;
    this.#founders = { now: foundersOf(room, list, 'now'), ever: foundersOf(room, list, 'ever') };
    this.#roles = { now: rolesOf(list, 'now'), ever: rolesOf(list, 'ever') };
    this.#surplus = surplusOf(log);
    this.#pasts = pastsOf(log, this.#surplus);
    for (const operation of log.operations.values()) {
      const right = this.isOutOfPlace(operation) ? undefined : this.#rightOf(operation);
      if (right === undefined) continue;
      this.#rights.set(operation.id, right);
      this.#noteStrikers(operation);
    }
  }

  hasRight(id: EntryId): boolean {
    return this.#rights.has(id);
  }

  /** True of what no device does that puts one entry after the other: it knew what came after it, or is one too many. */
  isOutOfPlace({ id, device, seq }: Operation): boolean {
    const isLater = (each: EntryId) => {
      const other = this.#log.operations.get(each);
      return other !== undefined && other.device === device && other.seq >= seq;
    };
    return this.#surplus.has(id) || [...(this.#pasts.get(id) ?? [])].some(isLater);
  }

  /** These operations and everything that they knew. */
  closure(heads: Iterable<EntryId>): ReadonlySet<EntryId> {
    return closureOf(this.#pasts, this.#surplus, heads);
  }

  /** True if operation `one` was made knowing `other`. */
  knew(one: EntryId, other: EntryId): boolean {
    return this.#pasts.get(one)?.has(other) ?? false;
  }

  isOrdered(one: EntryId, other: EntryId): boolean {
    return this.knew(one, other) || this.knew(other, one);
  }

  /** What these operations and all that they knew make of the room. */
  outcome(heads: Iterable<EntryId>, base: Base): Outcome & Settled {
    const named = [...heads].sort();
    const key = `${base} ${named.join(' ')}`;
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const past = this.closure(named);
    const settled = settle(
      [...this.#rights.keys()].flatMap((id) => (past.has(id) ? (this.#log.operations.get(id) ?? []) : [])),
      {
        strikersOf: (id) => this.#strikers.get(id) ?? none,
        pastOf: (id) => this.#pasts.get(id) ?? none,
        knew: (one, other) => this.knew(one, other),
        binds: (id) => this.#rights.get(id) === 'now',
        standsWithout: (operation, voided) => this.#standsWithout(operation, voided),
        bySeniority: (a, b) => this.#bySeniority(a, b),
      },
    );
    const made = { ...settled, ...this.#resolve(settled.accepted, base) };
    this.#outcomes.set(key, made);
    return made;
  }

  /** As `outcome`, less what has turned out not to hold since. */
  outcomeWithout(heads: Iterable<EntryId>, base: Base, voided: ReadonlySet<EntryId>): Outcome {
    const outcome = this.outcome(heads, base);
    if (![...voided].some((id) => outcome.accepted.has(id))) return outcome;
    return this.#resolve(new Set([...outcome.accepted].filter((id) => !voided.has(id))), base);
  }

  /** True if the operation puts this device out, by itself or with its member. */
  putsOut({ id, body }: Operation, device: DeviceId): boolean {
    if (body.type === 'fork') return this.forks.get(id)?.device === device;
    if (body.type !== 'remove') return false;
    const member = memberOf(this.#list, device);
    return body.devices.includes(device) || (member !== undefined && body.members.includes(member));
  }

  #resolve(accepted: ReadonlySet<EntryId>, base: Base): Outcome {
    const kept = [...this.#rights.keys()].flatMap((id) =>
      accepted.has(id) ? (this.#log.operations.get(id) ?? []) : [],
    );
    return resolve(kept, {
      people: this.#founders[base],
      forked: new Map([...this.forks].map(([id, fork]) => [id, fork.device])),
      knew: (one, other) => this.knew(one, other),
      authorOf: (operation) => this.#authorOf(operation),
      roleOf: (member) => this.#roles[base].get(member),
    });
  }

  #rightOf(operation: Operation): Right | undefined {
    const { id, body, device, control } = operation;
    const author = memberOf(this.#list, device);
    if (author === undefined || !isIn(this.outcome(control, 'ever'), author, device)) return undefined;
    // It would carry to others' names, and so to their word, what came before it and has nobody's.
    const unbacked = this.#unbacked.get(author) ?? none;
    if ([...unbacked].some((each) => this.knew(id, each))) return undefined;
    if (body.type === 'fork') return this.#convict(id, body.proof) ? 'now' : undefined;
    if (this.#list.devices.has(device) && this.#allows(operation, author, 'now', none)) return 'now';
    if (!this.#allows(operation, author, 'ever', none)) return undefined;
    if (this.#isBacked(operation, author)) return 'backed';
    this.#unbacked.set(author, new Set([...unbacked, id]));
    return undefined;
  }

  #allows({ body, control }: Operation, author: MemberId, base: Base, voided: ReadonlySet<EntryId>): boolean {
    return allows(author, body, this.outcomeWithout(control, base, voided).people, {
      memberOf: (device) => memberOf(this.#list, device),
      roleOf: (member) => this.#roles[base].get(member),
    });
  }

  #standsWithout(operation: Operation, voided: ReadonlySet<EntryId>): boolean {
    const { id, device, control } = operation;
    const { accepted } = this.outcome(control, 'ever');
    if (![...voided].some((each) => accepted.has(each))) return true;
    const author = memberOf(this.#list, device);
    const base = this.#rights.get(id) === 'now' ? 'now' : 'ever';
    return (
      author !== undefined &&
      isIn(this.outcomeWithout(control, 'ever', voided), author, device) &&
      this.#allows(operation, author, base, voided)
    );
  }

  /** A proof that does not hold convicts nobody. */
  #convict(id: EntryId, proof: Uint8Array): boolean {
    try {
      this.forks.set(id, readFork(proof, this.#room.id, signKeyIn(this.#list)));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * What somebody did who has left the list or lost their role since counts if a device of another member, which is on
   * the list, wrote knowing it. Otherwise they could go on with operations that seem to be from before. Only of who was in
   * when it was made: whom it let in nobody can read who does not take it for backed, so their word would split the room.
   */
  #isBacked({ id, control }: Operation, author: MemberId): boolean {
    const before = this.outcome(control, 'ever');
    for (const [head, devices] of this.#log.named) {
      if (head !== id && !this.knew(head, id)) continue;
      for (const device of devices) {
        const member = this.#list.devices.get(device)?.member;
        if (member !== undefined && member !== author && isIn(before, member, device)) return true;
      }
    }
    return false;
  }

  #noteStrikers(operation: Operation): void {
    this.#strikers.set(operation.id, new Set());
    for (const [id, strikersOfOther] of this.#strikers) {
      const other = this.#log.operations.get(id);
      if (other === undefined || id === operation.id) continue;
      if (this.#strikes(other, operation)) this.#strikers.get(operation.id)?.add(id);
      if (this.#strikes(operation, other)) strikersOfOther.add(operation.id);
    }
  }

  /** True if `one` takes the ground from `other`, which was made at the same time. */
  #strikes(one: Operation, other: Operation): boolean {
    return (
      (this.putsOut(one, other.device) || this.#demotes(one, memberOf(this.#list, other.device))) &&
      !this.isOrdered(one.id, other.id)
    );
  }

  #demotes({ body, control }: Operation, member: MemberId | undefined): boolean {
    if (body.type !== 'role' || body.member !== member) return false;
    const before = this.outcome(control, 'ever').people.get(body.member);
    return before !== undefined && rankOf(body.role) < rankOf(before.role);
  }

  #authorOf({ device, control }: Operation): Person | undefined {
    const member = memberOf(this.#list, device);
    return member === undefined ? undefined : this.outcome(control, 'ever').people.get(member);
  }

  /** By role, then by how near to the founders, then by id: all of it as their own past had it. */
  #bySeniority(a: Operation, b: Operation): number {
    const [x, y] = [this.#authorOf(a), this.#authorOf(b)];
    const [m, n] = [memberOf(this.#list, a.device) ?? '', memberOf(this.#list, b.device) ?? ''];
    const byRank = (y === undefined ? 0 : rankOf(y.role)) - (x === undefined ? 0 : rankOf(x.role));
    return byRank || (x?.depth ?? 0) - (y?.depth ?? 0) || compare(m, n) || a.seq - b.seq || compare(a.id, b.id);
  }
}

const none: ReadonlySet<never> = new Set();

export const isIn = ({ people, out }: Outcome, member: MemberId, device: DeviceId): boolean =>
  people.has(member) && !out.has(device);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
