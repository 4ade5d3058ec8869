/** Rows of the engine to SQL; what it begins with again is read in snapshot.ts. What is written here in one call is one transaction. */
import { reopenEntry, stripEntry } from '../core/entry.ts';
import { type DeviceId, deviceId, type EntryId, entryId, epochId, prekeyId, type RoomId, roomId } from '../core/id.ts';
import type { HeldPrekey, Holding, Places, Row, Span } from '../engine/row.ts';
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, list, tuple, uint } from '../wire/cbor.ts';
import { envelopeId, relayId, topicId } from '../wire/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';
import { applyFileRow, forgetFile } from './files.ts';
import { index, indexText, textOf, unindex } from './search.ts';
import { applyShelfRow, dropKept } from './shelf.ts';

/** Heads as they are kept. */
export const headIds = list(entryId, 100_000);
const place = uint(0xffffffff);
const holding = list(tuple(deviceId, place, place), 5000);
const placesRead = list(tuple(deviceId, place, place), 200_000);

const encodeHolding = (value: Holding): Bytes =>
  encode(
    holding,
    [...value].map(([device, { from, to }]) => [device, from, to] as const),
  );
export const readHolding = (bytes: Bytes): Holding =>
  new Map(decode(holding, bytes).map(([device, from, to]) => [device, { from, to }] as const));

const encodePlaces = (value: Places): Bytes =>
  encode(
    placesRead,
    [...value].flatMap(([device, spans]) => spans.map(({ from, to }) => [device, from, to] as const)),
  );
export function readPlaces(bytes: Bytes): Places {
  const places = new Map<DeviceId, readonly Span[]>();
  for (const [device, from, to] of decode(placesRead, bytes))
    places.set(device, [...(places.get(device) ?? []), { from, to }]);
  return places;
}

/** What this device called its runs: more than it has within the time that what was said in one can still be read. */
const keptBoots = 256;
/**
 * True if a device learns all of this again by itself: a relay that is asked once more gives the same answer, and what was
 * read is looked at again. Then a power cut may take it, as long as it takes nothing that was written before it.
 */
export const isLearntAgain = (rows: readonly Row[]): boolean =>
  rows.every(({ type }) => ['cursor', 'at', 'have', 'read', 'parcel-done'].includes(type));

export function applyRow(db: Sqlite, row: Row): void {
  switch (row.type) {
    case 'room':
      db.run(
        'INSERT OR IGNORE INTO room (room, genesis, heads) VALUES (?, ?, ?)',
        roomId.bytes(row.room),
        row.genesis,
        encode(headIds, []),
      );
      return;
    case 'epoch':
      db.run(
        'INSERT OR REPLACE INTO epoch (epoch, room, announcement, bucket, secret) VALUES (?, ?, ?, ?, ?)',
        epochId.bytes(row.epoch),
        roomId.bytes(row.room),
        row.announcement,
        row.bucket,
        row.secret,
      );
      return;
    case 'epoch-gone':
      db.run('DELETE FROM epoch WHERE epoch = ?', epochId.bytes(row.epoch));
      if (row.erased !== undefined)
        db.run('INSERT OR IGNORE INTO erased (room, tag) VALUES (?, ?)', roomId.bytes(row.room), row.erased);
      return;
    case 'entry': {
      const text = textOf(row.entry.body);
      const position = db.run(
        `INSERT INTO entry (room, id, device, seq, timeMs, receivedAtMs, sealed, notable, said, bytes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        roomId.bytes(row.entry.room),
        entryId.bytes(row.entry.id),
        deviceId.bytes(row.entry.device),
        row.entry.seq,
        row.entry.timeMs,
        row.receivedAtMs,
        row.sealed ? 1 : 0,
        row.isNotable ? 1 : 0,
        text === undefined ? 0 : 1,
        row.entry.bytes,
      );
      if (text !== undefined) indexText(db, position, row.entry.room, text);
      return;
    }
    case 'sealed':
      db.run('UPDATE entry SET sealed = 1 WHERE room = ? AND id = ?', roomId.bytes(row.room), entryId.bytes(row.entry));
      return;
    case 'filled':
      db.run(
        'UPDATE entry SET bytes = ?, notable = ? WHERE room = ? AND id = ?',
        row.entry.bytes,
        row.isNotable ? 1 : 0,
        roomId.bytes(row.entry.room),
        entryId.bytes(row.entry.id),
      );
      for (const line of lineOf(db, row.entry.room, row.entry.id)) index(db, numberOf(line, 'position'), row.entry);
      return;
    case 'expired':
      for (const line of lineOf(db, row.room, row.entry)) {
        const bytes = bytesOf(line, 'bytes');
        const position = numberOf(line, 'position');
        unindex(db, position, reopenEntry(bytes, row.room));
        db.run('UPDATE entry SET bytes = ? WHERE position = ?', stripEntry(bytes), position);
      }
      dropKept(db, row.room, row.entry);
      forgetFile(db, row.room, row.entry);
      return;
    case 'unsealed':
      db.run('UPDATE entry SET sealed = 0 WHERE room = ? AND id = ?', roomId.bytes(row.room), entryId.bytes(row.entry));
      return;
    case 'heads':
      db.run('UPDATE room SET heads = ? WHERE room = ?', encode(headIds, row.heads), roomId.bytes(row.room));
      return;
    case 'parcel':
    case 'parcel-done':
    case 'shelve':
    case 'at':
    case 'rolled-back':
    case 'shelf-bound':
      applyShelfRow(db, row);
      return;
    case 'file':
    case 'file-held':
    case 'chunk':
    case 'file-gone':
      applyFileRow(db, row);
      return;
    case 'untailed':
      db.run('DELETE FROM cursor WHERE topic = ?', topicId.bytes(row.topic));
      return;
    case 'relay':
      db.run('INSERT OR REPLACE INTO relay (relay, store) VALUES (?, ?)', relayId.bytes(row.relay), row.store);
      // Another store: what the one before held, and cursors in it, mean nothing any more.
      db.run('DELETE FROM cursor WHERE relay = ?', relayId.bytes(row.relay));
      db.run('DELETE FROM held WHERE relay = ?', relayId.bytes(row.relay));
      db.run('DELETE FROM shelfAt WHERE relay = ?', relayId.bytes(row.relay));
      db.run('DELETE FROM fileHeld WHERE relay = ?', relayId.bytes(row.relay));
      return;
    case 'cursor':
      db.run(
        'INSERT OR REPLACE INTO cursor (relay, topic, "offset") VALUES (?, ?, ?)',
        relayId.bytes(row.relay),
        topicId.bytes(row.topic),
        row.offset,
      );
      return;
    case 'parked':
      db.run(
        'INSERT OR IGNORE INTO parked (id, topic, bytes) VALUES (?, ?, ?)',
        envelopeId.bytes(row.id),
        topicId.bytes(row.topic),
        row.bytes,
      );
      return;
    case 'unparked':
      db.run('DELETE FROM parked WHERE id = ? AND topic = ?', envelopeId.bytes(row.id), topicId.bytes(row.topic));
      return;
    case 'have':
      db.run(
        'INSERT OR REPLACE INTO have (room, device, holding) VALUES (?, ?, ?)',
        roomId.bytes(row.room),
        deviceId.bytes(row.device),
        encodeHolding(row.holding),
      );
      return;
    case 'read':
      db.run(
        'INSERT OR REPLACE INTO read (room, device, places) VALUES (?, ?, ?)',
        roomId.bytes(row.room),
        deviceId.bytes(row.device),
        encodePlaces(row.places),
      );
      return;
    case 'operation':
      db.run(
        'INSERT OR IGNORE INTO operation (room, id, bytes) VALUES (?, ?, ?)',
        roomId.bytes(row.room),
        entryId.bytes(row.id),
        row.bytes,
      );
      return;
    case 'own-prekey':
      putOwnPrekey(db, row.prekey);
      return;
    case 'own-prekey-gone':
      db.run('DELETE FROM ownPrekey WHERE id = ?', prekeyId.bytes(row.id));
      db.run('DELETE FROM pair WHERE prekey = ?', prekeyId.bytes(row.id));
      return;
    case 'prekey':
      db.run('INSERT OR REPLACE INTO prekey (device, record) VALUES (?, ?)', deviceId.bytes(row.device), row.record);
      return;
    case 'pair':
      db.run(
        'INSERT OR REPLACE INTO pair (ref, prekey, secret) VALUES (?, ?, ?)',
        row.ref,
        prekeyId.bytes(row.pair.prekey),
        row.pair.secret.open(),
      );
      return;
    case 'boot':
      db.run('INSERT OR IGNORE INTO boot (token) VALUES (?)', row.token);
      db.run('DELETE FROM boot WHERE position <= (SELECT max(position) FROM boot) - ?', keptBoots);
      return;
    case 'retired':
      db.run('INSERT INTO retired (atMs) VALUES (?)', row.atMs);
      return;
    default:
      row satisfies never;
  }
}

const lineOf = (db: Sqlite, room: RoomId, entry: EntryId): readonly Line[] =>
  db.all('SELECT position, bytes FROM entry WHERE room = ? AND id = ?', roomId.bytes(room), entryId.bytes(entry));

function putOwnPrekey(db: Sqlite, { id, record, seed, entry, publishedAtMs, opened }: HeldPrekey): void {
  db.run(
    'INSERT OR REPLACE INTO ownPrekey (id, record, seed, entry, publishedAtMs, opened) VALUES (?, ?, ?, ?, ?, ?)',
    prekeyId.bytes(id),
    record,
    seed.open(),
    entry === undefined ? null : entryId.bytes(entry),
    publishedAtMs ?? null,
    opened,
  );
}
