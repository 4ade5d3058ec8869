/** A plan from a seed: who does what and what goes wrong, each at its time. */
import { seeded } from '../kit/random.ts';
import { type Dice, drawMishap } from './drawMishap.ts';
import type { Act, Mishap, Operation, Plan, RoomAt, Setting } from './type.ts';

const minute = 60_000;
const hour = 60 * minute;

/** What is left of the run after the faults: in it everything has to come right. */
export const calmMs: number = 50 * minute;
/** Before anything goes wrong, everybody has come in and the room is open. */
export const openingMs = 12_000;

export function planOf(setting: Setting): Plan {
  const { devices, relays, hours } = setting;
  const random = seeded(setting.seed ^ 0x51b0);
  const pick = (count: number) => Math.floor(random.next() * count);
  const dice: Dice = { pick, between: (from, to) => from + pick(to - from + 1) };
  const endMs = Math.max(openingMs + minute, hours * hour - calmMs);
  const bad = Array.from({ length: relays }, (_, i) => i)
    .sort(() => random.next() - 0.5)
    .slice(0, Math.min(relays - 1, pick(relays)));
  // A quarter of all that happens comes close together: what is wrong shows where things meet.
  const at = () => (pick(4) > 0 ? dice.between(openingMs, endMs) : undefined);
  let lastMs: number = openingMs;
  const timed = <T>(count: number, make: (atMs: number) => T | undefined): readonly T[] =>
    Array.from({ length: count }, () => {
      lastMs = at() ?? Math.min(endMs, lastMs + dice.between(1, 4_000));
      return make(lastMs);
    }).filter((each) => each !== undefined);
  const days = hours / 24;
  const mishaps = timed(dice.between(6, Math.ceil(6 + 8 * days)), (atMs) =>
    drawMishap({ dice, devices, relays, bad, atMs, endMs }),
  );
  // People act when something goes wrong, too.
  const acts = timed(dice.between(2, Math.ceil(2 + 5 * days)), (atMs) => drawAct(dice, devices, atMs));
  const near = mishaps
    .filter(() => pick(3) === 0)
    .map((mishap) => drawAct(dice, devices, Math.min(endMs, mishap.atMs + pick(3_000))));
  // A lie needs something to lie about.
  const told = mishaps.flatMap((mishap): readonly Act[] => {
    if (mishap.type !== 'lie') return [];
    const device = (mishap.device + 1 + pick(devices - 1)) % devices;
    const atMs = dice.between(mishap.atMs, mishap.atMs + mishap.forMs);
    return [0, 1, 2].map((line) => ({ type: 'say', atMs: atMs + line * dice.between(20, 1_500), device, room: 0 }));
  });
  const byTime = <T extends Act | Mishap>(items: readonly T[]) => [...items].sort((a, b) => a.atMs - b.atMs);
  const drillAtMs = pick(3) > 0 ? undefined : dice.between(openingMs, endMs);
  const answers = drillAtMs === undefined ? [] : drawAnswers(dice, devices, drillAtMs);
  return {
    setting,
    bad: bad.sort((a, b) => a - b),
    clocksMs: Array.from({ length: devices }, () => (pick(3) > 0 ? 0 : dice.between(-20, 20) * minute)),
    ...(drillAtMs === undefined ? {} : { drillAtMs }),
    acts: byTime([...acts, ...near, ...told, ...answers].flatMap((act) => inLines(dice, act))),
    mishaps: byTime(mishaps),
  };
}

/** People who have something to say often say it in several lines: those are what overtakes one another. */
const inLines = (dice: Dice, act: Act): readonly Act[] =>
  act.type === 'say' && dice.pick(2) === 0 ? [act, { ...act, atMs: act.atMs + dice.between(20, 1_500) }] : [act];

const drawAnswers = (dice: Dice, devices: number, drillAtMs: number): readonly Act[] =>
  Array.from({ length: devices }, (_, device) => device)
    .filter(() => dice.pick(3) > 0)
    .map((device) => ({ type: 'answer', device, atMs: drillAtMs + dice.between(1, 10) * minute }));

function drawAct(dice: Dice, devices: number, atMs: number): Act {
  const room: RoomAt = dice.pick(4) > 0 ? 0 : 1;
  const device = dice.pick(devices);
  const kind = dice.pick(100);
  if (kind < 55) return { type: 'say', atMs, device, room };
  if (kind < 95)
    return {
      type: 'operate',
      atMs,
      device: dice.pick(3) > 0 ? dice.pick(Math.min(4, devices)) : device,
      room,
      operation: drawOperation(dice, devices),
    };
  if (kind < 98) return { type: 'heal', atMs, device, room };
  return { type: 'verify', atMs, device, member: dice.pick(devices) };
}

const roles = ['commander', 'officer', 'responder', 'observer'] as const;

function drawOperation(dice: Dice, devices: number): Operation {
  const member = dice.pick(devices);
  const kind = dice.pick(7);
  if (kind < 2) return { type: 'remove', member };
  if (kind < 4) return { type: 'add', member };
  if (kind < 5) return { type: 'remove-device', device: member };
  if (kind < 6) return { type: 'role', member, role: roles[dice.pick(roles.length)] ?? 'observer' };
  return {
    type: 'policy',
    history: dice.pick(3) > 0 ? 'none' : 'all',
    horizon: dice.pick(12) > 0 ? 'default' : 'high',
  };
}
