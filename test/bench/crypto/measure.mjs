/** Timing in turns: every contender runs once per round, so that whatever else the machine does hits all alike. */

/** Milliseconds per call of `work`, over `count` calls. */
export async function timed(count, work) {
  const started = performance.now();
  for (let i = 0; i < count; i++) await work(i);
  return (performance.now() - started) / count;
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
}
export const median = (values) => quantile(values, 0.5);

/**
 * Each contender is a function that runs one round of its own and gives `{ part: ms }`. Who starts moves by one each
 * round, and young garbage is collected before each turn, so nobody pays for what another left behind. Young alone: a
 * full collection throws away compiled code of whoever waits, and then compiling is what is measured.
 */
export async function takeTurns(contenders, { rounds, warmUp }) {
  const names = Object.keys(contenders);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round + warmUp) % names.length];
      globalThis.gc?.({ type: 'minor' });
      const parts = await contenders[name]();
      if (round >= 0) times[name].push(parts);
    }
  }
  return times;
}

/** Median of each part and of their sum. */
export function summarize(rounds) {
  const parts = Object.keys(rounds[0] ?? {});
  const sums = rounds.map((round) => sumOf(round));
  return { ...Object.fromEntries(parts.map((part) => [part, median(rounds.map((r) => r[part]))])), sum: median(sums) };
}
const sumOf = (round) => Object.values(round).reduce((a, b) => a + b, 0);

/** Ours to theirs, round by round: the median and the middle half. */
export function compare(ours, theirs) {
  const ratios = ours.map((round, i) => sumOf(round) / sumOf(theirs[i]));
  return { ratio: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}
