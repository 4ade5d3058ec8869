/**
 * How far this device's clock is off, by the relays. Nothing is ordered, accepted or refused by what they say, because a
 * relay may say what it likes; and nothing is erased before both, this clock and the relays, say that its time has come
 * (docs/decision/0015): one that jumped ahead by a year would take the year away.
 */
import type { State } from './state.ts';

export interface ClockReading {
  /** Relays' time minus ours. */
  readonly offsetMs: number;
  /** How many relays it is the middle of. */
  readonly relays: number;
}

/** What was measured longer ago than this at a relay that is down says nothing about now. */
const freshMs = 3_600_000;

/**
 * The middle of what the relays say, so that one that lies among three changes nothing. Of two in the middle the one
 * nearer to our own clock: a single relay against another is no reason to distrust it.
 */
export function readClock({ relays }: State, nowMs: number): ClockReading | undefined {
  const offsets = [...relays.values()]
    .filter(({ up, measuredAtMs }) => up || Math.abs(nowMs - (measuredAtMs ?? Number.NEGATIVE_INFINITY)) < freshMs)
    .flatMap(({ offsetMs }) => (offsetMs === undefined ? [] : [offsetMs]))
    .sort((a, b) => a - b);
  const [low, high] = [offsets[(offsets.length - 1) >> 1], offsets[offsets.length >> 1]];
  if (low === undefined || high === undefined) return undefined;
  return { offsetMs: Math.abs(low) < Math.abs(high) ? low : high, relays: offsets.length };
}

/** From here on a person has to be told: their messages carry a time that others will wonder at. */
export const wrongClockMs = 120_000;

/**
 * How much earlier it is than by this clock, by the middle of the relays that are connected and were measured since it last
 * leapt (leap.ts): 0 where it is later. `undefined`: none confirms the time.
 */
export function lagMs({ relays }: State): number | undefined {
  const offsets = [...relays.values()].flatMap(({ up, offsetMs }) => (up && offsetMs !== undefined ? [offsetMs] : []));
  // Of an even number the lower one: that is the earlier time.
  const middle = offsets.sort((a, b) => a - b)[(offsets.length - 1) >> 1];
  return middle === undefined ? undefined : Math.max(0, -middle);
}

/** The time by which things are erased; `undefined` while nobody confirms this device's clock. */
export function confirmedNowMs(state: State, nowMs: number): number | undefined {
  const lag = lagMs(state);
  return lag === undefined ? undefined : nowMs - lag;
}
