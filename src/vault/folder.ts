/** The folder of a vault: which files are in it, and what is there before one is made. Opens none of them. */
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CallerFault } from '../wire/fault.ts';

export const lockFile = 'vault.json';
export const dataFile = 'vault.db';

export const hasVault = (dir: string): boolean => existsSync(join(dir, lockFile));

/** An empty place for a vault, made if need be. Throws `CallerFault`: `already-there`, `not-allowed`. */
export function makePlace(dir: string): void {
  if (hasVault(dir)) {
    throw new CallerFault(
      'already-there',
      `There is a device in ${dir} already. Choose another folder; nothing was changed.`,
    );
  }
  if (existsSync(join(dir, dataFile))) throw half(dir);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new CallerFault('not-allowed', `The folder ${dir} cannot be made. Check the folder above it.`, { cause });
  }
}

/** Takes the place for this process alone, before the first byte is written. Throws `CallerFault('already-there')`. */
export function claimPlace(dir: string): void {
  try {
    closeSync(openSync(join(dir, dataFile), 'wx', 0o600));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw half(dir);
    throw new CallerFault('not-allowed', `Nothing can be written in ${dir}. Check its owner and the room on it.`, {
      cause,
    });
  }
}

/** Takes away what was begun in a place that was claimed, so that it can be used again. */
export function dropHalf(dir: string): void {
  for (const name of [lockFile, dataFile, `${dataFile}-wal`, `${dataFile}-shm`])
    rmSync(join(dir, name), { force: true });
}

/** Its file stays: whoever put vault.json elsewhere still opens it with that. */
const half = (dir: string): CallerFault =>
  new CallerFault(
    'already-there',
    `There is a ${dataFile} in ${dir} and no ${lockFile}: a device that was not made to its end, or its lock was taken away. Choose another folder; nothing was changed.`,
  );
