//! Replies about allocations (one side of one run of a job) and their figures.

use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Allocation)]
pub struct Allocation {
    pub client_description: String,
    /// `pending`, `running`, `complete`, `failed` or `lost`.
    pub client_status: &'static str,
    pub create_index: u64,
    /// Nanoseconds.
    pub create_time: i64,
    pub desired_description: String,
    /// `run`, `pause` or `stop`.
    pub desired_status: &'static str,
    #[serde(rename = "EvalID")]
    pub eval_id: String,
    #[serde(rename = "ID")]
    pub id: String,
    #[serde(rename = "JobID")]
    pub job_id: String,
    pub modify_index: u64,
    pub name: String,
    #[serde(rename = "NodeID")]
    pub node_id: String,
    pub task: &'static str,
    #[schema(value_type = BTreeMap<String, TaskState>)]
    pub task_states: BTreeMap<&'static str, TaskState>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::TaskState)]
pub struct TaskState {
    pub events: Vec<Event>,
    pub failed: bool,
    pub finished_at: Option<String>,
    pub started_at: Option<String>,
    pub state: &'static str,
}

/// What happened to a task. A text stands under the key of its kind and under `Message`.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Event)]
pub struct Event {
    pub disk_limit: u64,
    pub driver_error: String,
    pub driver_message: String,
    pub exit_code: u64,
    pub failed_sibling: String,
    pub fails_task: bool,
    pub kill_error: String,
    pub kill_reason: String,
    pub kill_timeout: u64,
    pub message: String,
    pub restart_reason: String,
    pub setup_error: String,
    pub start_delay: u64,
    pub task_signal: String,
    pub task_signal_reason: String,
    pub time: String,
    #[serde(rename = "Type")]
    pub kind: &'static str,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Stats)]
pub struct Stats {
    #[schema(value_type = BTreeMap<String, Figures>)]
    pub tasks: BTreeMap<&'static str, Figures>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Figures)]
pub struct Figures {
    pub backlog: String,
    pub buffer_stat: BufferStat,
    pub current_coordinates: Coordinates,
    pub delay_count: DelayCount,
    #[serde(rename = "ETA")]
    pub eta: String,
    pub exec_master_row_count: u64,
    pub exec_master_tx_count: u64,
    pub msg_stat: MsgStat,
    pub progress_pct: String,
    pub read_master_row_count: u64,
    pub read_master_tx_count: u64,
    pub stage: String,
    /// Always null, as in dtle.
    #[schema(value_type = Option<Object>)]
    pub table_stats: Option<()>,
    #[schema(value_type = Option<Object>)]
    pub throughput_stat: Option<()>,
    /// Nanoseconds.
    pub timestamp: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::BufferStat)]
pub struct BufferStat {
    pub applier_group_tx_queue_size: u64,
    pub applier_tx_queue_size: u64,
    pub extractor_tx_queue_size: u64,
    pub send_by_size_full: u64,
    pub send_by_timeout: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::Coordinates)]
pub struct Coordinates {
    pub executed_gtid_set: String,
    pub file: String,
    pub gtid_set: String,
    pub position: u64,
    pub read_master_log_pos: u64,
    pub relay_master_log_file: &'static str,
    pub retrieved_gtid_set: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::DelayCount)]
pub struct DelayCount {
    /// Transactions behind.
    pub num: u64,
    /// Seconds behind.
    pub time: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = dtle2::MsgStat)]
pub struct MsgStat {
    pub in_bytes: u64,
    pub in_msgs: u64,
    pub out_bytes: u64,
    pub out_msgs: u64,
    pub reconnects: u64,
}
