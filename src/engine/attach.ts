/** What a person does with files. Their bytes are on disk before, or are fetched after: here is only what is said of them. */
import { type FileFacts, fileNameFor, fileTopic, sizeWords } from '../core/attachment.ts';
import type { EntryId } from '../core/id.ts';
import { CallerFault, Refused } from '../wire/fault.ts';
import type { CommandResult, FileCommand } from './event.ts';
import { author } from './feed.ts';
import { beginFetch, endFetch } from './fetch.ts';
import { countAll, dropBytes, fileIn, keepFile, maxFilesBytes } from './file.ts';
import { roomOf } from './room.ts';
import type { FileState } from './state.ts';
import { type Turn, withoutKey } from './turn.ts';

/** Throws `CallerFault`: `not-found`, `not-allowed`, and `Refused('quota')`. */
export function attach(turn: Turn, command: FileCommand): CommandResult {
  const room = roomOf(turn.state, command.room).info.id;
  switch (command.type) {
    case 'send-file': {
      const { file, salt, size } = command;
      const facts: FileFacts = { file, salt, size, key: turn.random(32) };
      const name = fileNameFor(command.name);
      const entry = author(turn, room, { type: 'file', ...facts, name });
      keepFile(turn, { ...stateOf(command, entry.id, { ...facts, name }), isOffered: true });
      turn.state = { ...turn.state, fileBytes: turn.state.fileBytes + size };
      return { room, entry: entry.id };
    }
    case 'fetch-file': {
      const { entry, here, known } = command;
      const file = fileIn(turn.state, entry) ?? stateOf(command, entry, known);
      if (file.fetching !== undefined || here.size === countAll(file)) return { room, entry };
      if (turn.state.fileBytes + known.size > maxFilesBytes)
        throw new Refused(
          'quota',
          `The files on this device have ${sizeWords(turn.state.fileBytes)} already. Drop some of them first; nothing was fetched.`,
        );
      beginFetch(turn, file, here);
      return { room, entry };
    }
    case 'offer-file': {
      const { entry, here, known } = command;
      const file = fileIn(turn.state, entry) ?? stateOf(command, entry, known);
      if (here.size !== countAll(file))
        throw new CallerFault('not-allowed', 'This file is not whole on this device, so it cannot be sent from here.');
      // From the beginning: that a relay had it once does not mean that it has it now, and what it has costs it nothing.
      for (const relay of turn.state.relays.keys()) turn.write({ type: 'file-held', room, entry, relay, count: 0 });
      keepFile(turn, { ...file, isOffered: true, held: new Map() });
      return { room, entry };
    }
    case 'drop-file':
      return drop(turn, command);
    default:
      return command satisfies never;
  }
}

function stateOf(
  { room }: Pick<FileCommand, 'room'>,
  entry: EntryId,
  { name, ...facts }: FileFacts & { readonly name: string },
): FileState {
  return { room, entry, facts, name, topic: fileTopic(facts), isOffered: false, held: new Map() };
}

/** What was said of it stays in the log; the bytes go. */
function drop(turn: Turn, { room, entry }: FileCommand & { readonly type: 'drop-file' }): CommandResult {
  const file = fileIn(turn.state, entry);
  if (file?.isOffered === true && ![...file.held.values()].includes(countAll(file)))
    throw new CallerFault(
      'not-allowed',
      'No relay has all of this file yet, so it may be nowhere else. It was not dropped.',
    );
  if (file?.fetching !== undefined) endFetch(turn, { ...file, isOffered: false });
  dropBytes(turn, room, entry);
  turn.state = { ...turn.state, files: withoutKey(turn.state.files, entry) };
  turn.roomChanged(room);
  return { room, entry };
}
