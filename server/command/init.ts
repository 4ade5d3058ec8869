/** `relay init`: a relay's key and place, and relay.json for the muster list. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { digits, facts, shown } from '../../src/cli/say.ts';
import { wordsOf } from '../../src/core/words.ts';
import { utf8 } from '../../src/wire/bytes.ts';
import { cardLimit, writeRelayCard } from '../../src/wire/card.ts';
import { CallerFault } from '../../src/wire/fault.ts';
import { type RelayId, relayId } from '../../src/wire/id.ts';
import { configFile, writeConfig } from '../config.ts';
import { writeWhole } from '../file.ts';
import { addressOf, textOf } from '../option.ts';
import { cardFile } from '../place.ts';
import { type RelayIo, pathOf } from './io.ts';

interface InitFlags {
  readonly data: string;
  readonly name: string;
  readonly operator: string;
  readonly host?: string;
  readonly address?: readonly string[];
}

export function addInit(relay: Command, io: RelayIo): void {
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
      `\nExample:\n  ${io.program} init --data relay1 --name "Relay Oslo" --address 203.0.113.7:7443`,
    )
    .action((flags: InitFlags) => init(io, flags));
}

async function init(io: RelayIo, flags: InitFlags): Promise<void> {
  // Behind an address that others reach, a relay on loopback would be reached by nobody.
  const listenHost = flags.host ?? (flags.address === undefined ? '127.0.0.1' : '0.0.0.0');
  const isAnywhere = flags.host === '0.0.0.0' || flags.host === '::';
  if (isAnywhere && flags.address === undefined) {
    throw new CallerFault(
      'invalid',
      `Devices cannot connect to ${flags.host}: say with --address HOST:PORT where they reach this relay.`,
    );
  }
  const wrong = flags.address?.find((each) => (addressOf(each)?.port ?? 0) === 0);
  if (wrong !== undefined)
    throw new CallerFault('invalid', `"${wrong}" is not an address: write HOST:PORT or [HOST]:PORT.`);
  const name = flags.name.trim();
  if (name === '') throw new CallerFault('invalid', 'A relay needs a name: --name "Relay Oslo".');
  checkLengths(name, flags);
  const data = pathOf(io, flags.data);
  const { hasIdentity } = await import('../certificate.ts');
  const { initRelay } = await import('../run.ts');
  const isNew = !hasIdentity(data);
  const { pin, port } = await initRelay(data, listenHost, addressOf(flags.address?.[0] ?? '')?.port);
  const listen = textOf({ host: listenHost, port });
  const addresses = flags.address ?? [listen];
  const card = writeRelayCard({ relay: pin, name, operator: flags.operator, addresses });
  writeWhole(join(data, cardFile), card, 0o644);
  if (!existsSync(join(data, configFile))) writeWhole(join(data, configFile), writeConfig({ listen, name }), 0o644);
  io.out(
    isNew
      ? `Made relay ${name} in ${flags.data}.`
      : `The relay in ${flags.data} keeps its key; relay.json was written anew.`,
  );
  showPin(io, pin, card, [['addresses', addresses.join(' ')]]);
  io.out(
    `  Give ${shown(join(flags.data, cardFile))} to a custodian for muster list draft, and let them compare the words by voice.`,
  );
  io.out(`  Then: ${io.program} start --data ${shown(flags.data)} --org FINGERPRINT --admission list.admission`);
  io.out(`  Where it listens and everything else it can be told is in ${shown(join(flags.data, configFile))}.`);
}

/** A card that no custodian's program takes, and a name that no start takes, must not be made. */
function checkLengths(name: string, { operator, address = [] }: InitFlags): void {
  if (name.length > cardLimit.name || operator.trim().length > cardLimit.operator)
    throw new CallerFault('invalid', `Name and operator of a relay have ${cardLimit.name} characters at most.`);
  if (address.length > cardLimit.addresses || address.some((each) => each.length > cardLimit.address))
    throw new CallerFault(
      'invalid',
      `A relay has ${cardLimit.addresses} addresses at most, of ${cardLimit.address} characters each.`,
    );
}

/** Bytes in a QR code that is no wider than a terminal: broken over two lines no camera reads it. */
const mostQrBytes = 458;

/** The pin as people compare it by voice and by eye, and relay.json, where there is one, for a camera. */
export function showPin(
  io: RelayIo,
  pin: RelayId,
  card: string | undefined,
  more: readonly (readonly [string, string])[] = [],
): void {
  io.out(facts([...more, ['pin in words', wordsOf(relayId.bytes(pin)).join(' ')], ['pin in digits', digits(pin)]]));
  io.out('');
  if (card === undefined || utf8(card).length > mostQrBytes) return;
  io.out(renderUnicodeCompact(card, { border: 2 }).replace(/^/gm, '  '));
  io.out('  relay.json as a QR code');
  io.out('');
}
