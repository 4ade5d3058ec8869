/**
 * What this device will do by itself and when: one list, from which both "wake me at" and "do what is due" are
 * read, so that nothing can be due and not be done. Each item vanishes from the list by being done.
 */
import { openAfterMs } from '../core/drill.ts';
import type { MemberId, RoomId } from '../core/id.ts';
import type { RelayId } from '../wire/id.ts';
import { beaconAtMs, sayBeacon, tellOf } from './beacon.ts';
import { carryAgain } from './carry.ts';
import { lagMs } from './clock.ts';
import { becomeCurrent, currentAtMs } from './current.ts';
import { endOf, isRunning, isSettled, readinessOf, requestsToMe } from './drill.ts';
import { openingsLeft, openRoomEpoch, pickEpoch } from './epoch.ts';
import { expiryAtMs, lookForOver } from './expire.ts';
import { author, heldUntilMs, mayWrite } from './feed.ts';
import { againAtMs, beginAgain } from './fetch.ts';
import { say } from './have.ts';
import {
  erasePrekey,
  erasuresOf,
  forgetBuckets,
  forgettingAtMs,
  rotateInDrill,
  rotatePrekey,
  rotationAtMs,
} from './key.ts';
import { askForGrants, sayWant } from './need.ts';
import { convict } from './operate.ts';
import { offerAll } from './outbox.ts';
import { tellRead, tellReadAtMs } from './reading.ts';
import { look, lookAtMs } from './refill.ts';
import { rankMs } from './room.ts';
import { sweepAtMs, sweepShelf } from './shelf.ts';
import type { DrillState, RoomState, SayDue, State } from './state.ts';
import type { Turn } from './turn.ts';

interface Item {
  readonly atMs: number;
  readonly act: (turn: Turn) => void;
  /** Takes milliseconds, and hundreds may be due at once: one a step, or whoever types would wait for all of them. */
  readonly isLong?: boolean;
}

/** After the end of a drill, before the next coordinator closes it. */
const closeGraceMs = 5_000;

/** When the engine next wants a `tick`; `undefined`: when something happens. */
export function dueAt(state: State, nowMs: number): number | undefined {
  let due: number | undefined;
  for (const { atMs } of agenda(state, nowMs)) if (due === undefined || atMs < due) due = atMs;
  return due;
}

export function doWhatIsDue(turn: Turn): void {
  // What is done can make something else due at once; a bound keeps a mistake from becoming a loop.
  for (let round = 0; round < 8; round++) {
    let didSome = false;
    for (const { atMs, act, isLong = false } of agenda(turn.state, turn.nowMs)) {
      // Another long one is due still, in the next step.
      if (atMs > turn.nowMs || (isLong && turn.didLong)) continue;
      turn.didLong ||= isLong;
      didSome = true;
      act(turn);
    }
    if (!didSome) return;
  }
}

/** The last list of a state: a step that ends with nothing due is asked at once when something will be. */
const made = new WeakMap<State, { readonly nowMs: number; readonly items: readonly Item[] }>();

function agenda(state: State, nowMs: number): readonly Item[] {
  const before = made.get(state);
  if (before?.nowMs === nowMs) return before.items;
  const items = listItems(state, nowMs);
  made.set(state, { nowMs, items });
  return items;
}

function listItems(state: State, nowMs: number): readonly Item[] {
  const items: Item[] = [];
  for (const relay of state.relays.values()) {
    if (relay.up && relay.retryAtMs !== undefined)
      items.push({ atMs: relay.retryAtMs, act: (turn) => retry(turn, relay.id) });
    if (relay.up && relay.askAtMs !== undefined)
      items.push({ atMs: relay.askAtMs, act: (turn) => ask(turn, relay.id) });
    const lookMs = relay.up ? lookAtMs(relay.refill) : undefined;
    if (lookMs !== undefined) items.push({ atMs: lookMs, act: (turn) => look(turn, relay.id) });
  }
  items.push({ atMs: sweepAtMs(state), act: sweepShelf });
  items.push(...fileItems(state));
  const readableMs = earliestReadable(state);
  if (readableMs !== undefined)
    items.push({
      atMs: readableMs,
      act: (turn) => {
        turn.unlocked = true;
      },
    });
  const expiryMs = expiryAtMs(state, nowMs);
  if (expiryMs !== undefined) items.push({ atMs: expiryMs, act: lookForOver });
  items.push(...keyItems(state, nowMs));
  const beaconMs = beaconAtMs(state, nowMs);
  if (beaconMs !== undefined) items.push({ atMs: beaconMs, act: sayBeacon });
  for (const room of state.rooms.values()) {
    items.push(...repairItems(state, room, nowMs));
    if (maySay(state, room, nowMs)) items.push({ atMs: room.sayDue.atMs, act: (turn) => say(turn, room.info.id) });
    const readMs = isLive(state, room) ? tellReadAtMs(state, room, nowMs) : undefined;
    if (readMs !== undefined) items.push({ atMs: readMs, act: (turn) => tellRead(turn, room.info.id) });
    const currentMs = currentAtMs(state, room);
    if (currentMs !== undefined) items.push({ atMs: currentMs, act: (turn) => becomeCurrent(turn, room.info.id) });
    const openMs = openingOf(state, room, nowMs);
    if (openMs !== undefined)
      items.push({ atMs: openMs, act: (turn) => openIfMissing(turn, room.info.id), isLong: true });
  }
  for (const drill of state.drills.values()) items.push(...drillItems(state, drill, nowMs));
  return items;
}

/** Files of which nothing came for a while, and chunks that a relay did not take. */
function fileItems(state: State): readonly Item[] {
  const items: Item[] = [];
  for (const file of state.files.values()) {
    const atMs = againAtMs(state, file);
    if (atMs !== undefined) items.push({ atMs, act: (turn) => beginAgain(turn, file) });
  }
  for (const [relay, carry] of state.carries)
    if (carry.type === 'waiting') items.push({ atMs: carry.atMs, act: (turn) => carryAgain(turn, relay) });
  return items;
}

/** Prekeys that are replaced, and keys that are erased. */
function keyItems(state: State, nowMs: number): readonly Item[] {
  const rotateMs = rotationAtMs(state, nowMs);
  const erasures = erasuresOf(state).map(({ prekey, atMs }) => ({
    atMs,
    act: (turn: Turn) => erasePrekey(turn, prekey),
  }));
  const items: Item[] = rotateMs === undefined ? [] : [{ atMs: rotateMs, act: rotatePrekey }];
  items.push(...erasures);
  for (const room of state.rooms.values())
    for (const epoch of room.epochs.values()) {
      const atMs = forgettingAtMs(state, room, epoch);
      if (atMs !== undefined) items.push({ atMs, act: (turn) => forgetBuckets(turn, room.info.id, epoch.tag) });
    }
  return items;
}

/** What a room misses and asks for, and proofs of forks that nobody has put into the log yet. */
function repairItems(state: State, room: RoomState, nowMs: number): readonly Item[] {
  const items: Item[] = [];
  const id = room.info.id;
  if (isLive(state, room)) {
    const needMs = Math.min(...[...room.missing.values()].map((asked) => asked.nextMs));
    if (Number.isFinite(needMs)) items.push({ atMs: needMs, act: (turn) => askForGrants(turn, id) });
    if (room.wantAtMs !== undefined) items.push({ atMs: room.wantAtMs, act: (turn) => sayWant(turn, id) });
  }
  for (const [device, atMs] of room.untold) items.push({ atMs, act: (turn) => tellOf(turn, id, device) });
  for (const [device, { atMs }] of room.suspects) items.push({ atMs, act: (turn) => convict(turn, id, device) });
  // Nothing is to be done then but what every step does: seal what was held back.
  const heldMs = room.unsealed.length > 0 ? heldUntilMs(state, room) : 0;
  if (heldMs > nowMs) items.push({ atMs: heldMs, act: () => undefined });
  return items;
}

/** What is to be said to somebody who holds something else waits for an epoch; it is worth opening one. */
const maySay = (state: State, room: RoomState, nowMs: number): room is RoomState & { readonly sayDue: SayDue } =>
  room.sayDue !== undefined && (!room.sayDue.isAll || pickEpoch(room, state.list, nowMs) !== undefined);

function retry(turn: Turn, relayId: RelayId): void {
  const { retryAtMs: _, ...relay } = turn.relay(relayId);
  turn.setRelay(relay);
  offerAll(turn, relayId);
}

/** What could not be kept is still at the relay, after the cursors that stayed behind for it. */
function ask(turn: Turn, relayId: RelayId): void {
  const { askAtMs: _, ...relay } = turn.relay(relayId);
  turn.setRelay({ ...relay, behind: new Set() });
  for (const topic of relay.behind)
    turn.effect({ type: 'send', relay: relayId, frame: { type: 'tail', topic, from: relay.cursors.get(topic) ?? 0 } });
}

/** When our clock has caught up with the first of the envelopes that were from too far ahead. */
function earliestReadable(state: State): number | undefined {
  let least: number | undefined;
  for (const { until } of state.parked.values())
    if (until !== undefined && 'atMs' in until && (least === undefined || until.atMs < least)) least = until.atMs;
  return least;
}

/** All that a relay holds for this room and for our inbox has been read: a grant would have been among it. */
export function isLive(state: State, room: RoomState): boolean {
  return [...state.relays.values()].some(
    (relay) => relay.up && relay.live.has(room.info.topic) && relay.live.has(state.inbox),
  );
}

/** When this device should open an epoch in a room that has none to send in; `undefined`: not its turn to think of it. */
function openingOf(state: State, room: RoomState, nowMs: number): number | undefined {
  const isRepaired = room.sayDue?.isAll === true || room.wants > 0;
  const wanted = room.info.kind === 'org' || room.unsealed.length > 0 || isRepaired;
  if (
    !wanted ||
    !mayWrite(state, room) ||
    openingsLeft(room, state.self.device, nowMs) <= 0 ||
    room.openWantedMs === undefined ||
    pickEpoch(room, state.list, nowMs) !== undefined ||
    !isLive(state, room)
  )
    return undefined;
  const own = rankMs(room, state.self.device);
  const drill = room.info.drill === undefined ? undefined : state.drills.get(room.info.drill);
  if (drill === undefined) return room.openWantedMs + own;
  const rank = drill.plan.coordinators.indexOf(state.self.member);
  const turnMs =
    rank >= 0 ? openAfterMs(drill.plan, rank) : openAfterMs(drill.plan, drill.plan.coordinators.length) + own;
  return Math.max(room.openWantedMs, drill.startMs + turnMs);
}

function openIfMissing(turn: Turn, roomId: RoomId): void {
  if (pickEpoch(turn.room(roomId), turn.state.list, turn.nowMs) === undefined) openRoomEpoch(turn, roomId);
}

function drillItems(state: State, drill: DrillState, nowMs: number): readonly Item[] {
  const items: Item[] = [];
  const { plan, startMs } = drill;
  const id = plan.id;
  const rank = plan.coordinators.indexOf(state.self.member);
  const room = state.rooms.get(drill.room);
  if (!drill.raised.has(state.self.device) && nowMs < endOf(drill)) {
    items.push({ atMs: startMs, act: (turn) => raise(turn, drill) });
  }
  const canWrite = room !== undefined && mayWrite(state, room);
  if (rank >= 0 && canWrite && drill.opened === undefined && nowMs < endOf(drill) && isLive(state, room)) {
    items.push({
      atMs: startMs + openAfterMs(plan, rank),
      act: (turn) => {
        if (turn.drill(id)?.opened === undefined)
          author(turn, drill.room, { type: 'alarm', drill: id, startedAtMs: startMs });
      },
    });
  }
  for (const request of requestsToMe(state, drill)) {
    if (!isRunning(drill, Math.max(nowMs, startMs)) || drill.asked.has(request.member.id)) continue;
    items.push({ atMs: request.atMs, act: (turn) => askMe(turn, drill, request.member.id) });
  }
  const lag = lagMs(state);
  // Only with the backlog read: a director who comes back late would otherwise close over the answers of the others. And not
  // by a clock that may be ahead: what is answered after that would not be in the report.
  if (
    rank >= 0 &&
    lag !== undefined &&
    canWrite &&
    drill.opened !== undefined &&
    // Who came in the middle of it and does not have all of it cannot say what it was.
    [...room.feeds.values()].every((feed) => feed.from === 0) &&
    !isSettled(state, drill) &&
    isLive(state, room)
  ) {
    items.push({ atMs: endOf(drill) + rank * closeGraceMs + lag, act: (turn) => close(turn, drill) });
  }
  // The screen shows the end of a drill by the clock, whether or not anyone is there to close it.
  if (drill.raised.size > 0 && !drill.isOverShown) {
    items.push({ atMs: endOf(drill), act: (turn) => change(turn, drill, () => ({ isOverShown: true })) });
  }
  return items;
}

function raise(turn: Turn, drill: DrillState): void {
  const { self } = turn.state;
  if (mayWrite(turn.state, turn.room(drill.room)))
    author(turn, drill.room, { type: 'raised', drill: drill.plan.id, readiness: readinessOf(turn.state, turn.nowMs) });
  // A device that may not write still has a person in front of it.
  else change(turn, drill, (now) => ({ raised: new Set([...now.raised, self.device]) }));
  rotateInDrill(turn);
  turn.effect({ type: 'raise', drill: drill.plan.id });
}

/** Each person once, however many others were asked for before; several at the same moment are one alarm. */
function askMe(turn: Turn, drill: DrillState, member: MemberId): void {
  change(turn, drill, (now) => ({ asked: new Set([...now.asked, member]) }));
  turn.effect({ type: 'raise', drill: drill.plan.id });
}

function change(turn: Turn, drill: DrillState, changes: (now: DrillState) => Partial<DrillState>): void {
  const now = turn.drill(drill.plan.id);
  if (now !== undefined) turn.setDrill({ ...now, ...changes(now) });
}

function close(turn: Turn, drill: DrillState): void {
  const now = turn.drill(drill.plan.id);
  if (now === undefined || isSettled(turn.state, now)) return;
  const { feeds, voids } = turn.room(drill.room);
  // What does not count is not of the report: of a feed that forked, others hold another branch.
  const cut = [...feeds].map(
    ([device, feed]) => [device, Math.min(feed.count, voids.get(device)?.[0]?.from ?? feed.count)] as const,
  );
  author(turn, drill.room, { type: 'close', drill: drill.plan.id, cut: cut.filter(([, count]) => count > 0) });
}
