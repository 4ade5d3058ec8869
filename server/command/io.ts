/** What a relay command may touch of the world around it. The program that has the commands makes it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Bytes } from '../../src/wire/bytes.ts';
import { CallerFault, PeerFault } from '../../src/wire/fault.ts';

export interface RelayIo {
  /** How a person calls these commands here; texts that name one begin with it. */
  readonly program: string;
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
  /** Of a file that a person gives as an admission list the part a relay may see, checked. Throws `PeerFault`. */
  admissionOf(file: Bytes): Bytes;
}

export const pathOf = (io: Pick<RelayIo, 'cwd'>, path: string): string => resolve(io.cwd, path);

/** The list in a file that a person named. Throws `CallerFault('not-found')`; `PeerFault` with the file's name. */
export function readListFile(io: RelayIo, path: string): Bytes {
  let file: Bytes;
  try {
    file = new Uint8Array(readFileSync(pathOf(io, path)));
  } catch (cause) {
    throw new CallerFault('not-found', `${path} cannot be read. Check its name and mode.`, { cause });
  }
  try {
    return io.admissionOf(file);
  } catch (fault) {
    if (!(fault instanceof PeerFault)) throw fault;
    const text = fault.code === 'malformed' ? 'is not an admission list' : `does not hold: ${fault.message}`;
    throw new PeerFault(fault.code, `${path} ${text}.`, { cause: fault });
  }
}
