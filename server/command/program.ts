/** All relay commands, added to a program: `muster relay`, or the relay's own. */
import type { Command } from 'commander';
import { addAdmit } from './admit.ts';
import { addBackup } from './backup.ts';
import { addInit } from './init.ts';
import type { RelayIo } from './io.ts';
import { addRotate } from './rotate.ts';
import { addStart } from './start.ts';
import { addStatus } from './status.ts';

export function addCommands(relay: Command, io: RelayIo): void {
  addInit(relay, io);
  addStart(relay, io);
  addStatus(relay, io);
  addBackup(relay, io);
  addRotate(relay, io);
  addAdmit(relay, io);
}
