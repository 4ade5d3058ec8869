/**
 * The only file that names libsodium. It is made ready once, at start; everything after that is synchronous, so the core
 * never awaits. A relay does not load it (server/check.ts).
 */
import library from 'libsodium-wrappers';

let ready: typeof library | undefined;

/** Must have resolved before any other function of the core is called. Calling it again costs nothing. */
export async function loadSodium(): Promise<void> {
  await library.ready;
  ready = library;
}

export function sodium(): typeof library {
  if (ready === undefined) throw new Error('loadSodium() has not finished yet');
  return ready;
}
