/**
 * The device as a pure state machine: (state, event, world) → (state, effects). No clock, no disk, no network, no
 * randomness but what it is given, and no awaiting. A step that throws has not happened.
 */

import type { RoomId } from '../core/id.ts';
import { makeRoom } from '../core/room.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault, Fault } from '../wire/fault.ts';
import type { RelayFrame } from '../wire/frame.ts';
import type { RelayId } from '../wire/id.ts';
import { doWhatIsDue, isLive } from './agenda.ts';
import { attach } from './attach.ts';
import { mustAsk, nameRun, scheduleBeacon } from './beacon.ts';
import { chunksRead, noteCarried, tendCarries } from './carry.ts';
import { pack } from './courier.ts';
import { isDeputyOf, isRunning, readinessOf } from './drill.ts';
import { addRoom, openRoomEpoch, pickEpoch } from './epoch.ts';
import type { Command, CommandResult, Event, Reading, World } from './event.ts';
import { expire } from './expire.ts';
import { author, judgeOperations, mayWrite, retiredText, sealPending } from './feed.ts';
import { indexRead, tendFetches } from './fetch.ts';
import { forgetLink } from './file.ts';
import { scheduleSay } from './have.ts';
import { noteTime } from './leap.ts';
import { give } from './need.ts';
import { checkMembers, heal, operate, verify } from './operate.ts';
import { appended, flush, forgetHolder, offerAll, turnedDown, waitAfter } from './outbox.ts';
import { compareEntries } from './place.ts';
import { noteRead } from './reading.ts';
import { askAgain, bring, deliver, follows, hear, retryParked } from './receive.ts';
import { looked, noteAnswered, noteRollback, noteTold, refillOf } from './refill.ts';
import { resealed, stale } from './reseal.ts';
import { roomOf } from './room.ts';
import type { State } from './state.ts';
import { type Step, Turn } from './turn.ts';

export function step(state: State, event: Event, world: World): Step {
  const turn = new Turn(state, world);
  noteTime(turn);
  if (event.type === 'command') {
    try {
      turn.effect({ type: 'done', id: event.id, result: carryOut(turn, event.command) });
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      return { state, effects: [{ type: 'failed', id: event.id, fault }] };
    }
  } else {
    take(turn, event);
    judgeOperations(turn);
  }
  settle(turn);
  return turn.finish();
}

function take(turn: Turn, event: Exclude<Event, { type: 'command' }>): void {
  switch (event.type) {
    case 'start':
      turn.unlocked = true;
      nameRun(turn);
      raiseAgain(turn);
      return;
    case 'tick':
      return;
    case 'link-up':
      linkUp(turn, event);
      return;
    case 'link-down':
      linkDown(turn, event.relay, event.text);
      return;
    case 'frame':
      takeFrame(turn, event.relay, event.frame);
      return;
    case 'read':
      takeRead(turn, event.reading, event.entries);
      return;
    case 'shelf':
      looked(turn, event.reading, event.page);
      return;
    case 'counted':
      turn.state = { ...turn.state, fileBytes: event.fileBytes };
      return;
    case 'bring':
      bring(turn, event.items);
      turn.effect({ type: 'carried', id: event.id });
      return;
    case 'pack':
      pack(turn);
      turn.effect({ type: 'carried', id: event.id });
      return;
    default:
      event satisfies never;
  }
}

/** A drill that is on and unanswered is raised whenever the device is opened: it may have gone down before anyone saw. */
function raiseAgain(turn: Turn): void {
  const { self, drills } = turn.state;
  for (const drill of drills.values()) {
    const isUnanswered = drill.raised.has(self.device) && !drill.answers.has(self.member);
    if (isUnanswered && isRunning(drill, turn.nowMs)) turn.effect({ type: 'raise', drill: drill.plan.id });
  }
}

/** What every step ends with: seal what can be sealed, open what can be opened, do what is due, offer it. */
function settle(turn: Turn): void {
  for (let round = 0; round < 4; round++) {
    const something = turn.unlocked;
    turn.unlocked = false;
    doWhatIsDue(turn);
    for (const room of turn.state.rooms.values()) {
      noteOpeningWanted(turn, room.info.id);
      if (room.unsealed.length > 0) sealPending(turn, room.info.id);
    }
    if (something || turn.unlocked) {
      retryParked(turn);
      askAgain(turn);
    }
    if (!turn.unlocked) break;
  }
  flush(turn);
  tendFetches(turn);
  tendCarries(turn);
}

/** Starts the clock after which this device opens an epoch itself: from when it knew that there is none. */
function noteOpeningWanted(turn: Turn, roomId: RoomId): void {
  const room = turn.room(roomId);
  const missing = isLive(turn.state, room) && pickEpoch(room, turn.state.list, turn.nowMs) === undefined;
  if (missing && room.openWantedMs === undefined) turn.setRoom({ ...room, openWantedMs: turn.nowMs });
  if (!missing && room.openWantedMs !== undefined) {
    const { openWantedMs: _, ...rest } = room;
    turn.setRoom(rest);
  }
}

function linkUp(turn: Turn, { relay: relayId, store, offsetMs, ...way }: Extract<Event, { type: 'link-up' }>): void {
  const { text: _, retryAtMs: __, askAtMs: ___, address: ____, proxy: _____, ...relay } = turn.relay(relayId);
  // Another store: the relay's disk was lost, so our cursors there mean nothing any more.
  const cursors = relay.store === store ? relay.cursors : new Map();
  const isLost = relay.store !== store;
  if (isLost) {
    turn.write({ type: 'relay', relay: relayId, store });
    forgetHolder(turn, relayId);
  }
  turn.setRelay({
    ...relay,
    up: true,
    sinceMs: turn.nowMs,
    offsetMs,
    measuredAtMs: turn.nowMs,
    ...(way.address === undefined ? {} : { address: way.address }),
    ...(way.proxy === undefined ? {} : { proxy: way.proxy }),
    store,
    isNew: relay.store !== store,
    cursors,
    live: new Set(),
    inFlight: new Map(),
    behind: new Set(),
    refill: refillOf(turn, relay.refill, isLost),
  });
  forgetLink(turn, relayId, isLost);
  for (const topic of [turn.state.inbox, ...turn.state.topics.keys()]) {
    turn.effect({ type: 'send', relay: relayId, frame: { type: 'tail', topic, from: cursors.get(topic) ?? 0 } });
  }
  offerAll(turn, relayId, stale(turn));
  turn.homeChanged();
  noteRelayInDrills(turn, relayId, true);
}

function linkDown(turn: Turn, relayId: RelayId, text: string): void {
  const relay = turn.relay(relayId);
  turn.setRelay({
    ...relay,
    up: false,
    sinceMs: relay.up ? turn.nowMs : relay.sinceMs,
    text,
    live: new Set(),
    inFlight: new Map(),
  });
  forgetLink(turn, relayId, false);
  turn.homeChanged();
  if (relay.up) noteRelayInDrills(turn, relayId, false);
}

/** A relay that goes or comes while a drill runs belongs in its log. */
function noteRelayInDrills(turn: Turn, relay: RelayId, up: boolean): void {
  for (const drill of turn.state.drills.values()) {
    if (!isRunning(drill, turn.nowMs) || !drill.raised.has(turn.state.self.device)) continue;
    if (!mayWrite(turn.state, turn.room(drill.room))) continue;
    author(turn, drill.room, { type: 'relay', relay, up, sinceMs: turn.nowMs });
  }
}

function takeFrame(turn: Turn, relayId: RelayId, frame: RelayFrame): void {
  const relay = turn.relay(relayId);
  if (!relay.up) return; // left over from a connection that is gone
  switch (frame.type) {
    case 'deliver':
      deliver(turn, relayId, frame.topic, frame.items);
      return;
    case 'live': {
      if (!follows(turn, frame.topic)) return;
      turn.setRelay({ ...relay, live: new Set([...relay.live, frame.topic]) });
      noteRollback(turn, relayId, frame.topic, frame.upTo);
      noteTold(turn, relayId);
      const room = turn.state.topics.get(frame.topic);
      scheduleBeacon(turn, true);
      if (room !== undefined && mustAsk(turn.state, turn.room(room))) scheduleSay(turn, room, true);
      return;
    }
    case 'appended':
      appended(turn, relayId, frame);
      noteAnswered(turn, relayId, frame.ref);
      noteCarried(turn, relayId, frame.ref);
      return;
    case 'cast':
      hear(turn, relayId, frame.topic, frame.bytes);
      return;
    case 'refused':
      turn.effect({ type: 'refused', relay: relayId, code: frame.code, text: frame.text });
      if (frame.ref !== undefined) {
        turnedDown(turn, relayId, frame.ref, frame.code, frame.retryAfterMs);
        noteAnswered(turn, relayId, frame.ref);
        noteCarried(turn, relayId, frame.ref, frame.code);
      }
      // A topic it would not let us follow is asked for again, like one of which something could not be kept.
      else if (frame.topic !== undefined && follows(turn, frame.topic)) {
        const behind = new Set([...relay.behind, frame.topic]);
        turn.setRelay({ ...relay, behind, askAtMs: turn.nowMs + waitAfter(frame.code, frame.retryAfterMs) });
      }
      return;
    case 'challenge':
    case 'welcome':
    case 'admitted':
      return; // the link's business
    default:
      frame satisfies never;
  }
}

function takeRead(turn: Turn, reading: Reading, entries: readonly Bytes[]): void {
  if (!turn.state.rooms.has(reading.room)) return;
  switch (reading.for) {
    case 'give':
      give(turn, reading, entries);
      return;
    case 'compare':
      compareEntries(turn, reading, entries);
      return;
    case 'index':
      indexRead(turn, reading, entries);
      return;
    case 'carry':
      chunksRead(turn, reading, entries);
      return;
    case 'expire':
      expire(turn, reading, entries);
      return;
    case 'reseal':
      resealed(turn, reading, entries);
      return;
    default:
      reading satisfies never;
  }
}

function carryOut(turn: Turn, command: Command): CommandResult {
  const { self, list } = turn.state;
  // Every other command writes something for others, were it only the keys of a new room.
  const isReading = command.type === 'read' || command.type === 'fetch-file' || command.type === 'drop-file';
  if (turn.state.retiredAtMs !== undefined && !isReading) throw new CallerFault('not-allowed', retiredText);
  switch (command.type) {
    case 'send-text': {
      const room = roomOf(turn.state, command.room).info.id;
      const entry = author(turn, room, { type: 'text', text: command.text });
      return { room, entry: entry.id };
    }
    case 'create-room': {
      checkMembers(list, command.members);
      const members = [...command.members, self.member];
      const info = makeRoom(
        list,
        { kind: 'incident', title: command.title, members, founder: self.device },
        turn.nowMs,
        turn.random,
      );
      addRoom(turn, info);
      openRoomEpoch(turn, info.id);
      return { room: info.id };
    }
    case 'read': {
      const room = roomOf(turn.state, command.room).info.id;
      noteRead(turn, room, command.places);
      return { room };
    }
    case 'send-file':
    case 'fetch-file':
    case 'offer-file':
    case 'drop-file':
      return attach(turn, command);
    case 'operate':
      return operate(turn, command);
    case 'heal':
      return heal(turn, command.room);
    case 'verify':
      return verify(turn, command);
    case 'answer': {
      const drill = turn.drill(command.drill);
      if (drill === undefined) throw new CallerFault('not-found', 'There is no such drill on the muster list.');
      if (!isRunning(drill, turn.nowMs))
        throw new CallerFault('not-allowed', 'This drill is not running, so an answer would not count.');
      const { standInFor } = command;
      if (standInFor !== undefined && !isDeputyOf(list, self.member, standInFor)) {
        throw new CallerFault('not-allowed', 'You are not a deputy of that person.');
      }
      const entry = author(turn, drill.room, {
        type: 'answer',
        drill: command.drill,
        answer: command.answer,
        ...(standInFor === undefined ? {} : { standInFor }),
        readiness: readinessOf(turn.state, turn.nowMs),
      });
      return { room: drill.room, entry: entry.id };
    }
    default:
      return command satisfies never;
  }
}
