/** Whether one muster list may take the place of another. Never backwards, and never two of one version. */
import { CallerFault, PeerFault } from '../wire/fault.ts';
import type { MusterList } from './list.ts';

/**
 * Both were read and descend from the same organisation. Throws `PeerFault`: `rolled-back` for a version older than the
 * one held, `equivocation` for another of the same version or one that does not follow; `CallerFault('already-there')`
 * for the one held.
 */
export function checkNext(current: MusterList, next: MusterList): void {
  if (next.version < current.version) {
    throw new PeerFault(
      'rolled-back',
      `This device holds muster list ${current.version}; version ${next.version} is older and was not taken.`,
    );
  }
  if (next.version === current.version) {
    if (next.id === current.id)
      throw new CallerFault('already-there', `This device holds muster list ${current.version} already.`);
    throw new PeerFault(
      'equivocation',
      `There are two different muster lists of version ${current.version}. Ask the custodians; nothing was changed.`,
    );
  }
  if (next.version === current.version + 1 && next.previous !== current.id)
    throw new PeerFault('equivocation', 'This muster list does not follow from the one this device holds.');
}
