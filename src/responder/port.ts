/** What a responder needs from the machine: everything a test wants to hold in its own hands. */
import type { Random } from '../core/key.ts';
import type { LinkPorts } from '../link/port.ts';
import type { ProxySetting } from '../link/proxy.ts';
import type { MakeChecker } from './checker.ts';
import type { RelayPorts } from './relayPort.ts';

export interface Ports {
  now(): number;
  /** Fires once; gives the function that cancels it. */
  setTimer(ms: number, fire: () => void): () => void;
  /** Fires when what has arrived by now has been handed over: once per turn of the loop. */
  soon(fire: () => void): void;
  readonly random: Random;
  readonly link: LinkPorts;
  /** What to do about proxies instead of what the vault says: an option or a variable of this run. */
  readonly proxy?: ProxySetting;
  /** A clock that nobody sets, in milliseconds. It may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** The networks this machine is in, as one text: another one when something about them changed. */
  networks(): string;
  readonly relay: RelayPorts;
  /** Begins a thread that checks signatures. Without it they are checked in their steps. */
  readonly checker?: MakeChecker;
  /** One line for the log: a code and a sentence, never content. */
  log(line: { readonly code: string; readonly text: string }): void;
}
