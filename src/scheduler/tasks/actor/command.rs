//! What callers ask for.

use super::super::decide::{self, Stop};
use super::super::entry::{self, Entry, Open, resolve};
use super::super::handle::{Message, NewRun, NewTask, TaskChange, Trial};
use super::super::record::{self, Change, Plan};
use super::super::view::TaskView;
use super::Actor;
use crate::model::job::{Desired, Job, JobId, JobState, JobStats, Task, Trigger};
use crate::model::run::Run;
use crate::scheduler::handle::{By, Selector};
use crate::scheduler::{Error, Refused, Result};
use crate::store::audit;

impl Actor {
    pub(super) async fn message(&mut self, message: Message) {
        // A caller that has gone is not told; what it asked for is done.
        match message {
            Message::Get(task, reply) => drop(reply.send(resolve(&self.tasks, &task).and_then(|n| self.view(n)))),
            Message::List(kind, reply) => {
                let wanted = self.tasks.values().filter(|e| kind.is_none_or(|k| e.job.kind == k));
                drop(reply.send(Ok(wanted.map(|e| e.view(&self.runs, &self.settings.zone)).collect())));
            }
            Message::Active(reply) => drop(reply.send(Ok(self.runs.values().map(Open::view).collect()))),
            Message::Wait(run, reply) => match self.runs.get_mut(&run) {
                Some(open) => open.waiting.push(reply),
                None => drop(reply.send(())),
            },
            Message::Stop(reply) => {
                self.stop();
                if let Some(waiting) = &mut self.stopping {
                    waiting.push(reply);
                }
            }
            Message::AddTarget(_, _, reply) if self.stopping.is_some() => drop(reply.send(Err(Error::Stopping))),
            Message::AddTarget(target, by, reply) => drop(reply.send(self.add_target(*target, by).await)),
            Message::RemoveTarget(name, trial, by, reply) => drop(reply.send(self.remove_target(&name, trial, by).await)),
            Message::SwitchTarget(name, on, trial, by, reply) => drop(reply.send(self.switch_target(&name, on, trial, by).await)),
            Message::Create(_, _, _, reply) if self.stopping.is_some() => drop(reply.send(Err(Error::Stopping))),
            Message::Run(_, _, reply) | Message::Start(_, _, reply) if self.stopping.is_some() => drop(reply.send(Err(Error::Stopping))),
            Message::Create(new, trial, by, reply) => drop(reply.send(self.create(*new, trial, by).await)),
            Message::Update(task, change, index, trial, by, reply) => {
                drop(reply.send(self.update(&task, *change, index, trial, by).await));
            }
            Message::Delete(task, trial, by, reply) => drop(reply.send(self.delete(&task, trial, by).await)),
            Message::Run(task, by, reply) => drop(reply.send(self.run_now(&task, by).await)),
            Message::Start(new, by, reply) => drop(reply.send(self.start(*new, by, None).await)),
            Message::Cancel(run, by, reply) => drop(reply.send(self.cancel(run, by).await)),
        }
    }

    async fn create(&mut self, new: NewTask, trial: Trial, by: By) -> Result<TaskView> {
        let NewTask { name, spec, trigger, limits, enabled, origin, description, created_by } = new;
        let now = self.now();
        let job = Job {
            id: JobId(String::new()),
            number: 0,
            kind: spec.kind(),
            name,
            spec,
            trigger,
            limits,
            desired: if enabled { Desired::Running } else { Desired::Paused },
            origin,
            echo: None,
            description,
            created_by: created_by.unwrap_or_else(|| by.who.clone()),
            created: now,
            updated: now,
            deleted: None,
            create_index: 0,
            modify_index: 0,
            job_modify_index: 0,
            next_fire: None,
            state: state(enabled),
            state_since: now,
            stats: JobStats::default(),
        };
        self.refuse_taken(&job, None)?;
        let mut entry = Entry::new(job, &self.settings.zone);
        entry.job.next_fire = entry.next(now);
        if trial == Trial::Yes {
            return Ok(entry.view(&self.runs, &self.settings.zone));
        }
        let plan = Plan { task: Some((entry.job.clone(), Change::New)), run: None, audit: Some(self.audit("task.create", "", by)) };
        let written = self.write(vec![plan]).await?;
        if let Some(Plan { task: Some((job, _)), .. }) = written.into_iter().next() {
            entry.job = job;
        }
        let number = entry.job.number;
        self.arm(&entry);
        self.tasks.insert(number, entry);
        self.changed();
        self.view(number)
    }

    fn refuse_taken(&self, job: &Task, own: Option<u64>) -> Result<()> {
        let taken = self.tasks.values().any(|e| e.job.kind == job.kind && e.job.name == job.name && Some(e.job.number) != own);
        if taken { Err(Error::Exists(format!("a {} task named {:?} exists already", job.kind.as_str(), job.name))) } else { Ok(()) }
    }

    async fn update(&mut self, task: &Selector, change: TaskChange, if_index: Option<u64>, trial: Trial, by: By) -> Result<TaskView> {
        let number = resolve(&self.tasks, task)?;
        let now = self.now();
        let Some(entry) = self.tasks.get(&number) else { return self.view(number) };
        if let Some(index) = if_index.filter(|i| *i != entry.job.job_modify_index) {
            let now = entry.job.job_modify_index;
            return Err(Error::Exists(format!("task {} was changed meanwhile (index {now}, not {index})", entry.job.name)));
        }
        let TaskChange { name, description, spec, trigger, limits, enabled } = change;
        let mut job = entry.job.clone();
        if let Some(spec) = &spec
            && spec.kind() != job.kind
        {
            return Err(Error::Exists(format!("task {} is of the kind {}; that stays", job.name, job.kind.as_str())));
        }
        job.name = name.unwrap_or(job.name);
        job.description = description.unwrap_or(job.description);
        job.spec = spec.unwrap_or(job.spec);
        job.trigger = trigger.unwrap_or(job.trigger);
        job.limits = limits.unwrap_or(job.limits);
        if let Some(enabled) = enabled {
            job.desired = if enabled { Desired::Running } else { Desired::Paused };
        }
        self.refuse_taken(&job, Some(number))?;
        if job == entry.job {
            return self.view(number);
        }
        let said = match (job.desired == entry.job.desired, job.desired) {
            (true, _) => "task.update",
            (false, Desired::Running) => "task.enable",
            (false, _) => "task.disable",
        };
        let changed = Change::Other;
        let what = |job: &Task| (job.spec.clone(), job.trigger.clone(), job.limits, job.name.clone());
        let changed = if what(&job) == what(&entry.job) { changed } else { Change::Spec };
        job.updated = now;
        if job.desired != entry.job.desired {
            job.state_since = now;
            job.state = state(job.desired == Desired::Running);
        }
        // The new times are known before the old ones go.
        let mut next = Entry {
            schedule: entry::schedule(job.kind, &job.trigger, &self.settings.zone).map_err(Error::BadCron)?,
            job,
            problem: String::new(),
            active: entry.active,
        };
        next.job.next_fire = next.next(now);
        if trial == Trial::Yes {
            return Ok(next.view(&self.runs, &self.settings.zone));
        }
        let plan = Plan { task: Some((next.job, changed)), run: None, audit: Some(self.audit(said, &entry.job.id.0, by)) };
        let written = self.write(vec![plan]).await?;
        if let Some(Plan { task: Some((job, _)), .. }) = written.into_iter().next() {
            next.job = job;
            self.arm(&next);
            self.tasks.insert(number, next);
        }
        self.changed();
        self.view(number)
    }

    async fn delete(&mut self, task: &Selector, trial: Trial, by: By) -> Result<Task> {
        let number = resolve(&self.tasks, task)?;
        let Some(entry) = self.tasks.get(&number) else { return Err(Error::NotFound(format!("task {number}"))) };
        let mut job = entry.job.clone();
        if trial == Trial::Yes {
            return Ok(job);
        }
        (job.deleted, job.next_fire, job.desired) = (Some(self.now()), None, Desired::Paused);
        let plan = Plan { audit: Some(self.audit("task.delete", &job.id.0, by)), task: Some((job.clone(), Change::Other)), run: None };
        self.write(vec![plan]).await?;
        // A run that is under way ends as it would have.
        self.tasks.remove(&number);
        self.changed();
        Ok(job)
    }

    async fn run_now(&mut self, task: &Selector, by: By) -> Result<Run> {
        let number = resolve(&self.tasks, task)?;
        let Some(entry) = self.tasks.get(&number) else { return Err(Error::NotFound(format!("task {number}"))) };
        decide::may_run(&entry.job.name, entry.active)?;
        let now = self.now();
        let mut job = entry.job.clone();
        job.stats.last_run = Some(now);
        let run = record::begin(job.kind, &job.name, Trigger::Manual, now, String::new());
        let audit = Some(self.audit("task.run", &job.id.0, by));
        let plan = Plan { run: Some((run, job.spec.clone())), task: Some((job, Change::Other)), audit };
        self.open(plan, Some(number)).await
    }

    /// Begins a run of nobody's; `eval` is that of the run which it follows from.
    pub(super) async fn start(&mut self, new: NewRun, by: By, eval: Option<String>) -> Result<Run> {
        let NewRun { name, spec } = new;
        let mut run = record::begin(spec.kind(), &name, Trigger::Manual, self.now(), String::new());
        run.eval_id = eval.unwrap_or(run.eval_id);
        let audit = Some(self.audit("run.start", "", by));
        self.open(Plan { run: Some((run, spec)), task: None, audit }, None).await
    }

    async fn open(&mut self, plan: Plan, task: Option<u64>) -> Result<Run> {
        let written = self.write(vec![plan]).await?.into_iter().next();
        let Some(Plan { run: Some((run, spec)), task: job, .. }) = written else {
            return Err(Error::Store(crate::store::Error::io("a run was not written")));
        };
        if let Some((job, _)) = job
            && let Some(entry) = self.tasks.get_mut(&job.number)
        {
            entry.job = job;
        }
        let job = run.job.as_ref().map(|job| tracing::field::display(&job.0));
        tracing::info!(run = run.number, job.id = job, task = run.name, "a run begins because it was asked for");
        self.begin(run.clone(), spec, task);
        self.changed();
        Ok(run)
    }

    async fn cancel(&mut self, run: u64, by: By) -> Result<()> {
        if !self.runs.contains_key(&run) {
            // A run that is not there is another thing than one that is over.
            self.store.read(move |db| crate::store::runs::get(db, run)).await?;
            return Err(Refused::new("run_ended", format!("run {run} has ended"), "").into());
        }
        let who = by.who.clone();
        let audit = self.audit("run.cancel", &format!("run/{run}"), by);
        self.write(vec![Plan { audit: Some(audit), ..Plan::default() }]).await?;
        self.stop_run(run, Stop::Cancelled(who));
        Ok(())
    }

    pub(super) fn audit(&self, action: &'static str, object: &str, by: By) -> audit::Entry {
        let By { who, request_id } = by;
        audit::Entry { time: self.now(), who, action, object: object.to_owned(), request_id, detail: String::new() }
    }
}

/// The stored state of a task is that of its schedule; whether it runs is told by its open run.
fn state(enabled: bool) -> JobState {
    if enabled { JobState::Pending } else { JobState::Paused }
}
