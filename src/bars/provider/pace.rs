//! When the next request to a source may begin: they are spaced, and a source that asked to be left alone is, by all symbols and tasks.
//!
//! Called by `http`, before each request and after a refusal. What a source asked for outlives the daemon: whoever has a store hands
//! over what it knows, and what keeps the next ([`Pace::keep`]). That is written before the refusal is told, so that no other life of
//! the daemon asks earlier. It is an hour at most, whatever the source said and whatever the clock was set to meanwhile.

use crate::bars::{Error, Result};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// What a source asks for is kept for all of its symbols, but nobody keeps away from it for ever for one wrong number.
const LONGEST_HELD: Duration = Duration::from_secs(3600);

/// Until when a source asked to be left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub until: Timestamp,
    pub asked_seconds: u64,
}

/// Keeps that where it outlives the daemon.
pub type Keep = Arc<dyn Fn(Held) -> BoxFuture<'static, ()> + Send + Sync>;

/// One for each configured source, shared by all tasks.
#[derive(Clone)]
pub struct Pace {
    turns: Arc<Mutex<Turns>>,
    keep: Arc<OnceLock<Keep>>,
}

#[derive(Debug)]
struct Turns {
    next: Instant,
    /// Until then the source asked to be left alone: whoever was told it, all keep to it.
    held: Instant,
    /// What it asked for last.
    asked: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let now = Instant::now();
        let turns = Turns { next: now, held: now, asked: Duration::ZERO };
        Self { turns: Arc::new(Mutex::new(turns)), keep: Arc::default() }
    }
}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").field("turns", &self.turns).finish_non_exhaustive()
    }
}

impl Pace {
    /// Takes in what the source asked another life of the daemon for, and has it kept what it asks for from now on.
    pub async fn keep(&self, known: Option<Held>, keep: Keep) {
        if let Some(Held { until, asked_seconds }) = known {
            let left = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO);
            self.hold(left, Duration::from_secs(asked_seconds)).await;
        }
        let _ = self.keep.set(keep);
    }

    /// Notes that the source asked to be left alone.
    pub(super) async fn asked(&self, asked: Duration) {
        let left = self.hold(asked, asked).await;
        if let Some(keep) = self.keep.get() {
            let until = Timestamp::now() + SignedDuration::try_from(left).unwrap_or_default();
            keep(Held { until, asked_seconds: asked.as_secs() }).await;
        }
    }

    /// Returns how long it is left alone from now on.
    async fn hold(&self, left: Duration, asked: Duration) -> Duration {
        let mut turns = self.turns.lock().await;
        let now = Instant::now();
        turns.held = turns.held.max(now + left.min(LONGEST_HELD));
        turns.asked = asked;
        turns.held - now
    }

    /// Waits until a request to the provider `name` may begin, and takes its place; `spacing` lies between two. An error: the source
    /// asks for more patience than there is.
    pub(super) async fn turn(&self, name: &str, spacing: Duration, longest_wait: Duration) -> Result<()> {
        loop {
            let at = {
                let mut turns = self.turns.lock().await;
                let now = Instant::now();
                let left = turns.held.saturating_duration_since(now);
                if left > longest_wait {
                    let (seconds, asked) = (left.as_secs_f64().ceil(), turns.asked.as_secs_f64().ceil());
                    let message = format!(
                        "provider {name} asked to be left alone for {asked} s, and is for {seconds} s more: longer than longest_wait_seconds"
                    );
                    return Err(Error::transient("bars_provider_busy", message));
                }
                let at = turns.next.max(turns.held).max(now);
                turns.next = at + spacing;
                at
            };
            tokio::time::sleep_until(at).await;
            // Another one may have been told to wait meanwhile.
            if self.turns.lock().await.held <= at {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_another_life_was_told_holds_an_hour_at_most() {
        let none: Keep = Arc::new(|_| Box::pin(std::future::ready(())));
        for (seconds, most) in [(-5, 0), (600, 600), (1_000_000, 3600)] {
            let pace = Pace::default();
            let until = Timestamp::now() + SignedDuration::from_secs(seconds);
            pace.keep(Some(Held { until, asked_seconds: 1_000_000 }), Arc::clone(&none)).await;
            let turn = pace.turn("web", Duration::ZERO, Duration::ZERO).await;
            let left = pace.turns.lock().await.held.saturating_duration_since(Instant::now());
            assert!(turn.is_err() == (most > 0) && left <= Duration::from_secs(most) && left.as_secs() + 60 > most, "{seconds}: {left:?}");
        }
    }
}
