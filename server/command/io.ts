/** What a relay command may touch of the world around it. The program that has the commands makes it. */
import { resolve } from 'node:path';
import type { Bytes } from '../../src/wire/bytes.ts';

export interface RelayIo {
  /** A text on stdout, with its line end added. */
  out(text: string): void;
  /** A text on stderr: the log, warnings. What a script reads goes to `out` alone. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin. */
  readonly cwd: string;
  now(): number;
  /** Resolves when the person or the system asks the program to end. */
  untilInterrupted(): Promise<void>;
  /** Of a file that a person gives as an admission list the part a relay may see. Throws `PeerFault`. */
  admissionOf(file: Bytes): Bytes;
}

export const pathOf = (io: Pick<RelayIo, 'cwd'>, path: string): string => resolve(io.cwd, path);
