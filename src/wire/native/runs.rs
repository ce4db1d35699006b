//! `GET /api/v1/runs?job=&kind=&state=&since=&limit=`, `GET /api/v1/runs/{number}`, `DELETE /api/v1/runs?before=`.

use super::jobs::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kinds of what runs.
pub const KINDS: [&str; 6] = ["migration", "sync", "subscription", "hosts", "bars", "bars_sync"];
/// Those of them that run at their times, or when they are told to.
pub const TASK_KINDS: [&str; 3] = ["hosts", "bars", "bars_sync"];
/// States of runs.
pub const STATES: [&str; 7] = ["running", "completed", "partial", "failed", "cancelled", "interrupted", "skipped"];
/// What becomes of an item of a run.
pub const OUTCOMES: [&str; 10] =
    ["running", "inserted", "updated", "unchanged", "no_data", "not_in_pool", "copied", "equal", "different", "failed"];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    pub number: u64,
    pub job: Option<String>,
    pub kind: String,
    pub name: String,
    /// Of bars that are brought somewhere: where to, and (`backup` or `slave`) which of two that may have the name.
    #[serde(default)]
    pub target: String,
    #[serde(default)]
    pub target_kind: String,
    pub state: String,
    pub started: String,
    pub ended: Option<String>,
    pub message: String,
    #[serde(default)]
    pub error: String,
    /// What a run over hosts has counted up to now.
    #[serde(default)]
    pub hosts: Option<HostCounts>,
    /// The same of a run over symbols.
    #[serde(default)]
    pub bars: Option<BarCounts>,
    /// The same of bars that are brought to others.
    #[serde(default)]
    pub bars_sync: Option<SyncCounts>,
    pub rows_copied: u64,
    pub rows_applied: u64,
    pub transactions: u64,
}

/// `total = inserted + updated + failed + not_in_pool` once the run has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostCounts {
    pub total: u64,
    pub inserted: u64,
    pub updated: u64,
    pub failed: u64,
    /// Those of the failed that Elasticsearch has nothing of.
    pub no_data: u64,
    pub not_in_pool: u64,
    /// Requests to Elasticsearch, and those of them that were sent again.
    pub requests: u64,
    pub retries: u64,
}

/// `total` is the sum of the others but `bars` and `doubtful` once the run has ended, unless it was ended before it was through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BarCounts {
    pub total: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub no_data: u64,
    pub sound: u64,
    pub faulty: u64,
    pub failed: u64,
    /// Bars added or changed.
    pub bars: u64,
    /// Of the symbols above: those whose source contradicts itself, or whose prices have two scales now. A run with one is `partial`.
    #[serde(default)]
    pub doubtful: u64,
    /// Of those without data: those that the source does not know any more, as an earlier run has told. Such symbols alone make no run
    /// `partial`, unless they are more than half.
    #[serde(default)]
    pub gone: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncCounts {
    /// Series that were looked at, and those of them that had to travel (the failed included).
    pub series: u64,
    pub carried: u64,
    pub bars: u64,
    /// Bars that were taken out of a slave, because its master does not have them.
    #[serde(default)]
    pub removed: u64,
    pub failed: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunItem {
    pub key: String,
    pub label: String,
    pub outcome: String,
    pub count: u64,
    /// Figures of the item, by its kind: a host's cpu, memory and disk with max and avg; a symbol's added, changed and issues.
    #[serde(default)]
    pub measures: serde_json::Value,
    /// Why it failed; of any other outcome what there is to say of it.
    #[serde(default)]
    pub error: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunList {
    pub runs: Vec<Run>,
}

/// Runs that were deleted, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pruned {
    /// Those that ended before this time.
    pub before: String,
    pub runs: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunDetail {
    pub run: Run,
    /// Runs that followed from it: bars that a task brings to backups and slaves when it is done.
    #[serde(default)]
    pub then: Vec<Run>,
    pub items: Vec<RunItem>,
    pub events: Vec<Event>,
}
