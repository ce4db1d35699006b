//! The dms family under `/api/dms`. The order of fields is the order of keys in the contract's samples.
//!
//! Bars themselves are not among these types: they are written as text while they are read (`api/dms/bars.rs`); [`Point`] and
//! [`Series`] describe them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Failure)]
pub struct Failure {
    pub detail: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Status)]
pub struct Status {
    /// `master` or `slave`.
    pub role: &'static str,
    pub running: bool,
    /// Seconds.
    pub uptime: u64,
    pub tasks_count: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Nodes)]
pub struct Nodes {
    pub nodes: Vec<Node>,
    pub total_nodes: usize,
    pub online_nodes: usize,
}

/// A master has `tasks_count`, a slave `sync_delay`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Node)]
pub struct Node {
    pub name: String,
    pub role: &'static str,
    pub host: String,
    pub port: u16,
    /// `running` or `offline`.
    pub status: &'static str,
    /// In seconds; 0 while it is offline; null: one that comes by itself has not said it.
    pub uptime: Option<u64>,
    /// Of a master; null: it has not said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks_count: Option<Option<u64>>,
    /// When it was last seen to have everything, also where nothing had to travel for it. Null: a master, or not yet.
    pub last_sync: Option<String>,
    /// Seconds between the master's newest change and the newest one that the slave has; 0: it has all; null: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_delay: Option<Option<u64>>,
    /// Of a slave: series of which it has bars that its master does not have; absent: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_series: Option<u64>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Slave)]
pub struct Slave {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub enabled: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SlaveStatus)]
pub struct SlaveStatus {
    pub name: String,
    pub role: &'static str,
    pub host: String,
    pub port: u16,
    pub status: &'static str,
    pub uptime: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = dms::BatchRequest)]
pub struct BatchRequest {
    /// At most 1,000.
    pub symbols: Vec<String>,
    pub start_date: String,
    /// Included; a date or midnight means all of that day.
    pub end_date: String,
    /// 1m 5m 15m 30m 1h 1d 1wk 1mo; absent: 1d.
    #[serde(default)]
    pub interval: Option<String>,
}

/// All fields are optional: absent means everything.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = dms::SyncRequest)]
pub struct SyncRequest {
    #[serde(default)]
    pub symbol: Option<String>,
    #[serde(default)]
    pub start_date: Option<String>,
    #[serde(default)]
    pub end_date: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Done)]
pub struct Done {
    pub success: bool,
    pub result: Outcome,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Outcome)]
pub struct Outcome {
    pub success: bool,
    pub message: String,
}

/// One bar.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Point)]
#[serde(rename_all = "PascalCase")]
pub struct Point {
    /// The exchange's date at 00:00 of daily and longer bars; UTC with `Z` of intraday ones.
    #[serde(rename = "time")]
    pub time: String,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

/// The bars of one symbol; in a batch null where there are none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Series)]
pub struct Series {
    pub symbol: String,
    pub data: Vec<Point>,
    /// The times of `data`.
    pub index: Vec<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Symbols)]
pub struct Symbols {
    pub symbols: Vec<String>,
    pub total: usize,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SymbolInfo)]
pub struct SymbolInfo {
    pub symbol: String,
    pub interval: String,
    pub has_data: bool,
    pub data_count: u64,
    pub earliest_date: Option<String>,
    pub latest_date: Option<String>,
    /// When anything of it changed last.
    pub last_update: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = dms::Imported)]
pub struct Imported {
    pub success: bool,
    pub symbols: usize,
    pub added: u64,
    pub changed: u64,
    /// Of those that changed: by one factor, as after a split or dividend.
    pub rebased: u64,
    pub unchanged: u64,
    /// Rows without a price, which are no bars.
    pub skipped: u64,
    /// Bars that are not over yet, which are stored with `lenient` alone.
    pub held_back: u64,
    /// With `lenient`: bars that contradict themselves, and second bars of a symbol and a time, of which the last stays.
    pub suspect: u64,
    pub duplicates: u64,
    /// What should be looked at, a sentence each.
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Task)]
pub struct Task {
    pub name: String,
    /// `idle` before the first run, then `running`, `completed`, `failed`.
    pub status: &'static str,
    pub last_run_time: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::TaskStatus)]
pub struct TaskStatus {
    pub name: String,
    pub status: &'static str,
    pub last_run_time: Option<String>,
    /// Null before the first run has ended.
    pub last_result: Option<TaskResult>,
    pub stats: TaskStats,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::TaskResult)]
pub struct TaskResult {
    /// No symbol failed.
    pub success: bool,
    pub message: String,
    /// Bars added or changed.
    pub data_count: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::TaskStats)]
pub struct TaskStats {
    pub total_runs: u64,
    pub success_count: u64,
    pub failed_count: u64,
    pub total_data_count: u64,
    /// Seconds, of the runs in the log that were carried out; 0: none was.
    pub avg_duration: f64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::TriggeredReply)]
pub struct TriggeredReply {
    pub success: bool,
    pub result: Triggered,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::TriggeredAllReply)]
pub struct TriggeredAllReply {
    pub success: bool,
    pub result: TriggeredAll,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Triggered)]
pub struct Triggered {
    /// False: it is running already.
    pub success: bool,
    pub message: String,
    pub status: &'static str,
    pub task_name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::TriggeredAll)]
pub struct TriggeredAll {
    pub success: bool,
    pub message: String,
    pub triggered_count: usize,
    pub success_count: usize,
    pub results: std::collections::BTreeMap<String, Begun>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Begun)]
pub struct Begun {
    pub success: bool,
    pub status: &'static str,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::MaintenanceLog)]
pub struct MaintenanceLog {
    /// Newest first.
    pub logs: Vec<MaintenanceRow>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::MaintenanceRow)]
pub struct MaintenanceRow {
    /// The number of the run.
    pub id: u64,
    pub task_name: String,
    pub task_type: &'static str,
    pub start_time: String,
    pub end_time: Option<String>,
    /// Seconds; null while it runs.
    pub duration: Option<f64>,
    pub status: &'static str,
    pub result_message: String,
    pub data_count: u64,
    pub error_message: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SyncStatus)]
pub struct SyncStatus {
    pub backups: Vec<Backup>,
    pub total_backups: usize,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Backup)]
pub struct Backup {
    pub name: String,
    pub host: String,
    pub port: u16,
    /// When all of it was last seen there, also where nothing had to travel for it.
    pub last_sync: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SyncHistory)]
pub struct SyncHistory {
    /// Newest first.
    pub history: Vec<SyncRow>,
}

/// One series; symbol and interval are empty where the backup could not be talked to at all.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SyncRow)]
pub struct SyncRow {
    pub id: u64,
    pub backup_name: String,
    /// `backup` or `slave`, which may have one name. Empty: an earlier version kept the row, and did not say.
    pub target_kind: &'static str,
    pub symbol: String,
    pub interval: String,
    pub sync_mode: &'static str,
    pub start_time: String,
    pub end_time: String,
    pub data_count: u64,
    pub status: &'static str,
    pub error_message: String,
    /// What there is to say besides, e.g. that somebody else had taken bars out of a backup.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::SyncTriggered)]
pub struct SyncTriggered {
    pub success: bool,
    pub message: String,
    pub result: Started,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dms::Started)]
pub struct Started {
    pub success: bool,
    /// By backup: whether its run was started, or (with `wait`) completed.
    pub results: std::collections::BTreeMap<String, bool>,
}
