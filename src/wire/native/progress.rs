//! How far a job is: part of its view.

use super::steer::HeldBy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Live figures. Sizes in bytes, rates per second, times RFC 3339.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    pub stage: String,
    pub position: String,
    pub source_position: String,
    pub file: String,
    pub file_position: u64,
    pub lag_seconds: Option<f64>,
    /// So long ago the source was asked last and had nothing that the target lacks by now: what was written there before is
    /// applied. Absent: not since the job's run began.
    #[serde(default)]
    pub in_step_seconds: Option<f64>,
    pub rows_copied: u64,
    pub rows_estimated: u64,
    pub bytes_copied: u64,
    pub copy_rows_per_second: f64,
    pub copy_bytes_per_second: f64,
    pub eta_seconds: Option<u64>,
    pub transactions_read: u64,
    pub transactions_applied: u64,
    pub row_events_applied: u64,
    pub apply_rows_per_second: f64,
    pub queue: u64,
    pub queue_capacity: u64,
    pub spool_bytes: u64,
    /// For how long the target has taken nothing of what it was given, and what the job's sessions are at there; absent: it takes.
    #[serde(default)]
    pub target_stands: Option<String>,
    /// It could go faster but for its limits.
    #[serde(default)]
    pub held_back: bool,
    /// Gates that it waits at.
    #[serde(default)]
    pub held_by: Vec<HeldBy>,
    /// It was told to finish, and does when this is so.
    #[serde(default)]
    pub finishes_when: Option<String>,
    /// How long the source keeps its log; absent: it does not say, or for ever.
    #[serde(default)]
    pub log_kept_seconds: Option<f64>,
    /// When what the job needs next may be gone from the source's log, in seconds from now; below 0: it may be already.
    #[serde(default)]
    pub purge_in_seconds: Option<f64>,
    pub tables: Vec<TableProgress>,
    /// Of a subscription: what its topics have got.
    #[serde(default)]
    pub topics: Vec<TopicProgress>,
    #[serde(default)]
    pub messages_per_second: f64,
    pub notes: Vec<Note>,
    pub last_error: Option<String>,
    pub last_error_at: Option<String>,
    /// When the job worked again after it; absent while it has not.
    #[serde(default)]
    pub last_error_recovered_at: Option<String>,
    /// Errors that ended a run or a part of one, over all runs.
    #[serde(default)]
    pub errors: u64,
    pub at: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableProgress {
    pub schema: String,
    pub table: String,
    /// `pending`, `copying`, `converging` or `exact`; `followed` where the job began at a position: its changes are applied, and
    /// what the table held before was never compared.
    pub phase: String,
    pub rows_copied: u64,
    pub rows_estimated: u64,
    pub bytes_copied: u64,
    pub inserts: u64,
    pub updates: u64,
    pub deletes: u64,
    pub conflicts: u64,
    /// Rows that the row filter left out.
    #[serde(default)]
    pub filtered: u64,
    /// The target's table held rows when its copy began, and they stayed. The phase is about the source's rows: those that only
    /// the target has were not looked for, a comparison finds them.
    #[serde(default)]
    pub held_rows: bool,
}

impl TableProgress {
    /// Nothing is left to copy of it.
    pub fn is_copied(&self) -> bool {
        matches!(self.phase.as_str(), "converging" | "exact" | "followed")
    }
}

/// Messages that the brokers have acknowledged, over all runs; one that was sent again counts again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TopicProgress {
    pub topic: String,
    pub partitions: u32,
    pub messages: u64,
    /// Of keys and values.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    pub what: String,
    pub count: u64,
}
