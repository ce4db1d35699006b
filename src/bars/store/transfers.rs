//! The history of what was brought to others, or received: one row for each series, in the order in which they ended.

use super::{Result, Store};
use crate::model::bars::SyncMode;
use jiff::Timestamp;
use rusqlite::params;

/// Rows kept; older ones go.
const KEPT: i64 = 100_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Given by the store.
    pub id: u64,
    /// The backup, the slave, or (what was received) this daemon's own name.
    pub target: String,
    /// Symbol and interval; None: the target could not be talked to at all.
    pub series: Option<(String, String)>,
    pub mode: SyncMode,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub bars: u64,
    /// Empty: it is there, and was seen to be equal.
    pub error: String,
}

impl Store {
    pub async fn add_transfers(&self, rows: Vec<Transfer>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.inner
            .writer
            .call(move |work| {
                let sql = "INSERT INTO transfers (target, symbol, interval, mode, started, ended, bars, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
                let mut insert = work.conn.prepare_cached(sql)?;
                for Transfer { id: _, target, series, mode, started, ended, bars, error } in rows {
                    let (symbol, interval) = series.unwrap_or_default();
                    let (started, ended, bars) = (started.as_microsecond(), ended.as_microsecond(), bars.cast_signed());
                    insert.execute(params![target, symbol, interval, mode.as_str(), started, ended, bars, error])?;
                }
                work.conn.prepare_cached("DELETE FROM transfers WHERE id <= (SELECT max(id) FROM transfers) - ?1")?.execute([KEPT])?;
                Ok(())
            })
            .await
    }

    /// Lists them, newest first; of one target, or of all.
    pub async fn transfers(&self, target: Option<&str>, limit: u32, offset: u32) -> Result<Vec<Transfer>> {
        self.listed(target, false, limit, offset).await
    }

    /// The same of what failed alone.
    pub async fn failed_transfers(&self, target: Option<&str>, limit: u32, offset: u32) -> Result<Vec<Transfer>> {
        self.listed(target, true, limit, offset).await
    }

    /// Counts series of which the newest change is not marked to be at a target.
    pub async fn behind(&self, target: &str) -> Result<u64> {
        let target = target.to_owned();
        self.reading(move |conn| {
            let sql = "SELECT count(*) FROM series LEFT JOIN marks ON marks.target = ?1 AND marks.series = series.id
                       WHERE (series.bars > 0 OR marks.version IS NOT NULL) AND coalesce(marks.version, 0) < series.version";
            Ok(conn.prepare_cached(sql)?.query_row([target], |row| row.get::<_, i64>(0))?.cast_unsigned())
        })
        .await
    }

    async fn listed(&self, target: Option<&str>, failed: bool, limit: u32, offset: u32) -> Result<Vec<Transfer>> {
        let target = target.map(str::to_owned);
        self.reading(move |conn| {
            let sql = "SELECT id, target, symbol, interval, mode, started, ended, bars, error FROM transfers
                       WHERE (?1 IS NULL OR target = ?1) AND (NOT ?4 OR error <> '') ORDER BY id DESC LIMIT ?2 OFFSET ?3";
            let mut query = conn.prepare_cached(sql)?;
            let rows = query.query_map(params![target, limit, offset, failed], |row| {
                let (symbol, interval, mode): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
                Ok(Transfer {
                    id: row.get::<_, i64>(0)?.cast_unsigned(),
                    target: row.get(1)?,
                    series: (!symbol.is_empty()).then_some((symbol, interval)),
                    mode: SyncMode::parse(&mode).unwrap_or(SyncMode::Incremental),
                    started: Timestamp::from_microsecond(row.get(5)?).unwrap_or_default(),
                    ended: Timestamp::from_microsecond(row.get(6)?).unwrap_or_default(),
                    bars: row.get::<_, i64>(7)?.cast_unsigned(),
                    error: row.get(8)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Returns when all of the store was last seen to be at a target.
    pub async fn synced(&self, target: &str) -> Result<Option<Timestamp>> {
        Ok(self.value(&format!("synced:{target}")).await?.and_then(|text| text.parse().ok()))
    }

    /// Takes back what is known of a target: what it has of each series, and when it had all. The history stays.
    pub async fn forget_target(&self, target: &str) -> Result<()> {
        let target = target.to_owned();
        self.inner
            .writer
            .call(move |work| {
                work.conn.execute("DELETE FROM marks WHERE target = ?1", [&target])?;
                for what in ["synced", "brought"] {
                    work.conn.execute("DELETE FROM meta WHERE key = ?1", [format!("note:{what}:{target}")])?;
                }
                Ok(())
            })
            .await
    }

    /// Returns the version up to which a slave was last seen to have everything.
    pub async fn brought(&self, target: &str) -> Result<Option<u64>> {
        Ok(self.value(&format!("brought:{target}")).await?.and_then(|text| text.parse().ok()))
    }

    pub async fn set_brought(&self, target: &str, version: u64) -> Result<()> {
        if self.brought(target).await? == Some(version) {
            return Ok(());
        }
        self.set_value(&format!("brought:{target}"), &version.to_string()).await
    }

    pub async fn set_synced(&self, target: &str, at: Timestamp) -> Result<()> {
        self.set_value(&format!("synced:{target}"), &at.to_string()).await
    }
}
