/**
 * The index of what people wrote: FTS5 inside the encrypted database, without a second copy of any text. It changes in the
 * transaction in which the entry does. What is taken out is gone from its tables too, not only marked: `secure-delete`.
 */
import { readBody } from '../core/body.ts';
import { type Entry, reopenEntry } from '../core/entry.ts';
import { type RoomId, roomId } from '../core/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';
import { indexed, matchOf, type Question } from './words.ts';

/** Rows read at a time while everything is indexed. */
const portion = 1_000;

export const tables = `
  CREATE VIRTUAL TABLE found USING fts5(
    room, text, content = '', columnsize = 0, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
  );
  INSERT INTO found (found, rank) VALUES ('secure-delete', 1);
`;

/** What a person typed, and what they called a file. */
export function textOf(body: Uint8Array): string | undefined {
  const said = readBody(body);
  return said?.type === 'text' ? said.text : said?.type === 'file' ? said.name : undefined;
}

/** `position`: of its row in the table of entries, which says that there is a text. */
export function indexText(db: Sqlite, position: number, room: RoomId, text: string): void {
  db.run('INSERT INTO found (rowid, room, text) VALUES (?, ?, ?)', position, room, indexed(text));
}

/** As `indexText`, and says so in the row. Does nothing for what is no text. */
export function index(db: Sqlite, position: number, { room, body }: Pick<Entry, 'room' | 'body'>): void {
  const text = textOf(body);
  if (text === undefined) return;
  indexText(db, position, room, text);
  db.run('UPDATE entry SET said = 1 WHERE position = ?', position);
}

/** `entry` as it was indexed: the index holds no text of its own to take out by. */
export function unindex(db: Sqlite, position: number, { room, body }: Pick<Entry, 'room' | 'body'>): void {
  const text = textOf(body);
  if (text === undefined) return;
  db.run(`INSERT INTO found (found, rowid, room, text) VALUES ('delete', ?, ?, ?)`, position, room, indexed(text));
  db.run('UPDATE entry SET said = 0 WHERE position = ?', position);
}

/** For a database from before there was an index. */
export function indexAll(db: Sqlite): void {
  for (let after = 0; ; ) {
    const lines = db.all(
      'SELECT position, room, bytes FROM entry WHERE position > ? ORDER BY position LIMIT ?',
      after,
      portion,
    );
    for (const line of lines) {
      after = numberOf(line, 'position');
      index(db, after, reopenEntry(bytesOf(line, 'bytes'), roomId.of(bytesOf(line, 'room'))));
    }
    if (lines.length < portion) return;
  }
}

/** Entries that answer, the newest first, as lines of the table `entry`. */
export function find(
  db: Sqlite,
  question: Question,
  { room, before, limit }: { readonly room?: RoomId; readonly before?: number; readonly limit: number },
): readonly Line[] {
  const here = room === undefined ? '' : `room : "${room}" AND `;
  return db.all(
    `SELECT entry.* FROM found JOIN entry ON entry.position = found.rowid
     WHERE found MATCH ? AND found.rowid < ? ORDER BY found.rowid DESC LIMIT ?`,
    `${here}text : (${matchOf(question)})`,
    before ?? Number.MAX_SAFE_INTEGER,
    limit,
  );
}
