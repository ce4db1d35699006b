//! The statements, with the columns that the tables have.

use super::schema::Columns;
use super::{HostFilter, MysqlInventory, Recorded, Sample};
use crate::hosts::address::{read, spellings};
use crate::hosts::{Error, Result};
use crate::model::hosts::{Host, HostFacts, HostResources};
use jiff::Timestamp;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Params, Row, Transaction, Value};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

pub(super) struct Rows<'a> {
    pub(super) db: &'a MysqlInventory,
    pub(super) columns: &'a Columns,
}

type Tx<'a, 'b> = &'a mut Transaction<'b>;
/// A host with its figures, or what stands where its address should.
type Read = Result<(Host, HostResources), String>;

impl Rows<'_> {
    fn failed(&self, error: mysql_async::Error) -> Error {
        self.db.failed("host inventory", error)
    }

    /// Columns of a host, then of its figures; those that the tables lack are NULL.
    fn select(&self, figures: bool) -> String {
        let pool = |column: &str, form: &str| match self.columns.pool(column) {
            true => form.replace("{}", &format!("h.{column}")),
            false => "NULL".to_owned(),
        };
        let (text, whole, time) = ("CAST({} AS CHAR)", "CAST({} AS UNSIGNED)", "CAST(UNIX_TIMESTAMP({}) AS SIGNED)");
        let mut list =
            vec![pool("id", whole), pool("host_ip", text), pool("host_name", text), pool("host_type", text), pool("group_name", text)];
        list.extend(["vcpus", "ram", "disk_size"].map(|c| pool(c, whole)));
        list.extend([pool("remark", text), pool("create_time", time), pool("update_time", time)]);
        if figures {
            list.extend(["cpu_load", "used_memory", "total_disk"].map(|c| format!("r.{c} + 0E0")));
            let updated = self.columns.resources("update_time");
            list.push(if updated { time.replace("{}", "r.update_time") } else { "NULL".to_owned() });
        }
        let living = if self.columns.resources("is_deleted") { " AND x.is_deleted = 0" } else { "" };
        let join = match figures {
            true => {
                format!(" LEFT JOIN server_resources r ON r.id = (SELECT MAX(x.id) FROM server_resources x WHERE x.pool_id = h.id{living})")
            }
            false => String::new(),
        };
        format!("SELECT {} FROM hosts_pool h{join} WHERE {}", list.join(", "), self.living("h."))
    }

    fn living(&self, prefix: &str) -> String {
        if self.columns.pool("is_deleted") { format!("{prefix}is_deleted = 0") } else { "TRUE".to_owned() }
    }

    pub(super) async fn list(&self, tx: Tx<'_, '_>, filter: &HostFilter) -> Result<Vec<Read>> {
        let HostFilter { group, text, after, limit } = filter;
        let mut sql = format!("{} AND h.id > ?", self.select(true));
        let mut params: Vec<Value> = vec![after.unwrap_or(0).into()];
        if let Some(group) = group {
            if !self.columns.pool("group_name") {
                return Ok(Vec::new());
            }
            sql.push_str(" AND h.group_name = ?");
            params.push(group.into());
        }
        if let Some(text) = text {
            sql.push_str(" AND (INSTR(h.host_name, ?) > 0 OR INSTR(h.host_ip, ?) > 0)");
            params.extend([Value::from(text), Value::from(text)]);
        }
        sql.push_str(" ORDER BY h.id");
        if *limit > 0 {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        let rows: Vec<Row> = tx.exec(sql, Params::Positional(params)).await.map_err(|e| self.failed(e))?;
        rows.into_iter().map(host).collect()
    }

    pub(super) async fn pool(&self, tx: Tx<'_, '_>) -> Result<Vec<Result<Host, String>>> {
        let rows: Vec<Row> = tx.query(format!("{} ORDER BY h.id", self.select(false))).await.map_err(|e| self.failed(e))?;
        rows.into_iter().map(|row| Ok(host(row)?.map(|(host, _)| host))).collect()
    }

    pub(super) async fn by_id(&self, tx: Tx<'_, '_>, id: u64) -> Result<(Host, HostResources)> {
        let row: Option<Row> = tx.exec_first(format!("{} AND h.id = ?", self.select(true)), (id,)).await.map_err(|e| self.failed(e))?;
        match row.map(host).transpose()? {
            Some(Ok(found)) => Ok(found),
            _ => Err(Error::not_found(id)),
        }
    }

    /// Returns id and deletedness of the row with this address: a living one first.
    pub(super) async fn row_of(&self, tx: Tx<'_, '_>, ip: IpAddr) -> Result<Option<(u64, bool)>> {
        let spelled = spellings(ip);
        let deleted = if self.columns.pool("is_deleted") { "is_deleted <> 0" } else { "FALSE" };
        let sql = format!(
            "SELECT CAST(id AS UNSIGNED), {deleted} FROM hosts_pool WHERE host_ip IN ({}) ORDER BY 2, 1 LIMIT 1 FOR UPDATE",
            marks(spelled.len())
        );
        let params = Params::Positional(spelled.into_iter().map(Value::from).collect());
        tx.exec_first(sql, params).await.map_err(|e| self.failed(e))
    }

    fn facts(&self, ip: IpAddr, facts: &HostFacts) -> Vec<(&'static str, Value)> {
        let HostFacts { name, host_type, group, cpus, memory_gb, disk_gb, remark } = facts;
        let all: [(&str, Value); 8] = [
            ("host_ip", ip.to_string().into()),
            ("host_name", name.into()),
            ("host_type", host_type.into()),
            ("group_name", group.into()),
            ("vcpus", (*cpus).into()),
            ("ram", (*memory_gb).into()),
            ("disk_size", (*disk_gb).into()),
            ("remark", remark.into()),
        ];
        all.into_iter().filter(|(column, _)| self.columns.pool(column)).collect()
    }

    /// Writes a row as it shall be, which also brings a deleted one back.
    pub(super) async fn save(&self, tx: Tx<'_, '_>, id: u64, ip: IpAddr, facts: &HostFacts) -> Result<()> {
        let (names, mut values): (Vec<_>, Vec<_>) = self.facts(ip, facts).into_iter().unzip();
        let mut sets: Vec<String> = names.iter().map(|n| format!("{n} = ?")).collect();
        for (column, value) in [("is_deleted", "0"), ("delete_time", "NULL"), ("update_time", "CURRENT_TIMESTAMP")] {
            if self.columns.pool(column) {
                sets.push(format!("{column} = {value}"));
            }
        }
        values.push(id.into());
        tx.exec_drop(format!("UPDATE hosts_pool SET {} WHERE id = ?", sets.join(", ")), Params::Positional(values))
            .await
            .map_err(|e| self.failed(e))
    }

    pub(super) async fn delete(&self, tx: Tx<'_, '_>, id: u64) -> Result<()> {
        if !self.columns.pool("is_deleted") {
            return Err(Error::permanent("inventory_schema", "the CMDB's hosts_pool has no column is_deleted: delete the host there"));
        }
        let time = if self.columns.pool("delete_time") { ", delete_time = CURRENT_TIMESTAMP" } else { "" };
        tx.exec_drop(format!("UPDATE hosts_pool SET is_deleted = 1{time} WHERE id = ?"), (id,)).await.map_err(|e| self.failed(e))
    }

    /// Returns the host of this address and whether it had to be put into the pool.
    pub(super) async fn register(&self, tx: Tx<'_, '_>, ip: IpAddr, facts: &HostFacts) -> Result<(Host, bool)> {
        let (id, new) = match self.row_of(tx, ip).await? {
            Some((id, false)) => (id, false),
            Some((id, true)) => {
                self.save(tx, id, ip, facts).await?;
                (id, true)
            }
            None => {
                let (names, values): (Vec<_>, Vec<_>) = self.facts(ip, facts).into_iter().unzip();
                let sql = format!("INSERT INTO hosts_pool ({}) VALUES ({})", names.join(", "), marks(names.len()));
                tx.exec_drop(sql, Params::Positional(values)).await.map_err(|e| self.failed(e))?;
                (tx.last_insert_id().unwrap_or_default(), true)
            }
        };
        Ok((self.by_id(tx, id).await?.0, new))
    }

    /// Writes figures to the newest row of each host, or makes one.
    pub(super) async fn record(&self, tx: Tx<'_, '_>, samples: &[Sample]) -> Result<Vec<Recorded>> {
        if samples.is_empty() {
            return Ok(Vec::new());
        }
        let ids = || Params::Positional(samples.iter().map(|s| s.pool_id.into()).collect());
        let list = marks(samples.len());
        // In the order of the ids, so that two runs wait for each other instead of for both.
        let lock =
            format!("SELECT CAST(id AS UNSIGNED) FROM hosts_pool WHERE id IN ({list}) AND {} ORDER BY id FOR UPDATE", self.living(""));
        let living: HashSet<u64> = tx.exec::<u64, _, _>(lock, ids()).await.map_err(|e| self.failed(e))?.into_iter().collect();
        let not_deleted = if self.columns.resources("is_deleted") { " AND is_deleted = 0" } else { "" };
        let newest = format!(
            "SELECT CAST(pool_id AS UNSIGNED), CAST(MAX(id) AS UNSIGNED) FROM server_resources WHERE pool_id IN ({list}){not_deleted} GROUP BY pool_id"
        );
        let rows: HashMap<u64, u64> = tx.exec::<(u64, u64), _, _>(newest, ids()).await.map_err(|e| self.failed(e))?.into_iter().collect();
        let here = samples.iter().filter(|s| living.contains(&s.pool_id));
        let (known, new): (Vec<_>, Vec<_>) = here.partition(|s| rows.contains_key(&s.pool_id));
        if !known.is_empty() {
            self.update(tx, &known, &rows).await?;
        }
        if !new.is_empty() {
            self.insert(tx, &new).await?;
        }
        Ok(samples.iter().map(|s| if living.contains(&s.pool_id) { Recorded::Written } else { Recorded::Gone }).collect())
    }

    async fn update(&self, tx: Tx<'_, '_>, samples: &[&Sample], rows: &HashMap<u64, u64>) -> Result<()> {
        let mut values: Vec<Value> = Vec::with_capacity(samples.len() * 4);
        for Sample { pool_id, ip: _, metrics } in samples {
            let row = rows.get(pool_id).copied().unwrap_or_default();
            values.extend([row.into(), metrics.cpu.max.into(), metrics.memory.max.into(), metrics.disk.max.into()]);
        }
        // The first row gives the columns their types; a NULL there must not make them texts.
        let first = "SELECT CAST(? AS UNSIGNED) AS id, ? + 0E0 AS cpu, ? + 0E0 AS memory, ? + 0E0 AS disk";
        let more = " UNION ALL SELECT CAST(? AS UNSIGNED), ? + 0E0, ? + 0E0, ? + 0E0".repeat(samples.len() - 1);
        let time = if self.columns.resources("update_time") { ", r.update_time = CURRENT_TIMESTAMP" } else { "" };
        let sql = format!(
            "UPDATE server_resources r JOIN ({first}{more}) v ON v.id = r.id SET r.cpu_load = COALESCE(v.cpu, r.cpu_load), \
             r.used_memory = COALESCE(v.memory, r.used_memory), r.total_disk = COALESCE(v.disk, r.total_disk){time}"
        );
        tx.exec_drop(sql, Params::Positional(values)).await.map_err(|e| self.failed(e))
    }

    async fn insert(&self, tx: Tx<'_, '_>, samples: &[&Sample]) -> Result<()> {
        let ip = self.columns.resources("ip");
        // Tables with a row per host and day count it as of today.
        let date = self.columns.resources("mon_date");
        let (names, row) = match (ip, date) {
            (true, true) => (", ip, mon_date", "(?, ?, ?, ?, ?, CURRENT_DATE)"),
            (true, false) => (", ip", "(?, ?, ?, ?, ?)"),
            (false, true) => (", mon_date", "(?, ?, ?, ?, CURRENT_DATE)"),
            (false, false) => ("", "(?, ?, ?, ?)"),
        };
        let mut values: Vec<Value> = Vec::with_capacity(samples.len() * 5);
        for Sample { pool_id, ip: address, metrics } in samples {
            values.extend([(*pool_id).into(), metrics.cpu.max.into(), metrics.memory.max.into(), metrics.disk.max.into()]);
            if ip {
                values.push(address.to_string().into());
            }
        }
        let sql = format!(
            "INSERT INTO server_resources (pool_id, cpu_load, used_memory, total_disk{names}) VALUES {}",
            vec![row; samples.len()].join(", ")
        );
        tx.exec_drop(sql, Params::Positional(values)).await.map_err(|e| self.failed(e))
    }
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// Reads a row of [`Rows::select`].
fn host(mut row: Row) -> Result<Read> {
    let odd = |column: usize| Error::permanent("inventory_schema", format!("column {column} of hosts_pool holds what cannot be read"));
    let text = |row: &mut Row, at: usize| match row.take_opt::<Option<String>, _>(at) {
        None | Some(Ok(None)) => Ok(String::new()),
        Some(Ok(Some(text))) => Ok(text),
        Some(Err(_)) => Err(odd(at)),
    };
    let whole = |row: &mut Row, at: usize| match row.take_opt::<Option<i64>, _>(at) {
        None => Ok(None),
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => Err(odd(at)),
    };
    let figure = |row: &mut Row, at: usize| row.take_opt::<Option<f64>, _>(at).and_then(std::result::Result::ok).flatten();
    let small = |number: Option<i64>| number.and_then(|n| u32::try_from(n).ok());
    let time = |seconds: Option<i64>| seconds.and_then(|s| Timestamp::from_second(s).ok());
    let address = text(&mut row, 1)?;
    let Some(ip) = read(&address) else { return Ok(Err(address)) };
    let facts = HostFacts {
        name: text(&mut row, 2)?,
        host_type: text(&mut row, 3)?,
        group: text(&mut row, 4)?,
        cpus: small(whole(&mut row, 5)?),
        memory_gb: small(whole(&mut row, 6)?),
        disk_gb: small(whole(&mut row, 7)?),
        remark: text(&mut row, 8)?,
    };
    let id = whole(&mut row, 0)?.and_then(|n| u64::try_from(n).ok()).ok_or_else(|| odd(0))?;
    let host = Host { id, ip, facts, created: time(whole(&mut row, 9)?), updated: time(whole(&mut row, 10)?) };
    let resources = HostResources {
        cpu_load: figure(&mut row, 11),
        used_memory: figure(&mut row, 12),
        total_disk: figure(&mut row, 13),
        updated: time(whole(&mut row, 14)?),
    };
    Ok(Ok((host, resources)))
}
