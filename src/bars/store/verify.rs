//! Everything checked: blocks against their digests and bounds, series against their blocks.

use super::damage::{self, Damage};
use super::series::{self, Series};
use super::{Digest, Result, Store, notes};
use crate::model::bars::{Interval, Symbol};
use crate::model::words::counted;
use rusqlite::{Connection, OptionalExtension as _};

/// What a verification saw. No problems: every bar is what was acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub series: u64,
    pub blocks: u64,
    pub bars: u64,
    /// Bytes of the packed blocks.
    pub bytes: u64,
    /// One sentence each, at most a hundred.
    pub problems: Vec<String>,
}

const MOST_PROBLEMS: usize = 100;

impl Store {
    /// Reads and unpacks the whole file. What is damaged is known from then on, and a series tells of the blocks that it has.
    pub async fn verify(&self) -> Result<Verified> {
        let Found { seen, damaged, untold } = self.reading(verify).await?;
        self.note_damage(damaged).await;
        for (symbol, interval) in untold {
            self.tell_anew(&symbol, interval).await?;
        }
        Ok(seen)
    }

    /// Makes a series tell of the blocks that it has. No version: what others have is no other. Sources are read again, since they may
    /// have what was lost; that it was, and not taken out by anybody, is noted.
    pub(super) async fn tell_anew(&self, symbol: &Symbol, interval: Interval) -> Result<()> {
        let symbol = symbol.clone();
        let told = self.inner.writer.call(move |work| {
            let Some(mut series) = series::find(work.conn, &symbol, interval)? else { return Ok(()) };
            let before = series.clone();
            series::sum_up(work.conn, &mut series)?;
            if series != before {
                series::save(work.conn, &series)?;
                if series.bars < before.bars {
                    notes::put_value(work.conn, &lost(series.id), &before.bars.to_string())?;
                }
                work.conn.prepare_cached("DELETE FROM seen WHERE series = ?1")?.execute([series.id])?;
                tracing::error!(%symbol, %interval, told = before.bars, bars = series.bars, "a series told of other blocks than it has");
            }
            Ok(())
        });
        told.await?;
        self.forget_contents();
        Ok(())
    }

    /// Looks whether a series has lost rows of the file, now or before; returns how many of its bars that are. Who has these elsewhere
    /// has what nobody took out here.
    pub async fn lost(&self, symbol: &Symbol, interval: Interval) -> Result<u64> {
        let Some(listed) = self.blocks(symbol, interval, 0).await? else { return Ok(0) };
        let symbol = symbol.clone();
        let told = self.reading(move |conn| {
            let Some(series) = series::find(conn, &symbol, interval)? else { return Ok(None) };
            let sql = "SELECT value FROM meta WHERE key = 'note:' || ?1";
            Ok(conn.query_row(sql, [lost(series.id)], |row| row.get::<_, String>(0)).optional()?)
        });
        let told: u64 = told.await?.and_then(|told| told.parse().ok()).unwrap_or(0);
        Ok(if listed.info.bars == 0 { 0 } else { told.saturating_sub(listed.info.bars) })
    }
}

/// The note of a series that lost bars: how many it had told of.
pub(super) fn lost(series: i64) -> String {
    format!("lost:{series}")
}

#[derive(Default)]
struct Found {
    seen: Verified,
    damaged: Vec<Damage>,
    /// Series that tell of other blocks than they have.
    untold: Vec<(Symbol, Interval)>,
}

fn verify(conn: &Connection) -> Result<Found> {
    let mut found = Found::default();
    let mut query = conn.prepare(&format!("SELECT {} FROM series ORDER BY id", series::COLUMNS))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let series = series::from_row(row)??;
        // A series that all bars were taken out of has its row for those who still have them; there is none of it here.
        found.seen.series += u64::from(series.bars > 0);
        check_series(conn, &series, &mut found)?;
        if found.seen.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    Ok(found)
}

fn check_series(conn: &Connection, series: &Series, found: &mut Found) -> Result<()> {
    let Found { seen, damaged, untold } = found;
    let (mut bars, mut digest, mut first, mut last) = (0, Digest::default(), None, None);
    series::each_block(conn, series, |row, data| {
        if let Some(damage) = damage::check(series, &row, data) {
            seen.problems.push(format!("{damage}: {}", damage.why));
            damaged.push(damage);
        }
        seen.blocks += 1;
        seen.bytes += data.len() as u64;
        bars += row.bars;
        digest = digest.plus(row.digest);
        first = first.or(Some(row.first));
        last = Some(row.last);
    })?;
    seen.bars += bars;
    if (bars, digest, first, last) != (series.bars, series.digest, series.first, series.last) {
        let Series { symbol, interval, bars: told, .. } = series;
        let what = match told.checked_sub(bars) {
            Some(lost) if lost > 0 => format!("{} of {told} are lost", counted(lost, "bar")),
            _ => "it told of other blocks than it has".to_owned(),
        };
        seen.problems.push(format!("{symbol} {interval}: {what}; from now on it tells of what is there"));
        untold.push((symbol.clone(), *interval));
    }
    Ok(())
}
