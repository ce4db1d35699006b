//! What a comparison says.

use crate::model::replicate::TableName;
use crate::replicate::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Only the source has the row.
    Missing,
    /// Only the target has the row.
    Extra,
    Changed,
}

impl DifferenceKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Changed => "changed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub kind: DifferenceKind,
    /// The row's key as text, e.g. `id=5`; for a keyless table a hash of the row.
    pub key: String,
    /// The columns that differ, for changed rows.
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Equal,
    Different,
    /// No lasting difference was seen, but the source kept changing while it was looked at, or the job did not bring what it did.
    Unsettled,
    /// The job rests, and has not copied the table whole: its rows were not looked at.
    Uncopied,
    /// The table could not be compared.
    Failed {
        code: &'static str,
        message: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableVerdict {
    pub table: TableName,
    pub outcome: Outcome,
    /// As read in the first pass; writers may move them. None: nobody read them.
    pub source_rows: Option<u64>,
    /// What the target holds of them after the last look: lag is not counted. None: they were not read, or what became of some is
    /// not known.
    pub target_rows: Option<u64>,
    /// Rows of the source that were read one by one in the first pass; the others were added up by the servers.
    pub read: u64,
    /// Rows that differ; of a keyless table a changed row counts as one missing and one extra.
    pub different: u64,
    /// Rows that were not found to be equal, and are not known to differ.
    pub unsettled: u64,
    /// Those of them that the job did not bring while it was waited for.
    pub late: u64,
    /// Rows that differed at first and were equal later.
    pub settled: u64,
    /// Rows that were made equal.
    pub repaired: u64,
    /// Why others were not.
    pub unrepaired: Option<String>,
    pub differences: Vec<Difference>,
    /// Differences of the definition that hinder the comparison: missing tables, columns at one end only. Of a table that is
    /// unsettled those that the job has still to bring: its rows were not looked at.
    pub definition: Vec<String>,
}

impl TableVerdict {
    pub(super) fn new(table: &TableName) -> Self {
        Self {
            table: table.clone(),
            outcome: Outcome::Equal,
            source_rows: None,
            target_rows: None,
            read: 0,
            different: 0,
            unsettled: 0,
            late: 0,
            settled: 0,
            repaired: 0,
            unrepaired: None,
            differences: vec![],
            definition: vec![],
        }
    }
    pub(super) fn failed(table: &TableName, error: Error) -> Self {
        Self { outcome: Outcome::Failed { code: error.code, message: error.message }, ..Self::new(table) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    pub tables: Vec<TableVerdict>,
}

impl VerifyReport {
    /// Every table was compared and none differs.
    pub fn equal(&self) -> bool {
        self.tables.iter().all(|t| t.outcome == Outcome::Equal)
    }
    pub fn different_rows(&self) -> u64 {
        self.tables.iter().map(|t| t.different).sum()
    }
}
