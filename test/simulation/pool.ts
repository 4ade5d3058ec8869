/**
 * Many seeds in several processes. Each gets the next seed when it is done with one; what comes back is the outcome. A
 * process that dies is a failure of the seed it had.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Setting } from './type.ts';

/** What a worker says of one seed. */
export interface Verdict {
  readonly seed: number;
  readonly digest: string;
  readonly steps: number;
  readonly wrong: readonly string[];
}

export interface Tally {
  readonly runs: number;
  readonly steps: number;
  readonly failed: readonly Verdict[];
}

export interface PoolOptions {
  readonly setting: Omit<Setting, 'seed'>;
  readonly first: number;
  /** The last seed, if there is one. */
  readonly last?: number;
  /** No new seed is begun after so long. */
  readonly forMs?: number;
  /** Ends when so many have failed. */
  readonly mostFailed?: number;
  said?(verdict: Verdict, runs: number): void;
}

const workerPath = fileURLToPath(new URL('./worker.mjs', import.meta.url));

export async function runMany(options: PoolOptions): Promise<Tally> {
  const { setting, first, last = Number.MAX_SAFE_INTEGER, forMs = Number.POSITIVE_INFINITY } = options;
  const endMs = performance.now() + forMs;
  const failed: Verdict[] = [];
  let [next, runs, steps] = [first, 0, 0];
  const isOver = () =>
    next > last || performance.now() > endMs || failed.length >= (options.mostFailed ?? Number.POSITIVE_INFINITY);
  const take = (verdict: Verdict) => {
    runs += 1;
    steps += verdict.steps;
    if (verdict.wrong.length > 0) failed.push(verdict);
    options.said?.(verdict, runs);
  };
  const work = () =>
    new Promise<void>((resolve) => {
      const child: ChildProcess = fork(workerPath, {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        // Each step replaces what it changes: most of what is made is gone before it would have to be moved.
        execArgv: ['--max-semi-space-size=64'],
      });
      let seed: number | undefined;
      const give = () => {
        seed = isOver() ? undefined : next++;
        if (seed === undefined) child.disconnect();
        else child.send({ ...setting, seed });
      };
      child.on('message', (said: Verdict | 'ready') => {
        if (said !== 'ready') take(said);
        give();
      });
      child.on('exit', (code, signal) => {
        if (seed !== undefined)
          take({ seed, digest: '', steps: 0, wrong: [`its process ended with ${signal ?? code}`] });
        resolve();
      });
    });
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { runs, steps, failed: failed.sort((a, b) => a.seed - b.seed) };
}
