//! Notices that a copy does not move, says what each part of it is about, and ends the run: the scheduler begins it again, and
//! it resumes behind the last chunk that is durable.
//!
//! What moves it is any row that is read and any block that is written, in whole or in part: a chunk may take long over a slow
//! line. A copy that waits for something with a name is not stalled: its limits and gates, what the sink waits for, and a
//! statement of our own that takes as long as it takes (a table that is dropped or made, indexes that are built, a lock that a
//! snapshot needs), during which the engine says that it is patient.

use crate::model::finding::Side;
use crate::replicate::Error;
use crate::replicate::gates::Who;
use crate::replicate::run::{RunContext, told};
use crate::replicate::sink::{Durable, Standing};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;

const LOOK: Duration = Duration::from_millis(500);

/// What the parts of a copy tell. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pulse {
    /// What each is about, and that it moves.
    pub(super) standing: Standing,
    /// Statements of the engine's that take as long as they take.
    patient: Arc<AtomicUsize>,
}

/// There is such a statement as long as this lives.
#[derive(Debug)]
pub(super) struct Patient(Pulse);

impl Pulse {
    pub(super) fn new(standing: Standing) -> Self {
        Self { standing, patient: Arc::default() }
    }

    pub(super) fn be_patient(&self) -> Patient {
        self.patient.fetch_add(1, Ordering::Relaxed);
        Patient(self.clone())
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        self.0.patient.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When it moved last.
struct Watch {
    limit: Duration,
    moved: u64,
    since: Instant,
}

impl Watch {
    /// Returns for how long nothing has moved once that is too long.
    fn look(&mut self, moved: u64, excused: bool, now: Instant) -> Option<Duration> {
        if excused || moved != self.moved {
            (self.moved, self.since) = (moved, now);
            return None;
        }
        let stood = now.duration_since(self.since);
        (stood >= self.limit).then_some(stood)
    }
}

/// Returns once the copy has stood for too long.
pub(super) async fn stalled(ctx: &RunContext, pulse: &Pulse, durable: &watch::Receiver<Durable>) -> Error {
    let limit = Duration::from_secs(ctx.limits.stall_seconds.max(1));
    let mut watch = Watch { limit, moved: pulse.standing.moved(), since: Instant::now() };
    let mut tick = tokio::time::interval(LOOK);
    let control = &ctx.control;
    let stood = loop {
        tick.tick().await;
        let excused = pulse.patient.load(Ordering::Relaxed) > 0
            || control.throttle().holds_back()
            || !control.gates().held(&[Who::Read, Who::Write]).is_empty()
            || durable.borrow().waiting.is_some();
        if let Some(stood) = watch.look(pulse.standing.moved(), excused, Instant::now()) {
            break stood;
        }
    };
    told(ctx, Side::Src, format!("no row was read or written for {} s", stood.as_secs()), pulse.standing.lines())
        .await
        .hint("what holds a session (a lock, a full disk) is to be found at the server; the copy goes on by itself behind its last chunk")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_stalled_when_nothing_moves_and_nothing_excuses_it() {
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        let mut watch = Watch { limit: Duration::from_secs(60), moved: 0, since: began };
        assert_eq!(watch.look(0, false, after(59)), None);
        assert_eq!(watch.look(1, false, after(60)), None, "a row");
        assert_eq!(watch.look(1, true, after(600)), None, "it is held by name");
        assert_eq!(watch.look(1, false, after(659)), None);
        assert_eq!(watch.look(1, false, after(660)), Some(Duration::from_secs(60)));
        let pulse = Pulse::default();
        let (one, two) = (pulse.be_patient(), pulse.be_patient());
        drop(one);
        assert_eq!(pulse.patient.load(Ordering::Relaxed), 1);
        drop(two);
        assert_eq!(pulse.patient.load(Ordering::Relaxed), 0);
    }
}
