/**
 * Which of several operations hold, when some take the ground from others made at the same time. What it gives depends
 * on the set alone, not on the order it came in.
 */

import { Broken } from '../wire/fault.ts';
import { byPlace, type Operation } from './control.ts';
import type { EntryId } from './id.ts';

export interface Settled {
  readonly accepted: ReadonlySet<EntryId>;
  /** Held only because their author was the senior of a circle of removals. */
  readonly contested: ReadonlySet<EntryId>;
  /** Made beside an earlier one of the same device that holds. */
  readonly unordered: ReadonlySet<EntryId>;
}

export interface Contest {
  /** Operations that take the ground from this one. */
  readonly strikersOf: (id: EntryId) => ReadonlySet<EntryId>;
  /** All that its author knew: it cannot be decided before all of that is, for what it rests on may fall with any of it. */
  readonly pastOf: (id: EntryId) => ReadonlySet<EntryId>;
  readonly knew: (one: EntryId, other: EntryId) => boolean;
  /** Whether later ones of its device must know it. One that wants others' word may have had none yet. */
  readonly binds: (id: EntryId) => boolean;
  /** Whether its author had the right even without these of the operations they knew. */
  readonly standsWithout: (operation: Operation, voided: ReadonlySet<EntryId>) => boolean;
  /** A total order, most senior first. */
  readonly bySeniority: (a: Operation, b: Operation) => number;
}

/**
 * `operations` come with all that they knew. Each is decided when all that bears on it is: what it knew, what
 * strikes it, and what its own device did before. Where that runs in a circle, the senior removal in it holds.
 */
export function settle(operations: readonly Operation[], contest: Contest): Settled {
  const previous = previousOf(operations);
  const here = new Set(operations.map(({ id }) => id));
  const isAlone = ({ id }: Operation) => {
    const before = previous.get(id);
    const isStruck = [...contest.strikersOf(id)].some((each) => here.has(each));
    return !isStruck && (before === undefined || contest.knew(id, before));
  };
  // Nearly always: nothing is against anything.
  if (operations.every(isAlone)) return { accepted: here, contested: new Set(), unordered: new Set() };
  return new Settling(operations, previous, contest).settled;
}

class Settling {
  readonly #contest: Contest;
  readonly #open: Map<EntryId, Operation>;
  /** For each, the ones that wait for it, and the ones it strikes. */
  readonly #bears = new Map<EntryId, EntryId[]>();
  readonly #strikes = new Map<EntryId, EntryId[]>();
  /** For each, how many it waits for: counted down, since an operation late in a long log knows all of it. */
  readonly #pending = new Map<EntryId, number>();
  readonly #previous: ReadonlyMap<EntryId, EntryId>;
  /** For each operation, the newest one of its device up to and with it that holds and binds. */
  readonly #lastHeld = new Map<EntryId, EntryId>();
  /** Seniors of circles: what is open beside them no longer keeps them waiting. */
  readonly #ahead = new Set<EntryId>();
  readonly #voided = new Set<EntryId>();
  readonly settled = { accepted: new Set<EntryId>(), contested: new Set<EntryId>(), unordered: new Set<EntryId>() };

  constructor(operations: readonly Operation[], previous: ReadonlyMap<EntryId, EntryId>, contest: Contest) {
    this.#contest = contest;
    this.#open = new Map(operations.map((each) => [each.id, each]));
    this.#previous = previous;
    for (const { id } of operations) {
      const waits = this.#waitsOf(id);
      this.#pending.set(id, waits.length);
      for (const each of waits) push(this.#bears, each, id);
      for (const each of contest.strikersOf(id)) push(this.#strikes, each, id);
    }
    // The device convicted itself: nobody can take that back, least of all with an operation of its own.
    for (const { id, body } of operations) if (body.type === 'fork') this.#decide(id, true);
    this.#advance(operations);
    while (this.#open.size > 0) this.#breakCircle();
  }

  /** Decides these, and what waited for them, as far as it goes. */
  #advance(operations: readonly Operation[]): void {
    const queue = [...operations];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (!this.#open.has(next.id)) continue;
      const holds = this.#judge(next);
      if (holds === undefined) continue;
      if (holds) this.#noteContested(next.id);
      queue.push(...this.#decide(next.id, holds));
    }
  }

  /** `undefined` while that is open. */
  #judge(operation: Operation): boolean | undefined {
    const { id } = operation;
    const { strikersOf, knew, standsWithout } = this.#contest;
    for (const striker of strikersOf(id)) if (this.settled.accepted.has(striker)) return false;
    if ((this.#pending.get(id) ?? 0) > 0) return undefined;
    const previous = this.#previous.get(id);
    const last = previous === undefined ? undefined : this.#lastHeld.get(previous);
    if (last !== undefined && !knew(id, last)) {
      this.settled.unordered.add(id);
      return false;
    }
    return standsWithout(operation, this.#voided);
  }

  /** Who struck it would have been heard first, were they not in a circle with it. */
  #noteContested(id: EntryId): void {
    if (this.#openOf(this.#contest.strikersOf(id)).length > 0) this.settled.contested.add(id);
  }

  /** What may be decided now that this is. */
  #decide(id: EntryId, holds: boolean): readonly Operation[] {
    this.#open.delete(id);
    if (holds) this.settled.accepted.add(id);
    else this.#voided.add(id);
    const previous = this.#previous.get(id);
    const before = previous === undefined ? undefined : this.#lastHeld.get(previous);
    const last = holds && this.#contest.binds(id) ? id : before;
    if (last !== undefined) this.#lastHeld.set(id, last);
    const ready = this.#borneBy(id).filter((each) => {
      const left = (this.#pending.get(each) ?? 0) - 1;
      this.#pending.set(each, left);
      return left <= 0;
    });
    return this.#openOf([...ready, ...(holds ? (this.#strikes.get(id) ?? []) : [])]);
  }

  /** What is open and bears on this one. */
  #waitsOf(id: EntryId): readonly EntryId[] {
    const waits = new Set(this.#contest.pastOf(id));
    if (!this.#ahead.has(id)) {
      for (const each of this.#contest.strikersOf(id)) waits.add(each);
      const previous = this.#previous.get(id);
      if (previous !== undefined) waits.add(previous);
    }
    return [...waits].filter((each) => this.#open.has(each));
  }

  #borneBy(id: EntryId): readonly EntryId[] {
    const isStill = (each: EntryId) => !this.#ahead.has(each) || this.#contest.pastOf(each).has(id);
    return (this.#bears.get(id) ?? []).filter((each) => this.#open.has(each) && isStill(each));
  }

  /**
   * Of the removals in a circle the senior's holds whose author had the right without anything that is still open. Where
   * all of them rest on what is in the circle itself, each in turn waits only for what it knew.
   */
  #breakCircle(): void {
    const { strikersOf, standsWithout, bySeniority } = this.#contest;
    const circle = this.#findCircle();
    const strikers = new Set(circle.flatMap(({ id }) => [...strikersOf(id)]));
    const removals = circle.filter(({ id }) => strikers.has(id)).sort(bySeniority);
    const shaky = new Set([...this.#voided, ...this.#open.keys()]);
    const firm = removals.find((each) => standsWithout(each, shaky));
    if (firm !== undefined) {
      this.#noteContested(firm.id);
      this.#advance(this.#decide(firm.id, true));
      return;
    }
    // Two forked devices can even make a circle without a removal in it.
    const order = [...removals, ...[...circle].sort(bySeniority)];
    const next = order.find(({ id }) => !this.#ahead.has(id));
    if (next === undefined) throw new Broken('broken', 'operations wait for each other without end');
    this.#ahead.add(next.id);
    this.#pending.set(next.id, this.#waitsOf(next.id).length);
    this.#advance([next]);
  }

  /** Operations that wait for each other, and for nothing that does not wait for them. */
  #findCircle(): readonly Operation[] {
    const seen = new Set<EntryId>();
    const circle = new Set<EntryId>();
    let root: EntryId | undefined;
    for (const id of this.#open.keys()) {
      if (seen.has(id)) continue;
      // The last one that none before it leads to: whatever leads to that one, it leads back to.
      root = id;
      reach(id, (each) => this.#borneBy(each), seen);
    }
    if (root !== undefined) reach(root, (each) => this.#waitsOf(each), circle);
    return this.#openOf(circle);
  }

  #openOf(ids: Iterable<EntryId>): readonly Operation[] {
    return [...ids].flatMap((id) => this.#open.get(id) ?? []);
  }
}

function push(map: Map<EntryId, EntryId[]>, key: EntryId, value: EntryId): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, [value]);
  else held.push(value);
}

function reach(from: EntryId, next: (id: EntryId) => readonly EntryId[], seen: Set<EntryId>): void {
  const queue = [from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    queue.push(...next(id));
  }
}

/** For each operation the one before it of the same device, by place and then by id. */
function previousOf(operations: readonly Operation[]): ReadonlyMap<EntryId, EntryId> {
  const previous = new Map<EntryId, EntryId>();
  const last = new Map<string, EntryId>();
  for (const { id, device } of [...operations].sort(byPlace)) {
    const before = last.get(device);
    if (before !== undefined) previous.set(id, before);
    last.set(device, id);
  }
  return previous;
}
