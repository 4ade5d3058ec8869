/**
 * Which entries of a feed count. An entry by a device that was out, or beyond the cut of a removal its author says not
 * to have known of, is kept, hidden and shown as such: it stays part of the feed, so that every device holds the same.
 */

import { readBody } from './body.ts';
import { isOperation } from './control.ts';
import type { Entry } from './entry.ts';
import type { DeviceId, EntryId } from './id.ts';
import type { Membership } from './membership.ts';

/** From this place of its feed on, the author knew these operations as well. */
export interface Mark {
  readonly seq: number;
  readonly heads: readonly EntryId[];
}

/** Places from `from` up to, not including, `to`; without `to` all that are still to come. */
export interface Range {
  readonly from: number;
  readonly to?: number;
}

/** What this entry tells of what its author knows: of itself, and if it is an operation of what comes after it. */
export function marksOf(entry: Entry): readonly Mark[] {
  const named = entry.control.length > 0 ? [{ seq: entry.seq, heads: entry.control }] : [];
  return isOperation(readBody(entry.body)) ? [...named, { seq: entry.seq + 1, heads: [entry.id] }] : named;
}

/** The operations known to the author of the entry at `seq`. */
export const headsAt = (marks: readonly Mark[], seq: number): readonly EntryId[] =>
  marks.filter((mark) => mark.seq <= seq).flatMap((mark) => mark.heads);

/** The places of a feed that do not count, ascending. `marks` ascend. */
export function voidRanges(membership: Membership, device: DeviceId, marks: readonly Mark[]): readonly Range[] {
  const ranges: Range[] = [];
  const steps = stepsOf(membership, marks);
  for (const [i, { seq, heads, known }] of steps.entries()) {
    const end = steps[i + 1]?.seq;
    const limit = membership.wasIn(device, heads) ? membership.limitOf(device, known) : 0;
    const from = Math.max(seq, limit);
    if (from >= (end ?? Number.POSITIVE_INFINITY)) continue;
    const last = ranges.at(-1);
    if (last?.to === from) ranges.pop();
    ranges.push({ from: last?.to === from ? last.from : from, ...(end === undefined ? {} : { to: end }) });
  }
  return ranges;
}

interface Step extends Mark {
  readonly known: ReadonlySet<EntryId>;
}

/** Where the author came to know more. However often a feed names the same operations, there are no more of these. */
function stepsOf(membership: Membership, marks: readonly Mark[]): readonly Step[] {
  const steps: Step[] = [{ seq: 0, heads: [], known: new Set() }];
  for (const { seq, heads } of marks) {
    const last = steps.at(-1);
    const before = last?.known ?? new Set<EntryId>();
    const more = heads.filter((id) => !before.has(id));
    const known = new Set([...before, ...membership.closure(more)]);
    if (known.size === before.size) continue;
    if (last?.seq === seq) steps.pop();
    steps.push({ seq, heads: [...(last?.heads ?? []), ...more], known });
  }
  return steps;
}

export const isVoid = (ranges: readonly Range[], seq: number): boolean =>
  ranges.some(({ from, to }) => seq >= from && (to === undefined || seq < to));
