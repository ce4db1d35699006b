//! One series: brought there, read back and compared.
//!
//! Called by a run, which says how; what is written is read again, and only then does the run move the series' mark.

use super::late::Late;
use super::strangers::Strays;
use super::{Influx, Point, look};
use crate::bars::store::{Mark, SeriesInfo, Store};
use crate::bars::{Error, Result};
use crate::model::bars::{Bar, BarTime, Range};
use crate::model::words::counted;
use jiff::Timestamp;

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
    /// Leaves out what stays there, and returns it.
    fn spare(&mut self, info: &SeriesInfo, how: How, late: &Late) -> Strays {
        let is_own = |time: &BarTime| info.first.is_some_and(|first| first <= *time) && info.last.is_some_and(|last| *time <= last);
        let stays = |time: &BarTime| match how {
            How::Keeping => true,
            How::Comparing => !is_own(time) && !late.has(*time),
            How::Changes | How::All | How::Mending => false,
        };
        let (stay, go): (Vec<BarTime>, Vec<BarTime>) = self.extra.drain(..).partition(stays);
        self.extra = go;
        Strays::of(&stay)
    }

    /// The first of all.
    pub(super) fn first(&self) -> Option<BarTime> {
        self.wrong.first().into_iter().chain(self.extra.first()).min().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.wrong.is_empty() && self.extra.is_empty()
    }
}

/// How a series is brought there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Blocks that changed are written.
    Changes,
    /// All is read, and what differs is written; what it has before the first bar and after the last stays. Somebody else was at it.
    Comparing,
    /// All is read, and what differs is written; what is only there stays. This database may be an older copy, and the backup all that
    /// has those bars.
    Keeping,
    /// All is written, and nothing else stays.
    All,
    /// All is read, and what differs is written or goes.
    Mending,
}

impl How {
    pub(super) fn compares(self) -> bool {
        matches!(self, Self::Comparing | Self::Keeping | Self::Mending)
    }
}

/// What became of a series.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stood {
    pub(super) written: u64,
    pub(super) removed: u64,
    /// The first bar that was put right or taken out.
    pub(super) first: Option<BarTime>,
    /// What stays there and is not here; None: nobody looked.
    pub(super) beyond: Option<Strays>,
    /// Of the above: what nothing here had changed.
    pub(super) mended: Option<(u64, u64)>,
}

impl Stood {
    fn and(self, mended: Self) -> Self {
        let Self { written, removed, first, beyond, mended: _ } = mended;
        Self {
            written: self.written + written,
            removed: self.removed + removed,
            first: first.or(self.first),
            beyond: beyond.or(self.beyond),
            mended: Some((written, removed)),
        }
    }
}

/// Compares a series with what the backup has of it.
pub async fn compare(store: &Store, influx: &Influx, info: &SeriesInfo) -> Result<Differences> {
    let bars = store.read(&info.symbol, info.interval, Range::ALL).await?.unwrap_or_default();
    differences(influx, info, &bars, Range::ALL).await
}

/// Writes what is wanted of a series and sees that it is there. Where that leaves less or more there than here, somebody else was at
/// the rest, and where an earlier request may have come late, that was: all is compared, as `anew` says.
pub(super) async fn series(
    store: &Store,
    influx: &Influx,
    info: &SeriesInfo,
    (how, anew): (How, How),
    since: u64,
    late: Option<&Late>,
) -> Result<Stood> {
    let nothing = Late::default();
    let own = late.unwrap_or(&nothing);
    let mut stood = stretches_of(store, influx, info, how, since, own).await?;
    let is_other = async || Ok::<_, Error>(!look::stands(influx, info).await? && look::is_still(store, info).await?);
    if how == How::Changes && (late.is_some() || is_other().await?) {
        stood = stood.and(stretches_of(store, influx, info, anew, 0, own).await?);
    }
    Ok(stood)
}

/// Writes what is wanted of the stretches that changed, and reads it back.
async fn stretches_of(store: &Store, influx: &Influx, info: &SeriesInfo, how: How, since: u64, late: &Late) -> Result<Stood> {
    let mut stood = Stood { beyond: (how != How::Changes).then(Strays::default), ..Stood::default() };
    let changed = store.changed_ranges(&info.symbol, info.interval, since).await?;
    for range in if how == How::Changes { changed } else { tiled(changed) } {
        let bars = store.read(&info.symbol, info.interval, range).await?.unwrap_or_default();
        if !how.compares() {
            for part in bars.chunks(TOGETHER) {
                influx.write(&info.symbol, info.interval, part).await?;
            }
            stood.written += bars.len() as u64;
        }
        let mut found = differences(influx, info, &bars, range).await?;
        let spared = found.spare(info, how, late);
        stood.beyond = stood.beyond.map(|strays| strays.and(spared));
        stood.first = stood.first.or(found.first());
        let is_mended = how.compares() && !found.wrong.is_empty();
        if is_mended {
            let wrong = among(&bars, &found.wrong);
            influx.write(&info.symbol, info.interval, &wrong).await?;
            stood.written += wrong.len() as u64;
        }
        if !found.extra.is_empty() {
            take_out(store, influx, info, &bars, &found).await?;
            stood.removed += found.extra.len() as u64;
        }
        if is_mended || !found.extra.is_empty() {
            found = differences(influx, info, &bars, range).await?;
            found.spare(info, how, late);
        }
        if let Some(first) = found.wrong.first().or(found.extra.first()) {
            let bars = counted((found.wrong.len() + found.extra.len()) as u64, "bar");
            let message = format!(
                "backup {}: {bars} of {} {} read back otherwise than written, the first at {first}",
                influx.name(),
                info.symbol,
                info.interval
            );
            return Err(Error::permanent("bars_backup_differs", message));
        }
    }
    Ok(stood)
}

/// Takes out what is not here. A point beside a bar (of the same time, with other tags) goes by that time, and the bar with it: it is
/// written again, and until then nobody says that it is there.
async fn take_out(store: &Store, influx: &Influx, info: &SeriesInfo, bars: &[Bar], found: &Differences) -> Result<()> {
    let beside = among(bars, &found.extra);
    if !beside.is_empty() {
        let mark = Mark { version: 0, at: Timestamp::now() };
        store.set_mark(influx.name(), &info.symbol, info.interval, mark).await?;
    }
    for stretch in stretches(&found.extra, bars) {
        influx.delete(&info.symbol, info.interval, stretch).await?;
    }
    influx.write(&info.symbol, info.interval, &beside).await
}

/// The bars of these times, which are in order.
fn among(bars: &[Bar], times: &[BarTime]) -> Vec<Bar> {
    bars.iter().filter(|bar| times.binary_search(&bar.time()).is_ok()).copied().collect()
}

/// The same ranges, so far apart that all that there is lies in one of them.
fn tiled(mut ranges: Vec<Range>) -> Vec<Range> {
    let mut from = BarTime::MIN;
    for range in &mut ranges {
        range.from = from;
        from = range.to.plus_seconds(1);
    }
    match ranges.last_mut() {
        Some(last) => last.to = BarTime::MAX,
        None => ranges.push(Range::ALL),
    }
    ranges
}

/// Parts the times into ranges that no bar lies in; one of a bar stands alone. Both are in order.
fn stretches(times: &[BarTime], bars: &[Bar]) -> Vec<Range> {
    let mut all: Vec<(Range, Option<usize>)> = Vec::new();
    for time in times {
        let before = bars.partition_point(|bar| bar.time() < *time);
        let between = Some(before).filter(|at| bars.get(*at).is_none_or(|bar| bar.time() != *time));
        match all.last_mut() {
            Some((range, last)) if between.is_some() && *last == between => range.to = *time,
            _ => all.push((Range { from: *time, to: *time }, between)),
        }
    }
    all.into_iter().map(|(range, _)| range).collect()
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
fn diff(here: &[Bar], there: &[Point], found: &mut Differences) {
    let mut rest = there;
    for bar in here {
        let before = rest.partition_point(|point| point.time < bar.time());
        found.extra.extend(rest[..before].iter().map(|point| point.time));
        rest = &rest[before..];
        match rest.split_first() {
            Some((same, after)) if same.time == bar.time() => {
                rest = after;
                if !same.is(bar) {
                    found.wrong.push(bar.time());
                }
            }
            _ => found.wrong.push(bar.time()),
        }
    }
    found.extra.extend(rest.iter().map(|point| point.time));
}
