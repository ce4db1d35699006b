//! A change as it is shown: names always, values only where they were asked for.

use crate::model::replicate::TableName;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Copy,
    Insert,
    Update,
    Delete,
    Statement,
}

impl Op {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Statement => "ddl",
        }
    }
}

/// One row's change, or a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub unix_ms: i64,
    pub op: Op,
    /// Of a statement: its default schema, and no table.
    pub table: TableName,
    pub gtid: Option<String>,
    /// `file:offset`; empty for a copied row.
    pub position: String,
    /// The names of the key's columns.
    pub key: Vec<String>,
    /// The row as a JSON object.
    pub data: Option<String>,
    /// What the changed columns held before, as a JSON object.
    pub old: Option<String>,
    pub statement: Option<String>,
    /// Why something is missing.
    pub note: Option<String>,
}
