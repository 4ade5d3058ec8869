/**
 * A copy of the database while it is in use, from a connection of its own: SQLite gives a reader one moment of the
 * whole file however long it reads. The copy is on disk under its name as a whole or not at all, and it says that it is
 * a copy, so that whoever opens it takes another store id.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Database } from './driver.ts';

export function copyTo(source: string, path: string): void {
  const part = `${path}.part`;
  rmSync(part, { force: true });
  const from = new Database(source);
  try {
    from.run('VACUUM INTO ?', [part]);
  } finally {
    from.close();
  }
  const copy = new Database(part);
  copy.run('UPDATE meta SET is_copy = 1');
  copy.checkpoint();
  copy.close();
  sync(part);
  renameSync(part, path);
  sync(dirname(path));
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
