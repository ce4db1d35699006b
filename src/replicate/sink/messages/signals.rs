//! What the parts of an open sink tell each other: that something was delivered, and what went wrong first.

use crate::replicate::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, watch};

#[derive(Clone)]
pub(in crate::replicate::sink) struct Signals {
    acknowledged: Arc<Notify>,
    /// Messages that were delivered in this run.
    delivered: Arc<AtomicU64>,
    failure: watch::Sender<Option<Arc<Error>>>,
}

impl Signals {
    pub(in crate::replicate::sink) fn new() -> Self {
        Self { acknowledged: Arc::default(), delivered: Arc::default(), failure: watch::channel(None).0 }
    }

    /// Every message of some entry is delivered now.
    pub(in crate::replicate::sink) fn entry_is_in(&self) {
        self.acknowledged.notify_one();
    }

    pub(in crate::replicate::sink) fn delivered(&self, messages: u64) {
        self.delivered.fetch_add(messages, Ordering::Relaxed);
    }

    pub(super) fn delivered_count(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Something was delivered since.
    pub(super) fn acknowledged(&self) -> Arc<Notify> {
        Arc::clone(&self.acknowledged)
    }

    pub(in crate::replicate::sink) fn fail(&self, error: Error) {
        self.failure.send_if_modified(|failure| {
            // The first one is the cause of the others.
            let first = failure.is_none();
            if first {
                *failure = Some(Arc::new(error));
            }
            first
        });
    }

    /// Waits for a failure.
    pub(super) async fn failed(&self) -> Error {
        let mut failure = self.failure.subscribe();
        // The sender lives in `self`.
        let _ = failure.wait_for(Option::is_some).await;
        self.failure()
    }

    /// Refuses to go on behind a failure.
    pub(in crate::replicate::sink) fn check(&self) -> Result<()> {
        if self.failure.borrow().is_some() { Err(self.failure()) } else { Ok(()) }
    }

    /// Returns why it ended.
    pub(super) fn failure(&self) -> Error {
        match self.failure.borrow().as_deref() {
            Some(e) => Error { kind: e.kind, code: e.code, message: e.message.clone(), hint: e.hint.clone(), source: None },
            None => Error::transient("cancelled", "the run was cancelled"),
        }
    }
}
