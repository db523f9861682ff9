-- What has to be undone later, sealed. No part of the records.
CREATE TABLE vault (
  id     TEXT    PRIMARY KEY,
  sealed BLOB    NOT NULL,
  until  INTEGER NOT NULL   -- microseconds since 1970: dropped afterwards
) STRICT, WITHOUT ROWID;
