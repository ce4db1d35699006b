-- Form 1 of the bars database. `version` is one rising number for the whole file, given to each change of a series.
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE series (
    id       INTEGER PRIMARY KEY,
    symbol   TEXT    NOT NULL,
    interval TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    changed  INTEGER NOT NULL, -- when, µs since 1970 UTC
    bars     INTEGER NOT NULL,
    first    INTEGER,          -- times of bars, s; null while there is none
    last     INTEGER,
    digest   BLOB    NOT NULL, -- the sum of its blocks' digests
    UNIQUE (symbol, interval)
) STRICT;
CREATE INDEX series_version ON series (version);

-- id = series << 20 | (period + 2^19): a series' blocks lie together, in order of time.
CREATE TABLE blocks (
    id      INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    bars    INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    digest  BLOB    NOT NULL,
    data    BLOB    NOT NULL
) STRICT;

-- What was found to differ from what had been stored.
CREATE TABLE corrections (
    id     INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    found  INTEGER NOT NULL, -- µs
    kind   TEXT    NOT NULL, -- correction | rebase
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    bars   INTEGER NOT NULL,
    factor REAL,             -- of a rebase: new price / old price
    source TEXT    NOT NULL
) STRICT;
CREATE INDEX corrections_series ON corrections (series, found);

-- What a provider's source looked like when it was read whole: the same again needs no reading.
CREATE TABLE seen (
    series INTEGER NOT NULL,
    source TEXT    NOT NULL,
    mark   TEXT    NOT NULL,
    PRIMARY KEY (series, source)
) STRICT, WITHOUT ROWID;

-- What a backup or slave is known to have of a series.
CREATE TABLE marks (
    target  TEXT    NOT NULL,
    series  INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at      INTEGER NOT NULL, -- µs
    PRIMARY KEY (target, series)
) STRICT, WITHOUT ROWID;
