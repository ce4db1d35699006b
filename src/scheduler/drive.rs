//! One engine run: checks the endpoints again, runs the engine, passes what it says on to the event loop, and turns a
//! panic into an error like any other.

use super::engine::Engine;
use super::keeper;
use super::kept::Predecessor;
use super::leftovers::Leftovers;
use super::policy::Policy;
use crate::model::job::{JobId, JobState};
use crate::model::progress::Progress;
use crate::replicate::memory::Request;
use crate::replicate::report::EngineEvent;
use crate::replicate::sink::Ahead;
use crate::replicate::{self, Error, Outcome, RunContext};
use crate::store::{Store, jobs};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tracing::Instrument as _;

/// What an engine says while it runs; `start` tells it from an earlier one of the same job.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) job: JobId,
    pub(super) start: u64,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    State(JobState),
    /// It waits for work that takes its time.
    Busy(String),
    Event(EngineEvent),
    /// The target holds nothing of a predecessor any more.
    Anew,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) job: JobId,
    pub(super) start: u64,
    pub(super) result: replicate::Result<Outcome>,
}

pub(super) struct Run {
    pub(super) start: u64,
    pub(super) predecessor: Option<Predecessor>,
    /// The run's number, for the log.
    pub(super) number: u64,
    pub(super) ctx: RunContext,
    pub(super) progress: watch::Receiver<Progress>,
    pub(super) events: mpsc::UnboundedReceiver<EngineEvent>,
    pub(super) said: mpsc::UnboundedSender<Said>,
    pub(super) store: Store,
    /// What the engine asks to be kept.
    pub(super) asked: mpsc::Receiver<Request>,
    pub(super) leftovers: Leftovers,
}

pub(super) async fn drive(engine: Engine, policy: Arc<Policy>, run: Run) -> Done {
    let Run { start, number, predecessor, ctx, mut progress, mut events, said, store, asked, leftovers } = run;
    let (job, counts) = (ctx.job.clone(), store.clone());
    let mut keeper = std::pin::pin!(keeper::keep(store, job.clone(), ctx.claim.epoch.0, asked));
    let mut kept = false;
    let span = tracing::info_span!("job", job.id = %job, run = number);
    let say = |what| {
        // The event loop outlives its engines; if it is gone, so is the daemon.
        let _ = said.send(Said { job: job.clone(), start, what });
    };
    let result = async {
        let begun = || say(What::Anew);
        let work = AssertUnwindSafe(guarded(engine, policy, leftovers, predecessor, &begun, ctx)).catch_unwind();
        let mut work = Box::pin(work);
        let mut last = JobState::Pending;
        let mut figures = true;
        loop {
            tokio::select! {
                biased;
                ended = &mut work => break ended.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))),
                Some(event) = events.recv() => say(What::Event(event)),
                () = &mut keeper, if !kept => kept = true,
                changed = progress.changed(), if figures => {
                    figures = changed.is_ok();
                    let (state, busy) = {
                        let now = progress.borrow_and_update();
                        (now.state.clone(), now.busy)
                    };
                    if state != last {
                        last = state.clone();
                        say(match state {
                            JobState::Waiting(what) if busy => What::Busy(what),
                            other => What::State(other),
                        });
                    }
                }
            }
        }
    }
    .instrument(span)
    .await;
    while let Ok(event) = events.try_recv() {
        say(What::Event(event));
    }
    if let Err(error) = &result
        && let Some(&Ahead(there)) = error.source.as_ref().and_then(|source| source.downcast_ref())
    {
        let id = job.clone();
        // Not kept: the next start is told the same.
        if let Err(error) = counts.write(move |db| jobs::count_on(db, &id, there.count(), there.0)).await {
            tracing::warn!(job.id = %job, %error, "the epoch at the target could not be kept");
        }
    }
    Done { job, start, result }
}

async fn guarded(
    engine: Engine,
    policy: Arc<Policy>,
    leftovers: Leftovers,
    predecessor: Option<Predecessor>,
    begun: &(dyn Fn() + Sync),
    ctx: RunContext,
) -> replicate::Result<Outcome> {
    policy.check_spec(&ctx.spec).await?;
    tokio::select! {
        // Nothing of ours has begun: a cancelled run simply ends.
        () = ctx.cancel.cancelled() => return Ok(Outcome::Cancelled),
        cleared = leftovers.clear(&ctx.job, &ctx.spec) => cleared?,
    }
    if let Some(predecessor) = predecessor {
        let clear = async {
            engine.forget(&ctx.job, &ctx.spec, None).await?;
            predecessor.forgotten().await
        };
        tokio::select! {
            cleared = Box::pin(clear) => cleared?,
            () = ctx.cancel.cancelled() => return Ok(Outcome::Cancelled),
        }
        begun();
    }
    Box::pin(engine.run(ctx)).await
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    tracing::error!(panic = text.as_deref().unwrap_or("?"), "the engine panicked");
    Error::transient("panic", "the engine panicked; this is a defect of ours").hint("see the daemon's log and report it")
}
