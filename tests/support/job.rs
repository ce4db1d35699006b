//! A replication job without the daemon: the engine's own `run`, driven the way the scheduler drives it.

use super::servers::Server;
use super::until::until;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use syncline::model::gates::Gates;
use syncline::model::job::{JobId, JobState};
use syncline::model::live::{Live, Throttle};
use syncline::model::progress::Progress;
use syncline::model::replicate::{
    ConflictDetection, ConflictPolicy, DestTask, ExistingTable, MysqlSinkSpec, ReplicateKind, ReplicateSpec, SchemaRule, SinkSpec, SrcTask,
    TableFilter,
};
use syncline::replicate::connect::Stragglers;
use syncline::replicate::memory::Request;
use syncline::replicate::repair::Mender;
use syncline::replicate::report::{EngineEvent, Report};
use syncline::replicate::run::Limits;
use syncline::replicate::sink::Claim;
use syncline::replicate::tap::Tap;
use syncline::replicate::{Control, Kind, Memory, Orders, Outcome, Result, RunContext, run};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything takes on a slow machine; a condition that holds returns at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A job, between and over its runs.
pub(crate) struct Job {
    pub(crate) id: JobId,
    pub(crate) spec: ReplicateSpec,
    pub(crate) limits: Limits,
    epoch: u64,
    server_id: u32,
    spool: tempfile::TempDir,
    /// What the scheduler's store keeps for it.
    documents: Documents,
    stragglers: Stragglers,
}

type Documents = Arc<Mutex<BTreeMap<String, String>>>;

/// What a run is told by.
struct Reins {
    finish: watch::Sender<bool>,
    live: watch::Sender<Live>,
    mender: Mender,
}

/// A job's current run.
pub(crate) struct Run {
    pub(crate) progress: watch::Receiver<Progress>,
    pub(crate) events: mpsc::UnboundedReceiver<EngineEvent>,
    reins: Reins,
    cancel: CancellationToken,
    task: JoinHandle<Result<Outcome>>,
}

impl Job {
    /// All tables of one schema, strict about conflicts: what is applied twice shows as an error.
    pub(crate) fn new(schema: &str, from: &Server, to: &Server) -> Self {
        let filter = TableFilter { include: vec![SchemaRule::new(schema, [])], ignore: vec![], shadows: true };
        let src = SrcTask {
            task_name: "src".into(),
            node_id: None,
            endpoint: from.endpoint(),
            filter,
            start_gtid: None,
            chunk_rows: None,
            group_bytes: None,
            queue_length: None,
            skip_create: false,
            existing_table: ExistingTable::Refuse,
            skip: Vec::new(),
            replace: Vec::new(),
        };
        let sink = MysqlSinkSpec {
            endpoint: to.endpoint(),
            apply_workers: None,
            copy_workers: None,
            conflict: ConflictPolicy::Error,
            detection: ConflictDetection::Key,
        };
        Self {
            id: JobId(format!("{schema}-sync")),
            spec: ReplicateSpec {
                kind: ReplicateKind::Sync,
                src,
                dest: DestTask { task_name: "dest".into(), node_id: None, sink: SinkSpec::Mysql(sink) },
                failover: None,
                throttle: Throttle::default(),
                gates: Gates::default(),
            },
            limits: Limits::default(),
            epoch: 0,
            server_id: server_id(),
            spool: tempfile::tempdir().expect("a temporary folder"),
            documents: Documents::default(),
            stragglers: Stragglers::default(),
        }
    }

    /// The same work under another name.
    pub(crate) fn renamed(mut self, id: &str) -> Self {
        self.id = JobId(format!("{}-{id}", self.id));
        self.server_id = server_id();
        self
    }

    /// Orders what the next run is to do once.
    pub(crate) fn order(&self, orders: &Orders) {
        let documents = orders.documents().into_iter().filter_map(|(name, text)| Some((name, text?)));
        self.documents.lock().expect("no test panics while holding it").extend(documents);
    }

    /// Makes what the next run is given, for tests that drive a part of the engine.
    pub(crate) fn context(&mut self) -> (RunContext, watch::Receiver<Progress>) {
        let (context, progress, _events, _reins) = self.next();
        (context, progress)
    }

    fn next(&mut self) -> (RunContext, watch::Receiver<Progress>, mpsc::UnboundedReceiver<EngineEvent>, Reins) {
        self.epoch += 1;
        let (report, progress, events) = Report::new();
        let (finish, finish_seen) = watch::channel(false);
        let (live, mender, control) = Control::new(Live::of(&self.spec));
        let context = RunContext {
            job: self.id.clone(),
            spec: self.spec.clone(),
            claim: Claim::any(self.epoch),
            spool_dir: self.spool.path().join("spool"),
            server_id: self.server_id,
            limits: self.limits,
            report,
            memory: keeper(Arc::clone(&self.documents)),
            files_dir: None,
            tap: Tap::default(),
            control,
            stragglers: self.stragglers.clone(),
            outlet: None,
            finish: finish_seen,
            cancel: CancellationToken::new(),
        };
        (context, progress, events, Reins { finish, live, mender })
    }

    /// Starts the next run.
    pub(crate) fn start(&mut self) -> Run {
        let (context, progress, events, reins) = self.next();
        let cancel = context.cancel.clone();
        Run { progress, events, reins, cancel, task: tokio::spawn(Box::pin(run(context))) }
    }
}

/// Keeps documents as the scheduler does, in memory.
fn keeper(documents: Documents) -> Memory {
    let (memory, mut asked) = Memory::new();
    tokio::spawn(async move {
        while let Some(request) = asked.recv().await {
            let mut documents = documents.lock().expect("no test panics while holding it");
            match request {
                Request::Load(reply) => drop(reply.send(Ok(documents.clone()))),
                Request::Save(changes, reply) => {
                    for (name, text) in changes {
                        match text {
                            Some(text) => documents.insert(name, text),
                            None => documents.remove(&name),
                        };
                    }
                    drop(reply.send(Ok(())));
                }
            }
        }
    });
    memory
}

/// The number in `name_12-sync`, different for each scratch schema.
/// Unique among the jobs of this test process, unlike those of another, and away from the servers' own.
fn server_id() -> u32 {
    static JOBS: AtomicU32 = AtomicU32::new(0);
    0x4000_0000 | (std::process::id() & 0xffff) << 14 | JOBS.fetch_add(1, Ordering::Relaxed) & 0x3fff
}

impl Run {
    /// Waits until the figures satisfy `condition`; a run that ends before is a failure, with its error.
    pub(crate) async fn until(&mut self, what: &str, condition: impl Fn(&Progress) -> bool) {
        let progress = self.progress.clone();
        until(PATIENCE, what, async || condition(&progress.borrow()) || self.task.is_finished()).await;
        if !condition(&progress.borrow()) {
            panic!("the run ended before {what}: {:?}", (&mut self.task).await);
        }
    }

    /// Waits until `probe` says yes; a run that ends before, or has a question, is a failure that says so.
    pub(crate) async fn makes(&mut self, what: &str, mut probe: impl AsyncFnMut() -> bool) {
        let progress = self.progress.clone();
        let stuck = || progress.borrow().question.is_some() || self.task.is_finished();
        let mut holds = false;
        until(PATIENCE, what, async || {
            holds = probe().await;
            holds || stuck()
        })
        .await;
        if !holds {
            assert_eq!(progress.borrow().question, None, "before {what}");
            panic!("the run ended before {what}: {:?}", (&mut self.task).await);
        }
    }

    /// Waits until all tables are copied and the log is followed.
    pub(crate) async fn streaming(&mut self) {
        self.until("streaming", |p| matches!(p.state, JobState::Streaming | JobState::Lagging)).await;
    }

    /// Who repairs rows beside the stream.
    pub(crate) fn mender(&self) -> Mender {
        self.reins.mender.clone()
    }

    /// Changes what the run is told.
    pub(crate) fn tell(&self, change: impl FnOnce(&mut Live)) {
        self.reins.live.send_modify(change);
    }

    /// Catches up with the source as of now, and ends.
    pub(crate) async fn finish(self) {
        self.try_finish().await.expect("the run ends well");
    }

    /// The same where it may stop with an error instead.
    pub(crate) async fn try_finish(self) -> Result<()> {
        self.reins.finish.send_replace(true);
        let progress = self.progress.clone();
        until(PATIENCE, "the end", async || progress.borrow().question.is_some() || self.task.is_finished()).await;
        if progress.borrow().question.is_some() {
            return Err(self.error().await);
        }
        let ended = tokio::time::timeout(PATIENCE, self.task).await.expect("the run ends in time").expect("the run does not panic");
        ended.map(|outcome| assert_eq!(outcome, Outcome::Complete))
    }

    /// Stops it as `jobs pause` does.
    pub(crate) async fn pause(self) {
        self.cancel.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.task).await.expect("the run stops in time").expect("the run does not panic");
        assert_eq!(ended.expect("the run ends well"), Outcome::Cancelled);
    }

    /// Drops it in the middle of whatever it does, as a crash does: nothing is drained, connections just close.
    pub(crate) async fn crash(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Waits for the error that ends it, or for the statement that it would wait with for a decision: then it is stopped.
    pub(crate) async fn error(self) -> syncline::replicate::Error {
        let progress = self.progress.clone();
        until(PATIENCE, "an error", async || progress.borrow().question.is_some() || self.task.is_finished()).await;
        let asked = progress.borrow().question.clone();
        if let Some(question) = asked {
            self.pause().await;
            let code: &'static str = Box::leak(question.code.into_boxed_str());
            return syncline::replicate::Error::new(Kind::Undecided, code, question.message).hint(question.hint);
        }
        let ended = tokio::time::timeout(PATIENCE, self.task).await.expect("the run ends in time").expect("the run does not panic");
        ended.expect_err("the run must fail")
    }
}
