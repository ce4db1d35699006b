-- Form 2: what was brought to whom, and how that ended.
CREATE TABLE transfers (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    target   TEXT    NOT NULL,
    symbol   TEXT    NOT NULL, -- '' of a target that could not be talked to
    interval TEXT    NOT NULL,
    mode     TEXT    NOT NULL,
    started  INTEGER NOT NULL, -- µs
    ended    INTEGER NOT NULL,
    bars     INTEGER NOT NULL,
    error    TEXT    NOT NULL  -- '' = it is there, and equal
) STRICT;
CREATE INDEX transfers_target ON transfers (target, id);
