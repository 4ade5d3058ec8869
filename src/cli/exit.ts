/**
 * Exit codes by whose fault it is, and the one place that tells a person what went wrong. A script may rely on the
 * codes; texts may change.
 */
import { CommanderError } from 'commander';
import { Fault } from '../wire/fault.ts';
import { clean } from './say.ts';

export const exitCodes = { fine: 0, peer: 1, caller: 2, refused: 3, ours: 4 } as const;

export const exitHelp = `
Exit codes:
  0  done
  1  the thing that was checked is not what it claims to be
  2  wrong usage, a wrong passphrase, or something that cannot be read
  3  refused: a limit, not admitted, or nothing could be reached in time
  4  a fault of Muster or of this machine`;

/** Prints what there is to say and gives the exit code. Never throws. */
export function tell(io: { err(text: string): void; readonly isDebug: boolean }, error: unknown): number {
  // Help and version come through here as well; commander has printed whatever there was to print.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.caller;
  if (io.isDebug && error instanceof Error) io.err(error.stack ?? '');
  if (error instanceof Fault && error.side !== 'ours') {
    io.err(`muster: ${sentence(error.message)}`);
    return exitCodes[error.side];
  }
  // The text of an unknown error can quote what it was given, so only its kind is shown.
  const text =
    error instanceof Fault
      ? sentence(error.message)
      : `Something went wrong inside Muster (${error instanceof Error ? error.name : typeof error}).`;
  io.err(`muster: ${text}`);
  io.err(
    'That is a fault of this machine or of Muster. If you cannot mend it here, report it with the command you ran; MUSTER_DEBUG=1 shows more.',
  );
  return exitCodes.ours;
}

/** As a sentence: Faults from below are sometimes half of one. Line ends are ours and stay. */
const sentence = (text: string): string => {
  const whole = text.split('\n').map(clean).join('\n');
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
};
