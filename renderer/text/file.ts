/** Files in words: how large, and how much of it is where. */
import type { FileView } from '../../src/ipc/view.ts';

/** In thousands, as a file manager shows it. */
export function saySize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 999_950 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Never that it was sent: on how many relays it is, or how far it has come. */
export function sayFile({ state, offered, here, chunks, sentChunks, relays, relaysTotal }: FileView): string {
  if (state === 'fetching')
    return here === 0 ? 'Asked for. Nothing of it came yet' : `${here} of ${chunks} parts are here`;
  if (state === 'elsewhere') return 'File not on this device';
  if (!offered) return 'File on this device';
  if (relays > 0) return `File on ${relays} of ${relaysTotal} relays`;
  return sentChunks === 0
    ? 'File waits: on no relay yet'
    : `${sentChunks} of ${chunks} parts of the file are on a relay`;
}
