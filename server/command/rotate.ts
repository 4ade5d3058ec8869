/** `relay rotate-cert`: new dates on the same key, or a new key in two steps, so that devices never meet a key they do not know. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod/mini';
import { CallerFault } from '../../src/wire/fault.ts';
import { shown } from '../../src/cli/say.ts';
import { writeRelayCard } from '../../src/wire/card.ts';
import type { RelayId } from '../../src/wire/id.ts';
import { hasIdentity, prepareIdentity, renewCertificate, switchIdentity } from '../certificate.ts';
import { readIfThere, writeWhole } from '../file.ts';
import { cardFile } from '../place.ts';
import { askRelay, findRelay } from './folder.ts';
import { showPin } from './init.ts';
import { pathOf, type RelayIo } from './io.ts';

const nextCard = `next-${cardFile}`;

const cardShape = z.object({ name: z.string(), operator: z.prefault(z.string(), ''), addresses: z.array(z.string()) });

function readCard(text: string): z.output<typeof cardShape> {
  try {
    return cardShape.parse(JSON.parse(text));
  } catch (cause) {
    throw new CallerFault(
      'invalid',
      'The key that will follow was made, and relay.json cannot be read: write it anew with relay init, then repeat this.',
      { cause },
    );
  }
}

interface Flags {
  readonly data: string;
  readonly newKey?: boolean;
  readonly switch?: boolean;
}

export function addRotate(relay: Command, io: RelayIo): void {
  relay
    .command('rotate-cert')
    .description('Give a relay a new certificate on the same key, or a new key')
    .requiredOption('--data <folder>', 'the folder of the relay')
    .option('--new-key', 'make the key that will follow; the one in force stays until --switch')
    .option('--switch', 'put that key in force, once the muster list names its pin')
    .addHelpText('after', `\nExample:\n  ${io.program} rotate-cert --data relay1`)
    .action((flags: Flags) => rotate(io, flags));
}

async function rotate(io: RelayIo, flags: Flags): Promise<void> {
  if (flags.newKey === true && flags.switch === true)
    throw new CallerFault(
      'invalid',
      'One at a time: --new-key makes the key, --switch puts it in force when the muster list names it.',
    );
  const dataDir = pathOf(io, flags.data);
  findRelay(dataDir);
  if (!hasIdentity(dataDir))
    throw new CallerFault(
      'not-found',
      'This relay runs with a key that was given to it: renew it where it comes from.',
    );
  if (flags.newKey === true) {
    const { pin } = await prepareIdentity(dataDir);
    const card = keepNextCard(dataDir, pin);
    io.out('Made the key that will follow. The one in force stays in force: devices go on as before.');
    showPin(io, pin, card);
    const what = card === undefined ? 'give this pin' : `give ${shown(join(flags.data, nextCard))}`;
    io.out(`  1. It is a new pin, so the muster list must be signed anew: ${what} to a custodian, for the old one.`);
    io.out('  2. Every member installs the new list: no relay brings it to them. Wait until they have it.');
    io.out(`  3. Then: ${io.program} rotate-cert --data ${shown(flags.data)} --switch`);
    return;
  }
  if (flags.switch === true) {
    const isRunning = (await askRelay(dataDir, 'GET /healthz')) !== undefined;
    // The card first: after a switch that was cut short nothing would name it any more.
    if (hasIdentity(dataDir, 'next') && existsSync(join(dataDir, nextCard)))
      renameSync(join(dataDir, nextCard), join(dataDir, cardFile));
    const { pin } = switchIdentity(dataDir);
    io.out('The new key is in force. Devices whose muster list names the old pin do not trust this relay any more.');
    showPin(io, pin, readIfThere(join(dataDir, cardFile)));
    io.out('  The key before is old-key.pem beside it. Remove it when every device is back.');
    if (isRunning) io.out('  This relay still runs with the key before: start it again.');
    return;
  }
  const isRunning = (await askRelay(dataDir, 'GET /healthz')) !== undefined;
  const { pin } = await renewCertificate(dataDir);
  io.out('Made a new certificate on the same key. The pin stays, and no device notices.');
  showPin(io, pin, readIfThere(join(dataDir, cardFile)));
  if (isRunning) io.out('  This relay still shows the certificate before: start it again when it suits you.');
}

/** relay.json with the pin to come; nothing where there is none to take name and addresses from. */
function keepNextCard(dataDir: string, pin: RelayId): string | undefined {
  const text = readIfThere(join(dataDir, cardFile));
  if (text === undefined) return undefined;
  const card = writeRelayCard({ ...readCard(text), relay: pin });
  writeWhole(join(dataDir, nextCard), card, 0o644);
  return card;
}
