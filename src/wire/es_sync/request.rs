//! Bodies of requests. Everything is optional here: `api/es_sync/convert` says what is missing or wrong, by its name.

use crate::wire::lenient;
use serde::Deserialize;
use utoipa::ToSchema;

/// A task: all of it when it is created, what changes when it is updated.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = es_sync::request::Task)]
pub struct Task {
    /// Unique among the tasks there are.
    #[serde(default, deserialize_with = "lenient::text")]
    pub task_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// "" = `[hosts] endpoint`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_endpoint: Option<String>,
    /// "" = `[hosts] index_pattern`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_index_pattern: Option<String>,
    /// Six fields, seconds first.
    #[serde(default, deserialize_with = "lenient::text")]
    pub cron_expression: Option<String>,
    /// A number and one of s, m, h, d, w, M, y; "" = 30d.
    #[serde(default, deserialize_with = "lenient::text")]
    pub query_time_range: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = es_sync::request::NewTask)]
pub struct NewTask {
    #[serde(default, deserialize_with = "lenient::text")]
    pub task_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_index_pattern: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub cron_expression: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub query_time_range: Option<String>,
    /// Absent: the token's name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_by: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = es_sync::request::Enable)]
pub struct Enable {
    #[serde(default, deserialize_with = "lenient::count")]
    pub id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_enabled: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = es_sync::request::Execute)]
pub struct Execute {
    #[serde(default, deserialize_with = "lenient::text")]
    pub task_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub host_ip_list: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub query_time_range: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_index_pattern: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = es_sync::request::ExecuteFile)]
pub struct ExecuteFile {
    #[serde(default, deserialize_with = "lenient::text")]
    pub task_name: Option<String>,
    /// One address a line; `#` begins a comment.
    #[serde(default, deserialize_with = "lenient::text")]
    pub file_content: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub query_time_range: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_index_pattern: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = es_sync::request::FullSync)]
pub struct FullSync {
    /// Absent: `[hosts] group`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub group_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub query_time_range: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub es_index_pattern: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub task_name: Option<String>,
}
