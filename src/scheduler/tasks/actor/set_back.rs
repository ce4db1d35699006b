//! A clock that is set back: what was planned by it is planned anew, so that nobody waits for a time that was a mistake.

use super::super::decide;
use super::super::record::{Change, Plan};
use super::super::timetable::Alarm;
use super::Actor;
use crate::model::job::Task;
use jiff::Timestamp;

impl Actor {
    /// After everything that happens, and every few seconds where nothing does.
    pub(super) async fn look_at_the_clock(&mut self) {
        let now = self.now();
        if let Some(by) = decide::set_back(self.seen, now) {
            tracing::warn!(by = %format!("{by:#}"), "the clock was set back; the tasks' next times are told anew");
            self.plan_anew(by, now).await;
            self.seen = now;
        }
        self.seen = self.seen.max(now);
    }

    async fn plan_anew(&mut self, by: jiff::SignedDuration, now: Timestamp) {
        let moved = self.tasks.values().filter_map(|entry| {
            let schedule = entry.schedule.as_ref().filter(|_| entry.enabled())?;
            let next = decide::next_after_set_back(entry.job.next_fire, schedule, by, now);
            (next != entry.job.next_fire).then(|| Task { next_fire: next, ..entry.job.clone() })
        });
        let moved: Vec<Task> = moved.collect();
        let plans = moved.iter().map(|task| Plan { task: Some((task.clone(), Change::Other)), ..Plan::default() }).collect();
        let tasks = match self.write(plans).await {
            Ok(written) => written.into_iter().filter_map(|plan| plan.task).map(|(task, _)| task).collect(),
            Err(e) => {
                // A start reads them anew from the schedules; only the reply to who asks was stored wrong.
                tracing::error!(error = %e, "the tasks' next times could not be stored");
                moved
            }
        };
        for task in tasks {
            let (number, next) = (task.number, task.next_fire);
            if let Some(entry) = self.tasks.get_mut(&number) {
                entry.job = task;
            }
            if let Some(planned) = next {
                self.table.push(planned, Alarm::Fire { task: number, planned });
            }
        }
        // Alarms of the time that is no more would come late by as much: what is open gets all of its time again.
        for (run, open) in &self.runs {
            self.table.push(now + open.deadline, Alarm::Deadline { run: *run });
            if open.stop.get().is_some() {
                self.table.push(now + super::STOPPING, Alarm::Abandon { run: *run });
            }
            if open.closing.is_some() {
                self.table.push(now + super::AGAIN, Alarm::Close { run: *run });
            }
        }
        self.changed();
    }
}
