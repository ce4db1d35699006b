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
//! of the daemon and an update end it. `asked` is about what an operator wants, `ended` about what has come to an end.

mod asked;
mod ended;
#[cfg(test)]
mod tests;

use super::error::Refused;
use super::retry::Verdict;
use crate::model::job::{Desired, JobKind, JobState};
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
    /// What a running engine follows was changed.
    Told,
    /// There are orders for the engine's start: one that runs starts again.
    Again,
    Delete,
    /// The job's reader has gone.
    Left,
    Shutdown,
    /// The engine says how it stands.
    Seen(JobState),
    /// It says that it waits for work that takes its time.
    Busy(String),
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
        return match event {
            Event::Pause | Event::Resume | Event::Retry | Event::Finish | Event::Update | Event::Told | Event::Again => {
                Err(Refused::new("job_deleting", "the job is being deleted", ""))
            }
            // What an engine said before it ended, and a back-off that ends, call nothing back.
            _ => Ok(next),
        };
    }
    match event {
        Event::Boot => Ok(boot(now, next)),
        Event::Pause => asked::pause(now, next),
        Event::Resume => asked::resume(now, next),
        Event::Retry => asked::retry(now, next),
        Event::Told => asked::told(now, next),
        Event::Again => asked::again(now, next),
        Event::Finish => asked::finish(now, next),
        Event::Update => asked::update(now, next),
        Event::Delete | Event::Left => Ok(asked::delete(now, next)),
        Event::Shutdown => Ok(ended::shutdown(now, next)),
        Event::Seen(state) => Ok(seen(now, next, state)),
        Event::Busy(what) => Ok(seen(now, next, JobState::Waiting(what))),
        Event::Ended(end) => Ok(ended::ended(now, next, end)),
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
        ended::gone(now, &mut next);
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
