//! `/api/v1/jobs`: create, validate, list, show and steer replication jobs.
//!
//! | route | body → reply |
//! |---|---|
//! | `GET /jobs?kind=&state=&name=` | – → [`JobList`] |
//! | `POST /jobs[?dry_run=true]` | [`JobCreate`] → 201 [`Job`] (dry run: 200 [`Validation`]) |
//! | `POST /jobs/validate` | [`JobCreate`] → [`Validation`] |
//! | `GET /jobs/{id}` | – → [`Job`]; id, number or unambiguous name |
//! | `PUT /jobs/{id}[?index=7]` | [`JobCreate`] → [`Job`]; replaces all but name, kind and `paused`; a password that is `*` or absent stays; `index` or `If-Match` = compare-and-set |
//! | `DELETE /jobs/{id}[?keep_progress=true]` | – → [`Deleted`] |
//! | `POST /jobs/{id}/pause\|resume\|retry` | – → [`Job`] |
//! | `POST /jobs/{id}/finish[?when_source_read_only=true]` | – → [`Job`] |
//! | `GET /jobs/{id}/handover` | – → [`Handover`]; of a job that has finished |
//! | `POST /jobs/{id}/throttle` | [`Throttle`] → [`Job`]; at once, the run goes on |
//! | `POST /jobs/{id}/gates` | [`Gates`] → [`Job`]; at once, the run goes on |
//! | `GET /jobs/{id}/conflicts` | – → [`ConflictList`] |
//! | `GET /jobs/{id}/tables` | – → [`TableList`] |
//! | `POST /jobs/{id}/tables/reload` | [`Reload`] → [`Job`] |
//! | `GET /jobs/{id}/position` | – → [`JobPosition`] |
//! | `POST /jobs/{id}/position` | [`PositionSet`] → [`PositionMoved`]; of a paused job |
//! | `GET /jobs/{id}/ddl` | – → [`DdlList`] |
//! | `POST /jobs/{id}/ddl` | [`DdlDecision`] → [`Job`] |
//! | `GET /jobs/{id}/events` | – → [`EventList`] |
//! | `POST /jobs/{id}/verify` | [`VerifyRequest`](super::verify::VerifyRequest) → 202 [`Verification`](super::verify::Verification) |
//! | `POST /jobs/{id}/verify/cancel` | – → [`Verification`](super::verify::Verification) |
//! | `GET /jobs/{id}/verify/{number}` | – → [`Verification`](super::verify::Verification) |

use super::kafka::Kafka;
use super::lines::Lines;
pub use super::policies::{ConflictDetection, ConflictPolicy, ExistingTable};
pub use super::progress::{Note, Progress, TableProgress, TopicProgress};
pub use super::steer::{
    BehindCounter, Conflict, ConflictList, DdlAction, DdlDecision, DdlList, DecidedDdl, Gates, Handover, HeldBy, JobPosition, LogEnd,
    MissingObject, PositionMoved, PositionSet, Reload, Replacement, Replica, TableList, Throttle, WaitingDdl,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    Migration,
    Sync,
    Subscription,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TlsMode {
    Disabled,
    #[default]
    Preferred,
    Required,
    VerifyIdentity,
}

/// A MySQL or MariaDB server. `password` is clear in requests (or `*` = keep what is stored) and `*` in replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    pub host: String,
    #[serde(default = "default_port")]
    pub port: u16,
    pub user: String,
    #[serde(default)]
    pub password: String,
    #[serde(default)]
    pub tls: TlsMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_ca: Option<String>,
}

pub(super) fn default_port() -> u16 {
    3306
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaRule {
    pub schema: String,
    /// Names, and regular expressions between slashes that match whole names. Empty: every table of the schema.
    #[serde(default)]
    pub tables: Vec<String>,
    /// The rows to take, as SQL: a condition, or `select a, b from t where condition`. Only in `include`, where the first
    /// rule that hits a table decides. Absent: every row.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The schema that the tables have at a database target. Absent: the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_schema: Option<String>,
    /// The table's name there; of tables by a regular expression, with `${1}` for what its groups matched. Tables that get one
    /// name are merged: their keys must be disjoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_table: Option<String>,
    /// The columns that are taken into a database, in this order. Empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What those are called there, one for each. Empty: the same names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_columns: Vec<String>,
}

/// A job as an operator writes it, in a file (TOML, YAML, JSON) or a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobCreate {
    pub name: String,
    /// Absent: `<name>-<kind>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub kind: JobKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub source: Endpoint,
    /// Of a migration or sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Endpoint>,
    /// Of a subscription that feeds Kafka.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka: Option<Kafka>,
    /// Of a subscription that goes into a file, or to whoever creates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
    /// Empty: every schema but the system's.
    #[serde(default)]
    pub include: Vec<SchemaRule>,
    #[serde(default)]
    pub ignore: Vec<SchemaRule>,
    #[serde(default)]
    pub existing_tables: ExistingTable,
    #[serde(default)]
    pub on_conflict: ConflictPolicy,
    /// `key`: a target row is in conflict where it is missing, or stands in the way of one that comes. `row`: also where it is not what
    /// the source's row was before the change, and nowhere where the change's outcome is there already.
    #[serde(default)]
    pub detect_conflicts: ConflictDetection,
    /// Schemas and tables are there already; do not create them.
    #[serde(default)]
    pub skip_create: bool,
    /// Start streaming after these executed GTIDs, without a copy; `file:offset` where the source has no GTIDs, `now` for where
    /// its log stands when the job is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_gtid: Option<String>,
    /// Most rows per copy chunk. Absent: sized by bytes and time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk_rows: Option<u64>,
    /// Connections that copy. Absent: automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_workers: Option<u32>,
    /// Transactions of the source's log that are left out, by GTID or `file:offset` of their beginning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Statements that run at the target in place of the log's (`jobs ddl replace`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<Replacement>,
    /// Connections that apply the stream. Absent: automatic. With 1, transactions are committed in the source's order; with
    /// more, those that share no row, unique value or foreign key may overtake each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_workers: Option<u32>,
    /// Bytes of the source's transactions that are committed together at the target, about; 1: each alone. Absent: automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_bytes: Option<u64>,
    /// Transactions at most that are read and wait to be applied, in memory. Absent: automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_length: Option<u32>,
    /// Rows that are moved per second at most, copy and stream together. Absent: unlimited. `jobs throttle` changes it while the
    /// job runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rows_per_second: Option<u64>,
    /// Rows that may go at once after a rest; absent = `max_rows_per_second`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_rows: Option<u64>,
    /// The same of the rows' bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes_per_second: Option<u64>,
    /// What it holds back for; `jobs throttle` changes it while the job runs.
    #[serde(default, skip_serializing_if = "Gates::is_empty")]
    pub gates: Gates,
    /// Create it paused.
    #[serde(default)]
    pub paused: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Pending,
    Copying,
    Streaming,
    Lagging,
    Throttled,
    Waiting,
    Stalled,
    Paused,
    Failed,
    Complete,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    pub id: String,
    pub number: u64,
    pub name: String,
    pub kind: JobKind,
    pub description: String,
    pub state: JobState,
    /// Why it waits or stalls, or what holds it back; empty otherwise.
    #[serde(default)]
    pub reason: String,
    pub state_since: String,
    /// `running`, `paused` or `finished`: what the operator wants.
    pub desired: String,
    #[serde(default)]
    pub failure: Option<Failure>,
    pub origin: String,
    pub created: String,
    pub updated: String,
    pub created_by: String,
    pub job_modify_index: u64,
    pub config: JobCreate,
    /// Where it is compared all the time.
    #[serde(default)]
    pub verify: Option<super::verify::VerifyStanding>,
    pub progress: Option<Progress>,
    pub run: Option<RunRef>,
    /// What the preflight warned of, in the reply to who has just created or changed the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    pub code: String,
    pub message: String,
    #[serde(default)]
    pub hint: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunRef {
    pub number: u64,
    pub started: String,
    pub src_allocation: String,
    pub dest_allocation: String,
    pub node: String,
    /// Engine starts within this run that followed an error.
    pub restarts: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobList {
    pub jobs: Vec<Job>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    pub code: String,
    pub severity: Severity,
    /// `source` or `target`.
    pub side: String,
    pub object: String,
    /// The field of the request that it is about, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
    #[serde(default)]
    pub hint: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Validation {
    pub valid: bool,
    pub findings: Vec<Finding>,
    /// Exact GRANT statements that the two accounts need.
    pub source_grants: Vec<String>,
    pub target_grants: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    pub run: u64,
    /// `src`, `dest` or empty.
    pub side: String,
    pub kind: String,
    pub time: String,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventList {
    pub events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deleted {
    pub id: String,
    /// What could not be cleaned up, e.g. bookkeeping at an unreachable target.
    #[serde(default)]
    pub note: String,
}
