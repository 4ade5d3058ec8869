/** `muster device`: make this person's device, and say who it is. Its keys are made here and never leave. */
import type { Command } from 'commander';
import { readBundle } from '../core/bundle.ts';
import { nameOf } from '../core/list.ts';
import { makeDevice, renewDevice } from '../responder/device.ts';
import { hasVault } from '../vault/folder.ts';
import { Vault } from '../vault/vault.ts';
import { CallerFault } from '../wire/fault.ts';
import { checkFree, type DirFlags, findDevice, shown, writeNew } from './file.ts';
import { type Io, pathOf } from './io.ts';
import { addPassphraseOption, askNewPassphrase, askPassphrase, type PassphraseFlags } from './passphrase.ts';
import { facts, moment, paint } from './say.ts';
import { wordsOfJoin } from './show.ts';

interface RenewFlags extends PassphraseFlags, DirFlags {
  readonly name: string;
  readonly out: string;
}

interface InitFlags extends PassphraseFlags {
  readonly dir?: string;
  readonly handle: string;
  readonly name: string;
  readonly out: string;
}

export function addDevice(program: Command, io: Io): void {
  const device = program.command('device').description('Make this person’s device');
  addPassphraseOption(
    device
      .command('init')
      .description('Make a device and its join request for a custodian')
      .option('--dir <folder>', 'where the device lives')
      .requiredOption('--handle <handle>', 'your line in the contact file')
      .requiredOption('--name <name>', 'what to call this device, for example "Ada’s laptop"')
      .requiredOption('--out <file.join>', 'where to write the join request'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  muster device init --dir ada --handle ada --name "Ada’s laptop" --out ada.join',
    )
    .action((flags: InitFlags) => init(io, flags));
  addPassphraseOption(
    device
      .command('renew')
      .description('Make new keys for a device that was copied or put back to an earlier state')
      .option('--dir <folder>', 'where the device lives')
      .requiredOption('--name <name>', 'what to call it from then on, for example "Ada’s laptop, again"')
      .requiredOption('--out <file.join>', 'where to write the join request'),
  )
    .addHelpText(
      'after',
      '\nIt stays the device it is until it takes in a list that names the new keys.\n\nExample:\n  muster device renew --dir ada --name "Ada’s laptop, again" --out ada2.join',
    )
    .action((flags: RenewFlags) => renew(io, flags));
  addPassphraseOption(
    device
      .command('reading')
      .description('Whether rooms are told what is read on this device: they are, unless it is hidden')
      .argument('<tell|hide>', 'tell it, or hide it')
      .option('--dir <folder>', 'where the device lives'),
  )
    .addHelpText('after', '\nExample:\n  muster device reading hide --dir ada')
    .action((said: string, flags: PassphraseFlags & DirFlags) => setReading(io, said, flags));
  addPassphraseOption(
    device
      .command('show')
      .description('Show which device this is and which muster list it holds')
      .option('--dir <folder>', 'where the device lives'),
  )
    .addHelpText('after', '\nExample:\n  muster device show --dir ada')
    .action((flags: PassphraseFlags & DirFlags) => show(io, flags));
}

async function setReading(io: Io, said: string, flags: PassphraseFlags & DirFlags): Promise<void> {
  if (said !== 'tell' && said !== 'hide')
    throw new CallerFault('invalid', `Say tell or hide, not "${said}". Nothing was changed.`);
  const vault = await Vault.open(findDevice(io, flags), await askPassphrase(io, flags, 'this device'));
  try {
    vault.putHidesReading(said === 'hide');
  } finally {
    vault.close();
  }
  io.out(
    said === 'hide'
      ? 'From now on nobody is told what is read on this device. What was told before stays told.'
      : 'From now on rooms are told what is read on this device.',
  );
}

async function init(io: Io, flags: InitFlags): Promise<void> {
  const dir = pathOf(io, flags.dir ?? io.deviceDir);
  if (!/^[a-z0-9][a-z0-9._-]{0,59}$/.test(flags.handle)) {
    throw new CallerFault(
      'invalid',
      `"${flags.handle}" is not a handle: small letters, digits and . _ - only, as in the contact file.`,
    );
  }
  checkName(flags.name);
  checkFree(io, flags.out);
  if (hasVault(dir))
    throw new CallerFault(
      'already-there',
      `There is a device in ${dir} already. Choose another folder; nothing was changed.`,
    );
  const passphrase = await askNewPassphrase(io, flags, 'this device');
  const join = await makeDevice({
    dir,
    passphrase,
    handle: flags.handle,
    name: flags.name.trim(),
    nowMs: io.now(),
    cost: io.cost,
  });
  writeNew(io, flags.out, join);
  io.out(`Made a device for "${flags.handle}" in ${dir}.`);
  tellToHandOver(io, flags.out, join);
}

function checkName(name: string): void {
  if (name.trim() === '' || Buffer.byteLength(name) > 60)
    throw new CallerFault('invalid', 'The name of a device has 1 to 60 characters.');
}

function tellToHandOver(io: Io, out: string, join: Uint8Array): void {
  io.out('');
  io.out(`  Hand ${shown(out)} to a custodian. Then read these eight words to them, by voice:`);
  io.out('');
  io.out(`      ${paint(io).bold(wordsOfJoin(join))}`);
  io.out('');
  io.out('  They see the same words when they draft the list. If theirs differ, the file was swapped on the way.');
}

async function renew(io: Io, flags: RenewFlags): Promise<void> {
  checkName(flags.name);
  checkFree(io, flags.out);
  const dir = findDevice(io, flags);
  const vault = await Vault.open(dir, await askPassphrase(io, flags, 'this device'));
  try {
    const join = renewDevice(vault, flags.name.trim(), io.now());
    writeNew(io, flags.out, join);
    io.out(`Made new keys for the device in ${dir}. It goes on with them when it takes in a list that names them.`);
    io.out('  They go into the next draft in the place of its old join request.');
    tellToHandOver(io, flags.out, join);
  } finally {
    vault.close();
  }
}

async function show(io: Io, flags: PassphraseFlags & DirFlags): Promise<void> {
  const dir = findDevice(io, flags);
  const vault = await Vault.open(dir, await askPassphrase(io, flags, 'this device'));
  try {
    const { handle, device } = vault.readKeyring();
    const bytes = vault.readBundle();
    const list = bytes === undefined ? undefined : readBundle(bytes).list;
    const me = list?.members.find((member) => member.id === device.member);
    io.out(
      facts([
        ['device', device.name],
        ['id', device.id],
        ['handle', handle],
        ['made', moment(device.createdAtMs)],
        ['reading', vault.hidesReading() ? 'is told to nobody' : 'is told to the room'],
        [
          'muster list',
          list === undefined
            ? 'none yet: hand the join file to a custodian'
            : `${list.version} of ${list.genesis.name}`,
        ],
        ...(me === undefined ? [] : [['member', `${nameOf(me)}, ${me.role}`] as const]),
      ]),
    );
  } finally {
    vault.close();
  }
}
