/** Small files of the data folder, written whole: after a crash there is the old one or the new one. */
import {
  closeSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Broken } from '../src/wire/fault.ts';

/** Made with its parents, for its owner alone. Throws `Broken('io')`. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Broken('io', 'the data folder cannot be made; check the folder above it', { cause });
  }
}

/** Bytes of a file, 0 where there is none. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Writes a file so that after a crash there is either all of it or none of it. */
export function writeWhole(path: string, text: string, mode: number): void {
  try {
    const file = openSync(`${path}.new`, 'w', mode);
    try {
      writeFileSync(file, text); // all of it: a disk that is nearly full takes a part and says so only then
      giveTo(file, dirname(path));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    syncFolder(dirname(path));
  } catch (cause) {
    throw new Broken('io', 'a file in the data folder cannot be written; check its owner, its mode and its disk', {
      cause,
    });
  }
}

/** What root writes into the folder of a relay that runs as another user must be readable for that user. */
function giveTo(file: number, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  fchownSync(file, uid, gid);
}

/** A rename is on disk only when its folder is. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return; // folders cannot be opened there
  syncPath(path);
}

/** What was written by others to a file is on disk when this returns. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Text of a file, or undefined if there is none; other failures are thrown as `Broken('io')`. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new Broken('io', 'a file in the data directory cannot be read; check its owner and mode', { cause });
  }
}
