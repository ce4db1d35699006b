-- What a job has counted over all its runs, and what it has left at targets that did not answer when it was deleted.

CREATE TABLE job_figures (
    job_number INTEGER PRIMARY KEY REFERENCES jobs (number),
    figures    TEXT NOT NULL,
    updated    INTEGER NOT NULL
) STRICT;

CREATE TABLE leftovers (
    job_number INTEGER PRIMARY KEY REFERENCES jobs (number),
    job_id     TEXT NOT NULL,
    spec       TEXT NOT NULL,
    since      INTEGER NOT NULL
) STRICT;
