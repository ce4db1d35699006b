//! `/api/v1/sync`.

use super::{Client, Error};
use crate::wire::native::sync::{SyncTargetList, SyncTested, SyncTransferList};

impl Client {
    pub async fn sync_targets(&self) -> Result<SyncTargetList, Error> {
        self.get(&["sync", "targets"], &[]).await
    }

    pub async fn test_sync_target(&self, name: &str) -> Result<SyncTested, Error> {
        self.post(&["sync", "targets", name, "test"], &[], &serde_json::json!({})).await
    }

    pub async fn sync_history(&self, target: Option<&str>, failed: bool, limit: u32) -> Result<SyncTransferList, Error> {
        let mut pairs = vec![("limit", limit.to_string()), ("failed", failed.to_string())];
        pairs.extend(target.map(|t| ("target", t.to_owned())));
        self.get(&["sync", "history"], &pairs).await
    }
}
