//! Jobs that belong to whoever reads them: they end with their reader, and the reader is told how they end.
//!
//! ```text
//!  Handle::stream ─▶ job + Outlet ─▶ engine ─lines─▶ Reading ─▶ the client
//!        reader gone ─▶ Event::Left ─▶ the job is removed          ▲
//!        failed, deleted, daemon stopped ─▶ removed, last word ────┘
//! ```
//! Nothing of it outlives the reader but the history of its run: not in a restart of the daemon either, where the job is
//! found without a reader and removed.

use super::actor::Message;
use super::handle::{By, Check, Handle, NewJob};
use super::view::JobView;
use super::{Error, Result};
use crate::model::job::{Failure, JobState};
use crate::model::messages::LinesTo;
use crate::model::replicate::ReplicateSpec;
use crate::replicate::outlet::Lines;
use crate::replicate::{Outlet, sink};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// The job's end of it.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) outlet: Outlet,
    /// Why the job ended.
    last_word: oneshot::Sender<Failure>,
}

/// The reader's end: dropping it ends the job.
#[derive(Debug)]
pub struct Reading {
    pub view: JobView,
    pub lines: Lines,
    /// Sent when the job is over, behind the last line.
    pub ended: oneshot::Receiver<Failure>,
}

impl Handle {
    /// Stores a new job, starts it, and returns what it writes.
    pub async fn stream(&self, mut new: NewJob, by: By) -> Result<Reading> {
        if !new.spec.dest.sink.is_callers() {
            return Err(Error::Invalid("lines: a job that is read while it runs has lines without a file".into()));
        }
        if new.paused {
            return Err(Error::Invalid("paused: a job that is read while it runs cannot rest".into()));
        }
        self.admit(&new, Check::Preflight).await?;
        self.begin(&mut new).await?;
        let (outlet, lines) = Outlet::new();
        let (last_word, ended) = oneshot::channel();
        let caller = Caller { outlet, last_word };
        let new = Box::new(new);
        let view = self.ask(|reply| Message::Create { new, number: None, caller: Some(caller), by, reply }).await?;
        Ok(Reading { view, lines, ended })
    }

    /// Says why the job's file cannot be written by this daemon.
    pub(super) fn check_files(&self, spec: &ReplicateSpec) -> Result<()> {
        match spec.dest.sink.lines().map(|lines| &lines.to) {
            Some(LinesTo::File(_)) => {
                sink::check_files(self.files_dir.as_deref()).map_err(|e| Error::Invalid(format!("lines.file: {}: {}", e.message, e.hint)))
            }
            Some(LinesTo::Caller) | None => Ok(()),
        }
    }
}

impl Caller {
    /// Cancelled when the reader goes.
    pub(super) fn gone(&self) -> CancellationToken {
        self.outlet.gone()
    }

    /// Tells the reader how the job ended; all of its lines came before.
    pub(super) fn end(self, state: &JobState, stopping: bool) {
        let said = |code: &str, message: &str| Failure { code: code.into(), message: message.into(), hint: String::new() };
        let last = match state {
            JobState::Failed(failure) => failure.clone(),
            _ if stopping => said("shutting_down", "the daemon was stopped, and the job has ended with it"),
            JobState::Complete => said("job_complete", "the job is complete"),
            _ => said("job_deleted", "the job was deleted"),
        };
        // A reader that is gone needs no word.
        let _ = self.last_word.send(last);
    }
}
