//! The embedded inventory: an SQLite file of its own under the data directory, so that the engine needs nothing of the
//! daemon's store. One connection behind a lock that only blocking threads take; each call is one transaction.

use super::{HostFilter, Imported, Inventory, Pool, Recorded, Sample};
use crate::hosts::address::read;
use crate::hosts::{Error, Kind, Result};
use crate::model::hosts::{Host, HostChange, HostFacts, HostResources};
use crate::secret::file::close_to_others;
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Scripts in order; `PRAGMA user_version` counts those that ran.
const SCRIPTS: [&str; 1] = [include_str!("sqlite.sql")];

const COLUMNS: &str = "h.id, h.host_ip, h.host_name, h.host_type, h.group_name, h.vcpus, h.ram, h.disk_size, h.remark, h.create_time, \
     h.update_time, r.cpu_load, r.used_memory, r.total_disk, r.update_time AS measured";
const FROM: &str = "FROM hosts_pool h LEFT JOIN server_resources r ON r.pool_id = h.id WHERE h.is_deleted = 0";

/// The embedded inventory. Clones share the file.
#[derive(Clone)]
pub struct SqliteInventory {
    conn: Arc<Mutex<Connection>>,
    file: PathBuf,
}

impl SqliteInventory {
    /// Opens the file, making it and its tables when they are not there. Blocks.
    pub fn open(file: &Path) -> Result<Self> {
        let doing = format!("open host inventory {}", file.display());
        let failed = |e: rusqlite::Error| broken(e, &doing);
        close_to_others(file).map_err(|e| Error::permanent("inventory_failed", format!("{doing}: {e}")).because(e))?;
        let mut conn = Connection::open(file).map_err(failed)?;
        conn.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
        conn.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        conn.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        conn.pragma_update(None, "foreign_keys", "ON").map_err(failed)?;
        migrate(&mut conn, file)?;
        Ok(Self { conn: Arc::new(Mutex::new(conn)), file: file.to_owned() })
    }

    async fn call<T: Send + 'static>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let conn = Arc::clone(&self.conn);
        let work = move || {
            // A panic inside one call rolled its transaction back: the connection is as good as before.
            let mut conn = conn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| Error::permanent("inventory_failed", "a query of the inventory panicked").because(e))?
    }
}

fn migrate(conn: &mut Connection, file: &Path) -> Result<()> {
    let done: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = u32::try_from(SCRIPTS.len()).expect("a handful of scripts");
    if done > known {
        let message = format!("the host inventory {} is of a newer syncline (form {done}, this build knows {known})", file.display());
        return Err(Error::config("inventory_newer", message).hint("use that build, or restore a backup"));
    }
    for (number, script) in (1u32..).zip(SCRIPTS).skip(done as usize) {
        let tx = conn.transaction()?;
        tx.execute_batch(script)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    Ok(())
}

fn broken(error: rusqlite::Error, doing: &str) -> Error {
    let kind = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::SystemIoFailure) => Kind::Transient,
        _ => Kind::Permanent,
    };
    Error::new(kind, "inventory_failed", format!("{doing}: {error}")).because(error)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        broken(error, "host inventory")
    }
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<String>>(column)?.and_then(|t| t.parse().ok()))
}

/// Reads a row of [`COLUMNS`]; the address's text where it is none.
fn host(row: &Row<'_>) -> rusqlite::Result<Result<(Host, HostResources), String>> {
    let text: String = row.get("host_ip")?;
    let Some(ip) = read(&text) else { return Ok(Err(text)) };
    let facts = HostFacts {
        name: row.get("host_name")?,
        host_type: row.get("host_type")?,
        group: row.get("group_name")?,
        cpus: row.get("vcpus")?,
        memory_gb: row.get("ram")?,
        disk_gb: row.get("disk_size")?,
        remark: row.get("remark")?,
    };
    let host = Host { id: id(row.get("id")?), ip, facts, created: time(row, "create_time")?, updated: time(row, "update_time")? };
    let resources = HostResources {
        cpu_load: row.get("cpu_load")?,
        used_memory: row.get("used_memory")?,
        total_disk: row.get("total_disk")?,
        updated: time(row, "measured")?,
    };
    Ok(Ok((host, resources)))
}

/// SQLite's integers are signed; its ids never are.
fn id(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn by_id(tx: &Transaction<'_>, id: u64) -> Result<(Host, HostResources)> {
    let found = tx.prepare_cached(&format!("SELECT {COLUMNS} {FROM} AND h.id = ?1"))?.query_row([int(id)], host).optional()?;
    found.and_then(Result::ok).ok_or_else(|| Error::not_found(id))
}

/// Returns id and deletedness of the row with this address.
fn row_of(tx: &Transaction<'_>, ip: IpAddr) -> Result<Option<(u64, bool)>> {
    let mut query = tx.prepare_cached("SELECT id, is_deleted FROM hosts_pool WHERE host_ip = ?1")?;
    Ok(query.query_row([ip.to_string()], |row| Ok((id(row.get(0)?), row.get(1)?))).optional()?)
}

fn insert(tx: &Transaction<'_>, ip: IpAddr, facts: &HostFacts) -> Result<u64> {
    let HostFacts { name, host_type, group, cpus, memory_gb, disk_gb, remark } = facts;
    let now = Timestamp::now().to_string();
    tx.prepare_cached(
        "INSERT INTO hosts_pool (host_ip, host_name, host_type, group_name, vcpus, ram, disk_size, remark, create_time, update_time) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
    )?
    .execute(params![ip.to_string(), name, host_type, group, cpus, memory_gb, disk_gb, remark, now])?;
    Ok(id(tx.last_insert_rowid()))
}

/// Writes a row as it shall be, which also brings a deleted one back.
fn save(tx: &Transaction<'_>, id: u64, ip: IpAddr, facts: &HostFacts) -> Result<()> {
    let HostFacts { name, host_type, group, cpus, memory_gb, disk_gb, remark } = facts;
    let now = Timestamp::now().to_string();
    tx.prepare_cached(
        "UPDATE hosts_pool SET host_ip = ?2, host_name = ?3, host_type = ?4, group_name = ?5, vcpus = ?6, ram = ?7, disk_size = ?8, \
         remark = ?9, is_deleted = 0, delete_time = NULL, update_time = ?10 WHERE id = ?1",
    )?
    .execute(params![int(id), ip.to_string(), name, host_type, group, cpus, memory_gb, disk_gb, remark, now])?;
    Ok(())
}

fn register(tx: &Transaction<'_>, ip: IpAddr, facts: &HostFacts) -> Result<(Host, bool)> {
    let (id, new) = match row_of(tx, ip)? {
        Some((id, false)) => (id, false),
        Some((id, true)) => {
            save(tx, id, ip, facts)?;
            (id, true)
        }
        None => (insert(tx, ip, facts)?, true),
    };
    Ok((by_id(tx, id)?.0, new))
}

fn record(tx: &Transaction<'_>, sample: &Sample) -> Result<Recorded> {
    let Sample { pool_id, ip, metrics } = sample;
    let living: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM hosts_pool WHERE id = ?1 AND is_deleted = 0)")?
        .query_row([int(*pool_id)], |row| row.get(0))?;
    if !living {
        return Ok(Recorded::Gone);
    }
    tx.prepare_cached(
        "INSERT INTO server_resources (pool_id, ip, cpu_load, used_memory, total_disk, create_time, update_time) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT (pool_id) DO UPDATE SET ip = excluded.ip, \
         cpu_load = coalesce(excluded.cpu_load, cpu_load), used_memory = coalesce(excluded.used_memory, used_memory), \
         total_disk = coalesce(excluded.total_disk, total_disk), update_time = excluded.update_time",
    )?
    .execute(params![
        int(*pool_id),
        ip.to_string(),
        metrics.cpu.max,
        metrics.memory.max,
        metrics.disk.max,
        Timestamp::now().to_string()
    ])?;
    Ok(Recorded::Written)
}

#[async_trait]
impl Inventory for SqliteInventory {
    fn place(&self) -> String {
        format!("embedded {}", self.file.display())
    }

    async fn check(&self) -> Result<()> {
        self.call(|tx| Ok(tx.query_row("SELECT count(*) FROM hosts_pool", [], |_| Ok(()))?)).await
    }

    async fn list(&self, filter: &HostFilter) -> Result<Vec<(Host, HostResources)>> {
        let HostFilter { group, text, after, limit } = filter.clone();
        self.call(move |tx| {
            let sql = format!(
                "SELECT {COLUMNS} {FROM} AND h.id > ?1 AND (?2 IS NULL OR h.group_name = ?2) \
                 AND (?3 IS NULL OR instr(lower(h.host_name), lower(?3)) > 0 OR instr(h.host_ip, lower(?3)) > 0) ORDER BY h.id LIMIT ?4"
            );
            let limit = if limit == 0 { -1 } else { int(limit as u64) };
            let mut query = tx.prepare_cached(&sql)?;
            let rows = query.query_map(params![int(after.unwrap_or(0)), group, text, limit], host)?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().filter_map(Result::ok).collect())
        })
        .await
    }

    async fn pool(&self) -> Result<Pool> {
        self.call(|tx| {
            let mut query = tx.prepare_cached(&format!("SELECT {COLUMNS} {FROM} ORDER BY h.id"))?;
            let rows = query.query_map([], host)?.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(Pool::of(rows.into_iter().map(|row| row.map(|(host, _)| host))))
        })
        .await
    }

    async fn get(&self, id: u64) -> Result<(Host, HostResources)> {
        self.call(move |tx| by_id(tx, id)).await
    }

    async fn find(&self, ip: IpAddr) -> Result<Option<(Host, HostResources)>> {
        self.call(move |tx| match row_of(tx, ip.to_canonical())? {
            Some((id, false)) => by_id(tx, id).map(Some),
            _ => Ok(None),
        })
        .await
    }

    async fn add(&self, ip: IpAddr, facts: &HostFacts) -> Result<Host> {
        let (ip, facts) = (ip.to_canonical(), facts.clone());
        self.call(move |tx| match register(tx, ip, &facts)? {
            (host, true) => Ok(host),
            (_, false) => Err(Error::host_exists(ip)),
        })
        .await
    }

    async fn update(&self, id: u64, change: &HostChange) -> Result<Host> {
        let change = change.clone();
        self.call(move |tx| {
            let (old, _) = by_id(tx, id)?;
            let (ip, facts) = change.applied(old.ip, &old.facts);
            match row_of(tx, ip)? {
                Some((other, false)) if other != id => return Err(Error::host_exists(ip)),
                Some((other, true)) if other != id => return Err(Error::deleted_host_has(ip, other)),
                _ => {}
            }
            save(tx, id, ip, &facts)?;
            Ok(by_id(tx, id)?.0)
        })
        .await
    }

    async fn remove(&self, id: u64) -> Result<()> {
        self.call(move |tx| {
            by_id(tx, id)?;
            let now = Timestamp::now().to_string();
            tx.execute("UPDATE hosts_pool SET is_deleted = 1, delete_time = ?2, update_time = ?2 WHERE id = ?1", params![int(id), now])?;
            Ok(())
        })
        .await
    }

    async fn import(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Imported> {
        let hosts = hosts.to_vec();
        self.call(move |tx| {
            let mut imported = Imported::default();
            for (ip, facts) in hosts {
                let (host, new) = register(tx, ip.to_canonical(), &facts)?;
                let merged = host.facts.under(&facts);
                if new {
                    imported.inserted += 1;
                } else if merged == host.facts {
                    imported.unchanged += 1;
                } else {
                    save(tx, host.id, host.ip, &merged)?;
                    imported.updated += 1;
                }
            }
            Ok(imported)
        })
        .await
    }

    async fn register(&self, hosts: &[(IpAddr, HostFacts)]) -> Result<Vec<Result<(Host, bool)>>> {
        let hosts = hosts.to_vec();
        self.call(move |tx| Ok(hosts.iter().map(|(ip, facts)| register(tx, ip.to_canonical(), facts)).collect())).await
    }

    async fn record(&self, samples: &[Sample]) -> Result<Vec<Recorded>> {
        let samples = samples.to_vec();
        self.call(move |tx| samples.iter().map(|sample| record(tx, sample)).collect()).await
    }
}
