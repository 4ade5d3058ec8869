/** What a device starts from, read from the tables that rows.ts writes. */
import { reopenEntry } from '../core/entry.ts';
import { deviceId, entryId, epochId, prekeyId, type RoomId, roomId } from '../core/id.ts';
import { restorePrekey } from '../core/prekey.ts';
import { Secret } from '../core/secret.ts';
import type { Snapshot } from '../engine/row.ts';
import type { Bytes } from '../wire/bytes.ts';
import { decode } from '../wire/cbor.ts';
import { Broken, Fault } from '../wire/fault.ts';
import { envelopeId, relayId, topicId } from '../wire/id.ts';
import { bytesOf, type Line, numberOf, type Sqlite } from './database.ts';
import { readFiles } from './files.ts';
import { headIds, readHolding, readPlaces } from './rows.ts';
import { readOwed } from './shelf.ts';

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
