//! What a running job is told: the scheduler holds the sender, and each part of the engine looks when it needs to know.
//!
//! A value is on disk before it is sent, so a run that begins finds at its start what an earlier one was told.

use super::gates::Gates;
use super::repair::{self, Mender, Wishes};
use super::throttle::Throttle;
use crate::model::live::Live;
use tokio::sync::watch;

/// The engine's end; clones share one throttle and its gates.
#[derive(Debug, Clone)]
pub struct Control {
    live: watch::Receiver<Live>,
    throttle: Throttle,
    gates: Gates,
    wishes: Wishes,
}

impl Control {
    /// Returns the two senders and the engine's end.
    pub fn new(live: Live) -> (watch::Sender<Live>, Mender, Self) {
        let gates = Gates::new(&live.gates);
        let (tell, live) = watch::channel(live);
        let (mender, wishes) = repair::channel();
        (tell, mender, Self { throttle: Throttle::new(live.clone()), gates, live, wishes })
    }

    /// A view of its own, for who waits for a change.
    pub(super) fn watch(&self) -> watch::Receiver<Live> {
        self.live.clone()
    }

    /// What holds now.
    pub(super) fn now(&self) -> watch::Ref<'_, Live> {
        self.live.borrow()
    }

    /// What is to be repaired.
    pub(super) fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    pub(super) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    pub(super) fn gates(&self) -> &Gates {
        &self.gates
    }
}
