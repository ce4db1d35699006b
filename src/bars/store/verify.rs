//! Everything checked: blocks against their digests and bounds, series against their blocks.

use super::series::{self, BlockRow, Series};
use super::{Digest, Result, Store, block};
use rusqlite::Connection;

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
    /// Reads and unpacks the whole file.
    pub async fn verify(&self) -> Result<Verified> {
        self.reading(verify).await
    }
}

fn verify(conn: &Connection) -> Result<Verified> {
    let mut seen = Verified::default();
    let mut query = conn.prepare(&format!("SELECT {} FROM series ORDER BY id", series::COLUMNS))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let series = series::from_row(row)??;
        // A series that all bars were taken out of has its row for those who still have them; there is none of it here.
        seen.series += u64::from(series.bars > 0);
        check_series(conn, &series, &mut seen)?;
        if seen.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    Ok(seen)
}

fn check_series(conn: &Connection, series: &Series, seen: &mut Verified) -> Result<()> {
    let name = format!("{} {}", series.symbol, series.interval);
    let mut query = conn.prepare_cached("SELECT id, bars, first, last, digest, data FROM blocks WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
    let mut rows = query.query(series::block_ids(series.id))?;
    let (mut bars, mut digest, mut first, mut last) = (0, Digest::default(), None, None);
    while let Some(row) = rows.next()? {
        let block_row = series::block_row(row)??;
        let data = row.get_ref(5)?.as_blob().unwrap_or(&[]);
        if let Some(problem) = check_block(series, &block_row, data) {
            seen.problems.push(format!("{name} period {}: {problem}", block_row.period));
        }
        seen.blocks += 1;
        seen.bytes += data.len() as u64;
        bars += block_row.bars;
        digest = digest.plus(block_row.digest);
        first = first.or(Some(block_row.first));
        last = Some(block_row.last);
    }
    seen.bars += bars;
    if (bars, digest, first, last) != (series.bars, series.digest, series.first, series.last) {
        seen.problems.push(format!("{name}: the series and its blocks disagree"));
    }
    Ok(())
}

fn check_block(series: &Series, row: &BlockRow, data: &[u8]) -> Option<&'static str> {
    if Digest::of_block(row.period, data) != row.digest {
        return Some("its bytes are not those of its digest");
    }
    let Ok(bars) = block::decode(data) else { return Some("it cannot be unpacked") };
    let bounds = bars.first().zip(bars.last()).map(|(f, l)| (f.time(), l.time()));
    if bars.len() as u64 != row.bars || bounds != Some((row.first, row.last)) {
        return Some("its row counts other bars than it holds");
    }
    bars.iter().any(|b| series.interval.period(b.time()) != row.period).then_some("it holds a bar of another period")
}
