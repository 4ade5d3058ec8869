/** What a responder needs from the machine: everything a test wants to hold in its own hands. */
import type { Random } from '../core/key.ts';
import type { LinkPorts } from '../link/port.ts';
import type { RelayPorts } from './relayPort.ts';

export interface Ports {
  now(): number;
  /** Fires once; gives the function that cancels it. */
  setTimer(ms: number, fire: () => void): () => void;
  /** Fires when what has arrived by now has been handed over: once per turn of the loop. */
  soon(fire: () => void): void;
  readonly random: Random;
  readonly link: LinkPorts;
  readonly relay: RelayPorts;
  /** One line for the log: a code and a sentence, never content. */
  log(line: { readonly code: string; readonly text: string }): void;
}
