/** The database, one step a version. A step that was released never changes; a new one is added at the end. */
import type { Step } from './database.ts';
import { indexAll, tables } from './search.ts';

export const steps: readonly Step[] = [
  `
  CREATE TABLE self (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
  CREATE TABLE bundle (version INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE room (room BLOB PRIMARY KEY, genesis BLOB NOT NULL, heads BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE epoch (
    epoch BLOB PRIMARY KEY, room BLOB NOT NULL, announcement BLOB NOT NULL, bucket INTEGER NOT NULL, secret BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY, room BLOB NOT NULL, id BLOB NOT NULL, device BLOB NOT NULL, seq INTEGER NOT NULL,
    timeMs INTEGER NOT NULL, receivedAtMs INTEGER NOT NULL, sealed INTEGER NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX entryId ON entry (room, id);
  CREATE UNIQUE INDEX entryPlace ON entry (room, device, seq);
  CREATE INDEX entryUnsealed ON entry (position) WHERE sealed = 0;
  CREATE TABLE held (room BLOB NOT NULL, entry BLOB NOT NULL, relay BLOB NOT NULL, PRIMARY KEY (room, entry, relay)) STRICT, WITHOUT ROWID;
  CREATE TABLE parcel (
    position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, topic BLOB NOT NULL, bytes BLOB NOT NULL,
    room BLOB, entry BLOB, held BLOB NOT NULL
  ) STRICT;
  CREATE TABLE relay (relay BLOB PRIMARY KEY, store TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE cursor (relay BLOB NOT NULL, topic BLOB NOT NULL, "offset" INTEGER NOT NULL, PRIMARY KEY (relay, topic)) STRICT, WITHOUT ROWID;
  CREATE TABLE parked (position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, topic BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE have (room BLOB NOT NULL, device BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (room, device)) STRICT, WITHOUT ROWID;
  `,
  // The same bytes may be parked at two topics: one where they belong and one where a relay put them.
  `
  CREATE TABLE parkedAtTopic (
    position INTEGER PRIMARY KEY, id BLOB NOT NULL, topic BLOB NOT NULL, bytes BLOB NOT NULL, UNIQUE (topic, id)
  ) STRICT;
  INSERT INTO parkedAtTopic (id, topic, bytes) SELECT id, topic, bytes FROM parked ORDER BY position;
  DROP TABLE parked;
  ALTER TABLE parkedAtTopic RENAME TO parked;
  `,
  // Operations on rooms, the life of prekeys, feeds that do not begin at their beginning.
  `
  ALTER TABLE entry ADD COLUMN notable INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX entryNotable ON entry (position) WHERE notable = 1;
  CREATE TABLE operation (
    position INTEGER PRIMARY KEY, room BLOB NOT NULL, id BLOB NOT NULL, bytes BLOB NOT NULL, UNIQUE (room, id)
  ) STRICT;
  CREATE TABLE ownPrekey (
    id BLOB PRIMARY KEY, record BLOB NOT NULL, seed BLOB NOT NULL, entry BLOB, publishedAtMs INTEGER, opened INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE prekey (device BLOB PRIMARY KEY, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE pair (ref TEXT PRIMARY KEY, prekey BLOB NOT NULL, secret BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE retired (atMs INTEGER NOT NULL) STRICT;
  DROP TABLE have;
  CREATE TABLE have (room BLOB NOT NULL, device BLOB NOT NULL, holding BLOB NOT NULL, PRIMARY KEY (room, device)) STRICT, WITHOUT ROWID;
  `,
  // The shelf: envelopes that are owed to relays and those that are kept for one that loses its disk, and which relay has
  // which. The index is all that is read to find what a relay lacks, or what is beyond the bounds; bytes come last.
  `
  CREATE TABLE shelf (
    position INTEGER PRIMARY KEY AUTOINCREMENT, owed INTEGER NOT NULL, own INTEGER NOT NULL, kept INTEGER NOT NULL, size INTEGER NOT NULL, atMs INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE, topic BLOB NOT NULL, room BLOB, entry BLOB, bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX shelfOrder ON shelf (owed, position, own, size, atMs);
  CREATE TABLE shelfAt (
    position INTEGER NOT NULL, relay BLOB NOT NULL, "offset" INTEGER NOT NULL, held INTEGER NOT NULL, PRIMARY KEY (position, relay)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER shelfGone AFTER DELETE ON shelf BEGIN DELETE FROM shelfAt WHERE position = old.position; END;
  INSERT INTO shelf (owed, own, kept, size, atMs, id, topic, room, entry, bytes)
    SELECT 1, 1, room IS NOT NULL, length(bytes), 0, id, topic, room, entry, bytes FROM parcel ORDER BY position;
  INSERT INTO shelfAt (position, relay, "offset", held)
    SELECT shelf.position, held.relay, 0, 1 FROM shelf JOIN held ON held.room = shelf.room AND held.entry = shelf.entry;
  DROP TABLE parcel;
  CREATE TABLE erased (
    position INTEGER PRIMARY KEY, room BLOB NOT NULL, tag TEXT NOT NULL, UNIQUE (room, tag)
  ) STRICT;
  `,
  // Attachments. A file that is being read in has no id before its last byte is here. Chunks stand for themselves, so that
  // the same file told of twice is on disk once.
  `
  CREATE TABLE content (content INTEGER PRIMARY KEY, file BLOB UNIQUE) STRICT;
  CREATE TABLE chunk (
    position INTEGER PRIMARY KEY, content INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (content, number)
  ) STRICT;
  CREATE TABLE file (
    position INTEGER PRIMARY KEY, room BLOB NOT NULL, entry BLOB NOT NULL, file BLOB NOT NULL, salt BLOB NOT NULL, key BLOB NOT NULL,
    size INTEGER NOT NULL, name TEXT NOT NULL, wanted INTEGER NOT NULL, offered INTEGER NOT NULL, UNIQUE (room, entry)
  ) STRICT;
  CREATE INDEX fileContent ON file (file);
  CREATE TABLE fileHeld (
    room BLOB NOT NULL, entry BLOB NOT NULL, relay BLOB NOT NULL, chunks INTEGER NOT NULL, PRIMARY KEY (room, entry, relay)
  ) STRICT, WITHOUT ROWID;
  `,
  // What this device called its runs.
  `
  CREATE TABLE boot (position INTEGER PRIMARY KEY, token BLOB NOT NULL UNIQUE) STRICT;
  `,
  // The index for searching, and what people wrote marked, so that what is over is found by its age. Rooms in the order of
  // arrival: the newest page of one is read without sorting all of it.
  (db) => {
    db.exec(`
      ALTER TABLE entry ADD COLUMN said INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX entryInRoom ON entry (room);
      CREATE INDEX entrySaid ON entry (room, receivedAtMs) WHERE said = 1;
      CREATE INDEX shelfEntry ON shelf (room, entry);
      ${tables}
    `);
    indexAll(db);
  },
  // What people have read: this device's, and the others' as they said.
  `
  CREATE TABLE read (room BLOB NOT NULL, device BLOB NOT NULL, places BLOB NOT NULL, PRIMARY KEY (room, device)) STRICT, WITHOUT ROWID;
  `,
];
