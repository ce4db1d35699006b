//! Figures of a job, as the engine publishes them and the API shows them: counted over all runs, measured now.

use super::job::JobState;
use super::position::Position;
use super::replicate::TableName;
use jiff::Timestamp;
use std::time::Instant;

/// A side's figures, counted over all runs of the job.
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
    /// Transactions that are decoded and not applied; what waits behind them is counted in bytes (`Progress::spool_bytes`).
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
    /// Groups of transactions that were sent to the target because they were full, and because no more was waiting.
    pub groups_full: u64,
    pub groups_idle: u64,
    /// Seconds behind the source; None = not known yet.
    pub delay_seconds: Option<f64>,
    pub bytes: u64,
    /// One of the stage sentences of research/dtle.md §3.12.
    pub stage: String,
    pub at: Option<Timestamp>,
    /// When the last transaction that is applied, or was found to be nobody's, was committed at the source.
    pub source_time: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TablePhase {
    #[default]
    Pending,
    Copying,
    /// Copied; the stream has not reached its end position.
    Converging,
    Exact,
    /// Not copied: its changes are applied from where the job began, and what it held then nobody has looked at. Of figures only.
    Followed,
}

impl TablePhase {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Copying => "copying",
            Self::Converging => "converging",
            Self::Exact => "exact",
            Self::Followed => "followed",
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
    /// Rows that the job's row filter left out, of the copy and of the stream.
    pub filtered: u64,
    /// The target's table held rows when its copy began, and they stayed: those that the source does not have were not looked for.
    pub held_rows: bool,
}

impl TableProgress {
    /// A table of which nothing is counted yet.
    pub fn new(table: TableName, phase: TablePhase) -> Self {
        Self {
            table,
            phase,
            rows_copied: 0,
            rows_estimated: 0,
            bytes_copied: 0,
            inserts: 0,
            updates: 0,
            deletes: 0,
            conflicts: 0,
            filtered: 0,
            held_rows: false,
        }
    }
}

/// What a job has brought into a topic and the brokers have acknowledged, a message that was sent again counted again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicProgress {
    pub topic: String,
    pub partitions: u32,
    pub messages: u64,
    /// Of keys and values.
    pub bytes: u64,
}

/// Conflicts that are remembered of a job; all of them are counted.
pub const CONFLICTS: usize = 100;

/// A change that did not fit the target, and what became of it. Of the row it holds the key and no other value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictSeen {
    pub time: Timestamp,
    pub table: TableName,
    /// The columns by which the row is found; empty: by all of them.
    pub key: Vec<String>,
    /// Their values, shortened; None = NULL. Empty: not known.
    pub values: Vec<Option<String>>,
    /// The source's transaction.
    pub transaction: String,
    pub change: ConflictChange,
    pub decision: ConflictDecision,
    /// Columns whose values at the target are others than the source's row had; empty where the row is missing or in the way, or
    /// where only keys are looked at.
    pub differs: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictChange {
    Insert,
    Update,
    Delete,
}

impl ConflictChange {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictDecision {
    /// The job ended with it.
    Stopped,
    /// The source's row is at the target now.
    Overwritten,
    /// The target stays as it was.
    Skipped,
    /// A row of the target's that is gone: it had a value of the source's row that can be there once.
    Removed,
}

impl ConflictDecision {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Overwritten => "overwritten",
            Self::Skipped => "skipped",
            Self::Removed => "removed",
        }
    }
}

/// A statement of the log with which the job waits until somebody has decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name under which it is decided about.
    pub transaction: String,
    pub statement: String,
    pub default_schema: String,
    /// Why it does not run, as an error says it.
    pub code: String,
    pub message: String,
    pub hint: String,
    /// It is a part of a transaction, which can only be left out as a whole.
    pub inside: bool,
    pub since: Timestamp,
}

/// A gate that the job waits at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBy {
    /// `the source has Threads_running 31, which is more than 25`.
    pub reason: String,
    pub since: Timestamp,
}

/// One consistent picture of a job. The engine is its only writer (`replicate/report.rs`), but for [`Errors`].
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub state: JobState,
    pub src: SideProgress,
    pub dest: SideProgress,
    pub tables: Vec<TableProgress>,
    /// Of a subscription, sorted by name.
    pub topics: Vec<TopicProgress>,
    pub messages_per_second: f64,
    /// The source's own current position, for "how far behind".
    pub source_position: String,
    /// All up to there is at the target, as this run knows; None: it has not said so yet.
    pub applied: Option<Position>,
    /// When the source was asked last, by this run, and had nothing that was not applied when somebody looked.
    pub in_step: Option<Instant>,
    /// Bytes in the spool that are not applied yet.
    pub spool_bytes: u64,
    pub copy_rows_per_second: f64,
    pub copy_bytes_per_second: f64,
    pub apply_rows_per_second: f64,
    pub eta_seconds: Option<u64>,
    /// Statements and objects that were left out, each counted (e.g. "views not copied" → 3).
    pub notes: Vec<(String, u64)>,
    /// Rows that the job has copied, over all its runs; a table that is copied again counts again.
    pub copied_total: u64,
    /// How long the source keeps its log, as it last said; None: for ever, or it does not say.
    pub log_kept_seconds: Option<f64>,
    /// The newest, oldest first.
    pub conflicts: Vec<ConflictSeen>,
    /// It could go faster but for its throttle.
    pub held_back: bool,
    /// Gates that it waits at.
    pub held_by: Vec<HeldBy>,
    /// It was told to finish and waits for this.
    pub finishes_when: Option<String>,
    pub question: Option<Question>,
    /// What its state names as waited for is work that takes its time: nothing is wrong.
    pub busy: bool,
    /// For how long the target has taken nothing of what it was given, and what the job's sessions are at there.
    pub target_stands: Option<String>,
    pub errors: Errors,
}

/// What went wrong in a job. The scheduler is its only writer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors {
    pub last: Option<String>,
    pub last_at: Option<Timestamp>,
    /// When the job worked again after it.
    pub recovered_at: Option<Timestamp>,
    /// Runs and parts of runs that ended with an error.
    pub count: u64,
    /// Engine starts that followed one, by the scheduler itself.
    pub restarts: u64,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            state: JobState::Pending,
            src: SideProgress::default(),
            dest: SideProgress::default(),
            tables: Vec::new(),
            topics: Vec::new(),
            messages_per_second: 0.0,
            source_position: String::new(),
            applied: None,
            in_step: None,
            spool_bytes: 0,
            copy_rows_per_second: 0.0,
            copy_bytes_per_second: 0.0,
            apply_rows_per_second: 0.0,
            eta_seconds: None,
            notes: Vec::new(),
            copied_total: 0,
            log_kept_seconds: None,
            conflicts: Vec::new(),
            held_back: false,
            held_by: Vec::new(),
            finishes_when: None,
            question: None,
            busy: false,
            target_stands: None,
            errors: Errors::default(),
        }
    }
}

impl Progress {
    /// Returns the figures that the next engine start goes on from: what was counted stays, what was measured goes.
    pub fn carried(&self) -> Self {
        let side = |side: &SideProgress| SideProgress {
            // What was read and not applied is read again.
            tx_read: side.tx_applied,
            row_events_read: side.row_events_applied,
            queue: 0,
            stage: String::new(),
            ..side.clone()
        };
        Self {
            src: side(&self.src),
            dest: side(&self.dest),
            tables: self.tables.clone(),
            topics: self.topics.clone(),
            source_position: self.source_position.clone(),
            notes: self.notes.clone(),
            copied_total: self.copied_total,
            log_kept_seconds: self.log_kept_seconds,
            conflicts: self.conflicts.clone(),
            errors: self.errors.clone(),
            ..Self::default()
        }
    }

    /// Takes away what is measured of a job at work: it rests.
    pub fn rest(&mut self) {
        (self.copy_rows_per_second, self.copy_bytes_per_second, self.apply_rows_per_second, self.messages_per_second) =
            (0.0, 0.0, 0.0, 0.0);
        (self.eta_seconds, self.held_back, self.target_stands) = (None, false, None);
        self.held_by.clear();
    }

    /// Returns how far behind the target may be by now, in seconds: while nothing is measured, the time since it was last
    /// known to be in step goes on.
    pub fn lag_at(&self, now: Timestamp) -> Option<f64> {
        let (lag, at) = (self.dest.delay_seconds?, self.dest.at?);
        Some(lag + now.duration_since(at).as_secs_f64().max(0.0))
    }

    /// Returns in how many seconds what the job needs next may be gone from the source's log: a server drops a file when its last
    /// change is older than it keeps them, and what comes next is as old as the job is behind.
    pub fn purge_in(&self) -> Option<f64> {
        Some(self.log_kept_seconds? - self.dest.delay_seconds?)
    }

    /// Sets the count of a note.
    pub fn note(&mut self, what: &str, count: impl FnOnce(u64) -> u64) {
        match self.notes.iter_mut().find(|n| n.0 == what) {
            Some(note) => note.1 = count(note.1),
            None => self.notes.push((what.to_owned(), count(0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_carried_and_measures_are_not() {
        let mut progress =
            Progress { apply_rows_per_second: 5.0, messages_per_second: 4.0, spool_bytes: 9, copied_total: 3, ..Progress::default() };
        progress.topics.push(TopicProgress { topic: "t".into(), partitions: 3, messages: 8, bytes: 80 });
        progress.note("views", |n| n + 2);
        progress.note("views", |n| n + 1);
        progress.dest = SideProgress { tx_applied: 7, tx_read: 9, queue: 4, ..SideProgress::default() };
        let next = progress.carried();
        assert_eq!((next.apply_rows_per_second, next.spool_bytes, next.copied_total), (0.0, 0, 3));
        assert_eq!((next.dest.tx_applied, next.dest.tx_read, next.dest.queue), (7, 7, 0));
        assert_eq!((&next.topics, next.messages_per_second), (&progress.topics, 0.0));
        assert_eq!(next.notes, [("views".to_owned(), 3)]);
    }

    #[test]
    fn lag_grows_while_nobody_measures_it() {
        let at = Timestamp::UNIX_EPOCH;
        let mut progress = Progress::default();
        assert_eq!(progress.lag_at(at), None);
        (progress.dest.delay_seconds, progress.dest.at) = (Some(1.5), Some(at));
        assert_eq!(progress.lag_at(at + jiff::SignedDuration::from_secs(10)), Some(11.5));
        assert_eq!(progress.purge_in(), None, "the source does not say how long it keeps its log");
        progress.log_kept_seconds = Some(3600.0);
        assert_eq!(progress.purge_in(), Some(3598.5));
    }
}
