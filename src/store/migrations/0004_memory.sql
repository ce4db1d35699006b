-- What a job's engine keeps here because its destination cannot: position, table states, definitions.
CREATE TABLE memory (
    job      TEXT NOT NULL,
    name     TEXT NOT NULL,
    epoch    INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;
