/** What a window is shown, read from the state and the vault. Reads only; the words are the screen's, the facts ours. */
import { nameOf } from '../core/list.ts';
import { orgWords } from '../core/words.ts';
import { readClock, wrongClockMs } from '../engine/clock.ts';
import { endOf, isRunning, requestsToMe } from '../engine/drill.ts';
import type { DrillState, RoomState } from '../engine/state.ts';
import type { AlarmView, ClockView, HomeView, ListView, RelayView, ReportLine, RoomLine } from '../ipc/view.ts';
import { saySetting } from '../link/proxy.ts';
import { comparedWith } from './compare.ts';
import { memberBy } from './people.ts';
import type { Responder } from './responder.ts';
import { isShown, membersOf, message, shelfOf, titleOf } from './roomView.ts';

/** A drill that ended is still on the home screen for this long. */
const recentMs = 24 * 3_600_000;

export function viewHome(device: Responder): HomeView {
  const { state, nowMs } = device;
  const { list, self } = state;
  const me = memberBy(device, self.member);
  const alarm = newestDrill(device);
  const clock = readClock(state, nowMs);
  return {
    me: { member: self.member, name: nameOf(me), role: me.role, device: list.devices.get(self.device)?.name ?? '' },
    organisation: {
      name: list.genesis.name,
      fingerprint: list.org,
      words: orgWords(list.org),
      listVersion: list.version,
      listExpiresAtMs: list.expiresAtMs,
    },
    relays: list.relays.map((relay): RelayView => {
      const now = state.relays.get(relay.id);
      return {
        id: relay.id,
        name: relay.name,
        address: now?.address ?? relay.addresses[0] ?? '',
        ...(now?.proxy === undefined ? {} : { proxy: now.proxy }),
        state: now?.up ? 'up' : now?.text === undefined ? 'connecting' : 'down',
        sinceMs: now?.sinceMs ?? nowMs,
        ...(now?.offsetMs === undefined ? {} : { offsetMs: now.offsetMs }),
        ...(now?.text === undefined || now.up ? {} : { text: now.text }),
      };
    }),
    proxy: saySetting(device.proxy),
    ...(clock === undefined
      ? {}
      : { clock: { ...clock, wrong: Math.abs(clock.offsetMs) > wrongClockMs } satisfies ClockView }),
    rooms: [...state.rooms.values()].filter((room) => isShown(device, room)).map((room) => roomLine(device, room)),
    ...(alarm === undefined ? {} : { alarm: viewAlarm(device, alarm) }),
    waiting: waitingIn(device),
    retired: state.retiredAtMs !== undefined,
    nowMs,
  };
}

/** Entries written here that no relay holds yet. */
function waitingIn(device: Responder): number {
  const { outbox, rooms } = device.state;
  const posted = [...outbox.values()].filter((parcel) => parcel.entry !== undefined && parcel.held.length === 0).length;
  return posted + [...rooms.values()].reduce((sum, room) => sum + room.unsealed.length, 0);
}

function roomLine(device: Responder, room: RoomState): RoomLine {
  const [last] = device.vault.pageOf(room.info.id, undefined, 1);
  const said = last === undefined ? undefined : message(shelfOf(device, room), last);
  return {
    id: room.info.id,
    title: titleOf(device, room),
    kind: room.info.kind,
    members: membersOf(device, room).length,
    ...(said === undefined
      ? {}
      : {
          last: {
            ...(said.kind === 'text' ? { author: said.authorName } : {}),
            text: said.text.slice(0, 200),
            atMs: said.atMs,
          },
        }),
  };
}

function newestDrill(device: Responder): DrillState | undefined {
  const { nowMs } = device;
  return [...device.state.drills.values()]
    .filter((drill) => nowMs >= drill.startMs && nowMs < endOf(drill) + recentMs)
    .sort((a, b) => b.startMs - a.startMs)[0];
}

function viewAlarm(device: Responder, drill: DrillState): AlarmView {
  const { state, nowMs } = device;
  const { plan, startMs } = drill;
  const answered = drill.answers.get(state.self.member);
  const running = isRunning(drill, nowMs);
  const reached = new Set([...drill.raised].flatMap((id) => state.list.devices.get(id)?.member ?? []));
  return {
    drill: plan.id,
    title: plan.title,
    scenario: plan.scenario,
    exercise: true,
    startedAtMs: startMs,
    answerByMs: startMs + plan.answerWithinMs,
    closesAtMs: endOf(drill),
    room: drill.room,
    state: running ? 'running' : 'closed',
    ...(answered === undefined ? {} : { answered }),
    standInFor: running
      ? requestsToMe(state, drill)
          .filter((request) => request.atMs <= nowMs)
          .map(({ member }) => ({ member: member.id, name: nameOf(member), role: member.role }))
      : [],
    members: state.list.members.length,
    reached: reached.size,
    acknowledged: drill.answers.size,
  };
}

export function viewList(device: Responder): ListView {
  const { list, self } = device.state;
  const names = new Map(list.members.map((member) => [member.id, nameOf(member)]));
  const { nowMs } = device;
  const upcoming = list.drills.filter((drill) => drill.toMs > nowMs);
  return {
    version: list.version,
    issuedAtMs: list.issuedAtMs,
    expiresAtMs: list.expiresAtMs,
    custodians: list.genesis.custodians.map((custodian, i) => ({
      name: custodian.name,
      signed: list.signedBy.includes(i),
    })),
    threshold: list.genesis.threshold,
    members: list.members.map((member) => {
      const compared = comparedWith(device, member.id);
      return {
        member: member.id,
        name: nameOf(member),
        role: member.role,
        unit: member.unit,
        deputies: member.deputies.map((id) => names.get(id) ?? ''),
        contacts: member.contacts ?? [],
        devices: member.devices.length,
        you: member.id === self.member,
        ...(compared === undefined ? {} : { compared }),
      };
    }),
    relays: list.relays.map((relay) => ({ id: relay.id, name: relay.name, addresses: relay.addresses })),
    drills: {
      planned: upcoming.length,
      announced: upcoming
        .filter((drill) => drill.announced)
        .map((drill) => ({ title: drill.title, fromMs: drill.fromMs, toMs: drill.toMs })),
    },
  };
}

export function listReports(device: Responder): readonly ReportLine[] {
  return [...device.state.drills.values()]
    .filter((drill) => drill.opened !== undefined)
    .map((drill) => ({
      drill: drill.plan.id,
      title: drill.plan.title,
      startedAtMs: drill.startMs,
      closed: drill.closed !== undefined,
    }))
    .sort((a, b) => b.startedAtMs - a.startedAtMs);
}
