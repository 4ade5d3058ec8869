/** What can be wrong with a relay on this machine, in sentences: what happened, what it means, what to do. */
import { Broken, CallerFault, Fault, Refused } from '../wire/fault.ts';

const kept = 'What it has stored is kept, and devices keep what they could not hand over.';

export const relayTrouble = {
  gone: (host: string) =>
    `This machine does not have the address ${host} now, so no device can reach a relay there. It works again by itself when the address is back: connect the same network, or stop the relay and start it on another address.`,
  silent:
    'The relay does not say how it is. Its disk may hang. It is looked at again by itself; if it stays so, restart Muster.',
  disk: `The disk of this machine takes nothing more, so the relay refuses what devices send. ${kept} Free some space: it goes on by itself.`,
  otherKey:
    'The key of this relay is not the one it had, so no device that knows its pin would trust it. It was not started. Put key.pem and certificate.pem back into the folder "relay" beside the vault. If they are lost, remove here.json from it: then a new relay starts, which a new muster list has to name.',
  unknown:
    'The relay cannot be started, and Muster does not know why. It is tried again by itself; the folder "relay" beside the vault holds all of it.',
  noNote:
    'The disk of this machine takes nothing more, so the relay was not started: it would not come back after a crash. Free some space and start it again.',
  noStopNote:
    'The relay has stopped, but the disk of this machine takes nothing more, so this could not be noted: it would start again with Muster. Free some space and stop it once more.',
} as const;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Why a relay could not be started, as a Fault whose sentence names the place. Unknown errors come back as they are. */
export function explainStart(error: unknown, host: string, port: number): unknown {
  const reason = codeOf(error instanceof Fault ? error.cause : error);
  switch (reason) {
    case 'EADDRINUSE':
      return new CallerFault(
        'already-there',
        `Another program on this machine uses port ${port} of ${host}. Nothing was started. End that program, or choose another port.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
      return new CallerFault('not-found', relayTrouble.gone(host), { cause: error });
    case 'EACCES':
      return new CallerFault(
        'not-allowed',
        `This system does not let you use port ${port} or the relay’s folder. Nothing was started. Choose a port above 1023; if that does not help, check who owns the folder "relay" beside the vault.`,
        { cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EROFS':
      return new Refused('disk', relayTrouble.noNote, { cause: error });
    default:
      // The rest of the relay's own sentences are written for a log line.
      return error instanceof Fault && error.side !== 'caller'
        ? new Broken('broken', `The relay was not started: ${error.message}.`, {
            cause: error,
          })
        : error;
  }
}
