//! Steering a job while it lives (`/api/v1/jobs/{id}/throttle|gates|ddl|tables|position|conflicts`); its routes stand with the job's.

use super::jobs::TableProgress;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How much a job moves per second at most; what is absent is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rows_per_second: Option<u64>,
    /// Rows that may go at once after a rest; absent = `max_rows_per_second`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_rows: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes_per_second: Option<u64>,
}

/// What keeps a job back for the sake of the servers it works at: gates, asked about once a second. The copy waits while one is
/// shut, the stream while the target's own load shuts it; a gate whose server cannot be asked is shut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Gates {
    /// Status variables of the source (`SHOW GLOBAL STATUS`) and the most that each may be: `{"Threads_running": 25}`. The job's
    /// own connections count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub max_source_load: BTreeMap<String, u64>,
    /// The same of the target; holds the stream too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub max_target_load: BTreeMap<String, u64>,
    /// Status variables of the source; where one is above its number twice in a row, a second apart, the job lets go of both
    /// servers, is `waiting` with the reason (`critical_load`), and comes again after 1 s, 2 s … 60 s.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub critical_source_load: BTreeMap<String, u64>,
    /// The same of the target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub critical_target_load: BTreeMap<String, u64>,
    /// How far behind the replicas below may be; they say it in whole seconds. One that does not replicate is too far behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_replica_lag_ms: Option<u64>,
    /// Replicas of the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replicas: Vec<Replica>,
}

impl Gates {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A replica of the target. TLS is as towards the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replica {
    pub host: String,
    #[serde(default = "super::jobs::default_port")]
    pub port: u16,
    /// Its own account: the target's is never used here, as its password would go to whatever host is named.
    pub user: String,
    /// Clear in requests (or `*` = keep what is stored) and `*` in replies.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub password: String,
}

/// A gate that a job waits at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldBy {
    /// `the source has Threads_running 31, which is more than 25`
    pub reason: String,
    pub since: String,
}

/// A statement of the source's log and what runs at the target in its place, once and as it stands, under the target's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// A GTID, or `file:offset` of the beginning.
    pub transaction: String,
    pub statement: String,
}

/// Changes that did not fit the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictList {
    /// Rows that were overwritten or skipped, over all runs.
    pub total: u64,
    /// The newest hundred, newest first.
    pub conflicts: Vec<Conflict>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    pub time: String,
    pub schema: String,
    pub table: String,
    /// Columns by which the row is found; empty: by all of them.
    pub key: Vec<String>,
    /// Their values, long ones shortened; null = NULL. Empty: not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Option<String>>,
    /// A GTID, or `file:offset` of the beginning.
    pub transaction: String,
    /// `insert`, `update` or `delete`.
    pub change: String,
    /// `stopped`, `overwritten`, `skipped`, or `removed`: a row of the target's that is gone because an overwriting row has its value of
    /// another unique key.
    pub decision: String,
    /// Columns whose values were others at the target (`detect_conflicts = "row"`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// A job's tables, with their figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableList {
    pub tables: Vec<TableProgress>,
}

/// Tables that are to be copied again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reload {
    /// `schema.table` each.
    pub tables: Vec<String>,
}

/// Where a job stands in its source's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobPosition {
    pub id: String,
    /// Executed GTIDs, or `file:offset`; empty: it has not begun.
    pub position: String,
    pub file: String,
    pub file_position: u64,
    /// Where the source's log stood when it was last asked.
    pub source_position: String,
    /// When that was: of a job that rests the source is asked now, where it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_position_at: Option<String>,
    #[serde(default)]
    pub lag_seconds: Option<f64>,
    /// Where the job goes on when it is resumed, if that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<String>,
}

/// Another position for a paused job: `gtid`, or `file` and `file_position`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionSet {
    /// Executed GTIDs behind which it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_position: Option<u64>,
    /// Only say what it means.
    #[serde(default)]
    pub dry_run: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PositionMoved {
    pub from: JobPosition,
    pub to: String,
    /// What the job passes over; empty: nothing.
    pub skipped: String,
    /// What it applies or sends again; empty: nothing.
    pub repeated: String,
    pub warnings: Vec<String>,
}

/// Statements of the source's log that the job does not run by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DdlList {
    /// The one that the job waits with; absent: it waits with none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitingDdl>,
    /// What was decided, oldest first.
    pub decided: Vec<DecidedDdl>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingDdl {
    pub transaction: String,
    /// Without what may be a secret, such as the string of `CONNECTION`.
    pub statement: String,
    pub default_schema: String,
    /// Why it waits, as an error.
    pub code: String,
    pub message: String,
    #[serde(default)]
    pub hint: String,
    /// It stands within a transaction, which can be left out as a whole and not be replaced.
    #[serde(default)]
    pub in_transaction: bool,
    pub since: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecidedDdl {
    pub transaction: String,
    /// `skip`, `replace`, or `failed`: what was given in its place did not run, and the job waits with it.
    pub decision: String,
    /// What runs in its place, without what may be a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// The log's statement with which the job waited, without what may be a secret; absent: its transaction was named beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    /// Why what was given did not run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}

/// A decision about the statement that a job waits with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DdlDecision {
    pub action: DdlAction,
    /// Only if it still is this one that the job waits with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// With `replace`: one statement on tables or schemas, in the target's names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DdlAction {
    /// It does not run at the target; what it changes is to be there already, or is not wanted.
    Skip,
    /// Another statement runs in its place.
    Replace,
    /// It is tried again, now that something was changed at the target.
    Retry,
}

/// What a finished job left to its operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Handover {
    pub at: String,
    /// The source took no writes, and was asked again when everything was applied.
    pub source_read_only: bool,
    /// Up to here the target has everything: a replica of the source would go on from here.
    pub source: LogEnd,
    /// A replica of the target, the old source for one, goes on from here.
    pub target: LogEnd,
    /// What the job's schemas have at the source and not at the target.
    pub missing: Vec<MissingObject>,
    /// Numbers that the target would give out again.
    pub counters: Vec<BehindCounter>,
    /// What could not be found out, and why.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// Where a server's log ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEnd {
    /// `host:port`
    pub server: String,
    /// Executed GTIDs; empty: it has none.
    pub gtid: String,
    /// Empty: it has no binary log, was not asked, or did not say.
    pub file: String,
    pub file_position: u64,
    /// It did not say where its log stands: `unknown` has why.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsaid: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingObject {
    /// `TRIGGER`, `EVENT`, `PROCEDURE`, `FUNCTION`, `VIEW` or `SEQUENCE`.
    pub kind: String,
    pub schema: String,
    pub name: String,
    /// What to ask the source for its definition.
    pub statement: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BehindCounter {
    /// `AUTO_INCREMENT` or `SEQUENCE`.
    pub kind: String,
    pub schema: String,
    pub name: String,
    /// What the source would give next.
    pub source: i64,
    /// Absent: it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<i64>,
    /// What makes the target go on where the source ended; of a sequence that is absent, once it is made.
    #[serde(default)]
    pub statement: String,
}
