/**
 * Notices what no event tells a program: that the machine slept, that somebody set its clock, that it is in another
 * network. Looks every few seconds, at clocks and at the system's own list of networks; it must never ask the network.
 */
import type { Ports } from './port.ts';

export interface MachineEvents {
  /** The machine slept, the program stood still, or the clock was set. */
  onJump(): void;
  onNetwork(): void;
}

/** How often to look. Short, because a person who opens a laptop waits for it; a look costs a tenth of a millisecond. */
const lookMs = 5_000;
/** How much later than asked a look may come on a busy machine. */
const lateMs = 10_000;
/** How far the two clocks may drift apart from one look to the next. Slewing moves them by thousandths of this. */
const driftMs = 1_000;

/** The result ends the looking. */
export function watchMachine(
  ports: Pick<Ports, 'now' | 'monotonicMs' | 'networks' | 'setTimer'>,
  events: MachineEvents,
): () => void {
  const read = () => ({ wallMs: ports.now(), steadyMs: ports.monotonicMs(), networks: ports.networks() });
  let before = read();
  let cancel: () => void;
  const look = () => {
    const now = read();
    const wallMs = now.wallMs - before.wallMs;
    const steadyMs = now.steadyMs - before.steadyMs;
    const hasJumped = steadyMs > lookMs + lateMs || Math.abs(wallMs - steadyMs) > driftMs;
    const hasMoved = now.networks !== before.networks;
    before = now;
    cancel = ports.setTimer(lookMs, look);
    if (hasJumped) events.onJump();
    else if (hasMoved) events.onNetwork();
  };
  cancel = ports.setTimer(lookMs, look);
  return () => cancel();
}
