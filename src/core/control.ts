/**
 * Operations on a room: the entries that change who is in it, who may do what, and its policy. They form a graph of
 * their own (each names the newest its author knew), so that what an operation could know is the same everywhere.
 * What they amount to is judged in membership.ts.
 */
import { type Body, type BodyOf, readBody } from './body.ts';
import type { Entry } from './entry.ts';
import type { DeviceId, EntryId } from './id.ts';

export type OperationBody = BodyOf<'remove' | 'add' | 'role' | 'policy' | 'fork'>;

export interface Operation {
  readonly id: EntryId;
  readonly device: DeviceId;
  readonly seq: number;
  readonly timeMs: number;
  /** Operations it names. */
  readonly control: readonly EntryId[];
  readonly body: OperationBody;
}

export interface ControlLog {
  /** Each after all those it names. */
  readonly operations: ReadonlyMap<EntryId, Operation>;
  /** For each operation, the devices that named it in an entry of theirs. */
  readonly named: ReadonlyMap<EntryId, ReadonlySet<DeviceId>>;
}

export const emptyControl: ControlLog = { operations: new Map(), named: new Map() };

export const isOperation = (body: Body | undefined): body is OperationBody =>
  body?.type === 'remove' ||
  body?.type === 'add' ||
  body?.type === 'role' ||
  body?.type === 'policy' ||
  body?.type === 'fork';

/** Operations that are named and not here (rule R5: they are fetched before anything is concluded). */
export const missingIn = (log: ControlLog, named: readonly EntryId[]): readonly EntryId[] =>
  named.filter((id) => !log.operations.has(id));

/** True if the entry tells of operations: it is one, or names some. */
export const concernsControl = (entry: Entry): boolean => entry.control.length > 0 || isOperation(readBody(entry.body));

/**
 * The log with this entry, all of whose named operations are in it; the same log where all of it is noted already: then
 * there is nothing to judge anew, however often somebody names the same.
 */
export function noteControl(log: ControlLog, entry: Entry): ControlLog {
  const body = readBody(entry.body);
  const isNew = isOperation(body) && !log.operations.has(entry.id);
  if (!isNew && entry.control.every((id) => log.named.get(id)?.has(entry.device))) return log;
  const named = new Map(log.named);
  for (const id of entry.control) named.set(id, new Set([...(named.get(id) ?? []), entry.device]));
  if (!isNew) return { ...log, named };
  const { id, device, seq, timeMs, control } = entry;
  return { operations: new Map(log.operations).set(id, { id, device, seq, timeMs, control, body }), named };
}

/**
 * Operations of one device in one room that are looked at, the first by their place. More would be an attempt to keep
 * everyone busy. They stay in the log, for who names one of them must not wait for it, and they do nothing.
 */
const maxPerDevice = 256;

/** The operations that are one too many. */
export function surplusOf(log: ControlLog): ReadonlySet<EntryId> {
  const surplus = new Set<EntryId>();
  const counts = new Map<DeviceId, number>();
  for (const { id, device } of [...log.operations.values()].sort(byPlace)) {
    const count = counts.get(device) ?? 0;
    counts.set(device, count + 1);
    if (count >= maxPerDevice) surplus.add(id);
  }
  return surplus;
}

/** As a feed has them; of two in one place, which only a fork has, the lower id first. */
export const byPlace = (a: Operation, b: Operation): number =>
  a.seq - b.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** For each operation, those its author can have known, of all but the surplus: what it names, and what these knew. */
export function pastsOf(log: ControlLog, surplus: ReadonlySet<EntryId>): ReadonlyMap<EntryId, ReadonlySet<EntryId>> {
  const pasts = new Map<EntryId, ReadonlySet<EntryId>>();
  for (const [id, { control }] of log.operations) pasts.set(id, closureOf(pasts, surplus, control));
  return pasts;
}

/** These operations and all that they knew, but the surplus. */
export function closureOf(
  pasts: ReadonlyMap<EntryId, ReadonlySet<EntryId>>,
  surplus: ReadonlySet<EntryId>,
  heads: Iterable<EntryId>,
): ReadonlySet<EntryId> {
  const closure = new Set<EntryId>();
  for (const head of heads) {
    const past = pasts.get(head);
    if (past === undefined || closure.has(head)) continue;
    if (!surplus.has(head)) closure.add(head);
    for (const id of past) closure.add(id);
  }
  return closure;
}
