//! `GET /api/v1/server`, `GET /api/v1/server/config`.

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
