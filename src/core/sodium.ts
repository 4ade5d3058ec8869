/**
 * The only file that names libsodium. It is loaded once, at start; everything after that is synchronous, so the core
 * never awaits. A relay never asks for it (server/check.ts).
 */
import type library from 'libsodium-wrappers';

let ready: typeof library | undefined;

/** Must have resolved before any other function of the core is called. Calling it again costs nothing. */
export async function loadSodium(): Promise<void> {
  const { default: loaded } = await import('libsodium-wrappers');
  await loaded.ready;
  ready = loaded;
}

export function sodium(): typeof library {
  if (ready === undefined) throw new Error('loadSodium() has not finished yet');
  return ready;
}
