/**
 * What a command may touch of the world around it. main.ts makes the real one; tests make one that remembers. A
 * command never reads `process` and never prints past this.
 */
import { resolve } from 'node:path';
import type { StretchCost } from '../vault/stretch.ts';

export interface Io {
  /** A text on stdout, with its line end added. */
  out(text: string): void;
  /** A text on stderr: progress, warnings, errors. What a script reads goes to `out` alone. */
  err(text: string): void;
  /** stdout is a terminal: colours are wanted. */
  readonly isTty: boolean;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** The folder of this person's device, if no `--dir` is given. */
  readonly deviceDir: string;
  /** Asks for a secret without showing it. `undefined`: there is no terminal to ask on. */
  askSecret(question: string): Promise<string | undefined>;
  /** All of stdin, for a text that must not stand in the process list. */
  readInput(): Promise<string>;
  now(): number;
  /** Resolves when the person or the system asks the program to end. */
  untilInterrupted(): Promise<void>;
  /** Cost of the passphrase of what is made here. A test asks for the least that is allowed. */
  readonly cost: StretchCost;
  /** For the settings of a relay, and proxies; nothing else is taken from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Show stacks and log lines (MUSTER_DEBUG=1). */
  readonly isDebug: boolean;
}

export const pathOf = (io: Pick<Io, 'cwd'>, path: string): string => resolve(io.cwd, path);
