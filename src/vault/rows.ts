/** Rows of the engine to SQL and back. What is written here in one call is one transaction. */
import { reopenEntry } from '../core/entry.ts';
import { deviceId, entryId, epochId, prekeyId, type RoomId, roomId } from '../core/id.ts';
import { restorePrekey } from '../core/prekey.ts';
import { Secret } from '../core/secret.ts';
import type { HeldPrekey, Holding, Parcel, Row, Snapshot } from '../engine/row.ts';
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, list, tuple, uint } from '../wire/cbor.ts';
import { Broken, Fault } from '../wire/fault.ts';
import { envelopeId, relayId, topicId } from '../wire/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';

const ids = list(entryId, 100_000);
const relays = list(relayId, 1000);
const place = uint(0xffffffff);
const holding = list(tuple(deviceId, place, place), 5000);

const encodeHolding = (value: Holding): Bytes =>
  encode(
    holding,
    [...value].map(([device, { from, to }]) => [device, from, to] as const),
  );
const readHolding = (bytes: Bytes): Holding =>
  new Map(decode(holding, bytes).map(([device, from, to]) => [device, { from, to }] as const));

/** What this device called its runs: more than it has within the time that what was said in one can still be read. */
const keptBoots = 256;

export function applyRow(db: Sqlite, row: Row): void {
  switch (row.type) {
    case 'room':
      db.run(
        'INSERT OR IGNORE INTO room (room, genesis, heads) VALUES (?, ?, ?)',
        roomId.bytes(row.room),
        row.genesis,
        encode(ids, []),
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
      return;
    case 'entry':
      db.run(
        `INSERT INTO entry (room, id, device, seq, timeMs, receivedAtMs, sealed, notable, bytes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        roomId.bytes(row.entry.room),
        entryId.bytes(row.entry.id),
        deviceId.bytes(row.entry.device),
        row.entry.seq,
        row.entry.timeMs,
        row.receivedAtMs,
        row.sealed ? 1 : 0,
        row.isNotable ? 1 : 0,
        row.entry.bytes,
      );
      return;
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
      return;
    case 'unsealed':
      db.run('UPDATE entry SET sealed = 0 WHERE room = ? AND id = ?', roomId.bytes(row.room), entryId.bytes(row.entry));
      return;
    case 'heads':
      db.run('UPDATE room SET heads = ? WHERE room = ?', encode(ids, row.heads), roomId.bytes(row.room));
      return;
    case 'parcel':
      putParcel(db, row.parcel);
      return;
    case 'parcel-done':
      db.run('DELETE FROM parcel WHERE id = ?', envelopeId.bytes(row.id));
      return;
    case 'held':
      db.run(
        'INSERT OR IGNORE INTO held (room, entry, relay) VALUES (?, ?, ?)',
        roomId.bytes(row.room),
        entryId.bytes(row.entry),
        relayId.bytes(row.relay),
      );
      return;
    case 'relay':
      db.run('INSERT OR REPLACE INTO relay (relay, store) VALUES (?, ?)', relayId.bytes(row.relay), row.store);
      // Another store: what the one before held, and cursors in it, mean nothing any more.
      db.run('DELETE FROM cursor WHERE relay = ?', relayId.bytes(row.relay));
      db.run('DELETE FROM held WHERE relay = ?', relayId.bytes(row.relay));
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

function putParcel(db: Sqlite, parcel: Parcel): void {
  db.run(
    `INSERT INTO parcel (id, topic, bytes, room, entry, held) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET held = excluded.held`,
    envelopeId.bytes(parcel.id),
    topicId.bytes(parcel.topic),
    parcel.bytes,
    parcel.entry === undefined ? null : roomId.bytes(parcel.entry.room),
    parcel.entry === undefined ? null : entryId.bytes(parcel.entry.id),
    encode(relays, parcel.held),
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
    heads: rooms.map((line) => ({ type: 'heads', room: roomIn(line), heads: decode(ids, bytesOf(line, 'heads')) })),
    epochs: db.all('SELECT * FROM epoch').map((line) => ({
      type: 'epoch',
      room: roomIn(line),
      epoch: epochId.of(bytesOf(line, 'epoch')),
      announcement: bytesOf(line, 'announcement'),
      bucket: numberOf(line, 'bucket'),
      secret: bytesOf(line, 'secret'),
    })),
    feeds: readFeeds(db),
    parcels: db.all('SELECT * FROM parcel ORDER BY position').map(readParcel),
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
    unsealed: db
      .all('SELECT room, bytes FROM entry WHERE sealed = 0 ORDER BY position')
      .map((line) => ({ room: roomIn(line), bytes: bytesOf(line, 'bytes') })),
    ...readKeys(db),
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

/** First and newest place of each feed. Only a feed that does not begin at 0 needs what its first entry names. */
function readFeeds(db: Sqlite): Snapshot['feeds'] {
  const lines = db.all(
    'SELECT room, device, max(seq) AS seq, id, (SELECT min(seq) FROM entry e WHERE e.room = entry.room AND e.device = entry.device) AS first FROM entry GROUP BY room, device',
  );
  return lines.map((line) => {
    const feed = {
      room: roomIn(line),
      device: deviceId.of(bytesOf(line, 'device')),
      from: numberOf(line, 'first'),
      seq: numberOf(line, 'seq'),
      entry: entryId.of(bytesOf(line, 'id')),
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

function readParcel(line: Line): Parcel {
  const parcel = {
    id: envelopeId.of(bytesOf(line, 'id')),
    topic: topicId.of(bytesOf(line, 'topic')),
    bytes: bytesOf(line, 'bytes'),
    held: decode(relays, bytesOf(line, 'held')),
  };
  if (line['room'] === null || line['entry'] === null) return parcel;
  return { ...parcel, entry: { room: roomIn(line), id: entryId.of(bytesOf(line, 'entry')) } };
}
