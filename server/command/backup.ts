/** `relay backup` and `relay restore`. */
import type { Command } from 'commander';
import { moment, shown } from '../../src/cli/say.ts';
import { copier, dropCopy, restoreBackup, writeBackup } from '../backup.ts';
import { askRelay, findRelay, withFolder } from './folder.ts';
import { pathOf, type RelayIo } from './io.ts';
import { existsSync } from 'node:fs';
import { CallerFault } from '../../src/wire/fault.ts';

interface Flags {
  readonly data: string;
}

export function addBackup(relay: Command, io: RelayIo): void {
  relay
    .command('backup <folder>')
    .description('Write a backup of a relay, also while it runs: its key, its place and its store')
    .requiredOption('--data <folder>', 'the folder of the relay')
    .addHelpText('after', `\nExample:\n  ${io.program} backup relay1-monday --data relay1`)
    .action((folder: string, flags: Flags) => backup(io, folder, flags));
  relay
    .command('restore <folder>')
    .description('Make a relay out of a backup, in a new folder')
    .requiredOption('--data <folder>', 'the new folder')
    .addHelpText('after', `\nExample:\n  ${io.program} restore relay1-monday --data relay1-again`)
    .action((folder: string, flags: Flags) => restore(io, folder, flags));
}

async function backup(io: RelayIo, folder: string, flags: Flags): Promise<void> {
  const dataDir = pathOf(io, flags.data);
  const to = pathOf(io, folder);
  findRelay(dataDir);
  // Before a large store is copied for nothing.
  if (existsSync(to))
    throw new CallerFault(
      'already-there',
      `${folder} is there already and is never written over. Choose another name.`,
    );
  const carry = (): void => {
    try {
      writeBackup(dataDir, to, io.now());
    } finally {
      dropCopy(dataDir);
    }
  };
  const isRunning = (await askRelay(dataDir, 'POST /copy')) !== undefined;
  if (isRunning) carry();
  else
    await withFolder(
      dataDir,
      () => io.now(),
      async (store) => {
        await copier(store, dataDir)();
        carry();
      },
    );
  io.out(`Wrote a backup of the relay to ${folder}${isRunning ? ', while it runs on' : ''}.`);
  io.out('  It holds the key of the relay: who has it can stand in for this relay. Keep it where only you read it.');
  io.out(`  Back again: ${io.program} restore ${shown(folder)} --data NEW_FOLDER`);
}

async function restore(io: RelayIo, folder: string, flags: Flags): Promise<void> {
  const dataDir = pathOf(io, flags.data);
  const { madeAtMs } = restoreBackup(pathOf(io, folder), dataDir);
  // Opened once: what does not open must be known now, and not when it is needed.
  const envelopes = await withFolder(
    dataDir,
    () => io.now(),
    async (store) => (await store.stats()).envelopes,
  );
  io.out(`Restored the relay of ${moment(madeAtMs)} to ${flags.data}: the same key, ${envelopes} envelopes.`);
  io.out('  Devices see that its store was put back, and bring what came after the backup as far as they have it.');
  io.out('  Never run it beside the relay it was made from.');
}
