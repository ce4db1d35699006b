//! What follows from an event, as a function of a job's standing: no clock, no I/O.
//!
//! ```text
//!            ┌────────────── Due / retry ◀───────────────┐
//!            ▼                                           │
//!  Idle ─start─▶ Running ─transient─▶ BackingOff ────────┘
//!   ▲              │  │
//!   │ complete,    │  └─pause, delete, update, shutdown─▶ Stopping(then) ─ended─▶ Idle | Running | Forgetting
//!   └─ permanent ──┘
//! ```
//! A run is one attempt of the operator: a pause and automatic retries stay within it; a permanent failure, a restart
//! of the daemon and an update end it.

use super::error::Refused;
use super::retry::Verdict;
use crate::model::job::{Desired, Failure, JobKind, JobState};
use crate::model::run::{RunEventKind, RunState};
use jiff::Timestamp;

/// Where the machinery stands, beside the state that the operator sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Idle,
    Running,
    /// Cancelled; something follows when the engine has ended.
    Stopping(Then),
    BackingOff {
        until: Timestamp,
    },
    /// The target's bookkeeping is being removed; then the job is gone.
    Forgetting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Pause,
    /// Goes on in the same run.
    Continue,
    /// Goes on in a new run.
    Renew,
    Delete,
    Shutdown,
}

/// Whose job it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Operator,
    /// Somebody reads what it writes, and it ends with them.
    Reader,
    /// It was a reader's, who has gone.
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) kind: JobKind,
    pub(super) owner: Owner,
    pub(super) desired: Desired,
    pub(super) state: JobState,
    pub(super) life: Life,
    /// A run row is open.
    pub(super) run_open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The daemon came up, or the job was just created.
    Boot,
    Pause,
    Resume,
    Finish,
    Retry,
    Update,
    Delete,
    /// The job's reader has gone.
    Left,
    Shutdown,
    /// The engine says how it stands.
    Seen(JobState),
    Ended(End),
    /// The back-off is over.
    Due,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    Cancelled,
    Failed(Verdict),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    OpenRun,
    StartEngine,
    /// The engine starts again after an error, in the same run.
    CountRestart,
    Cancel,
    SignalFinish,
    /// The figures of both sides are kept.
    SaveFigures,
    CloseRun {
        state: RunState,
        error: String,
    },
    Emit(RunEventKind, String),
    Forget,
}

/// The next standing and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) desired: Desired,
    pub(super) state: JobState,
    pub(super) life: Life,
    pub(super) actions: Vec<Action>,
}

pub(super) fn decide(now: &Standing, event: Event) -> Result<Decision, Refused> {
    let next = Decision { desired: now.desired, state: now.state.clone(), life: now.life, actions: Vec::new() };
    if matches!(now.life, Life::Forgetting | Life::Stopping(Then::Delete)) && !matches!(event, Event::Ended(_) | Event::Shutdown) {
        return if matches!(event, Event::Delete | Event::Left) {
            Ok(next)
        } else {
            Err(Refused::new("job_deleting", "the job is being deleted", ""))
        };
    }
    match event {
        Event::Boot => Ok(boot(now, next)),
        Event::Pause => pause(now, next),
        Event::Resume => resume(now, next),
        Event::Retry => retry(now, next),
        Event::Finish => finish(now, next),
        Event::Update => update(now, next),
        Event::Delete | Event::Left => Ok(delete(now, next)),
        Event::Shutdown => Ok(shutdown(now, next)),
        Event::Seen(state) => Ok(seen(now, next, state)),
        Event::Ended(end) => Ok(ended(now, next, end)),
        Event::Due => Ok(due(now, next)),
    }
}

fn begin(now: &Standing, mut next: Decision) -> Decision {
    if !now.run_open {
        next.actions.push(Action::OpenRun);
    }
    next.actions.push(Action::StartEngine);
    next.state = JobState::Pending;
    next.life = Life::Running;
    next
}

fn boot(now: &Standing, mut next: Decision) -> Decision {
    if now.owner == Owner::Nobody {
        gone(now, &mut next);
        return next;
    }
    match (now.desired, &now.state) {
        (_, JobState::Complete | JobState::Failed(_)) => next,
        (Desired::Paused, _) => {
            next.state = JobState::Paused;
            next
        }
        (Desired::Running | Desired::Finished, _) => begin(now, next),
    }
}

fn complete() -> Refused {
    Refused::new("job_complete", "the job is complete", "delete it, or create another")
}

fn pause(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
    if now.state == JobState::Complete {
        return Err(complete());
    }
    if now.owner != Owner::Operator {
        return Err(Refused::new("job_is_read", "the job is somebody's who reads what it writes; it cannot rest", "delete it"));
    }
    if now.desired == Desired::Paused {
        return Ok(next);
    }
    next.desired = Desired::Paused;
    match now.life {
        Life::Running => {
            next.actions.extend([Action::Cancel, Action::Emit(RunEventKind::Signaling, "pause".into())]);
            next.life = Life::Stopping(Then::Pause);
        }
        Life::Stopping(_) => next.life = Life::Stopping(Then::Pause),
        Life::BackingOff { .. } => {
            next.actions.push(Action::Emit(RunEventKind::Signaling, "pause".into()));
            (next.life, next.state) = (Life::Idle, JobState::Paused);
        }
        Life::Idle | Life::Forgetting => next.state = JobState::Paused,
    }
    Ok(next)
}

fn resume(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
    if now.state == JobState::Complete {
        return Err(complete());
    }
    match now.life {
        Life::Stopping(Then::Pause) => {
            next.desired = Desired::Running;
            next.life = Life::Stopping(Then::Continue);
            Ok(next)
        }
        Life::Idle => {
            next.desired = if now.desired == Desired::Finished { Desired::Finished } else { Desired::Running };
            if now.run_open {
                next.actions.push(Action::Emit(RunEventKind::Signaling, "resume".into()));
            }
            Ok(begin(now, next))
        }
        Life::Running | Life::Stopping(_) | Life::BackingOff { .. } | Life::Forgetting => Ok(next),
    }
}

fn retry(now: &Standing, next: Decision) -> Result<Decision, Refused> {
    match (&now.state, now.life) {
        (JobState::Complete, _) => Err(complete()),
        (JobState::Paused, _) => Err(Refused::new("job_paused", "the job is paused", "resume it")),
        (_, Life::BackingOff { .. }) => Ok(due(now, next)),
        (_, Life::Idle) => resume(now, next),
        _ => Ok(next),
    }
}

fn finish(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
    if now.kind != JobKind::Migration {
        return Err(Refused::new("job_runs_on", "only a migration can be finished, this job runs on", "pause or delete it"));
    }
    match (&now.state, now.desired, now.life) {
        (JobState::Complete, _, _) | (_, Desired::Finished, Life::Running | Life::BackingOff { .. }) => Ok(next),
        (JobState::Failed(_), _, _) => Err(Refused::new("job_failed", "the job has failed", "solve the cause, retry it, then finish it")),
        (_, Desired::Paused, _) => Err(Refused::new("job_paused", "the job is paused", "resume it, then finish it")),
        _ => {
            next.desired = Desired::Finished;
            next.actions.extend([Action::SignalFinish, Action::Emit(RunEventKind::Signaling, "finish".into())]);
            Ok(next)
        }
    }
}

fn update(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
    let close = || Action::CloseRun { state: RunState::Cancelled, error: "the job was changed".into() };
    match (&now.state, now.life) {
        (JobState::Complete, _) => Err(complete()),
        (_, Life::Running) => {
            next.actions.push(Action::Cancel);
            next.life = Life::Stopping(Then::Renew);
            Ok(next)
        }
        (_, Life::Stopping(then)) => {
            next.life = Life::Stopping(if then == Then::Continue { Then::Renew } else { then });
            Ok(next)
        }
        (_, Life::Idle | Life::BackingOff { .. } | Life::Forgetting) => {
            if now.run_open {
                next.actions.push(close());
            }
            if now.desired == Desired::Paused {
                return Ok(next);
            }
            Ok(begin(&Standing { run_open: false, ..now.clone() }, next))
        }
    }
}

fn delete(now: &Standing, mut next: Decision) -> Decision {
    match now.life {
        Life::Running => {
            next.actions.extend([Action::Cancel, Action::Emit(RunEventKind::Signaling, "delete".into())]);
            next.life = Life::Stopping(Then::Delete);
        }
        Life::Stopping(_) => next.life = Life::Stopping(Then::Delete),
        Life::Idle | Life::BackingOff { .. } => gone(now, &mut next),
        Life::Forgetting => {}
    }
    next
}

/// The engine is silent: close the run and forget.
fn gone(now: &Standing, next: &mut Decision) {
    if now.run_open {
        let error = if now.owner == Owner::Nobody { "the job's reader has gone" } else { "the job was deleted" };
        next.actions.push(Action::CloseRun { state: RunState::Cancelled, error: error.into() });
    }
    next.actions.push(Action::Forget);
    next.life = Life::Forgetting;
}

fn shutdown(now: &Standing, mut next: Decision) -> Decision {
    match now.life {
        Life::Running => {
            next.actions.push(Action::Cancel);
            next.life = Life::Stopping(Then::Shutdown);
        }
        // What was to follow is remembered by `desired`; a half-done delete is done again when asked again.
        Life::Stopping(_) => next.life = Life::Stopping(Then::Shutdown),
        Life::Idle | Life::BackingOff { .. } | Life::Forgetting => stopped(now, &mut next),
    }
    next
}

fn stopped(now: &Standing, next: &mut Decision) {
    if now.run_open {
        next.actions.push(Action::CloseRun { state: RunState::Interrupted, error: "the daemon was stopped".into() });
    }
    if !matches!(now.state, JobState::Failed(_) | JobState::Complete) {
        next.state = if now.desired == Desired::Paused { JobState::Paused } else { JobState::Pending };
    }
    next.life = Life::Idle;
    if now.life != Life::Forgetting {
        over(now, next);
    }
}

/// A reader's job does not outlive its end.
fn over(now: &Standing, next: &mut Decision) {
    if now.owner != Owner::Operator {
        next.actions.push(Action::Forget);
        next.life = Life::Forgetting;
    }
}

fn seen(now: &Standing, mut next: Decision, state: JobState) -> Decision {
    // Only the engine's own states; the others are for this function's callers to decide.
    if now.life == Life::Running && state.is_active() {
        next.state = state;
    }
    next
}

fn due(now: &Standing, mut next: Decision) -> Decision {
    if matches!(now.life, Life::BackingOff { .. }) {
        next.actions.extend([Action::CountRestart, Action::Emit(RunEventKind::Restarting, String::new())]);
        return begin(now, next);
    }
    next
}

fn ended(now: &Standing, mut next: Decision, end: End) -> Decision {
    if let Life::Stopping(then) = now.life {
        return stopped_for(now, next, then, end);
    }
    match end {
        End::Complete => {
            next.actions.push(Action::Emit(RunEventKind::Terminated, "finished".into()));
            next.actions.push(Action::CloseRun { state: RunState::Completed, error: String::new() });
            (next.state, next.life) = (JobState::Complete, Life::Idle);
        }
        // Nobody asked for it: begin again at once, in the same run.
        End::Cancelled => return begin(now, next),
        End::Failed(Verdict::Again { until, code, message }) => {
            next.actions.push(Action::SaveFigures);
            next.actions.push(Action::Emit(RunEventKind::DriverFailure, format!("{message} ({code})")));
            next.state = JobState::Waiting(format!("retries after: {message}"));
            next.life = Life::BackingOff { until };
        }
        End::Failed(Verdict::Stop(failure)) => fail(&mut next, RunState::Failed, failure),
        End::Failed(Verdict::TakenOver) => {
            let failure = Failure {
                code: "taken_over".into(),
                message: "another daemon has taken this job over".into(),
                hint: "delete it here, or retry it to take it back".into(),
            };
            next.actions.push(Action::CloseRun { state: RunState::Cancelled, error: failure.message.clone() });
            (next.state, next.life) = (JobState::Failed(failure), Life::Idle);
        }
    }
    if next.life == Life::Idle {
        over(now, &mut next);
    }
    next
}

fn fail(next: &mut Decision, state: RunState, failure: Failure) {
    next.actions.push(Action::Emit(RunEventKind::DriverFailure, format!("{} ({})", failure.message, failure.code)));
    next.actions.push(Action::CloseRun { state, error: failure.message.clone() });
    (next.state, next.life) = (JobState::Failed(failure), Life::Idle);
}

fn stopped_for(now: &Standing, mut next: Decision, then: Then, end: End) -> Decision {
    // A job that completed while it was being stopped is complete, whatever was to follow, unless it is to go.
    if end == End::Complete && then != Then::Delete {
        next.actions.push(Action::CloseRun { state: RunState::Completed, error: String::new() });
        (next.state, next.life) = (JobState::Complete, Life::Idle);
        over(now, &mut next);
        return next;
    }
    match then {
        Then::Pause => {
            next.actions.push(Action::SaveFigures);
            (next.state, next.life) = (JobState::Paused, Life::Idle);
        }
        Then::Continue => return begin(now, next),
        Then::Renew => {
            next.actions.push(Action::CloseRun { state: RunState::Cancelled, error: "the job was changed".into() });
            return begin(&Standing { run_open: false, ..now.clone() }, next);
        }
        Then::Delete => gone(now, &mut next),
        Then::Shutdown => stopped(now, &mut next),
    }
    next
}

#[cfg(test)]
mod tests;
