//! The tables: made where they are missing, looked at where they are others'. Nothing of theirs is altered.

use super::MysqlInventory;
use crate::hosts::{Error, Result};
use crate::model::hosts::HostFacts;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use std::collections::BTreeSet;

const POOL: &str = "CREATE TABLE IF NOT EXISTS hosts_pool (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    host_name   VARCHAR(255) NOT NULL DEFAULT '',
    host_ip     VARCHAR(50)  NOT NULL,
    host_type   VARCHAR(50)  NOT NULL DEFAULT '',
    group_name  VARCHAR(100) NOT NULL DEFAULT '',
    vcpus       INT UNSIGNED NULL,
    ram         INT UNSIGNED NULL COMMENT 'GB',
    disk_size   INT UNSIGNED NULL COMMENT 'GB',
    remark      VARCHAR(500) NOT NULL DEFAULT '',
    is_deleted  TINYINT(1)   NOT NULL DEFAULT 0,
    create_time DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
    update_time DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    delete_time DATETIME     NULL,
    UNIQUE KEY uk_host_ip (host_ip),
    KEY idx_group_name (group_name)
) DEFAULT CHARSET = utf8mb4";

/// `{id}` is the type of `hosts_pool.id`, which a foreign key has to match.
const RESOURCES: &str = "CREATE TABLE IF NOT EXISTS server_resources (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    pool_id     {id} NOT NULL,
    ip          VARCHAR(50) NULL,
    cpu_load    DOUBLE NULL COMMENT '% (largest)',
    used_memory DOUBLE NULL COMMENT 'GB (largest)',
    total_disk  DOUBLE NULL COMMENT 'GB (largest)',
    create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    update_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    UNIQUE KEY uk_pool_id (pool_id),
    CONSTRAINT fk_server_resources_pool FOREIGN KEY (pool_id) REFERENCES hosts_pool (id) ON DELETE CASCADE
) DEFAULT CHARSET = utf8mb4";

/// The facts' columns, each with how it is spoken of in a fact.
const FACTS: [&str; 6] = ["host_type", "group_name", "vcpus", "ram", "disk_size", "remark"];

/// Which columns the tables have.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pool: BTreeSet<String>,
    resources: BTreeSet<String>,
}

impl Columns {
    pub(super) fn pool(&self, column: &str) -> bool {
        self.pool.contains(column)
    }
    pub(super) fn resources(&self, column: &str) -> bool {
        self.resources.contains(column)
    }

    /// Returns the facts that there are columns for.
    pub(super) fn known(&self, facts: &HostFacts) -> HostFacts {
        let [host_type, group, cpus, ram, disk, remark] = FACTS.map(|column| self.pool(column));
        let text = |has: bool, text: &String| if has { text.clone() } else { String::new() };
        HostFacts {
            name: facts.name.clone(),
            host_type: text(host_type, &facts.host_type),
            group: text(group, &facts.group),
            cpus: facts.cpus.filter(|_| cpus),
            memory_gb: facts.memory_gb.filter(|_| ram),
            disk_gb: facts.disk_gb.filter(|_| disk),
            remark: text(remark, &facts.remark),
        }
    }

    /// Refuses facts that there is no column for.
    pub(super) fn take(&self, facts: &HostFacts) -> Result<()> {
        if self.known(facts) == *facts {
            return Ok(());
        }
        let missing: Vec<&str> = FACTS.into_iter().filter(|column| !self.pool(column)).collect();
        Err(Error::permanent("inventory_schema", format!("the CMDB's hosts_pool has no column for this: it lacks {}", missing.join(", ")))
            .hint("leave the field out, or add the column there"))
    }
}

/// Makes the tables that are missing and returns what columns there are.
pub(super) async fn prepare(conn: &mut Conn, db: &MysqlInventory) -> Result<Columns> {
    let failed = |e| db.failed("look at the CMDB's tables", e);
    let mut pool = columns(conn, "hosts_pool").await.map_err(failed)?;
    if pool.is_empty() {
        conn.query_drop(POOL).await.map_err(|e| db.failed("create hosts_pool", e))?;
        pool = columns(conn, "hosts_pool").await.map_err(failed)?;
    }
    let mut resources = columns(conn, "server_resources").await.map_err(failed)?;
    if resources.is_empty() {
        let id = pool.iter().find(|(name, _)| name == "id").map_or("BIGINT UNSIGNED", |(_, kind)| kind.as_str());
        conn.query_drop(RESOURCES.replace("{id}", id)).await.map_err(|e| db.failed("create server_resources", e))?;
        resources = columns(conn, "server_resources").await.map_err(failed)?;
    }
    let names = |list: Vec<(String, String)>| list.into_iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let found = Columns { pool: names(pool), resources: names(resources) };
    need("hosts_pool", &found.pool, &[("id", ""), ("host_ip", ""), ("host_name", "VARCHAR(255) NOT NULL DEFAULT ''")])?;
    need(
        "server_resources",
        &found.resources,
        &[("id", ""), ("pool_id", ""), ("cpu_load", "DOUBLE NULL"), ("used_memory", "DOUBLE NULL"), ("total_disk", "DOUBLE NULL")],
    )?;
    Ok(found)
}

/// Name and type of each column; none where there is no such table.
async fn columns(conn: &mut Conn, table: &str) -> mysql_async::Result<Vec<(String, String)>> {
    conn.exec(
        "SELECT CAST(column_name AS CHAR), CAST(column_type AS CHAR) FROM information_schema.columns \
         WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position",
        (table,),
    )
    .await
}

fn need(table: &str, found: &BTreeSet<String>, wanted: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&(&str, &str)> = wanted.iter().filter(|(name, _)| !found.contains(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let error = Error::config("inventory_schema", format!("the CMDB's table {table} lacks {names}"));
    if missing.iter().any(|(_, kind)| kind.is_empty()) {
        return Err(error.hint("this is not the table that is meant: name another database"));
    }
    let added = missing.iter().map(|(name, kind)| format!("ADD COLUMN {name} {kind}")).collect::<Vec<_>>().join(", ");
    Err(error.hint(format!("ALTER TABLE {table} {added}")))
}
