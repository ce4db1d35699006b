//! Comparisons of both sides, as the scheduler runs and stores them.

use crate::model::job::JobId;
use crate::store::verifications::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One comparison, running or ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub number: u64,
    pub job: JobId,
    pub state: State,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub error: String,
    pub tables: Vec<ComparedTable>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedTable {
    pub schema: String,
    pub table: String,
    /// `pending`, `running`, `equal`, `different`, `failed`.
    pub state: String,
    pub source_rows: u64,
    pub target_rows: u64,
    pub different: u64,
    pub differences: Vec<RowDifference>,
    pub error: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowDifference {
    /// `missing`, `extra` or `changed`, seen from the target.
    pub kind: String,
    pub key: String,
    pub columns: Vec<String>,
}
