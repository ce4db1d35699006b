//! The engine's only way to tell anybody anything: a `watch` of figures and a channel of task events. The scheduler
//! holds the other ends; the engine knows neither it nor the store.

use crate::model::finding::Side;
use crate::model::progress::Progress;
use crate::model::run::RunEventKind;
use tokio::sync::{mpsc, watch};

/// A task event as the engine words it; the receiver adds run and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineEvent {
    pub side: Option<Side>,
    pub kind: RunEventKind,
    pub message: String,
}

#[derive(Debug, Clone)]
pub struct Report {
    progress: watch::Sender<Progress>,
    events: mpsc::UnboundedSender<EngineEvent>,
}

impl Report {
    /// Returns the engine's end and the two receiving ends.
    pub fn new() -> (Self, watch::Receiver<Progress>, mpsc::UnboundedReceiver<EngineEvent>) {
        Self::continuing(Progress::default())
    }
    /// The same, going on from these figures.
    pub fn continuing(figures: Progress) -> (Self, watch::Receiver<Progress>, mpsc::UnboundedReceiver<EngineEvent>) {
        let (progress, seen) = watch::channel(figures);
        let (events, heard) = mpsc::unbounded_channel();
        (Self { progress, events }, seen, heard)
    }
    pub fn update(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }
    /// Looks at the figures without a copy.
    pub fn peek<T>(&self, look: impl FnOnce(&Progress) -> T) -> T {
        look(&self.progress.borrow())
    }
    /// Returns the figures as they are.
    pub fn figures(&self) -> Progress {
        self.progress.borrow().clone()
    }
    pub fn event(&self, side: Option<Side>, kind: RunEventKind, message: impl Into<String>) {
        // The receiver is gone only when the run's owner is; then nobody is left to tell.
        let _ = self.events.send(EngineEvent { side, kind, message: message.into() });
    }
}
