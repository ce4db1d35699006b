//! Live figures of a replication run, as the engine publishes them and the API shows them.

use super::job::JobState;
use super::replicate::TableName;
use jiff::Timestamp;

/// A side's figures; `SideProgress` of both sides are stored with the run when it ends.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SideProgress {
    /// Executed position in its text form (GTIDs, or file:offset).
    pub position: String,
    pub file: String,
    pub pos: u64,
    pub rows_done: u64,
    pub rows_estimated: u64,
    pub tx_read: u64,
    pub tx_applied: u64,
    /// Row events read and applied by the stream.
    pub row_events_read: u64,
    pub row_events_applied: u64,
    /// Transactions waiting between reader and sink.
    pub queue: u64,
    pub queue_capacity: u64,
    /// Transactions that were read and are not done with at the target: applied, or found to be nobody's.
    pub tx_behind: u64,
    /// Those of them that the source's side has not handed over yet.
    pub tx_unsent: u64,
    /// Decoded events that wait to be handed over.
    pub events_queued: u64,
    /// Chunks and transactions handed from the source's side to the target's, and their bytes.
    pub batches: u64,
    pub batch_bytes: u64,
    /// Seconds behind the source; None = not known yet.
    pub delay_seconds: Option<f64>,
    pub bytes: u64,
    /// One of the stage sentences of research/dtle.md §3.12.
    pub stage: String,
    pub at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TablePhase {
    #[default]
    Pending,
    Copying,
    /// Copied; the stream has not reached its end position.
    Converging,
    Exact,
}

impl TablePhase {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Copying => "copying",
            Self::Converging => "converging",
            Self::Exact => "exact",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableProgress {
    pub table: TableName,
    pub phase: TablePhase,
    pub rows_copied: u64,
    pub rows_estimated: u64,
    pub bytes_copied: u64,
    /// Row events applied to it by the stream.
    pub inserts: u64,
    pub updates: u64,
    pub deletes: u64,
    /// Rows where the conflict policy overwrote or skipped.
    pub conflicts: u64,
}

/// One consistent picture of a run. The engine is its only writer (`replicate/report.rs`).
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub state: JobState,
    pub src: SideProgress,
    pub dest: SideProgress,
    pub tables: Vec<TableProgress>,
    /// The source's own current position, for "how far behind".
    pub source_position: String,
    /// Bytes in the spool that are not applied yet.
    pub spool_bytes: u64,
    pub copy_rows_per_second: f64,
    pub copy_bytes_per_second: f64,
    pub apply_rows_per_second: f64,
    pub eta_seconds: Option<u64>,
    /// Statements and objects that were left out, each counted (e.g. "views not copied" → 3).
    pub notes: Vec<(String, u64)>,
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            state: JobState::Pending,
            src: SideProgress::default(),
            dest: SideProgress::default(),
            tables: Vec::new(),
            source_position: String::new(),
            spool_bytes: 0,
            copy_rows_per_second: 0.0,
            copy_bytes_per_second: 0.0,
            apply_rows_per_second: 0.0,
            eta_seconds: None,
            notes: Vec::new(),
            last_error: None,
            last_error_at: None,
        }
    }
}
