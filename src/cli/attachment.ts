/** `muster file`: files of a room, sent, listed, saved and dropped from a terminal. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { sizeWords } from '../core/attachment.ts';
import { type EntryId, entryId, type RoomId } from '../core/id.ts';
import type { FileView } from '../ipc/view.ts';
import { moveFile, saveFile, sendFile } from '../responder/attach.ts';
import { viewFile, viewFiles } from '../responder/fileView.ts';
import type { Responder } from '../responder/responder.ts';
import { CallerFault } from '../wire/fault.ts';
import {
  addDeviceOptions,
  type DeviceFlags,
  findRoom,
  notReached,
  type OpenDevice,
  onRelays,
  withDevice,
} from './connect.ts';
import { checkFree } from './file.ts';
import { type Io, pathOf } from './io.ts';
import { clean, count, moment, table } from './say.ts';

interface FileFlags extends DeviceFlags {
  readonly json?: boolean;
}

const roomArgument = ['<room>', 'its title, or the beginning of its id'] as const;
const fileArgument = ['<id>', 'the beginning of its id, from muster file list'] as const;

export function addFile(program: Command, io: Io): void {
  const file = program.command('file').description('Send files to rooms, and fetch those of others');
  const make = (name: string, what: string) =>
    addDeviceOptions(
      file
        .command(name)
        .description(what)
        .argument(...roomArgument),
    ).option('--json', 'print one JSON object');
  make('send', 'Send a file of at most 100 MB to a room, and wait until a relay has all of it')
    .argument('<path>', 'the file')
    .addHelpText('after', '\nExample:\n  muster file send Everyone firewall.log --dir ada')
    .action((said: string, path: string, flags: FileFlags) => send(io, said, path, flags));
  make('list', 'The files of a room, how much of each is here, and how far relays have it')
    .addHelpText('after', '\nExample:\n  muster file list Everyone --dir ada')
    .action((said: string, flags: FileFlags) => list(io, said, flags));
  make('save', 'Fetch a file if it is not here yet, and save it')
    .argument(...fileArgument)
    .argument('<path>', 'where to; a folder takes it under its own name')
    .addHelpText('after', '\nExample:\n  muster file save Everyone 3f9a firewall.log --dir ada')
    .action((said: string, id: string, path: string, flags: FileFlags) => save(io, said, id, path, flags));
  make('offer', 'Bring a file that is whole here to every relay again')
    .argument(...fileArgument)
    .addHelpText('after', '\nExample:\n  muster file offer Everyone 3f9a --dir ada')
    .action((said: string, id: string, flags: FileFlags) => offer(io, said, id, flags));
  make('drop', 'Take a file off this device; that it was sent stays in the room')
    .argument(...fileArgument)
    .addHelpText('after', '\nExample:\n  muster file drop Everyone 3f9a --dir ada')
    .action((said: string, id: string, flags: FileFlags) => drop(io, said, id, flags));
}

const send = (io: Io, said: string, path: string, flags: FileFlags): Promise<void> =>
  withDevice(io, flags, async (open) => {
    await open.catchUp();
    const room = findRoom(open.device, said);
    const { entry } = await sendFile(open.device, room.id, pathOf(io, path));
    if (entry === undefined) return;
    await open.handOver();
    await bring(io, open, room, entry, flags);
  });

/** Waits until a relay has all of a file, then a while for the others, and says how it came out. */
async function bring(
  io: Io,
  open: OpenDevice,
  room: { readonly id: RoomId; readonly title: string },
  entry: EntryId,
  flags: FileFlags,
): Promise<void> {
  const { device } = open;
  const look = () => viewFile(device, room.id, entry);
  const isThere = await open.progress(() => look().sentChunks / look().chunks, tenths(io));
  const upCount = () => [...device.state.relays.values()].filter(({ up }) => up).length;
  if (isThere)
    await open.progress(
      () => (look().relays >= upCount() ? 1 : look().relays / 1_000),
      () => undefined,
    );
  const file = look();
  if (flags.json === true) io.out(JSON.stringify({ ...file, sent: isThere }));
  if (!isThere)
    throw notReached(
      device,
      `${file.name} is kept on this device; ${file.sentChunks} of its ${file.chunks} parts are on a relay. The rest goes out the next time this device is open${file.trouble === undefined ? '' : `. ${clean(file.trouble)}`}`,
    );
  if (flags.json !== true)
    io.out(
      `Sent ${file.name} (${sizeWords(file.size)}) to ${clean(room.title)}: ${onRelays(device, file.relays)}, on disk.`,
    );
}

const list = (io: Io, said: string, flags: FileFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    const isWhole = await catchUp();
    const files = viewFiles(device, findRoom(device, said).id);
    if (flags.json === true) io.out(JSON.stringify({ whole: isWhole, files }));
    else if (files.length === 0) io.out('  No file was sent here yet.');
    else
      io.out(
        table(
          ['id', 'name', 'size', 'from', 'at', 'where'],
          files.map((file) => [
            file.entry.slice(0, 8),
            file.name,
            sizeWords(file.size),
            file.authorName,
            moment(file.atMs),
            whereWords(file),
          ]),
        ),
      );
    if (!isWhole) throw notReached(device, 'This is what is on this device; there may be more on the relays');
  });

function whereWords(file: FileView): string {
  if (file.state === 'fetching') return `${percent(file.here / file.chunks)} here`;
  if (file.state === 'elsewhere') return 'not fetched';
  if (!file.offered) return 'here';
  return file.relays > 0
    ? `here, on ${file.relays} of ${count(file.relaysTotal, 'relay')}`
    : `here, ${percent(file.sentChunks / file.chunks)} on a relay`;
}

const save = (io: Io, said: string, id: string, path: string, flags: FileFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp, progress }) => {
    await catchUp();
    const room = findRoom(device, said).id;
    const { entry, name } = findFile(device, room, id);
    const target = isFolder(pathOf(io, path)) ? join(path, name) : path;
    checkFree(io, target);
    await moveFile(device, 'fetch-file', room, entry);
    const look = () => viewFile(device, room, entry);
    if (!(await progress(() => look().here / look().chunks, tenths(io))))
      throw notReached(
        device,
        `${look().here} of the ${look().chunks} parts of ${name} are here and kept; the same command goes on from there`,
      );
    await saveFile(device.vault, room, entry, pathOf(io, target));
    const { size } = look();
    if (flags.json === true) io.out(JSON.stringify({ saved: target, name, size }));
    else
      io.out(
        `Saved ${name} (${sizeWords(size)}) as ${clean(target)}. Nobody has looked into it for you: open it with care.`,
      );
  });

const offer = (io: Io, said: string, id: string, flags: FileFlags): Promise<void> =>
  withDevice(io, flags, async (open) => {
    await open.catchUp();
    const room = findRoom(open.device, said);
    const { entry } = findFile(open.device, room.id, id);
    await moveFile(open.device, 'offer-file', room.id, entry);
    await bring(io, open, room, entry, flags);
  });

const drop = (io: Io, said: string, id: string, flags: FileFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, catchUp }) => {
    await catchUp();
    const room = findRoom(device, said).id;
    const { entry, name } = findFile(device, room, id);
    await device.command({ type: 'drop-file', room, entry });
    if (flags.json === true) io.out(JSON.stringify({ dropped: entry }));
    else io.out(`Dropped ${name} from this device. It can be fetched again as long as a relay has it.`);
  });

/** A file by the beginning of its id, or by a name that only one has. Throws `CallerFault`. */
function findFile(device: Responder, room: RoomId, said: string): { readonly entry: EntryId; readonly name: string } {
  const files = viewFiles(device, room);
  const begun = files.filter(({ entry }) => said.length >= 4 && entry.startsWith(said.toLowerCase()));
  const found = begun.length > 0 ? begun : files.filter(({ name }) => name === said);
  const [file] = found;
  if (file === undefined)
    throw new CallerFault('not-found', `There is no file "${said}" in this room. muster file list shows them.`);
  if (found.length > 1)
    throw new CallerFault('invalid', `"${said}" fits ${count(found.length, 'file')}: give more of the id.`);
  return { entry: entryId.parse(file.entry), name: file.name };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const percent = (share: number): string => `${Math.floor(share * 100)} %`;

/** Says each tenth once. */
function tenths(io: Io): (share: number) => void {
  let said = 0;
  return (share) => {
    const tenth = Math.floor(share * 10);
    if (tenth <= said) return;
    said = tenth;
    io.err(`  ${tenth * 10} %`);
  };
}
