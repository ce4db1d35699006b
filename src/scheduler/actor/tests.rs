//! The event loop with a scripted engine and a real store.

mod kept;

use super::*;
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::gates::Gates;
use crate::model::job::{Desired, JobState, Origin};
use crate::model::live::Throttle;
use crate::model::replicate::{
    ConflictDetection, ConflictPolicy, DestTask, ExistingTable, MysqlSinkSpec, ReplicateKind, ReplicateSpec, SinkSpec, SrcTask, TableFilter,
};
use crate::model::run::RunState;
use crate::replicate::sink::Forgotten;
use crate::replicate::{self, Error as EngineError, Outcome, RunContext};
use crate::scheduler::{Check, Error, FinishWhen};
use crate::secret::Secret;
use crate::store::runs;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Step {
    /// Streams until it is cancelled or told to finish.
    Stream,
    Lose,
    Fail,
    Panic,
}

/// A scripted engine: one step per start, `Stream` when the script is over.
#[derive(Default)]
pub(in super::super) struct Script {
    steps: Mutex<VecDeque<Step>>,
    starts: Mutex<Vec<RunContext>>,
    unreachable: AtomicBool,
    forgotten: Mutex<Vec<JobId>>,
}

impl Script {
    pub(in super::super) async fn run(&self, mut ctx: RunContext) -> replicate::Result<Outcome> {
        self.starts.lock().unwrap().push(ctx.clone());
        let step = self.steps.lock().unwrap().pop_front().unwrap_or(Step::Stream);
        match step {
            Step::Lose => Err(EngineError::transient("connection_lost", "read the log: connection lost")),
            Step::Fail => Err(EngineError::permanent("bad_row", "apply a row").hint("look")),
            Step::Panic => panic!("scripted"),
            Step::Stream => {
                ctx.report.update(|p| {
                    p.state = JobState::Streaming;
                    p.dest.rows_done = 7;
                    p.dest.position = "0-1-7".into();
                    p.copied_total += 7;
                    p.dest.tx_applied += 3;
                    p.note("views", |n| n + 1);
                });
                tokio::select! {
                    () = ctx.cancel.cancelled() => Ok(Outcome::Cancelled),
                    _ = ctx.finish.wait_for(|f| *f) => Ok(Outcome::Complete),
                }
            }
        }
    }

    pub(in super::super) fn forget(&self, job: &JobId) -> replicate::Result<Forgotten> {
        if self.unreachable.load(Ordering::SeqCst) {
            return Err(EngineError::transient("unreachable", "connect to the target"));
        }
        self.forgotten.lock().unwrap().push(job.clone());
        Ok(Forgotten::Gone)
    }
}

struct Bench {
    dir: tempfile::TempDir,
    script: Arc<Script>,
    handle: Handle,
    task: JoinHandle<()>,
    store: Store,
}

impl Bench {
    async fn new(steps: &[Step]) -> Self {
        let script = Script { steps: Mutex::new(steps.iter().copied().collect()), ..Script::default() };
        Self::boot(tempfile::tempdir().unwrap(), Arc::new(script)).await
    }

    async fn boot(dir: tempfile::TempDir, script: Arc<Script>) -> Self {
        let store = Store::open(dir.path()).unwrap();
        let settings = Settings {
            files_dir: None,
            limits: Limits::default(),
            spool_root: dir.path().join("spool"),
            policy: Policy::default(),
            keep_runs: 100,
            keep_days: 90,
        };
        let (handle, task) = start_with(store.clone(), settings, Engine::Scripted(Arc::clone(&script))).await.unwrap();
        Self { dir, script, handle, task, store }
    }

    /// Ends in order and starts again on the same directory.
    async fn restart(self) -> Self {
        let Self { dir, script, handle, task, store } = self;
        handle.shutdown().await;
        task.await.unwrap();
        store.close().await.unwrap();
        drop((handle, store));
        Self::boot(dir, script).await
    }

    /// Dies like kill -9: nothing is recorded on the way out.
    async fn crash(self) -> Self {
        let Self { dir, script, handle, task, store } = self;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        drop((handle, store));
        Self::boot(dir, script).await
    }

    async fn create(&self, kind: ReplicateKind) -> Selector {
        let view = self.handle.create(new_job(kind), Check::Later, By::default()).await.unwrap();
        Selector::Id(view.job.id)
    }

    async fn until(&self, job: &Selector, what: impl Fn(&JobView) -> bool) -> JobView {
        let mut changes = self.handle.subscribe();
        let wait = async {
            loop {
                let view = self.handle.get(job).await.unwrap();
                if what(&view) {
                    return view;
                }
                changes.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the job gets there")
    }

    async fn streaming(&self, job: &Selector) -> JobView {
        self.until(job, |v| v.job.state == JobState::Streaming).await
    }

    async fn runs(&self) -> Vec<(u64, RunState)> {
        let all = runs::Filter { limit: 100, ..runs::Filter::default() };
        let stored = self.store.read(move |db| runs::list(db, &all)).await.unwrap();
        stored.into_iter().map(|s| (s.run.number, s.run.state)).collect()
    }
}

pub(in super::super) fn new_job(kind: ReplicateKind) -> NewJob {
    let endpoint = |port| MysqlEndpoint {
        host: "127.0.0.1".into(),
        port,
        user: "u".into(),
        password: Secret::new("p"),
        tls: TlsMode::Disabled,
        tls_ca: None,
    };
    let src = SrcTask {
        task_name: "src".into(),
        node_id: None,
        endpoint: endpoint(1),
        filter: TableFilter::default(),
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
        endpoint: endpoint(2),
        apply_workers: None,
        copy_workers: None,
        conflict: ConflictPolicy::Error,
        detection: ConflictDetection::Key,
    };
    let dest = DestTask { task_name: "dest".into(), node_id: None, sink: SinkSpec::Mysql(sink) };
    NewJob {
        id: JobId(format!("a-{}", kind.as_str())),
        name: "a".into(),
        spec: ReplicateSpec { kind, src, dest, failover: None, throttle: Throttle::default(), gates: Gates::default() },
        from_now: false,
        paused: false,
        origin: Origin::Native,
        echo: None,
        description: String::new(),
    }
}

#[tokio::test]
async fn paused_job_keeps_its_run_and_figures_over_pause_and_resume() {
    let bench = Bench::new(&[]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    let before = bench.streaming(&job).await.run.unwrap();
    let paused = bench.handle.pause(&job, By::default()).await.unwrap();
    assert_eq!((&paused.job.state, paused.progress.dest.rows_done), (&JobState::Paused, 7));
    assert_eq!(paused.run.as_ref(), Some(&before));
    bench.handle.resume(&job, By::default()).await.unwrap();
    assert_eq!(bench.streaming(&job).await.run, Some(before));
    let claims: Vec<_> = bench.script.starts.lock().unwrap().iter().map(|c| c.claim).collect();
    assert!(claims.len() == 2 && claims[0].epoch < claims[1].epoch, "{claims:?}");
    assert_eq!(claims[1].asked, None, "whoever asks for it takes it back from another daemon");
}

#[tokio::test]
async fn lost_connections_and_panics_are_retried_in_the_same_run_and_visible() {
    let bench = Bench::new(&[Step::Lose, Step::Panic]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    let waiting = bench.until(&job, |v| matches!(v.job.state, JobState::Waiting(_))).await;
    assert!(waiting.progress.errors.last.unwrap().contains("connection lost"));
    assert_eq!(waiting.progress.errors.recovered_at, None);
    let view = bench.streaming(&job).await;
    let errors = view.progress.errors;
    assert!((errors.count, errors.restarts) == (2, 2) && errors.recovered_at > errors.last_at, "{errors:?}");
    assert_eq!((view.run.unwrap().restarts, bench.runs().await.len()), (2, 1));
    let claims: Vec<_> = bench.script.starts.lock().unwrap().iter().map(|c| c.claim).collect();
    let asked: Vec<_> = claims.iter().map(|c| c.asked).collect();
    assert_eq!(asked, [None, Some(claims[0].epoch), Some(claims[0].epoch)], "who took it over meanwhile keeps it");
    let kinds: Vec<_> = bench.handle.events(&job).await.unwrap().iter().map(|e| e.kind.as_str()).collect();
    assert!(kinds.contains(&"Driver Failure") && kinds.contains(&"Restarting"), "{kinds:?}");
}

#[tokio::test]
async fn permanent_failure_stops_until_retry_makes_a_new_run() {
    let bench = Bench::new(&[Step::Fail]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    let view = bench.until(&job, |v| matches!(v.job.state, JobState::Failed(_))).await;
    assert!(matches!(&view.job.state, JobState::Failed(f) if f.code == "bad_row" && f.hint == "look"));
    assert_eq!((view.job.stats.runs, view.job.stats.failures), (1, 1));
    let bench = bench.restart().await;
    assert_eq!(bench.script.starts.lock().unwrap().len(), 1, "a restart of the daemon does not retry it");
    bench.handle.retry(&job, By::default()).await.unwrap();
    bench.streaming(&job).await;
    assert_eq!(bench.runs().await, [(2, RunState::Running), (1, RunState::Failed)]);
}

#[tokio::test]
async fn finish_completes_a_migration_also_over_a_restart() {
    let bench = Bench::new(&[Step::Lose]).await;
    let job = bench.create(ReplicateKind::Migration).await;
    bench.until(&job, |v| matches!(v.job.state, JobState::Waiting(_))).await;
    bench.handle.finish(&job, FinishWhen::Now, By::default()).await.unwrap();
    let bench = bench.restart().await;
    let view = bench.until(&job, |v| v.job.state == JobState::Complete).await;
    assert_eq!(view.job.desired, Desired::Finished);
    assert_eq!(bench.runs().await, [(2, RunState::Completed), (1, RunState::Interrupted)]);
}

#[tokio::test]
async fn a_crash_leaves_an_interrupted_run_and_the_job_runs_again_with_a_higher_epoch() {
    let bench = Bench::new(&[]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    bench.streaming(&job).await;
    let bench = bench.crash().await;
    bench.streaming(&job).await;
    assert_eq!(bench.runs().await, [(2, RunState::Running), (1, RunState::Interrupted)]);
    let starts = bench.script.starts.lock().unwrap();
    assert!(starts[0].claim.epoch < starts[1].claim.epoch);
    assert_eq!(starts[1].claim.asked, Some(starts[0].claim.epoch), "who took it over while no daemon ran keeps it");
    assert_eq!(starts[0].server_id, starts[1].server_id);
    assert!(starts[0].server_id >= 1 << 20);
}

#[tokio::test]
async fn counts_add_up_over_runs_and_crashes_and_each_run_has_its_own() {
    let mut bench = Bench::new(&[]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    for run in 1..=3 {
        bench.streaming(&job).await;
        let saved = async || {
            let stored = bench.store.read(move |db| runs::get(db, run)).await.unwrap();
            stored.run.counters == Some(crate::model::run::Counters::Rows { copied: 7, applied: 0, transactions: 3, bytes: 0 })
        };
        tokio::time::timeout(Duration::from_secs(10), async { while !saved().await {} }).await.expect("the run shows live counters");
        let progress = bench.handle.get(&job).await.unwrap().progress;
        assert_eq!((progress.copied_total, progress.dest.tx_applied, progress.notes), (7 * run, 3 * run, vec![("views".to_owned(), run)]));
        if run == 3 {
            break;
        }
        bench = bench.crash().await;
        let stored = bench.store.read(move |db| runs::get(db, run)).await.unwrap();
        assert_eq!(stored.run.state, RunState::Interrupted);
        assert!(stored.run.counters.is_some(), "an interrupted run keeps what it had counted");
    }
}

#[tokio::test]
async fn a_job_paused_before_a_crash_stays_paused_with_its_figures() {
    let bench = Bench::new(&[]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    bench.streaming(&job).await;
    bench.handle.pause(&job, By::default()).await.unwrap();
    let bench = bench.crash().await;
    let view = bench.handle.get(&job).await.unwrap();
    assert_eq!((&view.job.state, view.progress.dest.position.as_str()), (&JobState::Paused, "0-1-7"));
    assert_eq!(bench.script.starts.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn delete_ends_the_engine_and_says_what_stays_at_an_unreachable_target() {
    let script = Script { unreachable: AtomicBool::new(true), ..Script::default() };
    let bench = Bench::boot(tempfile::tempdir().unwrap(), Arc::new(script)).await;
    let job = bench.create(ReplicateKind::Sync).await;
    bench.streaming(&job).await;
    let gone = bench.handle.delete(&job, false, By::default()).await.unwrap();
    assert!(gone.note.contains("bookkeeping rows stay"), "{gone:?}");
    assert!(matches!(bench.handle.get(&job).await, Err(Error::NotFound(_))));
    assert!(bench.script.starts.lock().unwrap()[0].cancel.is_cancelled());
    assert_eq!(bench.runs().await, [(1, RunState::Cancelled)]);
    // It is collected when the target answers, also by another daemon on the same state.
    let bench = bench.crash().await;
    let script = Arc::clone(&bench.script);
    assert!(script.forgotten.lock().unwrap().is_empty());
    script.unreachable.store(false, Ordering::SeqCst);
    let done = async || bench.store.read(crate::store::leftovers::all).await.unwrap().is_empty();
    tokio::time::timeout(Duration::from_secs(10), async { while !done().await {} }).await.expect("it is collected");
    assert_eq!(script.forgotten.lock().unwrap().as_slice(), [JobId("a-sync".into())]);
}

#[tokio::test]
async fn a_job_of_the_same_id_waits_until_the_deleted_one_is_forgotten() {
    let script = Script { unreachable: AtomicBool::new(true), ..Script::default() };
    let bench = Bench::boot(tempfile::tempdir().unwrap(), Arc::new(script)).await;
    let job = bench.create(ReplicateKind::Sync).await;
    bench.streaming(&job).await;
    bench.handle.delete(&job, false, By::default()).await.unwrap();
    let job = bench.create(ReplicateKind::Sync).await;
    bench.until(&job, |v| matches!(&v.job.state, JobState::Waiting(why) if why.contains("forget"))).await;
    assert_eq!(bench.script.starts.lock().unwrap().len(), 1, "the engine has not begun on what was to be forgotten");
    bench.script.unreachable.store(false, Ordering::SeqCst);
    bench.streaming(&job).await;
    assert_eq!(bench.script.forgotten.lock().unwrap().len(), 1, "once, and never again: the new job's rows stay");
}

#[tokio::test]
async fn update_restarts_with_the_new_spec_and_keeps_masked_passwords_only_for_the_same_server() {
    let bench = Bench::new(&[]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    bench.streaming(&job).await;
    let mut change = new_job(ReplicateKind::Sync);
    change.spec.src.endpoint.password = Secret::new("*");
    change.spec.src.chunk_rows = Some(5);
    change.spec.src.filter.ignore = vec![crate::model::replicate::SchemaRule::new("s", [])];
    let index = bench.handle.get(&job).await.unwrap().job.job_modify_index;
    let view = bench.handle.update(change.clone(), Some(index), Check::Later, By::default()).await.unwrap();
    assert!(view.job.job_modify_index > index);
    bench.until(&job, |v| v.run.as_ref().is_some_and(|r| r.number == 2) && v.job.state == JobState::Streaming).await;
    let spec = bench.script.starts.lock().unwrap()[1].spec.clone();
    assert_eq!((spec.src.chunk_rows, spec.src.endpoint.password.expose()), (Some(5), "p"));
    assert!(
        matches!(bench.handle.update(change.clone(), Some(index), Check::Later, By::default()).await, Err(Error::Exists(_))),
        "compare-and-set"
    );
    change.spec.src.endpoint.port = 9;
    assert!(
        matches!(bench.handle.update(change, None, Check::Later, By::default()).await, Err(Error::Invalid(_))),
        "the secret stays with its server"
    );
}

#[tokio::test]
async fn every_change_leaves_an_audit_row() {
    let bench = Bench::new(&[]).await;
    let by = By { who: "eve".into(), request_id: "r1".into() };
    let view = bench.handle.create(new_job(ReplicateKind::Sync), Check::Later, by.clone()).await.unwrap();
    let job = Selector::Id(view.job.id);
    bench.handle.pause(&job, by.clone()).await.unwrap();
    bench.handle.resume(&job, by.clone()).await.unwrap();
    bench.handle.delete(&job, true, by).await.unwrap();
    let rows = bench
        .store
        .read(|db| crate::store::audit::list(db, &crate::store::audit::Filter { limit: 10, ..Default::default() }))
        .await
        .unwrap();
    let actions: Vec<_> = rows.iter().rev().map(|line| (line.who.as_str(), line.action.as_str(), line.object.as_str())).collect();
    let job = |action| ("eve", action, "a-sync");
    assert_eq!(actions, [job("job.create"), job("job.pause"), job("job.resume"), job("job.delete")]);
}

#[tokio::test]
async fn a_number_is_reserved_for_an_id_that_nobody_has() {
    let bench = Bench::new(&[]).await;
    let id = |number: u64| JobId(format!("dts-{number}-subscription"));
    // Somebody has called a job of another family so.
    let taken = NewJob { id: id(2), ..new_job(ReplicateKind::Sync) };
    let other = bench.handle.create(taken, Check::Later, By::default()).await.unwrap();
    assert_eq!(other.job.number, 1);
    assert_eq!(bench.handle.reserve_number(id).await.unwrap(), 3, "2 is not used");
    let refused = bench.handle.create_numbered(new_job(ReplicateKind::Sync), |n| (id(n), format!("dts-{n}")), By::default()).await;
    // The scripted engine's preflight asks nobody's real servers, which do not answer: nothing is stored, nor used up.
    assert!(matches!(refused, Err(Error::Preflight(_))), "{refused:?}");
    assert_eq!(bench.handle.list().await.unwrap().len(), 1);
    assert_eq!(bench.handle.reserve_number(id).await.unwrap(), 4, "a number is given once");
}
