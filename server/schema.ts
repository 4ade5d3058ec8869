/**
 * The relay's tables. A later schema adds a step to `migrations`, never changes one: a relay that was switched
 * off for a year must open its old file.
 *
 * Topics belong to an organisation: knowing another organisation's topic id gives nothing.
 *
 * Since step 2 envelopes lie in `parcel` in the order of their arrival, whatever their topic, so that a commit writes
 * whole pages one behind the other; `place` is the small table that finds a topic's parcels. `place.total` counts the
 * bytes of the topic from its beginning, so what it holds now is a difference of two rows. `known` finds an envelope by
 * a hash (known.ts). `meta.given`: every offset ever given is at most this.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (store BLOB NOT NULL CHECK (length(store) = 16)) STRICT;
  CREATE TABLE org (
    id INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL UNIQUE,
    bytes INTEGER NOT NULL DEFAULT 0,
    version INTEGER,
    list BLOB
  ) STRICT;
  CREATE TABLE topic (
    id INTEGER PRIMARY KEY,
    org INTEGER NOT NULL REFERENCES org (id),
    name BLOB NOT NULL,
    last INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (org, name)
  ) STRICT;
  CREATE TABLE envelope (
    seq INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL REFERENCES topic (id),
    offset INTEGER NOT NULL,
    id BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (topic, offset),
    UNIQUE (topic, id)
  ) STRICT;
  `,
  `
  ALTER TABLE meta ADD COLUMN secret BLOB;
  ALTER TABLE meta ADD COLUMN given INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE meta ADD COLUMN known_to INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE meta ADD COLUMN is_copy INTEGER NOT NULL DEFAULT 0;
  UPDATE meta SET secret = randomblob(32);
  ALTER TABLE org ADD COLUMN envelopes INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE parcel (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    marks BLOB NOT NULL,
    items BLOB NOT NULL
  ) STRICT;
  CREATE TABLE place (
    topic INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    size INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (topic, first)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE known (
    topic INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (topic, slot, offset)
  ) STRICT, WITHOUT ROWID;
  `,
  // What was kept before step 2 has been moved by then (Database.#moveOld); the old offsets went with it.
  `
  DROP TABLE envelope;
  ALTER TABLE topic DROP COLUMN last;
  ALTER TABLE topic DROP COLUMN bytes;
  `,
  // From here on `place` and the sums of `org` may be behind (shelf.ts).
  `
  ALTER TABLE meta ADD COLUMN placed_to INTEGER NOT NULL DEFAULT 0;
  UPDATE meta SET placed_to = (SELECT coalesce(max(last), 0) FROM parcel);
  `,
];
