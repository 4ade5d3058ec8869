/** Rows of the engine to SQL and back. What is written here in one call is one transaction. */
import { reopenEntry, stripEntry } from '../core/entry.ts';
import { type DeviceId, deviceId, type EntryId, entryId, epochId, prekeyId, type RoomId, roomId } from '../core/id.ts';
import { restorePrekey } from '../core/prekey.ts';
import { Secret } from '../core/secret.ts';
import type { HeldPrekey, Holding, Places, Row, Snapshot, Span } from '../engine/row.ts';
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, list, tuple, uint } from '../wire/cbor.ts';
import { Broken, Fault } from '../wire/fault.ts';
import { envelopeId, relayId, topicId } from '../wire/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';
import { applyFileRow, forgetFile, readFiles } from './files.ts';
import { index, indexText, textOf, unindex } from './search.ts';
import { applyShelfRow, dropKept, readOwed } from './shelf.ts';

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
const readHolding = (bytes: Bytes): Holding =>
  new Map(decode(holding, bytes).map(([device, from, to]) => [device, { from, to }] as const));

const encodePlaces = (value: Places): Bytes =>
  encode(
    placesRead,
    [...value].flatMap(([device, spans]) => spans.map(({ from, to }) => [device, from, to] as const)),
  );
function readPlaces(bytes: Bytes): Places {
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

const roomIn = (line: Line): RoomId => roomId.of(bytesOf(line, 'room'));

/** Everything the engine goes on from. Throws `Broken('corrupt')`. */
export function loadSnapshot(db: Sqlite): Snapshot {
  try {
    return readSnapshot(db);
  } catch (cause) {
    if (cause instanceof Fault && cause.side === 'peer')
      throw new Broken('corrupt', 'The vault holds a record that cannot be read.', { cause });
    throw cause;
  }
}

function readSnapshot(db: Sqlite): Snapshot {
  const rooms = db.all('SELECT room, genesis, heads FROM room');
  return {
    rooms: rooms.map((line) => ({ type: 'room', room: roomIn(line), genesis: bytesOf(line, 'genesis') })),
    heads: rooms.map((line) => ({ type: 'heads', room: roomIn(line), heads: decode(headIds, bytesOf(line, 'heads')) })),
    epochs: db.all('SELECT * FROM epoch').map((line) => ({
      type: 'epoch',
      room: roomIn(line),
      epoch: epochId.of(bytesOf(line, 'epoch')),
      announcement: bytesOf(line, 'announcement'),
      bucket: numberOf(line, 'bucket'),
      secret: bytesOf(line, 'secret'),
    })),
    feeds: readFeeds(db),
    parcels: readOwed(db),
    relays: db
      .all('SELECT relay, store FROM relay')
      .map((line) => ({ type: 'relay', relay: relayId.of(bytesOf(line, 'relay')), store: String(line['store']) })),
    cursors: db.all('SELECT relay, topic, "offset" FROM cursor').map((line) => ({
      type: 'cursor',
      relay: relayId.of(bytesOf(line, 'relay')),
      topic: topicId.of(bytesOf(line, 'topic')),
      offset: numberOf(line, 'offset'),
    })),
    parked: db.all('SELECT id, topic, bytes FROM parked ORDER BY position').map((line) => ({
      type: 'parked',
      id: envelopeId.of(bytesOf(line, 'id')),
      topic: topicId.of(bytesOf(line, 'topic')),
      bytes: bytesOf(line, 'bytes'),
    })),
    haves: db.all('SELECT room, device, holding FROM have').map((line) => ({
      type: 'have',
      room: roomIn(line),
      device: deviceId.of(bytesOf(line, 'device')),
      holding: readHolding(bytesOf(line, 'holding')),
    })),
    reads: db.all('SELECT room, device, places FROM read').map((line) => ({
      type: 'read',
      room: roomIn(line),
      device: deviceId.of(bytesOf(line, 'device')),
      places: readPlaces(bytesOf(line, 'places')),
    })),
    unsealed: db
      .all('SELECT room, bytes FROM entry WHERE sealed = 0 ORDER BY position')
      .map((line) => ({ room: roomIn(line), bytes: bytesOf(line, 'bytes') })),
    ...readFiles(db),
    ...readKeys(db),
    erased: db
      .all('SELECT room, tag FROM erased ORDER BY position')
      .map((line) => ({ room: roomIn(line), tag: String(line['tag']) })),
    boots: db.all('SELECT token FROM boot').map((line) => ({ type: 'boot', token: bytesOf(line, 'token') })),
    operations: db.all('SELECT room, id, bytes FROM operation ORDER BY position').map((line) => ({
      type: 'operation',
      room: roomIn(line),
      id: entryId.of(bytesOf(line, 'id')),
      bytes: bytesOf(line, 'bytes'),
    })),
    notable: db
      .all('SELECT room, bytes FROM entry WHERE notable = 1 ORDER BY position')
      .map((line) => ({ room: roomIn(line), bytes: bytesOf(line, 'bytes') })),
  };
}

/** Who wrote in which room: from one to the next through the index, so that it takes as long for a hundred thousand entries. */
function authorsOf(db: Sqlite): readonly (readonly [room: Bytes, device: Bytes])[] {
  const authors: (readonly [Bytes, Bytes])[] = [];
  const next = (line: Line | undefined): Line | undefined => {
    if (line === undefined) return db.all('SELECT room, device FROM entry ORDER BY room, device LIMIT 1')[0];
    const [room, device] = [bytesOf(line, 'room'), bytesOf(line, 'device')];
    authors.push([room, device]);
    const [same] = db.all(
      'SELECT room, device FROM entry WHERE room = ? AND device > ? ORDER BY device LIMIT 1',
      room,
      device,
    );
    return same ?? db.all('SELECT room, device FROM entry WHERE room > ? ORDER BY room, device LIMIT 1', room)[0];
  };
  for (let line = next(undefined); line !== undefined; ) line = next(line);
  return authors;
}

/** First and newest place of each feed. Only a feed that does not begin at 0 needs what its first entry names. */
function readFeeds(db: Sqlite): Snapshot['feeds'] {
  return authorsOf(db).map(([room, device]) => {
    const ends = ['ASC', 'DESC'].flatMap((order) =>
      db.all(`SELECT seq, id FROM entry WHERE room = ? AND device = ? ORDER BY seq ${order} LIMIT 1`, room, device),
    );
    const [oldest = {}, newest = {}] = ends;
    const feed = {
      room: roomId.of(room),
      device: deviceId.of(device),
      from: numberOf(oldest, 'seq'),
      seq: numberOf(newest, 'seq'),
      entry: entryId.of(bytesOf(newest, 'id')),
    };
    if (feed.from === 0) return feed;
    const [first] = db.all(
      'SELECT bytes FROM entry WHERE room = ? AND device = ? AND seq = ?',
      roomId.bytes(feed.room),
      deviceId.bytes(feed.device),
      feed.from,
    );
    const before = first === undefined ? undefined : reopenEntry(bytesOf(first, 'bytes'), feed.room).previous;
    return { ...feed, ...(before === undefined ? {} : { before }) };
  });
}

function readKeys(db: Sqlite): Pick<Snapshot, 'prekeys' | 'known' | 'pairs' | 'retired'> {
  const [retired] = db.all('SELECT atMs FROM retired LIMIT 1');
  return {
    prekeys: db.all('SELECT * FROM ownPrekey').map((line) => ({
      ...restorePrekey(bytesOf(line, 'record'), bytesOf(line, 'seed')),
      opened: numberOf(line, 'opened'),
      ...(line['entry'] === null ? {} : { entry: entryId.of(bytesOf(line, 'entry')) }),
      ...(line['publishedAtMs'] === null ? {} : { publishedAtMs: numberOf(line, 'publishedAtMs') }),
    })),
    known: db.all('SELECT device, record FROM prekey').map((line) => ({
      type: 'prekey',
      device: deviceId.of(bytesOf(line, 'device')),
      record: bytesOf(line, 'record'),
    })),
    pairs: db.all('SELECT ref, prekey, secret FROM pair').map((line) => ({
      type: 'pair',
      ref: String(line['ref']),
      pair: { prekey: prekeyId.of(bytesOf(line, 'prekey')), secret: new Secret('pair', bytesOf(line, 'secret')) },
    })),
    ...(retired === undefined ? {} : { retired: { type: 'retired', atMs: numberOf(retired, 'atMs') } }),
  };
}
