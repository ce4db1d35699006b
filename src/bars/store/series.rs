//! Rows: a series and its blocks. All SQL on them that more than one neighbour needs.

use super::{Digest, Result, damaged};
use crate::model::bars::{Bar, BarTime, Interval, Symbol};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

/// Blocks of a series have ids from `series << 20`; a period is at most half of that away from zero.
const SHIFT: u32 = 20;
const MIDDLE: i64 = 1 << 19;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) id: i64,
    pub(super) symbol: Symbol,
    pub(super) interval: Interval,
    pub(super) version: u64,
    pub(super) changed: Timestamp,
    pub(super) bars: u64,
    pub(super) first: Option<BarTime>,
    pub(super) last: Option<BarTime>,
    pub(super) digest: Digest,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BlockRow {
    pub(super) period: i32,
    pub(super) bars: u64,
    pub(super) first: BarTime,
    pub(super) last: BarTime,
    pub(super) digest: Digest,
}

pub(super) const COLUMNS: &str = "id, symbol, interval, version, changed, bars, first, last, digest";

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Result<Series>> {
    let (symbol, interval): (String, String) = (row.get(1)?, row.get(2)?);
    let (first, last): (Option<i64>, Option<i64>) = (row.get(6)?, row.get(7)?);
    let (id, version, changed, bars) = (row.get(0)?, row.get::<_, i64>(3)?, row.get::<_, i64>(4)?, row.get::<_, i64>(5)?);
    let digest: Vec<u8> = row.get(8)?;
    Ok((|| {
        let wrong = || damaged(format_args!("the row of {symbol} {interval}"));
        Ok(Series {
            id,
            symbol: Symbol::stored(&symbol).ok_or_else(wrong)?,
            interval: Interval::parse(&interval).ok_or_else(wrong)?,
            version: version.cast_unsigned(),
            changed: Timestamp::from_microsecond(changed).map_err(|_| wrong())?,
            bars: bars.cast_unsigned(),
            first: first.and_then(BarTime::new),
            last: last.and_then(BarTime::new),
            digest: Digest::from_bytes(&digest)?,
        })
    })())
}

pub(super) fn find(conn: &Connection, symbol: &Symbol, interval: Interval) -> Result<Option<Series>> {
    let mut query = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM series WHERE symbol = ?1 AND interval = ?2"))?;
    query.query_row((symbol.as_str(), interval.as_str()), from_row).optional()?.transpose()
}

/// Returns the series, making an empty one when it is not there.
pub(super) fn find_or_make(conn: &Connection, symbol: &Symbol, interval: Interval) -> Result<Series> {
    if let Some(series) = find(conn, symbol, interval)? {
        return Ok(series);
    }
    let digest = Digest::default();
    let mut insert =
        conn.prepare_cached("INSERT INTO series (symbol, interval, version, changed, bars, digest) VALUES (?1, ?2, 0, 0, 0, ?3)")?;
    let id = insert.insert((symbol.as_str(), interval.as_str(), digest.to_bytes()))?;
    let changed = Timestamp::UNIX_EPOCH;
    Ok(Series { id, symbol: symbol.clone(), interval, version: 0, changed, bars: 0, first: None, last: None, digest })
}

pub(super) fn save(conn: &Connection, series: &Series) -> Result<()> {
    let mut update =
        conn.prepare_cached("UPDATE series SET version = ?2, changed = ?3, bars = ?4, first = ?5, last = ?6, digest = ?7 WHERE id = ?1")?;
    update.execute((
        series.id,
        series.version.cast_signed(),
        series.changed.as_microsecond(),
        series.bars.cast_signed(),
        series.first.map(BarTime::seconds),
        series.last.map(BarTime::seconds),
        series.digest.to_bytes(),
    ))?;
    Ok(())
}

pub(super) fn block_id(series: i64, period: i32) -> i64 {
    (series << SHIFT) + i64::from(period) + MIDDLE
}

pub(super) fn period_of(block: i64) -> i32 {
    i32::try_from((block & ((1 << SHIFT) - 1)) - MIDDLE).expect("20 bits")
}

/// First and last id that blocks of a series can have.
pub(super) fn block_ids(series: i64) -> (i64, i64) {
    (series << SHIFT, ((series + 1) << SHIFT) - 1)
}

/// The columns that [`block_row`] reads.
pub(super) const BLOCK: &str = "id, bars, first, last, digest";

/// Reads a row whatever stands in it: one that is damaged tells of all of its period, and of a digest that its bytes do not have.
pub(super) fn block_row(interval: Interval, row: &Row<'_>) -> rusqlite::Result<BlockRow> {
    let (id, bars, first, last): (i64, i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let digest: Vec<u8> = row.get(4)?;
    let period = period_of(id);
    let within = |seconds: i64| BarTime::new(seconds).filter(|time| interval.period(*time) == period);
    let (first, last) = within(first).zip(within(last)).unwrap_or_else(|| {
        let all = interval.times_of(period);
        (all.from, all.to)
    });
    // No block has as many: a count that is none must not make the sum of all one.
    let bars = u64::try_from(bars).unwrap_or(0).min(u64::from(u32::MAX));
    Ok(BlockRow { period, bars, first, last, digest: Digest::from_bytes(&digest).unwrap_or_default() })
}

pub(super) fn block(conn: &Connection, series: &Series, period: i32) -> Result<Option<(BlockRow, Vec<u8>)>> {
    let mut query = conn.prepare_cached(&format!("SELECT {BLOCK}, data FROM blocks WHERE id = ?1"))?;
    Ok(query.query_row([block_id(series.id, period)], |row| Ok((block_row(series.interval, row)?, row.get(5)?))).optional()?)
}

/// Hands out the blocks of a series, oldest first.
pub(super) fn each_block(conn: &Connection, series: &Series, mut told: impl FnMut(BlockRow, &[u8])) -> Result<()> {
    let mut query = conn.prepare_cached(&format!("SELECT {BLOCK}, data FROM blocks WHERE id BETWEEN ?1 AND ?2 ORDER BY id"))?;
    let mut rows = query.query(block_ids(series.id))?;
    while let Some(row) = rows.next()? {
        told(block_row(series.interval, row)?, row.get_ref(5)?.as_blob().unwrap_or(&[]));
    }
    Ok(())
}

/// Writes a block that holds these bars; they are in order and not none.
pub(super) fn put_block(conn: &Connection, series: i64, version: u64, period: i32, bars: &[Bar], data: &[u8]) -> Result<BlockRow> {
    let (first, last) = match bars {
        [] => return Err(damaged("an empty block")),
        [first, .., last] => (first.time(), last.time()),
        [only] => (only.time(), only.time()),
    };
    let row = BlockRow { period, bars: bars.len() as u64, first, last, digest: Digest::of_block(period, data) };
    let mut put = conn.prepare_cached(
        "INSERT INTO blocks (id, version, bars, first, last, digest, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET version = ?2, bars = ?3, first = ?4, last = ?5, digest = ?6, data = ?7",
    )?;
    put.execute((
        block_id(series, period),
        version.cast_signed(),
        row.bars.cast_signed(),
        first.seconds(),
        last.seconds(),
        row.digest.to_bytes(),
        data,
    ))?;
    is_well(conn, series, period)?;
    Ok(row)
}

/// Lists the blocks of a series, oldest first.
pub(super) fn rows_of(conn: &Connection, series: &Series) -> Result<Vec<BlockRow>> {
    let mut query = conn.prepare_cached(&format!("SELECT {BLOCK} FROM blocks WHERE id BETWEEN ?1 AND ?2 ORDER BY id"))?;
    let rows = query.query_map(block_ids(series.id), |row| block_row(series.interval, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes a series tell of the blocks that it has.
pub(super) fn sum_up(conn: &Connection, series: &mut Series) -> Result<()> {
    let rows = rows_of(conn, series)?;
    series.bars = rows.iter().map(|r| r.bars).sum();
    series.first = rows.iter().map(|r| r.first).min();
    series.last = rows.iter().map(|r| r.last).max();
    series.digest = rows.iter().fold(Digest::default(), |sum, r| sum.plus(r.digest));
    Ok(())
}

pub(super) fn drop_block(conn: &Connection, series: i64, period: i32) -> Result<()> {
    conn.prepare_cached("DELETE FROM blocks WHERE id = ?1")?.execute([block_id(series, period)])?;
    is_well(conn, series, period)
}

/// What was damaged there is no more, and what was there besides is not known.
fn is_well(conn: &Connection, series: i64, period: i32) -> Result<()> {
    conn.prepare_cached("DELETE FROM damaged WHERE block = ?1")?.execute([block_id(series, period)])?;
    forget_besides(conn, block_id(series, period))
}

/// Keeps that a block has all bars of the one of this digest, and others.
pub(super) fn note_besides(conn: &Connection, series: i64, period: i32, digest: Digest) -> Result<()> {
    let sql = "INSERT INTO besides (block, digest) VALUES (?1, ?2) ON CONFLICT (block) DO UPDATE SET digest = ?2";
    conn.prepare_cached(sql)?.execute((block_id(series, period), digest.to_bytes()))?;
    Ok(())
}

pub(super) fn forget_besides(conn: &Connection, block: i64) -> Result<()> {
    conn.prepare_cached("DELETE FROM besides WHERE block = ?1")?.execute([block])?;
    Ok(())
}

/// Keeps that bars went, for whoever still has them.
pub(super) fn note_removed(conn: &Connection, series: i64, version: u64, first: BarTime, last: BarTime) -> Result<()> {
    let mut insert = conn.prepare_cached("INSERT INTO removed (series, version, first, last) VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute((series, version.cast_signed(), first.seconds(), last.seconds()))?;
    Ok(())
}
