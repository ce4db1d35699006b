//! `/api/v1/tasks`: jobs that run at their times, or when they are told to. `POST /api/v1/runs` begins a run that belongs
//! to no task; `GET /api/v1/cron` says what an expression means.

use super::runs::{BarCounts, HostCounts, SyncCounts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Task {
    pub number: u64,
    pub id: String,
    pub name: String,
    /// `hosts`, `bars` or `bars_sync`.
    pub kind: String,
    pub enabled: bool,
    /// `disabled`, `scheduled`, `manual` (enabled, without times), `running` or `broken` (`problem` says why).
    pub state: String,
    pub cron: Option<String>,
    /// The zone that the times are in.
    pub time_zone: String,
    pub next: Option<String>,
    pub last: Option<String>,
    /// How the last run ended: completed, partial, failed, cancelled or interrupted.
    pub last_result: Option<String>,
    /// Told of one task; in lists it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<LastRun>,
    pub running: Option<Active>,
    pub runs: u64,
    pub successes: u64,
    pub failures: u64,
    /// What all runs together took.
    #[serde(default)]
    pub duration_ms: u64,
    pub description: String,
    pub created_by: String,
    pub origin: String,
    pub created: String,
    pub updated: String,
    pub job_modify_index: u64,
    #[serde(default)]
    pub problem: String,
    #[serde(default)]
    pub limits: TaskLimits,
    /// What it does: one of these.
    pub hosts: Option<HostWork>,
    #[serde(default)]
    pub bars: Option<BarsWork>,
    #[serde(default)]
    pub bars_sync: Option<SyncWork>,
}

/// What a task says itself; absent: what `[tasks]` of the configuration says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskLimits {
    /// A time that was missed for longer than this does not run any more; 0: on time or not at all.
    #[serde(default)]
    pub grace_seconds: Option<u32>,
    /// Longest time that a run may take.
    #[serde(default)]
    pub deadline_seconds: Option<u32>,
}

/// A task's last run that ended, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastRun {
    pub number: u64,
    pub state: String,
    pub message: String,
    /// The first items that did not come out well, and why. Empty: there is none.
    pub error: String,
}

/// A run that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Active {
    pub run: u64,
    pub started: String,
    pub hosts: Option<HostCounts>,
    #[serde(default)]
    pub bars: Option<BarCounts>,
    #[serde(default)]
    pub bars_sync: Option<SyncCounts>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskList {
    pub tasks: Vec<Task>,
}

/// Host metrics out of Elasticsearch into the inventory. Absent: what `[hosts]` of the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostWork {
    #[serde(default)]
    pub endpoint: Option<String>,
    /// `search` or `proxy`.
    #[serde(default)]
    pub style: Option<String>,
    #[serde(default)]
    pub index_pattern: Option<String>,
    /// A number and one of s, m, h, d, w, M, y; 30d when absent.
    #[serde(default)]
    pub range: Option<String>,
    /// These hosts only; absent: all of the pool.
    #[serde(default)]
    pub addresses: Option<Vec<String>>,
    /// All hosts that Elasticsearch has of the group; new ones are put into the pool.
    #[serde(default)]
    pub full: bool,
    #[serde(default)]
    pub group: Option<String>,
}

/// Bars of symbols, from a provider into the store, or looked at there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BarsWork {
    /// `incremental`, `full_sync`, `validation` or `repair`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One of `[[dms.providers]]`; absent: the only one.
    #[serde(default)]
    pub provider: Option<String>,
    /// Absent: all that are stored.
    #[serde(default)]
    pub symbols: Option<Vec<String>>,
    /// Of a task of the configuration file: where they are listed, read at each run. In no request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbols_file: Option<String>,
    /// 1m 5m 15m 30m 1h 1d 1wk 1mo; absent: 1d.
    #[serde(default)]
    pub interval: Option<String>,
    /// How far back, 1 to 73000: the first fetch of an incremental task (1825 when absent), the range of the others (full_sync
    /// 3650, validation 30, repair 7).
    #[serde(default)]
    pub days: Option<u32>,
    /// A fixed range instead; not for incremental tasks.
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    /// Stored bars that an incremental task compares with the source; 10 when absent.
    #[serde(default)]
    pub overlap: Option<u32>,
    /// A close that moves by more than this part is told; 0.2 when absent.
    #[serde(default)]
    pub extreme_move: Option<f64>,
    /// Bring backups and slaves up to date afterwards.
    #[serde(default)]
    pub sync: bool,
}

/// Bars brought to a backup or a slave, or (at a slave, `master`) from the master.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncWork {
    pub target: String,
    /// `backup` or `slave`; absent: the one that has the name. 400 where both have it.
    #[serde(default)]
    pub kind: Option<String>,
    /// `incremental`, `full` or `repair`; incremental when absent. After a full one a slave has nothing that its master does not have.
    /// Of a backup, bars that are not here are taken out by `full` and `repair` where the series is here; by `incremental` where they lie
    /// between a series' own bars and it is found to have more or fewer than here, but not after an older bars database was restored.
    #[serde(default)]
    pub mode: Option<String>,
    /// Only this symbol.
    #[serde(default)]
    pub symbol: Option<String>,
    /// Only these days, of replicas.
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    /// Of a backup and mode `repair`, without `symbol`: series that are not here are taken out there, whoever wrote them. Refused
    /// elsewhere. `GET /api/v1/sync/targets` names them (`besides`), as a `dry_run` of it saw them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prune: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskCreate {
    pub name: String,
    /// Six fields, seconds first (over bars also five); absent: it runs only when it is told to.
    #[serde(default)]
    pub cron: Option<String>,
    /// IANA name; absent: the daemon's.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// true when absent.
    #[serde(default)]
    pub enabled: Option<bool>,
    #[serde(default)]
    pub description: Option<String>,
    /// What it does: one of these; none is `hosts` as `[hosts]` says.
    #[serde(default)]
    pub limits: TaskLimits,
    #[serde(default)]
    pub hosts: Option<HostWork>,
    #[serde(default)]
    pub bars: Option<BarsWork>,
    #[serde(default)]
    pub bars_sync: Option<SyncWork>,
}

/// A change; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskChange {
    #[serde(default)]
    pub name: Option<String>,
    /// "" takes the times away.
    #[serde(default)]
    pub cron: Option<String>,
    #[serde(default)]
    pub time_zone: Option<String>,
    #[serde(default)]
    pub enabled: Option<bool>,
    #[serde(default)]
    pub description: Option<String>,
    /// Replaces both.
    #[serde(default)]
    pub limits: Option<TaskLimits>,
    /// Replaces all of what it does.
    #[serde(default)]
    pub hosts: Option<HostWork>,
    #[serde(default)]
    pub bars: Option<BarsWork>,
    #[serde(default)]
    pub bars_sync: Option<SyncWork>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskDeleted {
    pub number: u64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Times {
    pub time_zone: String,
    /// 6: the expression was read seconds first; 5: minutes first, which tasks over bars alone take. Absent: there is none, or a
    /// nickname such as @daily.
    #[serde(default)]
    pub fields: Option<u8>,
    /// RFC 3339 with the zone's offset.
    pub times: Vec<String>,
}

/// A run that would begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunJudged {
    pub name: String,
    /// The series that a sync would change at a backup, or at a slave that it brings what changed, found by the run's own questions.
    /// Absent: it is none such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<SyncChange>>,
}

/// What a sync would do to one series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncChange {
    /// E.g. `US.AAPL 1d`.
    pub series: String,
    /// Bars that would be written, and that would be taken out because they are not here.
    pub written: u64,
    pub removed: u64,
    /// Bars that were deleted here go there too; a slave does not say how many it has.
    #[serde(default)]
    pub deletes: bool,
    /// The time of the first of them.
    #[serde(default)]
    pub first: Option<String>,
    /// In words, as the history would have it; or why it could not be compared.
    pub note: String,
}

/// A run that belongs to no task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunCreate {
    /// For the log.
    pub name: String,
    /// What it does: one of these.
    #[serde(default)]
    pub hosts: Option<HostWork>,
    #[serde(default)]
    pub bars: Option<BarsWork>,
    #[serde(default)]
    pub bars_sync: Option<SyncWork>,
}
