-- The texts of rules, each once, under the SHA-256 of their bytes.
CREATE TABLE rules_text (
    sha256 TEXT PRIMARY KEY,
    text   TEXT NOT NULL
) STRICT;
CREATE TABLE rules (
    sha256   TEXT PRIMARY KEY,         -- what editions and readings call them by
    built_in TEXT NOT NULL REFERENCES rules_text (sha256),
    own      TEXT REFERENCES rules_text (sha256) -- what an operator laid over the built-in ones
) STRICT, WITHOUT ROWID;

-- What an edition was chosen by, so that it can be made again.
CREATE TABLE edition_record (
    date          TEXT PRIMARY KEY REFERENCES edition (date),
    program       TEXT NOT NULL,       -- its version
    settings      TEXT NOT NULL,       -- JSON: those that decided
    readings_upto INTEGER NOT NULL     -- the last reading that was on the shelf
) STRICT, WITHOUT ROWID;
CREATE TRIGGER edition_record_is_final BEFORE UPDATE ON edition_record
BEGIN SELECT raise(ABORT, 'what an edition was chosen by is written once and never edited'); END;

-- Editions that another store made and this one took over: history, never mailed from here.
CREATE TABLE imported_edition (
    date       TEXT PRIMARY KEY REFERENCES edition (date),
    known_from INTEGER NOT NULL        -- editions from this number on were chosen with it in view
) STRICT, WITHOUT ROWID;

-- Each reading of an entry, as the shelf showed it and as its candidates were found. Numbers grow with time, whatever the
-- clock does: an edition remembers up to which one it looked. A change of the entry makes a new row.
CREATE TABLE reading (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    entry           INTEGER NOT NULL REFERENCES entry (number) ON DELETE CASCADE,
    read_at         INTEGER NOT NULL,
    document_sha256 TEXT NOT NULL,
    rules_sha256    TEXT,              -- by which its candidates were found
    background      TEXT,              -- JSON: what was known of the entry beside its document
    entry_id        TEXT NOT NULL,     -- from here on as the shelf showed the entry
    source          TEXT NOT NULL,
    title           TEXT NOT NULL,
    link            TEXT,
    enclosure       TEXT,
    dated           INTEGER NOT NULL,
    dropped         INTEGER            -- when its document and its background were let go
) STRICT;
CREATE INDEX reading_by_entry ON reading (entry, number);
CREATE INDEX reading_by_date ON reading (dated);
CREATE INDEX reading_by_document ON reading (document_sha256);
CREATE INDEX reading_kept ON reading (read_at) WHERE dropped IS NULL;
INSERT INTO reading (entry, read_at, document_sha256, entry_id, source, title, link, enclosure, dated)
  SELECT number, first_seen, document_sha256, id, source, title, link, enclosure, dated FROM entry
  WHERE reading = 'read' AND document_sha256 IS NOT NULL ORDER BY number;
CREATE TRIGGER entry_changes_are_kept AFTER UPDATE OF id, source, title, link, enclosure, published, first_seen ON entry
WHEN OLD.id IS NOT NEW.id OR OLD.source IS NOT NEW.source OR OLD.title IS NOT NEW.title OR OLD.link IS NOT NEW.link OR OLD.enclosure IS NOT NEW.enclosure
  OR coalesce(OLD.published, OLD.first_seen) IS NOT coalesce(NEW.published, NEW.first_seen)
BEGIN
  INSERT INTO reading
    (entry, read_at, document_sha256, rules_sha256, background, entry_id, source, title, link, enclosure, dated, dropped)
  SELECT NEW.number, read_at, document_sha256, rules_sha256, background, NEW.id, NEW.source, NEW.title, NEW.link,
         NEW.enclosure, coalesce(NEW.published, NEW.first_seen), dropped
  FROM reading WHERE entry = NEW.number ORDER BY number DESC LIMIT 1;
END;

-- The text of a document that an edition cites may go; its row stays, for the edition refers to it.
ALTER TABLE document ADD COLUMN dropped INTEGER; -- when its text was let go

-- What editions cite: the words and their place in the document's text, for good.
CREATE TABLE cited_span (
    document_sha256 TEXT NOT NULL REFERENCES document (sha256),
    from_byte       INTEGER NOT NULL,
    to_byte         INTEGER NOT NULL,
    text            TEXT NOT NULL,
    PRIMARY KEY (document_sha256, from_byte, to_byte)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO cited_span (document_sha256, from_byte, to_byte, text)
  SELECT s.document_sha256, s.from_byte, s.to_byte,
         CAST(substr(CAST(d.text AS BLOB), s.from_byte + 1, s.to_byte - s.from_byte) AS TEXT)
  FROM sent_insight s JOIN document d ON d.sha256 = s.document_sha256;

-- The words of a mail are set when its edition is chosen, and may be set anew until somebody's message was begun.
ALTER TABLE mailing ADD COLUMN program TEXT;
ALTER TABLE mailing ADD COLUMN templates_sha256 TEXT;
ALTER TABLE mailing ADD COLUMN letterhead TEXT; -- JSON: what the settings put into the words
DROP TRIGGER mailing_is_final;
CREATE TRIGGER mailing_is_final BEFORE UPDATE ON mailing
WHEN EXISTS (SELECT 1 FROM delivery WHERE date = OLD.date AND attempts > 0)
BEGIN SELECT raise(ABORT, 'the words of a mail are final once a message was begun'); END;

-- Full text of all candidates and of all that was sent, without the text itself. Row 2 n is candidate n; row
-- 128 n + 2 p + 1 is the insight at position p of edition n.
CREATE VIRTUAL TABLE passage_search USING fts5 (
    headline, text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO passage_search (rowid, headline, text) SELECT 2 * number, headline, text FROM candidate;
INSERT INTO passage_search (rowid, headline, text)
  SELECT 128 * e.number + 2 * s.position + 1, s.headline, s.text FROM sent_insight s JOIN edition e ON e.date = s.date;
CREATE TRIGGER candidate_can_be_found AFTER INSERT ON candidate
BEGIN
  INSERT INTO passage_search (rowid, headline, text) VALUES (2 * NEW.number, NEW.headline, NEW.text);
END;
CREATE TRIGGER candidate_changes_can_be_found AFTER UPDATE OF headline, text ON candidate
BEGIN
  UPDATE passage_search SET headline = NEW.headline, text = NEW.text WHERE rowid = 2 * NEW.number;
END;
CREATE TRIGGER candidate_is_found_no_more AFTER DELETE ON candidate
BEGIN
  DELETE FROM passage_search WHERE rowid = 2 * OLD.number;
END;
CREATE TRIGGER sent_insight_can_be_found AFTER INSERT ON sent_insight
BEGIN
  INSERT INTO passage_search (rowid, headline, text)
  SELECT 128 * number + 2 * NEW.position + 1, NEW.headline, NEW.text FROM edition WHERE date = NEW.date;
END;
