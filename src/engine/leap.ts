/**
 * Notices from one step to the next that this device's clock leapt: it was set, or the machine slept. Of what was measured
 * by it nothing holds then, until relays have said again what time it is; a device that runs begins its connections anew
 * at once (responder/machine.ts). And nothing may wait longer than it would have because a clock that was ahead was set back.
 */
import { restMs } from './shelf.ts';
import type { RoomState, State } from './state.ts';
import type { Turn } from './turn.ts';

/** A device that runs is stepped more often than this, whatever happens. */
const leapMs = restMs + 15 * 60_000;

/** Every step begins with it. */
export function noteTime(turn: Turn): void {
  const { ranMs = turn.nowMs } = turn.state;
  const forMs = turn.nowMs - ranMs;
  if (Math.abs(forMs) > leapMs) forgetOffsets(turn);
  if (forMs < 0) setBack(turn, -forMs);
  turn.state = { ...turn.state, ranMs: turn.nowMs };
}

function forgetOffsets(turn: Turn): void {
  for (const { offsetMs: _, measuredAtMs: __, ...relay } of turn.state.relays.values()) turn.setRelay(relay);
}

/** All that waits for a moment by a clock that is set back by so much, or counts from one. */
function setBack(turn: Turn, byMs: number): void {
  const { state } = turn;
  const { beacon } = state;
  turn.state = {
    ...earlier(state, byMs, 'sweptAtMs', 'lookedMs'),
    relays: eachOf(state.relays, (relay) => ({
      ...earlier(relay, byMs, 'sinceMs', 'measuredAtMs', 'retryAtMs', 'askAtMs'),
      refill: earlier(relay.refill, byMs, 'atMs', 'broughtAtMs', 'restUntilMs'),
    })),
    rooms: eachOf(state.rooms, (room) => setBackIn(room, byMs)),
    parked: eachOf(state.parked, (each) => earlier(each, byMs, 'sinceMs')),
    answered: eachOf(state.answered, (atMs) => atMs - byMs),
    files: eachOf(state.files, (file) =>
      file.fetching === undefined ? file : { ...file, fetching: earlier(file.fetching, byMs, 'againAtMs') },
    ),
    carries: eachOf(state.carries, (carry) => (carry.type === 'waiting' ? earlier(carry, byMs, 'atMs') : carry)),
    beacon: {
      ...earlier(beacon, byMs, 'saidMs', 'changedMs'),
      ...(beacon.due === undefined ? {} : { due: earlier(beacon.due, byMs, 'atMs') }),
    },
    drills: unraised(state, turn.nowMs),
  };
}

const setBackIn = (room: RoomState, byMs: number): RoomState => ({
  ...earlier(room, byMs, 'wantAtMs', 'tellReadMs', 'readMs', 'openWantedMs'),
  missing: eachOf(room.missing, (asked) => earlier(asked, byMs, 'nextMs')),
  suspects: eachOf(room.suspects, (suspect) => earlier(suspect, byMs, 'atMs')),
  untold: eachOf(room.untold, (atMs) => atMs - byMs),
  ...(room.sayDue === undefined ? {} : { sayDue: earlier(room.sayDue, byMs, 'atMs') }),
  ...(room.doubt === undefined ? {} : { doubt: earlier(room.doubt, byMs, 'sinceMs') }),
});

/** A drill that was raised before its time is raised again when it starts: by then nobody thinks of the alarm. */
const unraised = ({ drills, self }: State, nowMs: number): State['drills'] =>
  eachOf(drills, (drill) => {
    if (drill.startMs <= nowMs || !drill.raised.has(self.device)) return drill;
    const raised = new Set(drill.raised);
    raised.delete(self.device);
    return { ...drill, raised, isOverShown: false };
  });

const eachOf = <K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): ReadonlyMap<K, V> =>
  new Map([...map].map(([key, value]) => [key, change(value)]));

/** Those of these times that are there, earlier by so much. */
function earlier<T extends object>(of: T, byMs: number, ...names: readonly (keyof T)[]): T {
  const times = names.flatMap((name) => {
    const atMs = of[name];
    return typeof atMs === 'number' ? [[name, atMs - byMs] as const] : [];
  });
  return { ...of, ...Object.fromEntries(times) };
}
