-- Sites (scheme, host and port) whose pages and files are left alone until then, as they asked. Feeds have it in their own row.
CREATE TABLE site_left_alone (
    site  TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
