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

/** Operations of one device in one room. More would be an attempt to keep everyone busy; they do not count. */
const maxPerDevice = 256;

export const isOperation = (body: Body | undefined): body is OperationBody =>
  body?.type === 'remove' ||
  body?.type === 'add' ||
  body?.type === 'role' ||
  body?.type === 'policy' ||
  body?.type === 'fork';

/** Operations that are named and not here (rule R5: they are fetched before anything is concluded). */
export const missingIn = (log: ControlLog, named: readonly EntryId[]): readonly EntryId[] =>
  named.filter((id) => !log.operations.has(id));

/** True if `noteControl` of this entry would change anything. */
export const concernsControl = (entry: Entry): boolean => entry.control.length > 0 || isOperation(readBody(entry.body));

/** The log with this entry, all of whose named operations are in it. What is noted already is not noted twice. */
export function noteControl(log: ControlLog, entry: Entry): ControlLog {
  if (!concernsControl(entry)) return log;
  const named = new Map(log.named);
  for (const id of entry.control) named.set(id, new Set([...(named.get(id) ?? []), entry.device]));
  const body = readBody(entry.body);
  const isNew = isOperation(body) && !log.operations.has(entry.id) && countOf(log, entry.device) < maxPerDevice;
  if (!isNew) return { ...log, named };
  const { id, device, seq, timeMs, control } = entry;
  return { operations: new Map(log.operations).set(id, { id, device, seq, timeMs, control, body }), named };
}

const countOf = (log: ControlLog, device: DeviceId): number =>
  [...log.operations.values()].filter((operation) => operation.device === device).length;

/** For each operation, those its author can have known: all it names, and all that these knew. */
export function pastsOf(log: ControlLog): ReadonlyMap<EntryId, ReadonlySet<EntryId>> {
  const pasts = new Map<EntryId, ReadonlySet<EntryId>>();
  for (const [id, { control }] of log.operations) pasts.set(id, closureOf(pasts, control));
  return pasts;
}

/** These operations and all that they knew. */
export function closureOf(
  pasts: ReadonlyMap<EntryId, ReadonlySet<EntryId>>,
  heads: Iterable<EntryId>,
): ReadonlySet<EntryId> {
  const closure = new Set<EntryId>();
  for (const head of heads) {
    const past = pasts.get(head);
    if (past === undefined) continue;
    closure.add(head);
    for (const id of past) closure.add(id);
  }
  return closure;
}
