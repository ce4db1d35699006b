-- Form 3: what was taken out, so that backups lose it too; and when versions were made, so that a replica's lag can be told.
CREATE TABLE removed (
    series  INTEGER NOT NULL,
    version INTEGER NOT NULL,
    first   INTEGER NOT NULL, -- times of bars, s
    last    INTEGER NOT NULL
) STRICT;
CREATE INDEX removed_series ON removed (series, version);

-- The first version of a stretch of changes, at most one a second: those after it up to the next row came within that second.
CREATE TABLE changes (
    version INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL -- µs since 1970 UTC
) STRICT;
