//! Backups: series written into an InfluxDB 1.x and read back.
//!
//! Called by the scheduler. `influx` the database. A series is brought up to date by the blocks that changed since the version
//! that the backup is known to have; what was written is read back and compared point by point, and only then does the mark
//! move. So a history row that says success is one that was seen there, and a backfill of years ago is written like any change.
//!
//! A series has a mark, of version 0, before its first bar is sent. What was sent by a run that was ended in the midst is known by
//! that, also when the series is deleted next. `stamp` says whether the marks are those of this backup; where they are not, all is
//! compared. `look` sees what another hand took out of there, `strangers` tells what is there and not here; a full or repairing run
//! takes such bars out of series that are here, and one that prunes takes out series that are not.

mod influx;
mod look;
mod stamp;
mod strangers;

pub use influx::{Influx, InfluxSettings};
pub use strangers::{extra, look as look_besides};

use super::Result;
use super::replica::Carried;
use super::store::{Mark, SeriesInfo, Store};
use crate::model::bars::{Bar, BarTime, Range, Symbol, SyncCounts, SyncMode, TargetId};
use crate::model::words::counted;
use jiff::Timestamp;
use look::Looked;
use std::collections::BTreeSet;
use strangers::Beyond;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

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
    /// Leaves out what stays there; says whether there was any.
    fn spare(&mut self, info: &SeriesInfo, how: How) -> bool {
        let count = self.extra.len();
        match how {
            How::Keeping => self.extra.clear(),
            How::Comparing => {
                self.extra.retain(|time| info.first.is_some_and(|first| first <= *time) && info.last.is_some_and(|last| *time <= last));
            }
            How::Changes | How::All | How::Mending => {}
        }
        self.extra.len() < count
    }

    pub fn is_empty(&self) -> bool {
        self.wrong.is_empty() && self.extra.is_empty()
    }
}

/// What is wanted of a run.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub mode: SyncMode,
    /// None: all.
    pub only: Option<&'a Symbol>,
    /// Series that are not here go there, too.
    pub prune: bool,
}

/// Brings a backup up to date. Each series that was written is told as soon as it stands. An error: it cannot be talked to at
/// all; series that are done stay done, and the one that it happened at is told as failed.
pub async fn run(
    store: &Store,
    influx: &Influx,
    wanted: Wanted<'_>,
    told: &mpsc::Sender<Carried>,
    cancel: &CancellationToken,
) -> Result<SyncCounts> {
    let Wanted { mode, only, prune } = wanted;
    // A database that was lost has nothing of what is marked.
    let is_new = influx.prepare().await?;
    let is_known = stamp::settle(store, influx, is_new).await?;
    let usual = match mode {
        SyncMode::Incremental if is_known => How::Changes,
        SyncMode::Incremental => How::Keeping,
        SyncMode::Full => How::All,
        SyncMode::Repair => How::Mending,
    };
    let (all, marks, named) = (store.with_emptied(only).await?, store.marks(influx.name()).await?, influx.series_names().await?);
    let mark_of = |info: &SeriesInfo| marks.get(&(info.symbol.clone(), info.interval)).copied();
    let looked = if usual == How::Changes {
        let stands = |info: &&SeriesInfo| info.bars > 0 && mark_of(info).is_some_and(|mark| mark.version >= info.version);
        look::look(store, influx, &all.iter().filter(stands).collect::<Vec<_>>(), &named).await?
    } else {
        Looked::default()
    };
    let kept = strangers::noted(store, influx).await?;
    let mut passage = Passage { store, influx, mode, usual, looked, kept, is_new, told, done: SyncCounts::default(), is_stamped: false };
    let mut beyond = Beyond::of(&passage.looked);
    for info in all {
        if cancel.is_cancelled() {
            break;
        }
        let mark = mark_of(&info);
        passage.series(info, mark, &mut beyond).await?;
    }
    let Passage { mut done, is_stamped, .. } = passage;
    if is_stamped {
        // A copy of the bars database that was made meanwhile is an older one from here on.
        stamp::renew(store, influx).await?;
    }
    if !cancel.is_cancelled() && only.is_none() {
        if prune {
            strangers::prune(store, influx, &named, &mut done, told).await?;
        }
        strangers::note(store, influx, &named, beyond).await?;
        if usual != How::Changes && done.failed == 0 {
            stamp::compared(store, influx).await?;
        }
        if done.failed == 0 {
            store.set_synced(&TargetId::backup(influx.name()), Timestamp::now()).await?;
        }
    }
    Ok(done)
}

/// A run under way.
struct Passage<'a> {
    store: &'a Store,
    influx: &'a Influx,
    mode: SyncMode,
    usual: How,
    looked: Looked,
    /// Series of which bars stay there that are not here, as was told.
    kept: BTreeSet<String>,
    /// The database there was made by this run.
    is_new: bool,
    told: &'a mpsc::Sender<Carried>,
    done: SyncCounts,
    is_stamped: bool,
}

impl Passage<'_> {
    /// Brings one series there, if there is anything to bring. An error is one of the backup, and ends the run.
    async fn series(&mut self, info: SeriesInfo, mark: Option<Mark>, beyond: &mut Beyond) -> Result<()> {
        let is_incremental = self.mode == SyncMode::Incremental;
        if info.bars == 0 && mark.is_none() && is_incremental {
            // All of it was taken out before any of it came there. A backup that knew the database in another life may have it.
            return Ok(());
        }
        self.done.series += 1;
        let is_other = self.looked.is_other(&info);
        // Of what a changed block lacks nobody knows then whether it was deleted here or never was.
        let is_kept = info.bars > 0 && self.kept.contains(&look::name(&info));
        let anew = if is_kept { How::Keeping } else { How::Comparing };
        let how = if is_other || is_kept && self.usual == How::Changes { anew } else { self.usual };
        let since = if is_incremental && !is_other { mark.map_or(0, |m| m.version) } else { 0 };
        if since >= info.version {
            return Ok(());
        }
        let (store, influx, started) = (self.store, self.influx, Timestamp::now());
        if !std::mem::replace(&mut self.is_stamped, true) {
            stamp::renew(store, influx).await?;
        }
        if mark.is_none() || is_other {
            // From here on something of it may be there, whatever ends this run; and not all of it is.
            store.set_mark(influx.name(), &info.symbol, info.interval, Mark { version: 0, at: started }).await?;
        }
        let (stood, error, fatal) = match series(store, influx, &info, (how, anew), since).await {
            Ok(stood) => (stood, String::new(), None),
            Err(e) => (Stood::default(), e.to_string(), Some(e).filter(|e| matches!(e.kind, super::Kind::Transient | super::Kind::Config))),
        };
        let Stood { written: bars, removed, beyond: has_more, mended } = stood;
        if let Some(has_more) = has_more {
            beyond.hear(look::name(&info), has_more);
        }
        if (how.compares() || info.bars == 0) && bars + removed == 0 && error.is_empty() {
            return Ok(());
        }
        let stood_marked = mark.is_some_and(|mark| mark.version >= info.version);
        let mended = if is_other || how == How::Mending && stood_marked { Some((bars, removed)) } else { mended };
        let note = match mended {
            Some((bars, removed)) => changed_there(bars, removed).unwrap_or_default(),
            None if self.is_new && mark.is_some() => format!("the database was not there any more: {} written again", counted(bars, "bar")),
            None if removed > 0 => format!("{} taken out that the bars database does not have", counted(removed, "bar")),
            None => String::new(),
        };
        self.done.add(SyncCounts { series: 0, carried: 1, bars, removed, failed: u64::from(!error.is_empty()) });
        let SeriesInfo { symbol, interval, .. } = info;
        if mended.is_some() && !note.is_empty() {
            tracing::warn!(target_name = influx.name(), %symbol, %interval, note, "a backup was changed by somebody else");
        }
        let _ = self.told.send(Carried { symbol, interval, bars, started, ended: Timestamp::now(), error, note }).await;
        fatal.map_or(Ok(()), Err)
    }
}

/// What was put right there that nothing here had changed, in words; None: nothing was.
fn changed_there(written: u64, removed: u64) -> Option<String> {
    let written = (written > 0).then(|| format!("{} written again", counted(written, "bar")));
    let removed = (removed > 0).then(|| format!("{} taken out", counted(removed, "bar")));
    let did: Vec<String> = written.into_iter().chain(removed).collect();
    (!did.is_empty()).then(|| format!("somebody else had changed it there: {}", did.join(", ")))
}

/// Looks whether a backup is as it was left, before anything is brought there: what it lacks is known then.
pub async fn look(store: &Store, influx: &Influx) -> Result<()> {
    stamp::settle(store, influx, false).await.map(drop)
}

/// How a series is brought there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
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
    fn compares(self) -> bool {
        matches!(self, Self::Comparing | Self::Keeping | Self::Mending)
    }
}

/// What became of a series.
#[derive(Debug, Clone, Copy, Default)]
struct Stood {
    written: u64,
    removed: u64,
    /// Whether it has bars there before the first or after the last; None: nobody looked.
    beyond: Option<bool>,
    /// Of the above: what nothing here had changed.
    mended: Option<(u64, u64)>,
}

impl Stood {
    fn and(self, mended: Self) -> Self {
        let Self { written, removed, beyond, mended: _ } = mended;
        Self {
            written: self.written + written,
            removed: self.removed + removed,
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
/// the rest: all is compared, as `anew` says.
async fn series(store: &Store, influx: &Influx, info: &SeriesInfo, (how, anew): (How, How), since: u64) -> Result<Stood> {
    let mut stood = stretches_of(store, influx, info, how, since).await?;
    if how == How::Changes && !look::stands(influx, info).await? && look::is_still(store, info).await? {
        stood = stood.and(stretches_of(store, influx, info, anew, 0).await?);
    }
    store.set_mark(influx.name(), &info.symbol, info.interval, Mark { version: info.version, at: Timestamp::now() }).await?;
    Ok(stood)
}

/// Writes what is wanted of the stretches that changed, and reads it back.
async fn stretches_of(store: &Store, influx: &Influx, info: &SeriesInfo, how: How, since: u64) -> Result<Stood> {
    let mut stood = Stood { beyond: (how != How::Changes).then_some(false), ..Stood::default() };
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
        if found.spare(info, how) {
            stood.beyond = Some(true);
        }
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
            found.spare(info, how);
        }
        if let Some(first) = found.wrong.first().or(found.extra.first()) {
            let bars = counted((found.wrong.len() + found.extra.len()) as u64, "bar");
            let message = format!(
                "backup {}: {bars} of {} {} read back otherwise than written, the first at {first}",
                influx.name(),
                info.symbol,
                info.interval
            );
            return Err(super::Error::permanent("bars_backup_differs", message));
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
fn diff(here: &[Bar], there: &[Bar], found: &mut Differences) {
    let mut rest = there;
    for bar in here {
        let before = rest.partition_point(|b| b.time() < bar.time());
        found.extra.extend(rest[..before].iter().map(Bar::time));
        rest = &rest[before..];
        match rest.split_first() {
            Some((same, after)) if same.time() == bar.time() => {
                rest = after;
                if !same.says_the_same(bar) {
                    found.wrong.push(bar.time());
                }
            }
            _ => found.wrong.push(bar.time()),
        }
    }
    found.extra.extend(rest.iter().map(Bar::time));
}
