/**
 * The command line as a function: arguments and a world in, an exit code out. One noun, one file; one catch for all.
 * It never ends the process and never reads it.
 */
import { Command } from 'commander';
import { loadSodium } from '../core/sodium.ts';
import { appVersion } from '../responder/version.ts';
import { addFile } from './attachment.ts';
import { addCourier } from './courier.ts';
import { addDemo } from './demo/command.ts';
import { addDevice } from './device.ts';
import { addDrill } from './drill.ts';
import { exitCodes, exitHelp, tell } from './exit.ts';
import type { Io } from './io.ts';
import { addList } from './list.ts';
import { addMember } from './member.ts';
import { addOpen } from './open.ts';
import { addOrg } from './org.ts';
import { addProxy } from './proxy.ts';
import { addRelay } from './relay.ts';
import { addReport } from './report.ts';
import { addRoom } from './room.ts';
import { addSearch } from './search.ts';
import { addVerify } from './verify.ts';

function makeProgram(io: Io): Command {
  const program = new Command('muster')
    .description('Muster: an out-of-band channel for incident responders, with drills and evidence.')
    .version(appVersion, '--version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.replace(/\n$/, '')),
      writeErr: (text) => io.err(text.replace(/\n$/, '')),
      outputError: (text, write) => write(withQuotes(text.replace(/^error: /, 'muster: '))),
    })
    .showHelpAfterError('The same command with --help says what it takes.')
    .addHelpText(
      'after',
      `${exitHelp}

A device is looked for in the folder given with --dir, else in MUSTER_DIR, else in ${io.deviceDir}
`,
    );
  addOrg(program, io);
  addDevice(program, io);
  addList(program, io);
  addRelay(program, io);
  addProxy(program, io);
  addRoom(program, io);
  addFile(program, io);
  addSearch(program, io);
  addMember(program, io);
  addDrill(program, io);
  addCourier(program, io);
  addReport(program, io);
  addVerify(program, io);
  addOpen(program, io);
  addDemo(program, io);
  return program;
}

/** A message without quotation marks around it is the usual way to come by too many arguments. */
const withQuotes = (text: string): string =>
  text.replace(/( got \d+\.)\n/, '$1 What has blanks in it goes in quotation marks.\n');

/** Runs one command line (without the program's name). Never throws. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await loadSodium();
    await makeProgram(io).parseAsync([...args], { from: 'user' });
    return exitCodes.fine;
  } catch (error) {
    return tell(io, error);
  }
}
