//! Comparisons of both sides, as the scheduler runs and stores them.

use crate::model::job::JobId;
use crate::replicate::verify::{Difference, Outcome, TableVerdict};
use crate::store::verifications::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is asked of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Empty: all tables of the job.
    pub tables: Vec<String>,
    /// Most differences listed per table; 0 = the default.
    pub max_differences: u64,
    pub mending: Mending,
    /// Every row is read, also where the servers could add them up.
    pub by_rows: bool,
}

/// What becomes of the rows that differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mending {
    #[default]
    Nothing,
    /// The statements that would make them equal are written to a file.
    Statements,
    /// The running job makes them equal.
    Repair,
}

impl Mending {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Statements => "with statements",
            Self::Repair => "with repair",
        }
    }
}

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
    /// `equal`, `different`, `unsettled` (rows kept changing, or the job is behind) or `failed`.
    pub state: String,
    /// None: not read, or not to the end.
    pub source_rows: Option<u64>,
    pub target_rows: Option<u64>,
    pub different: u64,
    /// Rows that were made equal.
    #[serde(default)]
    pub repaired: u64,
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

/// Puts the engine's verdict into the stored form.
pub(super) fn table(verdict: TableVerdict) -> ComparedTable {
    let TableVerdict {
        table,
        outcome,
        source_rows,
        target_rows,
        read: _,
        different,
        unsettled,
        late,
        settled: _,
        repaired,
        unrepaired,
        differences,
        definition,
    } = verdict;
    let (state, error) = match outcome {
        Outcome::Equal => ("equal", String::new()),
        Outcome::Different => {
            let unrepaired = unrepaired.map(|why| format!("not repaired: {why}"));
            ("different", definition.into_iter().chain(unrepaired).collect::<Vec<_>>().join("; "))
        }
        Outcome::Uncopied => ("unsettled", "the job rests, and has not copied it whole yet: `syncline jobs resume`, or retry".to_owned()),
        Outcome::Unsettled if !definition.is_empty() => (
            "unsettled",
            format!("{}; the job has not come yet to where that was seen at the source: it is behind, or rests", definition.join("; ")),
        ),
        Outcome::Unsettled if late > 0 => (
            "unsettled",
            format!("{late} rows are not as at the source, and the job has not come to where they would be: it is behind, or rests"),
        ),
        Outcome::Unsettled => ("unsettled", format!("{unsettled} rows kept changing while they were compared")),
        Outcome::Failed { code, message } => ("failed", format!("{message} ({code})")),
    };
    let difference = |Difference { kind, key, columns }| RowDifference { kind: kind.as_str().to_owned(), key, columns };
    ComparedTable {
        schema: table.schema,
        table: table.table,
        state: state.to_owned(),
        source_rows,
        target_rows,
        different,
        repaired,
        differences: differences.into_iter().map(difference).collect(),
        error,
    }
}

/// The verdict on the whole job: a difference beats what could not be compared, and only equality is called equal.
pub(super) fn overall(tables: &[ComparedTable]) -> (State, String) {
    let with = |state: &str| tables.iter().filter(|t| t.state == state).count();
    let (different, failed, unsettled) = (with("different"), with("failed"), with("unsettled"));
    if different > 0 {
        return (State::Different, String::new());
    }
    if failed > 0 {
        return (State::Failed, format!("{failed} tables could not be compared"));
    }
    if unsettled > 0 {
        return (State::Failed, format!("{unsettled} tables kept changing, or wait for the job; compare again when it is calmer"));
    }
    (State::Equal, String::new())
}
