//! Replies of `/v2`. The order of fields is the order of keys in the contract's samples.

use serde::Serialize;
use utoipa::ToSchema;

/// What `message` says when all is well.
pub const OK: &str = "ok";
/// The time of something that has not happened yet, as Go writes its zero time.
pub const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// The whole reply of pause, resume and delete, and the shape of every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::Message)]
pub struct Message {
    pub message: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::Created)]
pub struct Created {
    pub job: JobConfig,
    pub eval_create_index: u64,
    pub job_modify_index: u64,
    pub message: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::JobConfig)]
pub struct JobConfig {
    pub job_name: String,
    pub job_id: String,
    /// As sent; null when it was not.
    pub failover: Option<bool>,
    pub is_mysql_password_encrypted: bool,
    pub src_task: SrcConfig,
    pub dest_task: DestConfig,
}

/// A source task. In the echo of a create, lists that were not sent are null; in a detail they are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::SrcConfig)]
pub struct SrcConfig {
    pub task_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    pub gtid: String,
    pub group_max_size: u64,
    pub chunk_size: u64,
    pub drop_table_if_exists: bool,
    pub skip_create_db_table: bool,
    pub repl_chan_buffer_size: u64,
    pub replicate_do_db: Option<Vec<SchemaConfig>>,
    pub replicate_ignore_db: Option<Vec<SchemaConfig>>,
    pub mysql_connection_config: Connection,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::DestConfig)]
pub struct DestConfig {
    pub task_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// MySQL only, as is the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_workers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mysql_connection_config: Option<Connection>,
    /// Kafka only, as is what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kafka_broker_addrs: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kafka_topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_group_max_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_group_timeout: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::SchemaConfig)]
pub struct SchemaConfig {
    pub table_schema: String,
    pub table_schema_rename: Option<String>,
    pub tables: Option<Vec<TableConfig>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::TableConfig)]
pub struct TableConfig {
    pub table_name: String,
    pub table_rename: String,
    pub column_map_from: Option<Vec<String>>,
    #[serde(rename = "where")]
    pub filter: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Connection)]
pub struct Connection {
    pub mysql_host: String,
    pub mysql_port: u16,
    pub mysql_user: String,
    /// Always the mask.
    pub mysql_password: &'static str,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::JobList)]
pub struct JobList {
    pub jobs: Vec<JobRow>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::JobRow)]
pub struct JobRow {
    pub job_id: String,
    pub job_name: String,
    /// `pending`, `running`, `paused`, `failed` or `complete`.
    pub job_status: &'static str,
    pub job_status_description: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::JobDetail)]
pub struct JobDetail {
    pub job_id: String,
    pub job_name: String,
    pub failover: bool,
    pub src_task_detail: TaskDetail<SrcConfig>,
    pub dest_task_detail: TaskDetail<DestConfig>,
    pub message: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::TaskDetail)]
pub struct TaskDetail<C> {
    pub allocations: Vec<Allocation>,
    pub task_config: C,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::Allocation)]
pub struct Allocation {
    pub node_id: String,
    pub allocation_id: String,
    pub task_status: TaskStatus,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::TaskStatus)]
pub struct TaskStatus {
    pub task_events: Vec<TaskEvent>,
    pub started_at: String,
    pub finished_at: String,
    /// `pending`, `running` or `dead`.
    pub status: &'static str,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::TaskEvent)]
pub struct TaskEvent {
    pub event_type: &'static str,
    pub setup_error: String,
    pub message: String,
    /// To the second.
    pub time: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::Validation)]
pub struct Validation {
    pub driver_config_validated: bool,
    pub mysql_task_validation_report: Vec<TaskReport>,
    pub job_validation_error: String,
    pub job_validation_warning: String,
    pub message: String,
}

/// One task's checks; a section that does not apply, or was not reached, is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::TaskReport)]
pub struct TaskReport {
    pub task_name: String,
    pub connection_validation: Option<Section>,
    pub privileges_validation: Option<Section>,
    pub gtid_mode_validation: Option<Section>,
    pub server_id_validation: Option<Section>,
    pub binlog_validation: Option<Section>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Section)]
pub struct Section {
    /// The check passed.
    pub validated: bool,
    pub error: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::NodeList)]
pub struct NodeList {
    pub nodes: Vec<Node>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = dtle3::Node)]
pub struct Node {
    /// Without a port.
    pub node_address: String,
    pub node_name: String,
    pub node_id: String,
    pub node_status: &'static str,
    pub node_status_description: String,
    pub datacenter: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = dtle3::LogLevel)]
pub struct LogLevel {
    /// Upper case.
    pub dtle_log_level: String,
    pub message: String,
}
