//! Blocks that come from another store, and what becomes of what is here besides.
//!
//! Unless all is to be as it is there, bars of which the list says nothing stay, in blocks of their own as in those that come: who
//! was restored from an older copy takes nothing away that he does not know of. A block that keeps such bars has a digest of its
//! own, and is noted (table `besides`) to have all of the one that came: nobody brings that again.

use super::damage::Known;
use super::series::{self, BlockRow, Series};
use super::whole::{BlockData, BlockDigest};
use super::writer::Work;
use super::{Digest, Result, Store, block};
use crate::model::bars::{Bar, Interval, Range, Symbol};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::HashMap;

/// What becomes of bars that a list and its blocks do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Besides {
    /// They stay, but for those in one of these: the bars there were taken out where the list comes from.
    Within(Vec<Range>),
    /// They go out of blocks that come. Other blocks stay.
    Replaced,
    /// All of them go.
    Gone,
}

impl Besides {
    fn keeps(&self, bar: &Bar) -> bool {
        match self {
            Self::Within(ranges) => !ranges.iter().any(|range| range.contains(bar.time())),
            Self::Replaced | Self::Gone => false,
        }
    }

    /// Whether bars may go out of a block that is not named.
    fn touches(&self, row: &BlockRow) -> bool {
        match self {
            Self::Within(ranges) => ranges.iter().any(|range| range.from <= row.last && row.first <= range.to),
            Self::Replaced => false,
            Self::Gone => true,
        }
    }

    /// The same, where its bars cannot be read: it goes as a whole.
    fn covers(&self, row: &BlockRow) -> bool {
        match self {
            Self::Within(ranges) => ranges.iter().any(|range| range.from <= row.first && row.last <= range.to),
            Self::Replaced => false,
            Self::Gone => true,
        }
    }
}

/// What taking in a series' blocks led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Blocks that were written or taken away.
    pub changed: u64,
    /// Bars in the blocks that came and were new here, and bars that were taken away.
    pub bars: u64,
    pub removed: u64,
    /// Blocks that the list names and that are neither here, alone or with other bars, nor came along.
    pub missing: Vec<i32>,
    /// The series' digest now.
    pub digest: Digest,
}

impl Store {
    /// Makes a series what a list says: blocks that came along are written, and of what the list does not have `besides` stays.
    /// Nothing is written that does not unpack, or that lies outside of its period.
    pub async fn receive(
        &self,
        symbol: &Symbol,
        interval: Interval,
        list: Vec<BlockDigest>,
        besides: Besides,
        data: Vec<BlockData>,
    ) -> Result<Received> {
        let symbol = symbol.clone();
        self.writing(move |work| receive(work, &symbol, interval, &list, &besides, data)).await
    }

    /// Says what [`Self::receive`] would do: the same work, rolled back.
    pub async fn would_receive(
        &self,
        symbol: &Symbol,
        interval: Interval,
        list: Vec<BlockDigest>,
        besides: Besides,
        data: Vec<BlockData>,
    ) -> Result<Received> {
        let symbol = symbol.clone();
        self.trying(move |work| receive(work, &symbol, interval, &list, &besides, data)).await
    }

    /// Returns the blocks of a series that have other bars besides, each with the digest of the one that came for its period.
    pub(in crate::bars) async fn besides(&self, symbol: &Symbol, interval: Interval) -> Result<HashMap<i32, Digest>> {
        let symbol = symbol.clone();
        self.reading(move |conn| series::find(conn, &symbol, interval)?.map_or(Ok(HashMap::new()), |series| noted(conn, &series))).await
    }
}

fn noted(conn: &Connection, series: &Series) -> Result<HashMap<i32, Digest>> {
    let mut query = conn.prepare_cached("SELECT block, digest FROM besides WHERE block BETWEEN ?1 AND ?2")?;
    let rows = query.query_map(series::block_ids(series.id), |row| Ok((series::period_of(row.get(0)?), row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| row.map_err(Into::into).and_then(|(period, digest)| Ok((period, Digest::from_bytes(&digest)?)))).collect()
}

/// A series while blocks come.
struct Taking<'a, 'w> {
    work: &'a mut Work<'w>,
    series: Series,
    rows: Vec<BlockRow>,
    known: Known,
    besides: &'a Besides,
    version: Option<u64>,
    done: Received,
}

fn receive(
    work: &mut Work<'_>,
    symbol: &Symbol,
    interval: Interval,
    list: &[BlockDigest],
    besides: &Besides,
    data: Vec<BlockData>,
) -> Result<Received> {
    let series = series::find_or_make(work.conn, symbol, interval)?;
    let (rows, known) = (series::rows_of(work.conn, &series)?, Known::of(work.conn, series.id)?);
    let done = Received { changed: 0, bars: 0, removed: 0, missing: Vec::new(), digest: series.digest };
    let mut taking = Taking { work, series, rows, known, besides, version: None, done };
    for block in data {
        taking.block(block)?;
    }
    taking.unnamed(list)?;
    taking.end(list)
}

impl Taking<'_, '_> {
    fn version(&mut self) -> u64 {
        let Self { work, version, .. } = self;
        *version.get_or_insert_with(|| work.next_version())
    }

    fn block(&mut self, BlockData { period, data }: BlockData) -> Result<()> {
        let digest = Digest::of_block(period, &data);
        let here = self.rows.iter().find(|row| row.period == period).copied();
        if here.is_some_and(|row| row.digest == digest) {
            return Ok(());
        }
        let bars = self.read(period, &data)?;
        let (kept, gone) = self.others(here, &bars)?;
        let (came, has_more) = (bars.len() as u64, !kept.is_empty());
        let (mut bars, mut data) = (bars, data);
        if has_more {
            bars.extend(kept);
            bars.sort_unstable_by_key(Bar::time);
            data = block::encode(&bars);
        }
        if here.is_none_or(|row| row.digest != Digest::of_block(period, &data)) {
            let version = self.version();
            let row = series::put_block(self.work.conn, self.series.id, version, period, &bars, &data)?;
            self.rows.retain(|row| row.period != period);
            self.rows.push(row);
            self.done.changed += 1;
            self.done.bars += came;
            self.gone(&gone)?;
        }
        if has_more {
            series::note_besides(self.work.conn, self.series.id, period, digest)?;
        }
        Ok(())
    }

    fn read(&self, period: i32, data: &[u8]) -> Result<Vec<Bar>> {
        let Series { symbol, interval, .. } = &self.series;
        let bars = block::decode(data).unwrap_or_default();
        if bars.is_empty() || bars.iter().any(|b| interval.period(b.time()) != period || interval.canonical(b.time()) != b.time()) {
            let message = format!("{symbol} {interval} period {period}: the block that came is damaged");
            return Err(super::Error::permanent("bars_block_refused", message));
        }
        Ok(bars)
    }

    /// The bars of a block here that `bars` do not have: those that stay, and those that go in stretches. Of a damaged one none stays.
    fn others(&self, here: Option<BlockRow>, bars: &[Bar]) -> Result<(Vec<Bar>, Vec<Vec<Bar>>)> {
        let stored = match here.map(|row| series::block(self.work.conn, &self.series, row.period)).transpose()?.flatten() {
            Some((row, data)) => self.known.unpack(&self.series, &row, &data).unwrap_or_default(),
            None => Vec::new(),
        };
        let is_other = |bar: &Bar| bars.binary_search_by_key(&bar.time(), Bar::time).is_err();
        let goes = |bar: &Bar| is_other(bar) && !self.besides.keeps(bar);
        let gone = stored.chunk_by(|a, b| goes(a) == goes(b)).filter(|part| goes(&part[0])).map(<[Bar]>::to_vec).collect();
        Ok((stored.iter().filter(|bar| is_other(bar) && !goes(bar)).copied().collect(), gone))
    }

    /// Keeps that bars went, each stretch for itself.
    fn gone(&mut self, stretches: &[Vec<Bar>]) -> Result<()> {
        for stretch in stretches {
            if let [Some(first), Some(last)] = [stretch.first(), stretch.last()] {
                let version = self.version();
                series::note_removed(self.work.conn, self.series.id, version, first.time(), last.time())?;
                self.done.removed += stretch.len() as u64;
            }
        }
        Ok(())
    }

    /// Takes out of blocks that the list does not name what is to go.
    fn unnamed(&mut self, list: &[BlockDigest]) -> Result<()> {
        let is_named = |row: &BlockRow| list.iter().any(|l| l.period == row.period);
        let touched: Vec<BlockRow> = self.rows.iter().filter(|row| !is_named(row) && self.besides.touches(row)).copied().collect();
        for row in touched {
            let (kept, gone) = self.others(Some(row), &[])?;
            if kept.is_empty() && gone.is_empty() && !self.besides.covers(&row) {
                // It cannot be read, and it is not all of it that is to go.
                continue;
            }
            if kept.is_empty() {
                let version = self.version();
                series::note_removed(self.work.conn, self.series.id, version, row.first, row.last)?;
                series::drop_block(self.work.conn, self.series.id, row.period)?;
                self.done.removed += row.bars;
                self.rows.retain(|other| other.period != row.period);
            } else if gone.is_empty() {
                continue;
            } else {
                let version = self.version();
                let left = series::put_block(self.work.conn, self.series.id, version, row.period, &kept, &block::encode(&kept))?;
                self.gone(&gone)?;
                self.rows.retain(|other| other.period != row.period);
                self.rows.push(left);
            }
            self.done.changed += 1;
        }
        Ok(())
    }

    fn end(mut self, list: &[BlockDigest]) -> Result<Received> {
        let besides = noted(self.work.conn, &self.series)?;
        let is_here = |l: &BlockDigest| {
            besides.get(&l.period) == Some(&l.digest) || self.rows.iter().any(|r| r.period == l.period && r.digest == l.digest)
        };
        self.done.missing = list.iter().filter(|l| !is_here(l)).map(|l| l.period).collect();
        if let Some(version) = self.version {
            self.series.version = version;
            self.series.changed = Timestamp::now();
            series::sum_up(self.work.conn, &mut self.series)?;
            series::save(self.work.conn, &self.series)?;
        }
        if self.done.bars + self.done.removed > 0 {
            super::untold::note(self.work.conn, self.series.id, self.done.bars, self.done.removed)?;
        }
        self.done.digest = self.series.digest;
        Ok(self.done)
    }
}
