//! The history of what was brought to others, or received: one row for each series, in the order in which they ended.

use super::read::{NAMED, Waiting, made};
use super::series::block_ids;
use super::{Result, Store};
use crate::model::bars::{SyncMode, TargetId, TargetKind};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::collections::HashSet;

/// Rows kept; older ones go.
const KEPT: i64 = 100_000;
/// Series of a backup whose oldest missing change is looked for.
const LOOKED_AT: usize = 200;

#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Given by the store; zero: it has none yet.
    pub id: u64,
    /// The backup, the slave, or (what was received) this daemon's own name.
    pub target: String,
    /// Which of those that may have this name; None: an earlier version kept the row, and did not say.
    pub kind: Option<TargetKind>,
    /// Symbol and interval; None: the target could not be talked to at all, or (no error) can be again.
    pub series: Option<(String, String)>,
    pub mode: SyncMode,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub bars: u64,
    /// Empty: it is there, and was seen to be equal.
    pub error: String,
    /// What there is to say besides. Empty: nothing.
    pub note: String,
}

/// Which rows to list; None = any.
#[derive(Debug, Clone, Default)]
pub struct TransferFilter {
    pub target: Option<String>,
    pub kind: Option<TargetKind>,
    /// Only what failed.
    pub failed: bool,
}

pub(super) fn keep(conn: &Connection, row: Transfer) -> Result<u64> {
    if let Some((symbol, interval)) = &row.series {
        super::untold::told(conn, symbol, interval)?;
    }
    let Transfer { id, target, kind, series, mode, started, ended, bars, error, note } = row;
    if id > 0 {
        let sql = "UPDATE transfers SET ended = ?2, bars = ?3, error = ?4, note = ?5 WHERE id = ?1";
        let what = params![id.cast_signed(), ended.as_microsecond(), bars.cast_signed(), error, note];
        // What is no longer there was one of too many: it begins anew.
        if conn.prepare_cached(sql)?.execute(what)? > 0 {
            return Ok(id);
        }
    }
    let sql = "INSERT INTO transfers (target, symbol, interval, mode, started, ended, bars, error, kind, note) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let kind = kind.map_or("", TargetKind::as_str);
    let (symbol, interval) = series.unwrap_or_default();
    let (started, ended, bars) = (started.as_microsecond(), ended.as_microsecond(), bars.cast_signed());
    let id = conn.prepare_cached(sql)?.insert(params![target, symbol, interval, mode.as_str(), started, ended, bars, error, kind, note])?;
    Ok(id.cast_unsigned())
}

/// When the first change was made of a series that came after a version; None: not known.
fn first_after(conn: &Connection, series: i64, version: i64) -> Result<Option<i64>> {
    let (from, to) = block_ids(series);
    let first = "SELECT min(version) FROM (SELECT version FROM blocks WHERE id BETWEEN ?1 AND ?2 AND version > ?3
                 UNION ALL SELECT version FROM removed WHERE series = ?4 AND version > ?3)";
    let first: Option<i64> = conn.prepare_cached(first)?.query_row(params![from, to, version, series], |row| row.get(0))?;
    let Some(first) = first else { return Ok(None) };
    made(conn, first)
}

pub(super) fn prune(conn: &Connection) -> Result<()> {
    conn.prepare_cached("DELETE FROM transfers WHERE id <= (SELECT max(id) FROM transfers) - ?1")?.execute([KEPT])?;
    Ok(())
}

impl Store {
    /// Keeps rows. One that has a number already is written anew: until when it lasted, what came and how. Returns the number of each.
    pub async fn keep_transfers(&self, rows: Vec<Transfer>) -> Result<Vec<u64>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.inner
            .writer
            .call(move |work| {
                let numbers = rows.into_iter().map(|row| keep(work.conn, row)).collect::<Result<_>>()?;
                prune(work.conn)?;
                Ok(numbers)
            })
            .await
    }

    /// Lists them, newest first.
    pub async fn transfers(&self, filter: TransferFilter, limit: u32, offset: u32) -> Result<Vec<Transfer>> {
        self.reading(move |conn| {
            let TransferFilter { target, kind, failed } = filter;
            let sql = "SELECT id, target, symbol, interval, mode, started, ended, bars, error, kind, note FROM transfers
                       WHERE (?1 IS NULL OR target = ?1) AND (?5 IS NULL OR kind = ?5) AND (NOT ?4 OR error <> '')
                       ORDER BY id DESC LIMIT ?2 OFFSET ?3";
            let mut query = conn.prepare_cached(sql)?;
            let rows = query.query_map(params![target, limit, offset, failed, kind.map(TargetKind::as_str)], |row| {
                let (symbol, interval, mode): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
                Ok(Transfer {
                    id: row.get::<_, i64>(0)?.cast_unsigned(),
                    target: row.get(1)?,
                    kind: TargetKind::parse(&row.get::<_, String>(9)?),
                    series: (!symbol.is_empty()).then_some((symbol, interval)),
                    mode: SyncMode::parse(&mode).unwrap_or(SyncMode::Incremental),
                    started: Timestamp::from_microsecond(row.get(5)?).unwrap_or_default(),
                    ended: Timestamp::from_microsecond(row.get(6)?).unwrap_or_default(),
                    bars: row.get::<_, i64>(7)?.cast_unsigned(),
                    error: row.get(8)?,
                    note: row.get(10)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Why a target does not have all: the newest failure that stands. One of a series is over when the series was brought later, one
    /// of the target when anything was, and each when all of it was seen there. None: nothing fails.
    pub async fn failing(&self, target: &TargetId) -> Result<Option<String>> {
        let since = self.synced(target).await?.map_or(i64::MIN, Timestamp::as_microsecond);
        let TargetId { kind, name } = target.clone();
        self.reading(move |conn| {
            let sql = "SELECT symbol, interval, error FROM transfers WHERE target = ?1 AND kind = ?2 AND ended > ?3 ORDER BY id DESC";
            let mut query = conn.prepare_cached(sql)?;
            let mut rows = query.query(params![name, kind.as_str(), since])?;
            let mut brought = HashSet::new();
            while let Some(row) = rows.next()? {
                let (symbol, interval, error): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                if error.is_empty() {
                    brought.insert((symbol, interval));
                } else if symbol.is_empty() {
                    if brought.is_empty() {
                        return Ok(Some(error));
                    }
                } else if !brought.contains(&(symbol.clone(), interval.clone())) {
                    return Ok(Some(if error.contains(&symbol) { error } else { format!("{symbol} {interval}: {error}") }));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Says what a backup lacks: series of which the newest change is not marked to be there, and since when; None: nothing. The
    /// time is that of the oldest change among those series whose last one is the oldest.
    pub async fn lacks(&self, target: &str) -> Result<Option<Waiting>> {
        let target = target.to_owned();
        self.reading(move |conn| {
            let lacking = "FROM series LEFT JOIN marks ON marks.target = ?1 AND marks.series = series.id
                           WHERE (series.bars > 0 OR marks.version IS NOT NULL) AND coalesce(marks.version, 0) < series.version";
            let count: i64 = conn.prepare_cached(&format!("SELECT count(*) {lacking}"))?.query_row([&target], |row| row.get(0))?;
            let sql = format!(
                "SELECT series.id, symbol, interval, changed, coalesce(marks.version, 0) {lacking} ORDER BY series.version LIMIT {LOOKED_AT}"
            );
            let mut query = conn.prepare_cached(&sql)?;
            let rows = query.query_map([&target], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?, row.get::<_, i64>(4)?))
            })?;
            let (mut since, mut names) = (None::<i64>, Vec::new());
            for row in rows {
                let (series, symbol, interval, changed, mark) = row?;
                let at = first_after(conn, series, mark)?.map_or(changed, |at| at.min(changed));
                since = Some(since.map_or(at, |since| since.min(at)));
                if names.len() < NAMED {
                    names.push(format!("{symbol} {interval}"));
                }
            }
            let waiting = |since| Waiting { since: Timestamp::from_microsecond(since).unwrap_or_default(), series: count.cast_unsigned(), names };
            Ok(since.map(waiting))
        })
        .await
    }

    /// Returns when all of the store was last seen to be at a target.
    pub async fn synced(&self, target: &TargetId) -> Result<Option<Timestamp>> {
        // An earlier version kept it finer.
        Ok(self.value(&synced(target)).await?.and_then(|text| text.parse().ok()).map(crate::bars::micros))
    }

    pub async fn set_synced(&self, target: &TargetId, at: Timestamp) -> Result<()> {
        self.set_value(&synced(target), &crate::bars::micros(at).to_string()).await
    }

    /// Returns what is noted that a target has besides.
    pub async fn extra(&self, target: &TargetId) -> Result<Option<String>> {
        self.value(&extra(target)).await
    }

    pub async fn set_extra(&self, target: &TargetId, text: &str) -> Result<()> {
        self.set_value(&extra(target), text).await
    }

    /// Takes back what is known of a target: what it has of each series, and when it had all. The history stays.
    pub async fn forget_target(&self, target: &TargetId) -> Result<()> {
        let (target, synced, extra) = (target.clone(), synced(target), extra(target));
        self.inner
            .writer
            .call(move |work| {
                let TargetId { kind, name } = target;
                let notes: Vec<String> = match kind {
                    TargetKind::Backup => {
                        work.conn.execute("DELETE FROM marks WHERE target = ?1", [&name])?;
                        let own = ["stamp", "unknown", "counted", "beyond", "unanswered", "found"].map(|note| format!("{note}:{name}"));
                        [synced, extra].into_iter().chain(own).collect()
                    }
                    TargetKind::Slave => vec![synced, format!("brought:{name}"), format!("met:{name}")],
                };
                for note in notes {
                    work.conn.execute("DELETE FROM meta WHERE key = ?1", [format!("note:{note}")])?;
                }
                Ok(())
            })
            .await
    }

    /// Returns the version up to which a slave was last seen to have everything.
    pub async fn brought(&self, target: &str) -> Result<Option<u64>> {
        Ok(self.value(&format!("brought:{target}")).await?.and_then(|text| text.parse().ok()))
    }

    /// Returns the store that a slave last said it has.
    pub async fn met(&self, target: &str) -> Result<Option<String>> {
        self.value(&format!("met:{target}")).await
    }

    pub async fn set_met(&self, target: &str, store: &str) -> Result<()> {
        if self.met(target).await?.as_deref() == Some(store) {
            return Ok(());
        }
        self.set_value(&format!("met:{target}"), store).await
    }

    pub async fn set_brought(&self, target: &str, version: u64) -> Result<()> {
        if self.brought(target).await? == Some(version) {
            return Ok(());
        }
        self.set_value(&format!("brought:{target}"), &version.to_string()).await
    }
}

fn extra(TargetId { kind, name }: &TargetId) -> String {
    format!("extra_{kind}:{name}")
}

fn synced(TargetId { kind, name }: &TargetId) -> String {
    format!("synced_{kind}:{name}")
}
