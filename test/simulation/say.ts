/** The words of `npm run sim`: for somebody who has never seen it. */
import { calmMs } from './plan.ts';
import type { Tally } from './pool.ts';
import type { Shrunk } from './shrink.ts';
import type { Act, Mishap, Outcome, Plan, Setting } from './type.ts';

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

export const timeOf = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(Math.floor(ms / 1000) % 60)}`;
};

export const settingOf = ({ hours, devices, relays }: Omit<Setting, 'seed'>): string =>
  `${many(hours, 'simulated hour')}, ${many(devices, 'device')}, ${many(relays, 'relay')}`;

/** One line a thing: when, what, and its particulars. */
export function lineOf(thing: Act | Mishap): string {
  const { atMs, type, ...facts } = thing;
  const told = Object.entries(facts).map(([name, value]) =>
    name.endsWith('Ms') && typeof value === 'number'
      ? `${name.slice(0, -2)} ${value < 0 ? '-' : ''}${timeOf(Math.abs(value))}`
      : `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return `  ${timeOf(atMs)}  ${type}${told.length > 0 ? `: ${told.join(', ')}` : ''}`;
}

export const linesOf = ({ mishaps, acts, drillAtMs }: Plan): readonly string[] => [
  ...[...mishaps, ...acts].sort((a, b) => a.atMs - b.atMs).map(lineOf),
  ...(drillAtMs === undefined ? [] : [`  ${timeOf(drillAtMs)}  a drill begins`]),
];

export const commandFor = ({ seed, hours, devices, relays }: Setting, left?: Shrunk['left']): string => {
  const command = `npm run sim -- --seed ${seed} --hours ${hours} --devices ${devices} --relays ${relays}`;
  return left === undefined
    ? command
    : `${command} --mishaps ${left.mishaps.join(',') || 'none'} --acts ${left.acts.join(',') || 'none'}`;
};

export function sayOutcome({ setting, digest, steps, entries, wrong }: Outcome, { mishaps, acts }: Plan): string {
  const head = `seed ${setting.seed}: ${settingOf(setting)}; ${many(mishaps.length, 'mishap')}, ${many(acts.length, 'act')} of people, ${steps} steps, ${many(entries, 'entry').replace('entrys', 'entries')} written`;
  const end = wrong.length === 0 ? 'all held' : `${many(wrong.length, 'thing')} did not hold`;
  return `${head}\ndigest ${digest}\n${end}`;
}

/** What failed, the shortest way there that was found, and how to go it again. */
export function sayFailure(outcome: Outcome, { plan, left, plays }: Shrunk): string {
  const { setting, wrong } = outcome;
  return [
    `FAILED: seed ${setting.seed} (${settingOf(setting)}; the faults end ${timeOf(calmMs)} before the end)`,
    'What did not hold:',
    ...wrong.slice(0, 12).map((each) => `  ${each}`),
    ...(wrong.length > 12 ? [`  and ${wrong.length - 12} more`] : []),
    `The shortest list of what still breaks something (found in ${many(plays, 'run')}):`,
    ...linesOf(plan),
    `Relays to which worse than crashes may happen: ${plan.bad.join(', ') || 'none'}`,
    'Again:',
    `  all of it:        ${commandFor(setting)}`,
    `  only what is left: ${commandFor(setting, left)}`,
  ].join('\n');
}

export const sayTally = ({ runs, steps, failed }: Tally, seconds: number, setting: Omit<Setting, 'seed'>): string =>
  `${many(runs, 'seed')} × ${settingOf(setting)}: ${failed.length === 0 ? 'all held' : `${failed.length} FAILED (seeds ${failed.map(({ seed }) => seed).join(', ')})`}; ${steps} steps in ${seconds.toFixed(0)} s`;
