/** The database, one step a version. A step that was released never changes; a new one is added at the end. */
export const steps: readonly string[] = [
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
  // What this device called its runs.
  `
  CREATE TABLE boot (position INTEGER PRIMARY KEY, token BLOB NOT NULL UNIQUE) STRICT;
  `,
];
