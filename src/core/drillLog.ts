/**
 * The log of a drill as evidence: which signed entries count, that none is missing, and how people and relays are
 * numbered in everything made of it.
 */
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, list as listOf, rawBytes } from '../wire/cbor.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { type Body, type BodyOf, readBody } from './body.ts';
import { type Entry, maxEntryBytes, readEntry } from './entry.ts';
import type { MemberId, RoomId } from './id.ts';
import type { DrillPlan, Member, MusterList } from './list.ts';

const maxEntries = 100_000;
const entriesFile = listOf(rawBytes({ max: maxEntryBytes }), maxEntries);

/** The entries of a drill as one file: signed bytes as they were made, one after the other. */
export const joinEntries = (entries: readonly Bytes[]): Bytes => encode(entriesFile, entries);
/** Throws `PeerFault('malformed')`. */
export const splitEntries = (bytes: Bytes): readonly Bytes[] => decode(entriesFile, bytes);

/** An entry that was read and checked, with what it says. */
export interface Said {
  readonly entry: Entry;
  readonly body: Body | undefined;
  readonly member: Member;
}

export interface Refs {
  readonly of: (member: MemberId) => string;
  readonly relay: (id: string) => string;
}

/** The parts of a drill's log that figures are made from. */
export interface Log {
  readonly list: MusterList;
  readonly plan: DrillPlan;
  readonly startMs: number;
  readonly said: readonly Said[];
  readonly refs: Refs;
}

/** Reads and checks signed entries of one room. Throws `PeerFault` at the first that does not hold. */
export function readLog(list: MusterList, room: RoomId, entries: readonly Bytes[]): readonly Entry[] {
  const read = entries.map((bytes) => readEntry(bytes, room, (device) => list.devices.get(device)?.signKey));
  if (new Set(read.map((entry) => entry.id)).size !== read.length)
    throw new PeerFault('out-of-place', 'the log holds an entry twice');
  return read;
}

/**
 * Entries that a closed drill's report is made of, in report order: those the closing entry had, and itself.
 * Throws `CallerFault('not-found')` when the drill was not closed, `PeerFault('out-of-place')` when entries the closing
 * one names are missing, `PeerFault('equivocation')` when a feed forks: a log with a hole is not evidence.
 */
export function entriesOf(list: MusterList, plan: DrillPlan, all: readonly Entry[]): readonly Entry[] {
  return settle(list, plan, all).entries;
}

/** The closing entry that a report of these entries rests on. Throws as `entriesOf` does. */
export const closingOf = (list: MusterList, plan: DrillPlan, all: readonly Entry[]): Entry =>
  settle(list, plan, all).closing;

/**
 * The first closing whose entries are all here. One coordinator who names entries that never were must not keep
 * another's closing from giving the report; where none holds, it is the first that says what is wrong.
 */
function settle(
  list: MusterList,
  plan: DrillPlan,
  all: readonly Entry[],
): { readonly closing: Entry; readonly entries: readonly Entry[] } {
  let first: unknown;
  for (const closing of closingsOf(list, plan, all)) {
    try {
      return { closing: closing.entry, entries: cutOf(all, closing) };
    } catch (fault) {
      if (!(fault instanceof PeerFault)) throw fault;
      first ??= fault;
    }
  }
  throw first ?? new CallerFault('not-found', 'This drill has not been closed, so there is no report of it yet.');
}

function cutOf(all: readonly Entry[], closing: Closing): readonly Entry[] {
  const cut = new Map(closing.body.cut);
  const { device, seq } = closing.entry;
  if ((cut.get(device) ?? 0) !== seq)
    throw new PeerFault('out-of-place', 'the closing of the drill does not stand where it says');
  return [...cut.set(device, seq + 1)].flatMap(([each, count]) => feedOf(all, each, count)).sort(byTime);
}

interface Closing {
  readonly entry: Entry;
  readonly body: BodyOf<'close'>;
}

/**
 * Closing entries of a drill by its coordinators, in the order that makes the first of them count. What anyone else
 * calls closing, or what is dated before the drill can have ended, is only text.
 */
function closingsOf(list: MusterList, plan: DrillPlan, all: readonly Entry[]): readonly Closing[] {
  const coordinators = new Set<string>(plan.coordinators);
  return all
    .flatMap((entry) => {
      const body = readBody(entry.body);
      const isOurs =
        body?.type === 'close' && body.drill === plan.id && entry.timeMs >= plan.fromMs + plan.closeAfterMs;
      return isOurs && coordinators.has(list.devices.get(entry.device)?.member ?? '') ? [{ entry, body }] : [];
    })
    .sort((a, b) => byTime(a.entry, b.entry));
}

/**
 * The first `count` entries of one feed, each following the one before. Counted per feed and link by link: were only
 * the sum counted, the second branch of a fork could stand in for an entry of somebody else that was taken out.
 */
function feedOf(all: readonly Entry[], device: Entry['device'], count: number): readonly Entry[] {
  const feed = all.filter((entry) => entry.device === device && entry.seq < count).sort((a, b) => a.seq - b.seq);
  const places = new Set(feed.map((entry) => entry.seq)).size;
  if (places < count)
    throw new PeerFault(
      'out-of-place',
      `${count - places} entries that the closing of the drill names are not in the log`,
    );
  if (feed.some((entry, i) => entry.seq !== i || entry.previous !== feed[i - 1]?.id)) {
    throw new PeerFault('equivocation', 'the log holds two different entries for one place in a feed');
  }
  return feed;
}

const byTime = (a: Entry, b: Entry): number =>
  a.timeMs - b.timeMs || (a.device < b.device ? -1 : a.device > b.device ? 1 : a.seq - b.seq);

export function makeRefs(list: MusterList): Refs {
  const width = Math.max(2, String(list.members.length).length);
  const members = new Map(list.members.map((member, i) => [member.id, `P${String(i + 1).padStart(width, '0')}`]));
  const relays = new Map<string, string>(list.relays.map((relay, i) => [relay.id, `R${i + 1}`]));
  return { of: (member) => members.get(member) ?? 'P?', relay: (id) => relays.get(id) ?? 'R?' };
}

/** Ref of a member as reports number them. */
export function refsOf(list: MusterList): ReadonlyMap<MemberId, string> {
  const refs = makeRefs(list);
  return new Map(list.members.map((member) => [member.id, refs.of(member.id)]));
}
