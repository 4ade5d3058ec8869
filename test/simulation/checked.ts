/**
 * Signatures that were checked once are known: every device of a world checks the same ones, and in a simulation that is
 * a sixth of all its time. It must answer as the check itself does: by all three inputs, and never for one that throws.
 */
import { sodium } from '../../src/core/sodium.ts';

type Check = ReturnType<typeof sodium>['crypto_sign_verify_detached'];

interface Known {
  readonly message: Uint8Array;
  readonly key: Uint8Array;
  readonly holds: boolean;
}

/** Of one run there are some thousands. */
const mostKnown = 20_000;

/** A check of signatures that remembers. */
export function rememberChecks(check: Check): Check {
  const known = new Map<string, Known>();
  return (signature, message, key) => {
    if (typeof message === 'string') return check(signature, message, key);
    const name = Buffer.from(signature).toString('latin1');
    const before = known.get(name);
    if (before !== undefined && Buffer.compare(before.message, message) === 0 && Buffer.compare(before.key, key) === 0)
      return before.holds;
    const holds = check(signature, message, key);
    if (known.size >= mostKnown) known.clear();
    known.set(name, { message: message.slice(), key: key.slice(), holds });
    return holds;
  };
}

let isRemembering = false;

/** For all that is simulated in this process. */
export function rememberAllChecks(): void {
  if (isRemembering) return;
  isRemembering = true;
  const library = sodium();
  Object.assign(library, { crypto_sign_verify_detached: rememberChecks(library.crypto_sign_verify_detached) });
}
