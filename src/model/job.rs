//! The job: what an operator asked for, and where it stands.

use super::bars::{BarsSpec, BarsSyncSpec};
use super::hosts::HostMetricsSpec;
use super::replicate::{ReplicateKind, ReplicateSpec};
use jiff::Timestamp;
use std::fmt;

/// A job's text id, unique among all living jobs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub String);

impl JobId {
    /// A target's bookkeeping has room for so many characters.
    pub const LONGEST: usize = 128;

    /// Says what a new job's id may not be: ids stand in paths, logs and bookkeeping rows, where blanks at the end do not count.
    pub fn wrong(text: &str) -> Option<String> {
        if text.is_empty() {
            return Some("must not be empty".to_owned());
        }
        if text.chars().any(|c| c.is_control() || c == '/') || text.trim() != text {
            return Some("control characters, / and blanks at either end are not allowed".to_owned());
        }
        (text.chars().count() > Self::LONGEST).then(|| format!("longer than {} characters", Self::LONGEST))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of work a job does; names are unique among the living jobs of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobKind {
    Migration,
    Sync,
    Subscription,
    Hosts,
    Bars,
    BarsSync,
}

impl JobKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Migration => "migration",
            Self::Sync => "sync",
            Self::Subscription => "subscription",
            Self::Hosts => "hosts",
            Self::Bars => "bars",
            Self::BarsSync => "bars_sync",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Migration, Self::Sync, Self::Subscription, Self::Hosts, Self::Bars, Self::BarsSync].into_iter().find(|k| k.as_str() == text)
    }
}

impl From<ReplicateKind> for JobKind {
    fn from(kind: ReplicateKind) -> Self {
        match kind {
            ReplicateKind::Migration => Self::Migration,
            ReplicateKind::Sync => Self::Sync,
            ReplicateKind::Subscription => Self::Subscription,
        }
    }
}

impl JobKind {
    /// Kinds whose jobs run all the time; those of the others are tasks: they run at their times, or when they are told to.
    pub const CONTINUOUS: [Self; 3] = [Self::Migration, Self::Sync, Self::Subscription];
    pub const TASKS: [Self; 3] = [Self::Hosts, Self::Bars, Self::BarsSync];

    pub fn is_task(self) -> bool {
        Self::TASKS.contains(&self)
    }
}

/// The work of a continuous job. Its loop never holds another, and the types say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobSpec {
    Replicate(Box<ReplicateSpec>),
}

/// The work of a task; the store keeps any spec as a versioned document, so a new one comes without a migration.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskSpec {
    HostMetrics(HostMetricsSpec),
    Bars(BarsSpec),
    BarsSync(BarsSyncSpec),
}

impl TaskSpec {
    pub fn kind(&self) -> JobKind {
        match self {
            Self::HostMetrics(_) => JobKind::Hosts,
            Self::Bars(_) => JobKind::Bars,
            Self::BarsSync(_) => JobKind::BarsSync,
        }
    }
    /// What a task of the kind hosts does.
    pub fn hosts(&self) -> Option<&HostMetricsSpec> {
        match self {
            Self::HostMetrics(spec) => Some(spec),
            Self::Bars(_) | Self::BarsSync(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    Continuous,
    /// Six fields, seconds first (five where the dialect's clients send five); an empty time zone is the daemon's.
    Cron {
        expr: String,
        time_zone: String,
    },
    Manual,
}

/// What the operator wants; `is_enabled` of the dialects is this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desired {
    Running,
    Paused,
    Finished,
}

impl Desired {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Paused, Self::Finished].into_iter().find(|d| d.as_str() == text)
    }
}

/// The API family that a job came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Native,
    Dtle3,
    Dtle2,
    Dts,
    EsSync,
    Dms,
    /// The configuration: it follows that at each start.
    Config,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Dtle3 => "dtle3",
            Self::Dtle2 => "dtle2",
            Self::Dts => "dts",
            Self::EsSync => "es_sync",
            Self::Dms => "dms",
            Self::Config => "config",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Native, Self::Dtle3, Self::Dtle2, Self::Dts, Self::EsSync, Self::Dms, Self::Config].into_iter().find(|o| o.as_str() == text)
    }
}

/// Where a job stands. Exactly one of these is true at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    Pending,
    Copying,
    Streaming,
    /// Streaming, but behind by more than the lag limit.
    Lagging,
    Throttled,
    /// Waits for something outside; the text says for what.
    Waiting(String),
    /// It makes no progress although the source does; the text says what each part waits for.
    Stalled(String),
    Paused,
    Failed(Failure),
    Complete,
}

/// Why a job failed: enough for an operator to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable, e.g. `preflight_failed`.
    pub code: String,
    pub message: String,
    pub hint: String,
}

impl JobState {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Copying => "copying",
            Self::Streaming => "streaming",
            Self::Lagging => "lagging",
            Self::Throttled => "throttled",
            Self::Waiting(_) => "waiting",
            Self::Stalled(_) => "stalled",
            Self::Paused => "paused",
            Self::Failed(_) => "failed",
            Self::Complete => "complete",
        }
    }
    /// The engine has work in its hands.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Copying | Self::Streaming | Self::Lagging | Self::Throttled | Self::Waiting(_) | Self::Stalled(_))
    }
}

/// Aggregates that outlive the pruning of runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobStats {
    pub runs: u64,
    pub successes: u64,
    pub failures: u64,
    pub data_count: u64,
    pub duration_ms: u64,
    pub last_run: Option<Timestamp>,
    pub last_result: Option<String>,
}

/// What a task says of its times and its runs; None = the daemon's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskLimits {
    /// A fire that was missed for longer than this does not run any more.
    pub grace_seconds: Option<u32>,
    /// Longest time that a run may take.
    pub deadline_seconds: Option<u32>,
}

/// A job of either sort, told apart by its spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Job<S = JobSpec> {
    pub id: JobId,
    pub number: u64,
    pub kind: JobKind,
    pub name: String,
    pub spec: S,
    pub trigger: Trigger,
    /// Of tasks; a job that runs all the time has none.
    pub limits: TaskLimits,
    pub desired: Desired,
    pub origin: Origin,
    /// The request of the dialect it came through, secrets taken out, where that dialect echoes it (2.x).
    pub echo: Option<serde_json::Value>,
    pub description: String,
    pub created_by: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub deleted: Option<Timestamp>,
    pub create_index: u64,
    pub modify_index: u64,
    /// Moves with the spec only; compare-and-set uses it.
    pub job_modify_index: u64,
    pub next_fire: Option<Timestamp>,
    pub state: JobState,
    pub state_since: Timestamp,
    pub stats: JobStats,
}

/// A job that runs at its times, or when it is told to.
pub type Task = Job<TaskSpec>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_fits_into_the_bookkeeping_of_a_target() {
        let long = "ü".repeat(JobId::LONGEST);
        assert_eq!(JobId::wrong(&long), None, "characters, not bytes");
        assert_eq!(JobId::wrong(&format!("{long}x")).as_deref(), Some("longer than 128 characters"));
        for bad in ["", "a/b", "a\nb", " a", "a "] {
            assert!(JobId::wrong(bad).is_some(), "{bad:?}");
        }
    }
}
