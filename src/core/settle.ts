/**
 * Which of several operations hold, when some take the ground from others made at the same time. What it gives depends
 * on the set alone, not on the order it came in.
 */
import type { Operation } from './control.ts';
import type { EntryId } from './id.ts';

export interface Settled {
  readonly accepted: ReadonlySet<EntryId>;
  /** Held only because their author was the senior of a circle of removals. */
  readonly contested: ReadonlySet<EntryId>;
}

/** `strikersOf(id)`: operations that take the ground from this one. `bySeniority`: a total order, most senior first. */
export function settle(
  operations: readonly Operation[],
  strikersOf: (id: EntryId) => ReadonlySet<EntryId>,
  bySeniority: (a: Operation, b: Operation) => number,
): Settled {
  const here = new Set(operations.map(({ id }) => id));
  const strikers = new Set(operations.flatMap(({ id }) => [...strikersOf(id)]).filter((id) => here.has(id)));
  const accepted = new Set<EntryId>();
  const contested = new Set<EntryId>();
  const isStruck = ({ id }: Operation, by: (striker: EntryId) => boolean) => [...strikersOf(id)].some(by);
  const stands = (operation: Operation) => !isStruck(operation, (id) => accepted.has(id));
  // The device convicted itself: nobody can take that back, least of all with an operation of its own.
  for (const { id, body } of operations) if (body.type === 'fork') accepted.add(id);
  let open = operations.filter(({ id }) => strikers.has(id) && !accepted.has(id));
  while (open.length > 0) {
    open = open.filter(stands);
    const ids = new Set(open.map(({ id }) => id));
    const free = open.filter((each) => !isStruck(each, (id) => ids.has(id)));
    const [senior] = free.length > 0 ? [] : [...open].sort(bySeniority);
    if (senior !== undefined) contested.add(senior.id);
    for (const { id } of senior === undefined ? free : [senior]) accepted.add(id);
    open = open.filter(({ id }) => !accepted.has(id));
  }
  for (const operation of operations) if (!strikers.has(operation.id) && stands(operation)) accepted.add(operation.id);
  return { accepted, contested };
}
