//! What the parts of an open sink tell each other: that something was delivered, what is in the way, and what went wrong
//! first.

use super::ledger::Entry;
use crate::replicate::{Error, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, watch};

#[derive(Clone)]
pub(in crate::replicate::sink) struct Signals {
    acknowledged: Arc<Notify>,
    /// Messages.
    count: Arc<AtomicU64>,
    /// What the carrier last said of its other end.
    trouble: Arc<Mutex<Option<String>>>,
    failure: watch::Sender<Option<Arc<Error>>>,
}

impl Signals {
    pub(in crate::replicate::sink) fn new() -> Self {
        Self { acknowledged: Arc::default(), count: Arc::default(), trouble: Arc::default(), failure: watch::channel(None).0 }
    }

    /// A message of the entry is delivered.
    pub(in crate::replicate::sink) fn delivered(&self, entry: &Entry) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if entry.acknowledged() {
            self.acknowledged.notify_one();
        }
    }

    /// Messages that were delivered in this run.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(in crate::replicate::sink) fn say_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().expect("nothing panics while holding it") = trouble;
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().expect("nothing panics while holding it").clone()
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
