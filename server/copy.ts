/**
 * A copy of the database while it is in use, from a connection of its own: SQLite gives a reader one moment of the
 * whole file however long it reads. The copy is on disk under its name as a whole or not at all, and it says that it is
 * a copy, so that whoever opens it takes another store id.
 */
import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Database } from './driver.ts';
import { syncFolder, syncPath } from './file.ts';

export function copyTo(source: string, path: string): void {
  const part = `${path}.part`;
  rmSync(part, { force: true });
  try {
    copyWhole(source, part);
    renameSync(part, path);
    syncFolder(dirname(path));
  } catch (error) {
    // It lies on the relay's own disk, and may be what filled it.
    rmSync(part, { force: true });
    throw error;
  }
}

function copyWhole(source: string, part: string): void {
  const from = new Database(source);
  try {
    from.run('VACUUM INTO ?', [part]);
  } finally {
    from.close();
  }
  const copy = new Database(part);
  try {
    copy.run('UPDATE meta SET is_copy = 1');
    copy.checkpoint();
  } finally {
    copy.close();
  }
  syncPath(part);
}
