//! One run of a replication job: preflight, take-over, copy, stream, until cancelled, finished or failed.

use super::report::Report;
use super::sink::Epoch;
use super::{Error, Result};
use crate::model::job::JobId;
use crate::model::replicate::ReplicateSpec;
use std::path::PathBuf;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Bounds, by bytes and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows in flight between source and target, all of the job together.
    pub memory_bytes: u64,
    /// The log spool on disk.
    pub spool_bytes: u64,
    /// Seconds behind the source from which a job counts as lagging.
    pub lag_seconds: u64,
    /// Copy connections when the job does not say.
    pub copy_workers: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 64 << 20, spool_bytes: 8 << 30, lag_seconds: 10, copy_workers: 2 }
    }
}

/// All that a run needs from outside.
#[derive(Debug, Clone)]
pub struct RunContext {
    pub job: JobId,
    pub spec: ReplicateSpec,
    /// Higher than any earlier start of this job.
    pub epoch: Epoch,
    /// The job's own folder; wiped and filled by the run.
    pub spool_dir: PathBuf,
    /// The server id that we register with at the source, unique per job.
    pub server_id: u32,
    pub limits: Limits,
    pub report: Report,
    /// Turns true when the operator says `finish`: catch up with the source as of then, and end.
    pub finish: watch::Receiver<bool>,
    pub cancel: CancellationToken,
}

/// How a run ends when it does not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The cancel token: paused, deleted or shut down. Everything applied is recorded.
    Cancelled,
    /// Finished as asked.
    Complete,
}

/// Runs the job until it ends. Cancelling drains nothing: what is durable is recorded, the rest is asked for again.
pub async fn run(_ctx: RunContext) -> Result<Outcome> {
    Err(Error::permanent("unfinished", "the engine is not put together yet"))
}

/// Takes the job's bookkeeping rows out of the target; user data stays.
pub async fn forget(_job: &JobId, _spec: &ReplicateSpec) -> Result<()> {
    Err(Error::permanent("unfinished", "the engine is not put together yet"))
}
