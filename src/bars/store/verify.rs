//! Everything checked: blocks against their digests and bounds, series against their blocks.

use super::damage::{self, Damage};
use super::series::{self, Series};
use super::{Digest, Result, Store};
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
    /// Reads and unpacks the whole file. What is damaged is known from then on.
    pub async fn verify(&self) -> Result<Verified> {
        let (seen, damaged) = self.reading(verify).await?;
        self.note_damage(damaged).await;
        Ok(seen)
    }
}

fn verify(conn: &Connection) -> Result<(Verified, Vec<Damage>)> {
    let (mut seen, mut damaged) = (Verified::default(), Vec::new());
    let mut query = conn.prepare(&format!("SELECT {} FROM series ORDER BY id", series::COLUMNS))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let series = series::from_row(row)??;
        // A series that all bars were taken out of has its row for those who still have them; there is none of it here.
        seen.series += u64::from(series.bars > 0);
        check_series(conn, &series, &mut seen, &mut damaged)?;
        if seen.problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    Ok((seen, damaged))
}

fn check_series(conn: &Connection, series: &Series, seen: &mut Verified, damaged: &mut Vec<Damage>) -> Result<()> {
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
        seen.problems.push(format!("{} {}: the series and its blocks disagree", series.symbol, series.interval));
    }
    Ok(())
}
