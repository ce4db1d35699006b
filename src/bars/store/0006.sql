-- Form 6: blocks that were seen to be damaged and have been neither written anew nor taken out since.
CREATE TABLE damaged (
    block INTEGER PRIMARY KEY,
    found INTEGER NOT NULL -- µs since 1970 UTC
) STRICT;
