//! `GET /api/v1/nodes`, `GET /api/v1/nodes/{id}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    pub id: String,
    pub name: String,
    pub address: String,
    pub region: String,
    pub datacenter: String,
    pub role: String,
    pub state: String,
    #[serde(default)]
    pub reason: String,
    pub build: String,
    pub leader: bool,
    pub started: String,
    pub jobs: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeList {
    pub nodes: Vec<Node>,
}
