/** `muster relay`: make a relay's key and place, and run it in the foreground. The relay itself is server/. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import { readAdmission } from '../core/admission.ts';
import { maxBundleBytes, readBundle } from '../core/bundle.ts';
import { wordsOf } from '../core/words.ts';
import { isRelayAddress, writeRelay } from '../directory/relays.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { relayId } from '../wire/id.ts';
import { readAs, shown, writeOver } from './file.ts';
import { type Io, pathOf } from './io.ts';
import { readFingerprint } from './option.ts';
import { digits, facts } from './say.ts';

/** What makes a folder a relay. */
const keyFile = 'key.pem';

interface InitFlags {
  readonly data: string;
  readonly name: string;
  readonly operator: string;
  readonly host?: string;
  readonly address?: readonly string[];
}
interface StartFlags {
  readonly data: string;
  readonly listen: string;
  readonly org: readonly string[];
  readonly admission?: string;
  readonly json?: boolean;
}

export function addRelay(program: Command, io: Io): void {
  const relay = program.command('relay').description('Run a relay: it stores and forwards, and can read nothing');
  relay
    .command('init')
    .description('Make a relay’s key and certificate, and relay.json for the muster list')
    .requiredOption('--data <folder>', 'where the relay keeps its key and its store')
    .requiredOption('--name <name>', 'what people call this relay')
    .option('--operator <text>', 'who runs it', '')
    .option('--host <address>', 'the address it will listen on; 127.0.0.1, or with --address all of this machine')
    .option('--address <host:port...>', 'where devices reach it; without it, the host above and a free port')
    .addHelpText(
      'after',
      '\nExample:\n  muster relay init --data relay1 --name "Relay Oslo" --address 203.0.113.7:7443',
    )
    .action((flags: InitFlags) => init(io, flags));
  relay
    .command('start')
    .description('Run a relay until Ctrl-C')
    .requiredOption('--data <folder>', 'the folder given to muster relay init')
    .option('--listen <host:port>', 'where to listen; port 0 is the one kept in the folder', '127.0.0.1:0')
    .requiredOption('--org <fingerprint...>', 'organisations to serve, 64 digits each')
    .option('--admission <file>', 'who may connect: FILE.admission, which muster list issue wrote')
    .option('--json', 'print one JSON line once it listens')
    .addHelpText(
      'after',
      '\nExample:\n  muster relay start --data relay1 --listen 0.0.0.0:7443 --org FINGERPRINT --admission list.admission',
    )
    .action((flags: StartFlags) => start(io, flags));
}

async function init(io: Io, flags: InitFlags): Promise<void> {
  // Behind an address that others reach, a relay on loopback would be reached by nobody.
  const listenHost = flags.host ?? (flags.address === undefined ? '127.0.0.1' : '0.0.0.0');
  const isAnywhere = flags.host === '0.0.0.0' || flags.host === '::';
  if (isAnywhere && flags.address === undefined) {
    throw new CallerFault(
      'invalid',
      `Devices cannot connect to ${flags.host}: say with --address HOST:PORT where they reach this relay.`,
    );
  }
  const wrong = flags.address?.find((each) => !isRelayAddress(each));
  if (wrong !== undefined)
    throw new CallerFault('invalid', `"${wrong}" is not an address: write HOST:PORT or [HOST]:PORT.`);
  if (flags.name.trim() === '') throw new CallerFault('invalid', 'A relay needs a name: --name "Relay Oslo".');
  const data = pathOf(io, flags.data);
  const isNew = !existsSync(join(data, keyFile));
  const { initRelay } = await import('../../server/run.ts');
  const { pin, port } = await initRelay(data, listenHost);
  const host = listenHost.includes(':') ? `[${listenHost}]` : listenHost;
  const addresses = flags.address ?? [`${host}:${port}`];
  const file = join(flags.data, 'relay.json');
  writeOver(io, file, writeRelay({ relay: pin, name: flags.name.trim(), operator: flags.operator, addresses }));
  const listenPort = flags.address === undefined ? port : Number(/\d+$/.exec(addresses[0] ?? '')?.[0] ?? port);
  io.out(
    isNew
      ? `Made relay ${flags.name.trim()} in ${flags.data}.`
      : `The relay in ${flags.data} keeps its key; ${shown(file)} was written anew.`,
  );
  io.out(
    facts([
      ['addresses', addresses.join(' ')],
      ['pin in words', wordsOf(relayId.bytes(pin)).join(' ')],
      ['pin in digits', digits(pin)],
    ]),
  );
  io.out('');
  io.out(`  Give ${shown(file)} to a custodian for muster list draft, and let them compare the words by voice.`);
  io.out(
    `  Then: muster relay start --data ${shown(flags.data)} --listen ${host}:${listenPort} --org FINGERPRINT --admission list.admission`,
  );
}

async function start(io: Io, flags: StartFlags): Promise<void> {
  const orgs = flags.org.map((each) => readFingerprint('--org', each));
  const inWords = orgs.find((each) => each.length !== 64);
  if (inWords !== undefined) {
    throw new CallerFault(
      'invalid',
      'A relay needs the whole fingerprint, 64 digits: muster org show FILE has them; twelve words are only half of it.',
    );
  }
  // A mistyped folder would make a relay with a new key, which is on no muster list.
  if (!existsSync(join(pathOf(io, flags.data), keyFile))) {
    throw new CallerFault(
      'not-found',
      `There is no relay in ${flags.data}: check the name, or make one with muster relay init.`,
    );
  }
  const admission =
    flags.admission === undefined
      ? undefined
      : readAs(io, flags.admission, 'an issued muster list or its admission part', maxBundleBytes, readAdmissionPart);
  const interrupted = io.untilInterrupted();
  // Loaded only here: a command that is no relay need not wait for one.
  const { runRelay } = await import('../../server/run.ts');
  const relay = await runRelay({
    dataDir: pathOf(io, flags.data),
    listen: flags.listen,
    orgs,
    admission,
    log: pino({ base: {} }, { write: (line: string) => io.err(line.trimEnd()) }),
  });
  const { host, port, pin } = relay;
  if (flags.json === true) io.out(JSON.stringify({ event: 'listening', host, port, pin }));
  else {
    io.out(`Relay listens on ${host.includes(':') ? `[${host}]` : host}:${port}. Ctrl-C stops it.`);
    io.out(facts([['pin', digits(pin)]]));
    if (admission === undefined)
      io.err('No admission list was given: the one kept here is in force; a new relay gets its first from a device.');
  }
  await interrupted;
  await relay.close();
  io.err('The relay has stopped. Everything it acknowledged is on its disk.');
}

/** Of an issued list the part a relay may see, or that part alone. Throws `PeerFault`. */
function readAdmissionPart(bytes: Bytes): Bytes {
  try {
    return readBundle(bytes).admission;
  } catch (fault) {
    if (!(fault instanceof PeerFault) || fault.code !== 'malformed') throw fault;
    readAdmission(bytes);
    return bytes;
  }
}
