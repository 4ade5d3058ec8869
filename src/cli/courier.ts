/** `muster courier`: envelopes carried by hand, where no relay can be reached. */
import { createReadStream, existsSync } from 'node:fs';
import type { Command } from 'commander';
import { packCourier, packHave, readHave, takeCourier } from '../responder/courier.ts';
import { writeNew } from '../responder/write.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { addDeviceOptions, type DeviceFlags, withDevice } from './connect.ts';
import { checkFree, shown } from './file.ts';
import { type Io, pathOf } from './io.ts';
import { readWhole } from './option.ts';
import { count } from './say.ts';

interface CourierFlags extends DeviceFlags {
  readonly json?: boolean;
}
interface OutFlags extends CourierFlags {
  readonly days?: string;
  readonly have?: string;
}

export function addCourier(program: Command, io: Io): void {
  const courier = program.command('courier').description('Carry messages by hand, where no relay can be reached');
  addDeviceOptions(
    courier
      .command('out')
      .description('Write what this device keeps into a file that another device can take in')
      .argument('<file>', 'the file to make'),
  )
    .option('--days <n>', 'only what came within so many days, and what no relay has yet')
    .option('--have <file>', 'what the other device has, by its `muster courier have`: that is left out')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster courier out stick/monday.courier --dir ada')
    .action((file: string, flags: OutFlags) => out(io, file, flags));
  addDeviceOptions(
    courier.command('in').description('Take in what somebody carried here').argument('<file>', 'the file they brought'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster courier in stick/monday.courier --dir bela')
    .action((file: string, flags: CourierFlags) => takeIn(io, file, flags));
  addDeviceOptions(
    courier
      .command('have')
      .description('Write down which envelopes this device has, so that another packs only the others')
      .argument('<file>', 'the file to make'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster courier have stick/bela.have --dir bela')
    .action((file: string, flags: CourierFlags) => have(io, file, flags));
}

async function out(io: Io, file: string, flags: OutFlags): Promise<void> {
  checkFree(io, file);
  const sinceMs = flags.days === undefined ? 0 : io.now() - readWhole('--days', flags.days, 1, 36_500) * 86_400_000;
  const has = flags.have === undefined ? new Set<string>() : await readSaid(io, flags.have);
  await withDevice(io, flags, async ({ device }) => {
    const bytes = await writeNew(pathOf(io, file), packCourier(device, { sinceMs, has }));
    if (flags.json === true) io.out(JSON.stringify({ file: pathOf(io, file), bytes }));
    else {
      io.out(`Wrote ${shown(file)}, ${count(bytes, 'byte')}.`);
      io.out('  It can be carried openly: nobody reads it who is not in the rooms. Take it in elsewhere with:');
      io.out(`  muster courier in ${shown(file)}`);
    }
  });
}

const have = (io: Io, file: string, flags: CourierFlags): Promise<void> => {
  checkFree(io, file);
  return withDevice(io, flags, async ({ device }) => {
    const bytes = await writeNew(pathOf(io, file), packHave(device));
    if (flags.json === true) io.out(JSON.stringify({ file: pathOf(io, file), bytes }));
    else io.out(`Wrote ${shown(file)}. The other side: muster courier out FILE --have ${shown(file)}`);
  });
};

async function readSaid(io: Io, file: string): Promise<ReadonlySet<string>> {
  try {
    return await readHave(readStream(io, file));
  } catch (fault) {
    if (!(fault instanceof PeerFault)) throw fault;
    throw new PeerFault(fault.code, `${file} does not say what a device has: ${fault.message}.`, { cause: fault });
  }
}

async function takeIn(io: Io, file: string, flags: CourierFlags): Promise<void> {
  checkThere(io, file);
  await withDevice(io, flags, async ({ device }) => {
    const { has, fault, ...taken } = await takeCourier(device, readStream(io, file));
    const { envelopes, entries } = taken;
    if (has.size > 0 && envelopes === 0 && fault === undefined)
      throw new CallerFault(
        'invalid',
        `${file} brings nothing: it says what another device has. Pack the rest for it: muster courier out FILE --have ${shown(file)}`,
      );
    if (flags.json === true) io.out(JSON.stringify({ whole: fault === undefined, ...taken }));
    else if (fault === undefined || envelopes > 0)
      io.out(`Took in ${shown(file)}: ${count(envelopes, 'envelope')}, ${count(entries, 'new entry', 'new entries')}.`);
    if (fault === undefined) return;
    const kept = envelopes > 0 ? ' What came before that was taken in and kept.' : ' Nothing was changed.';
    throw new PeerFault(fault.code, `${file} does not hold: ${fault.message}.${kept} Have it copied again.`, {
      cause: fault,
    });
  });
}

function checkThere(io: Io, file: string): void {
  if (!existsSync(pathOf(io, file))) throw new CallerFault('not-found', `There is no file ${file}. Check the name.`);
}

async function* readStream(io: Io, file: string): AsyncGenerator<Bytes> {
  checkThere(io, file);
  try {
    for await (const piece of createReadStream(pathOf(io, file))) if (piece instanceof Uint8Array) yield piece;
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new CallerFault(
      'not-allowed',
      `${file} cannot be read to its end. Check the stick and that you may open it.`,
      {
        cause,
      },
    );
  }
}
