-- Form 4: daemons that came by themselves (slaves that pull, masters that push), as they were when they were last kept.
CREATE TABLE visits (
    store   TEXT PRIMARY KEY, -- the id of theirs
    name    TEXT    NOT NULL,
    host    TEXT    NOT NULL, -- the address that its connections come from
    at      INTEGER NOT NULL, -- µs
    every   INTEGER,          -- s; null: it did not say
    version INTEGER,          -- null: it takes nothing from here
    in_step INTEGER           -- µs
) STRICT, WITHOUT ROWID;
