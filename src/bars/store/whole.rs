//! Whole blocks out, by digest: what replicas trade. `receive` takes them in.

use super::series::{self, BlockRow, Series};
use super::{Digest, Result, SeriesInfo, Store};
use super::{block, damage};
use crate::model::bars::{Bar, BarTime, Interval, Range, Symbol};
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

impl BlockData {
    /// The time of its first bar. None: it cannot be read.
    pub(in crate::bars) fn first(&self) -> Option<BarTime> {
        block::decode(&self.data).ok()?.first().map(Bar::time)
    }
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
}

/// Lists the blocks of a series that changed after a version.
fn changed(conn: &Connection, series: &Series, since: u64) -> Result<Vec<BlockRow>> {
    let sql = format!("SELECT {} FROM blocks WHERE id BETWEEN ?1 AND ?2 AND version > ?3 ORDER BY id", series::BLOCK);
    let (from, to) = series::block_ids(series.id);
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map((from, to, since.cast_signed()), |row| series::block_row(series.interval, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
