/**
 * The place of an entry in its author's feed: next, known, too early to tell, or a contradiction. Contradictions become
 * proofs (core/fork.ts); one about this device means that a copy of it writes.
 */

import { readBody } from '../core/body.ts';
import { missingIn } from '../core/control.ts';
import { type Entry, reopenEntry } from '../core/entry.ts';
import { proveFork } from '../core/fork.ts';
import { signKeyIn } from '../core/listed.ts';
import { readPrekey } from '../core/prekey.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { doubt, settleDoubt } from './current.ts';
import type { Reading } from './event.ts';
import { asKept } from './expire.ts';
import { addToFeed, judgeOperations, noteMeaning } from './feed.ts';
import { scheduleSay } from './have.ts';
import { scheduleWant } from './need.ts';
import { takePrekey } from './packet.ts';
import { cameLaterMs, isNotable, mayReadBack, rankMs } from './room.ts';
import type { Parked } from './state.ts';
import { type Turn, withKey } from './turn.ts';

/** It cannot be used yet. */
export type Later = Pick<Parked, 'until'>;

/** Puts an entry in its feed; what it waits for, if it cannot be yet. */
export function takeEntry(turn: Turn, entry: Entry): Later | undefined {
  const room = turn.room(entry.room);
  const operations = missingIn(room.control, entry.control);
  if (operations.length > 0) {
    scheduleWant(turn, entry.room);
    return { until: { operations, room: entry.room, by: entry.device } };
  }
  const feed = room.feeds.get(entry.device);
  const { device, seq } = entry;
  // Our own feed is longer out there than here: this device was put back or copied. It never writes over that, and
  // takes what it lost, or what its copy wrote, like anybody else's.
  if (device === turn.state.self.device && seq >= (feed?.count ?? 0)) retire(turn);
  const isOwn = device === turn.state.self.device;
  const compare = (from: number) => {
    if (isOwn) doubt(turn, entry.room);
    const reading: Reading = {
      for: 'compare',
      room: entry.room,
      device,
      span: { from, to: from + 1 },
      other: entry.bytes,
    };
    turn.effect({ type: 'read', reading });
  };
  if (feed === undefined) {
    // Who came later begins with what comes first; what is before that follows backwards, link by link.
    if (seq === 0) return join(turn, entry);
    judgeOperations(turn);
    if (cameLaterMs(turn.room(entry.room), turn.state.list, turn.state.self) === undefined) return wait(turn, entry);
    join(turn, entry);
    judgeOperations(turn);
    if (mayReadBack(turn.room(entry.room), turn.state.list, turn.state.self)) scheduleWant(turn, entry.room);
    return undefined;
  }
  if (seq === feed.count - 1 && entry.id === feed.head) return undefined;
  if (seq >= feed.from && seq < feed.count) {
    compare(seq);
    return undefined;
  }
  if (seq === feed.count || seq === feed.from - 1) {
    const fits = seq === feed.count ? entry.previous === feed.head : entry.id === feed.before;
    if (fits) return join(turn, entry);
    compare(seq === feed.count ? feed.count - 1 : feed.from);
    return undefined;
  }
  return wait(turn, entry);
}

function wait(turn: Turn, { room, device, seq }: Entry): Later {
  scheduleWant(turn, room);
  return { until: { device, seq } };
}

function join(turn: Turn, came: Entry): undefined {
  const entry = asKept(turn, came);
  turn.write({ type: 'entry', entry, sealed: true, receivedAtMs: turn.nowMs, isNotable: isNotable(entry) });
  addToFeed(turn, entry);
  turn.guard(() => notePrekey(turn, entry));
  // Every device brings a prekey every day: that it came is said together with something else. What somebody sends who is
  // out does not come to all of the others by itself.
  const isUsual = readBody(entry.body)?.type === 'prekey' && turn.room(entry.room).membership.roster.has(entry.device);
  if (!isUsual) scheduleSay(turn, entry.room, false);
  return undefined;
}

/**
 * A device's next prekey. One in our own name that we did not make was made by a copy of this device. The entry is sound
 * whatever it says: a record in it that does not hold is passed over.
 */
function notePrekey(turn: Turn, { room, device, body }: Entry): void {
  const said = readBody(body);
  const author = turn.state.list.devices.get(device);
  if (said?.type !== 'prekey' || author === undefined || turn.room(room).info.kind !== 'org') return;
  if (device !== turn.state.self.device) takePrekey(turn, author, said.record);
  else if (!turn.state.prekeys.some((own) => own.id === readPrekey(said.record, author).id)) retire(turn);
}

/** This device is one of two: it stops writing, for good. Others will find out by what both wrote. */
export function retire(turn: Turn): void {
  if (turn.state.retiredAtMs !== undefined) return;
  turn.state = { ...turn.state, retiredAtMs: turn.nowMs };
  turn.write({ type: 'retired', atMs: turn.nowMs });
  turn.effect({ type: 'refused', code: 'equivocation', text: 'another copy of this device is writing' });
  turn.homeChanged();
  for (const room of turn.state.rooms.keys()) turn.roomChanged(room);
}

/** The entry that is here for a place came back from disk: it is the same as the other, or they prove a fork. */
export function compareEntries(
  turn: Turn,
  reading: Reading & { readonly for: 'compare' },
  held: readonly Bytes[],
): void {
  const [here] = held;
  if (here === undefined) return;
  try {
    const proof = proveFork(here, reading.other, reading.room, signKeyIn(turn.state.list));
    if (reading.device === turn.state.self.device) {
      retire(turn);
      return;
    }
    suspect(turn, reading, proof);
  } catch (fault) {
    if (!(fault instanceof PeerFault)) throw fault; // no contradiction: the same entry once more
    if (reading.device === turn.state.self.device) settleDoubt(turn, reading.room);
    fill(turn, reopenEntry(here, reading.room), reopenEntry(reading.other, reading.room));
  }
}

/** What an entry says has come, where only its skeleton was. */
function fill(turn: Turn, held: Entry, other: Entry): void {
  if (held.id !== other.id || !held.isStripped || other.isStripped || asKept(turn, other).isStripped) return;
  turn.write({ type: 'filled', entry: other, isNotable: isNotable(other) });
  noteMeaning(turn, other);
  turn.guard(() => notePrekey(turn, other));
}

function suspect(turn: Turn, { room: roomId, device }: Reading & { readonly for: 'compare' }, proof: Bytes): void {
  const room = turn.room(roomId);
  turn.effect({
    type: 'refused',
    code: 'equivocation',
    text: 'a device signed two different entries for one place in its feed',
  });
  if (room.suspects.has(device)) return;
  const atMs = turn.nowMs + rankMs(room, turn.state.self.device);
  turn.setRoom({ ...room, suspects: withKey(room.suspects, device, { proof, atMs }) });
}
