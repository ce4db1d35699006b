//! Backups: series written into an InfluxDB 1.x and read back.
//!
//! Called by the scheduler. `influx` the database. A series is brought up to date by the blocks that changed since the version
//! that the backup is known to have; what was written is read back and compared point by point, and only then does the mark
//! move. So a history row that says success is one that was seen there, and a backfill of years ago is written like any change.
//!
//! A series has a mark, of version 0, before its first bar is sent. What was sent by a run that was ended in the midst is known by
//! that, also when the series is deleted next.

mod influx;

pub use influx::{Influx, InfluxSettings};

use super::Result;
use super::replica::Carried;
use super::store::{Mark, SeriesInfo, Store};
use crate::model::bars::{Bar, BarTime, Range, Symbol, SyncCounts, SyncMode, TargetId};
use crate::model::words::counted;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Bars that are compared at once.
const TOGETHER: usize = 20_000;

/// What a backup has against what the store has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Not there, or with other figures.
    pub wrong: Vec<BarTime>,
    /// There, and not here.
    pub extra: Vec<BarTime>,
}

impl Differences {
    pub fn is_empty(&self) -> bool {
        self.wrong.is_empty() && self.extra.is_empty()
    }
}

/// Brings a backup up to date. Each series that was written is told as soon as it stands. An error: it cannot be talked to at
/// all; series that are done stay done, and the one that it happened at is told as failed.
pub async fn run(
    store: &Store,
    influx: &Influx,
    mode: SyncMode,
    only: Option<&Symbol>,
    told: &mpsc::Sender<Carried>,
    cancel: &CancellationToken,
) -> Result<SyncCounts> {
    // A database that was lost has nothing of what is marked.
    let is_new = influx.prepare().await?;
    let mut done = SyncCounts::default();
    for info in store.with_emptied(only).await? {
        if cancel.is_cancelled() {
            break;
        }
        let mark = store.mark(influx.name(), &info.symbol, info.interval).await?;
        if info.bars == 0 && mark.is_none() && mode == SyncMode::Incremental {
            // All of it was taken out before any of it came there. A backup that knew the database in another life may have it.
            continue;
        }
        done.series += 1;
        let since = match mode {
            SyncMode::Incremental if !is_new => mark.map_or(0, |m| m.version),
            SyncMode::Incremental | SyncMode::Full | SyncMode::Repair => 0,
        };
        if since >= info.version {
            continue;
        }
        let started = Timestamp::now();
        if mark.is_none() {
            // From here on something of it may be there, whatever ends this run.
            store.set_mark(influx.name(), &info.symbol, info.interval, Mark { version: 0, at: started }).await?;
        }
        let outcome = series(store, influx, &info, mode, since).await;
        let (bars, error, fatal) = match outcome {
            Ok(bars) => (bars, String::new(), None),
            Err(e) => (0, e.to_string(), Some(e).filter(|e| matches!(e.kind, super::Kind::Transient | super::Kind::Config))),
        };
        if (mode == SyncMode::Repair || info.bars == 0) && bars == 0 && error.is_empty() {
            continue;
        }
        done.carried += 1;
        done.bars += bars;
        done.failed += u64::from(!error.is_empty());
        let carried = Carried { symbol: info.symbol, interval: info.interval, bars, started, ended: Timestamp::now(), error };
        let _ = told.send(carried).await;
        if let Some(error) = fatal {
            return Err(error);
        }
    }
    if !cancel.is_cancelled() && only.is_none() && done.failed == 0 {
        store.set_synced(&TargetId::backup(influx.name()), Timestamp::now()).await?;
    }
    Ok(done)
}

/// Compares a series with what the backup has of it.
pub async fn compare(store: &Store, influx: &Influx, info: &SeriesInfo) -> Result<Differences> {
    let bars = store.read(&info.symbol, info.interval, Range::ALL).await?.unwrap_or_default();
    differences(influx, info, &bars, Range::ALL).await
}

/// Writes what is wanted of a series and sees that it is there; returns the bars that were written.
async fn series(store: &Store, influx: &Influx, info: &SeriesInfo, mode: SyncMode, since: u64) -> Result<u64> {
    let mut written = 0;
    for range in store.changed_ranges(&info.symbol, info.interval, since).await? {
        let bars = store.read(&info.symbol, info.interval, range).await?.unwrap_or_default();
        for part in bars.chunks(TOGETHER) {
            if mode != SyncMode::Repair {
                influx.write(&info.symbol, info.interval, part).await?;
                written += part.len() as u64;
            }
        }
        let mut found = differences(influx, info, &bars, range).await?;
        if mode == SyncMode::Repair && !found.wrong.is_empty() {
            let wrong: Vec<Bar> = bars.iter().filter(|b| found.wrong.binary_search(&b.time()).is_ok()).copied().collect();
            influx.write(&info.symbol, info.interval, &wrong).await?;
            written += wrong.len() as u64;
        }
        if !found.extra.is_empty() {
            if bars.is_empty() {
                influx.delete_range(&info.symbol, info.interval, range).await?;
            } else {
                influx.delete(&info.symbol, info.interval, &found.extra).await?;
            }
            written += found.extra.len() as u64;
        }
        if !found.extra.is_empty() || mode == SyncMode::Repair && !found.wrong.is_empty() {
            found = differences(influx, info, &bars, range).await?;
        }
        if let Some(first) = found.wrong.first().or(found.extra.first()) {
            let bars = counted((found.wrong.len() + found.extra.len()) as u64, "bar");
            let message = format!(
                "backup {}: {bars} of {} {} read back otherwise than written, the first at {first}",
                influx.name(),
                info.symbol,
                info.interval
            );
            return Err(super::Error::permanent("bars_backup_differs", message));
        }
    }
    store.set_mark(influx.name(), &info.symbol, info.interval, Mark { version: info.version, at: Timestamp::now() }).await?;
    Ok(written)
}

/// Reads a range back, in parts that lie between the bars that are here.
async fn differences(influx: &Influx, info: &SeriesInfo, bars: &[Bar], range: Range) -> Result<Differences> {
    let mut found = Differences::default();
    let mut from = range.from;
    let parts: Vec<&[Bar]> = if bars.is_empty() { vec![&[]] } else { bars.chunks(TOGETHER).collect() };
    let last = parts.len() - 1;
    for (n, part) in parts.into_iter().enumerate() {
        let to = if n == last { range.to } else { part.last().map_or(range.to, Bar::time) };
        let there = influx.read(&info.symbol, info.interval, from, to).await?;
        diff(part, &there, &mut found);
        from = to.plus_seconds(1);
    }
    Ok(found)
}

/// Both in order of time.
fn diff(here: &[Bar], there: &[Bar], found: &mut Differences) {
    let mut rest = there;
    for bar in here {
        let before = rest.partition_point(|b| b.time() < bar.time());
        found.extra.extend(rest[..before].iter().map(Bar::time));
        rest = &rest[before..];
        match rest.split_first() {
            Some((same, after)) if same.time() == bar.time() => {
                rest = after;
                if !same.says_the_same(bar) {
                    found.wrong.push(bar.time());
                }
            }
            _ => found.wrong.push(bar.time()),
        }
    }
    found.extra.extend(rest.iter().map(Bar::time));
}
