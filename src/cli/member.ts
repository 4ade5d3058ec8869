/** `muster member compare`: two people make sure that each has the other's right keys. */
import { type Command, Option } from 'commander';
import { verificationWays } from '../core/body.ts';
import { nameOf } from '../core/list.ts';
import { checkCode, viewComparison } from '../responder/compare.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { addDeviceOptions, type DeviceFlags, findMember, notReached, onRelays, withDevice } from './connect.ts';
import { shown } from './file.ts';
import type { Io } from './io.ts';
import { clean, moment, paint } from './say.ts';

type How = (typeof verificationWays)[number];

interface Flags extends DeviceFlags {
  readonly json?: boolean;
  readonly confirm?: How;
  readonly code?: string;
  readonly withdraw?: boolean;
}

export function addMember(program: Command, io: Io): void {
  const member = program.command('member').description('Compare keys with another member');
  addDeviceOptions(
    member
      .command('compare')
      .description('Show the eight words and the code that you and another member must both see; record the outcome')
      .argument('<name>', 'who, by name'),
  )
    .addOption(new Option('--confirm <how>', 'record that they are the same on both sides').choices(verificationWays))
    .option('--code <text>', 'check the code from the other one’s screen, and record it if it is right')
    .option('--withdraw', 'take back that you compared')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  muster member compare "Béla Szabó" --dir ada\n  muster member compare "Béla Szabó" --confirm words --dir ada',
    )
    .action((said: string, flags: Flags) => compare(io, said, flags));
}

async function compare(io: Io, said: string, flags: Flags): Promise<void> {
  if ([flags.confirm, flags.code, flags.withdraw].filter((each) => each !== undefined).length > 1)
    throw new CallerFault('invalid', 'One at a time: --confirm, --code or --withdraw.');
  const isNoted = flags.confirm !== undefined || flags.code !== undefined || flags.withdraw === true;
  return isNoted ? note(io, said, flags) : show(io, said, flags);
}

/** Needs no relay: two people who stand beside each other can compare when nothing else works. */
const show = (io: Io, said: string, flags: Flags): Promise<void> =>
  withDevice(io, flags, async ({ device }) => {
    const { id } = findMember(device.state.list.members, said);
    const { member, name, words, code, compared } = viewComparison(device, id);
    if (flags.json === true) {
      io.out(JSON.stringify({ member, name, words, code, ...(compared === undefined ? {} : { compared }) }));
      return;
    }
    const { bold } = paint(io);
    const again = `muster member compare "${clean(name)}"${flags.dir === undefined ? '' : ` --dir ${shown(flags.dir)}`}`;
    io.out(`You and ${bold(clean(name))} must both see this. Read it to each other, by a voice you know.`);
    io.out('');
    io.out(`      ${bold(words.join(' '))}`);
    io.out('');
    io.out(`  code      ${code}`);
    io.out(
      `  compared  ${compared === undefined ? 'not yet' : `by ${compared.how}, ${moment(compared.atMs)}; --withdraw takes it back`}`,
    );
    io.out('');
    io.out(`  The same on both sides?  ${again} --confirm words`);
    io.out('  Not the same?            Do not talk here. Call a custodian.');
  });

const note = (io: Io, said: string, flags: Flags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp, handOver }) => {
    const member = findMember(device.state.list.members, said);
    const name = clean(nameOf(member));
    const matches = flags.code === undefined || checkCode(device, member.id, flags.code);
    if (!matches) {
      if (flags.json === true) io.out(JSON.stringify({ matches: false, recorded: false }));
      throw new PeerFault(
        'unknown-key',
        `This code is not of you and ${name}: one of you has a wrong key for the other. Do not talk here; call a custodian. Nothing was recorded`,
      );
    }
    await catchUp();
    const holds = flags.withdraw !== true;
    const how = flags.code === undefined ? (flags.confirm ?? 'words') : 'code';
    const { entry } = await device.command({ type: 'verify', member: member.id, how, holds });
    const relays = await handOver();
    if (flags.json === true)
      io.out(
        JSON.stringify({
          ...(flags.code === undefined ? {} : { matches }),
          recorded: holds,
          sent: relays > 0,
          entry,
          relays,
          relaysTotal: device.state.relays.size,
        }),
      );
    if (relays === 0)
      throw notReached(
        device,
        'Recorded on this device; no relay took it in time. It goes out the next time this device is open',
      );
    if (flags.json !== true)
      io.out(
        `${holds ? `Keys compared with ${name}, by ${how}` : `No longer compared with ${name}`}: ${onRelays(device, relays)}, on disk.`,
      );
  });
