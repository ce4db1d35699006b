//! What a running job is told: the scheduler holds the sender, and each part of the engine looks when it needs to know.
//!
//! A value is on disk before it is sent, so a run that begins finds at its start what an earlier one was told.

use super::gates::Gates;
use super::throttle::Throttle;
use crate::model::live::Live;
use tokio::sync::watch;

/// The engine's end; clones share one throttle and its gates.
#[derive(Debug, Clone)]
pub struct Control {
    live: watch::Receiver<Live>,
    throttle: Throttle,
    gates: Gates,
}

impl Control {
    /// Returns the sender and the engine's end.
    pub fn new(live: Live) -> (watch::Sender<Live>, Self) {
        let gates = Gates::new(&live.gates);
        let (tell, live) = watch::channel(live);
        (tell, Self { throttle: Throttle::new(live.clone()), gates, live })
    }

    /// A view of its own, for who waits for a change.
    pub(super) fn watch(&self) -> watch::Receiver<Live> {
        self.live.clone()
    }

    /// What holds now.
    pub(super) fn now(&self) -> watch::Ref<'_, Live> {
        self.live.borrow()
    }

    pub(super) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    pub(super) fn gates(&self) -> &Gates {
        &self.gates
    }
}
