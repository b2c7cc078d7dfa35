-- By what an entry is recognised when its feed tells it otherwise. Of entries of older stores the GUID is not known; their
-- id was made of it.
ALTER TABLE entry ADD COLUMN guid TEXT;             -- the newest
ALTER TABLE entry ADD COLUMN landed TEXT;           -- where its page stood after redirects, if that was elsewhere
ALTER TABLE entry ADD COLUMN republished INTEGER;   -- as the feed says it now, if that is not "published": the first date stays
ALTER TABLE entry ADD COLUMN duration_seconds REAL;

-- The rows of a source in the order in which they were met.
DROP INDEX entry_by_source;
CREATE INDEX entry_by_source ON entry (source);

-- Entries that were too old when they were met, so that a new date does not bring them in; written and read as they are.
CREATE TABLE passed_over (
    source  TEXT PRIMARY KEY,
    entries BLOB NOT NULL
) STRICT, WITHOUT ROWID;
