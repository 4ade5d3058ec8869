/**
 * The relay's tables. A later schema adds a step to `migrations`, never changes one: a relay that was switched
 * off for a year must open its old file.
 *
 * `topic.last` is the high-water mark: an offset is never given twice, whatever was deleted in between.
 * Topics belong to an organisation: knowing another organisation's topic id gives nothing.
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
];
