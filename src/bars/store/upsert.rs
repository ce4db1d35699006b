//! How new bars meet stored ones: by their time; a bar that says the same changes nothing.

use super::damage::Known;
use super::notes::{self, Noted};
use super::series::{self, BlockRow, Series};
use super::writer::Work;
use super::{Result, Store, block};
use crate::model::bars::{Bar, Interval, Symbol, Volume};
use jiff::Timestamp;

/// What an upsert did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// The series' version afterwards; unchanged if nothing changed.
    pub version: u64,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// What becomes of bars that belong into a block that is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfDamaged {
    /// An error, and nothing is written.
    Refuse,
    /// They take its place: the caller has seen to it that they are all that it should hold ([`super::Damage::replaced_by`]).
    Replace,
}

impl Store {
    /// The same, with what is recorded about it in one transaction.
    pub async fn upsert_noted(
        &self,
        symbol: &Symbol,
        interval: Interval,
        bars: Vec<Bar>,
        noted: Noted,
        damaged: IfDamaged,
    ) -> Result<Written> {
        let symbol = symbol.clone();
        if bars.is_empty() && noted == Noted::default() {
            return Ok(Written::default());
        }
        let done = self.writing(move |work| {
            let done = upsert(work, &symbol, interval, bars, damaged)?;
            notes::put(work.conn, &symbol, interval, noted)?;
            Ok(done)
        });
        Ok(self.count(done.await?))
    }

    /// Puts bars in: new times are added, known ones replaced. Any order; of two with the same name the later one counts.
    /// On disk when this returns.
    pub async fn upsert(&self, symbol: &Symbol, interval: Interval, bars: Vec<Bar>) -> Result<Written> {
        let symbol = symbol.clone();
        Ok(self.count(self.writing(move |work| upsert(work, &symbol, interval, bars, IfDamaged::Refuse)).await?))
    }
}

impl Store {
    /// Says what [`Self::upsert_noted`] would do, and does nothing: the same work, rolled back.
    pub async fn would_upsert(&self, symbol: &Symbol, interval: Interval, bars: Vec<Bar>, damaged: IfDamaged) -> Result<Written> {
        let symbol = symbol.clone();
        self.trying(move |work| upsert(work, &symbol, interval, bars, damaged)).await
    }
}

pub(super) fn upsert(work: &mut Work<'_>, symbol: &Symbol, interval: Interval, bars: Vec<Bar>, damaged: IfDamaged) -> Result<Written> {
    let bars = in_order(interval, bars);
    if bars.is_empty() {
        let version = series::find(work.conn, symbol, interval)?.map_or(0, |s| s.version);
        return Ok(Written { version, ..Written::default() });
    }
    let mut series = series::find_or_make(work.conn, symbol, interval)?;
    let mut done = Written { version: series.version, ..Written::default() };
    let mut version = None;
    let known = Known::of(work.conn, series.id)?;
    for part in bars.chunk_by(|a, b| interval.period(a.time()) == interval.period(b.time())) {
        into_block(work, &mut series, part, (&known, damaged), &mut version, &mut done)?;
    }
    if let Some(version) = version {
        series.version = version;
        series.changed = Timestamp::now();
        series::save(work.conn, &series)?;
        done.version = version;
    }
    Ok(done)
}

/// Gives bars of unknown volume those that are stored for their times. `stored` is by time.
pub(in crate::bars) fn keep_volumes(bars: &mut [Bar], stored: &[Bar]) {
    for bar in bars.iter_mut().filter(|bar| bar.volume() == Volume::Unknown) {
        *bar = bar.over(stored.binary_search_by_key(&bar.time(), Bar::time).ok().map(|at| &stored[at]));
    }
}

/// Returns the bars by time, each time once; of two with the same name the later one.
pub(in crate::bars) fn in_order(interval: Interval, mut bars: Vec<Bar>) -> Vec<Bar> {
    for bar in &mut bars {
        *bar = bar.at(interval.canonical(bar.time()));
    }
    if bars.is_sorted_by(|a, b| a.time() < b.time()) {
        return bars;
    }
    // Stable: of equal times the later one stays later.
    bars.sort_by_key(Bar::time);
    let mut kept: Vec<Bar> = Vec::with_capacity(bars.len());
    for bar in bars {
        match kept.last_mut() {
            Some(last) if last.time() == bar.time() => *last = bar,
            _ => kept.push(bar),
        }
    }
    kept
}

fn into_block(
    work: &mut Work<'_>,
    series: &mut Series,
    part: &[Bar],
    (known, damaged): (&Known, IfDamaged),
    version: &mut Option<u64>,
    done: &mut Written,
) -> Result<()> {
    let period = series.interval.period(part[0].time());
    let stored = series::block(work.conn, series, period)?;
    let (old, before) = match stored {
        None => (Vec::new(), None),
        Some((row, data)) => match known.unpack(series, &row, &data) {
            Ok(old) => (old, Some(row)),
            Err(_) if damaged == IfDamaged::Replace => return replace(work, series, part, row, version, done),
            Err(damage) => return Err(damage.into()),
        },
    };
    let seen = *done;
    let bars = merge(&old, part, done);
    if done.added == seen.added && done.changed == seen.changed {
        return Ok(());
    }
    let version = *version.get_or_insert_with(|| work.next_version());
    let row = series::put_block(work.conn, series.id, version, period, &bars, &block::encode(&bars))?;
    series.digest = before.map_or(series.digest, |b| series.digest.minus(b.digest)).plus(row.digest);
    // A row that was damaged may have counted anything.
    series.bars = (series.bars + row.bars).saturating_sub(before.map_or(0, |b| b.bars));
    series.first = Some(series.first.map_or(row.first, |f| f.min(row.first)));
    series.last = Some(series.last.map_or(row.last, |l| l.max(row.last)));
    Ok(())
}

/// Writes bars in the place of a block that is damaged. Whoever has what it held compares all of it.
fn replace(
    work: &mut Work<'_>,
    series: &mut Series,
    part: &[Bar],
    row: BlockRow,
    version: &mut Option<u64>,
    done: &mut Written,
) -> Result<()> {
    let bars = merge(&[], part, done);
    let version = *version.get_or_insert_with(|| work.next_version());
    series::note_removed(work.conn, series.id, version, row.first, row.last)?;
    series::put_block(work.conn, series.id, version, row.period, &bars, &block::encode(&bars))?;
    series::sum_up(work.conn, series)
}

fn merge(old: &[Bar], new: &[Bar], done: &mut Written) -> Vec<Bar> {
    let mut all = Vec::with_capacity(old.len() + new.len());
    let mut rest = old;
    for bar in new {
        let before = rest.partition_point(|o| o.time() < bar.time());
        all.extend_from_slice(&rest[..before]);
        rest = &rest[before..];
        match rest.split_first() {
            Some((same, after)) if same.time() == bar.time() => {
                let bar = bar.over(Some(same));
                if *same == bar {
                    done.unchanged += 1;
                } else {
                    done.changed += 1;
                }
                rest = after;
                all.push(bar);
            }
            _ => {
                done.added += 1;
                all.push(bar.over(None));
            }
        }
    }
    all.extend_from_slice(rest);
    all
}
