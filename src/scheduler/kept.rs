//! The position that a deleted job left at its target, and who may go on from it.
//!
//! A job's bookkeeping there is found by its id. So a new job of an id that was used before goes on from what its
//! predecessor left, where that was to be kept and both have the same servers; else it clears that away before its first
//! run, and says so in the state file until it has: a crash in between must not lead it to another job's position.

use super::Result;
use super::actor::now;
use super::handle::Handle;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::job::{Job, JobId, JobKind, JobSpec};
use crate::model::messages::LinesTo;
use crate::model::replicate::{ReplicateSpec, SinkSpec};
use crate::replicate;
use crate::store::{Store, kept, memory};
use jiff::{SignedDuration, Timestamp};

/// How long a position is worth keeping: no source keeps its log longer.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Says whether a new job begins anew rather than where its predecessor stopped.
pub(super) fn begins_anew(spec: &ReplicateSpec, last: Option<&(Job, bool)>, now: Timestamp) -> bool {
    let Some((last, kept)) = last else { return false };
    let JobSpec::Replicate(stored) = &last.spec;
    let fresh = last.deleted.is_some_and(|deleted| now.duration_since(deleted) <= KEPT);
    // What a delete without keeping could not clear away is a leftover (`leftovers`), and waited for.
    *kept && !(fresh && same_servers(spec, stored))
}

fn same_servers(a: &ReplicateSpec, b: &ReplicateSpec) -> bool {
    let same = |a: &MysqlEndpoint, b: &MysqlEndpoint| a.host.eq_ignore_ascii_case(&b.host) && a.port == b.port;
    let destination = match (&a.dest.sink, &b.dest.sink) {
        (SinkSpec::Mysql(a), SinkSpec::Mysql(b)) => same(&a.endpoint, &b.endpoint),
        // Another topic holds nothing of what came before the position.
        (SinkSpec::Kafka(a), SinkSpec::Kafka(b)) => a.brokers == b.brokers && a.topic == b.topic,
        // Nor does another file; and a caller that is gone does not come back.
        (SinkSpec::Lines(a), SinkSpec::Lines(b)) => a.to == b.to && a.to != LinesTo::Caller,
        (SinkSpec::Mysql(_) | SinkSpec::Kafka(_) | SinkSpec::Lines(_), _) => false,
    };
    same(&a.src.endpoint, &b.src.endpoint) && destination
}

impl Handle {
    /// Returns the id under which the last job of this name left its position, if that can still be gone on from.
    pub async fn kept_id(&self, kind: JobKind, name: &str) -> Result<Option<JobId>> {
        let (name, since) = (name.to_owned(), now() - KEPT);
        Ok(self.store.read(move |db| kept::id_of(db, kind, &name, since)).await?)
    }
}

/// What a first run has to do before it may look at its target: a job that begins anew, and where to record that it has.
#[derive(Clone)]
pub(super) struct Predecessor {
    pub(super) store: Store,
    pub(super) job: JobId,
    pub(super) job_number: u64,
}

impl Predecessor {
    /// The target has forgotten the predecessor; from now on what is there is the job's own.
    pub(super) async fn forgotten(self) -> replicate::Result<()> {
        let Self { store, job, job_number } = self;
        let written = store.write(move |db| {
            memory::forget(db, &job.0)?;
            kept::set_anew(db, job_number, false)
        });
        written.await.map_err(|e| {
            let (code, message) = store.refusal(&e);
            replicate::Error::transient(code, message).because(e)
        })
    }
}
