/** What code is thrown. */
import { type Fault, PeerFault } from '../../src/wire/fault.ts';

type Kind = abstract new (...parts: never) => Fault;

/** The code of a fault of a peer, or of one of these kinds; `none` if all is well. Any other is thrown on. */
export function faultOf(work: () => unknown, ...kinds: readonly Kind[]): string {
  try {
    work();
  } catch (fault) {
    for (const kind of [PeerFault, ...kinds]) if (fault instanceof kind) return fault.code;
    throw fault;
  }
  return 'none';
}
