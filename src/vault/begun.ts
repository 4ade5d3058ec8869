/**
 * A vault whose making was cut off, by a crash or a full disk: its lock lies beside its place and never came there, so what
 * is in it was given to nobody. It must never take for one a vault that was made, or one that is being made.
 */
import { existsSync, rmSync } from 'node:fs';
import type { Random } from '../core/key.ts';
import { Secret } from '../core/secret.ts';
import { CallerFault } from '../wire/fault.ts';
import { Sqlite } from './database.ts';
import { asideOf } from './file.ts';

/** True if there is no database, or there was one of this kind: then it is gone. */
export function clearBegun(lockPath: string, dataPath: string, random: Random): boolean {
  if (!existsSync(dataPath)) return true;
  if (!existsSync(asideOf(lockPath)) || isOpenElsewhere(dataPath, random)) return false;
  for (const end of ['', '-wal', '-shm']) rmSync(`${dataPath}${end}`, { force: true });
  return true;
}

/** No key opens it, but only where nobody holds it that shows. */
function isOpenElsewhere(dataPath: string, random: Random): boolean {
  try {
    new Sqlite(dataPath, new Secret('vault', random(32)), []).close();
    return false;
  } catch (fault) {
    return fault instanceof CallerFault;
  }
}
