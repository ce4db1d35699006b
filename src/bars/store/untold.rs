//! What came from another store and has no row in the history yet.
//!
//! A series comes in one transaction or several, and its row is written when all of it is there and equal: who is killed in between
//! has the bars and no word of them. So what comes is noted with the bars themselves, in their transaction; a row takes the note
//! away, and a note that was left becomes a row when the store is followed again.

use super::transfers::{keep, prune};
use super::{Result, Store, Transfer};
use crate::bars::replica::taken_out;
use crate::model::bars::{SyncMode, TargetId};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Notes that bars of a series came or went; more of the same series is added.
pub(super) fn note(conn: &Connection, series: i64, bars: u64, removed: u64) -> Result<()> {
    let sql = "INSERT INTO untold (series, started, ended, bars, removed) VALUES (?1, ?2, ?2, ?3, ?4)
               ON CONFLICT (series) DO UPDATE SET ended = ?2, bars = bars + ?3, removed = removed + ?4";
    let now = Timestamp::now().as_microsecond();
    conn.prepare_cached(sql)?.execute(params![series, now, bars.cast_signed(), removed.cast_signed()])?;
    Ok(())
}

/// A row tells it now.
pub(super) fn told(conn: &Connection, symbol: &str, interval: &str) -> Result<()> {
    let sql = "DELETE FROM untold WHERE series = (SELECT id FROM series WHERE symbol = ?1 AND interval = ?2)";
    conn.prepare_cached(sql)?.execute([symbol, interval])?;
    Ok(())
}

fn left(conn: &Connection, target: &TargetId) -> Result<Vec<Transfer>> {
    let sql = "SELECT symbol, interval, started, ended, untold.bars, removed FROM untold JOIN series ON series.id = untold.series
               ORDER BY ended";
    let time = |at: i64| Timestamp::from_microsecond(at).unwrap_or_default();
    let mut query = conn.prepare_cached(sql)?;
    let rows = query.query_map([], |row| {
        let removed = row.get::<_, i64>(5)?.cast_unsigned();
        let went = if removed > 0 { format!("{}; ", taken_out(removed)) } else { String::new() };
        Ok(Transfer {
            id: 0,
            target: target.name.clone(),
            kind: Some(target.kind),
            series: Some((row.get(0)?, row.get(1)?)),
            mode: SyncMode::Incremental,
            started: time(row.get(2)?),
            ended: time(row.get(3)?),
            bars: row.get::<_, i64>(4)?.cast_unsigned(),
            error: String::new(),
            note: format!("{went}it was cut off before it was told"),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Store {
    /// Makes rows of what came and was not told; `target` is this daemon. Nothing may be coming meanwhile.
    pub(in crate::bars) async fn tell_untold(&self, target: &TargetId) -> Result<()> {
        let is_any = |conn: &Connection| Ok(conn.prepare_cached("SELECT 1 FROM untold LIMIT 1")?.exists([])?);
        if !self.reading(is_any).await? {
            return Ok(());
        }
        let target = target.clone();
        self.inner
            .writer
            .call(move |work| {
                for row in left(work.conn, &target)? {
                    keep(work.conn, row)?;
                }
                work.conn.execute("DELETE FROM untold", [])?;
                prune(work.conn)
            })
            .await
    }
}
