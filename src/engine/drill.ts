/** What is known of drills: folded from the list and from the entries of their rooms. */
import type { Body, Readiness } from '../core/body.ts';
import { askDeputyAfterMs, startOf, whoIStandInFor } from '../core/drill.ts';
import type { Entry } from '../core/entry.ts';
import type { DrillPlan, Member, MusterList } from '../core/list.ts';
import { drillRoom } from '../core/room.ts';
import { readClock } from './clock.ts';
import type { DrillState, State } from './state.ts';
import { withKey } from './turn.ts';

export function drillOf(list: MusterList, plan: DrillPlan): DrillState {
  return {
    plan,
    startMs: startOf(list, plan),
    room: drillRoom(list, plan).id,
    raised: new Set(),
    answers: new Map(),
    standIns: new Map(),
    closers: new Set(),
    asked: new Set(),
    isOverShown: false,
  };
}

/** The state after an entry of a drill's room. Entries that speak of another drill than their room's are only text. */
export function noteDrillEntry(state: State, entry: Entry, body: Body): State {
  if (!('drill' in body)) return state;
  const drill = state.drills.get(body.drill);
  const member = state.list.devices.get(entry.device)?.member;
  if (drill === undefined || drill.room !== entry.room || member === undefined) return state;
  const next = (changes: Partial<DrillState>): State => ({
    ...state,
    drills: withKey(state.drills, body.drill, { ...drill, ...changes }),
  });
  switch (body.type) {
    case 'alarm':
      if (drill.opened !== undefined || !drill.plan.coordinators.includes(member)) return state;
      // Everyone can work out when it starts: who says otherwise has not opened it, and the next coordinator will.
      if (body.startedAtMs !== drill.startMs) return state;
      return next({ opened: { device: entry.device, atMs: entry.timeMs } });
    case 'raised':
      return next({ raised: new Set([...drill.raised, entry.device]) });
    case 'answer':
      if (body.standInFor === undefined) return next({ answers: withKey(drill.answers, member, body.answer) });
      if (!isDeputyOf(state.list, member, body.standInFor)) return state;
      return next({ standIns: withKey(drill.standIns, body.standInFor, member) });
    case 'close':
      if (!drill.plan.coordinators.includes(member)) return state;
      if (entry.timeMs < endOf(drill)) return state; // nobody can end it before its time
      return next({
        closed: drill.closed ?? { device: entry.device, seq: entry.seq, cut: new Map(body.cut) },
        closers: new Set([...drill.closers, entry.device]),
      });
    default:
      return body satisfies never;
  }
}

export const isDeputyOf = (list: MusterList, deputy: string, member: string): boolean =>
  list.members.some((each) => each.id === member && each.deputies.some((id) => id === deputy));

export const endOf = (drill: DrillState): number => drill.startMs + drill.plan.closeAfterMs;

/**
 * A drill whose alarm is on, by this device's clock alone: one whose coordinator's clock is ahead, or who closes it too
 * soon, must not take the alarm from the others.
 */
export const isRunning = (drill: DrillState, nowMs: number): boolean => nowMs >= drill.startMs && nowMs < endOf(drill);

/** Closed by this device, or by another that named only what is here too: a report can be made of it. */
export function isSettled(state: State, drill: DrillState): boolean {
  const { closed, closers } = drill;
  if (closed === undefined || closers.has(state.self.device)) return closed !== undefined;
  if ((closed.cut.get(closed.device) ?? 0) !== closed.seq) return false;
  const feeds = state.rooms.get(drill.room)?.feeds;
  return [...closed.cut].every(([device, count]) => {
    const feed = feeds?.get(device);
    return feed !== undefined && feed.from === 0 && feed.count >= count;
  });
}

const needsStandIn = (drill: DrillState, member: Member): boolean =>
  (drill.answers.get(member.id) ?? 'not-available') === 'not-available' && !drill.standIns.has(member.id);

/** People this device's person is asked to step in for, with the moment each request falls due. */
export function requestsToMe(
  state: State,
  drill: DrillState,
): readonly { readonly member: Member; readonly atMs: number }[] {
  return whoIStandInFor(state.list, state.self.member)
    .filter(({ member }) => needsStandIn(drill, member))
    .map(({ member, rank }) => {
      // Who says they cannot come does not have to be waited for.
      const known = drill.answers.get(member.id) === 'not-available';
      return { member, atMs: drill.startMs + (known ? 0 : askDeputyAfterMs(drill.plan, rank, member.deputies.length)) };
    });
}

export function readinessOf(state: State, nowMs: number): Readiness {
  const relays = [...state.relays.values()];
  return {
    listVersion: state.list.version,
    relays: relays.filter((relay) => relay.up).map((relay) => relay.id),
    relaysTotal: relays.length,
    clockOffsetMs: Math.round(readClock(state, nowMs)?.offsetMs ?? 0),
    app: state.self.app,
    factor: state.self.factor,
  };
}
