//! `/api/v1/sync`.

use super::tasks::trying;
use super::{Client, Error};
use crate::wire::native::sync::{SyncTarget, SyncTargetCreate, SyncTargetList, SyncTargetRemoved, SyncTested, SyncTransferList};

impl Client {
    pub async fn sync_targets(&self) -> Result<SyncTargetList, Error> {
        self.get(&["sync", "targets"], &[]).await
    }

    /// `dry_run`: it is judged, and not added.
    pub async fn add_sync_target(&self, target: &SyncTargetCreate, dry_run: bool) -> Result<SyncTarget, Error> {
        self.post(&["sync", "targets"], &trying(dry_run), target).await
    }

    pub async fn remove_sync_target(&self, name: &str, dry_run: bool) -> Result<SyncTargetRemoved, Error> {
        self.delete(&["sync", "targets", name], &trying(dry_run)).await
    }

    pub async fn enable_sync_target(&self, name: &str, enabled: bool, dry_run: bool) -> Result<SyncTarget, Error> {
        let verb = if enabled { "enable" } else { "disable" };
        self.post(&["sync", "targets", name, verb], &trying(dry_run), &serde_json::json!({})).await
    }

    pub async fn test_sync_target(&self, name: &str) -> Result<SyncTested, Error> {
        self.post(&["sync", "targets", name, "test"], &[], &serde_json::json!({})).await
    }

    pub async fn sync_history(
        &self,
        target: Option<&str>,
        kind: Option<&str>,
        failed: bool,
        limit: u32,
    ) -> Result<SyncTransferList, Error> {
        let mut pairs = vec![("limit", limit.to_string()), ("failed", failed.to_string())];
        pairs.extend(target.map(|t| ("target", t.to_owned())));
        pairs.extend(kind.map(|k| ("kind", k.to_owned())));
        self.get(&["sync", "history"], &pairs).await
    }
}
