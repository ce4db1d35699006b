//! One open run: waits for a free slot, has the work done, keeps its items, and turns a panic into an end like any other.

use super::cause::{Cause, Listed, Reasons};
use super::decide::{End, Stop};
use super::worker::{Finished, Tell, Worker};
use crate::model::job::{JobId, TaskSpec};
use crate::model::run::{Counters, RunItem};
use crate::scheduler::Error;
use crate::store::{self, Store, items, runs};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// Items in one transaction at most.
const BATCH: usize = 500;

pub(super) struct Assignment {
    pub(super) run: u64,
    /// None: it belongs to no task.
    pub(super) job: Option<JobId>,
    pub(super) spec: TaskSpec,
    pub(super) listed: Listed,
    pub(super) store: Store,
    pub(super) slots: Arc<Semaphore>,
    pub(super) cancel: CancellationToken,
    /// Why it was cancelled, written before it is.
    pub(super) why: Arc<OnceLock<Stop>>,
    pub(super) counters: watch::Sender<Option<Counters>>,
}

pub(super) async fn work(worker: Worker, assignment: Assignment) -> End {
    let run = assignment.run;
    let span = tracing::info_span!("task", run, job.id = assignment.job.as_ref().map(|job| tracing::field::display(&job.0)));
    let guarded = AssertUnwindSafe(Box::pin(carried_out(worker, assignment))).catch_unwind().instrument(span);
    guarded.await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
        tracing::error!(run, panic = text.as_deref().unwrap_or("?"), "the work of a run panicked");
        let message = "the work panicked; this is a defect of ours".to_owned();
        End::Failed { code: "panic", message, hint: "see the daemon's log and report it".into() }
    })
}

async fn carried_out(worker: Worker, assignment: Assignment) -> End {
    let Assignment { run, job: _, spec, listed, store, slots, cancel, why, counters } = assignment;
    let stopped = || End::Done { whole: false, then: Vec::new(), reasons: Reasons::default() };
    let _slot = tokio::select! {
        slot = slots.acquire_owned() => match slot {
            Ok(slot) => slot,
            Err(_) => return stopped(),
        },
        () = cancel.cancelled() => return stopped(),
    };
    let (items, kept) = mpsc::channel(BATCH);
    let counted = counters.subscribe();
    let work = worker.run(&spec, cancel, Tell { counters, items });
    let (result, kept) = tokio::join!(work, keep(store, run, kept, counted, Cause::new(why, listed)));
    match (result, kept) {
        (Ok(Finished { whole, then }), Ok(reasons)) => End::Done { whole, then, reasons },
        (Err(error), _) => failed(&error),
        // Figures were written; the record of them is not whole, and nobody shall take it for that.
        (Ok(_), Err(error)) => {
            tracing::error!(run, %error, "what the run did could not be recorded");
            let message = "what it did could not be recorded".to_owned();
            End::Failed { code: "state_not_written", message, hint: "see the daemon's log".into() }
        }
    }
}

fn failed(error: &Error) -> End {
    let text = error.to_string();
    match error {
        Error::Hosts(hosts) => End::Failed { code: hosts.code, message: text, hint: hosts.hint.clone() },
        Error::Bars(bars) => End::Failed { code: bars.code, message: text, hint: String::new() },
        Error::EndpointRefused(_) => End::Failed { code: "endpoint_refused", message: text, hint: String::new() },
        _ => End::Failed { code: "internal", message: text, hint: String::new() },
    }
}

/// Stores items as they come, and with them what the run has counted, so that a daemon that dies under it leaves the truth; until
/// nobody tells any more. Returns why what failed did. An error is remembered while the rest is drained.
async fn keep(
    store: Store,
    run: u64,
    mut told: mpsc::Receiver<RunItem>,
    counted: watch::Receiver<Option<Counters>>,
    mut cause: Cause,
) -> store::Result<Reasons> {
    let mut outcome = Ok(());
    let mut batch = Vec::with_capacity(BATCH);
    while told.recv_many(&mut batch, BATCH).await > 0 {
        let mut items = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
        for item in &mut items {
            item.run = run;
            cause.hear(item);
        }
        if outcome.is_ok() {
            let counters = counted.borrow().clone();
            let write = store.write(move |db| {
                items::add(db, &mut items)?;
                counters.map_or(Ok(()), |counters| runs::put_counters(db, run, &counters))
            });
            outcome = write.await;
        }
    }
    outcome.map(|()| cause.reasons())
}
