/** Small files written whole: after a crash there is the old one or the new one, never half of one. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where a file lies until it is put in its place. */
export const asideOf = (path: string): string => `${path}.new`;

/** Readable by its owner only. The rename is on disk when it returns. */
export const writeWhole = (path: string, content: string | Uint8Array): void => writeAside(path, content)();

/** As `writeWhole`, and on disk; but it is in its place only once the result was called. */
export function writeAside(path: string, content: string | Uint8Array): () => void {
  const temporary = asideOf(path);
  const file = openSync(temporary, 'w', 0o600);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(path);
  return () => {
    renameSync(temporary, path);
    syncFolder(path);
  };
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
