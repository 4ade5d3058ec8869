/**
 * The relay process. Prints one JSON line on stdout once it listens, logs to stderr, stops on SIGTERM and SIGINT.
 * The only file here that touches arguments, signals and exit codes.
 */
import { Command } from 'commander';
import { Fault } from '../src/wire/fault.ts';
import { runRelay } from './run.ts';

interface Flags {
  readonly data: string;
  readonly listen: string;
  readonly org: readonly string[];
  readonly admission?: string;
  readonly name?: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const program = new Command('muster-relay')
  .description('Store and forward envelopes for the organisations named. Cannot read any of them.')
  .requiredOption('--data <dir>', 'directory of key, certificate and database')
  .option('--listen <host:port>', 'where to listen; port 0 is the kept port, or any', '127.0.0.1:0')
  .option('--org <fingerprint>', 'an organisation to serve (again for more)', collect, [])
  .option('--admission <file>', 'signed admission list to start with')
  .option('--name <word>', 'name in the log lines')
  .action(async (flags: Flags) => {
    const relay = await runRelay({
      dataDir: flags.data,
      listen: flags.listen,
      orgs: flags.org,
      admissionPath: flags.admission,
      name: flags.name,
    });
    const stop = () => {
      relay.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    process.stdout.write(
      `${JSON.stringify({ event: 'listening', host: relay.host, port: relay.port, pin: relay.pin })}\n`,
    );
  });

try {
  await program.parseAsync();
} catch (error) {
  const isKnown = error instanceof Fault;
  process.stderr.write(`${isKnown ? error.message : `the relay failed: ${String(error)}`}\n`);
  process.exit(isKnown && error.side === 'caller' ? 2 : 1);
}
