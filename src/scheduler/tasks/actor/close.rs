//! The end of a run: recorded with its task's totals in one transaction, tried again until the store takes it.

use super::super::decide::{self, End};
use super::super::handle::NewRun;
use super::super::record;
use super::super::timetable::Alarm;
use super::{AGAIN, Actor};
use crate::model::run::{Run, RunState};
use crate::scheduler::handle::By;
use crate::store::{jobs, runs};

impl Actor {
    pub(super) async fn ended(&mut self, run: u64, end: End) {
        let now = self.now();
        let Some(open) = self.runs.get_mut(&run) else { return };
        let counters = open.counters.borrow().clone();
        open.closing = Some((now, decide::closing(&end, open.stop.get(), counters.as_ref())));
        let eval = open.run.eval_id.clone();
        // Before it is over: whoever waits for its end finds what follows from it.
        if let End::Done { whole: true, then, .. } = end {
            self.follow(run, eval, then).await;
        }
        self.close(run).await;
    }

    async fn follow(&mut self, run: u64, eval: String, then: Vec<NewRun>) {
        for next in then {
            let by = By { who: format!("run {run}"), request_id: String::new() };
            let name = next.name.clone();
            if self.stopping.is_none()
                && let Err(error) = self.start(next, by, Some(eval.clone())).await
            {
                tracing::error!(run, next = name, %error, "a run that follows from this one could not be begun");
            }
        }
    }

    pub(super) async fn close(&mut self, number: u64) {
        let Some(open) = self.runs.get(&number) else { return };
        let Some((at, closing)) = &open.closing else { return };
        let mut run = open.run.clone();
        // A task that was deleted meanwhile keeps the totals that it had.
        let mut job = open.task.and_then(|task| self.tasks.get(&task)).map(|entry| entry.job.clone());
        record::close(&mut run, job.as_mut(), *at, closing, open.counters.borrow().clone());
        let keep = self.settings.keep_runs;
        let written = self.store.write(move |db| {
            runs::update(db, &mut run, 0)?;
            if let Some(job) = &mut job {
                jobs::update(db, job, false)?;
                runs::trim(db, job.number, keep)?;
            }
            Ok((run, job))
        });
        match written.await {
            Ok((run, job)) => {
                tell(&run);
                if let Some(job) = job
                    && let Some(entry) = self.tasks.get_mut(&job.number)
                {
                    entry.job = job;
                    entry.active = None;
                }
                for reply in self.runs.remove(&number).map(|open| open.waiting).unwrap_or_default() {
                    // Whoever waited may be gone.
                    let _ = reply.send(());
                }
                self.changed();
            }
            Err(e) => {
                tracing::error!(run = number, error = %e, "the end of the run could not be recorded");
                self.table.push(self.now() + AGAIN, Alarm::Close { run: number });
            }
        }
    }
}

fn tell(run: &Run) {
    let Run { number, job, name, state, message, error, .. } = run;
    let job = job.as_ref().map(|job| tracing::field::display(&job.0));
    match state {
        RunState::Completed => tracing::info!(run = number, job.id = job, task = name, message, "the run has ended"),
        _ => tracing::warn!(run = number, job.id = job, task = name, state = state.as_str(), message, error, "the run has ended"),
    }
}
