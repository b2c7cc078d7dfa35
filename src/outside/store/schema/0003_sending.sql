-- The words of an edition's mail, set once, before the first message goes out: whoever gets it later gets the same.
CREATE TABLE mailing (
    date        TEXT PRIMARY KEY REFERENCES edition (date),
    subject     TEXT NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    placeholder TEXT NOT NULL          -- stands wherever a reader's own token is to stand
) STRICT, WITHOUT ROWID;
CREATE TRIGGER mailing_is_final BEFORE UPDATE ON mailing
BEGIN SELECT raise(ABORT, 'the words of a mail are set once and never edited'); END;

-- Whether the last answer said that the mailbox is full (RFC 3463 X.2.2): a reader of whom that is said for days has gone.
ALTER TABLE delivery ADD COLUMN mailbox_full INTEGER NOT NULL DEFAULT 0;
