-- The embedded inventory. Names of tables and columns are those of the CMDBs that this stands in for; times are RFC 3339.
CREATE TABLE hosts_pool (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    host_name   TEXT    NOT NULL DEFAULT '',
    host_ip     TEXT    NOT NULL UNIQUE,
    host_type   TEXT    NOT NULL DEFAULT '',
    group_name  TEXT    NOT NULL DEFAULT '',
    vcpus       INTEGER,
    ram         INTEGER,
    disk_size   INTEGER,
    remark      TEXT    NOT NULL DEFAULT '',
    is_deleted  INTEGER NOT NULL DEFAULT 0,
    create_time TEXT    NOT NULL,
    update_time TEXT    NOT NULL,
    delete_time TEXT
) STRICT;
CREATE INDEX hosts_pool_group ON hosts_pool (group_name);

CREATE TABLE server_resources (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    pool_id     INTEGER NOT NULL UNIQUE REFERENCES hosts_pool (id) ON DELETE CASCADE,
    ip          TEXT    NOT NULL,
    cpu_load    REAL,
    used_memory REAL,
    total_disk  REAL,
    create_time TEXT    NOT NULL,
    update_time TEXT    NOT NULL
) STRICT;
