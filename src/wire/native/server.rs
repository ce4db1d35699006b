//! `GET /api/v1/server`, `GET /api/v1/server/config`, `GET` and `PUT /api/v1/log-level`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServerStatus {
    pub version: String,
    pub node_id: String,
    pub started: String,
    pub uptime_seconds: u64,
    pub data_dir: String,
    pub pid: u32,
    pub rss_bytes: Option<u64>,
    pub listeners: Vec<Listener>,
    pub authentication: bool,
    pub jobs: Vec<StateCount>,
    /// Warnings of the start, e.g. an anonymous network listener.
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Listener {
    pub address: String,
    pub families: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StateCount {
    pub state: String,
    pub count: u64,
}

/// One setting of the daemon as it ended up; none is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigEntry {
    /// `section.key`.
    pub key: String,
    pub value: String,
    /// `default`, `file PATH`, `env NAME` or `flag --name`.
    pub origin: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigList {
    pub entries: Vec<ConfigEntry>,
}

/// What the daemon is to log from now on, until it restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogLevelChange {
    /// `trace`, `debug`, `info`, `warn` or `error`; also per module: `info,syncline::replicate=debug`.
    pub level: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLevel {
    /// What is logged now.
    pub level: String,
    /// What the configuration says, and a restart goes back to.
    pub configured: String,
}
