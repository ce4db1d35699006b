-- Form 8: blocks that have bars besides those of a block that came for their period, whose digest this is.
CREATE TABLE besides (
    block  INTEGER PRIMARY KEY,
    digest BLOB NOT NULL
) STRICT;
