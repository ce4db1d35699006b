//! The reply of `GET /v2/monitor/task`.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::Monitor)]
pub struct Monitor {
    pub tasks_status: TaskFigures,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::TaskFigures)]
pub struct TaskFigures {
    pub current_coordinates: Coordinates,
    pub delay_count: Delay,
    /// Of the full copy, in percent with one decimal.
    #[serde(rename = "progress_PCT")]
    pub progress_pct: String,
    pub exec_master_row_count: u64,
    pub exec_master_tx_count: u64,
    pub read_master_row_count: u64,
    pub read_master_tx_count: u64,
    /// Of the full copy: a duration, `0s` or `N/A`.
    #[serde(rename = "ETA")]
    pub eta: String,
    /// Waiting transactions / room for them.
    pub backlog: String,
    /// Always null, as in dtle.
    #[schema(value_type = Option<Object>)]
    pub throughput_status: Option<()>,
    pub nats_message_status: Messages,
    pub buffer_status: Buffers,
    pub stage: String,
    /// Nanoseconds.
    pub timestamp: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Coordinates)]
pub struct Coordinates {
    pub file: String,
    pub position: u64,
    pub gtid_set: String,
    pub relay_master_log_file: &'static str,
    pub read_master_log_pos: u64,
    pub retrieved_gtid_set: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Delay)]
pub struct Delay {
    /// Transactions behind.
    pub num: u64,
    /// Seconds behind.
    pub time: u64,
}

/// Batches between source and target task; we have no NATS, both tasks of one node share a process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Messages)]
pub struct Messages {
    pub in_messages: u64,
    pub out_messages: u64,
    pub in_bytes: u64,
    pub out_bytes: u64,
    pub reconnects: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Buffers)]
pub struct Buffers {
    pub binlog_event_queue_size: u64,
    pub extractor_tx_queue_size: u64,
    pub applier_tx_queue_size: u64,
    pub send_by_timeout: u64,
    pub send_by_size_full: u64,
}
