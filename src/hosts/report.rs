//! The engine's way to tell what it does: counts in a `watch`, results in a channel.

use crate::model::hosts::{HostCounts, HostResult};
use tokio::sync::{mpsc, watch};

/// Results that may wait for whoever keeps them; a run that is further ahead waits.
const WAITING: usize = 1024;

/// The engine's end. Dropping it (the run ends) closes both others.
#[derive(Debug, Clone)]
pub struct Report {
    counts: watch::Sender<HostCounts>,
    results: mpsc::Sender<HostResult>,
}

impl Report {
    /// Returns the engine's end and the two receiving ends.
    pub fn new() -> (Self, watch::Receiver<HostCounts>, mpsc::Receiver<HostResult>) {
        let (counts, seen) = watch::channel(HostCounts::default());
        let (results, heard) = mpsc::channel(WAITING);
        (Self { counts, results }, seen, heard)
    }

    /// Tells a host's result and counts it.
    pub(super) async fn host(&self, result: HostResult) {
        let outcome = result.outcome.clone();
        // The receiver is gone only when the run's owner is; then nobody is left to tell.
        let _ = self.results.send(result).await;
        self.counts.send_modify(|c| c.add(&outcome));
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut HostCounts)) {
        self.counts.send_modify(change);
    }

    pub(super) fn counts(&self) -> HostCounts {
        *self.counts.borrow()
    }
}
