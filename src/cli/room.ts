/** `muster room`: the rooms of this device, from a terminal. */
import type { Command } from 'commander';
import { entryId, roomId } from '../core/id.ts';
import { maxTextLength } from '../ipc/limit.ts';
import type { MessageView } from '../ipc/view.ts';
import { noteSeen } from '../responder/reading.ts';
import { viewRoom } from '../responder/roomView.ts';
import { viewHome } from '../responder/view.ts';
import { CallerFault } from '../wire/fault.ts';
import {
  addDeviceOptions,
  type DeviceFlags,
  findMember,
  findRoom,
  notReached,
  onRelays,
  withDevice,
} from './connect.ts';
import type { Io } from './io.ts';
import { addMembership } from './membership.ts';
import { readWhole } from './option.ts';
import { clean, count, moment, paint, table } from './say.ts';

interface RoomFlags extends DeviceFlags {
  readonly json?: boolean;
}
interface ReadFlags extends RoomFlags {
  readonly limit: string;
}
interface CreateFlags extends RoomFlags {
  readonly title: string;
  readonly member: readonly string[];
}

export function addRoom(program: Command, io: Io): void {
  const room = program.command('room').description('Read and write in rooms, and say who is in them');
  addDeviceOptions(room.command('list').description('The rooms of this device'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster room list --dir ada')
    .action((flags: RoomFlags) => list(io, flags));
  addDeviceOptions(
    room
      .command('read')
      .description('What was written in a room')
      .argument('<room>', 'its title, or the beginning of its id'),
  )
    .option('--limit <n>', 'how many messages, the newest', '50')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster room read Everyone --dir ada')
    .action((said: string, flags: ReadFlags) => read(io, said, flags));
  addDeviceOptions(
    room
      .command('send')
      .description('Write in a room, and wait until a relay has it on disk')
      .argument('<room>', 'its title, or the beginning of its id')
      .argument('<text>', 'what to say; - reads it from stdin, which keeps it out of the process list'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster room send Everyone "We talk here and nowhere else." --dir ada')
    .action((said: string, text: string, flags: RoomFlags) => send(io, said, text, flags));
  addDeviceOptions(
    room
      .command('create')
      .description('Open a room for some members; you are in it')
      .requiredOption('--title <title>', 'what it is called')
      .requiredOption('--member <name...>', 'who is in, by name'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster room create --title "Incident 7" --member "Béla Szabó" Cleo --dir ada')
    .action((flags: CreateFlags) => create(io, flags));
  addMembership(room, io);
}

const list = (io: Io, flags: RoomFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    const isWhole = await catchUp();
    const { rooms } = viewHome(device);
    if (flags.json === true) io.out(JSON.stringify({ whole: isWhole, rooms }));
    else {
      const rows = rooms.map((room) => [
        room.id.slice(0, 8),
        room.title,
        room.kind,
        room.members,
        room.last === undefined
          ? '-'
          : `${moment(room.last.atMs)}  ${room.last.author === undefined ? '' : `${room.last.author}: `}${room.last.text.slice(0, 60)}`,
      ]);
      io.out(table(['id', 'title', 'kind', 'members', 'last'], rows));
    }
    if (!isWhole) throw notReached(device, 'This is what is on this device; there may be more on the relays');
  });

const read = (io: Io, said: string, flags: ReadFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    const limit = readWhole('--limit', flags.limit, 1, 200);
    const isWhole = await catchUp();
    const room = viewRoom(device, findRoom(device, said).id, undefined, limit);
    if (flags.json === true) io.out(JSON.stringify({ whole: isWhole, ...room }));
    else {
      const { bold, dim } = paint(io);
      io.out(
        bold(`${clean(room.title)}`) +
          dim(`  ${count(room.members.length, 'member')}${room.more ? ', older messages not shown' : ''}`),
      );
      for (const message of room.messages) {
        const who = message.kind === 'notice' ? dim(clean(message.authorName)) : bold(clean(message.authorName));
        const where = message.own ? dim(`  ${delivered(message)}`) : '';
        io.out(`  ${dim(moment(message.atMs))}  ${who}${where}`);
        for (const line of message.text.split('\n')) io.out(`      ${clean(line)}`);
      }
      if (room.messages.length === 0) io.out('  Nothing was written here yet.');
      for (const gap of room.missing)
        io.out(
          `  ${count(gap.entries, 'entry', 'entries')} of ${clean(gap.name)} missing here, from number ${gap.from} of theirs on. Any device that has them gives them; if none does, they are lost.`,
        );
      if (room.waitingForKey > 0)
        io.out(
          `  ${count(room.waitingForKey, 'envelope')} not readable here yet: a key or an earlier entry has not come. What was written before this device was on the list stays closed to it.`,
        );
      // With --json it is a program that reads.
      await noteSeen(device, roomId.parse(room.id), new Set(room.messages.map(({ entry }) => entryId.parse(entry))));
    }
    if (!isWhole) throw notReached(device, 'This is what is on this device; there may be more on the relays');
  });

/** Names that stand in one line. */
const mostNames = 8;

/** What is true of a message now: where it is, and who says to have read it. */
function delivered({ relays, relaysTotal, devices, devicesTotal, members }: MessageView): string {
  const held = relays === 0 ? 'waiting: on no relay yet' : `on ${relays} of ${count(relaysTotal, 'relay')}`;
  const where = `${held} · on ${devices} of ${count(devicesTotal, 'device')}`;
  const readers = members.filter(({ read: has }) => has).map(({ name }) => clean(name));
  if (readers.length === 0) return where;
  const more = readers.length > mostNames ? ` and ${readers.length - mostNames} more` : '';
  return `${where} · read by ${readers.length}: ${readers.slice(0, mostNames).join(', ')}${more}`;
}

async function send(io: Io, said: string, text: string, flags: RoomFlags): Promise<void> {
  const message = (text === '-' ? await io.readInput() : text).trim();
  if (message === '') throw new CallerFault('invalid', 'There is nothing to send: the text is empty.');
  if (message.length > maxTextLength)
    throw new CallerFault(
      'invalid',
      `A message has at most ${maxTextLength} characters; this one has ${message.length}.`,
    );
  await withDevice(io, flags, async ({ device, catchUp, handOver }) => {
    await catchUp();
    const room = findRoom(device, said);
    const { entry } = await device.command({ type: 'send-text', room: room.id, text: message });
    const relays = await handOver();
    if (flags.json === true)
      io.out(JSON.stringify({ sent: relays > 0, entry, relays, relaysTotal: device.state.relays.size }));
    if (relays === 0)
      throw notReached(
        device,
        'Kept on this device, not sent: no relay took it in time. It goes out the next time this device is open',
      );
    if (flags.json !== true) io.out(`Sent to ${clean(room.title)}: ${onRelays(device, relays)}, on disk.`);
  });
}

const create = (io: Io, flags: CreateFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp, handOver }) => {
    if (flags.title.trim() === '' || flags.title.length > 80)
      throw new CallerFault('invalid', 'A title has 1 to 80 characters.');
    const members = flags.member.map((each) => findMember(device.state.list.members, each).id);
    await catchUp();
    const { room } = await device.command({ type: 'create-room', title: flags.title.trim(), members });
    const relays = await handOver();
    if (flags.json === true)
      io.out(JSON.stringify({ sent: relays > 0, room, relays, relaysTotal: device.state.relays.size }));
    if (relays === 0)
      throw notReached(
        device,
        'The room is on this device; its members learn of it the next time this device is open and reaches a relay',
      );
    const all = viewRoom(device, room, undefined, 1).members.length;
    if (flags.json !== true)
      io.out(
        `Opened ${clean(flags.title.trim())} (${room.slice(0, 8)}) with ${count(all, 'member')}: ${onRelays(device, relays)}.`,
      );
  });
