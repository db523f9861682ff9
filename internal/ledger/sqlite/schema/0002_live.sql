-- Which streams are about something that still goes on. Of those that were
-- written before, only their records tell: they are listed until they are
-- written again.
ALTER TABLE stream ADD COLUMN live INTEGER NOT NULL DEFAULT 1;

-- Live reads a range of names of this index.
CREATE INDEX stream_live ON stream (name) WHERE live = 1;
