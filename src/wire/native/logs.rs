//! `GET /api/v1/logs?target=&level=&since=&until=&grep=&after=&limit=&wait_ms=`: the daemon's recent log
//! lines. `GET /api/v1/audit?object=&who=&since=&limit=`: what was changed by whom.

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

/// Who changed what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditLine {
    pub time: String,
    /// The token's name; empty where nobody has to say who they are.
    pub who: String,
    /// E.g. `job.pause`.
    pub action: String,
    /// Id of a job or task, `run/N`, `host/ADDRESS`, …
    pub object: String,
    /// That of the reply's header, by which the daemon's log knows the request.
    pub request_id: String,
    #[serde(default)]
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditList {
    pub lines: Vec<AuditLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogPage {
    pub lines: Vec<LogLine>,
    /// Pass as `after` to go on.
    pub next: u64,
    /// Lines that were pushed out before they could be read.
    pub lost: u64,
}
