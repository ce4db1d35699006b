//! Bars that are taken out, for good.
//!
//! The series stays as a row, with a version of its own for what it lost: replicas see that it is other than theirs, and
//! backups find in `removed` what they still have. Only readers do not see a series without bars.

use super::damage::Known;
use super::series::{self, BlockRow, Series};
use super::writer::Work;
use super::{Result, Store, block};
use crate::model::bars::{BarTime, Interval, Range, Symbol};
use jiff::Timestamp;

/// What was taken out of one series, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    pub interval: Interval,
    pub bars: u64,
    pub first: BarTime,
    pub last: BarTime,
    /// Bars that are still there.
    pub left: u64,
}

impl Store {
    /// Takes the bars of these ranges out, all or none. What sources looked like is forgotten, so that they are read again.
    pub async fn remove(&self, symbol: &Symbol, wanted: Vec<(Interval, Range)>) -> Result<Vec<Removed>> {
        let symbol = symbol.clone();
        self.writing(move |work| remove(work, &symbol, &wanted)).await
    }

    /// Says what [`Self::remove`] would do: the same work, rolled back.
    pub async fn would_remove(&self, symbol: &Symbol, wanted: Vec<(Interval, Range)>) -> Result<Vec<Removed>> {
        let symbol = symbol.clone();
        self.trying(move |work| remove(work, &symbol, &wanted)).await
    }
}

fn remove(work: &mut Work<'_>, symbol: &Symbol, wanted: &[(Interval, Range)]) -> Result<Vec<Removed>> {
    let mut done = Vec::new();
    for (interval, range) in wanted {
        let Some(series) = series::find(work.conn, symbol, *interval)?.filter(|s| s.bars > 0) else { continue };
        done.extend(from_series(work, series, *range)?);
    }
    Ok(done)
}

fn from_series(work: &mut Work<'_>, mut series: Series, range: Range) -> Result<Option<Removed>> {
    let mut done: Option<Removed> = None;
    let mut version = None;
    let known = Known::of(work.conn, series.id)?;
    for row in series::rows_of(work.conn, &series)? {
        if row.last >= range.from && range.to >= row.first {
            cut(work, &series, &known, row, range, &mut version, &mut done)?;
        }
    }
    let Some(version) = version else { return Ok(None) };
    series.version = version;
    series.changed = Timestamp::now();
    series::sum_up(work.conn, &mut series)?;
    series::save(work.conn, &series)?;
    work.conn.prepare_cached("DELETE FROM seen WHERE series = ?1")?.execute([series.id])?;
    // What is taken out is not what was lost.
    let told = "UPDATE meta SET value = CAST(CAST(value AS INTEGER) - ?2 AS TEXT) WHERE key = 'note:' || ?1";
    work.conn.execute(told, (super::verify::lost(series.id), done.map_or(0, |done| done.bars.cast_signed())))?;
    Ok(done.map(|done| Removed { left: series.bars, ..done }))
}

/// Takes a block's bars of a range out. One that is damaged goes as a whole, where the range has all of it.
fn cut(
    work: &mut Work<'_>,
    series: &Series,
    known: &Known,
    row: BlockRow,
    range: Range,
    version: &mut Option<u64>,
    done: &mut Option<Removed>,
) -> Result<()> {
    let Some((_, data)) = series::block(work.conn, series, row.period)? else { return Ok(()) };
    let (gone, kept, first, last) = match known.unpack(series, &row, &data) {
        Ok(bars) => {
            let (gone, kept): (Vec<_>, Vec<_>) = bars.into_iter().partition(|bar| range.contains(bar.time()));
            let (Some(first), Some(last)) = (gone.first(), gone.last()) else { return Ok(()) };
            (gone.len() as u64, kept, first.time(), last.time())
        }
        Err(_) if range.contains(row.first) && range.contains(row.last) => (row.bars, Vec::new(), row.first, row.last),
        Err(damage) => return Err(damage.goes_as_a_whole()),
    };
    let version = *version.get_or_insert_with(|| work.next_version());
    series::note_removed(work.conn, series.id, version, first, last)?;
    let before = done.map_or(0, |d| d.bars);
    *done = Some(Removed { interval: series.interval, bars: before + gone, first: done.map_or(first, |d| d.first), last, left: 0 });
    if kept.is_empty() {
        return series::drop_block(work.conn, series.id, row.period);
    }
    series::put_block(work.conn, series.id, version, row.period, &kept, &block::encode(&kept)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::testing::{day, real_bars, symbol};

    #[tokio::test]
    async fn bars_are_taken_out_of_blocks_and_of_all_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let (aapl, real) = (symbol("AAPL"), real_bars());
        let all = &real[&aapl];
        store.upsert(&aapl, Interval::D1, all.clone()).await.unwrap();
        store.upsert(&aapl, Interval::H1, all[..3].to_vec()).await.unwrap();
        let before = store.head().await.unwrap().0;
        let range = Range { from: day("2004-06-01"), to: day("2007-03-30") };
        let inside = all.iter().filter(|b| range.contains(b.time())).count() as u64;
        let wanted = || vec![(Interval::D1, range)];
        let trial = store.would_remove(&aapl, wanted()).await.unwrap();
        assert_eq!(store.info(&aapl).await.unwrap()[0].bars, all.len() as u64, "a trial leaves what there is");
        let gone = store.remove(&aapl, wanted()).await.unwrap();
        let left = all.len() as u64 - inside;
        let told = Removed { interval: Interval::D1, bars: inside, first: day("2004-06-01"), last: day("2007-03-30"), left };
        assert_eq!((&gone, &trial), (&vec![told], &vec![told]));
        let bars = store.read(&aapl, Interval::D1, Range::ALL).await.unwrap().unwrap();
        assert!(bars.iter().eq(all.iter().filter(|b| !range.contains(b.time()))));
        assert_eq!(store.remove(&aapl, wanted()).await.unwrap(), [], "again is nothing");
        assert!(store.verify().await.unwrap().problems.is_empty() && store.head().await.unwrap().0 > before);
        // All of it: there is no such series any more, and it can come again.
        let every = |range| vec![(Interval::D1, range), (Interval::H1, range)];
        assert_eq!(store.remove(&aapl, every(Range::ALL)).await.unwrap().len(), 2);
        assert_eq!(store.read(&aapl, Interval::D1, Range::ALL).await.unwrap(), None);
        assert!(store.info(&aapl).await.unwrap().is_empty() && store.list(None).await.unwrap().is_empty());
        assert_eq!(store.tail(&aapl, Interval::D1, 5).await.unwrap(), None);
        assert!(store.verify().await.unwrap().problems.is_empty());
        store.upsert(&aapl, Interval::D1, all.clone()).await.unwrap();
        assert_eq!(&store.read(&aapl, Interval::D1, Range::ALL).await.unwrap().unwrap(), all);
        assert!(store.verify().await.unwrap().problems.is_empty());
    }
}
