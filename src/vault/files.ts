/**
 * Attachments in SQL: what entries tell of files, and their chunks. Bytes of a file are nowhere on this machine's disk but
 * in here. Decides nothing.
 */
import { countChunks } from '../core/attachment.ts';
import { type EntryId, entryId, type FileId, fileId, type RoomId, roomId } from '../core/id.ts';
import type { FileNote, Row, Snapshot } from '../engine/row.ts';
import type { Bytes } from '../wire/bytes.ts';
import { type RelayId, relayId } from '../wire/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';

type FileRow = Extract<Row, { readonly type: 'file' | 'file-held' | 'chunk' | 'file-gone' }>;

/** A file as it is kept. */
export interface KeptFile extends FileNote {
  /** Chunks that are here, the index among them. */
  readonly here: number;
  readonly isWanted: boolean;
  readonly isOffered: boolean;
  /** How many chunks from the first each relay acknowledged to this device. */
  readonly held: ReadonlyMap<RelayId, number>;
}

/** The driver binds no bytes at all, which the index of an empty file is, as NULL. */
const orEmpty = "coalesce(?, x'')";

export function applyFileRow(db: Sqlite, row: FileRow): void {
  switch (row.type) {
    case 'file':
      db.run(
        `INSERT INTO file (room, entry, file, salt, key, size, name, wanted, offered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (room, entry) DO UPDATE SET wanted = excluded.wanted, offered = excluded.offered`,
        roomId.bytes(row.room),
        entryId.bytes(row.entry),
        fileId.bytes(row.facts.file),
        row.facts.salt,
        row.facts.key,
        row.facts.size,
        row.name,
        row.isWanted ? 1 : 0,
        row.isOffered ? 1 : 0,
      );
      return;
    case 'file-held':
      db.run(
        'INSERT OR REPLACE INTO fileHeld (room, entry, relay, chunks) VALUES (?, ?, ?, ?)',
        roomId.bytes(row.room),
        entryId.bytes(row.entry),
        relayId.bytes(row.relay),
        row.count,
      );
      return;
    case 'chunk':
      db.run('INSERT OR IGNORE INTO content (file) VALUES (?)', fileId.bytes(row.file));
      db.run(
        `INSERT OR IGNORE INTO chunk (content, number, bytes) SELECT content, ?, ${orEmpty} FROM content WHERE file = ?`,
        row.number,
        row.bytes,
        fileId.bytes(row.file),
      );
      return;
    case 'file-gone':
      dropFile(db, row.room, row.entry);
      return;
    default:
      row satisfies never;
  }
}

/** That it was told of stays. The bytes go, unless the same file is fetched or offered by another entry. */
function dropFile(db: Sqlite, room: RoomId, entry: EntryId): void {
  const [line] = db.all('SELECT file FROM file WHERE room = ? AND entry = ?', roomId.bytes(room), entryId.bytes(entry));
  if (line === undefined) return;
  const file = bytesOf(line, 'file');
  db.run(
    'UPDATE file SET wanted = 0, offered = 0 WHERE room = ? AND entry = ?',
    roomId.bytes(room),
    entryId.bytes(entry),
  );
  db.run('DELETE FROM fileHeld WHERE room = ? AND entry = ?', roomId.bytes(room), entryId.bytes(entry));
  const others = db.all('SELECT 1 AS one FROM file WHERE file = ? AND (wanted = 1 OR offered = 1)', file);
  if (others.length > 0) return;
  db.run('DELETE FROM chunk WHERE content = (SELECT content FROM content WHERE file = ?)', file);
  db.run('DELETE FROM content WHERE file = ?', file);
}

/** Nothing of it stays, not what it was called nor its key: what told of it is over. */
export function forgetFile(db: Sqlite, room: RoomId, entry: EntryId): void {
  dropFile(db, room, entry);
  db.run('DELETE FROM file WHERE room = ? AND entry = ?', roomId.bytes(room), entryId.bytes(entry));
}

/** Chunks of a file from this number on, as far as they are here without a gap. */
export function readChunks(db: Sqlite, file: FileId, from: number, count: number): readonly Bytes[] {
  const lines = db.all(
    `SELECT number, bytes FROM chunk WHERE content = (SELECT content FROM content WHERE file = ?)
     AND number >= ? AND number < ? ORDER BY number`,
    fileId.bytes(file),
    from,
    from + count,
  );
  return lines.filter((line, i) => numberOf(line, 'number') === from + i).map((line) => bytesOf(line, 'bytes'));
}

/** Numbers of the chunks of a file that are here. */
export const numbersOf = (db: Sqlite, file: FileId): readonly number[] =>
  db
    .all(
      'SELECT number FROM chunk WHERE content = (SELECT content FROM content WHERE file = ?) ORDER BY number',
      fileId.bytes(file),
    )
    .map((line) => numberOf(line, 'number'));

/** Files a room was told of, in the order in which that came. */
export const filesIn = (db: Sqlite, room: RoomId): readonly KeptFile[] =>
  db.all('SELECT * FROM file WHERE room = ? ORDER BY position', roomId.bytes(room)).map((line) => kept(db, line));

export function fileOf(db: Sqlite, room: RoomId, entry: EntryId): KeptFile | undefined {
  const [line] = db.all('SELECT * FROM file WHERE room = ? AND entry = ?', roomId.bytes(room), entryId.bytes(entry));
  return line === undefined ? undefined : kept(db, line);
}

/** What the engine goes on with, and how much there is in all. */
export function readFiles(db: Sqlite): Pick<Snapshot, 'files' | 'fileBytes'> {
  const lines = db.all('SELECT * FROM file WHERE wanted = 1 OR offered = 1 ORDER BY position');
  return {
    files: lines.map((line) => {
      const { here: _, ...file } = kept(db, line);
      return { ...file, here: file.isWanted ? numbersOf(db, file.facts.file) : [] };
    }),
    fileBytes: countBytes(db),
  };
}

/** Of all chunks but those of files that are being read in: they are counted when they are told of. */
export function countBytes(db: Sqlite): number {
  const [total] = db.all(
    'SELECT coalesce(sum(length(bytes)), 0) AS total FROM chunk JOIN content USING (content) WHERE file IS NOT NULL',
  );
  return total === undefined ? 0 : numberOf(total, 'total');
}

function kept(db: Sqlite, line: Line): KeptFile {
  const [room, entry, file] = [bytesOf(line, 'room'), bytesOf(line, 'entry'), bytesOf(line, 'file')];
  const [here] = db.all(
    'SELECT count(*) AS count FROM chunk WHERE content = (SELECT content FROM content WHERE file = ?)',
    file,
  );
  const held = db.all('SELECT relay, chunks FROM fileHeld WHERE room = ? AND entry = ?', room, entry);
  return {
    room: roomId.of(room),
    entry: entryId.of(entry),
    facts: {
      file: fileId.of(file),
      salt: bytesOf(line, 'salt'),
      key: bytesOf(line, 'key'),
      size: numberOf(line, 'size'),
    },
    name: String(line['name']),
    here: here === undefined ? 0 : numberOf(here, 'count'),
    isWanted: numberOf(line, 'wanted') === 1,
    isOffered: numberOf(line, 'offered') === 1,
    held: new Map(held.map((each) => [relayId.of(bytesOf(each, 'relay')), numberOf(each, 'chunks')])),
  };
}

/** A file that is being read in: its chunks are kept under a number until its id is known. */
export interface Intake {
  readonly content: number;
}

/** A place for a file that is read in. */
export function beginIntake(db: Sqlite): Intake {
  let content = 0;
  db.transaction(() => {
    db.run('INSERT INTO content (file) VALUES (NULL)');
    content = numberOf(db.all('SELECT max(content) AS content FROM content')[0] ?? {}, 'content');
  });
  return { content };
}

export const putIntake = (db: Sqlite, { content }: Intake, chunks: readonly { number: number; bytes: Bytes }[]): void =>
  db.transaction(() => {
    for (const { number, bytes } of chunks)
      db.run('INSERT INTO chunk (content, number, bytes) VALUES (?, ?, ?)', content, number, bytes);
  });

/** All of it is here, and with the index it has its id. */
export const endIntake = (db: Sqlite, { content }: Intake, file: FileId, index: Bytes): void =>
  db.transaction(() => {
    db.run(`INSERT INTO chunk (content, number, bytes) VALUES (?, 0, ${orEmpty})`, content, index);
    db.run('UPDATE content SET file = ? WHERE content = ?', fileId.bytes(file), content);
  });

export const dropIntake = (db: Sqlite, { content }: Intake): void =>
  db.transaction(() => {
    db.run('DELETE FROM chunk WHERE content = ?', content);
    db.run('DELETE FROM content WHERE content = ?', content);
  });

/** What was read in and never told of: the program ended between the two. Only at a start, when nothing is being read in. */
export const dropUntold = (db: Sqlite): void =>
  db.transaction(() => {
    const untold = 'file IS NULL OR file NOT IN (SELECT file FROM file)';
    db.run(`DELETE FROM chunk WHERE content IN (SELECT content FROM content WHERE ${untold})`);
    db.run(`DELETE FROM content WHERE ${untold}`);
  });

/** Whether all of a file is here. */
export const isWhole = ({ here, facts }: Pick<KeptFile, 'here' | 'facts'>): boolean =>
  here === countChunks(facts.size) + 1;
