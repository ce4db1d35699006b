//! Applying a decision: record it, then do it.

use super::super::decide::{Action, Decision, End, Event, Life, decide};
use super::super::drive::{self, Done, Said, What};
use super::super::jobs::{Reins, Totals};
use super::super::kept::Predecessor;
use super::super::record::{Plan, Start, Written};
use super::super::{Error, Result, retry};
use super::{Actor, now};
use crate::model::job::{Desired, Job, JobId, JobSpec, JobState};
use crate::model::live::Live;
use crate::model::progress::{Errors, Progress};
use crate::model::replicate::ReplicateKind;
use crate::replicate::report::Report;
use crate::replicate::sink::{Claim, Forgotten};
use crate::replicate::{Control, Memory, Outcome, RunContext};
use crate::store::audit;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

impl Actor {
    /// An event that nobody waits for. A store that fails here must not lose the event: the job backs off and tries again.
    pub(super) async fn happened(&mut self, id: &JobId, event: Event) {
        if let Err(e) = Box::pin(self.apply(id, event, None, |_| {})).await {
            tracing::error!(job.id = %id, error = %e, "a change of the job could not be recorded");
            let idle = self.engines.is_empty() || self.jobs.get(id).is_some_and(|e| e.reins.is_none());
            if let Some(entry) = self.jobs.get_mut(id).filter(|e| idle && e.job.desired != Desired::Paused) {
                let reason = if let Error::Store(e) = &e { self.store.refusal(e).1 } else { e.to_string() };
                entry.job.state = JobState::Waiting(reason);
                entry.life = Life::BackingOff { until: now() + SignedDuration::from_secs(5) };
                self.changed();
            }
        }
    }

    /// Decides, records, acts. `edit` changes the job's row in the same transaction.
    pub(super) async fn apply(
        &mut self,
        id: &JobId,
        event: Event,
        audit: Option<audit::Entry>,
        edit: impl FnOnce(&mut Plan),
    ) -> Result<()> {
        let Some(entry) = self.jobs.get_mut(id) else { return Ok(()) };
        let (failed, busy) = (matches!(event, Event::Ended(End::Failed(_))), matches!(event, Event::Busy(_)));
        let by_itself = matches!(event, Event::Boot | Event::Ended(_) | Event::Due);
        let decision = decide(&entry.standing(), event)?;
        let time = now();
        let mut errors = errors_after(&entry.errors, &entry.job.state, &decision, busy, time);
        errors.count += u64::from(failed);
        let mut plan = Plan::new(time, entry.job.clone(), entry.run.clone());
        edit(&mut plan);
        if let Some(audit) = audit {
            plan.audit(audit);
        }
        let progress = Progress { errors: errors.clone(), ..entry.figures() };
        outline(&mut plan, &decision, &progress, Start { node: self.store.node_id().to_owned(), by_itself }, time);
        if errors != entry.errors {
            plan.keep_figures(&progress);
        }
        if plan.is_idle() {
            entry.life = decision.life;
            // A shutdown leaves no trace on disk until the engine has ended; it has to be told all the same.
            self.act(id, &decision.actions, None, time);
            self.tell_bringing(id);
            return Ok(());
        }
        let last = entry.run.as_ref().map(super::super::jobs::OpenRun::view);
        let before = entry.job.state.as_str();
        let Written { job, run, claim } = plan.commit(&self.store).await?;
        if before != job.state.as_str() {
            // A change of state that ends a run belongs to that run.
            tell(&job, run.as_ref().or(entry.run.as_ref()).map(|r| r.run.number), before);
        }
        entry.errors = errors;
        entry.last_run = last.or(entry.last_run.take());
        (entry.job, entry.run, entry.life) = (job, run, decision.life);
        self.act(id, &decision.actions, claim, time);
        self.tell_bringing(id);
        self.changed();
        Ok(())
    }

    fn tell_bringing(&self, id: &JobId) {
        if let Some(entry) = self.jobs.get(id) {
            entry.tell_bringing();
        }
    }

    fn act(&mut self, id: &JobId, actions: &[Action], claim: Option<Claim>, time: Timestamp) {
        for action in actions {
            match action {
                Action::StartEngine => self.start_engine(id, claim.expect("a start has its epoch"), time),
                Action::Cancel => {
                    if let Some(reins) = self.jobs.get(id).and_then(|e| e.reins.as_ref()) {
                        reins.cancel.cancel();
                    }
                }
                Action::SignalFinish => {
                    if let Some(reins) = self.jobs.get(id).and_then(|e| e.reins.as_ref()) {
                        reins.finish.send_replace(true);
                    }
                }
                Action::Forget => self.forget(id),
                Action::OpenRun | Action::CountRestart | Action::SaveFigures | Action::CloseRun { .. } | Action::Emit(..) => {}
            }
        }
    }

    fn start_engine(&mut self, id: &JobId, claim: Claim, time: Timestamp) {
        self.starts += 1;
        let start = self.starts;
        let Some(entry) = self.jobs.get_mut(id) else { return };
        let (report, progress, events) = Report::continuing(entry.figures().carried());
        let (memory, asked) = Memory::new();
        let cancel = CancellationToken::new();
        let (finish, finish_seen) = watch::channel(entry.job.desired == Desired::Finished);
        let JobSpec::Replicate(spec) = &entry.job.spec;
        let (live, mender, control) = Control::new(Live::of(spec));
        let ctx = RunContext {
            job: id.clone(),
            spec: (**spec).clone(),
            claim,
            spool_dir: self.settings.spool_root.join(entry.job.number.to_string()),
            server_id: server_id(self.store.node_id(), entry.job.number),
            limits: self.settings.limits,
            report,
            memory,
            files_dir: self.settings.files_dir.clone(),
            tap: entry.tap.clone(),
            control,
            stragglers: entry.stragglers.clone(),
            outlet: entry.caller.as_ref().map(|c| c.outlet.clone()),
            finish: finish_seen,
            cancel: cancel.clone(),
        };
        entry.mender.send_replace(Some(mender));
        let before = Totals::of(&entry.figures());
        entry.progress = progress.clone();
        entry.reins = Some(Reins { start, since: time, before, cancel, finish, live });
        let number = entry.run.as_ref().map_or(0, |r| r.run.number);
        let predecessor = entry.anew.then(|| Predecessor { store: self.store.clone(), job: id.clone(), job_number: entry.job.number });
        let (said, store, leftovers) = (self.said.clone(), self.store.clone(), self.leftovers.clone());
        let run = drive::Run { start, number, predecessor, ctx, progress, events, said, store, asked, leftovers };
        self.spawn(run);
    }

    fn forget(&mut self, id: &JobId) {
        let Some(entry) = self.jobs.get(id) else { return };
        let keep = entry.deletion.as_ref().is_some_and(|(keep, _)| *keep);
        let (leftovers, id) = (self.leftovers.clone(), id.clone());
        let JobSpec::Replicate(spec) = entry.job.spec.clone();
        let number = entry.job.number;
        let never_ran = entry.run.is_none() && entry.last_run.is_none();
        self.forgets.spawn(async move {
            if keep || never_ran {
                return (id, Ok(Forgotten::Gone));
            }
            let forgotten = leftovers.forget(&id, number, &spec).await;
            (id, forgotten)
        });
    }

    pub(super) async fn said(&mut self, said: Said) {
        let Said { job, start, what } = said;
        let current = self.jobs.get(&job).and_then(|e| e.reins.as_ref()).is_some_and(|r| r.start == start);
        match what {
            What::State(state) if current => self.happened(&job, Event::Seen(state)).await,
            What::Busy(what) if current => self.happened(&job, Event::Busy(what)).await,
            What::State(_) | What::Busy(_) => {}
            What::Anew => {
                if let Some(entry) = self.jobs.get_mut(&job) {
                    entry.anew = false;
                }
            }
            What::Event(event) => {
                let Some(entry) = self.jobs.get(&job) else { return };
                let mut plan = Plan::new(now(), entry.job.clone(), entry.run.clone());
                plan.emit_on(event.side, event.kind, &event.message);
                if let Err(e) = plan.commit(&self.store).await {
                    tracing::error!(job.id = %job, error = %e, "an event of the job could not be recorded");
                }
            }
        }
    }

    pub(super) async fn done(&mut self, done: Done) {
        // What it said before it ended comes first.
        while let Ok(said) = self.heard.try_recv() {
            Box::pin(self.said(said)).await;
        }
        let Done { job, start, result } = done;
        let Some(entry) = self.jobs.get_mut(&job) else { return };
        let Some(reins) = entry.reins.take_if(|r| r.start == start) else { return };
        self.comparisons.cut_off(&job);
        let time = now();
        let end = match result {
            Ok(Outcome::Complete) => End::Complete,
            Ok(Outcome::Cancelled) => End::Cancelled,
            Err(error) => {
                let JobSpec::Replicate(spec) = &entry.job.spec;
                let brought = Totals::of(&entry.figures()).brought(reins.before, spec.kind != ReplicateKind::Subscription);
                entry.attempt = retry::attempts(entry.attempt, time.duration_since(reins.since), brought);
                let attempt = entry.attempt.saturating_sub(1);
                let luck = f64::from(time.subsec_nanosecond() / 1000 % 1000) / 1000.0;
                // What follows is logged once, with the change of state.
                tracing::debug!(job.id = %job, code = error.code, kind = ?error.kind, error = %error, "the engine ended with an error");
                End::Failed(retry::judge(&error, attempt, time, luck))
            }
        };
        if !matches!(end, End::Failed(_)) {
            entry.attempt = 0;
        }
        self.happened(&job, Event::Ended(end)).await;
    }
}

/// What is known of errors after a decision: a state that says one makes it the last; working again gets over it. `busy`: what it
/// waits for is work.
fn errors_after(before: &Errors, state: &JobState, decision: &Decision, busy: bool, time: Timestamp) -> Errors {
    let mut errors = before.clone();
    errors.restarts += decision.actions.iter().filter(|a| **a == Action::CountRestart).count() as u64;
    let said = match &decision.state {
        same if same == state => None,
        JobState::Waiting(message) if !busy => Some(message),
        JobState::Stalled(message) => Some(message),
        JobState::Failed(failure) => Some(&failure.message),
        working => {
            if working.is_active() && errors.last.is_some() && errors.recovered_at.is_none() {
                errors.recovered_at = Some(time);
            }
            None
        }
    };
    if let Some(message) = said {
        (errors.last, errors.last_at, errors.recovered_at) = (Some(message.clone()), Some(time), None);
    }
    errors
}

/// Turns the decision into rows.
fn outline(plan: &mut Plan, decision: &Decision, progress: &Progress, start: Start, time: Timestamp) {
    let Decision { desired, state, life: _, actions } = decision;
    plan.job.desired = *desired;
    if plan.job.state != *state {
        if plan.job.state.as_str() != state.as_str() {
            plan.job.state_since = time;
        }
        plan.job.state = state.clone();
    }
    for action in actions {
        match action {
            Action::OpenRun => plan.open_run(&start.node, progress),
            Action::StartEngine => plan.engine_starts(start.clone()),
            Action::CountRestart => plan.count_restart(),
            Action::SaveFigures => plan.save_figures(progress),
            Action::CloseRun { state, error } => plan.close_run(*state, error, progress),
            Action::Emit(kind, message) => plan.emit(*kind, message),
            Action::Cancel | Action::SignalFinish | Action::Forget => {}
        }
    }
}

fn tell(job: &Job, run: Option<u64>, before: &str) {
    let Job { id, state, .. } = job;
    match state {
        JobState::Failed(failure) => {
            tracing::error!(job.id = %id, run, from = before, code = failure.code, error = failure.message, hint = failure.hint, "job failed");
        }
        JobState::Waiting(reason) => tracing::warn!(job.id = %id, run, from = before, reason, "job is waiting"),
        other => tracing::info!(job.id = %id, run, from = before, to = other.as_str(), "job changed state"),
    }
}

/// The id under which a job registers at its source: stable, and far from the small numbers that people give servers.
fn server_id(node: &str, job_number: u64) -> u32 {
    const FLOOR: u32 = 1 << 20;
    let digest = Sha256::digest(format!("{node}/{job_number}"));
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    FLOOR + number % (u32::MAX - FLOOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_takes_its_time_is_no_error() {
        let after = |before: &Errors, state: JobState, busy| {
            let decision = Decision { desired: Desired::Running, state, life: Life::Running, actions: Vec::new() };
            errors_after(before, &JobState::Copying, &decision, busy, Timestamp::UNIX_EPOCH)
        };
        let waits = || JobState::Waiting("a statement runs".into());
        let none = Errors::default();
        assert_eq!(after(&none, waits(), true), none);
        let gone = after(&none, waits(), false);
        assert_eq!((gone.last.as_deref(), gone.recovered_at), (Some("a statement runs"), None));
        assert!(after(&gone, waits(), true).recovered_at.is_some(), "it works again");
    }
}
