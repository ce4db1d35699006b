//! The cheap handle through which everybody else reaches the event loop.

use super::actor::Message;
use super::engine::Engine;
use super::patrol::Patrol;
use super::policy::Policy;
use super::verify::{Comparison, Wish};
use super::view::JobView;
use super::{Error, Result};
use super::{FinishWhen, Handover};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::{Finding, Side};
use crate::model::job::{Desired, JobId, JobState, Origin};
use crate::model::replicate::{NOW, ReplicateSpec};
use crate::model::run::{RunEvent, RunEventKind};
use crate::store::{Store, audit, jobs, kept, memory, runs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// How long a pause waits for the engine before it answers with the job as it is.
const SETTLE: Duration = Duration::from_secs(10);

/// Who asks, for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct By {
    pub who: String,
    pub request_id: String,
}

/// How a job is named by a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    Id(JobId),
    /// Id, number or a name that only one job has.
    Any(String),
}

/// What a new or changed job is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    pub id: JobId,
    pub name: String,
    pub spec: ReplicateSpec,
    /// It begins where the source's log stands when it is created, without a copy.
    pub from_now: bool,
    pub paused: bool,
    pub origin: Origin,
    pub echo: Option<serde_json::Value>,
    pub description: String,
}

impl NewJob {
    /// What both ends are asked about: where it begins is not known before it is stored.
    pub fn to_check(&self) -> ReplicateSpec {
        let mut spec = self.spec.clone();
        if self.from_now {
            spec.src.start_gtid = Some(NOW.to_owned());
        }
        spec
    }
}

/// Whether servers are asked before a job is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// A job with an error finding is not stored; of a change, a server that is away for the moment is no reason, unless the
    /// change leads there.
    Preflight,
    /// Of a change: a server that is away is a reason too.
    Answering,
    /// The run will find out.
    Later,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Pause,
    Resume,
    Finish(FinishWhen),
    Retry,
}

/// What became of a delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    pub id: JobId,
    /// What could not be cleaned up; empty if nothing.
    pub note: String,
    /// The store's index after it.
    pub index: u64,
}

/// What a server said when asked alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedServer {
    /// `mysql` or `mariadb`; empty = it could not be reached, and a finding says why.
    pub flavor: String,
    pub version: String,
    pub findings: Vec<Finding>,
    pub grants: Vec<String>,
}

/// Clones share the event loop.
#[derive(Clone)]
pub struct Handle {
    pub(super) inbox: mpsc::Sender<Message>,
    pub(super) changes: watch::Receiver<u64>,
    pub(super) store: Store,
    pub(super) engine: Engine,
    pub(super) policy: Arc<Policy>,
    pub(super) files_dir: Option<PathBuf>,
}

impl Handle {
    pub(super) async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<Result<T>>) -> Message) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(message(reply)).await.map_err(|_| Error::Stopping)?;
        answer.await.map_err(|_| Error::Stopping)?
    }

    /// Reserves the next job's number whose id nobody has.
    pub(in crate::scheduler) async fn reserve_number(&self, id: impl Fn(u64) -> JobId) -> Result<u64> {
        let living = self.list().await?;
        loop {
            let number = self.store.write(jobs::next_number).await?;
            if !living.iter().any(|v| v.job.id == id(number)) {
                return Ok(number);
            }
        }
    }

    /// Returns the addresses at which Elasticsearch may be reached.
    pub async fn admit_source(&self, source: &crate::hosts::Source) -> Result<Vec<std::net::SocketAddr>> {
        let (host, port) = source.server();
        self.policy.admit(host, port, source.url()).await.map_err(Error::EndpointRefused)
    }

    pub async fn get(&self, job: &Selector) -> Result<JobView> {
        self.ask(|reply| Message::Get(job.clone(), reply)).await
    }

    /// Returns all living jobs by number.
    pub async fn list(&self) -> Result<Vec<JobView>> {
        self.ask(Message::List).await
    }

    /// Stops the engine and keeps the position. Answers when it has stopped, at the latest after 10 s.
    pub async fn pause(&self, job: &Selector, by: By) -> Result<JobView> {
        let view = self.ask(|reply| Message::Verb(job.clone(), Verb::Pause, by, reply)).await?;
        self.settled(view, SETTLE, |v| v.job.state == JobState::Paused || v.job.desired != Desired::Paused).await
    }

    /// Returns the job as it is when what it was told shows, or when that takes too long.
    pub(super) async fn settled(&self, view: JobView, patience: Duration, settled: impl Fn(&JobView) -> bool) -> Result<JobView> {
        if settled(&view) {
            return Ok(view);
        }
        let (id, mut changes) = (Selector::Id(view.job.id.clone()), self.subscribe());
        let wait = async {
            loop {
                match self.get(&id).await {
                    Ok(v) if !settled(&v) => {}
                    other => return other,
                }
                if changes.changed().await.is_err() {
                    return Err(Error::Stopping);
                }
            }
        };
        match tokio::time::timeout(patience, wait).await {
            Ok(settled) => settled,
            Err(_) => self.get(&id).await,
        }
    }

    pub async fn resume(&self, job: &Selector, by: By) -> Result<JobView> {
        self.ask(|reply| Message::Verb(job.clone(), Verb::Resume, by, reply)).await
    }

    /// Tells a migration to catch up and end. One that was told to may be told otherwise.
    pub async fn finish(&self, job: &Selector, when: FinishWhen, by: By) -> Result<JobView> {
        self.ask(|reply| Message::Verb(job.clone(), Verb::Finish(when), by, reply)).await
    }

    /// Returns what a job that has finished left to its operator; None: it has not.
    pub async fn handover(&self, job: &Selector) -> Result<Option<Handover>> {
        let id = self.get(job).await?.job.id.0;
        let documents = self.store.read(move |db| memory::load(db, &id)).await?;
        Ok(Handover::of(&documents)?)
    }

    /// Starts a failed job again, or one that waits out its back-off at once.
    pub async fn retry(&self, job: &Selector, by: By) -> Result<JobView> {
        self.ask(|reply| Message::Verb(job.clone(), Verb::Retry, by, reply)).await
    }

    /// Stops the job, forgets its position (unless it is to be kept) at the target too, and removes it.
    pub async fn delete(&self, job: &Selector, keep_progress: bool, by: By) -> Result<Deletion> {
        self.ask(|reply| Message::Delete(job.clone(), keep_progress, by, reply)).await
    }

    /// Returns the newest events of the job's runs, oldest first; of the last one of that id, where it was deleted.
    pub async fn events(&self, job: &Selector) -> Result<Vec<RunEvent>> {
        let job = match (self.get(job).await, job) {
            (Ok(view), _) => view.job,
            // Deleted: what became of it is still told.
            (Err(Error::NotFound(what)), Selector::Any(id)) => {
                let id = JobId(id.clone());
                let last = self.store.read(move |db| kept::last_deleted(db, &id)).await?;
                last.ok_or(Error::NotFound(what))?.0
            }
            (Err(e), _) => return Err(e),
        };
        let told = self.store.read(move |db| {
            let since = job.created;
            Ok((
                runs::job_events(db, job.number, 500)?,
                audit::list(db, &audit::Filter { object: Some(job.id.0.clone()), since: Some(since), limit: 500, who: None })?,
            ))
        });
        let (mut events, done) = told.await?;
        // What was done to the job stands between what became of it; it is of no run.
        events.extend(done.into_iter().map(|audit::Line { time, who, action, .. }| RunEvent {
            run: 0,
            side: None,
            kind: RunEventKind::Note,
            time,
            message: if who.is_empty() { action } else { format!("{action} by {who}") },
            setup_error: String::new(),
        }));
        events.sort_by_key(|e| e.time);
        Ok(events)
    }

    /// Says whether the endpoint policy lets an endpoint be reached.
    pub async fn check_endpoint(&self, endpoint: &MysqlEndpoint) -> Result<()> {
        Ok(self.policy.check(endpoint).await?)
    }

    /// Asks one server whether it can be a source or a target.
    pub async fn check_server(&self, endpoint: &MysqlEndpoint, side: Side) -> Result<CheckedServer> {
        self.check_endpoint(endpoint).await?;
        Ok(self.engine.check_server(endpoint, side).await)
    }

    /// Begins a comparison of both sides.
    pub async fn verify(&self, job: &Selector, wish: Wish, by: By) -> Result<Comparison> {
        self.ask(|reply| Message::Verify { job: job.clone(), wish, by, reply }).await
    }

    /// Ends the comparison that is under way.
    pub async fn cancel_verify(&self, job: &Selector, by: By) -> Result<Comparison> {
        self.ask(|reply| Message::CancelVerify(job.clone(), by, reply)).await
    }

    /// Sets what is compared all the time; None: nothing.
    pub async fn patrol(&self, job: &Selector, patrol: Option<Patrol>, by: By) -> Result<JobView> {
        self.ask(|reply| Message::Patrol(job.clone(), patrol, by, reply)).await
    }

    /// Returns the file of a comparison's statements.
    pub async fn statements(&self, job: &Selector, number: u64, by: By) -> Result<PathBuf> {
        self.ask(|reply| Message::Statements(job.clone(), number, by, reply)).await
    }

    pub async fn verification(&self, job: &Selector, number: u64) -> Result<Comparison> {
        self.ask(|reply| Message::Verification(job.clone(), number, reply)).await
    }

    /// Returns a value that moves with every change of any job; figures alone do not move it.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Stops every engine, records where they are and ends the event loop.
    pub async fn shutdown(&self) {
        let (reply, done) = oneshot::channel();
        if self.inbox.send(Message::Stop(reply)).await.is_ok() {
            // An error means that the loop ended before it could answer: that is what was asked.
            let _ = done.await;
        }
    }
}
