/** A terminal for tests: the command line runs in this process and what it prints is kept. */

import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/program.ts';
import { leastCost } from '../../src/vault/stretch.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  run(...args: readonly string[]): Promise<Ran>;
  /** Begins a command that ends only when it is interrupted. */
  start(...args: readonly string[]): { readonly out: () => string; interrupt(): Promise<Ran> };
}

/** Answers to hidden questions are taken in order; none left means that there is no terminal. */
export function makeTerminal(
  cwd: string,
  options: {
    readonly secrets?: string[];
    readonly nowMs?: number;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Terminal {
  const begin = (args: readonly string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    let interrupt: () => void = () => {};
    const interrupted = new Promise<void>((resolve) => {
      interrupt = resolve;
    });
    const io: Io = {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      isTty: false,
      cwd,
      deviceDir: `${cwd}/default-device`,
      askSecret: async () => options.secrets?.shift(),
      readInput: async () => 'from stdin\n',
      now: () => options.nowMs ?? Date.now(),
      untilInterrupted: () => interrupted,
      cost: leastCost,
      env: options.env ?? {},
      isDebug: false,
    };
    const done = run(args, io).then((code): Ran => ({ code, out: out.join('\n'), err: err.join('\n') }));
    return {
      done,
      out: () => out.join('\n'),
      interrupt: () => {
        interrupt();
        return done;
      },
    };
  };
  return { run: (...args) => begin(args).done, start: (...args) => begin(args) };
}
