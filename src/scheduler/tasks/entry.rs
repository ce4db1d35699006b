//! What the event loop holds of each task and of each open run.

use super::Settings;
use super::decide::{Closing, Stop};
use super::view::{ActiveRun, TaskView};
use crate::model::job::{Desired, JobKind, Task, Trigger};
use crate::model::run::{Counters, Run};
use crate::scheduler::cron::{self, Form, Schedule, Wrong};
use crate::scheduler::handle::Selector;
use crate::scheduler::{Error, Refused, Result};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tokio::sync::{oneshot, watch};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

pub(super) struct Entry {
    pub(super) job: Task,
    /// None: it runs only when it is told to.
    pub(super) schedule: Option<Schedule>,
    /// Why there is no schedule although there is an expression: it was stored by a daemon that understood it.
    pub(super) problem: String,
    /// The number of its open run.
    pub(super) active: Option<u64>,
}

/// Reads a trigger. `zone` is the daemon's.
pub(super) fn schedule(kind: JobKind, trigger: &Trigger, zone: &str) -> Result<Option<Schedule>, Wrong> {
    match trigger {
        Trigger::Manual => Ok(None),
        Trigger::Continuous => Err(Wrong {
            part: cron::Part::Expression,
            message: "a task does not run all the time".into(),
            hint: "give it times, or none".into(),
        }),
        Trigger::Cron { expr, time_zone } => {
            let zone = cron::zone(if time_zone.is_empty() { zone } else { time_zone })?;
            // Clients of dms send five fields.
            let form = if kind == JobKind::Hosts { Form::Six } else { Form::FiveOrSix };
            Schedule::parse(expr, form, zone).map(Some)
        }
    }
}

impl Entry {
    pub(super) fn new(job: Task, zone: &str) -> Self {
        let (schedule, problem) = match schedule(job.kind, &job.trigger, zone) {
            Ok(schedule) => (schedule, String::new()),
            Err(wrong) => (None, wrong.message),
        };
        Self { job, schedule, problem, active: None }
    }

    pub(super) fn enabled(&self) -> bool {
        self.job.desired == Desired::Running
    }

    /// How old a missed time may be that still runs.
    pub(super) fn grace(&self, settings: &Settings) -> SignedDuration {
        self.job.limits.grace_seconds.map_or(settings.grace, |s| SignedDuration::from_secs(s.into()))
    }

    /// How long its runs may take.
    pub(super) fn deadline(&self, settings: &Settings) -> SignedDuration {
        self.job.limits.deadline_seconds.map_or(settings.deadline, |s| SignedDuration::from_secs(s.into()))
    }

    /// When it runs next, as of now.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.schedule.as_ref().filter(|_| self.enabled())?.next(now)
    }

    pub(super) fn view(&self, runs: &BTreeMap<u64, Open>, zone: &str) -> TaskView {
        let named = match &self.job.trigger {
            Trigger::Cron { time_zone, .. } if !time_zone.is_empty() => time_zone.clone(),
            _ if !zone.is_empty() => zone.to_owned(),
            _ => jiff::tz::TimeZone::system().iana_name().unwrap_or_default().to_owned(),
        };
        TaskView {
            job: self.job.clone(),
            zone: named,
            active: self.active.and_then(|run| runs.get(&run)).map(Open::view),
            problem: self.problem.clone(),
        }
    }
}

pub(super) struct Open {
    pub(super) run: Run,
    /// None: told to run once, by somebody.
    pub(super) task: Option<u64>,
    pub(super) deadline: SignedDuration,
    pub(super) cancel: CancellationToken,
    /// Why it was told to stop, shared with its work.
    pub(super) stop: Arc<OnceLock<Stop>>,
    pub(super) counters: watch::Receiver<Option<Counters>>,
    /// What was stored of them last.
    pub(super) saved: Option<Counters>,
    pub(super) work: AbortHandle,
    /// It has ended, and that has still to be recorded.
    pub(super) closing: Option<(Timestamp, Closing)>,
    pub(super) waiting: Vec<oneshot::Sender<()>>,
}

impl Open {
    pub(super) fn view(&self) -> ActiveRun {
        ActiveRun {
            number: self.run.number,
            kind: self.run.kind,
            name: self.run.name.clone(),
            started: self.run.started,
            counters: self.counters.borrow().clone(),
        }
    }
}

/// Finds the one task that is meant.
pub(super) fn resolve(tasks: &BTreeMap<u64, Entry>, wanted: &Selector) -> Result<u64> {
    let (Selector::Any(text) | Selector::Id(crate::model::job::JobId(text))) = wanted;
    let not_found = || Error::NotFound(format!("task {text:?}"));
    if let Some(entry) = tasks.values().find(|e| e.job.id.0 == *text) {
        return Ok(entry.job.number);
    }
    if matches!(wanted, Selector::Id(_)) {
        return Err(not_found());
    }
    // A name may look like a number; whoever gave it that name means it.
    let named: Vec<&Entry> = tasks.values().filter(|e| e.job.name == *text).collect();
    match named.as_slice() {
        [one] => Ok(one.job.number),
        [] => text.parse().ok().filter(|number| tasks.contains_key(number)).ok_or_else(not_found),
        many => {
            let ids: Vec<String> = many.iter().map(|e| format!("{} ({})", e.job.number, e.job.kind.as_str())).collect();
            let hint = format!("use a number: {}", ids.join(", "));
            Err(Refused::new("ambiguous_name", format!("{text:?} names several tasks"), hint).into())
        }
    }
}
