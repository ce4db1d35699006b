//! Whole blocks in and out, by digest: what replicas trade.

use super::damage;
use super::series::{self, BlockRow, Series};
use super::writer::Work;
use super::{Digest, Result, SeriesInfo, Store, block};
use crate::model::bars::{BarTime, Interval, Range, Symbol};
use jiff::Timestamp;
use rusqlite::Connection;

/// A block by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockDigest {
    pub period: i32,
    pub digest: Digest,
}

/// A block with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockData {
    pub period: i32,
    pub data: Vec<u8>,
}

/// A series with the names of its blocks, and where bars were taken out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub info: SeriesInfo,
    pub blocks: Vec<BlockDigest>,
    pub removed: Vec<Removal>,
}

/// Bars that were taken out, by a change of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    pub version: u64,
    pub range: Range,
}

/// What becomes of blocks that a list does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unnamed {
    /// Those that lie in one of these go: the bars there were taken out where the list comes from.
    Within(Vec<Range>),
    /// All of them go.
    Gone,
}

impl Unnamed {
    fn goes(&self, row: &BlockRow) -> bool {
        match self {
            Self::Within(ranges) => ranges.iter().any(|range| range.from <= row.first && row.last <= range.to),
            Self::Gone => true,
        }
    }
}

/// What taking in a series' blocks led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Blocks that were written or taken away.
    pub changed: u64,
    /// Bars in the blocks that were written, and in those that were taken away.
    pub bars: u64,
    pub removed: u64,
    /// Blocks that the list names and that are neither here nor came along.
    pub missing: Vec<i32>,
    /// The series' digest now.
    pub digest: Digest,
}

/// Ranges that overlap become one: bars that were taken out and came again lie in both, and are to be written and counted once.
fn apart(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_by_key(|range| range.from);
    ranges.dedup_by(|next, before| {
        let overlaps = next.from <= before.to;
        if overlaps {
            before.to = before.to.max(next.to);
        }
        overlaps
    });
    ranges
}

/// Lists what was taken out of a series after a version, in order of time.
fn removals(conn: &Connection, series: &Series, since: u64) -> Result<Vec<Removal>> {
    let sql = "SELECT max(version), first, last FROM removed WHERE series = ?1 AND version > ?2 GROUP BY first, last ORDER BY first";
    let mut query = conn.prepare_cached(sql)?;
    let rows = query.query_map((series.id, since.cast_signed()), |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)))?;
    let mut all = Vec::new();
    for row in rows {
        let (version, first, last) = row?;
        let range = BarTime::new(first).zip(BarTime::new(last)).map(|(from, to)| Range { from, to });
        all.extend(range.map(|range| Removal { version: version.cast_unsigned(), range }));
    }
    Ok(all)
}

impl Store {
    /// Lists a series' blocks that changed after a version, and what was taken out since; None if there is no such series. Where all
    /// are listed, the series tells of them and of no others.
    pub async fn blocks(&self, symbol: &Symbol, interval: Interval, since: u64) -> Result<Option<Listed>> {
        let listed = self.listed(symbol, interval, since).await?;
        let tells = |all: &Listed| all.blocks.iter().fold(Digest::default(), |sum, block| sum.plus(block.digest)) == all.info.digest;
        if since > 0 || listed.as_ref().is_none_or(tells) {
            return Ok(listed);
        }
        self.tell_anew(symbol, interval).await?;
        self.listed(symbol, interval, since).await
    }

    async fn listed(&self, symbol: &Symbol, interval: Interval, since: u64) -> Result<Option<Listed>> {
        let symbol = symbol.clone();
        self.reading(move |conn| {
            let Some(series) = series::find(conn, &symbol, interval)? else { return Ok(None) };
            let blocks = changed(conn, &series, since)?.into_iter().map(|BlockRow { period, digest, .. }| BlockDigest { period, digest });
            let (blocks, removed) = (blocks.collect(), removals(conn, &series, since)?);
            Ok(Some(Listed { info: series.into(), blocks, removed }))
        })
        .await
    }

    /// Returns the stretches of a series that changed after a version, in order of time and apart from each other: whole blocks,
    /// neighbours together up to sixteen, and those that bars were taken out of.
    pub async fn changed_ranges(&self, symbol: &Symbol, interval: Interval, since: u64) -> Result<Vec<Range>> {
        let symbol = symbol.clone();
        self.reading(move |conn| {
            let Some(series) = series::find(conn, &symbol, interval)? else { return Ok(Vec::new()) };
            let mut ranges: Vec<(Range, usize)> = Vec::new();
            for BlockRow { period, first, last, .. } in changed(conn, &series, since)? {
                match ranges.last_mut() {
                    Some((range, blocks)) if *blocks < 16 && interval.period(range.to) + 1 == period => {
                        range.to = last;
                        *blocks += 1;
                    }
                    _ => ranges.push((Range { from: first, to: last }, 1)),
                }
            }
            let mut ranges: Vec<Range> = ranges.into_iter().map(|(range, _)| range).collect();
            // What went is compared too: a backup may have it.
            ranges.extend(removals(conn, &series, since)?.into_iter().map(|removal| removal.range));
            Ok(apart(ranges))
        })
        .await
    }

    /// Returns blocks as they are stored; those that are gone are left out, and so are damaged ones. An error: there are no others.
    pub async fn block_data(&self, symbol: &Symbol, interval: Interval, periods: Vec<i32>) -> Result<Vec<BlockData>> {
        let symbol = symbol.clone();
        self.reading(move |conn| {
            let Some(series) = series::find(conn, &symbol, interval)? else { return Ok(Vec::new()) };
            let (mut found, mut damaged) = (Vec::new(), None);
            for period in periods {
                let Some((row, data)) = series::block(conn, &series, period)? else { continue };
                match damage::check(&series, &row, &data) {
                    None => found.push(BlockData { period, data }),
                    Some(damage) => damaged = Some(damage),
                }
            }
            match damaged {
                Some(damage) if found.is_empty() => Err(damage.into()),
                _ => Ok(found),
            }
        })
        .await
    }

    /// Makes a series what a list says: blocks that came along are written, those that the list does not name go or stay.
    /// Nothing is written that does not unpack, or that lies outside of its period.
    pub async fn receive(
        &self,
        symbol: &Symbol,
        interval: Interval,
        list: Vec<BlockDigest>,
        unnamed: Unnamed,
        data: Vec<BlockData>,
    ) -> Result<Received> {
        let symbol = symbol.clone();
        self.writing(move |work| receive(work, &symbol, interval, &list, &unnamed, data)).await
    }
}

/// Lists the blocks of a series that changed after a version.
fn changed(conn: &Connection, series: &Series, since: u64) -> Result<Vec<BlockRow>> {
    let sql = format!("SELECT {} FROM blocks WHERE id BETWEEN ?1 AND ?2 AND version > ?3 ORDER BY id", series::BLOCK);
    let (from, to) = series::block_ids(series.id);
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map((from, to, since.cast_signed()), |row| series::block_row(series.interval, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn receive(
    work: &mut Work<'_>,
    symbol: &Symbol,
    interval: Interval,
    list: &[BlockDigest],
    unnamed: &Unnamed,
    data: Vec<BlockData>,
) -> Result<Received> {
    let mut series = series::find_or_make(work.conn, symbol, interval)?;
    let mut rows = series::rows_of(work.conn, &series)?;
    let mut done = Received { changed: 0, bars: 0, removed: 0, missing: Vec::new(), digest: series.digest };
    let mut version = None;
    for BlockData { period, data } in data {
        let digest = Digest::of_block(period, &data);
        if rows.iter().any(|row| row.period == period && row.digest == digest) {
            continue;
        }
        let wrong = || {
            super::Error::permanent("bars_block_refused", format!("{symbol} {interval} period {period}: the block that came is damaged"))
        };
        let bars = block::decode(&data).map_err(|_| wrong())?;
        if bars.is_empty() || bars.iter().any(|b| interval.period(b.time()) != period || interval.canonical(b.time()) != b.time()) {
            return Err(wrong());
        }
        let version = *version.get_or_insert_with(|| work.next_version());
        let row = series::put_block(work.conn, series.id, version, period, &bars, &data)?;
        rows.retain(|r| r.period != period);
        rows.push(row);
        done.changed += 1;
        done.bars += row.bars;
    }
    for gone in rows.extract_if(.., |row| unnamed.goes(row) && !list.iter().any(|l| l.period == row.period)) {
        let version = *version.get_or_insert_with(|| work.next_version());
        series::note_removed(work.conn, series.id, version, gone.first, gone.last)?;
        series::drop_block(work.conn, series.id, gone.period)?;
        done.changed += 1;
        done.removed += gone.bars;
    }
    done.missing = list.iter().filter(|l| !rows.iter().any(|r| r.period == l.period && r.digest == l.digest)).map(|l| l.period).collect();
    if let Some(version) = version {
        series.version = version;
        series.changed = Timestamp::now();
        series::sum_up(work.conn, &mut series)?;
        series::save(work.conn, &series)?;
    }
    done.digest = series.digest;
    Ok(done)
}
