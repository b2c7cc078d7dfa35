-- Memory: every passage that counts as told, numbered in the order in which it came. The words of an insight stand with its
-- edition; those of a passage that was told elsewhere stand here.
CREATE TABLE told (
    number        INTEGER PRIMARY KEY,
    fingerprinted INTEGER NOT NULL DEFAULT 0 CHECK (fingerprinted IN (0, 1)),
    date          TEXT,
    position      INTEGER,
    id            TEXT,                -- as it was handed in
    text          TEXT,
    CHECK ((date IS NULL) = (id IS NOT NULL) AND (date IS NULL) = (position IS NULL) AND (id IS NULL) = (text IS NULL)),
    FOREIGN KEY (date, position) REFERENCES sent_insight (date, position)
) STRICT;
CREATE UNIQUE INDEX told_by_insight ON told (date, position) WHERE date IS NOT NULL;
CREATE INDEX told_wanting ON told (number) WHERE fingerprinted = 0;

-- The names under which passages were handed in; apart, so that a large list is written in the order of its names.
CREATE TABLE told_id (
    id     TEXT PRIMARY KEY,
    number INTEGER NOT NULL            -- of told
) STRICT, WITHOUT ROWID;

-- Who has which fingerprint. A look-up of many texts reads each bucket once.
CREATE TABLE fingerprint (
    bucket  INTEGER PRIMARY KEY,       -- the upper 16 bits of a fingerprint
    holders BLOB NOT NULL              -- 7 bytes each, in the order of told: lower 16 bits, number in told, how many it has
) STRICT;

-- By which method fingerprints were taken: no row where there are none.
CREATE TABLE fingerprint_method (
    method INTEGER NOT NULL
) STRICT;

-- What is sent is told, from the same moment on.
CREATE TRIGGER sent_is_told AFTER INSERT ON sent_insight
BEGIN INSERT INTO told (date, position) VALUES (new.date, new.position); END;
INSERT INTO told (date, position) SELECT date, position FROM sent_insight ORDER BY date, position;
