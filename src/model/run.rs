//! Runs: attempts at a job, with their two sides, items and events.

use super::bars::{BarCounts, SyncCounts, TaskKind};
use super::finding::Side;
use super::hosts::HostCounts;
use super::job::{JobId, JobKind, Trigger};
use super::progress::SideProgress;
use jiff::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    Running,
    Completed,
    Partial,
    Failed,
    Cancelled,
    /// The daemon died under it.
    Interrupted,
    /// A fire that found its predecessor still active.
    Skipped,
}

impl RunState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Skipped => "skipped",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Completed, Self::Partial, Self::Failed, Self::Cancelled, Self::Interrupted, Self::Skipped]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// What a run counted, by the kind of its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counters {
    Hosts(HostCounts),
    Bars { task: TaskKind, counts: BarCounts },
    BarsSync(SyncCounts),
    Rows { copied: u64, applied: u64, transactions: u64, bytes: u64 },
}

impl Counters {
    /// What a task's total is the sum of: hosts that have their figures, bars that were added, changed or brought somewhere.
    pub fn data_count(&self) -> u64 {
        match self {
            Self::Hosts(counts) => counts.success(),
            Self::Bars { counts, .. } => counts.bars,
            Self::BarsSync(counts) => counts.bars,
            Self::Rows { .. } => 0,
        }
    }
}

/// One attempt at a job; pausing does not end it, a retry after an error begins a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub number: u64,
    pub job: Option<JobId>,
    pub kind: JobKind,
    /// The job's name at that time; it outlives the job.
    pub name: String,
    pub trigger: Trigger,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub state: RunState,
    pub success: Option<bool>,
    pub message: String,
    pub error: String,
    pub counters: Option<Counters>,
    pub eval_id: String,
    pub create_index: u64,
    pub modify_index: u64,
}

/// The state of one side, in dtle's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideState {
    Pending,
    Running,
    Dead,
}

impl SideState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct RunSide {
    pub run: u64,
    pub side: Side,
    pub allocation_id: String,
    pub node: String,
    pub state: SideState,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub progress: SideProgress,
}

/// One thing that a run handled: a host, a table, a symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct RunItem {
    pub number: u64,
    pub run: u64,
    pub key: String,
    pub label: String,
    pub outcome: Outcome,
    pub measures: serde_json::Value,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub count: u64,
    pub error: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Running,
    Inserted,
    Updated,
    Unchanged,
    NoData,
    NotInPool,
    Copied,
    Equal,
    Different,
    Failed,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Inserted => "inserted",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::NoData => "no_data",
            Self::NotInPool => "not_in_pool",
            Self::Copied => "copied",
            Self::Equal => "equal",
            Self::Different => "different",
            Self::Failed => "failed",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Running,
            Self::Inserted,
            Self::Updated,
            Self::Unchanged,
            Self::NoData,
            Self::NotInPool,
            Self::Copied,
            Self::Equal,
            Self::Different,
            Self::Failed,
        ]
        .into_iter()
        .find(|o| o.as_str() == text)
    }
}

/// What happens to a task, in the words that dtle's clients know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEventKind {
    Received,
    TaskSetup,
    Started,
    Driver,
    DriverFailure,
    Signaling,
    Restarting,
    Terminated,
    Killed,
    Note,
}

impl RunEventKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::TaskSetup => "Task Setup",
            Self::Started => "Started",
            Self::Driver => "Driver",
            Self::DriverFailure => "Driver Failure",
            Self::Signaling => "Signaling",
            Self::Restarting => "Restarting",
            Self::Terminated => "Terminated",
            Self::Killed => "Killed",
            Self::Note => "Note",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Received,
            Self::TaskSetup,
            Self::Started,
            Self::Driver,
            Self::DriverFailure,
            Self::Signaling,
            Self::Restarting,
            Self::Terminated,
            Self::Killed,
            Self::Note,
        ]
        .into_iter()
        .find(|k| k.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEvent {
    pub run: u64,
    pub side: Option<Side>,
    pub kind: RunEventKind,
    pub time: Timestamp,
    pub message: String,
    pub setup_error: String,
}
