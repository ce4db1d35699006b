//! Bookkeeping that deleted jobs left at targets which did not answer then: collected when they do.
//!
//! A to-do is stored with the deletion. It is tried at each start of the daemon and every few minutes; and if a job of the
//! same id and target is created meanwhile, before that job's engine looks at the target, because what it would find there
//! was to be forgotten. One of the two at a time: whoever comes second finds the to-do done.

use super::engine::Engine;
use super::policy::Policy;
use crate::model::job::{JobId, JobSpec};
use crate::model::replicate::{ReplicateSpec, SinkSpec};
use crate::replicate;
use crate::replicate::sink::{Epoch, Forgotten};
use crate::store::leftovers::{self, Leftover};
use crate::store::{self, Store, jobs};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a target may take to forget a job.
const FORGET_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub(super) struct Leftovers {
    store: Store,
    engine: Engine,
    policy: Arc<Policy>,
    one_at_a_time: Arc<Semaphore>,
}

impl Leftovers {
    pub(super) fn new(store: Store, engine: Engine, policy: Arc<Policy>) -> Self {
        Self { store, engine, policy, one_at_a_time: Arc::new(Semaphore::new(1)) }
    }

    /// Takes a job's bookkeeping out of its target, unless it is another daemon's by now; says why if that cannot be done now.
    pub(super) async fn forget(&self, job: &JobId, number: u64, spec: &ReplicateSpec) -> Result<Forgotten, String> {
        // A topic keeps nothing of a job; what the store keeps goes with the job's row.
        let SinkSpec::Mysql(sink) = &spec.dest.sink else { return Ok(Forgotten::Gone) };
        let work = async {
            self.policy.check(&sink.endpoint).await.map_err(|barred| barred.to_string())?;
            let asked = self.store.read(move |db| jobs::asked_epoch(db, number)).await.map_err(|e| e.to_string())?;
            self.engine.forget(job, spec, asked.map(Epoch)).await.map_err(|e| e.message)
        };
        let work = AssertUnwindSafe(Box::pin(work)).catch_unwind().map(|r| r.unwrap_or_else(|_| Err("the engine panicked".to_owned())));
        match tokio::time::timeout(FORGET_TIMEOUT, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("{} did not answer in time", sink.endpoint.address())),
        }
    }

    /// Tries all to-dos once.
    pub(super) async fn collect(self) {
        let known = match self.store.read(leftovers::all).await {
            Ok(known) => known,
            Err(e) => return tracing::warn!(error = %e, "what deleted jobs left at their targets could not be read"),
        };
        for leftover in known {
            match self.one(&leftover).await {
                Ok(()) => tracing::info!(job.id = %leftover.job, "the bookkeeping of a deleted job was taken out of its target"),
                Err(why) => tracing::debug!(job.id = %leftover.job, why, "the bookkeeping of a deleted job still stays at its target"),
            }
        }
    }

    /// Clears the way for a job whose predecessor of the same name was to be forgotten at the same target.
    pub(super) async fn clear(&self, job: &JobId, spec: &ReplicateSpec) -> replicate::Result<()> {
        let failed = |e: store::Error| replicate::Error::transient("state_database", format!("read the job's leftovers: {e}"));
        for leftover in self.store.read(leftovers::all).await.map_err(failed)? {
            if leftover.job == *job && target_of(spec).is_some_and(|of| target(&leftover.spec) == Some(of)) {
                let blocked = |why| replicate::Error::transient("unreachable", format!("forget the deleted job of the same id: {why}"));
                self.one(&leftover).await.map_err(blocked)?;
            }
        }
        Ok(())
    }

    async fn one(&self, leftover: &Leftover) -> Result<(), String> {
        let _alone = self.one_at_a_time.acquire().await.map_err(|e| e.to_string())?;
        let number = leftover.job_number;
        let still = self.store.read(leftovers::all).await.map_err(|e| e.to_string())?.iter().any(|l| l.job_number == number);
        if !still {
            return Ok(());
        }
        let JobSpec::Replicate(spec) = &leftover.spec;
        self.forget(&leftover.job, number, spec).await?;
        self.store.write(move |db| leftovers::remove(db, number)).await.map_err(|e| e.to_string())
    }
}

fn target(spec: &JobSpec) -> Option<(String, u16)> {
    let JobSpec::Replicate(spec) = spec;
    target_of(spec)
}

fn target_of(spec: &ReplicateSpec) -> Option<(String, u16)> {
    spec.dest.sink.endpoint().map(|e| (e.host.to_ascii_lowercase(), e.port))
}
