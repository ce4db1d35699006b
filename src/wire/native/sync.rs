//! `GET /api/v1/sync/targets`, `POST /api/v1/sync/targets/{name}/test`, `GET /api/v1/sync/history`: where bars are brought to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTarget {
    pub name: String,
    /// `backup`, `slave`, or (at a slave) `master`.
    pub kind: String,
    pub host: String,
    pub port: u16,
    pub enabled: bool,
    /// When all of it was last seen there.
    pub last_sync: Option<String>,
    /// Series of which the newest change is not there; absent: not known, the other side did not say.
    pub behind: Option<u64>,
    /// Seconds between the newest change here and the one that is there.
    pub lag_seconds: Option<u64>,
    /// Why the last transfer failed, or that it does not answer. Empty: all is well.
    pub problem: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTargetList {
    pub targets: Vec<SyncTarget>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTested {
    pub name: String,
    /// What it said.
    pub says: String,
}

/// One series that was brought somewhere, or could not be; without symbol the target could not be talked to at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTransfer {
    pub id: u64,
    pub target: String,
    pub symbol: String,
    pub interval: String,
    pub mode: String,
    pub started: String,
    pub ended: String,
    pub bars: u64,
    /// `success` or `failed`.
    pub status: String,
    pub error: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncTransferList {
    /// Newest first.
    pub history: Vec<SyncTransfer>,
}
