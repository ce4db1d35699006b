//! Bars for readers: one series, or many in a stream, always of one snapshot.

use super::damage::{Damage, Known, refuse_known};
use super::series::{self, Series};
use super::{Digest, Result, Store};
use crate::model::bars::{Bar, BarTime, Interval, Range, Symbol};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Pieces that a batch reads ahead of its reader.
const AHEAD: usize = 4;

/// A piece of one symbol of a batch, in the order asked for: a long series comes in many. Without a bar: there is nothing of the
/// symbol in the range, or at all.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem {
    pub index: usize,
    pub bars: Vec<Bar>,
    /// Another piece of the symbol follows.
    pub more: bool,
}

/// Bars as far as they are sound.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sound {
    pub bars: Vec<Bar>,
    /// What is not, of the same range.
    pub damaged: Vec<Damage>,
}

/// What the store has of a symbol at one interval.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesInfo {
    pub symbol: Symbol,
    pub interval: Interval,
    pub version: u64,
    pub changed: Timestamp,
    pub bars: u64,
    pub first: Option<BarTime>,
    pub last: Option<BarTime>,
    pub digest: Digest,
}

impl From<Series> for SeriesInfo {
    fn from(series: Series) -> Self {
        let Series { id: _, symbol, interval, version, changed, bars, first, last, digest } = series;
        Self { symbol, interval, version, changed, bars, first, last, digest }
    }
}

impl Store {
    /// Returns the bars of a range, both ends included; None if the symbol has no such series.
    pub async fn read(&self, symbol: &Symbol, interval: Interval, range: Range) -> Result<Option<Vec<Bar>>> {
        let symbol = symbol.clone();
        self.reading(move |conn| bars(conn, &symbol, interval, range)).await
    }

    /// Returns what is sound of a range, and what is not: for whoever goes on without it, or brings it anew. Of no series: nothing.
    pub async fn read_sound(&self, symbol: &Symbol, interval: Interval, range: Range) -> Result<Sound> {
        let symbol = symbol.clone();
        let found = self.reading(move |conn| {
            let mut found = Sound::default();
            pieces(conn, &symbol, interval, range, |piece| {
                match piece {
                    Ok(bars) => found.bars.extend(bars),
                    Err(damage) => found.damaged.push(damage),
                }
                Ok(true)
            })?;
            Ok(found)
        });
        let found = found.await?;
        self.note_damage(found.damaged.clone()).await;
        Ok(found)
    }

    /// Streams many symbols out of one snapshot. What is known to be damaged is the first answer, of whichever it is. Whoever stops
    /// listening stops the reading.
    pub fn read_batch(&self, symbols: Arc<[Symbol]>, interval: Interval, range: Range) -> mpsc::Receiver<Result<BatchItem>> {
        self.stream(symbols, interval, range, false)
    }

    /// The same, where what is damaged is left out; the last answer names it.
    pub fn read_sound_batch(&self, symbols: Arc<[Symbol]>, interval: Interval, range: Range) -> mpsc::Receiver<Result<BatchItem>> {
        self.stream(symbols, interval, range, true)
    }

    fn stream(&self, symbols: Arc<[Symbol]>, interval: Interval, range: Range, goes_on: bool) -> mpsc::Receiver<Result<BatchItem>> {
        let (out, heard) = mpsc::channel(AHEAD);
        let store = self.clone();
        let failed = out.clone();
        tokio::spawn(async move {
            let read = store.reading(move |conn| {
                if !goes_on {
                    refuse_known(conn, &symbols, interval, range)?;
                }
                let mut damaged = Vec::new();
                for (index, symbol) in symbols.iter().enumerate() {
                    // One is held back: the last says that it is.
                    let mut held = Vec::new();
                    let heard = |bars, more| out.blocking_send(Ok(BatchItem { index, bars, more })).is_ok();
                    let mut listening = true;
                    pieces(conn, symbol, interval, range, |piece| {
                        let bars = match piece {
                            Err(damage) if goes_on => {
                                damaged.push(damage);
                                return Ok(true);
                            }
                            bars => bars?,
                        };
                        let before = std::mem::replace(&mut held, bars);
                        listening = before.is_empty() || heard(before, true);
                        Ok(listening)
                    })?;
                    if !listening || !heard(held, false) {
                        break;
                    }
                }
                Ok(damaged)
            });
            let damaged = match read.await {
                Ok(damaged) => damaged,
                Err(e) => return drop(failed.send(Err(e)).await),
            };
            let told = Damage::all(&damaged);
            store.note_damage(damaged).await;
            if let Some(error) = told {
                let _ = failed.send(Err(error)).await;
            }
        });
        heard
    }

    /// Returns the places of the symbols that there is no bar of at an interval, whatever the range.
    pub async fn lacking(&self, symbols: Arc<[Symbol]>, interval: Interval) -> Result<Vec<usize>> {
        self.reading(move |conn| {
            let mut query = conn.prepare_cached("SELECT 1 FROM series WHERE symbol = ?1 AND interval = ?2 AND bars > 0")?;
            let mut lacking = Vec::new();
            for (index, symbol) in symbols.iter().enumerate() {
                if !query.exists((symbol.as_str(), interval.as_str()))? {
                    lacking.push(index);
                }
            }
            Ok(lacking)
        })
        .await
    }

    /// Returns the last bars of a series, oldest first, and what is known of the series.
    pub async fn tail(&self, symbol: &Symbol, interval: Interval, count: usize) -> Result<Option<(SeriesInfo, Vec<Bar>)>> {
        let symbol = symbol.clone();
        self.reading(move |conn| {
            let Some(series) = series::find(conn, &symbol, interval)?.filter(|s| s.bars > 0) else { return Ok(None) };
            let known = Known::of(conn, series.id)?;
            let sql = format!("SELECT {}, data FROM blocks WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC", series::BLOCK);
            let mut query = conn.prepare_cached(&sql)?;
            let mut rows = query.query(series::block_ids(series.id))?;
            let mut newest_first: Vec<Bar> = Vec::new();
            while newest_first.len() < count
                && let Some(row) = rows.next()?
            {
                let (block, data) = (series::block_row(interval, row)?, row.get_ref(5)?.as_blob().unwrap_or(&[]));
                newest_first.extend(known.unpack(&series, &block, data)?.iter().rev());
            }
            newest_first.truncate(count);
            newest_first.reverse();
            Ok(Some((series.into(), newest_first)))
        })
        .await
    }

    pub async fn info(&self, symbol: &Symbol) -> Result<Vec<SeriesInfo>> {
        Ok(self.with_emptied(Some(symbol)).await?.into_iter().filter(|info| info.bars > 0).collect())
    }

    /// Lists the series of a symbol, or all, with those that all bars were taken out of: what others still have.
    pub(in crate::bars) async fn with_emptied(&self, symbol: Option<&Symbol>) -> Result<Vec<SeriesInfo>> {
        let symbol = symbol.map(|s| s.as_str().to_owned());
        self.reading(move |conn| {
            let sql = format!("SELECT {} FROM series WHERE ?1 IS NULL OR symbol = ?1 ORDER BY symbol, id", series::COLUMNS);
            collect(conn.prepare_cached(&sql)?.query_map([symbol], series::from_row)?)
        })
        .await
    }

    /// Lists all series, by symbol.
    pub async fn list(&self, interval: Option<Interval>) -> Result<Vec<SeriesInfo>> {
        self.reading(move |conn| {
            let sql =
                format!("SELECT {} FROM series WHERE bars > 0 AND (?1 IS NULL OR interval = ?1) ORDER BY symbol, id", series::COLUMNS);
            let mut query = conn.prepare_cached(&sql)?;
            collect(query.query_map([interval.map(Interval::as_str)], series::from_row)?)
        })
        .await
    }

    /// Lists series that changed after a version, oldest change first.
    pub async fn changed_since(&self, version: u64, limit: usize) -> Result<Vec<SeriesInfo>> {
        self.reading(move |conn| {
            let sql = format!("SELECT {} FROM series WHERE version > ?1 ORDER BY version LIMIT ?2", series::COLUMNS);
            let mut query = conn.prepare_cached(&sql)?;
            collect(query.query_map((version.cast_signed(), i64::try_from(limit).unwrap_or(i64::MAX)), series::from_row)?)
        })
        .await
    }

    /// Says since when there are changes after a version, and of how many series; None: there are none.
    pub async fn waiting(&self, version: u64) -> Result<Option<Waiting>> {
        self.reading(move |conn| waiting(conn, version)).await
    }

    /// Returns the version of the newest change and when it was.
    pub async fn head(&self) -> Result<(u64, Option<Timestamp>)> {
        self.reading(head).await
    }
}

pub(super) fn head(conn: &Connection) -> Result<(u64, Option<Timestamp>)> {
    let mut query = conn.prepare_cached("SELECT version, changed FROM series ORDER BY version DESC LIMIT 1")?;
    let mut rows = query.query([])?;
    let Some(row) = rows.next()? else { return Ok((0, None)) };
    Ok((row.get::<_, i64>(0)?.cast_unsigned(), Timestamp::from_microsecond(row.get(1)?).ok()))
}

/// What somebody lacks who has followed up to some version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// When the oldest change was made that is not there, to the second.
    pub since: Timestamp,
    pub series: u64,
    /// Some of them, the oldest change first: `US.AAPL 1d`.
    pub names: Vec<String>,
}

/// Series that are named where there are many.
pub const NAMED: usize = 10;

fn waiting(conn: &Connection, version: u64) -> Result<Option<Waiting>> {
    let version = version.cast_signed();
    let sql = "SELECT count(*), min(changed) FROM series WHERE version > ?1";
    let (series, changed) =
        conn.prepare_cached(sql)?.query_row([version], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)))?;
    let Some(changed) = changed else { return Ok(None) };
    let made = made(conn, version + 1)?;
    let since = Timestamp::from_microsecond(made.map_or(changed, |made| made.min(changed))).unwrap_or_default();
    let sql = format!("SELECT symbol || ' ' || interval FROM series WHERE version > ?1 ORDER BY version LIMIT {NAMED}");
    let names = conn.prepare_cached(&sql)?.query_map([version], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(Some(Waiting { since, series: series.cast_unsigned(), names }))
}

/// When a version was made, to the second. A series that changed again says only the last time; before there was this table
/// that is all that is known (None).
pub(super) fn made(conn: &Connection, version: i64) -> Result<Option<i64>> {
    let made = "SELECT at FROM changes WHERE version = coalesce((SELECT max(version) FROM changes WHERE version <= ?1),
                                                               (SELECT min(version) FROM changes))";
    Ok(conn.prepare_cached(made)?.query_row([version], |row| row.get(0)).optional()?)
}

fn collect(rows: impl Iterator<Item = rusqlite::Result<Result<Series>>>) -> Result<Vec<SeriesInfo>> {
    rows.map(|row| row?.map(SeriesInfo::from)).collect()
}

pub(super) fn bars(conn: &Connection, symbol: &Symbol, interval: Interval, range: Range) -> Result<Option<Vec<Bar>>> {
    let mut all = Vec::new();
    let known = pieces(conn, symbol, interval, range, |bars| {
        all.extend(bars?);
        Ok(true)
    })?;
    Ok(known.then_some(all))
}

/// Hands over the bars of a range, block by block, for as long as they are taken; says whether the symbol has such a series.
fn pieces(
    conn: &Connection,
    symbol: &Symbol,
    interval: Interval,
    range: Range,
    mut taken: impl FnMut(Result<Vec<Bar>, Damage>) -> Result<bool>,
) -> Result<bool> {
    let Some(series) = series::find(conn, symbol, interval)?.filter(|s| s.bars > 0) else { return Ok(false) };
    let from = series::block_id(series.id, interval.period(range.from));
    let to = series::block_id(series.id, interval.period(range.to));
    let known = Known::of(conn, series.id)?;
    let mut query = conn.prepare_cached(&format!("SELECT {}, data FROM blocks WHERE id BETWEEN ?1 AND ?2 ORDER BY id", series::BLOCK))?;
    let mut rows = query.query((from, to))?;
    while let Some(row) = rows.next()? {
        let block = series::block_row(interval, row)?;
        if block.last < range.from || block.first > range.to {
            continue;
        }
        let mut found = known.unpack(&series, &block, row.get_ref(5)?.as_blob().unwrap_or(&[]));
        if let Ok(bars) = &mut found
            && (block.first < range.from || block.last > range.to)
        {
            bars.retain(|b| range.contains(b.time()));
        }
        if !found.as_ref().is_ok_and(Vec::is_empty) && !taken(found)? {
            break;
        }
    }
    Ok(true)
}
