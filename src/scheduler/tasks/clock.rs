//! The wall clock, injected: tests turn it by hand.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Longest sleep: a machine that was asleep, or a clock that was set, is noticed this late at most.
const NAP: SignedDuration = SignedDuration::from_secs(10);

#[derive(Clone)]
pub(super) enum Clock {
    System,
    #[cfg(test)]
    Manual(tokio::sync::watch::Receiver<Timestamp>),
}

impl Clock {
    /// Returns the time, cut to what the store keeps.
    pub(super) fn now(&self) -> Timestamp {
        match self {
            Self::System => crate::scheduler::actor::now(),
            #[cfg(test)]
            Self::Manual(time) => *time.borrow(),
        }
    }

    /// Sleeps until then, or less: whoever is woken looks at the clock.
    pub(super) async fn until(&self, at: Option<Timestamp>) {
        let Some(at) = at else { return std::future::pending().await };
        match self {
            Self::System => {
                let left = at.duration_since(Timestamp::now()).min(NAP);
                tokio::time::sleep(Duration::try_from(left).unwrap_or(Duration::ZERO)).await;
            }
            #[cfg(test)]
            Self::Manual(time) => {
                // The one who turns it is gone: nothing will ever be due.
                if time.clone().wait_for(|now| *now >= at).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}
