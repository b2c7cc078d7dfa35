-- Sites (scheme, host and port) whose pages and files are left alone until then, as they asked. Feeds have it in their own row.
CREATE TABLE site_left_alone (
    site  TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A query may hold a token. What is kept of such a feed begins anew, under an address that does not tell it.
UPDATE source SET feed = substr(feed, 1, instr(feed, '?') - 1) WHERE instr(feed, '?') > 0;
