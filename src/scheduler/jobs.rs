//! What the event loop holds of each job.

use super::caller::Caller;
use super::decide::{Life, Owner, Standing};
use super::decided;
use super::handle::{Deletion, Selector};
use super::patrol;
use super::view::{JobView, RunView};
use super::{Error, Refused, Result};
use crate::model::job::{Job, JobId, JobSpec, JobState};
use crate::model::live::Live;
use crate::model::progress::{Errors, Progress};
use crate::model::replicate::ReplicateSpec;
use crate::model::run::{Counters, Run, RunSide};
use crate::replicate::connect::Stragglers;
use crate::replicate::repair::Mender;
use crate::replicate::tap::Tap;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone)]
pub(super) struct OpenRun {
    pub(super) run: Run,
    /// Source, then target.
    pub(super) sides: [RunSide; 2],
    pub(super) restarts: u64,
    /// What the job had counted when it began.
    pub(super) before: Totals,
}

/// What a job has counted over all its runs; the difference of two is a run's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    copied: u64,
    applied: u64,
    transactions: u64,
    bytes: u64,
}

impl Totals {
    pub(super) fn of(progress: &Progress) -> Self {
        let dest = &progress.dest;
        Self { copied: progress.copied_total, applied: dest.row_events_applied, transactions: dest.tx_applied, bytes: dest.bytes }
    }

    /// Whether there is more at the target for good. Rows that are copied are where tables begin where they were left.
    pub(super) fn brought(self, before: Self, copies_continue: bool) -> bool {
        self.transactions > before.transactions || copies_continue && self.copied > before.copied
    }

    pub(super) fn since(self, before: Self) -> Counters {
        Counters::Rows {
            copied: self.copied.saturating_sub(before.copied),
            applied: self.applied.saturating_sub(before.applied),
            transactions: self.transactions.saturating_sub(before.transactions),
            bytes: self.bytes.saturating_sub(before.bytes),
        }
    }
}

/// The strings that pull at a running engine.
pub(super) struct Reins {
    pub(super) start: u64,
    pub(super) since: Timestamp,
    /// What the job had counted when it began.
    pub(super) before: Totals,
    pub(super) cancel: CancellationToken,
    pub(super) finish: watch::Sender<bool>,
    pub(super) live: watch::Sender<Live>,
}

pub(super) struct Entry {
    pub(super) job: Job,
    pub(super) life: Life,
    pub(super) run: Option<OpenRun>,
    /// The last run when none is open, for readers.
    pub(super) last_run: Option<RunView>,
    pub(super) reins: Option<Reins>,
    pub(super) progress: watch::Receiver<Progress>,
    /// Failures in a row.
    pub(super) attempt: u32,
    /// What the target holds under the job's id is not its own, and has still to be cleared away.
    pub(super) anew: bool,
    pub(super) errors: Errors,
    /// What was counted when the figures were last stored, and when.
    pub(super) saved: Option<(Totals, std::time::Instant)>,
    /// Whoever looks at what passes, over all runs.
    pub(super) tap: Tap,
    /// Its sessions that may hang at the source, over all runs.
    pub(super) stragglers: Stragglers,
    /// Whoever reads what the job writes, where it is theirs.
    pub(super) caller: Option<Caller>,
    /// The comparisons that go on all the time.
    pub(super) patrol: Option<patrol::Standing>,
    /// Whether anybody brings the job's changes, or is to; and the figures of that run, or of the last.
    pub(super) bringing: watch::Sender<(bool, watch::Receiver<Progress>)>,
    /// Who repairs rows beside the stream, over all runs.
    pub(super) mender: watch::Sender<Option<Mender>>,
    pub(super) deletion: Option<(bool, Vec<oneshot::Sender<Result<Deletion>>>)>,
}

impl Entry {
    pub(super) fn new(job: Job, progress: Progress) -> Self {
        let entry = Self {
            errors: progress.errors.clone(),
            saved: None,
            job,
            life: Life::Idle,
            run: None,
            last_run: None,
            reins: None,
            progress: watch::channel(progress).1,
            attempt: 0,
            anew: false,
            tap: Tap::default(),
            stragglers: Stragglers::default(),
            caller: None,
            patrol: None,
            bringing: watch::channel((false, watch::channel(Progress::default()).1)).0,
            mender: watch::channel(None).0,
            deletion: None,
        };
        entry.tell_bringing();
        entry
    }

    /// Tells those who wait for the job's changes who brings them now.
    pub(super) fn tell_bringing(&self) {
        let works = self.reins.is_some() || self.job.state.is_active() || self.job.state == JobState::Pending;
        self.bringing.send_replace((works, self.progress.clone()));
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            kind: self.job.kind,
            owner: self.owner(),
            desired: self.job.desired,
            state: self.job.state.clone(),
            life: self.life,
            run_open: self.run.is_some(),
        }
    }

    fn owner(&self) -> Owner {
        let JobSpec::Replicate(spec) = &self.job.spec;
        match &self.caller {
            _ if !spec.dest.sink.is_callers() => Owner::Operator,
            Some(caller) if !caller.gone().is_cancelled() => Owner::Reader,
            Some(_) | None => Owner::Nobody,
        }
    }

    /// The engine's figures with the errors that it does not know of.
    pub(super) fn figures(&self) -> Progress {
        Progress { errors: self.errors.clone(), ..self.progress.borrow().clone() }
    }

    /// The documents that go with a new spec, about statements that it decides about.
    pub(super) fn decided(&self, new: &ReplicateSpec) -> Vec<(String, Option<String>)> {
        let JobSpec::Replicate(stored) = &self.job.spec;
        decided::documents(self.progress.borrow().question.as_ref(), new, stored)
    }

    pub(super) fn view(&self) -> JobView {
        let mut progress = self.figures();
        if self.reins.is_none() {
            progress.rest();
        }
        // Nobody has measured it for a while: time goes on all the same.
        let now = Timestamp::now();
        let old = |at: Timestamp| now.duration_since(at).as_secs() >= 2;
        if self.job.state != JobState::Complete && progress.dest.at.is_some_and(old) {
            let lag = progress.lag_at(now);
            (progress.src.delay_seconds, progress.dest.delay_seconds) = (lag, lag);
        }
        let run = self.run.as_ref().map(OpenRun::view).or_else(|| self.last_run.clone());
        JobView { job: self.job.clone(), progress, run, patrol: self.patrol.clone(), warnings: Vec::new() }
    }
}

impl OpenRun {
    pub(super) fn view(&self) -> RunView {
        let [src, dest] = &self.sides;
        RunView {
            number: self.run.number,
            started: self.run.started,
            src_allocation: src.allocation_id.clone(),
            dest_allocation: dest.allocation_id.clone(),
            node: src.node.clone(),
            restarts: self.restarts,
        }
    }
}

/// Finds the one job that is meant.
pub(super) fn resolve(jobs: &BTreeMap<JobId, Entry>, wanted: &Selector) -> Result<JobId> {
    let text = match wanted {
        Selector::Id(id) => {
            return if jobs.contains_key(id) { Ok(id.clone()) } else { Err(Error::NotFound(format!("job {:?}", id.0))) };
        }
        Selector::Any(text) => text,
    };
    let id = JobId(text.clone());
    if jobs.contains_key(&id) {
        return Ok(id);
    }
    let number = text.parse::<u64>().ok();
    if let Some(entry) = jobs.values().find(|e| number == Some(e.job.number)) {
        return Ok(entry.job.id.clone());
    }
    let named: Vec<&Entry> = jobs.values().filter(|e| e.job.name == *text).collect();
    match named.as_slice() {
        [] => Err(Error::NotFound(format!("job {text:?}"))),
        [one] => Ok(one.job.id.clone()),
        many => {
            let ids: Vec<&str> = many.iter().map(|e| e.job.id.0.as_str()).collect();
            Err(Refused::new("ambiguous_name", format!("{text:?} names several jobs"), format!("use an id: {}", ids.join(", "))).into())
        }
    }
}
