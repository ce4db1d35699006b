//! The event loop that owns every task and every open run. It turns commands, times and ends of work into decisions
//! (`decide`), records them (`record`), and then acts.

mod close;
mod command;
mod fire;
mod set_back;
mod target;
#[cfg(test)]
pub(super) mod tests;

use super::cause::Listed;
use super::clock::Clock;
use super::decide::{End, Stop};
use super::entry::{Entry, Open};
use super::handle::{Message, Tasks};
use super::record::Plan;
use super::timetable::{Alarm, Timetable};
use super::work::{self, Assignment};
use super::worker::{Hands, HostWork, Worker};
use super::{Settings, view::TaskView};
use crate::bars::Desk;
use crate::model::job::{Origin, Task, TaskSpec};
use crate::model::run::Run;
use crate::scheduler::policy::Policy;
use crate::scheduler::{Error, Result};
use crate::store::{Store, jobs, runs};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// Between two times at which the counters of open runs are stored.
const SAVE_EVERY: Duration = Duration::from_secs(5);
/// How long a run that was told to stop has for it.
const STOPPING: SignedDuration = SignedDuration::from_secs(15);
/// When the store does not take writes.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

pub(super) struct Actor {
    store: Store,
    settings: Settings,
    clock: Clock,
    worker: Worker,
    tasks: BTreeMap<u64, Entry>,
    runs: BTreeMap<u64, Open>,
    table: Timetable,
    /// The latest time that the clock has told.
    seen: Timestamp,
    work: JoinSet<End>,
    /// Which run a task of the runtime belongs to, for one that was dropped and says nothing any more.
    workers: HashMap<Id, u64>,
    slots: Arc<Semaphore>,
    changes: watch::Sender<u64>,
    stopping: Option<Vec<oneshot::Sender<()>>>,
}

/// Loads the tasks, and returns the handle and the loop's task. Runs that a dead daemon left are closed before.
pub async fn start(store: Store, settings: Settings, hosts: HostWork, bars: Desk, policy: Policy) -> Result<(Tasks, JoinHandle<()>)> {
    start_with(store, settings, Worker::Real(Arc::new(Hands { hosts, bars, policy })), Clock::System).await
}

async fn start_with(store: Store, settings: Settings, worker: Worker, clock: Clock) -> Result<(Tasks, JoinHandle<()>)> {
    let (inbox, messages) = mpsc::channel(64);
    let (changes, seen) = watch::channel(0);
    let handle = Tasks::new(inbox, seen, store.clone(), worker.clone(), settings.zone.clone());
    let mut actor = Actor {
        slots: Arc::new(Semaphore::new(settings.concurrent.max(1))),
        store,
        settings,
        seen: clock.now(),
        clock,
        worker,
        tasks: BTreeMap::new(),
        runs: BTreeMap::new(),
        table: Timetable::default(),
        work: JoinSet::new(),
        workers: HashMap::new(),
        changes,
        stopping: None,
    };
    actor.boot().await?;
    Ok((handle, tokio::spawn(actor.run(messages))))
}

/// Where a task's symbols are listed.
fn listed(task: &Task) -> Listed {
    let TaskSpec::Bars(spec) = &task.spec else { return Listed::Nowhere };
    let is_plain = |name: &str| !name.starts_with('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    match (&spec.symbols_file, task.origin) {
        (Some(file), _) => Listed::File(file.display().to_string()),
        (None, _) if spec.symbols.is_none() => Listed::Nowhere,
        (None, Origin::Config) => Listed::File("[[dms.tasks]] of the configuration file".to_owned()),
        (None, _) if is_plain(&task.name) => Listed::Task(task.name.clone()),
        // One that a shell would take apart.
        (None, _) => Listed::Task(task.number.to_string()),
    }
}

impl Actor {
    /// A next fire that is over by now was missed: it is due, like any other.
    async fn boot(&mut self) -> Result<()> {
        let now = self.clock.now();
        for job in self.store.read(jobs::tasks).await? {
            let mut entry = Entry::new(job, &self.settings.zone);
            if !entry.problem.is_empty() {
                tracing::error!(task = entry.job.name, problem = entry.problem, "the task's times cannot be told; it does not run");
            }
            // The daemon's zone may be another one now.
            if entry.schedule.is_none() || !entry.enabled() || entry.job.next_fire.is_none_or(|next| next > now) {
                entry.job.next_fire = entry.next(now);
            }
            self.arm(&entry);
            self.tasks.insert(entry.job.number, entry);
        }
        Ok(())
    }

    fn arm(&mut self, entry: &Entry) {
        if let Some(planned) = entry.job.next_fire {
            self.table.push(planned, Alarm::Fire { task: entry.job.number, planned });
        }
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Message>) {
        let mut save = tokio::time::interval(SAVE_EVERY);
        save.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let clock = self.clock.clone();
            let next = self.table.next();
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => Box::pin(self.message(message)).await,
                    // Every handle is gone: nobody can ask for a stop any more.
                    None => self.stop(),
                },
                Some(done) = self.work.join_next_with_id(), if !self.work.is_empty() => {
                    let (id, end) = match done {
                        Ok(ended) => ended,
                        // It was dropped: a panic has been caught inside.
                        Err(e) => (e.id(), End::Abandoned),
                    };
                    if let Some(run) = self.workers.remove(&id) {
                        Box::pin(self.ended(run, end)).await;
                    }
                }
                () = clock.until(next) => Box::pin(self.alarm()).await,
                _ = save.tick() => self.save_counters().await,
            }
            self.look_at_the_clock().await;
            if let Some(waiting) = &mut self.stopping
                && self.runs.is_empty()
            {
                // Whoever waited may be gone; the loop ends all the same.
                for reply in waiting.drain(..) {
                    let _ = reply.send(());
                }
                return;
            }
        }
    }

    async fn alarm(&mut self) {
        let now = self.clock.now();
        let mut fires = Vec::new();
        while let Some(alarm) = self.table.due(now) {
            match alarm {
                Alarm::Fire { task, planned } => {
                    if self.stopping.is_none() && self.tasks.get(&task).is_some_and(|e| e.job.next_fire == Some(planned)) {
                        fires.push(task);
                    }
                }
                Alarm::Deadline { run } => {
                    if let Some(limit) = self.runs.get(&run).map(|open| open.deadline) {
                        self.stop_run(run, Stop::Deadline(limit));
                    }
                }
                Alarm::Abandon { run } => {
                    if let Some(open) = self.runs.get(&run).filter(|open| open.closing.is_none()) {
                        tracing::warn!(run, "the run does not stop; it is dropped");
                        open.work.abort();
                    }
                }
                Alarm::Close { run } => self.close(run).await,
            }
        }
        self.fire(fires, now).await;
        let (tasks, runs) = (&self.tasks, &self.runs);
        self.table.tidy(tasks.len() + 3 * runs.len(), |alarm| match alarm {
            Alarm::Fire { task, planned } => tasks.get(task).is_some_and(|e| e.job.next_fire == Some(*planned)),
            Alarm::Deadline { run } | Alarm::Abandon { run } | Alarm::Close { run } => runs.contains_key(run),
        });
    }

    /// Writes plans in one transaction and returns them with their numbers.
    async fn write(&self, mut plans: Vec<Plan>) -> Result<Vec<Plan>> {
        let written = self.store.write(move |db| {
            plans.iter_mut().try_for_each(|plan| plan.write(db))?;
            Ok(plans)
        });
        Ok(written.await?)
    }

    /// Begins the work of a run whose row is on disk.
    fn begin(&mut self, run: Run, spec: TaskSpec, task: Option<u64>) {
        let (counters, seen) = watch::channel(None);
        let (cancel, why) = (CancellationToken::new(), Arc::new(OnceLock::new()));
        let (number, started) = (run.number, run.started);
        let job = run.job.clone();
        let listed = task.and_then(|task| self.tasks.get(&task)).map(|entry| listed(&entry.job)).unwrap_or_default();
        let assignment = Assignment {
            run: number,
            job,
            spec,
            listed,
            store: self.store.clone(),
            slots: Arc::clone(&self.slots),
            cancel: cancel.clone(),
            why: Arc::clone(&why),
            counters,
        };
        let work = self.work.spawn(work::work(self.worker.clone(), assignment));
        self.workers.insert(work.id(), number);
        let of_task = task.and_then(|task| self.tasks.get(&task)).map(|entry| entry.deadline(&self.settings));
        let deadline = of_task.unwrap_or(self.settings.deadline);
        self.table.push(started + deadline, Alarm::Deadline { run: number });
        if let Some(entry) = task.and_then(|task| self.tasks.get_mut(&task)) {
            entry.active = Some(number);
        }
        let open = Open { run, task, deadline, cancel, stop: why, counters: seen, saved: None, work, closing: None, waiting: Vec::new() };
        self.runs.insert(number, open);
    }

    /// Tells a run to stop, once: the first reason stays.
    fn stop_run(&mut self, run: u64, why: Stop) {
        let Some(open) = self.runs.get_mut(&run).filter(|open| open.stop.get().is_none() && open.closing.is_none()) else { return };
        tracing::info!(run, reason = %why, "the run is told to stop");
        // None was set before, and nobody else sets it.
        let _ = open.stop.set(why);
        open.cancel.cancel();
        self.table.push(self.clock.now() + STOPPING, Alarm::Abandon { run });
    }

    fn stop(&mut self) {
        if self.stopping.is_none() {
            self.stopping = Some(Vec::new());
            for run in self.runs.keys().copied().collect::<Vec<_>>() {
                self.stop_run(run, Stop::Shutdown);
            }
        }
    }

    /// Stores what open runs have counted, where that has moved: a run that is interrupted shows how far it was.
    async fn save_counters(&mut self) {
        let mut moved = Vec::new();
        for open in self.runs.values_mut() {
            let counters = open.counters.borrow().clone();
            if counters != open.saved
                && let Some(counters) = &counters
            {
                moved.push((open.run.number, counters.clone()));
            }
            open.saved = counters;
        }
        if moved.is_empty() {
            return;
        }
        let written = self.store.write(move |db| moved.iter().try_for_each(|(run, counters)| runs::put_counters(db, *run, counters)));
        if let Err(e) = written.await {
            tracing::warn!(error = %e, "the counters of runs could not be stored");
        }
    }

    fn changed(&self) {
        self.changes.send_modify(|n| *n += 1);
    }

    fn view(&self, task: u64) -> Result<TaskView> {
        let entry = self.tasks.get(&task).ok_or_else(|| Error::NotFound(format!("task {task}")))?;
        Ok(entry.view(&self.runs, &self.settings.zone))
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
