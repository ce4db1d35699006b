//! The cheap handle through which everybody else reaches the tasks' event loop.

use super::entry::schedule;
use super::view::{ActiveRun, TaskView};
use super::worker::Worker;
use crate::bars::Ending;
use crate::bars::Would;
use crate::model::bars::BarsTarget;
use crate::model::job::{Desired, JobKind, Origin, Task, TaskLimits, TaskSpec, Trigger};
use crate::model::run::Run;
use crate::scheduler::handle::{By, Selector};
use crate::scheduler::{Error, Refused, Result};
use crate::store::Store;
use tokio::sync::{mpsc, oneshot, watch};

/// What a new task is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    pub name: String,
    pub spec: TaskSpec,
    pub trigger: Trigger,
    pub limits: TaskLimits,
    pub enabled: bool,
    pub origin: Origin,
    pub description: String,
    /// None: the caller's name.
    pub created_by: Option<String>,
}

/// A change of a task; None keeps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub spec: Option<TaskSpec>,
    pub trigger: Option<Trigger>,
    pub limits: Option<TaskLimits>,
    pub enabled: Option<bool>,
}

/// A run that belongs to no task.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    pub name: String,
    pub spec: TaskSpec,
}

type Reply<T> = oneshot::Sender<Result<T>>;

/// Whether what is asked for is only judged: everything is refused that would be, and nothing is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    Yes,
    No,
}

impl Trial {
    /// As requests have it.
    pub fn of(dry_run: bool) -> Self {
        if dry_run { Self::Yes } else { Self::No }
    }
}

pub(super) enum Message {
    Create(Box<NewTask>, Trial, By, Reply<TaskView>),
    Update(Selector, Box<TaskChange>, Option<u64>, Trial, By, Reply<TaskView>),
    Delete(Selector, Trial, By, Reply<Task>),
    Get(Selector, Reply<TaskView>),
    List(Option<JobKind>, Reply<Vec<TaskView>>),
    Active(Reply<Vec<ActiveRun>>),
    Run(Selector, By, Reply<Run>),
    Start(Box<NewRun>, By, Reply<Run>),
    Cancel(u64, By, Reply<()>),
    AddTarget(Box<BarsTarget>, By, Reply<()>),
    RemoveTarget(String, Trial, By, Reply<(BarsTarget, Ending)>),
    SwitchTarget(String, bool, Trial, By, Reply<(BarsTarget, Ending)>),
    Wait(u64, oneshot::Sender<()>),
    Stop(oneshot::Sender<()>),
}

/// Clones share the event loop.
#[derive(Clone)]
pub struct Tasks {
    inbox: mpsc::Sender<Message>,
    changes: watch::Receiver<u64>,
    store: Store,
    worker: Worker,
    zone: String,
}

impl Tasks {
    pub(super) fn new(inbox: mpsc::Sender<Message>, changes: watch::Receiver<u64>, store: Store, worker: Worker, zone: String) -> Self {
        Self { inbox, changes, store, worker, zone }
    }

    async fn ask<T>(&self, message: impl FnOnce(Reply<T>) -> Message) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(message(reply)).await.map_err(|_| Error::Stopping)?;
        answer.await.map_err(|_| Error::Stopping)?
    }

    /// Stores a new task; an enabled one has its next time from then on.
    pub async fn create(&self, new: NewTask, by: By) -> Result<TaskView> {
        self.create_or_try(new, Trial::No, by).await
    }

    /// The same, or its judgement alone: the task as it would be.
    pub async fn create_or_try(&self, mut new: NewTask, trial: Trial, by: By) -> Result<TaskView> {
        judge_name(&new.name, new.origin)?;
        self.judge(new.spec.kind(), &new.trigger)?;
        // Whoever read the file has judged what it has.
        if new.origin != Origin::Config {
            new.spec = self.worker.settle(new.spec).await?;
        }
        self.ask(|reply| Message::Create(Box::new(new), trial, by, reply)).await
    }

    /// Changes a task. A run that is under way ends with its old settings. `if_index` is compare-and-set on
    /// `job_modify_index`. Refused (`task_of_file`) where the configuration file says what the task is; whether it is enabled is
    /// the operator's all the same.
    pub async fn update(&self, task: &Selector, change: TaskChange, if_index: Option<u64>, by: By) -> Result<TaskView> {
        self.update_or_try(task, change, if_index, Trial::No, by).await
    }

    /// The same, or its judgement alone: the task as it would be.
    pub async fn update_or_try(
        &self,
        task: &Selector,
        mut change: TaskChange,
        if_index: Option<u64>,
        trial: Trial,
        by: By,
    ) -> Result<TaskView> {
        let is_switch = change == TaskChange { enabled: change.enabled, ..TaskChange::default() };
        if !is_switch {
            self.refuse_of_file(task).await?;
        }
        self.judge_change(task, &change).await?;
        if let Some(spec) = change.spec.take() {
            change.spec = Some(self.worker.settle(spec).await?);
        }
        self.ask(|reply| Message::Update(task.clone(), Box::new(change), if_index, trial, by, reply)).await
    }

    /// The next start would undo it without a word.
    async fn refuse_of_file(&self, task: &Selector) -> Result<()> {
        let Task { name, origin, .. } = self.get(task).await?.job;
        if origin != Origin::Config {
            return Ok(());
        }
        let message = format!("the task {name} stands in the configuration file ([[dms.tasks]]), which every start follows");
        let hint = "change it in the file and restart the daemon; until then `syncline tasks disable` holds it up";
        Err(Refused::new("task_of_file", message, hint).into())
    }

    /// Changes a task as [`Self::update`] does, also one of the file: it is the file's own word, judged by whoever read it.
    pub async fn settle(&self, task: &Selector, change: TaskChange, by: By) -> Result<TaskView> {
        self.judge_change(task, &change).await?;
        self.ask(|reply| Message::Update(task.clone(), Box::new(change), None, Trial::No, by, reply)).await
    }

    /// Says what is wrong with a change in itself.
    async fn judge_change(&self, task: &Selector, change: &TaskChange) -> Result<()> {
        if let Some(name) = &change.name {
            judge_name(name, self.get(task).await?.job.origin)?;
        }
        if let Some(trigger) = &change.trigger {
            let kind = match &change.spec {
                Some(spec) => spec.kind(),
                None => self.get(task).await?.job.kind,
            };
            self.judge(kind, trigger)?;
        }
        Ok(())
    }

    /// Enables or disables a task; again is no change.
    pub async fn enable(&self, task: &Selector, enabled: bool, by: By) -> Result<TaskView> {
        self.update(task, TaskChange { enabled: Some(enabled), ..TaskChange::default() }, None, by).await
    }

    /// Removes a task; its runs stay, and one that is under way ends as it would have. Refused (`task_of_file`) as an update is.
    pub async fn delete(&self, task: &Selector, trial: Trial, by: By) -> Result<Task> {
        self.refuse_of_file(task).await?;
        self.ask(|reply| Message::Delete(task.clone(), trial, by, reply)).await
    }

    /// Removes a task, also one that the file had.
    pub async fn drop_of_file(&self, task: &Selector, by: By) -> Result<Task> {
        self.ask(|reply| Message::Delete(task.clone(), Trial::No, by, reply)).await
    }

    pub async fn get(&self, task: &Selector) -> Result<TaskView> {
        self.ask(|reply| Message::Get(task.clone(), reply)).await
    }

    /// Returns the living tasks of a kind (None: all), by number.
    pub async fn list(&self, kind: Option<JobKind>) -> Result<Vec<TaskView>> {
        self.ask(|reply| Message::List(kind, reply)).await
    }

    /// Counts those of a kind that run at their times, or when they are told to.
    pub async fn enabled(&self, kind: JobKind) -> Result<u64> {
        let tasks = self.list(Some(kind)).await?;
        Ok(tasks.iter().filter(|task| task.job.desired == Desired::Running).count() as u64)
    }

    /// Returns the runs that have not ended.
    pub async fn active(&self) -> Result<Vec<ActiveRun>> {
        self.ask(Message::Active).await
    }

    /// Runs a task now, enabled or not. Refused (`task_running`) while it runs.
    pub async fn run(&self, task: &Selector, by: By) -> Result<Run> {
        self.ask(|reply| Message::Run(task.clone(), by, reply)).await
    }

    /// Begins a run that belongs to no task. NotFound where what it is about is nowhere to be found.
    pub async fn start(&self, new: NewRun, by: By) -> Result<Run> {
        let new = self.judge_run(new).await?;
        self.ask(|reply| Message::Start(Box::new(new), by, reply)).await
    }

    /// Says what [`Self::start`] would refuse; returns what it would begin.
    pub async fn judge_run(&self, new: NewRun) -> Result<NewRun> {
        judge_run_name(&new.name)?;
        let new = NewRun { spec: self.worker.settle(new.spec).await?, ..new };
        self.worker.know(&new.spec).await?;
        Ok(new)
    }

    /// Says what a run that was judged would do to bars, where it reads all of them; takes as long as these reads.
    pub async fn would(&self, new: &NewRun) -> Result<Option<Vec<Would>>> {
        self.worker.would(&new.spec).await
    }

    /// Tells a run to stop. Refused (`run_ended`) where it has.
    pub async fn cancel(&self, run: u64, by: By) -> Result<()> {
        self.ask(|reply| Message::Cancel(run, by, reply)).await
    }

    /// Returns when the run has ended and that is on disk; at once if it had.
    pub async fn wait(&self, run: u64) -> Result<()> {
        let (reply, ended) = oneshot::channel();
        self.inbox.send(Message::Wait(run, reply)).await.map_err(|_| Error::Stopping)?;
        ended.await.map_err(|_| Error::Stopping)
    }

    /// Asks a backup, a slave or the master whether it answers; returns what it said.
    pub async fn test_target(&self, name: &str) -> Result<String> {
        self.worker.test_target(name).await
    }

    /// Brings bars to another place too, from now on and over restarts. `dry_run` only judges. Also returns why it could not be asked
    /// whether it takes them; empty: it does, or nobody asked.
    pub async fn add_target(&self, target: BarsTarget, dry_run: bool, by: By) -> Result<(BarsTarget, String)> {
        self.worker.check_target(&target).await?;
        let desk = self.worker.desk()?;
        desk.fits(&target)?;
        let problem = if target.enabled { desk.meet(&target).await? } else { String::new() };
        if !dry_run {
            // What is left of an earlier one of its name would pass for what this one has. Not the event loop's work: the bars
            // database may be busy with an import.
            desk.forget_target(&target).await?;
            self.ask(|reply| Message::AddTarget(Box::new(target.clone()), by, reply)).await?;
        }
        Ok((target, problem))
    }

    /// Brings bars to a place no more; returns when nothing is under way there. Its history stays. Refused (`target_of_file`)
    /// where the configuration file says that bars go there.
    pub async fn remove_target(&self, name: &str, trial: Trial, by: By) -> Result<BarsTarget> {
        let (target, ending) = self.ask(|reply| Message::RemoveTarget(name.to_owned(), trial, by, reply)).await?;
        ending.wait().await;
        Ok(target)
    }

    /// Enables or disables a target; again is no change. Refused as removing one is.
    /// One that is enabled is asked as a new one is; returns why it did not answer, too.
    pub async fn enable_target(&self, name: &str, enabled: bool, trial: Trial, by: By) -> Result<(BarsTarget, String)> {
        let mut problem = String::new();
        if enabled {
            let desk = self.worker.desk()?;
            let target = desk.added_target(name)?;
            if !target.enabled {
                self.worker.check_target(&target).await?;
                problem = desk.meet(&target).await?;
            }
        }
        let (target, ending) = self.ask(|reply| Message::SwitchTarget(name.to_owned(), enabled, trial, by, reply)).await?;
        ending.wait().await;
        Ok((target, problem))
    }

    /// Says what is wrong with a trigger.
    pub fn judge(&self, kind: JobKind, trigger: &Trigger) -> Result<()> {
        schedule(kind, trigger, &self.zone).map(drop).map_err(Error::BadCron)
    }

    /// Returns the times of a trigger; none of one that has none.
    pub fn upcoming(&self, kind: JobKind, trigger: &Trigger, after: jiff::Timestamp, count: usize) -> Result<Vec<jiff::Timestamp>> {
        let schedule = schedule(kind, trigger, &self.zone).map_err(Error::BadCron)?;
        Ok(schedule.map(|s| s.upcoming(after, count)).unwrap_or_default())
    }

    /// Returns the daemon's time zone, which is that of tasks that name none.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        crate::scheduler::cron::zone(&self.zone).unwrap_or_else(|_| jiff::tz::TimeZone::system())
    }

    /// Returns a value that moves with every change of any task or run; counters alone do not move it.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stops every run, records how far each was and ends the event loop.
    pub async fn shutdown(&self) {
        let (reply, done) = oneshot::channel();
        if self.inbox.send(Message::Stop(reply)).await.is_ok() {
            // An error means that the loop ended before it could answer: that is what was asked.
            let _ = done.await;
        }
    }
}

/// Names stand in paths of the API, and in file names of whoever keeps them. Clients of es-sync gave names before there was a
/// rule: theirs are as they were.
fn judge_name(name: &str, origin: Origin) -> Result<()> {
    let is_plain = !name.contains('/') && name.trim() == name && !matches!(name, "." | "..");
    if !is_plain && matches!(origin, Origin::Native | Origin::Config) {
        return Err(bad_name("must be without /, without blanks at either end, and not . or .."));
    }
    judge_run_name(name)
}

fn judge_run_name(name: &str) -> Result<()> {
    let bad = name.trim().is_empty() || name.chars().count() > 200 || name.contains(char::is_control);
    if bad { Err(bad_name("must have 1 to 200 characters, and no control characters")) } else { Ok(()) }
}

fn bad_name(why: &str) -> Error {
    Error::BadField { field: "name", why: why.to_owned() }
}
