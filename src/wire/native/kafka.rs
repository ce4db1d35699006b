//! A subscription's destination, as part of a job (`/api/v1/jobs`).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a subscription's messages go, and in which form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// `host:port` each.
    pub brokers: Vec<String>,
    /// A name, or a template with `{schema}` and `{table}`.
    pub topic: String,
    #[serde(default)]
    pub format: MessageFormat,
    /// Debezium: each message carries its schema.
    #[serde(default = "default_true")]
    pub message_schema: bool,
    /// A message without a value behind each delete, of tables with a key; absent = with Debezium only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tombstones: Option<bool>,
    #[serde(default)]
    pub partition_by: PartitionBy,
    /// For `partition_by = "columns"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition_columns: Vec<String>,
    /// For tables without one of the columns.
    #[serde(default)]
    pub partition_fallback: PartitionFallback,
    /// Columns of any table that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_columns: Vec<String>,
    /// Where DDL statements go; absent = nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ddl_topic: Option<String>,
    /// Debezium: where the beginning and the end of each transaction are told; messages then say their place in it. Absent =
    /// nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_topic: Option<String>,
    /// Where a message goes at regular intervals while the job runs; absent = nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_topic: Option<String>,
    /// With `heartbeat_topic`; absent = 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_seconds: Option<u32>,
}

fn default_true() -> bool {
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageFormat {
    #[default]
    Debezium,
    Canal,
    Flat,
    Maxwell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartitionBy {
    Table,
    #[default]
    PrimaryKey,
    Columns,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartitionFallback {
    #[default]
    Table,
    PrimaryKey,
}
