/** Mishaps from chance: how often each kind comes, how long it lasts, whom it meets. */
import { mishapsNotYet } from './notYet.ts';
import type { Lie, Mishap } from './type.ts';

export interface Dice {
  /** 0 up to, not including, `count`. */
  pick(count: number): number;
  between(from: number, to: number): number;
}

interface Draw {
  readonly dice: Dice;
  readonly devices: number;
  readonly relays: number;
  readonly bad: readonly number[];
  readonly atMs: number;
  readonly endMs: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const lies: readonly Lie[] = ['drop', 'replay', 'swap', 'forge', 'equivocate'];

/** Short ones more often than long ones; no mishap outlives the faults. */
function span({ dice, atMs, endMs }: Draw, mostMs: number): number {
  const most = Math.max(2 * second, Math.min(mostMs, endMs - atMs));
  const scale = dice.pick(4);
  return Math.max(second, dice.between(1, Math.ceil(most / 8 ** scale)));
}

const anyDevice = ({ dice, devices }: Draw): number => dice.pick(devices);
const anyRelay = ({ dice, relays }: Draw): number => dice.pick(relays);
const badRelay = ({ dice, bad }: Draw): number | undefined => bad[dice.pick(Math.max(1, bad.length))];

type Maker = (draw: Draw) => Mishap | undefined;

const ofBad =
  (make: (draw: Draw, relay: number) => Mishap): Maker =>
  (draw) => {
    const relay = badRelay(draw);
    return relay === undefined ? undefined : make(draw, relay);
  };

/** By kind: how often it comes against the others, and how it is made. */
const kinds: Readonly<Record<Mishap['type'], readonly [weight: number, make: Maker]>> = {
  cut: [
    5,
    (draw) => ({
      atMs: draw.atMs,
      type: 'cut',
      device: anyDevice(draw),
      relay: anyRelay(draw),
      forMs: span(draw, 4 * hour),
    }),
  ],
  partition: [
    5,
    (draw) => ({
      atMs: draw.atMs,
      type: 'partition',
      sides: Array.from({ length: draw.devices }, () => draw.dice.pick(draw.relays + 1)),
      forMs: span(draw, 5 * hour),
    }),
  ],
  reset: [4, (draw) => ({ atMs: draw.atMs, type: 'reset', device: anyDevice(draw), relay: anyRelay(draw) })],
  slow: [
    2,
    (draw) => ({ atMs: draw.atMs, type: 'slow', delayMs: draw.dice.between(500, 20_000), forMs: span(draw, hour) }),
  ],
  repeat: [
    2,
    (draw) => ({
      atMs: draw.atMs,
      type: 'repeat',
      device: anyDevice(draw),
      relay: anyRelay(draw),
      forMs: span(draw, 6 * hour),
    }),
  ],
  reorder: [5, ofBad((draw, relay) => ({ atMs: draw.atMs, type: 'reorder', relay, forMs: span(draw, 6 * hour) }))],
  'relay-crash': [
    6,
    (draw) => ({ atMs: draw.atMs, type: 'relay-crash', relay: anyRelay(draw), forMs: span(draw, 5 * hour) }),
  ],
  'slow-disk': [
    4,
    (draw) => ({
      atMs: draw.atMs,
      type: 'slow-disk',
      relay: anyRelay(draw),
      syncMs: draw.dice.between(50, 5_000),
      forMs: span(draw, 8 * hour),
    }),
  ],
  'relay-wipe': [3, ofBad((draw, relay) => ({ atMs: draw.atMs, type: 'relay-wipe', relay }))],
  'relay-rollback': [
    2,
    ofBad((draw, relay) => ({
      atMs: draw.atMs,
      type: 'relay-rollback',
      relay,
      backMs: draw.dice.between(1, 6) * hour,
    })),
  ],
  lie: [
    7,
    ofBad((draw, relay) => ({
      atMs: draw.atMs,
      type: 'lie',
      relay,
      device: anyDevice(draw),
      how: lies[draw.dice.pick(lies.length)] ?? 'drop',
      isCaptive: draw.dice.pick(2) === 0,
      forMs: span(draw, 10 * hour),
    })),
  ],
  'keep-nothing': [
    2,
    ofBad((draw, relay) => ({ atMs: draw.atMs, type: 'keep-nothing', relay, forMs: span(draw, 4 * hour) })),
  ],
  crash: [
    8,
    (draw) => ({
      atMs: draw.atMs,
      type: 'crash',
      device: anyDevice(draw),
      write: 1 + draw.dice.pick(8),
      kept: draw.dice.pick(2) === 0,
      forMs: span(draw, 2 * hour),
    }),
  ],
  sleep: [4, (draw) => ({ atMs: draw.atMs, type: 'sleep', device: anyDevice(draw), forMs: span(draw, 200 * hour) })],
  'put-back': [
    1,
    (draw) => ({
      atMs: draw.atMs,
      type: 'put-back',
      device: anyDevice(draw),
      backMs: Math.min(draw.atMs, span(draw, 8 * hour)),
    }),
  ],
  clone: [1, (draw) => ({ atMs: draw.atMs, type: 'clone', device: anyDevice(draw) })],
  clock: [
    2,
    (draw) => ({
      atMs: draw.atMs,
      type: 'clock',
      device: anyDevice(draw),
      byMs: draw.dice.between(-5, 5) * 24 * hour + draw.dice.between(-90, 90) * minute,
      forMs: span(draw, 8 * hour),
    }),
  ],
  list: [
    3,
    (draw) => {
      const kind = 1 + draw.dice.pick(7);
      const at = draw.dice.pick(draw.devices);
      return {
        atMs: draw.atMs,
        type: 'list',
        ...(kind & 1 ? { out: at } : {}),
        ...(kind & 2 ? { replaced: (at + 1) % draw.devices } : {}),
        newcomer: (kind & 4) !== 0,
        heardMs: Array.from({ length: draw.devices }, () => span(draw, 12 * hour)),
      };
    },
  ],
  'old-list': [3, (draw) => ({ atMs: draw.atMs, type: 'old-list', device: anyDevice(draw) })],
};

const drawn = Object.entries(kinds);
const total = drawn.reduce((sum, [, [weight]]) => sum + weight, 0);

/** Nothing, where what was drawn is off, or needs a relay that may be bad and none may. */
export function drawMishap(draw: Draw): Mishap | undefined {
  let at = draw.dice.pick(total);
  for (const [type, [weight, make]] of drawn) {
    if (at < weight) {
      const mishap = make(draw);
      return Object.hasOwn(mishapsNotYet, type) ? undefined : mishap;
    }
    at -= weight;
  }
  return undefined;
}
