//! Tells that the target takes nothing, and what it says that the job's sessions are at, before that counts as a stall: a full
//! disk, a lock, a statement of somebody else's. The server's own words for it mostly stand in its log only.

use super::{RunContext, watchdog};
use futures::FutureExt as _;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// A group of a busy target may take a few seconds.
const TOLD_AFTER: Duration = Duration::from_secs(10);
const ASK_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Silence {
    asked: Option<JoinHandle<Vec<String>>>,
    /// When it was.
    at: Option<Instant>,
    said: String,
}

impl Silence {
    /// `stood`: for how long nothing of what the target was given has become durable.
    pub(super) fn look(&mut self, ctx: &RunContext, stood: Duration, now: Instant) {
        if stood < TOLD_AFTER {
            if ctx.report.peek(|p| p.target_stands.is_some()) {
                ctx.report.update(|p| p.target_stands = None);
                *self = Self::default();
            }
            return;
        }
        if let Some(answer) = self.asked.take_if(|answer| answer.is_finished())
            && let Some(Ok(said)) = answer.now_or_never()
        {
            self.said = if said.is_empty() { String::new() } else { format!(": {}", said.join("; ")) };
        }
        if self.asked.is_none() && self.at.is_none_or(|at| now.duration_since(at) >= ASK_EVERY) {
            // Beside the stream: an answer may take as long as the target's disk.
            let ctx = ctx.clone();
            self.asked = Some(tokio::spawn(async move { watchdog::sessions(&ctx).await }));
            self.at = Some(now);
        }
        let text = format!("the target has taken nothing for {} s{}", stood.as_secs(), self.said);
        ctx.report.update(|p| p.target_stands = Some(text));
    }
}
