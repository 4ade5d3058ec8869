/** The shelf in SQL: envelopes that are owed to relays or kept, and which relay has which. Decides nothing. */
import { type EntryId, entryId, type RoomId, roomId } from '../core/id.ts';
import type { ShelfReading } from '../engine/event.ts';
import type { Parcel, Row, ShelfPage } from '../engine/row.ts';
import { type EnvelopeId, envelopeId, type RelayId, relayId, topicId } from '../wire/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';

type ShelfRow = Extract<
  Row,
  { readonly type: 'parcel' | 'parcel-done' | 'shelve' | 'at' | 'rolled-back' | 'shelf-bound' }
>;

export function applyShelfRow(db: Sqlite, row: ShelfRow): void {
  switch (row.type) {
    case 'parcel':
      put(db, row.parcel, row.atMs, { isOwn: true, isKept: row.parcel.isKept });
      return;
    case 'parcel-done':
      if (row.isKept) db.run('UPDATE shelf SET owed = 0 WHERE id = ?', envelopeId.bytes(row.id));
      else db.run('DELETE FROM shelf WHERE id = ?', envelopeId.bytes(row.id));
      return;
    case 'shelve':
      put(db, row, row.atMs, { isOwn: false, isKept: true });
      return;
    case 'at':
      putAt(db, row);
      return;
    case 'rolled-back':
      rollBack(db, row);
      return;
    case 'shelf-bound':
      db.run('DELETE FROM shelf WHERE owed = 0 AND atMs < ?', row.beforeMs);
      db.run(
        `DELETE FROM shelf WHERE owed = 0 AND position <= (
           SELECT max(position) FROM (
             SELECT position, sum(size) OVER (ORDER BY position DESC) AS total FROM shelf WHERE owed = 0
           ) WHERE total > ?
         )`,
        row.bytes,
      );
      return;
    default:
      row satisfies never;
  }
}

function put(
  db: Sqlite,
  envelope: Pick<Parcel, 'id' | 'topic' | 'bytes' | 'entry'>,
  atMs: number,
  { isOwn, isKept }: { readonly isOwn: boolean; readonly isKept: boolean },
): void {
  const { id, topic, bytes, entry } = envelope;
  db.run(
    `INSERT OR IGNORE INTO shelf (owed, own, kept, size, atMs, id, topic, room, entry, bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    isOwn ? 1 : 0,
    isOwn ? 1 : 0,
    isKept ? 1 : 0,
    bytes.length,
    atMs,
    envelopeId.bytes(id),
    topicId.bytes(topic),
    entry === undefined ? null : roomId.bytes(entry.room),
    entry === undefined ? null : entryId.bytes(entry.id),
    bytes,
  );
}

/** Two statements and not one with a SELECT in it: that takes five times as long, once for every envelope that comes. */
function putAt(db: Sqlite, { id, relay, offset, isHeld }: Row & { readonly type: 'at' }): void {
  const [line] = db.all('SELECT position FROM shelf WHERE id = ?', envelopeId.bytes(id));
  if (line === undefined) return;
  const position = numberOf(line, 'position');
  db.run(
    `INSERT INTO shelfAt (position, relay, "offset", held) VALUES (?, ?, ?, ?)
     ON CONFLICT (position, relay) DO UPDATE SET "offset" = excluded."offset", held = max(held, excluded.held)`,
    position,
    relayId.bytes(relay),
    offset,
    isHeld ? 1 : 0,
  );
  if (!isHeld) return;
  db.run(
    'INSERT OR IGNORE INTO held (room, entry, relay) SELECT room, entry, ? FROM shelf WHERE position = ? AND entry IS NOT NULL',
    relayId.bytes(relay),
    position,
  );
}

/** The relay has nothing of this topic beyond this offset: neither what is on the shelf nor what was shown to be there. */
function rollBack(db: Sqlite, { relay, topic, upTo }: Row & { readonly type: 'rolled-back' }): void {
  const values = [relayId.bytes(relay), upTo, topicId.bytes(topic)] as const;
  const lost = `SELECT shelf.position FROM shelf JOIN shelfAt ON shelfAt.position = shelf.position
                AND shelfAt.relay = ? AND shelfAt."offset" > ? WHERE shelf.topic = ?`;
  db.run(
    `DELETE FROM held WHERE (room, entry, relay) IN (
       SELECT room, entry, ? FROM shelf WHERE position IN (${lost}) AND entry IS NOT NULL
     )`,
    relayId.bytes(relay),
    ...values,
  );
  db.run(`DELETE FROM shelfAt WHERE relay = ? AND position IN (${lost})`, relayId.bytes(relay), ...values);
}

/** What is owed to relays, in the order in which it was posted. */
export function readOwed(db: Sqlite): readonly Parcel[] {
  const held = new Map<number, RelayId[]>();
  const lines = db.all('SELECT position, relay FROM shelfAt JOIN shelf USING (position) WHERE owed = 1 AND held = 1');
  for (const line of lines) {
    const position = numberOf(line, 'position');
    held.set(position, [...(held.get(position) ?? []), relayId.of(bytesOf(line, 'relay'))]);
  }
  return db.all('SELECT * FROM shelf WHERE owed = 1 ORDER BY position').map((line) => {
    const parcel = {
      ...envelopeIn(line),
      held: held.get(numberOf(line, 'position')) ?? [],
      isKept: line['kept'] === 1,
    };
    if (line['room'] === null || line['entry'] === null) return parcel;
    return {
      ...parcel,
      entry: { room: roomId.of(bytesOf(line, 'room')), id: entryId.of(bytesOf(line, 'entry')) },
    };
  });
}

const envelopeIn = (line: Line): Pick<Parcel, 'id' | 'topic' | 'bytes'> => ({
  id: envelopeId.of(bytesOf(line, 'id')),
  topic: topicId.of(bytesOf(line, 'topic')),
  bytes: bytesOf(line, 'bytes'),
});

interface PageBound {
  readonly items: number;
  readonly bytes: number;
}

type Asked = Pick<ShelfReading, 'relay' | 'after' | 'isOwn'>;

/**
 * What is kept after a position and not known to be at a relay, oldest first, as much as the bound allows and one at least.
 * Of what this device posted: what the relay did not acknowledge.
 */
export function readShelfPage(db: Sqlite, { relay, after, isOwn }: Asked, bound: PageBound): ShelfPage {
  const [top] = db.all('SELECT max(position) AS position FROM shelf');
  const lines = db.all(
    `SELECT position, size FROM shelf WHERE owed = 0 AND position > ? AND own >= ? AND NOT EXISTS (
       SELECT 1 FROM shelfAt WHERE shelfAt.position = shelf.position AND relay = ? AND held >= ?
     ) ORDER BY position LIMIT ?`,
    after,
    isOwn ? 1 : 0,
    relayId.bytes(relay),
    isOwn ? 1 : 0,
    bound.items + 1,
  );
  let bytes = 0;
  const fits = lines.findIndex((line, i) => {
    bytes += numberOf(line, 'size');
    return i === bound.items || (i > 0 && bytes > bound.bytes);
  });
  const page = fits < 0 ? lines : lines.slice(0, fits);
  const [first] = lines;
  const next = fits < 0 ? undefined : envelopeAt(db, lines[fits]);
  return {
    envelopes: page.flatMap((line) => envelopeAt(db, line) ?? []),
    after: first === undefined ? Math.max(after, topOf(top)) : numberOf(first, 'position') - 1,
    ...(next === undefined ? {} : { next: next.id }),
  };
}

const topOf = (line: Line | undefined): number => (typeof line?.['position'] === 'number' ? line['position'] : 0);

function envelopeAt(db: Sqlite, line: Line | undefined): Pick<Parcel, 'id' | 'topic' | 'bytes'> | undefined {
  if (line === undefined) return undefined;
  return db.all('SELECT id, topic, bytes FROM shelf WHERE position = ?', numberOf(line, 'position')).map(envelopeIn)[0];
}

export const isOnShelf = (db: Sqlite, id: EnvelopeId): boolean =>
  db.all('SELECT 1 AS one FROM shelf WHERE id = ?', envelopeId.bytes(id)).length > 0;

/** An envelope with its place on the shelf. */
export interface Shelved extends Pick<Parcel, 'id' | 'topic' | 'bytes'> {
  readonly position: number;
}

/** Envelopes after a position, in order: those that came at this time or later, and all that are owed. */
export const readShelf = (db: Sqlite, after: number, sinceMs: number, count: number): readonly Shelved[] =>
  db
    .all(
      'SELECT * FROM shelf WHERE position > ? AND (owed = 1 OR atMs >= ?) ORDER BY position LIMIT ?',
      after,
      sinceMs,
      count,
    )
    .map((line) => ({ ...envelopeIn(line), position: numberOf(line, 'position') }));

/** The same without the envelopes, of all. */
export const readShelfIds = (db: Sqlite, after: number, count: number): readonly Omit<Shelved, 'topic' | 'bytes'>[] =>
  db
    .all('SELECT position, id FROM shelf WHERE position > ? ORDER BY position LIMIT ?', after, count)
    .map((line) => ({ id: envelopeId.of(bytesOf(line, 'id')), position: numberOf(line, 'position') }));

/** What is kept of an entry that is over; what is still owed to a relay stays until every one has it. */
export const dropKept = (db: Sqlite, room: RoomId, entry: EntryId): void => {
  db.run('DELETE FROM shelf WHERE room = ? AND entry = ? AND owed = 0', roomId.bytes(room), entryId.bytes(entry));
};
