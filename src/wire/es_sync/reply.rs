//! Replies. Times are `YYYY-MM-DD HH:MM:SS` in the daemon's configured zone; "" = never.

use serde::Serialize;
use utoipa::ToSchema;

/// A reply that says only what became of the request; errors have this form too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::Message)]
pub struct Message {
    pub success: bool,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::Created)]
pub struct Created {
    pub success: bool,
    pub message: String,
    pub task_id: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::TaskList)]
pub struct TaskList {
    pub success: bool,
    pub message: String,
    pub tasks: Vec<Task>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::TaskDetail)]
pub struct TaskDetail {
    pub success: bool,
    pub message: String,
    pub task: Task,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::Task)]
pub struct Task {
    pub id: u64,
    pub task_name: String,
    pub description: String,
    pub es_endpoint: String,
    pub es_index_pattern: String,
    pub cron_expression: String,
    pub query_time_range: String,
    pub is_enabled: bool,
    pub created_by: String,
    pub created_at: String,
    pub updated_at: String,
    pub last_execution_time: String,
    pub next_execution_time: String,
}

/// A run that was told to begin in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::Begun)]
pub struct Begun {
    pub success: bool,
    pub message: String,
    pub execution_id: u64,
}

/// What a run over a list of hosts did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::Executed)]
pub struct Executed {
    pub success: bool,
    pub message: String,
    pub execution_id: u64,
    pub total_hosts: u64,
    pub success_count: u64,
    pub failed_count: u64,
    pub not_in_pool_count: u64,
    pub success_ip_list: Vec<String>,
    pub failed_ip_list: Vec<String>,
    pub not_in_pool_ip_list: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::FullSynced)]
pub struct FullSynced {
    pub success: bool,
    pub message: String,
    pub execution_id: u64,
    pub total_hosts: u64,
    pub new_hosts_count: u64,
    pub updated_hosts_count: u64,
    pub failed_count: u64,
    pub new_host_ip_list: Vec<String>,
    pub updated_host_ip_list: Vec<String>,
    pub failed_ip_list: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::LogList)]
pub struct LogList {
    pub success: bool,
    pub message: String,
    pub execution_logs: Vec<Log>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = es_sync::Log)]
pub struct Log {
    pub id: u64,
    /// 0: it belongs to no task.
    pub task_id: u64,
    pub task_name: String,
    pub execution_time: String,
    /// running, success, partial, failed or skipped.
    pub execution_status: &'static str,
    pub total_hosts: u64,
    pub success_count: u64,
    pub failed_count: u64,
    pub not_in_pool_count: u64,
    pub error_message: String,
    pub duration_ms: u64,
    pub query_time_range: String,
    pub created_at: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = es_sync::LogDetail)]
pub struct LogDetail {
    pub success: bool,
    pub message: String,
    pub execution_log: Log,
    pub execution_details: Vec<Host>,
}

/// What became of one host. Percent, gigabytes, gigabytes; 0 where there is no value.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = es_sync::Host)]
pub struct Host {
    pub host_ip: String,
    pub host_name: String,
    /// success, failed, no_data or not_in_pool.
    pub sync_status: &'static str,
    pub error_message: String,
    pub max_cpu: f64,
    pub avg_cpu: f64,
    pub max_memory: f64,
    pub avg_memory: f64,
    pub max_disk: f64,
    pub avg_disk: f64,
    pub data_point_count: u64,
    pub created_at: String,
}
