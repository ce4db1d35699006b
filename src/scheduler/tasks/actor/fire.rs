//! Times that have come.

use super::super::decide::{self, Verdict};
use super::super::record::{self, Change, Plan};
use super::super::timetable::Alarm;
use super::{AGAIN, Actor};
use crate::model::job::Trigger;
use crate::model::run::{Run, RunState};
use jiff::{SignedDuration, Timestamp};

/// Fires in one transaction: thousands that come at once must not wait for the last of them.
const BATCH: usize = 256;
/// A start that is later than this is told in the run's message.
const LATE: SignedDuration = SignedDuration::from_secs(60);

impl Actor {
    pub(super) async fn fire(&mut self, tasks: Vec<u64>, now: Timestamp) {
        for batch in tasks.chunks(BATCH) {
            let plans: Vec<Plan> = batch.iter().filter_map(|task| self.plan(*task, now)).collect();
            match self.write(plans).await {
                Ok(written) => written.into_iter().for_each(|plan| self.fired(plan)),
                Err(e) => {
                    tracing::error!(error = %e, tasks = batch.len(), "the state database does not take writes; the tasks begin later");
                    for task in batch {
                        if let Some(planned) = self.tasks.get(task).and_then(|e| e.job.next_fire) {
                            self.table.push(now + AGAIN, Alarm::Fire { task: *task, planned });
                        }
                    }
                }
            }
        }
        if !tasks.is_empty() {
            self.changed();
        }
    }

    fn plan(&self, task: u64, now: Timestamp) -> Option<Plan> {
        let entry = self.tasks.get(&task)?;
        let schedule = entry.schedule.as_ref()?;
        let due = decide::due(entry.job.next_fire?, entry.active, schedule, now, entry.grace(&self.settings));
        let mut job = entry.job.clone();
        job.next_fire = due.next;
        let local = due.planned.to_zoned(schedule.zone().clone()).datetime();
        let (kind, name, trigger) = (job.kind, &job.name, job.trigger.clone());
        let run = match due.verdict {
            Verdict::Start => {
                job.stats.last_run = Some(now);
                let late = now.duration_since(due.planned) > LATE;
                let message = if late { format!("planned for {local}, late because the daemon was not there") } else { String::new() };
                record::begin(kind, name, trigger, now, message)
            }
            Verdict::Overlap { run } => record::skip(kind, name, trigger, now, format!("planned for {local}: run {run} was still active")),
            Verdict::Missed => {
                record::skip(kind, name, trigger, now, format!("planned for {local}: the daemon was not there, and it is too late now"))
            }
        };
        Some(Plan { run: Some((run, job.spec.clone())), task: Some((job, Change::Other)), audit: None })
    }

    fn fired(&mut self, plan: Plan) {
        let Plan { task: Some((job, _)), run: Some((run, spec)), audit: _ } = plan else { return };
        let number = job.number;
        tell(&run);
        let Some(entry) = self.tasks.get_mut(&number) else { return };
        entry.job = job;
        if let Some(planned) = entry.job.next_fire {
            self.table.push(planned, Alarm::Fire { task: number, planned });
        }
        if run.state == RunState::Running {
            self.begin(run, spec, Some(number));
        }
    }
}

fn tell(run: &Run) {
    let Run { number, job, name, state, message, trigger, .. } = run;
    let job = job.as_ref().map(|job| tracing::field::display(&job.0));
    let by = if matches!(trigger, Trigger::Manual) { "told to" } else { "its time" };
    match state {
        RunState::Skipped => tracing::warn!(run = number, job.id = job, task = name, reason = message, "the task's fire is skipped"),
        _ => tracing::info!(run = number, job.id = job, task = name, by, "the task begins"),
    }
}
