/** Entries as a screen is shown them: pages of a room, and what answers a question. Reads only. */
import { reopenEntry } from '../core/entry.ts';
import { type DeviceId, deviceId, type EntryId, entryId, type RoomId, roomId } from '../core/id.ts';
import type { Bytes } from '../wire/bytes.ts';
import { type RelayId, relayId } from '../wire/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';
import { find, textOf } from './search.ts';
import { type Excerpt, excerptOf, type Question } from './words.ts';

/** An entry as it is kept: still the signed bytes, opened by whoever asks. */
export interface KeptEntry {
  readonly position: number;
  readonly id: EntryId;
  readonly device: DeviceId;
  readonly seq: number;
  readonly timeMs: number;
  readonly bytes: Bytes;
  readonly relays: readonly RelayId[];
}

/** An entry that answers a question, and the part of it that does. */
export interface FoundEntry extends KeptEntry {
  readonly room: RoomId;
  readonly excerpt: Excerpt;
}

/** The newest `count` entries of a room before an entry (or of all), oldest first. */
export function readPageTo(db: Sqlite, room: RoomId, before: EntryId | undefined, count: number): readonly KeptEntry[] {
  const lines = db.all(
    'SELECT * FROM entry WHERE room = ? AND position < ? ORDER BY position DESC LIMIT ?',
    roomId.bytes(room),
    before === undefined ? Number.MAX_SAFE_INTEGER : (placeOf(db, room, before) ?? 0),
    count,
  );
  return lines.map((line) => keptIn(db, room, line)).reverse();
}

/** This entry and those that came after it, oldest first. Nothing, if it is not in this room. */
export const readPageFrom = (db: Sqlite, room: RoomId, entry: EntryId, count: number): readonly KeptEntry[] =>
  db
    .all(
      'SELECT * FROM entry WHERE room = ? AND position >= ? ORDER BY position LIMIT ?',
      roomId.bytes(room),
      placeOf(db, room, entry) ?? Number.MAX_SAFE_INTEGER,
      count,
    )
    .map((line) => keptIn(db, room, line));

/** Texts that answer a question, the newest first. */
export const findKept = (db: Sqlite, question: Question, where: Parameters<typeof find>[2]): readonly FoundEntry[] =>
  find(db, question, where).flatMap((line) => {
    const room = roomId.of(bytesOf(line, 'room'));
    const kept = keptIn(db, room, line);
    const text = textOf(reopenEntry(kept.bytes, room).body);
    return text === undefined ? [] : [{ ...kept, room, excerpt: excerptOf(text, question) }];
  });

const placeOf = (db: Sqlite, room: RoomId, entry: EntryId): number | undefined =>
  db
    .all('SELECT position FROM entry WHERE room = ? AND id = ?', roomId.bytes(room), entryId.bytes(entry))
    .map((line) => numberOf(line, 'position'))[0];

function keptIn(db: Sqlite, room: RoomId, line: Line): KeptEntry {
  const id = bytesOf(line, 'id');
  return {
    position: numberOf(line, 'position'),
    id: entryId.of(id),
    device: deviceId.of(bytesOf(line, 'device')),
    seq: numberOf(line, 'seq'),
    timeMs: numberOf(line, 'timeMs'),
    bytes: bytesOf(line, 'bytes'),
    relays: db
      .all('SELECT relay FROM held WHERE room = ? AND entry = ?', roomId.bytes(room), id)
      .map((held) => relayId.of(bytesOf(held, 'relay'))),
  };
}
