/**
 * Files a person names. What is read is bounded and blamed by its name; what is written is written whole and never
 * over something that is there, except where a command says so.
 */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWhole } from '../vault/file.ts';
import { hasVault } from '../vault/folder.ts';
import { type Bytes, fromUtf8 } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { type Io, pathOf } from './io.ts';

export { shown } from './say.ts';

/** Throws `CallerFault`: `not-found`, `not-allowed`, `invalid` when it is larger than any file of its kind. */
export function readBytes(io: Io, path: string, maxBytes: number): Bytes {
  const full = pathOf(io, path);
  try {
    const found = statSync(full);
    if (!found.isFile()) throw new CallerFault('invalid', `${path} is not a file.`);
    if (found.size > maxBytes) throw new CallerFault('invalid', `${path} is larger than any file of its kind.`);
    return new Uint8Array(readFileSync(full));
  } catch (cause) {
    if (cause instanceof CallerFault) throw cause;
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing) throw new CallerFault('not-found', `There is no file ${path}. Check the name.`, { cause });
    throw new CallerFault('not-allowed', `${path} cannot be read. Check that you may open it.`, { cause });
  }
}

/** Reads with `read`; what it finds wrong is told with the file's name. */
export function readAs<T>(io: Io, path: string, what: string, maxBytes: number, read: (bytes: Bytes) => T): T {
  const bytes = readBytes(io, path, maxBytes);
  try {
    return read(bytes);
  } catch (fault) {
    if (fault instanceof PeerFault) {
      const text =
        fault.code === 'malformed' ? `${path} is not ${what}.` : `${path} does not hold as ${what}: ${fault.message}.`;
      throw new PeerFault(fault.code, text.replace(/\.\.$/, '.'), { cause: fault });
    }
    if (fault instanceof CallerFault) throw new CallerFault(fault.code, `${path}: ${fault.message}`, { cause: fault });
    throw fault;
  }
}

/** A file a person wrote. Text that is not UTF-8 is their mistake, most likely the spreadsheet's. */
export const readTextAs = <T>(io: Io, path: string, what: string, read: (text: string) => T): T =>
  readAs(io, path, what, 4 * 1024 * 1024, (bytes) => read(fromUtf8(bytes)));

/** Throws `CallerFault`: `already-there`, `not-allowed`. Readable by its owner only. */
export function writeNew(io: Io, path: string, content: string | Bytes): void {
  checkFree(io, path);
  writeOver(io, path, content);
}

/** Before anything is made or costs the person time: what cannot be written in the end must not begin. */
export function checkFree(io: Io, path: string): void {
  const full = pathOf(io, path);
  if (existsSync(full)) {
    throw new CallerFault('already-there', `${path} is there already and is never written over. Choose another name.`);
  }
  try {
    accessSync(dirname(full), constants.W_OK);
  } catch (cause) {
    throw new CallerFault('not-allowed', notWritable(path), { cause });
  }
}

const notWritable = (path: string): string =>
  `${path} cannot be written. Check that its folder is there and yours, and the room on it.`;

export function writeOver(io: Io, path: string, content: string | Bytes): void {
  try {
    writeWhole(pathOf(io, path), content);
  } catch (cause) {
    throw new CallerFault('not-allowed', notWritable(path), { cause });
  }
}

export interface DirFlags {
  readonly dir?: string;
}

/** The folder of the device, before a passphrase is asked for. Throws `CallerFault('not-found')`. */
export function findDevice(io: Io, flags: DirFlags): string {
  const dir = pathOf(io, flags.dir ?? io.deviceDir);
  if (hasVault(dir)) return dir;
  throw new CallerFault(
    'not-found',
    `There is no device in ${dir}. Give its folder with --dir, or make one: muster device init --help says how.`,
  );
}
