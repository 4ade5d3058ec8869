/**
 * The only file that names libsodium. It waits for the WebAssembly once, at start; everything after that is
 * synchronous, so the core never awaits. What the relay may use of it (hash and verify) stands in verify.ts.
 */
import library from 'libsodium-wrappers';

let ready = false;

/** Must have resolved before any other function of the core is called. Calling it again costs nothing. */
export async function loadSodium(): Promise<void> {
  await library.ready;
  ready = true;
}

export function sodium(): typeof library {
  if (!ready) throw new Error('loadSodium() has not finished yet');
  return library;
}
