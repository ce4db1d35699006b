//! A daemon as others see it.

use jiff::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    Initializing,
    Ready,
    Down,
}

impl NodeState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Ready => "ready",
            Self::Down => "down",
        }
    }
}

/// Where the knowledge of a node comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeSource {
    This,
    Cluster,
    DmsPeer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub id: String,
    pub name: String,
    /// `host:port` of its HTTP API.
    pub http_address: String,
    pub region: String,
    pub datacenter: String,
    pub role: String,
    pub started_at: Timestamp,
    pub state: NodeState,
    pub reason: String,
    pub build: String,
    pub leader: bool,
    pub source: NodeSource,
}
