/** `relay admit`: puts an admission list in force, at once at a relay that runs. */
import type { Command } from 'commander';
import { readAdmission } from '../../src/core/admission.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import { nodeChecker } from '../check.ts';
import { keptPlace } from '../place.ts';
import { askRelay, findRelay, withFolder } from './folder.ts';
import { pathOf, type RelayIo, readListFile } from './io.ts';

interface Flags {
  readonly data: string;
}

export function addAdmit(relay: Command, io: RelayIo): void {
  relay
    .command('admit <file>')
    .description('Put an admission list in force: who is not on it any more is cut off at once')
    .requiredOption('--data <folder>', 'the folder of the relay')
    .addHelpText('after', `\nExample:\n  ${io.program} admit list.admission --data relay1`)
    .action((file: string, flags: Flags) => admit(io, file, flags));
}

async function admit(io: RelayIo, file: string, flags: Flags): Promise<void> {
  const dataDir = pathOf(io, flags.data);
  findRelay(dataDir);
  const bytes = readListFile(io, file);
  const { org, admission } = readAdmission(bytes, nodeChecker);
  if (!(keptPlace(dataDir)?.orgs ?? []).includes(org)) {
    throw new PeerFault(
      'wrong-organisation',
      `${file} is of organisation ${org.slice(0, 8)}…, which this relay did not serve when it ran last. Start it with --org ${org} first.`,
    );
  }
  const isRunning = await putInForce(dataDir, () => io.now(), bytes, file);
  io.out(
    `Admission list ${admission.version} of ${org.slice(0, 8)}… is in force: ${admission.access.length} devices may connect.`,
  );
  io.out(
    isRunning
      ? '  Devices that are not on it any more have been cut off.'
      : '  This relay does not run; the list holds when it starts.',
  );
}

/** Whether a relay runs that has it now. Throws `PeerFault('rolled-back')` when a newer one is in force. */
async function putInForce(dataDir: string, now: () => number, bytes: Uint8Array, file: string): Promise<boolean> {
  try {
    const answer = await askRelay(dataDir, 'POST /admit', bytes);
    if (answer === undefined) await withFolder(dataDir, now, (_, gate) => gate.admit(bytes));
    return answer !== undefined;
  } catch (error) {
    if (!(error instanceof PeerFault) || error.code !== 'rolled-back') throw error;
    throw new PeerFault(
      'rolled-back',
      `${file} is older than the list in force at this relay, or another one of the same version. The one in force stays.`,
      { cause: error },
    );
  }
}
