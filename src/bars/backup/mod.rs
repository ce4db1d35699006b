//! Backups: series written into an InfluxDB 1.x and read back.
//!
//! Called by the scheduler. `influx` the database, `point` what stands in it, `series` how one series is brought there: up to date by
//! the blocks that changed since the version that the backup is known to have; what was written is read back and compared point by
//! point, and only then does the mark move, in one transaction with the row of the history that tells it. So a history row that says success is one that was seen there, and a backfill of years ago is written like any change.
//!
//! A series has a mark, of version 0, before its first bar is sent. What was sent by a run that was ended in the midst is known by
//! that, also when the series is deleted next. `stamp` says whether the marks are those of this backup; where they are not, all is
//! compared, and what is only there stays: an older copy of the bars database may have been restored, and that be the last of it.
//! `look` sees what another hand did there, and `found` keeps that until it is put right. `strangers` tells what is there and not
//! here; a full or repairing run takes such bars out of series that are here, and one that prunes takes out series that are not.
//! `would` says before what a run will do. `late` is what was sent and not answered: it may still be carried out. A
//! point that is no bar (it lacks a figure) is one that differs, or a stranger's.

mod found;
mod influx;
mod late;
mod look;
mod point;
mod series;
mod stamp;
mod strangers;
mod would;

pub use influx::{Influx, InfluxSettings};
pub use point::Point;
pub use series::{Differences, compare};
pub use strangers::{Besides, Strays, extra, look as look_besides};
pub use would::would;

use super::Result;
use super::history;
use super::replica::Carried;
use super::store::{Mark, SeriesInfo, Store};
use crate::model::bars::{Symbol, SyncCounts, SyncMode, TargetId};
use crate::model::words::counted;
use found::Found;
use jiff::Timestamp;
use late::Unanswered;
use look::Looked;
use series::{How, Stood};
use std::collections::BTreeMap;
use strangers::Beyond;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

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
        // One that was deleted here should be nowhere, whether or not it ever was there.
        let stands = |info: &&SeriesInfo| mark_of(info).map_or(info.bars == 0, |mark| mark.version >= info.version);
        look::look(store, influx, &all.iter().filter(stands).collect::<Vec<_>>(), &named).await?
    } else {
        Looked::default()
    };
    let mut found = Found::of(store, influx, &marks).await?;
    found.note(store, influx, &looked).await?;
    let (kept, unanswered) = (strangers::noted(store, influx).await?, Unanswered::of(store, influx).await?);
    let done = SyncCounts::default();
    let tell = Tell { store, target: TargetId::backup(influx.name()), mode, told };
    let mut passage = Passage { store, influx, mode, prune, usual, looked, found, kept, unanswered, is_new, tell, done, is_stamped: false };
    let mut beyond = Beyond::of(&passage.looked);
    for info in all {
        if cancel.is_cancelled() {
            break;
        }
        let mark = mark_of(&info);
        passage.series(info, mark, &mut beyond).await?;
    }
    let Passage { mut done, is_stamped, mut unanswered, mut found, tell, .. } = passage;
    unanswered.keep(store).await?;
    found.keep(store).await?;
    if is_stamped {
        // A copy of the bars database that was made meanwhile is an older one from here on.
        stamp::renew(store, influx).await?;
    }
    if !cancel.is_cancelled() && only.is_none() {
        if prune {
            strangers::prune(store, influx, &named, &mut done, &tell).await?;
        }
        strangers::note(store, influx, &named, beyond).await?;
        if usual != How::Changes && done.failed == 0 {
            stamp::compared(store, influx).await?;
        }
        if done.failed == 0 {
            store.set_synced(&tell.target, Timestamp::now()).await?;
        }
    }
    Ok(done)
}

/// Tells what became of a series: in the history first, then to whoever listens.
struct Tell<'a> {
    store: &'a Store,
    target: TargetId,
    mode: SyncMode,
    told: &'a mpsc::Sender<Carried>,
}

impl Tell<'_> {
    /// `mark` moves with it.
    async fn tell(&self, carried: Carried, mark: Option<Mark>) -> Result<()> {
        let Self { store, target, mode, told } = self;
        let row = history::row(target, *mode, &carried);
        match mark {
            Some(mark) => store.set_mark_told(&target.name, &carried.symbol, carried.interval, mark, row).await?,
            None => drop(store.keep_transfers(vec![row]).await?),
        }
        let _ = told.send(carried).await;
        Ok(())
    }
}

/// A run under way.
struct Passage<'a> {
    store: &'a Store,
    influx: &'a Influx,
    mode: SyncMode,
    prune: bool,
    usual: How,
    looked: Looked,
    found: Found,
    /// Series of which bars stay there that are not here, as was told.
    kept: BTreeMap<String, Strays>,
    unanswered: Unanswered,
    /// The database there was made by this run.
    is_new: bool,
    tell: Tell<'a>,
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
        let is_other = self.usual == How::Changes && self.found.has(&info);
        let (was_left, late) = (self.found.was_left(&info), self.unanswered.late(&info));
        // Of what a changed block lacks nobody knows then whether it was deleted here or never was.
        let is_kept = info.bars > 0 && self.kept.contains_key(&look::name(&info));
        let anew = if is_kept { How::Keeping } else { How::Comparing };
        let how = if is_other || is_kept && self.usual == How::Changes { anew } else { self.usual };
        let since = if is_incremental && !is_other { mark.map_or(0, |m| m.version) } else { 0 };
        if since >= info.version && late.is_none() {
            return Ok(());
        }
        let (store, influx, started) = (self.store, self.influx, Timestamp::now());
        // What the file lost nobody took out: the backup may be all that has it.
        let lost = if self.prune { 0 } else { store.lost(&info.symbol, info.interval).await? };
        let (how, anew) = if lost > 0 { (How::Keeping, How::Keeping) } else { (how, anew) };
        if !std::mem::replace(&mut self.is_stamped, true) {
            stamp::renew(store, influx).await?;
        }
        if mark.is_none() {
            // From here on something of it may be there, whatever ends this run.
            store.set_mark(influx.name(), &info.symbol, info.interval, Mark { version: 0, at: started }).await?;
        }
        let begun = self.unanswered.begin(store, &info).await?;
        let (stood, error, fatal) = match series::series(store, influx, &info, (how, anew), since, late.as_ref()).await {
            Ok(stood) => (stood, String::new(), None),
            Err(e) => (Stood::default(), e.to_string(), Some(e).filter(|e| matches!(e.kind, super::Kind::Transient | super::Kind::Config))),
        };
        if fatal.is_none() {
            self.unanswered.answered(&info, begun);
        }
        if error.is_empty() {
            self.found.done(&info);
        }
        let Stood { written: bars, removed, first, beyond: strays, mended } = stood;
        if let Some(strays) = strays {
            beyond.hear(look::name(&info), strays);
        }
        let is_unchanged = how.compares() || info.bars == 0 || since >= info.version;
        let now = Mark { version: info.version, at: Timestamp::now() };
        if is_unchanged && bars + removed + lost == 0 && error.is_empty() {
            return store.set_mark(influx.name(), &info.symbol, info.interval, now).await;
        }
        let stood_marked = mark.is_some_and(|mark| mark.version >= info.version);
        // Of what is only there nobody says who brought it.
        let mended = if is_other || how == How::Mending && (stood_marked || was_left) && !is_kept { Some((bars, removed)) } else { mended };
        let first = first.map(|time| format!(", the first of {time}")).unwrap_or_default();
        let note = match mended.filter(|did| *did != (0, 0)) {
            Some(did) if late.is_some() && !was_left => {
                format!("what an earlier run had sent came late: {}{first}", put_right(did, "written again"))
            }
            Some(did) => format!("somebody else had changed it there: {}{first}", put_right(did, "written again")),
            None if self.is_new && mark.is_some() => format!("the database was not there any more: {} written again", counted(bars, "bar")),
            None if how == How::Mending && stood_marked && bars > 0 => {
                format!("put right: {}{first}", put_right((bars, removed), "written again"))
            }
            None if removed > 0 => {
                let are = if removed == 1 { "is" } else { "are" };
                format!("{} taken out that {are} not here{first}", counted(removed, "bar"))
            }
            None => String::new(),
        };
        let note = if lost > 0 { [note, stays(lost)].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join("; ") } else { note };
        self.done.add(SyncCounts { series: 0, carried: 1, bars, removed, failed: u64::from(!error.is_empty()) });
        let SeriesInfo { symbol, interval, .. } = info;
        if mended.is_some() && (late.is_none() || was_left) && !note.is_empty() {
            tracing::warn!(target_name = influx.name(), %symbol, %interval, note, "a backup was changed by somebody else");
        }
        let stands = error.is_empty().then_some(now);
        self.tell.tell(Carried { symbol, interval, bars, started, ended: Timestamp::now(), error, note }, stands).await?;
        fatal.map_or(Ok(()), Err)
    }
}

/// What is said of bars that are lost here.
fn stays(lost: u64) -> String {
    format!(
        "{} lost in the bars database here, and what is only there stays: put them back (a slave's `syncline bars export`, and \
         `syncline bars import --overwrite` here); with --prune it goes",
        if lost == 1 { "1 bar is".to_owned() } else { format!("{lost} bars are") }
    )
}

/// What was put right there, in words.
fn put_right((written, removed): (u64, u64), how: &str) -> String {
    let written = (written > 0).then(|| format!("{} {how}", counted(written, "bar")));
    let removed = (removed > 0).then(|| format!("{} taken out", counted(removed, "bar")));
    written.into_iter().chain(removed).collect::<Vec<_>>().join(", ")
}

/// Looks whether a backup is as it was left, before anything is brought there: what it lacks is known then.
pub async fn look(store: &Store, influx: &Influx) -> Result<()> {
    stamp::settle(store, influx, false).await.map(drop)
}
