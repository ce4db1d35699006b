//! `/api/v1/jobs`.

use super::stream::Download;
use super::{Client, Error};
use crate::wire::native::jobs::{
    ConflictList, DdlDecision, DdlList, Deleted, EventList, Gates, Handover, Job, JobCreate, JobKind, JobList, JobPosition, JobState,
    PositionMoved, PositionSet, Reload, TableList, Throttle, Validation,
};
use crate::wire::native::verify::{Verification, VerifyAlways, VerifyRequest};
use serde_json::json;

/// Narrows a list; the default is every job.
#[derive(Debug, Clone, Default)]
pub struct JobQuery {
    pub kind: Option<JobKind>,
    pub state: Option<JobState>,
    pub name: Option<String>,
}

impl Client {
    pub async fn jobs(&self, query: &JobQuery) -> Result<JobList, Error> {
        let JobQuery { kind, state, name } = query;
        let mut pairs = Vec::new();
        pairs.extend(kind.map(|k| ("kind", word(&k))));
        pairs.extend(state.map(|s| ("state", word(&s))));
        pairs.extend(name.clone().map(|n| ("name", n)));
        self.get(&["jobs"], &pairs).await
    }

    pub async fn create_job(&self, job: &JobCreate) -> Result<Job, Error> {
        self.post(&["jobs"], &[], job).await
    }

    /// Checks the job as `create_job` would, and creates nothing.
    pub async fn create_job_dry_run(&self, job: &JobCreate) -> Result<Validation, Error> {
        self.post(&["jobs"], &[("dry_run", "true".into())], job).await
    }

    pub async fn validate_job(&self, job: &JobCreate) -> Result<Validation, Error> {
        self.post(&["jobs", "validate"], &[], job).await
    }

    /// Replaces what a job is to do; with `index` only if its `job_modify_index` still is that.
    pub async fn update_job(&self, id: &str, job: &JobCreate, index: Option<u64>) -> Result<Job, Error> {
        let query: Vec<_> = index.map(|i| ("index", i.to_string())).into_iter().collect();
        self.put(&["jobs", id], &query, job).await
    }

    /// Returns one job by id, number or unambiguous name.
    pub async fn job(&self, id: &str) -> Result<Job, Error> {
        self.get(&["jobs", id], &[]).await
    }

    pub async fn pause_job(&self, id: &str) -> Result<Job, Error> {
        self.post(&["jobs", id, "pause"], &[], &json!({})).await
    }

    pub async fn resume_job(&self, id: &str) -> Result<Job, Error> {
        self.post(&["jobs", id, "resume"], &[], &json!({})).await
    }

    /// Ends a migration: now, or when its source is read-only.
    pub async fn finish_job(&self, id: &str, when_source_read_only: bool) -> Result<Job, Error> {
        let query = [("when_source_read_only", "true".to_owned())];
        self.post(&["jobs", id, "finish"], if when_source_read_only { &query } else { &[] }, &json!({})).await
    }

    /// Returns what a finished job left to do.
    pub async fn job_handover(&self, id: &str) -> Result<Handover, Error> {
        self.get(&["jobs", id, "handover"], &[]).await
    }

    pub async fn retry_job(&self, id: &str) -> Result<Job, Error> {
        self.post(&["jobs", id, "retry"], &[], &json!({})).await
    }

    /// Limits what the job moves from now on.
    pub async fn throttle_job(&self, id: &str, throttle: &Throttle) -> Result<Job, Error> {
        self.post(&["jobs", id, "throttle"], &[], throttle).await
    }

    /// Sets what the job holds back for from now on.
    pub async fn gate_job(&self, id: &str, gates: &Gates) -> Result<Job, Error> {
        self.post(&["jobs", id, "gates"], &[], gates).await
    }

    pub async fn job_conflicts(&self, id: &str) -> Result<ConflictList, Error> {
        self.get(&["jobs", id, "conflicts"], &[]).await
    }

    pub async fn job_tables(&self, id: &str) -> Result<TableList, Error> {
        self.get(&["jobs", id, "tables"], &[]).await
    }

    /// Copies tables again.
    pub async fn reload_tables(&self, id: &str, reload: &Reload) -> Result<Job, Error> {
        self.post(&["jobs", id, "tables", "reload"], &[], reload).await
    }

    pub async fn job_position(&self, id: &str) -> Result<JobPosition, Error> {
        self.get(&["jobs", id, "position"], &[]).await
    }

    pub async fn set_job_position(&self, id: &str, to: &PositionSet) -> Result<PositionMoved, Error> {
        self.post(&["jobs", id, "position"], &[], to).await
    }

    /// Returns the statements that the job does not run by itself.
    pub async fn job_ddl(&self, id: &str) -> Result<DdlList, Error> {
        self.get(&["jobs", id, "ddl"], &[]).await
    }

    /// Decides about the one that it waits with.
    pub async fn decide_ddl(&self, id: &str, decision: &DdlDecision) -> Result<Job, Error> {
        self.post(&["jobs", id, "ddl"], &[], decision).await
    }

    pub async fn delete_job(&self, id: &str, keep_progress: bool) -> Result<Deleted, Error> {
        self.delete(&["jobs", id], &[("keep_progress", keep_progress.to_string())]).await
    }

    pub async fn job_events(&self, id: &str) -> Result<EventList, Error> {
        self.get(&["jobs", id, "events"], &[]).await
    }

    /// Starts a comparison of both sides; `verification` follows it.
    pub async fn verify_job(&self, id: &str, request: &VerifyRequest) -> Result<Verification, Error> {
        self.post(&["jobs", id, "verify"], &[], request).await
    }

    /// Has both sides compared all the time, or no longer.
    pub async fn verify_always(&self, id: &str, wish: &VerifyAlways) -> Result<Job, Error> {
        self.post(&["jobs", id, "verify", "always"], &[], wish).await
    }

    /// Ends the comparison that is under way.
    pub async fn cancel_verification(&self, id: &str) -> Result<Verification, Error> {
        self.post(&["jobs", id, "verify", "cancel"], &[], &json!({})).await
    }

    /// Brings the statements of a comparison that was asked for them, piece by piece.
    pub async fn verification_statements(&self, id: &str, number: u64) -> Result<Download, Error> {
        self.download(&["jobs", id, "verify", &number.to_string(), "statements"]).await
    }

    pub async fn verification(&self, id: &str, number: u64) -> Result<Verification, Error> {
        self.get(&["jobs", id, "verify", &number.to_string()], &[]).await
    }
}

/// The word of a unit variant on the wire.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("a unit variant serialises to a string, not {other:?}"),
    }
}
