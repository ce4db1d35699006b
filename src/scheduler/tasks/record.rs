//! A decision's traces on disk: the task's row, its run and the audit line. Fires that come together are one transaction.

use super::decide::Closing;
use crate::model::job::{JobKind, Task, TaskSpec, Trigger};
use crate::model::run::{Counters, Run, RunState};
use crate::store::{self, Db, audit, jobs, runs};
use jiff::Timestamp;

/// What will be written.
#[derive(Default)]
pub(super) struct Plan {
    /// A task with what changed in it; `new` ones get their numbers.
    pub(super) task: Option<(Task, Change)>,
    /// A run that begins with this, and its spec. Those without a task are nobody's.
    pub(super) run: Option<(Run, TaskSpec)>,
    pub(super) audit: Option<audit::Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    New,
    /// Spec or trigger.
    Spec,
    Other,
}

impl Plan {
    pub(super) fn write(&mut self, db: &Db<'_>) -> store::Result<()> {
        let Self { task, run, audit } = self;
        match task {
            Some((task, Change::New)) => jobs::insert(db, task)?,
            Some((task, change)) => jobs::update(db, task, *change == Change::Spec)?,
            None => {}
        }
        if let Some((run, spec)) = run {
            run.job = task.as_ref().map(|(task, _)| task.id.clone());
            runs::insert(db, run, task.as_ref().map(|(task, _)| task.number), spec)?;
        }
        if let Some(audit) = audit {
            if audit.object.is_empty() {
                let task = task.as_ref().map(|(task, _)| task.id.0.clone());
                audit.object = task.or_else(|| run.as_ref().map(|(run, _)| format!("run/{}", run.number))).unwrap_or_default();
            }
            audit::add(db, audit)?;
        }
        Ok(())
    }
}

/// Returns a run that begins now.
pub(super) fn begin(kind: JobKind, name: &str, trigger: Trigger, now: Timestamp, message: String) -> Run {
    Run {
        number: 0,
        job: None,
        kind,
        name: name.to_owned(),
        trigger,
        started: now,
        ended: None,
        state: RunState::Running,
        success: None,
        message,
        error: String::new(),
        counters: None,
        eval_id: uuid::Uuid::new_v4().to_string(),
        create_index: 0,
        modify_index: 0,
    }
}

/// Returns a fire that does not run.
pub(super) fn skip(kind: JobKind, name: &str, trigger: Trigger, now: Timestamp, why: String) -> Run {
    Run { ended: Some(now), state: RunState::Skipped, ..begin(kind, name, trigger, now, why) }
}

/// Closes a run, and counts it in its task.
pub(super) fn close(run: &mut Run, task: Option<&mut Task>, at: Timestamp, closing: &Closing, counters: Option<Counters>) {
    let Closing { state, message, error } = closing;
    run.ended = Some(at);
    run.state = *state;
    // Partial is also a run over symbols of which the source has none: nothing of it failed.
    let is_success = match (state, &counters) {
        (RunState::Completed, _) => true,
        (RunState::Partial, Some(Counters::Bars { counts, .. })) => counts.is_success(),
        _ => false,
    };
    run.success = Some(is_success);
    if !message.is_empty() {
        run.message.clone_from(message);
    }
    run.error.clone_from(error);
    run.counters = counters;
    let Some(task) = task else { return };
    let stats = &mut task.stats;
    stats.runs += 1;
    stats.successes += u64::from(is_success);
    stats.failures += u64::from(matches!(state, RunState::Failed | RunState::Interrupted));
    stats.data_count += run.counters.as_ref().map_or(0, Counters::data_count);
    stats.duration_ms += u64::try_from(at.duration_since(run.started).as_millis()).unwrap_or(0);
    stats.last_run = Some(run.started);
    stats.last_result = Some(state.as_str().to_owned());
}
