//! What another hand did to a backup, seen before anything is brought there.
//!
//! Marks say what was written, and a series that somebody takes out there, or some of its bars, changes no mark. So each incremental
//! run asks which series there are at all (`SHOW SERIES`: 1 to 2 ms of 100), and counts points: of each series that it writes, and of
//! the others as many as hold [`MOST_POINTS`], in turn. On one core of 2024 InfluxDB 1.6.7 counts 2 to 4 million points a second,
//! so a run takes about two seconds longer: a store of 1,000 daily series of twenty years is counted whole each time, one of 10,000
//! in ten runs. What is other than it should be is compared and put right in the same run. Figures that somebody changed are seen by
//! a repair alone, and so are points without a close, which no count has.

use super::Influx;
use super::influx::STATEMENTS;
use super::strangers::Strays;
use crate::bars::Result;
use crate::bars::store::{SeriesInfo, Store};
use crate::model::bars::{Interval, Range, Symbol};
use std::collections::{BTreeMap, BTreeSet};

/// Points that are counted of series that are not written.
const MOST_POINTS: u64 = 5_000_000;
/// Points that one request counts, about; each series is a statement.
const TOGETHER: u64 = 500_000;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Series that lack bars there, or have others between their own, and the version that they are of here.
    pub(super) other: BTreeMap<(Symbol, Interval), u64>,
    /// Those that were counted, and those of them with bars before the first or after the last.
    pub(super) counted: BTreeSet<String>,
    pub(super) beyond: BTreeMap<String, Strays>,
    /// Those that have more between their own bars, and how many at least: some of their own may be missing.
    pub(super) between: BTreeMap<String, Strays>,
}

impl Looked {
    async fn hear(&mut self, store: &Store, info: &SeriesInfo) -> Result<()> {
        if is_still(store, info).await? {
            self.other.insert((info.symbol.clone(), info.interval), info.version);
        }
        Ok(())
    }

    /// Counts what is there of series.
    pub(super) async fn count(&mut self, store: &Store, influx: &Influx, series: &[&SeriesInfo]) -> Result<()> {
        let mut outside = Vec::new();
        for part in parts(series) {
            let all: Vec<_> = part.iter().map(|info| (&info.symbol, info.interval, Range::ALL)).collect();
            for (info, there) in part.iter().zip(influx.counts(&all).await?) {
                self.counted.insert(name(info));
                if there == info.bars {
                    continue;
                }
                let bars = there.saturating_sub(info.bars);
                if stands(influx, info).await? {
                    outside.push((*info, bars));
                    continue;
                }
                if bars > 0 {
                    self.between.insert(name(info), Strays { bars, first: None });
                }
                self.hear(store, info).await?;
            }
        }
        let asked: Vec<_> = outside.iter().map(|(info, _)| (&info.symbol, info.interval, own(info))).collect();
        for ((info, bars), first) in outside.iter().zip(influx.first_outside(&asked).await?) {
            self.beyond.insert(name(info), Strays { bars: *bars, first });
        }
        Ok(())
    }
}

/// From its first bar to its last.
fn own(info: &SeriesInfo) -> Option<Range> {
    info.first.zip(info.last).map(|(from, to)| Range { from, to })
}

/// How a series is called there.
pub(super) fn name(info: &SeriesInfo) -> String {
    format!("{} {}", info.symbol, info.interval)
}

/// Looks at series that should be there, and at those that were deleted here and should not; `named` are those that are.
pub(super) async fn look(store: &Store, influx: &Influx, standing: &[&SeriesInfo], named: &BTreeSet<String>) -> Result<Looked> {
    let mut seen = Looked::default();
    let (there, gone): (Vec<&SeriesInfo>, Vec<&SeriesInfo>) = standing.iter().partition(|info| named.contains(&name(info)));
    for info in gone.into_iter().filter(|info| info.bars > 0) {
        seen.hear(store, info).await?;
    }
    let place = format!("counted:{}", influx.name());
    let share = share(&there, &store.value(&place).await?.unwrap_or_default(), MOST_POINTS);
    seen.count(store, influx, &share).await?;
    if let Some(last) = share.last().filter(|_| share.len() < there.len()) {
        store.set_value(&place, &name(last)).await?;
    }
    Ok(seen)
}

/// Says whether it has as many points from its first bar to its last as it has bars.
pub(super) async fn stands(influx: &Influx, info: &SeriesInfo) -> Result<bool> {
    let Some(range) = own(info) else { return Ok(true) };
    Ok(influx.counts(&[(&info.symbol, info.interval, range)]).await?.iter().sum::<u64>() == info.bars)
}

/// Says whether a series is here as it was: what changed since is brought by the next run.
pub(super) async fn is_still(store: &Store, info: &SeriesInfo) -> Result<bool> {
    Ok(store.info(&info.symbol).await?.iter().any(|now| now.interval == info.interval && now.version == info.version))
}

/// Those whose turn it is: from the one behind `last` on, as many as hold so many points, one at least.
fn share<'a>(all: &[&'a SeriesInfo], last: &str, most: u64) -> Vec<&'a SeriesInfo> {
    let start = all.iter().position(|info| name(info) == last).map_or(0, |at| at + 1);
    let (mut points, mut turn) = (0, Vec::new());
    for info in all[start..].iter().chain(&all[..start]) {
        points += info.bars;
        if points > most && !turn.is_empty() {
            break;
        }
        turn.push(*info);
    }
    turn
}

fn parts<'a, 'b>(all: &'b [&'a SeriesInfo]) -> Vec<&'b [&'a SeriesInfo]> {
    let mut parts = Vec::new();
    let (mut begun, mut points) = (0, 0);
    for (at, info) in all.iter().enumerate() {
        if at > begun && (points + info.bars > TOGETHER || at - begun == STATEMENTS) {
            parts.push(&all[begun..at]);
            (begun, points) = (at, 0);
        }
        points += info.bars;
    }
    if begun < all.len() {
        parts.push(&all[begun..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::store::Digest;
    use crate::bars::testing::symbol;
    use jiff::Timestamp;

    fn series(name: &str, bars: u64) -> SeriesInfo {
        let (first, last) = (None, None);
        let (changed, digest) = (Timestamp::UNIX_EPOCH, Digest::default());
        SeriesInfo { symbol: symbol(name), interval: Interval::D1, version: 1, changed, bars, first, last, digest }
    }

    #[test]
    fn each_series_has_its_turn() {
        let all = [("A", 40), ("B", 40), ("C", 300), ("D", 10)].map(|(name, bars)| series(name, bars));
        let all: Vec<&SeriesInfo> = all.iter().collect();
        let mut last = String::new();
        let mut turns = Vec::new();
        for _ in 0..4 {
            let turn = share(&all, &last, 100);
            last = name(turn.last().unwrap());
            turns.push(turn.iter().map(|info| info.symbol.as_str().trim_start_matches("US.")).collect::<String>());
        }
        // One that is larger than a turn has one alone.
        assert_eq!(turns, ["AB", "C", "DAB", "C"]);
        assert_eq!((share(&all, "", 1000).len(), share(&all, "gone", 1000).len(), share(&[], "", 9).len()), (4, 4, 0));
        let sizes = |parts: Vec<&[&SeriesInfo]>| parts.iter().map(|part| part.len()).collect::<Vec<_>>();
        let many = vec![series("A", 2000); 450];
        assert_eq!(sizes(parts(&many.iter().collect::<Vec<_>>())), [200, 200, 50]);
        assert_eq!(sizes(parts(&[&series("A", 600_000), &series("B", 1)])), [1, 1]);
        assert!(parts(&[]).is_empty());
    }
}
