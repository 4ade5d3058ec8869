/**
 * A machine that is a relay and nothing else: the commands of `muster relay`, in a program that holds no code that
 * decrypts. With command/signal.ts the only file of the relay that touches arguments, environment, signals and exit
 * codes.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import type { RelayIo } from './command/io.ts';
import { untilStopped } from './command/signal.ts';
import { bootThread } from './thread.ts';

const { env } = process;
const isStart = process.argv[2] === 'start';

const io: Omit<RelayIo, 'admissionOf'> = {
  program: 'node relay.mjs',
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  env,
  cwd: process.cwd(),
  now: Date.now,
  untilInterrupted: untilStopped,
};

async function run(): Promise<number> {
  const { exitCodes, exitHelp, tell } = await import('../src/cli/exit.ts');
  try {
    const { Command } = await import('commander');
    const { readAdmission } = await import('../src/core/admission.ts');
    const { nodeChecker } = await import('./check.ts');
    // A start is waited for, and loads no other command.
    const addAll = isStart
      ? (await import('./command/start.ts')).addStart
      : (await import('./command/program.ts')).addCommands;
    const admissionOf = (file: Bytes): Bytes => {
      readAdmission(file, nodeChecker);
      return file;
    };
    const program = new Command('muster-relay')
      .description('Store and forward envelopes for the organisations named. Cannot read any of them.')
      .exitOverride()
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'muster: ')) })
      .showHelpAfterError('The same command with --help says what it takes.')
      .addHelpText('after', exitHelp);
    addAll(program, { ...io, admissionOf });
    await program.parseAsync();
    return exitCodes.fine;
  } catch (error) {
    return tell({ err: io.err, isDebug: env['MUSTER_DEBUG'] === '1' }, error);
  }
}

if (isStart) bootThread();
// Not awaited where the file ends: the relay that is one file is no module.
void (async () => {
  process.exitCode = await run();
})();
