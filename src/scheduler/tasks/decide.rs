//! What follows, as functions of what is and what the clock says: no clock, no I/O.

use super::cause::Reasons;
use super::handle::NewRun;
use crate::model::bars::BarCounts;
use crate::model::hosts::HostCounts;
use crate::model::run::{Counters, RunState};
use crate::model::words::counted;
use crate::scheduler::cron::Schedule;
use crate::scheduler::error::Refused;
use jiff::{SignedDuration, Timestamp};

/// What becomes of a time that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Start,
    /// The run before is still active.
    Overlap {
        run: u64,
    },
    /// Nobody was there, and it is too late now.
    Missed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    /// The time that is answered for.
    pub(super) planned: Timestamp,
    pub(super) verdict: Verdict,
    pub(super) next: Option<Timestamp>,
}

/// Decides about a task whose next time is over. Several missed times are one: the first that is young enough runs.
pub(super) fn due(next: Timestamp, active: Option<u64>, schedule: &Schedule, now: Timestamp, grace: SignedDuration) -> Due {
    let oldest = now - grace;
    let young = if next >= oldest {
        Some(next)
    } else {
        // Just before: a time that is as old as the grace time counts.
        schedule.next(oldest - SignedDuration::from_nanos(1)).filter(|time| *time <= now)
    };
    let (planned, verdict) = match (young, active) {
        (Some(planned), Some(run)) => (planned, Verdict::Overlap { run }),
        (Some(planned), None) => (planned, Verdict::Start),
        (None, _) => (next, Verdict::Missed),
    };
    Due { planned, verdict, next: schedule.next(now) }
}

/// A clock that is set back by less is waited for.
const STEP: SignedDuration = SignedDuration::from_mins(1);
/// A clock that is set back by more was wrong: what it said before means nothing.
const WRONG: SignedDuration = SignedDuration::from_hours(3);

/// Says by how much the clock was set back since it was seen last, where that matters.
pub(super) fn set_back(seen: Timestamp, now: Timestamp) -> Option<SignedDuration> {
    Some(seen.duration_since(now)).filter(|by| *by > STEP)
}

/// Returns a task's next time after the clock was set back. As with the clock on the wall: an interval goes on from now, a
/// time of day that has run does not come again, unless the clock was wrong.
pub(super) fn next_after_set_back(
    planned: Option<Timestamp>,
    schedule: &Schedule,
    by: SignedDuration,
    now: Timestamp,
) -> Option<Timestamp> {
    if schedule.is_time_of_day() && by <= WRONG { planned } else { schedule.next(now) }
}

/// Says whether a task may be told to run now.
pub(super) fn may_run(name: &str, active: Option<u64>) -> Result<(), Refused> {
    match active {
        Some(run) => Err(Refused::new("task_running", format!("the task {name} is running (run {run})"), "wait for the run, or cancel it")),
        None => Ok(()),
    }
}

/// Why a run was told to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// By whom; empty where nobody has to say who they are.
    Cancelled(String),
    Deadline(SignedDuration),
    Shutdown,
}

impl Stop {
    /// The code of what was cut short by it.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Cancelled(_) => "cancelled",
            Self::Deadline(_) => "deadline",
            Self::Shutdown => "interrupted",
        }
    }
}

impl std::fmt::Display for Stop {
    /// What it does to a run, and to what of it was cut short.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cancelled(who) if who.is_empty() => f.write_str("it was cancelled"),
            Self::Cancelled(who) => write!(f, "it was cancelled by {who}"),
            Self::Deadline(limit) => write!(f, "it took longer than {limit:#}"),
            Self::Shutdown => f.write_str("the daemon was stopped"),
        }
    }
}

/// How the work ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// It was carried out, all of it unless it was told to stop; `then` are runs that follow from it, `reasons` why some of it
    /// failed.
    Done { whole: bool, then: Vec<NewRun>, reasons: Reasons },
    /// It could not be carried out.
    Failed { code: &'static str, message: String, hint: String },
    /// It was told to stop and did not: its task was dropped.
    Abandoned,
}

/// What is written about a run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closing {
    pub(super) state: RunState,
    pub(super) message: String,
    pub(super) error: String,
}

/// Decides how a run ends. Whoever told it to stop is the reason only if it stopped for that.
pub(super) fn closing(end: &End, stop: Option<&Stop>, counters: Option<&Counters>) -> Closing {
    // What could not be carried out did not find that there is nothing to do.
    let is_told = |counters: &&Counters| matches!(end, End::Done { .. }) || !is_of_nothing(counters);
    let gone = match end {
        End::Done { reasons, .. } if !reasons.gone.is_empty() => format!("; {}", reasons.gone),
        _ => String::new(),
    };
    let message = counters.filter(is_told).map(in_words).unwrap_or_default() + &gone;
    let with = |state, error: String| Closing { state, message: message.clone(), error };
    match (end, stop) {
        (End::Done { whole: true, reasons, .. }, _) | (End::Done { reasons, .. }, None) => {
            let state = counters.map_or(RunState::Completed, verdict);
            let error = match (state, &reasons.common) {
                (RunState::Failed, Some(cause)) => format!("nothing of it succeeded: {cause}"),
                (RunState::Failed, None) => "nothing of it succeeded; its items say why".to_owned(),
                // No good and no bad news of any symbol.
                (RunState::Partial, Some(cause)) if counters.is_some_and(is_without_data) => format!("no symbol has data: {cause}"),
                (RunState::Partial, _) => counters.and_then(nouns).map(|nouns| reasons.named(nouns)).unwrap_or_default(),
                _ => String::new(),
            };
            with(state, error)
        }
        (_, Some(why @ Stop::Cancelled(_))) => with(RunState::Cancelled, why.to_string()),
        (_, Some(why @ Stop::Deadline(_))) => with(RunState::Failed, why.to_string()),
        (_, Some(why @ Stop::Shutdown)) => with(RunState::Interrupted, why.to_string()),
        (End::Failed { code, message, hint }, None) => {
            let hint = if hint.is_empty() { String::new() } else { format!("; {hint}") };
            with(RunState::Failed, format!("{message} ({code}){hint}"))
        }
        (End::Abandoned, None) => with(RunState::Failed, "its work was lost".into()),
    }
}

/// The verdict on work that was carried out: nothing to do is a success.
fn verdict(counters: &Counters) -> RunState {
    let (good, bad) = match counters {
        Counters::Hosts(counts) => (counts.success(), counts.failed + counts.not_in_pool),
        // Found faulty is not failed, and not success either.
        Counters::Bars { task: _, counts } => return over_symbols(counts),
        Counters::BarsSync(counts) => (counts.carried - counts.failed, counts.failed),
        Counters::Rows { .. } => (1, 0),
    };
    match (good, bad) {
        (_, 0) => RunState::Completed,
        (0, _) => RunState::Failed,
        _ => RunState::Partial,
    }
}

/// A run over symbols failed if every one of them did. One that the source has nothing of has not failed; but who asked for it
/// did not get it, unless it is told time after time. What is stored and not to be trusted is no success either.
fn over_symbols(counts: &BarCounts) -> RunState {
    match (counts.done() - counts.failed, counts.failed + counts.faulty + counts.lacking() + counts.doubtful) {
        (_, 0) => RunState::Completed,
        (0, _) => RunState::Failed,
        _ => RunState::Partial,
    }
}

fn is_of_nothing(counters: &Counters) -> bool {
    match counters {
        Counters::Hosts(counts) => counts.total == 0,
        Counters::Bars { task: _, counts } => counts.total == 0,
        Counters::BarsSync(_) | Counters::Rows { .. } => false,
    }
}

/// What the items of a run are called, one and many; None: the words for hosts are their own family's.
fn nouns(counters: &Counters) -> Option<[&'static str; 2]> {
    match counters {
        Counters::Bars { .. } => Some(["symbol", "symbols"]),
        Counters::BarsSync(_) => Some(["series", "series"]),
        Counters::Hosts(_) | Counters::Rows { .. } => None,
    }
}

fn is_without_data(counters: &Counters) -> bool {
    matches!(counters, Counters::Bars { task: _, counts } if counts.no_data == counts.total)
}

fn in_words(counters: &Counters) -> String {
    match counters {
        Counters::Hosts(HostCounts { total: 0, .. }) => "there are no hosts to sync".to_owned(),
        Counters::Hosts(HostCounts { total, inserted, updated, failed, no_data, not_in_pool, .. }) => {
            let mut text = format!("{} of {}", inserted + updated, counted(*total, "host"));
            for (count, what) in [
                (inserted, "new"),
                (&(failed - no_data.min(failed)), "failed"),
                (no_data, "without data"),
                (not_in_pool, "not in the pool"),
            ] {
                if *count > 0 {
                    text.push_str(&format!(", {count} {what}"));
                }
            }
            text
        }
        Counters::Bars { task: _, counts: BarCounts { total: 0, .. } } => {
            "there are no symbols: nothing of this interval is stored".to_owned()
        }
        Counters::Bars { task, counts } => {
            // What the contract's sentence keeps to itself is said too.
            let no_data = if counts.no_data == 0 { String::new() } else { format!(", {} without data at the source", counts.no_data) };
            counts.message(*task) + &no_data
        }
        Counters::BarsSync(counts) => counts.message(),
        Counters::Rows { .. } => String::new(),
    }
}

#[cfg(test)]
mod tests;
