//! `GET /api/v1/nodes`, `GET /api/v1/nodes/{id}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    pub id: String,
    pub name: String,
    /// Of one that comes by itself where its connections come from, with the port that it says it listens on; without a port: it did
    /// not say.
    pub address: String,
    pub region: String,
    pub datacenter: String,
    /// `server`; where there are daemons of market data, `master`, `slave` or `relay`: a slave that others take their bars from.
    pub role: String,
    /// `ready`, `offline`, or how a daemon of market data comes by itself: `pulls`, `pushes`. One of those is `offline` when it
    /// has not come for three of its own intervals (a minute at least).
    pub state: String,
    #[serde(default)]
    pub reason: String,
    pub build: String,
    pub leader: bool,
    pub started: String,
    pub jobs: u64,
    /// Of a slave of market data: seconds that its master's oldest change has been waiting that it does not have; absent: not known.
    #[serde(default)]
    pub lag_seconds: Option<u64>,
    /// The same: series of which it has bars that its master does not have; absent: not known. Some of them by name.
    #[serde(default)]
    pub extra: Option<u64>,
    #[serde(default)]
    pub extra_names: Vec<String>,
    /// When it was last seen to have everything, also where nothing had to travel for it.
    #[serde(default)]
    pub last_sync: Option<String>,
    /// Of one that comes by itself: when it last did. Absent: this daemon asks it, and `state` is of now.
    #[serde(default)]
    pub last_seen: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeList {
    pub nodes: Vec<Node>,
}
