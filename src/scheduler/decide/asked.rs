//! What follows from what an operator asks for.

use super::ended::gone;
use super::{Action, Decision, Life, Owner, Standing, Then, begin, due};
use crate::model::job::{Desired, JobKind, JobState};
use crate::model::run::{RunEventKind, RunState};
use crate::scheduler::error::Refused;

fn complete() -> Refused {
    Refused::new("job_complete", "the job is complete", "delete it, or create another")
}

pub(super) fn pause(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
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

pub(super) fn resume(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
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

pub(super) fn retry(now: &Standing, next: Decision) -> Result<Decision, Refused> {
    match (&now.state, now.life) {
        (JobState::Complete, _) => Err(complete()),
        (JobState::Paused, _) => Err(Refused::new("job_paused", "the job is paused", "resume it")),
        (_, Life::BackingOff { .. }) => Ok(due(now, next)),
        (_, Life::Idle) => resume(now, next),
        _ => Ok(next),
    }
}

pub(super) fn finish(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
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

/// Whatever the job does, it goes on with it.
pub(super) fn told(now: &Standing, next: Decision) -> Result<Decision, Refused> {
    if now.state == JobState::Complete { Err(complete()) } else { Ok(next) }
}

/// In the same run: what it is to do has not changed.
/// What it is to do once it does at its start; one that an error keeps from running starts for that.
pub(super) fn again(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
    match (&now.state, now.life) {
        (JobState::Complete, _) => Err(complete()),
        (_, Life::Running) => {
            next.actions.push(Action::Cancel);
            next.life = Life::Stopping(Then::Continue);
            Ok(next)
        }
        _ if now.desired == Desired::Paused => Ok(next),
        _ => retry(now, next),
    }
}

pub(super) fn update(now: &Standing, mut next: Decision) -> Result<Decision, Refused> {
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

pub(super) fn delete(now: &Standing, mut next: Decision) -> Decision {
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
