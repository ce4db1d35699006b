//! The event loop that owns every job. It turns commands, the engines' words and timers into events, lets `decide`
//! say what follows, records that (`record`), and then acts.

mod act;
mod boot;
pub(super) mod command;
mod compare;
mod figures;
mod live;
mod mend;
mod patrol;

use super::caller::Caller;
use super::decide::{Event, Life};
use super::drive::{Done, Said};
use super::engine::Engine;
use super::handle::{By, Deletion, Handle, NewJob, Selector, Verb};
use super::jobs::Entry;
use super::leftovers::Leftovers;
use super::live::Told;
use super::patrol::Patrol;
use super::policy::Policy;
use super::verify::{Comparison, Wish};
use super::view::JobView;
use super::{Result, drive};
use crate::model::job::JobId;
use crate::replicate::Orders;
use crate::replicate::run::Limits;
use crate::replicate::sink::Forgotten;
use crate::replicate::tap::Tap;
use crate::store::Store;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

/// Between two rounds of collecting what deleted jobs left at their targets.
const COLLECT_EVERY: Duration = if cfg!(test) { Duration::from_millis(50) } else { Duration::from_secs(180) };

type Reply<T> = oneshot::Sender<Result<T>>;

pub(super) enum Message {
    /// `number`: the one that was reserved, where the id is made of it. `caller`: whoever reads the job, if it is theirs.
    Create {
        new: Box<NewJob>,
        number: Option<u64>,
        caller: Option<Caller>,
        by: By,
        reply: Reply<JobView>,
    },
    Update(Box<NewJob>, Option<u64>, By, Reply<JobView>),
    Get(Selector, Reply<JobView>),
    List(Reply<Vec<JobView>>),
    Tap(Selector, Reply<(JobView, Tap)>),
    Verb(Selector, Verb, By, Reply<JobView>),
    Tell(Selector, Told, By, Reply<JobView>),
    /// What the engine does once, at its next start; one that runs starts again.
    Order {
        job: Selector,
        orders: Orders,
        by: By,
        reply: Reply<JobView>,
    },
    Delete(Selector, bool, By, Reply<Deletion>),
    Verify {
        job: Selector,
        wish: Wish,
        by: By,
        reply: Reply<Comparison>,
    },
    Verification(Selector, u64, Reply<Comparison>),
    /// The file of its statements.
    Statements(Selector, u64, By, Reply<PathBuf>),
    /// What is compared all the time.
    Patrol(Selector, Option<Patrol>, By, Reply<JobView>),
    /// Ends the one that is under way.
    CancelVerify(Selector, By, Reply<Comparison>),
    Stop(oneshot::Sender<()>),
}

/// What the event loop needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// Each job spools in a folder of its own below.
    pub spool_root: PathBuf,
    /// Where jobs may write files of messages; None = nowhere.
    pub files_dir: Option<PathBuf>,
    pub policy: Policy,
    pub keep_runs: u32,
    pub keep_days: u32,
}

pub(super) struct Actor {
    store: Store,
    engine: Engine,
    policy: Arc<Policy>,
    settings: Settings,
    jobs: BTreeMap<JobId, Entry>,
    engines: JoinSet<Done>,
    forgets: JoinSet<(JobId, Result<Forgotten, String>)>,
    /// Jobs, by id and number, whose readers are waited for to go.
    callers: JoinSet<(JobId, u64)>,
    leftovers: Leftovers,
    /// At most one round at a time.
    collecting: JoinSet<()>,
    said: mpsc::UnboundedSender<Said>,
    heard: mpsc::UnboundedReceiver<Said>,
    changes: watch::Sender<u64>,
    /// Counts engine starts, so that the words of an earlier engine are not taken for a later one's.
    starts: u64,
    comparisons: compare::Comparisons,
    stopping: Option<Vec<oneshot::Sender<()>>>,
}

/// Loads the jobs, starts those that should run, and returns the handle and the loop's task.
pub async fn start(store: Store, settings: Settings) -> Result<(Handle, JoinHandle<()>)> {
    start_with(store, settings, Engine::Real).await
}

async fn start_with(store: Store, settings: Settings, engine: Engine) -> Result<(Handle, JoinHandle<()>)> {
    let (inbox, messages) = mpsc::channel(64);
    let (said, heard) = mpsc::unbounded_channel();
    let (changes, seen) = watch::channel(0);
    let policy = Arc::new(settings.policy.clone());
    let handle = Handle {
        inbox,
        changes: seen,
        store: store.clone(),
        engine: engine.clone(),
        policy: Arc::clone(&policy),
        files_dir: settings.files_dir.clone(),
    };
    let mut actor = Actor {
        leftovers: Leftovers::new(store.clone(), engine.clone(), Arc::clone(&policy)),
        collecting: JoinSet::new(),
        store,
        engine,
        policy,
        settings,
        jobs: BTreeMap::new(),
        engines: JoinSet::new(),
        forgets: JoinSet::new(),
        callers: JoinSet::new(),
        said,
        heard,
        changes,
        starts: 0,
        comparisons: compare::Comparisons::default(),
        stopping: None,
    };
    actor.boot().await?;
    Ok((handle, tokio::spawn(actor.run(messages))))
}

/// The clock, cut to what the store keeps.
pub(in crate::scheduler) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

impl Actor {
    async fn run(mut self, mut inbox: mpsc::Receiver<Message>) {
        let mut prune = tokio::time::interval(Duration::from_secs(3600));
        let mut collect = tokio::time::interval(COLLECT_EVERY);
        let mut figures = tokio::time::interval(figures::EVERY);
        loop {
            let alarm = self.next_alarm();
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => Box::pin(self.message(message)).await,
                    // Every handle is gone: nobody can ask for a stop any more.
                    None => Box::pin(self.stop()).await,
                },
                Some(said) = self.heard.recv() => Box::pin(self.said(said)).await,
                Some(done) = self.engines.join_next() => match done {
                    Ok(done) => Box::pin(self.done(done)).await,
                    Err(e) => tracing::error!(error = %e, "an engine task was lost"),
                },
                Some(Ok((job, forgotten))) = self.forgets.join_next() => self.forgotten(&job, forgotten).await,
                Some(Ok((job, number))) = self.callers.join_next() => if self.jobs.get(&job).is_some_and(|e| e.job.number == number) {
                    self.happened(&job, Event::Left).await;
                },
                Some(ended) = self.comparisons.join_next() => Box::pin(self.compared(ended)).await,
                () = sleep_until(alarm), if alarm.is_some() => Box::pin(self.alarm()).await,
                _ = prune.tick() => self.prune().await,
                _ = collect.tick() => if self.stopping.is_none() && self.collecting.is_empty() {
                    self.collecting.spawn(self.leftovers.clone().collect());
                },
                Some(_) = self.collecting.join_next() => {}
                _ = figures.tick() => self.save_figures().await,
            }
            if let Some(waiting) = &mut self.stopping
                && self.engines.is_empty()
                && self.forgets.is_empty()
            {
                // Whoever waited may be gone; the loop ends all the same.
                for reply in waiting.drain(..) {
                    let _ = reply.send(());
                }
                return;
            }
        }
    }

    /// When the next back-off is over, or the next round of comparisons is due.
    fn next_alarm(&self) -> Option<Timestamp> {
        let until = |e: &Entry| if let Life::BackingOff { until } = e.life { Some(until) } else { None };
        self.jobs.values().filter_map(until).chain(self.next_round()).min()
    }

    async fn alarm(&mut self) {
        let time = now();
        let due: Vec<JobId> = self
            .jobs
            .values()
            .filter(|e| matches!(e.life, Life::BackingOff { until } if super::retry::is_over(until, time)))
            .map(|e| e.job.id.clone())
            .collect();
        for id in due {
            self.happened(&id, Event::Due).await;
        }
        self.begin_rounds().await;
    }

    async fn prune(&self) {
        let before = now() - SignedDuration::from_hours(24 * i64::from(self.settings.keep_days));
        let keep = self.settings.keep_runs;
        match self.store.write(move |db| crate::store::runs::prune(db, keep, before)).await {
            Ok(0) => {}
            Ok(gone) => tracing::info!(runs = gone, "old runs were pruned"),
            Err(e) => tracing::warn!(error = %e, "old runs could not be pruned"),
        }
    }

    async fn stop(&mut self) {
        if self.stopping.is_none() {
            self.stopping = Some(Vec::new());
            self.comparisons.abort();
            self.collecting.abort_all();
            for id in self.jobs.keys().cloned().collect::<Vec<_>>() {
                self.happened(&id, Event::Shutdown).await;
            }
        }
    }

    fn changed(&self) {
        self.changes.send_modify(|n| *n += 1);
    }

    /// Spawns the engine of a job; the record of its start is on disk.
    fn spawn(&mut self, run: drive::Run) {
        self.engines.spawn(drive::drive(self.engine.clone(), Arc::clone(&self.policy), run));
    }
}

async fn sleep_until(alarm: Option<Timestamp>) {
    let Some(alarm) = alarm else { return std::future::pending().await };
    // A millisecond more, so that the alarm is really over when we look.
    let left = super::retry::left(alarm, Timestamp::now()) + SignedDuration::from_millis(1);
    tokio::time::sleep(Duration::try_from(left).unwrap_or(Duration::ZERO)).await;
}

#[cfg(test)]
pub(super) mod tests;
