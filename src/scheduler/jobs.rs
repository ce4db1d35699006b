//! What the event loop holds of each job.

use super::decide::{Life, Standing};
use super::handle::{Deletion, Selector};
use super::view::{JobView, RunView};
use super::{Error, Refused, Result};
use crate::model::job::{Job, JobId};
use crate::model::progress::Progress;
use crate::model::run::{Run, RunSide};
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
}

/// The two strings that pull at a running engine.
pub(super) struct Reins {
    pub(super) start: u64,
    pub(super) since: Timestamp,
    pub(super) cancel: CancellationToken,
    pub(super) finish: watch::Sender<bool>,
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
    pub(super) last_error: Option<(String, Timestamp)>,
    /// What the target holds under the job's id is not its own, and has still to be cleared away.
    pub(super) anew: bool,
    pub(super) deletion: Option<(bool, Vec<oneshot::Sender<Result<Deletion>>>)>,
}

impl Entry {
    pub(super) fn new(job: Job, progress: Progress) -> Self {
        Self {
            job,
            life: Life::Idle,
            run: None,
            last_run: None,
            reins: None,
            progress: watch::channel(progress).1,
            attempt: 0,
            last_error: None,
            anew: false,
            deletion: None,
        }
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            kind: self.job.kind,
            desired: self.job.desired,
            state: self.job.state.clone(),
            life: self.life,
            run_open: self.run.is_some(),
        }
    }

    pub(super) fn view(&self) -> JobView {
        let mut progress = self.progress.borrow().clone();
        if let (None, Some((message, at))) = (&progress.last_error, &self.last_error) {
            (progress.last_error, progress.last_error_at) = (Some(message.clone()), Some(*at));
        }
        let run = self.run.as_ref().map(OpenRun::view).or_else(|| self.last_run.clone());
        JobView { job: self.job.clone(), progress, run }
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
