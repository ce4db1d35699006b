//! Replies that go on: `application/x-ndjson`, a [`Piece`] a line. An empty line says that the connection lives.

use super::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// One line of a reply that goes on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// The job, first of all; and again when it changes its state.
    Job(Box<Job>),
    /// A message of the job, as a line of its file would be: `{"table":…,"key":…,"value":…}`.
    #[schema(value_type = Object)]
    Message(Box<RawValue>),
    /// A change that passed.
    Event(Box<Change>),
    /// What was not shown since the last time that this was said.
    Missed(Missed),
    /// Why it is over; the last line.
    End(Failure),
}

/// A change of one row (or of a definition) as the job takes it, a moment before the target has it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// When it was committed at the source; of a copied row, when it was read. RFC 3339.
    pub time: String,
    /// `copy`, `insert`, `update`, `delete` or `ddl`.
    pub op: String,
    /// `schema.table`.
    pub table: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtid: Option<String>,
    /// Where its transaction begins in the source's log, `file:offset`; empty for a copied row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub position: String,
    /// The names of the key's columns.
    #[serde(default)]
    pub key: Vec<String>,
    /// With `values`: the row by columns (of a delete, the old one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Box<RawValue>>,
    /// With `values`: of an update, what the changed columns held before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub old: Option<Box<RawValue>>,
    /// With `values`: of a definition, the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Why names or values are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missed {
    /// Rows beyond the rate.
    pub rows: u64,
    /// Events of the log (of some rows each) that passed faster than they were read.
    pub events: u64,
}
