-- One row per stream: where it ends, and when it wants attention.
CREATE TABLE stream (
  id      INTEGER PRIMARY KEY,
  name    TEXT    NOT NULL UNIQUE,
  shard   INTEGER NOT NULL,
  version INTEGER NOT NULL,  -- of its last record
  due     INTEGER            -- microseconds since 1970, NULL: not by itself
) STRICT;

-- Due reads this index from its start. It holds only streams that wait.
CREATE INDEX stream_due ON stream (due, shard) WHERE due IS NOT NULL;

-- The records. SQLite has one writer at a time, whichever process it is in, so
-- that places are given in the order of the commits: the tail never gains a
-- record behind a reader. AUTOINCREMENT: no place is ever given twice.
CREATE TABLE record (
  place   INTEGER PRIMARY KEY AUTOINCREMENT,
  shard   INTEGER NOT NULL,
  stream  INTEGER NOT NULL REFERENCES stream (id),
  version INTEGER NOT NULL,
  at      INTEGER NOT NULL,  -- microseconds since 1970
  kind    TEXT    NOT NULL,
  key     TEXT    NOT NULL,  -- '': none
  body    BLOB    NOT NULL,
  prev    TEXT    NOT NULL,
  hash    TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX record_version ON record (stream, version);
CREATE UNIQUE INDEX record_key ON record (stream, key) WHERE key <> '';
CREATE INDEX record_tail ON record (shard);

CREATE TABLE lease (
  name   TEXT    PRIMARY KEY,
  holder TEXT    NOT NULL,
  until  INTEGER NOT NULL   -- microseconds since 1970
) STRICT, WITHOUT ROWID;
