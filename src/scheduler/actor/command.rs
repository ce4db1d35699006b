//! What callers ask for.

use super::super::decide::Event;
use super::super::handle::{By, Deletion, NewJob, Selector, Verb};
use super::super::jobs::{Entry, resolve};
use super::super::record::Plan;
use super::super::{Error, Result};
use super::{Actor, Message, Reply, now};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::job::{Desired, Job, JobId, JobKind, JobSpec, JobState, JobStats, Trigger};
use crate::model::progress::Progress;
use crate::model::replicate::{ReplicateSpec, SinkSpec};
use crate::store::leftovers::Leftover;
use crate::store::{audit, figures, leftovers, runs};

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
            Message::Verification(job, number, reply) => drop(reply.send(self.verification(&job, number).await)),
            Message::Stop(reply) => {
                self.stop().await;
                if let Some(waiting) = &mut self.stopping {
                    waiting.push(reply);
                }
            }
            Message::Create(_, _, reply) | Message::Update(_, _, _, reply) | Message::Verb(_, _, _, reply) if self.stopping.is_some() => {
                drop(reply.send(Err(Error::Stopping)));
            }
            Message::Create(new, by, reply) => drop(reply.send(self.create(*new, by).await)),
            Message::Update(new, index, by, reply) => drop(reply.send(self.update(*new, index, by).await)),
            Message::Verb(job, verb, by, reply) => drop(reply.send(self.verb(&job, verb, by).await)),
            Message::Delete(job, keep, by, reply) => self.delete(&job, keep, by, reply).await,
            Message::Verify { job, tables, max_differences, by, reply } => {
                drop(reply.send(self.verify(&job, tables, max_differences, by).await));
            }
        }
    }

    fn view(&self, job: &Selector) -> Result<super::JobView> {
        let id = resolve(&self.jobs, job)?;
        self.jobs.get(&id).map(Entry::view).ok_or_else(|| Error::NotFound(format!("job {id}")))
    }

    async fn create(&mut self, new: NewJob, by: By) -> Result<super::JobView> {
        let NewJob { id, name, spec, paused, origin, echo, description } = new;
        refuse_masks(&spec)?;
        let time = now();
        let job = Job {
            number: 0,
            kind: JobKind::from(spec.kind),
            name,
            spec: JobSpec::Replicate(Box::new(spec)),
            trigger: Trigger::Continuous,
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
        plan.new_job = true;
        plan.audit(audit_row("job.create", &id, by));
        let written = plan.commit(&self.store).await?;
        self.jobs.insert(id.clone(), Entry::new(written.job, Progress::default()));
        self.changed();
        // The job is stored; should its start not be recorded, it backs off and begins later.
        self.happened(&id, Event::Boot).await;
        self.view(&Selector::Id(id))
    }

    async fn update(&mut self, new: NewJob, if_index: Option<u64>, by: By) -> Result<super::JobView> {
        let NewJob { id, name, mut spec, paused: _, origin: _, echo, description } = new;
        let entry = self.jobs.get(&id).ok_or_else(|| Error::NotFound(format!("job {:?}", id.0)))?;
        if let Some(index) = if_index.filter(|i| *i != entry.job.job_modify_index) {
            return Err(Error::Exists(format!("job {id} was changed meanwhile (index {}, not {index})", entry.job.job_modify_index)));
        }
        if name != entry.job.name || JobKind::from(spec.kind) != entry.job.kind {
            return Err(Error::Exists(format!("job {id} is the {} {:?}; name and kind stay", entry.job.kind.as_str(), entry.job.name)));
        }
        let JobSpec::Replicate(stored) = &entry.job.spec;
        keep_secrets(&mut spec, stored)?;
        let spec = JobSpec::Replicate(Box::new(spec));
        if spec == entry.job.spec && description == entry.job.description && echo == entry.job.echo {
            return self.view(&Selector::Id(id));
        }
        let audit = audit_row("job.update", &id, by);
        let edit = |plan: &mut Plan| {
            (plan.job.spec, plan.job.description, plan.job.echo) = (spec, description, echo);
            plan.job.updated = now();
            plan.spec_changed = true;
        };
        Box::pin(self.apply(&id, Event::Update, Some(audit), edit)).await?;
        self.view(&Selector::Id(id))
    }

    async fn verb(&mut self, job: &Selector, verb: Verb, by: By) -> Result<super::JobView> {
        let id = resolve(&self.jobs, job)?;
        let (event, action) = match verb {
            Verb::Pause => (Event::Pause, "job.pause"),
            Verb::Resume => (Event::Resume, "job.resume"),
            Verb::Finish => (Event::Finish, "job.finish"),
            Verb::Retry => (Event::Retry, "job.retry"),
        };
        Box::pin(self.apply(&id, event, Some(audit_row(action, &id, by)), |_| {})).await?;
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
    pub(super) async fn forgotten(&mut self, id: &JobId, note: String) {
        let Some(entry) = self.jobs.get(id) else { return };
        let mut gone = entry.job.clone();
        gone.deleted = Some(now());
        gone.spec = runs::without_secrets(&gone.spec);
        let leftover = (!note.is_empty()).then(|| Leftover {
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
            crate::store::jobs::update(db, &mut gone, false)
        });
        let written = written.await;
        let Some(mut entry) = self.jobs.remove(id) else { return };
        let waiting = entry.deletion.take().map(|(_, waiting)| waiting).unwrap_or_default();
        let outcome = match written {
            Ok(()) => {
                let spool = self.settings.spool_root.join(entry.job.number.to_string());
                // The spool is a cache; what stays of it is harmless.
                let _ = tokio::fs::remove_dir_all(spool).await;
                tracing::info!(job.id = %id, note, "job deleted");
                Ok(Deletion { id: id.clone(), note })
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

/// A mask can stand for a stored password only where there is one.
fn refuse_masks(spec: &ReplicateSpec) -> Result<()> {
    let SinkSpec::Mysql(sink) = &spec.dest.sink;
    if spec.src.endpoint.password.is_mask() || sink.endpoint.password.is_mask() {
        return Err(Error::Invalid("password is masked, send it".into()));
    }
    Ok(())
}

/// Puts stored passwords where the update carries the mask or nothing. Only towards the same server and user: a stored
/// password must not be sent to wherever an update points.
fn keep_secrets(spec: &mut ReplicateSpec, stored: &ReplicateSpec) -> Result<()> {
    let SinkSpec::Mysql(sink) = &mut spec.dest.sink;
    let SinkSpec::Mysql(old_sink) = &stored.dest.sink;
    for (new, old) in [(&mut spec.src.endpoint, &stored.src.endpoint), (&mut sink.endpoint, &old_sink.endpoint)] {
        if new.password.is_mask() || new.password.is_empty() {
            let same = |e: &MysqlEndpoint| (e.host.to_ascii_lowercase(), e.port, e.user.clone());
            if same(new) == same(old) {
                new.password = old.password.clone();
            } else if new.password.is_mask() {
                return Err(Error::Invalid(format!(
                    "password of {} is masked, and the stored one is for {}; send it",
                    new.address(),
                    old.address()
                )));
            }
        }
    }
    Ok(())
}
