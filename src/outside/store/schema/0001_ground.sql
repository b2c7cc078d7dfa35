-- Times are microseconds since 1970-01-01T00:00Z; days are written YYYY-MM-DD; text in JSON stands as it is exported.

-- What is known of a source besides its entries. The validators hold for one address of its feed only.
CREATE TABLE source (
    name          TEXT PRIMARY KEY,
    feed          TEXT NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    window_from   INTEGER NOT NULL   -- entries published before this were passed over
) STRICT, WITHOUT ROWID;

-- The readable texts, each once. What an edition cites cannot be deleted: sent_insight refers to it.
CREATE TABLE document (
    sha256 TEXT PRIMARY KEY, -- of the text, in hexadecimal
    text   TEXT NOT NULL,
    layout TEXT NOT NULL     -- JSON: origin, blocks, marks
) STRICT;

CREATE TABLE entry (
    number          INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    source          TEXT NOT NULL,
    title           TEXT NOT NULL,
    link            TEXT,
    enclosure       TEXT,
    published       INTEGER,           -- as the feed says it
    first_seen      INTEGER NOT NULL,
    dated           INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(published, first_seen)) STORED,
    reading         TEXT NOT NULL CHECK (reading IN ('waiting', 'read', 'no-text', 'failed')),
    reason          TEXT,              -- why there is no text
    tries           INTEGER NOT NULL DEFAULT 0, -- how often its text could not be fetched
    waiting         TEXT,              -- JSON: the entry itself, until its text has been read
    document_sha256 TEXT               -- outlives the document, which housekeeping may drop
) STRICT;
CREATE INDEX entry_by_source ON entry (source, id);
CREATE INDEX entry_waiting ON entry (source, dated) WHERE waiting IS NOT NULL;
CREATE INDEX entry_by_date ON entry (dated);
CREATE INDEX entry_by_document ON entry (document_sha256);

CREATE TABLE candidate (
    number        INTEGER PRIMARY KEY,
    entry         INTEGER NOT NULL REFERENCES entry (number) ON DELETE CASCADE,
    from_byte     INTEGER NOT NULL,
    to_byte       INTEGER NOT NULL,
    text          TEXT NOT NULL,
    headline      TEXT NOT NULL,
    speaker       TEXT,
    start_seconds REAL,
    paragraph     INTEGER,
    score         REAL NOT NULL,
    reasons       TEXT NOT NULL,       -- JSON
    topics        TEXT NOT NULL,       -- JSON
    UNIQUE (entry, from_byte, to_byte)
) STRICT;

-- An edition is written once and never edited.
CREATE TABLE edition (
    date   TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    digest TEXT NOT NULL               -- JSON
) STRICT;
CREATE TRIGGER edition_is_final BEFORE UPDATE ON edition
BEGIN SELECT raise(ABORT, 'an edition is written once and never edited'); END;

-- History: every insight that was sent.
CREATE TABLE sent_insight (
    date            TEXT NOT NULL REFERENCES edition (date),
    position        INTEGER NOT NULL,  -- from 1, best first
    entry           TEXT,              -- our id of it
    headline        TEXT NOT NULL,
    text            TEXT NOT NULL,
    document_sha256 TEXT NOT NULL REFERENCES document (sha256),
    from_byte       INTEGER NOT NULL,
    to_byte         INTEGER NOT NULL,
    PRIMARY KEY (date, position)
) STRICT;
CREATE INDEX sent_insight_by_document ON sent_insight (document_sha256);
CREATE TRIGGER history_is_final BEFORE UPDATE ON sent_insight
BEGIN SELECT raise(ABORT, 'history is what was sent; it is never edited'); END;

CREATE TABLE subscriber (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT, -- logs name people by it: never given twice
    address            TEXT NOT NULL,                     -- as typed
    address_key        TEXT NOT NULL UNIQUE,              -- in lower case: one person, one row
    status             TEXT NOT NULL CHECK (status IN ('pending', 'active', 'left', 'suppressed')),
    leave_token        TEXT NOT NULL UNIQUE,
    preferences        TEXT NOT NULL DEFAULT '{}',        -- JSON
    since              INTEGER NOT NULL,                  -- when they joined last
    left_at            INTEGER,
    suppressed_at      INTEGER,
    suppression_reason TEXT
) STRICT;
CREATE INDEX subscriber_by_status ON subscriber (status);

-- Each time somebody agreed, so that consent can be shown (GDPR article 7(1)).
CREATE TABLE consent (
    subscriber   INTEGER NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
    at           INTEGER NOT NULL,
    source       TEXT NOT NULL,
    text_version TEXT                  -- of the words agreed to, where there was a form
) STRICT;
CREATE INDEX consent_by_subscriber ON consent (subscriber);

-- The ledger: one row per edition and subscriber.
CREATE TABLE delivery (
    date           TEXT NOT NULL REFERENCES edition (date),
    subscriber     INTEGER NOT NULL REFERENCES subscriber (id),
    state          TEXT NOT NULL
                   CHECK (state IN ('waiting', 'attempting', 'accepted', 'refused', 'deferred', 'unknown')),
    attempts       INTEGER NOT NULL DEFAULT 0,
    times_unknown  INTEGER NOT NULL DEFAULT 0, -- how many copies may have arrived unseen
    message_id     TEXT,
    message_sha256 TEXT,
    reason         TEXT,               -- the server's answer, without addresses
    not_before     INTEGER,            -- when a deferred one is due again
    changed        INTEGER,            -- when the state was last written
    PRIMARY KEY (date, subscriber)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_by_state ON delivery (date, state);
CREATE INDEX delivery_by_subscriber ON delivery (subscriber);
CREATE INDEX delivery_under_way ON delivery (state) WHERE state = 'attempting';
