/** `muster search`: finds what was written, and rooms by their titles, in what this device holds. Asks no relay. */
import type { Command } from 'commander';
import { maxSearchLength } from '../ipc/limit.ts';
import { viewSearch } from '../responder/search.ts';
import { CallerFault } from '../wire/fault.ts';
import { addDeviceOptions, type DeviceFlags, findRoom, withDevice } from './connect.ts';
import type { Io } from './io.ts';
import { readWhole } from './option.ts';
import { clean, moment, paint } from './say.ts';

interface Flags extends DeviceFlags {
  readonly room?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export function addSearch(program: Command, io: Io): void {
  addDeviceOptions(
    program
      .command('search')
      .description('Find what was written, and rooms by their titles')
      .argument('<words...>', 'in any order; a phrase in quotation marks; the last word may be a beginning'),
  )
    .option('--room <room>', 'only in this one: its title, or the beginning of its id')
    .option('--limit <n>', 'how many messages, the newest', '50')
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nExample:\n  muster search backup '"line two"' rott --dir ada`)
    .action((words: readonly string[], flags: Flags) => search(io, words.join(' '), flags));
}

const search = (io: Io, typed: string, flags: Flags): Promise<void> =>
  withDevice(io, flags, async ({ device }) => {
    if (typed.length > maxSearchLength)
      throw new CallerFault('invalid', `A search has at most ${maxSearchLength} characters.`);
    const limit = readWhole('--limit', flags.limit, 1, 200);
    const room = flags.room === undefined ? {} : { room: findRoom(device, flags.room).id };
    const found = viewSearch(device, typed, { ...room, limit });
    if (flags.json === true) {
      io.out(JSON.stringify(found));
      return;
    }
    const { bold, dim } = paint(io);
    for (const { id, title } of found.rooms) io.out(`  ${bold(clean(title))}  ${dim(`room ${id.slice(0, 8)}`)}`);
    for (const { title, authorName, atMs, text } of found.messages) {
      io.out(`  ${dim(moment(atMs))}  ${bold(clean(authorName))}  ${dim(`in ${clean(title)}`)}`);
      io.out(`      ${clean(text)}`);
    }
    if (found.rooms.length + found.messages.length === 0) io.out('  Nothing on this device answers that.');
    if (found.more) io.out(dim('  There is more; --limit shows up to 200.'));
  });
