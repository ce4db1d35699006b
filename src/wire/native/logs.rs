//! `GET /api/v1/logs?target=&level=&since=&until=&grep=&after=&limit=&wait_ms=`: the daemon's recent log lines.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// Rises by one per line; `after` continues behind it.
    pub seq: u64,
    pub time: String,
    pub level: String,
    pub target: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    #[serde(default)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogPage {
    pub lines: Vec<LogLine>,
    /// Pass as `after` to go on.
    pub next: u64,
    /// Lines that were pushed out before they could be read.
    pub lost: u64,
}
