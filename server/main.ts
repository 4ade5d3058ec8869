/**
 * A machine that is a relay and nothing else: the commands of `muster relay`, in a program that holds no code that
 * decrypts. The only file of the relay that touches arguments, environment, signals and exit codes.
 */
import { Command } from 'commander';
import { exitCodes, exitHelp, tell } from '../src/cli/exit.ts';
import { loadSodium } from '../src/core/sodium.ts';
import type { RelayIo } from './command/io.ts';
import { addCommands } from './command/program.ts';

const { env } = process;

const io: RelayIo = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  env,
  cwd: process.cwd(),
  now: Date.now,
  untilInterrupted: untilStopped,
  admissionOf: (file) => file,
};

/** The second signal finds no listener, and ends the process there and then. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

try {
  await loadSodium();
  const program = new Command('muster-relay')
    .description('Store and forward envelopes for the organisations named. Cannot read any of them.')
    .exitOverride()
    .addHelpText('after', exitHelp);
  addCommands(program, io);
  await program.parseAsync();
  process.exitCode = exitCodes.fine;
} catch (error) {
  process.exitCode = tell({ err: io.err, isDebug: env['MUSTER_DEBUG'] === '1' }, error);
}
