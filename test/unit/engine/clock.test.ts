/** The middle of what relays say about our clock, with relays that lie and relays that are gone. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readClock } from '../../../src/engine/clock.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { readinessOf } from '../../../src/engine/drill.ts';
import type { RelayState, State } from '../../../src/engine/state.ts';
import { relayId } from '../../../src/wire/id.ts';
import { World } from '../../kit/world.ts';

beforeAll(loadSodium);

type Measured = Pick<RelayState, 'up'> & { readonly offsetMs?: number; readonly measuredAtMs?: number };

/** The state of a device that measured this at its relays. */
function measured(...offsets: readonly (number | Measured)[]): { readonly state: State; readonly nowMs: number } {
  const world = new World(1, { members: 1 });
  world.start(0);
  const state = world.device(0).running;
  const [found] = state.relays.values();
  if (found === undefined) throw new Error('there is a relay on the list');
  const { offsetMs: _, measuredAtMs: __, ...relay } = found;
  const relays = offsets.map((one, i) => {
    const id = relayId.of(new Uint8Array(32).fill(i));
    const facts = typeof one === 'number' ? { up: true, offsetMs: one, measuredAtMs: world.nowMs } : one;
    return [id, { ...relay, id, ...facts }] as const;
  });
  return { state: { ...state, relays: new Map(relays) }, nowMs: world.nowMs };
}
const clockOf = (...offsets: readonly (number | Measured)[]) => {
  const { state, nowMs } = measured(...offsets);
  return readClock(state, nowMs);
};

describe('the clock', () => {
  it('is not moved by one relay that lies among three, whatever it says', () => {
    for (const lie of [0, 1e12, -1e12, Number.MAX_SAFE_INTEGER]) {
      const clock = clockOf(-40, lie, 60);
      expect(Math.abs(clock?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual(60);
    }
  });

  it('is believed to be right when two relays do not agree that it is wrong', () => {
    expect(clockOf(5, 7_200_000)).toEqual({ offsetMs: 5, relays: 2 });
    expect(clockOf(-7_200_000, -5)).toEqual({ offsetMs: -5, relays: 2 });
    expect(clockOf(7_200_000)).toEqual({ offsetMs: 7_200_000, relays: 1 });
  });

  it('is wrong when the relays agree, and that goes into the evidence', () => {
    const { state, nowMs } = measured(7_200_003, 7_200_000, -1e12);
    expect(readClock(state, nowMs)).toEqual({ offsetMs: 7_200_000, relays: 3 });
    expect(readinessOf(state, nowMs).clockOffsetMs).toBe(7_200_000);
  });

  it('is not known from relays that never answered or are long gone', () => {
    const { nowMs } = measured(0);
    expect(clockOf({ up: false })).toBeUndefined();
    const gone = { up: false, offsetMs: 9_000_000 };
    expect(clockOf({ ...gone, measuredAtMs: nowMs - 7_200_000 })).toBeUndefined();
    expect(clockOf({ ...gone, measuredAtMs: nowMs + 7_200_000 })).toBeUndefined();
    expect(clockOf({ ...gone, measuredAtMs: nowMs - 60_000 })?.relays).toBe(1);
  });
});
