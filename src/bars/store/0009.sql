-- Form 9: what came from another store and stands in no row of `transfers` yet: kept with the bars, gone with the row.
CREATE TABLE untold (
    series  INTEGER PRIMARY KEY,
    started INTEGER NOT NULL, -- µs
    ended   INTEGER NOT NULL,
    bars    INTEGER NOT NULL,
    removed INTEGER NOT NULL
) STRICT;
