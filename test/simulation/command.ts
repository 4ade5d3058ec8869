/** `npm run sim`: options in, words or JSON out, and the exit status. What it does is in simulate.ts and pool.ts. */
import { parseArgs } from 'node:util';
import { planOf } from './plan.ts';
import { runMany } from './pool.ts';
import { sayFailure, sayOutcome, sayTally } from './say.ts';
import { pickFrom, shrink } from './shrink.ts';
import { play, ready, usual } from './simulate.ts';
import type { Outcome, Plan, Setting } from './type.ts';

export const help = `Plays days of mishaps to the real engine, each from one seed, and checks what Muster promises.

  npm run sim -- [--seed S | --seeds A..B | --minutes M] [options]

  --seed S        one run (without any of the three: seed 1)
  --seeds A..B    many, on every core
  --minutes M     as many as fit, from --seed or a seed by the clock
  --hours H       simulated hours of a run (${usual.hours})
  --devices N     devices, 3 to 12 (${usual.devices})
  --relays R      relays, 1 to 6 (${usual.relays})
  --mishaps 1,4   only these mishaps of the seed's plan, by their places in it; 'none'
  --acts 0,2      only these acts of people, likewise
  --show          the plan, before it is played
  --no-shrink     do not look for a shorter way to a failure
  --json          one line of JSON on standard output, and nothing else there

Exit status: 0 all held, 1 something did not hold, 2 wrong options.
`;

export interface Io {
  out(text: string): void;
  err(text: string): void;
}

class WrongOption extends Error {}

interface Options {
  readonly setting: Omit<Setting, 'seed'>;
  readonly seed?: number;
  readonly seeds?: readonly [first: number, last: number];
  readonly minutes?: number;
  readonly mishaps?: readonly number[];
  readonly acts?: readonly number[];
  readonly show: boolean;
  readonly noShrink: boolean;
  readonly json: boolean;
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < from || value > to)
    throw new WrongOption(`--${name} wants a whole number from ${from} to ${to}, not '${text}'.`);
  return value;
}

const placesOf = (name: string, text: string): readonly number[] =>
  text === 'none' ? [] : text.split(',').map((each) => whole(name, each, 0, 10_000));

const mostSeed = 2 ** 31 - 1;

function readOptions(args: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: text,
      seeds: text,
      minutes: text,
      hours: text,
      devices: text,
      relays: text,
      mishaps: text,
      acts: text,
      show: flag,
      'no-shrink': flag,
      json: flag,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const or = (name: 'hours' | 'devices' | 'relays', from: number, to: number) =>
    whole(name, values[name] ?? String(usual[name]), from, to);
  const range = values.seeds === undefined ? undefined : /^(\d+)\.\.(\d+)$/.exec(values.seeds);
  if (range === null) throw new WrongOption(`--seeds wants two whole numbers, as in 1..2000, not '${values.seeds}'.`);
  const [first, last] = (range?.slice(1) ?? []).map((each) => whole('seeds', each, 0, mostSeed));
  return {
    setting: { hours: or('hours', 1, 10_000), devices: or('devices', 3, 12), relays: or('relays', 1, 6) },
    ...(values.seed === undefined ? {} : { seed: whole('seed', values.seed, 0, mostSeed) }),
    ...(first === undefined || last === undefined ? {} : { seeds: [first, last] as const }),
    ...(values.minutes === undefined ? {} : { minutes: whole('minutes', values.minutes, 1, 100_000) }),
    ...(values.mishaps === undefined ? {} : { mishaps: placesOf('mishaps', values.mishaps) }),
    ...(values.acts === undefined ? {} : { acts: placesOf('acts', values.acts) }),
    show: values.show,
    noShrink: values['no-shrink'],
    json: values.json,
  };
}

/** The exit status. */
export async function command(args: readonly string[], io: Io): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!(error instanceof WrongOption) && !(error instanceof TypeError)) throw error;
    io.err(`${error.message}\n\n${help}`);
    return 2;
  }
  if (options === undefined) {
    io.out(help);
    return 0;
  }
  await ready();
  const isOne = options.seeds === undefined && options.minutes === undefined;
  return isOne ? runOne(options, { ...options.setting, seed: options.seed ?? 1 }, io) : await runAll(options, io);
}

function runOne(options: Options, setting: Setting, io: Io): number {
  const whole = planOf(setting);
  const plan = pickFrom(whole, {
    mishaps: options.mishaps ?? [...whole.mishaps.keys()],
    acts: options.acts ?? [...whole.acts.keys()],
  });
  if (options.show && !options.json) io.out(`${JSON.stringify(plan, undefined, 2)}\n`);
  const outcome = play(plan);
  if (options.json) io.out(`${JSON.stringify({ ...outcome, plan })}\n`);
  else io.out(`${sayOutcome(outcome, plan)}\n`);
  if (outcome.wrong.length === 0) return 0;
  const isPart = options.mishaps !== undefined || options.acts !== undefined;
  if (isPart || options.noShrink) io.err(`${[...outcome.log, '', ...outcome.wrong].join('\n')}\n`);
  else explain(outcome, plan, io);
  return 1;
}

function explain(outcome: Outcome, plan: Plan, io: Io): void {
  io.err('looking for a shorter way there …\n');
  io.err(
    `${sayFailure(
      outcome,
      shrink(plan, (each) => play(each).wrong.length > 0),
    )}\n`,
  );
}

/** Failures that are made shorter: each takes as long as some dozens of runs. */
const mostExplained = 3;

async function runAll(options: Options, io: Io): Promise<number> {
  const { setting, minutes, seeds } = options;
  const first = seeds?.[0] ?? options.seed ?? Date.now() % mostSeed;
  const startMs = performance.now();
  io.err(`from seed ${first}\n`);
  const tally = await runMany({
    setting,
    first,
    ...(seeds === undefined ? {} : { last: seeds[1] }),
    ...(minutes === undefined ? {} : { forMs: minutes * 60_000 }),
    said: ({ seed, wrong }, runs) => {
      if (wrong.length > 0) io.err(`seed ${seed} FAILED: ${wrong[0]}\n`);
      if (runs % 100 === 0) io.err(`${runs} seeds\n`);
    },
  });
  const seconds = (performance.now() - startMs) / 1000;
  if (options.json) io.out(`${JSON.stringify({ setting, first, seconds, ...tally })}\n`);
  else io.out(`${sayTally(tally, seconds, setting)}\n`);
  if (!options.noShrink)
    for (const { seed } of tally.failed.slice(0, mostExplained)) {
      const plan = planOf({ ...setting, seed });
      explain(play(plan), plan, io);
    }
  return tally.failed.length > 0 ? 1 : 0;
}
