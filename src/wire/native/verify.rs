//! Comparisons of a job's two ends (`/api/v1/jobs/{job}/verifications`).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// `schema.table`; empty = all tables of the job.
    #[serde(default)]
    pub tables: Vec<String>,
    /// Most differences listed per table; 0 = the default of 100.
    #[serde(default)]
    pub max_differences: u64,
    /// Rows that differ are repaired, beside the running job.
    #[serde(default)]
    pub repair: bool,
    /// The statements that would make the target equal are kept, until the job's next comparison: `…/{number}/statements`.
    #[serde(default)]
    pub statements: bool,
    /// Every row of both sides is read; else the servers add up their rows, and those of sums that differ are read.
    #[serde(default)]
    pub by_rows: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    pub number: u64,
    pub job: String,
    /// `running`, `equal`, `different`, `failed`, `cancelled`, `interrupted` (the daemon ended before it was done; begin another).
    pub state: String,
    pub started: String,
    pub ended: Option<String>,
    #[serde(default)]
    pub error: String,
    pub tables: Vec<VerifiedTable>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VerifiedTable {
    pub schema: String,
    pub table: String,
    /// `equal`, `different`, `unsettled` (its rows or definition kept changing, or the job is behind), `failed`.
    pub state: String,
    /// Null: the source's rows were not read.
    pub source_rows: Option<u64>,
    /// Null: the target's rows were not read, or what became of some is not known (`unsettled`).
    pub target_rows: Option<u64>,
    /// Rows that differ, also beyond those listed.
    pub different: u64,
    /// Rows that differed and were made equal.
    #[serde(default)]
    pub repaired: u64,
    pub differences: Vec<Difference>,
    #[serde(default)]
    pub error: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// `missing`, `extra` or `changed`, seen from the target.
    pub kind: String,
    /// The row's key as text.
    pub key: String,
    /// Names of the columns that differ; values are never shown.
    pub columns: Vec<String>,
}

/// Comparisons that go on all the time beside a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyAlways {
    /// From the beginning of one to that of the next; 0 = without a break; absent = none any more.
    #[serde(default)]
    pub every_seconds: Option<u64>,
    /// Rows that differ are repaired.
    #[serde(default)]
    pub repair: bool,
    /// Most rows of the source that are read per second. It works for a tenth of the time in any case.
    #[serde(default)]
    pub max_rows_per_second: Option<u64>,
}

/// Where those stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyStanding {
    pub every_seconds: u64,
    pub repair: bool,
    pub max_rows_per_second: Option<u64>,
    /// When the next is due; in the past: it is under way, or waits until the job keeps up.
    pub next: String,
    /// The last that came to its end.
    pub last: Option<VerifyRound>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyRound {
    pub number: u64,
    /// `equal`, `different`, `failed`, `cancelled`.
    pub state: String,
    pub ended: String,
    pub different: u64,
    pub repaired: u64,
}
