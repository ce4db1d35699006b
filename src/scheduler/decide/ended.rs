//! What follows from an end: of the engine, of the job, of the daemon.

use super::{Action, Decision, End, Life, Owner, Standing, Then, begin};
use crate::model::job::{Desired, Failure, JobState};
use crate::model::run::{RunEventKind, RunState};
use crate::scheduler::retry::Verdict;

/// The engine is silent: close the run and forget.
pub(super) fn gone(now: &Standing, next: &mut Decision) {
    if now.run_open {
        let error = if now.owner == Owner::Nobody { "the job's reader has gone" } else { "the job was deleted" };
        next.actions.push(Action::Emit(RunEventKind::Killed, error.into()));
        next.actions.push(Action::CloseRun { state: RunState::Cancelled, error: error.into() });
    }
    next.actions.push(Action::Forget);
    next.life = Life::Forgetting;
}

pub(super) fn shutdown(now: &Standing, mut next: Decision) -> Decision {
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

pub(super) fn ended(now: &Standing, mut next: Decision, end: End) -> Decision {
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
        End::Failed(Verdict::Again { until, code, message, hint }) => {
            next.actions.push(Action::SaveFigures);
            next.actions.push(Action::Emit(RunEventKind::DriverFailure, format!("{message} ({code})")));
            next.state = match code {
                // The watchdog's word for it stays until it moves.
                "stalled" => JobState::Stalled(message),
                _ if hint.is_empty() => JobState::Waiting(format!("retries after: {message}")),
                _ => JobState::Waiting(format!("retries after: {message}; {hint}")),
            };
            next.life = Life::BackingOff { until };
        }
        End::Failed(Verdict::Stop(failure)) => fail(&mut next, RunState::Failed, failure),
        End::Failed(Verdict::TakenOver) => {
            let failure = Failure {
                code: "taken_over".into(),
                message: "another daemon has taken this job over".into(),
                hint: "delete it here: its position at the target stays for the other one; or retry it to take it back".into(),
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
