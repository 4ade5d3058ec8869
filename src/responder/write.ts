/** Writes what leaves the vault to a place that a person chose: whole and on disk, or not there at all. */
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type Bytes, hex } from '../wire/bytes.ts';
import { CallerFault, Fault } from '../wire/fault.ts';
import { systemRandom } from './device.ts';

/**
 * Writes beside the name first, and never over something. Gives the bytes written. Throws `CallerFault`: `already-there`,
 * `not-allowed` (no such folder, not ours, no room); and the faults of `pieces`. Nothing is left of it then.
 */
export async function writeNew(path: string, pieces: AsyncIterable<Bytes> | Iterable<Bytes>): Promise<number> {
  if (existsSync(path))
    throw new CallerFault('already-there', `${basename(path)} is there already and is never written over.`);
  const part = `${path}.${hex(systemRandom(4))}.part`;
  let size = 0;
  try {
    const handle = await open(part, 'wx', 0o600);
    try {
      for await (const piece of pieces) {
        await handle.writeFile(piece);
        size += piece.length;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, path);
    await syncFolder(dirname(path));
    return size;
  } catch (cause) {
    await rm(part, { force: true });
    if (cause instanceof Fault) throw cause;
    throw new CallerFault('not-allowed', `${basename(path)} cannot be written. Check its folder and the room on it.`, {
      cause,
    });
  }
}

/** The new name is on disk when it returns. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
