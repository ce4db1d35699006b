//! What callers ask for.

use super::super::caller::Caller;
use super::super::decide::Event;
use super::super::handle::{By, Deletion, NewJob, Selector, Verb};

use super::super::jobs::{Entry, resolve};
use super::super::kept::begins_anew;
use super::super::live::shown_replacement;
use super::super::patrol::Standing;
use super::super::record::Plan;
use super::super::{Error, Refused, Result};
use super::live::same_work;
use super::{Actor, Message, Reply, now};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::job::{Desired, Job, JobId, JobKind, JobSpec, JobState, JobStats, TaskLimits, Trigger};
use crate::model::live::Replacement;
use crate::model::messages::LinesTo;
use crate::model::progress::Progress;
use crate::model::replicate::{ReplicateKind, ReplicateSpec};
use crate::replicate::ddl;
use crate::replicate::sink::Forgotten;
use crate::replicate::tap::Tap;
use crate::store::leftovers::Leftover;
use crate::store::{audit, figures, kept, leftovers, memory, runs};

impl Actor {
    pub(super) async fn message(&mut self, message: Message) {
        // A caller that has gone is not told; what it asked for is done.
        match message {
            Message::Get(job, reply) => drop(reply.send(self.view(&job))),
            Message::List(reply) => {
                let mut views: Vec<_> = self.jobs.values().map(Entry::view).collect();
                views.sort_by_key(|v| v.job.number);
                drop(reply.send(Ok(views)));
            }
            Message::Tap(job, reply) => drop(reply.send(self.tapped(&job))),
            Message::Verification(job, number, reply) => drop(reply.send(self.verification(&job, number).await)),
            Message::CancelVerify(job, by, reply) => drop(reply.send(self.cancel_verify(&job, by).await)),
            Message::Stop(reply) => {
                self.stop().await;
                if let Some(waiting) = &mut self.stopping {
                    waiting.push(reply);
                }
            }
            Message::Create { reply, .. }
            | Message::Update(_, _, _, reply)
            | Message::Verb(_, _, _, reply)
            | Message::Tell(_, _, _, reply)
            | Message::Order { reply, .. }
                if self.stopping.is_some() =>
            {
                drop(reply.send(Err(Error::Stopping)));
            }
            Message::Create { new, number, caller, by, reply } => {
                drop(reply.send(Box::pin(self.create(*new, number, caller, by)).await));
            }
            Message::Update(new, index, by, reply) => drop(reply.send(self.update(*new, index, by).await)),
            Message::Verb(job, verb, by, reply) => drop(reply.send(self.verb(&job, verb, by).await)),
            Message::Tell(job, told, by, reply) => drop(reply.send(self.tell(&job, told, by).await)),
            Message::Order { job, orders, by, reply } => drop(reply.send(self.order(&job, orders, by).await)),
            Message::Delete(job, keep, by, reply) => self.delete(&job, keep, by, reply).await,
            Message::Verify { job, wish, by, reply } => drop(reply.send(self.verify(&job, wish, by).await)),
            Message::Patrol(job, patrol, by, reply) => drop(reply.send(Box::pin(self.set_patrol(&job, patrol, by)).await)),
            Message::Statements(job, number, by, reply) => drop(reply.send(self.statements(&job, number, by).await)),
        }
    }

    pub(super) fn view(&self, job: &Selector) -> Result<super::JobView> {
        let id = resolve(&self.jobs, job)?;
        self.jobs.get(&id).map(Entry::view).ok_or_else(|| Error::NotFound(format!("job {id}")))
    }

    fn tapped(&self, job: &Selector) -> Result<(super::JobView, Tap)> {
        let id = resolve(&self.jobs, job)?;
        let entry = self.jobs.get(&id).ok_or_else(|| Error::NotFound(format!("job {id}")))?;
        Ok((entry.view(), entry.tap.clone()))
    }

    async fn create(&mut self, new: NewJob, number: Option<u64>, caller: Option<Caller>, by: By) -> Result<super::JobView> {
        let NewJob { id, name, mut spec, from_now: _, paused, origin, echo, description } = new;
        refuse_masks(&spec)?;
        if spec.dest.sink.is_callers() != caller.is_some() {
            return Err(Error::Invalid("lines.file: is missing; a job without it is read by whoever creates it".into()));
        }
        self.refuse_taken_file(&id, &spec)?;
        let time = now();
        let wanted = id.clone();
        let last = self.store.read(move |db| kept::last_deleted(db, &wanted)).await?;
        let anew = begins_anew(&spec, last.as_ref(), time);
        if let Some((Job { spec: JobSpec::Replicate(stored), .. }, _)) = last.as_ref().filter(|(_, kept)| *kept && !anew) {
            spec.src.start_gtid.clone_from(&stored.src.start_gtid);
        }
        let job = Job {
            // 0: the next one.
            number: number.unwrap_or(0),
            kind: JobKind::from(spec.kind),
            name,
            spec: JobSpec::Replicate(Box::new(spec)),
            trigger: Trigger::Continuous,
            limits: TaskLimits::default(),
            desired: if paused { Desired::Paused } else { Desired::Running },
            origin,
            echo,
            description,
            created_by: by.who.clone(),
            created: time,
            updated: time,
            deleted: None,
            create_index: 0,
            modify_index: 0,
            job_modify_index: 0,
            next_fire: None,
            state: if paused { JobState::Paused } else { JobState::Pending },
            state_since: time,
            stats: JobStats::default(),
            id: id.clone(),
        };
        let mut plan = Plan::new(time, job, None);
        (plan.new_job, plan.anew) = (true, anew);
        plan.audit(audit_row("job.create", &id, by));
        let written = plan.commit(&self.store).await?;
        let mut entry = Entry::new(written.job, Progress::default());
        entry.anew = anew;
        if let Some(caller) = &caller {
            let (gone, name) = (caller.gone(), (id.clone(), entry.job.number));
            self.callers.spawn(async move {
                gone.cancelled().await;
                name
            });
        }
        entry.caller = caller;
        self.jobs.insert(id.clone(), entry);
        self.changed();
        // The job is stored; should its start not be recorded, it backs off and begins later.
        self.happened(&id, Event::Boot).await;
        self.view(&Selector::Id(id))
    }

    async fn update(&mut self, new: NewJob, if_index: Option<u64>, by: By) -> Result<super::JobView> {
        let NewJob { id, name, mut spec, from_now: _, paused: _, origin: _, echo, description } = new;
        let entry = self.jobs.get(&id).ok_or_else(|| Error::NotFound(format!("job {:?}", id.0)))?;
        if let Some(index) = if_index.filter(|i| *i != entry.job.job_modify_index) {
            return Err(Error::Exists(format!("job {id} was changed meanwhile (index {}, not {index})", entry.job.job_modify_index)));
        }
        if name != entry.job.name || JobKind::from(spec.kind) != entry.job.kind {
            return Err(Error::Exists(format!("job {id} is the {} {:?}; name and kind stay", entry.job.kind.as_str(), entry.job.name)));
        }
        let JobSpec::Replicate(stored) = &entry.job.spec;
        keep_ends(&spec, stored)?;
        self.refuse_taken_file(&id, &spec)?;
        keep_secrets(&mut spec, stored)?;
        if entry.run.is_some() || entry.last_run.is_some() {
            // Where it began is behind it: saved progress wins.
            spec.src.start_gtid.clone_from(&stored.src.start_gtid);
        }
        let spec = JobSpec::Replicate(Box::new(spec));
        if spec == entry.job.spec && description == entry.job.description && echo == entry.job.echo {
            return self.view(&Selector::Id(id));
        }
        let audit = audit_row("job.update", &id, by);
        let JobSpec::Replicate(new) = &spec;
        let documents = entry.decided(new);
        if same_work(new, stored) {
            let edit = |plan: &mut Plan| {
                (plan.job.spec, plan.job.description, plan.job.echo) = (spec, description, echo);
                plan.documents = documents;
            };
            self.follow(&id, audit, edit).await?;
            return self.view(&Selector::Id(id));
        }
        let edit = |plan: &mut Plan| {
            (plan.job.spec, plan.job.description, plan.job.echo) = (spec, description, echo);
            plan.documents = documents;
            plan.job.updated = now();
            plan.spec_changed = true;
        };
        Box::pin(self.apply(&id, Event::Update, Some(audit), edit)).await?;
        self.view(&Selector::Id(id))
    }

    /// Two jobs do not write to one file.
    fn refuse_taken_file(&self, id: &JobId, spec: &ReplicateSpec) -> Result<()> {
        let file = |spec: &ReplicateSpec| match &spec.dest.sink.lines()?.to {
            LinesTo::File(name) => Some(name.clone()),
            LinesTo::Caller => None,
        };
        let Some(name) = file(spec) else { return Ok(()) };
        let writes = |entry: &&Entry| {
            let JobSpec::Replicate(other) = &entry.job.spec;
            entry.job.id != *id && file(other).as_ref() == Some(&name)
        };
        match self.jobs.values().find(writes) {
            Some(other) => Err(Error::Exists(format!("file {} is written by the job {}", name.as_str(), other.job.id))),
            None => Ok(()),
        }
    }

    async fn verb(&mut self, job: &Selector, verb: Verb, by: By) -> Result<super::JobView> {
        let id = resolve(&self.jobs, job)?;
        let (event, action) = match verb {
            Verb::Pause => (Event::Pause, "job.pause"),
            Verb::Resume => (Event::Resume, "job.resume"),
            Verb::Finish(_) => (Event::Finish, "job.finish"),
            Verb::Retry => (Event::Retry, "job.retry"),
        };
        let edit = |plan: &mut Plan| {
            if let Verb::Finish(when) = verb {
                plan.documents = when.documents();
            }
        };
        Box::pin(self.apply(&id, event, Some(audit_row(action, &id, by)), edit)).await?;
        match verb {
            Verb::Retry => self.again(&id),
            // Also where it was told to before: how is told anew.
            Verb::Finish(_) => self.tell_finish(&id),
            Verb::Pause | Verb::Resume => {}
        }
        self.view(&Selector::Id(id))
    }

    async fn delete(&mut self, job: &Selector, keep: bool, by: By, reply: Reply<Deletion>) {
        let id = match resolve(&self.jobs, job) {
            Ok(id) => id,
            Err(e) => return drop(reply.send(Err(e))),
        };
        if let Some(entry) = self.jobs.get_mut(&id) {
            let (kept, waiting) = entry.deletion.get_or_insert_with(|| (keep, Vec::new()));
            *kept = *kept && keep;
            waiting.push(reply);
        }
        let audit = audit_row("job.delete", &id, by);
        self.comparisons.cancel(&id);
        if let Err(e) = Box::pin(self.apply(&id, Event::Delete, Some(audit), |_| {})).await
            && let Some((_, mut waiting)) = self.jobs.get_mut(&id).and_then(|entry| entry.deletion.take())
            && let Some(reply) = waiting.pop()
        {
            drop(reply.send(Err(e)));
        }
    }

    /// The target has forgotten the job (or could not): now it goes.
    pub(super) async fn forgotten(&mut self, id: &JobId, forgotten: std::result::Result<Forgotten, String>) {
        let Some(entry) = self.jobs.get(id) else { return };
        let mut gone = entry.job.clone();
        gone.deleted = Some(now());
        gone.spec = runs::without_secrets(&gone.spec);
        let keep = entry.deletion.as_ref().is_some_and(|(keep, _)| *keep) && entry.caller.is_none();
        let leftover = forgotten.is_err().then(|| Leftover {
            job_number: entry.job.number,
            job: id.clone(),
            spec: entry.job.spec.clone(),
            since: now(),
        });
        let written = self.store.write(move |db| {
            if let Some(leftover) = &leftover {
                leftovers::put(db, leftover)?;
            }
            figures::remove(db, gone.number)?;
            crate::store::jobs::update(db, &mut gone, false)?;
            if keep {
                kept::keep(db, gone.number)?;
                memory::put(db, &gone.id.0, &Standing::documents(None))?;
            } else {
                memory::forget(db, &gone.id.0)?;
            }
            Ok(gone.modify_index)
        });
        let written = written.await;
        let Some(mut entry) = self.jobs.remove(id) else { return };
        let waiting = entry.deletion.take().map(|(_, waiting)| waiting).unwrap_or_default();
        let outcome = match written {
            Ok(index) => {
                let spool = self.settings.spool_root.join(entry.job.number.to_string());
                // The spool is a cache; what stays of it is harmless.
                let _ = tokio::fs::remove_dir_all(spool).await;
                self.forget_statements(entry.job.number).await;
                let note = match forgotten {
                    Ok(Forgotten::Gone) => String::new(),
                    Ok(Forgotten::Anothers) => "another daemon has this job now: its position stays at the target".to_owned(),
                    Err(why) => format!("bookkeeping rows stay at the target until it answers, they are collected then: {why}"),
                };
                tracing::info!(job.id = %id, note, "job deleted");
                if let Some(caller) = entry.caller.take() {
                    caller.end(&entry.job.state, self.stopping.is_some());
                }
                Ok(Deletion { id: id.clone(), note, index })
            }
            Err(e) => {
                tracing::error!(job.id = %id, error = %e, "the job could not be deleted");
                entry.life = super::Life::Idle;
                self.jobs.insert(id.clone(), entry);
                Err("the state database does not take writes")
            }
        };
        for reply in waiting {
            drop(reply.send(outcome.clone().map_err(|e| Error::Store(crate::store::Error::io(e)))));
        }
        self.changed();
    }
}

pub(super) fn audit_row(action: &'static str, id: &JobId, by: By) -> audit::Entry {
    let By { who, request_id } = by;
    audit::Entry { time: now(), who, action, object: id.0.clone(), request_id, detail: String::new() }
}

/// What is kept of a subscription (position, definitions) is of one server's log, and of one kind of destination.
pub(in crate::scheduler) fn keep_ends(new: &ReplicateSpec, stored: &ReplicateSpec) -> Result<()> {
    let (old, now) = (&stored.dest.sink, &new.dest.sink);
    if old.is_callers() != now.is_callers() || old.kafka().is_some() != now.kafka().is_some() {
        let message = format!("the job's messages go to {}, and stay of that kind", old.address());
        return Err(Refused::new("destination_fixed", message, "delete the job, and create one with the other destination").into());
    }
    let (old, now) = (&stored.src.endpoint, &new.src.endpoint);
    if stored.kind != ReplicateKind::Subscription || (old.port == now.port && old.host.eq_ignore_ascii_case(&now.host)) {
        return Ok(());
    }
    let message = format!("the source of a subscription stays {}", old.address());
    Err(Refused::new("source_fixed", message, "delete the job, and create one with the other source").into())
}

/// A mask can stand for a stored password only where there is one.
fn refuse_masks(spec: &ReplicateSpec) -> Result<()> {
    let ends = spec.src.endpoint.password.is_mask() || spec.dest.sink.endpoint().is_some_and(|e| e.password.is_mask());
    if ends || spec.gates.replicas.iter().any(|r| r.password.is_mask()) {
        let how = "--source-password-file, --target-password-file, or password_file in the job file";
        return Err(Error::Invalid(format!("password is masked, send it ({how})")));
    }
    Ok(())
}

/// Puts stored passwords where the update carries the mask or nothing. Only towards the same server and user: a stored
/// password must not be sent to wherever an update points.
pub(in crate::scheduler) fn keep_secrets(spec: &mut ReplicateSpec, stored: &ReplicateSpec) -> Result<()> {
    let src = Some((&mut spec.src.endpoint, &stored.src.endpoint));
    let dest = spec.dest.sink.endpoint_mut().zip(stored.dest.sink.endpoint());
    for (new, old) in src.into_iter().chain(dest) {
        if new.password.is_mask() || new.password.is_empty() {
            let same = |e: &MysqlEndpoint| (e.host.to_ascii_lowercase(), e.port, e.user.clone());
            if same(new) == same(old) {
                new.password = old.password.clone();
            } else if new.password.is_mask() {
                return Err(Error::Invalid(format!(
                    "password of {} is masked, and the stored one is for {}; send it (--source-password-file, --target-password-file, or \
                     password_file in the job file)",
                    new.address(),
                    old.address()
                )));
            }
        }
    }
    for said in &mut spec.src.replace {
        let same = |old: &&Replacement| old.transaction == said.transaction && shown_replacement(&old.statement) == said.statement;
        match stored.src.replace.iter().find(same) {
            Some(old) => said.statement.clone_from(&old.statement),
            None if ddl::is_hidden(&said.statement, ddl::Mode::default()) => {
                return Err(Error::Invalid(format!(
                    "the statement in place of transaction {} has a string left out ('…'), and none like it is stored; send it in full",
                    said.transaction
                )));
            }
            None => {}
        }
    }
    for replica in &mut spec.gates.replicas {
        if replica.password.is_mask() || replica.password.is_empty() {
            match stored.gates.replicas.iter().find(|stored| stored.is_same_server(replica) && stored.user == replica.user) {
                Some(stored) => replica.password = stored.password.clone(),
                None if replica.password.is_mask() => {
                    return Err(Error::Invalid(format!("password of {replica} is masked, and none is stored for this account; send it")));
                }
                None => {}
            }
        }
    }
    Ok(())
}
