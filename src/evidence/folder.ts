/**
 * A pack on disk. Reading trusts nothing of what it finds: links, devices, pipes, giants and odd names are findings
 * and are never opened; what cannot be read at all is an error, so that `muster verify` can tell "not what it
 * claims" from "I could not look".
 */
import { constants } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Bytes } from '../wire/bytes.ts';
import { Broken, CallerFault } from '../wire/fault.ts';
import type { Finding } from './finding.ts';
import { isPlainPath, maxFiles } from './manifest.ts';

/** One file, and all of them together, of a pack that is read into memory. */
const maxFileBytes = 64 * 1024 * 1024;
const maxPackBytes = 512 * 1024 * 1024;

export interface ReadFolder {
  readonly files: ReadonlyMap<string, Bytes>;
  /** What is in the folder and in no pack. Belongs to the findings of the check. */
  readonly oddities: readonly Finding[];
}

/**
 * Throws `CallerFault('not-found')` if there is no such folder, `CallerFault('invalid')` if it is no folder or has
 * more in it than any pack, and `Broken('io')` if something in it cannot be read.
 */
export async function readPack(folder: string): Promise<ReadFolder> {
  const found = await lstat(folder).catch((cause: unknown) => {
    throw isMissing(cause) ? new CallerFault('not-found', 'there is no such folder', { cause }) : unreadable(cause);
  });
  if (!found.isDirectory()) throw new CallerFault('invalid', 'a pack is a folder, and this is not one');
  const files = new Map<string, Bytes>();
  const oddities: Finding[] = [];
  let seen = 0;
  let left = maxPackBytes;

  const odd = (file: string, text: string): void => {
    oddities.push({ file: printable(file), code: 'odd', text });
  };
  const walk = async (under: string): Promise<void> => {
    const entries = await readdir(join(folder, under), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      seen += 1;
      if (seen > 2 * maxFiles)
        throw new CallerFault('invalid', `there are more than ${maxFiles} files in it: this is no pack`);
      if (!isPlainPath(path)) odd(path, 'no file of a pack has such a name; it was not opened');
      else if (entry.isDirectory()) await walk(path);
      else if (!entry.isFile()) odd(path, 'it is a link or a device, not a file; it was not opened');
      else {
        const bytes = await readPlainFile(join(folder, path), Math.min(maxFileBytes, left));
        if (bytes === undefined) odd(path, 'it is larger than any file of a pack; it was not read');
        else {
          left -= bytes.length;
          files.set(path, bytes);
        }
      }
    }
  };
  try {
    await walk('');
  } catch (cause) {
    throw cause instanceof CallerFault ? cause : unreadable(cause);
  }
  if (files.size > maxFiles)
    throw new CallerFault('invalid', `there are more than ${maxFiles} files in it: this is no pack`);
  return { files, oddities };
}

/** Undefined if it is larger than `most`. Opened so that a link or pipe put there meanwhile is not followed. */
async function readPlainFile(path: string, most: number): Promise<Bytes | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size > most) return undefined;
    const bytes = new Uint8Array(await file.readFile());
    return bytes.length > most ? undefined : bytes;
  } finally {
    await file.close();
  }
}

/**
 * Writes a pack as a new folder: all of it, or nothing. For the owner's eyes only, since it holds personal data.
 * Throws `CallerFault`: `already-there` (nothing is ever overwritten) or `invalid`; `Broken('io')`.
 */
export async function writePack(folder: string, files: ReadonlyMap<string, Bytes>): Promise<void> {
  for (const path of files.keys()) {
    if (!isPlainPath(path)) throw new CallerFault('invalid', 'a pack cannot hold a file of that name');
  }
  const taken = await lstat(folder).then(
    () => true,
    () => false,
  );
  if (taken)
    throw new CallerFault('already-there', 'there is something of that name already; a pack is never written over');
  try {
    await mkdir(dirname(folder), { recursive: true });
    // Beside the goal, so that the last step is a rename and no half a pack is ever seen under the name.
    const half = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
    try {
      for (const [path, bytes] of files) await writePlainFile(join(half, path), bytes);
      await rename(half, folder);
    } catch (cause) {
      await rm(half, { recursive: true, force: true });
      throw cause;
    }
  } catch (cause) {
    throw new Broken('io', 'the pack could not be written; nothing was left behind', { cause });
  }
}

async function writePlainFile(path: string, bytes: Bytes): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
const unreadable = (cause: unknown): Broken =>
  new Broken('io', 'the pack could not be read; check that you may open the folder and its files', { cause });

/** A stranger's file name must not steer the terminal it is printed on. */
const printable = (name: string): string => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
