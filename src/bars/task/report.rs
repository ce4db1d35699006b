//! A run's way to tell what it does: counts in a `watch`, results in a channel.

use crate::model::bars::{BarCounts, SymbolResult};
use tokio::sync::{mpsc, watch};

/// Results that may wait for whoever keeps them; a run that is further ahead waits.
const WAITING: usize = 1024;

/// The run's end. Dropping it (the run ends) closes both others.
#[derive(Debug, Clone)]
pub struct Report {
    counts: watch::Sender<BarCounts>,
    results: mpsc::Sender<SymbolResult>,
}

impl Report {
    /// Returns the run's end and the two receiving ends.
    pub fn new() -> (Self, watch::Receiver<BarCounts>, mpsc::Receiver<SymbolResult>) {
        let (counts, seen) = watch::channel(BarCounts::default());
        let (results, heard) = mpsc::channel(WAITING);
        (Self { counts, results }, seen, heard)
    }

    pub(super) fn total(&self, symbols: usize) {
        self.counts.send_modify(|c| c.total = symbols as u64);
    }

    /// Counts a symbol's result and tells it.
    pub(super) async fn symbol(&self, result: SymbolResult) {
        self.counts.send_modify(|c| c.add(&result));
        // The receiver is gone only when the run's owner is; then nobody is left to tell.
        let _ = self.results.send(result).await;
    }

    pub(super) fn counts(&self) -> BarCounts {
        *self.counts.borrow()
    }
}
