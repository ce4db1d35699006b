-- The whole domain of the design, also what later families fill: cheap here, dear later.
-- Times are UTC microseconds; documents are JSON with a version of their own.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers that only rise and are never reused; "index" moves with every change.
CREATE TABLE sequences (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    number           INTEGER PRIMARY KEY,
    id               TEXT NOT NULL,
    kind             TEXT NOT NULL,
    name             TEXT NOT NULL,
    spec             TEXT NOT NULL,
    trigger_doc      TEXT NOT NULL,
    desired          TEXT NOT NULL,
    origin           TEXT NOT NULL,
    echo             TEXT,
    description      TEXT NOT NULL,
    created_by       TEXT NOT NULL,
    created          INTEGER NOT NULL,
    updated          INTEGER NOT NULL,
    deleted          INTEGER,
    create_index     INTEGER NOT NULL,
    modify_index     INTEGER NOT NULL,
    job_modify_index INTEGER NOT NULL,
    next_fire        INTEGER,
    state            TEXT NOT NULL,
    state_doc        TEXT NOT NULL,
    state_since      INTEGER NOT NULL,
    runs             INTEGER NOT NULL DEFAULT 0,
    successes        INTEGER NOT NULL DEFAULT 0,
    failures         INTEGER NOT NULL DEFAULT 0,
    data_count       INTEGER NOT NULL DEFAULT 0,
    duration_ms      INTEGER NOT NULL DEFAULT 0,
    last_run         INTEGER,
    last_result      TEXT
) STRICT;
CREATE UNIQUE INDEX jobs_living_id ON jobs (id) WHERE deleted IS NULL;
CREATE UNIQUE INDEX jobs_living_name ON jobs (kind, name) WHERE deleted IS NULL;
CREATE INDEX jobs_next_fire ON jobs (next_fire) WHERE deleted IS NULL AND next_fire IS NOT NULL;

CREATE TABLE runs (
    number       INTEGER PRIMARY KEY,
    job_number   INTEGER REFERENCES jobs (number),
    job_id       TEXT,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    spec         TEXT NOT NULL,
    trigger_doc  TEXT NOT NULL,
    started      INTEGER NOT NULL,
    ended        INTEGER,
    state        TEXT NOT NULL,
    success      INTEGER,
    message      TEXT NOT NULL DEFAULT '',
    error        TEXT NOT NULL DEFAULT '',
    counters     TEXT,
    eval_id      TEXT NOT NULL,
    restarts     INTEGER NOT NULL DEFAULT 0,
    create_index INTEGER NOT NULL,
    modify_index INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_of_job ON runs (job_number, number);
CREATE INDEX runs_by_state ON runs (state, number);
CREATE INDEX runs_by_started ON runs (started);

CREATE TABLE run_sides (
    run           INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    side          TEXT NOT NULL,
    allocation_id TEXT NOT NULL UNIQUE,
    node          TEXT NOT NULL,
    state         TEXT NOT NULL,
    started       INTEGER,
    ended         INTEGER,
    progress      TEXT NOT NULL,
    PRIMARY KEY (run, side)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_items (
    number   INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    key      TEXT NOT NULL,
    label    TEXT NOT NULL,
    outcome  TEXT NOT NULL,
    measures TEXT NOT NULL,
    started  INTEGER,
    ended    INTEGER,
    count    INTEGER NOT NULL,
    error    TEXT NOT NULL
) STRICT;
CREATE INDEX run_items_of_run ON run_items (run, number);

CREATE TABLE run_events (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    run         INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    side        TEXT,
    kind        TEXT NOT NULL,
    time        INTEGER NOT NULL,
    message     TEXT NOT NULL,
    setup_error TEXT NOT NULL
) STRICT;
CREATE INDEX run_events_of_run ON run_events (run, number);

CREATE TABLE verifications (
    number     INTEGER PRIMARY KEY,
    job_number INTEGER NOT NULL REFERENCES jobs (number),
    state      TEXT NOT NULL,
    started    INTEGER NOT NULL,
    ended      INTEGER,
    error      TEXT NOT NULL DEFAULT '',
    result     TEXT NOT NULL
) STRICT;
CREATE INDEX verifications_of_job ON verifications (job_number, number);

CREATE TABLE nodes (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    http_address TEXT NOT NULL,
    region       TEXT NOT NULL,
    datacenter   TEXT NOT NULL,
    role         TEXT NOT NULL,
    started_at   INTEGER NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    build        TEXT NOT NULL,
    leader       INTEGER NOT NULL,
    source       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_targets (
    name     TEXT PRIMARY KEY,
    kind     TEXT NOT NULL,
    enabled  INTEGER NOT NULL,
    spec     TEXT NOT NULL,
    created  INTEGER NOT NULL,
    updated  INTEGER NOT NULL,
    last_run INTEGER REFERENCES runs (number) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_marks (
    target   TEXT NOT NULL REFERENCES sync_targets (name) ON DELETE CASCADE,
    symbol   TEXT NOT NULL,
    interval TEXT NOT NULL,
    version  INTEGER NOT NULL,
    updated  INTEGER NOT NULL,
    PRIMARY KEY (target, symbol, interval)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    time       INTEGER NOT NULL,
    who        TEXT NOT NULL,
    action     TEXT NOT NULL,
    object     TEXT NOT NULL,
    request_id TEXT NOT NULL,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (time);
