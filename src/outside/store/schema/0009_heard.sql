-- What a program heard in an audio file, or how often it was tried in vain.
CREATE TABLE heard (
    audio_sha256 TEXT PRIMARY KEY,      -- of the address of the file, in hexadecimal
    captions     TEXT,                  -- WebVTT; none until it was heard
    tries        INTEGER NOT NULL,      -- written down before each begins: a try that takes the machine down counts
    reason       TEXT,                  -- why the last try failed
    at           INTEGER NOT NULL       -- when the last one began
) STRICT;
CREATE INDEX heard_by_time ON heard (at);

-- Whether an entry was read from words that a machine heard; and whether it was, at the time of a reading.
ALTER TABLE entry ADD COLUMN machine_heard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reading ADD COLUMN machine_heard INTEGER NOT NULL DEFAULT 0;
DROP TRIGGER entry_changes_are_kept;
CREATE TRIGGER entry_changes_are_kept AFTER UPDATE OF id, source, title, link, enclosure, published, first_seen ON entry
WHEN OLD.id IS NOT NEW.id OR OLD.source IS NOT NEW.source OR OLD.title IS NOT NEW.title OR OLD.link IS NOT NEW.link OR OLD.enclosure IS NOT NEW.enclosure
  OR coalesce(OLD.published, OLD.first_seen) IS NOT coalesce(NEW.published, NEW.first_seen)
BEGIN
  INSERT INTO reading
    (entry, read_at, document_sha256, rules_sha256, background, entry_id, source, title, link, enclosure, dated, dropped,
     machine_heard)
  SELECT NEW.number, read_at, document_sha256, rules_sha256, background, NEW.id, NEW.source, NEW.title, NEW.link,
         NEW.enclosure, coalesce(NEW.published, NEW.first_seen), dropped,
         machine_heard
  FROM reading WHERE entry = NEW.number ORDER BY number DESC LIMIT 1;
END;
