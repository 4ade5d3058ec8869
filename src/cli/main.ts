/**
 * `muster`: the real terminal, environment and process behind the command line. The only file here that touches them.
 */
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { untilStopped } from '../../server/command/signal.ts';
import { deviceDirOf } from '../responder/place.ts';
import { usualCost } from '../vault/stretch.ts';
import { CallerFault } from '../wire/fault.ts';
import type { Io } from './io.ts';
import { run } from './program.ts';

const { platform, env } = process;

/** What is typed is never echoed: readline writes to nowhere, and only the question is shown. */
async function askSecret(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // After the line above, which turns the terminal's echo off: whoever answers quickly must not be shown.
  process.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.question('', resolve);
      lines.once('SIGINT', () => reject(new CallerFault('invalid', 'Stopped. Nothing was changed.')));
      lines.once('close', () => reject(new CallerFault('invalid', 'No passphrase was given. Nothing was changed.')));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

async function readInput(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

const io: Io = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  isTty: process.stdout.isTTY === true && env['NO_COLOR'] === undefined,
  cwd: process.cwd(),
  deviceDir: deviceDirOf({ platform, env, home: homedir() }),
  askSecret,
  readInput,
  now: Date.now,
  untilInterrupted: untilStopped,
  cost: usualCost,
  env,
  isDebug: env['MUSTER_DEBUG'] === '1',
};

// `muster … | head` closes our stdout early; that is no fault of anybody.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await run(process.argv.slice(2), io);
