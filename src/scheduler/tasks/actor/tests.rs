mod limits;

use super::super::handle::Trial;
use super::super::worker::{Finished, Tell};
use super::super::{NewRun, NewTask, TaskChange};
use super::*;
use crate::model::hosts::{HostCounts, HostMetricsSpec, HostSelection, QueryRange};
use crate::model::job::{Desired, JobKind, Origin, TaskLimits, Trigger};
use crate::model::run::{Counters, Outcome, RunItem, RunState};
use crate::scheduler::handle::{By, Selector};
use crate::store::{items, runs};
use std::collections::VecDeque;
use std::sync::Mutex;

/// What a scripted worker does, step by step; then it finishes at once.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// So many hosts, all well.
    Finish(u64),
    /// Until it is told to stop.
    Wait,
    /// And not even then.
    Deaf,
    Fail,
    Panic,
}

#[derive(Default)]
pub(in super::super) struct Script {
    steps: Mutex<VecDeque<Step>>,
    starts: Mutex<u64>,
}

impl Script {
    pub(in super::super) async fn run(&self, _spec: &TaskSpec, cancel: CancellationToken, tell: Tell) -> Result<Finished> {
        *self.starts.lock().unwrap() += 1;
        let step = self.steps.lock().unwrap().pop_front().unwrap_or(Step::Finish(1));
        let count = |updated| Some(Counters::Hosts(HostCounts { total: updated, updated, ..HostCounts::default() }));
        match step {
            Step::Finish(hosts) => {
                for n in 0..hosts {
                    tell.items.send(item(n)).await.unwrap();
                }
                tell.counters.send_replace(count(hosts));
                Ok(Finished { whole: true, then: Vec::new() })
            }
            Step::Wait => {
                tell.items.send(item(0)).await.unwrap();
                tell.counters.send_replace(count(1));
                cancel.cancelled().await;
                // As the engines do of what they had not come to.
                let measures = serde_json::json!({ "code": "cancelled" });
                tell.items
                    .send(RunItem { outcome: Outcome::Failed, measures, error: "the run was cancelled".into(), ..item(1) })
                    .await
                    .unwrap();
                Ok(Finished { whole: false, then: Vec::new() })
            }
            Step::Deaf => std::future::pending().await,
            Step::Fail => Err(Error::EndpointRefused("es is refused".into())),
            Step::Panic => panic!("scripted"),
        }
    }
}

fn item(n: u64) -> RunItem {
    RunItem {
        number: 0,
        run: 0,
        key: format!("10.1.1.{n}"),
        label: String::new(),
        outcome: Outcome::Updated,
        measures: serde_json::json!({ "cpu": { "max": 1.5, "avg": null } }),
        started: None,
        ended: None,
        count: 3,
        error: String::new(),
    }
}

struct Bench {
    dir: tempfile::TempDir,
    script: Arc<Script>,
    clock: watch::Sender<Timestamp>,
    tasks: Tasks,
    event_loop: JoinHandle<()>,
    store: Store,
}

fn at(text: &str) -> Timestamp {
    format!("2026-03-01T{text}Z").parse().unwrap()
}

fn new_task(name: &str, expr: Option<&str>) -> NewTask {
    NewTask {
        name: name.into(),
        spec: spec(),
        limits: TaskLimits::default(),
        trigger: expr.map_or(Trigger::Manual, |expr| Trigger::Cron { expr: expr.into(), time_zone: String::new() }),
        enabled: true,
        origin: Origin::Native,
        description: String::new(),
        created_by: None,
    }
}

fn spec() -> TaskSpec {
    TaskSpec::HostMetrics(HostMetricsSpec {
        endpoint: None,
        style: None,
        index_pattern: None,
        range: QueryRange::default(),
        selection: HostSelection::Pool,
    })
}

impl Bench {
    async fn new(now: &str, steps: &[Step]) -> Self {
        let script = Script { steps: Mutex::new(steps.iter().copied().collect()), ..Script::default() };
        Self::boot(tempfile::tempdir().unwrap(), Arc::new(script), at(now)).await
    }

    async fn boot(dir: tempfile::TempDir, script: Arc<Script>, now: Timestamp) -> Self {
        let store = Store::open(dir.path()).unwrap();
        // As the daemon does: the other loop closes what a dead daemon left.
        store.write(move |db| runs::interrupt_running(db, now)).await.unwrap();
        let (clock, seen) = watch::channel(now);
        let settings = Settings {
            zone: "UTC".into(),
            grace: SignedDuration::from_hours(1),
            deadline: SignedDuration::from_secs(600),
            concurrent: 2,
            keep_runs: 3,
        };
        let (tasks, event_loop) =
            start_with(store.clone(), settings, Worker::Scripted(Arc::clone(&script)), Clock::Manual(seen)).await.unwrap();
        Self { dir, script, clock, tasks, event_loop, store }
    }

    /// Dies like kill -9, and comes up at that time.
    async fn crash(self, now: &str) -> Self {
        let Self { dir, script, clock, tasks, event_loop, store } = self;
        event_loop.abort();
        assert!(event_loop.await.unwrap_err().is_cancelled());
        drop((tasks, clock, store));
        Self::boot(dir, script, at(now)).await
    }

    fn turn(&self, now: &str) {
        self.clock.send_replace(at(now));
    }

    async fn task(&self, name: &str, expr: Option<&str>) -> Selector {
        self.tasks.create(new_task(name, expr), By::default()).await.unwrap();
        Selector::Any(name.into())
    }

    async fn until(&self, what: impl AsyncFn() -> bool) {
        let mut changes = self.tasks.subscribe();
        let wait = async {
            while !what().await {
                // Counters and items move without a change of any state.
                let _ = tokio::time::timeout(Duration::from_millis(20), changes.changed()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect("it gets there");
    }

    async fn runs(&self) -> Vec<(u64, RunState, String)> {
        let all = runs::Filter { limit: 100, ..runs::Filter::default() };
        let stored = self.store.read(move |db| runs::list(db, &all)).await.unwrap();
        stored.into_iter().map(|s| (s.run.number, s.run.state, if s.run.error.is_empty() { s.run.message } else { s.run.error })).collect()
    }

    async fn until_runs(&self, states: &[RunState]) {
        self.until(async || self.runs().await.iter().rev().map(|r| r.1).eq(states.iter().copied())).await;
    }
}

#[tokio::test]
async fn a_task_runs_at_its_times_with_its_row_totals_and_items() {
    let bench = Bench::new("01:59:59", &[Step::Finish(3), Step::Fail, Step::Panic]).await;
    let task = bench.task("每日", Some("0 0 * * * ?")).await;
    let view = bench.tasks.get(&task).await.unwrap();
    assert_eq!((view.job.next_fire, view.zone.as_str(), view.job.id.0.as_str()), (Some(at("02:00:00")), "UTC", "task-1"));
    bench.turn("02:00:00");
    bench.until_runs(&[RunState::Completed]).await;
    let view = bench.tasks.get(&task).await.unwrap();
    assert_eq!((view.job.next_fire, view.job.stats.last_run, view.active), (Some(at("03:00:00")), Some(at("02:00:00")), None));
    assert_eq!((view.job.stats.runs, view.job.stats.successes, view.job.stats.data_count), (1, 1, 3));
    assert_eq!(view.job.stats.last_result.as_deref(), Some("completed"));
    let kept = bench.store.read(|db| items::of_run(db, 1)).await.unwrap();
    assert_eq!(
        kept.iter().map(|i| (i.number, i.run, i.key.as_str(), i.count)).collect::<Vec<_>>(),
        [(1, 1, "10.1.1.0", 3), (2, 1, "10.1.1.1", 3), (3, 1, "10.1.1.2", 3)]
    );
    assert_eq!(kept[0].measures, item(0).measures);
    bench.turn("03:00:00");
    bench.until_runs(&[RunState::Completed, RunState::Failed]).await;
    bench.turn("04:00:00");
    bench.until_runs(&[RunState::Completed, RunState::Failed, RunState::Failed]).await;
    let runs = bench.runs().await;
    assert_eq!((runs[1].2.as_str(), runs[2].2.as_str()), ("es is refused (endpoint_refused)", "3 of 3 hosts"));
    assert!(runs[0].2.contains("(panic)"), "{runs:?}");
    assert_eq!(bench.tasks.get(&task).await.unwrap().job.stats.failures, 2);
}

#[tokio::test]
async fn a_fire_during_a_run_is_skipped_and_leaves_the_last_result_alone() {
    let bench = Bench::new("01:59:59", &[Step::Wait]).await;
    let task = bench.task("t", Some("0 0 * * * ?")).await;
    bench.turn("02:00:00");
    bench.until_runs(&[RunState::Running]).await;
    bench.until(async || bench.tasks.get(&task).await.unwrap().active.is_some_and(|a| a.counters.is_some())).await;
    assert!(matches!(bench.tasks.run(&task, By::default()).await, Err(Error::Refused(r)) if r.code == "task_running"));
    // Before the deadline of ten minutes there is none, so another one is needed: told by hand.
    let open = bench.tasks.active().await.unwrap();
    bench.tasks.cancel(open[0].number, By { who: "eve".into(), request_id: String::new() }).await.unwrap();
    bench.until_runs(&[RunState::Cancelled]).await;
    assert_eq!(bench.runs().await[0].2, "it was cancelled by eve");
    assert!(matches!(bench.tasks.cancel(1, By::default()).await, Err(Error::Refused(r)) if r.code == "run_ended"));
    assert!(matches!(bench.tasks.cancel(99, By::default()).await, Err(Error::NotFound(_))));
    bench.script.steps.lock().unwrap().push_back(Step::Wait);
    bench.tasks.run(&task, By::default()).await.unwrap();
    bench
        .tasks
        .update(&task, TaskChange { trigger: Some(cron("*/30 * * * * ?")), ..TaskChange::default() }, None, By::default())
        .await
        .unwrap();
    bench.turn("02:00:30");
    bench.until_runs(&[RunState::Cancelled, RunState::Running, RunState::Skipped]).await;
    let view = bench.tasks.get(&task).await.unwrap();
    assert_eq!((view.job.stats.last_result.as_deref(), view.job.next_fire), (Some("cancelled"), Some(at("02:01:00"))));
    assert!(bench.runs().await[0].2.contains("run 2 was still active"));
}

fn cron(expr: &str) -> Trigger {
    Trigger::Cron { expr: expr.into(), time_zone: String::new() }
}

#[tokio::test]
async fn what_was_missed_runs_once_if_it_is_young_and_is_told_of_if_not() {
    let bench = Bench::new("01:00:00", &[]).await;
    let often = bench.task("often", Some("0 */10 * * * ?")).await;
    let daily = bench.task("daily", Some("0 30 1 * * ?")).await;
    let idle = bench.tasks.create(NewTask { enabled: false, ..new_task("idle", Some("0 */10 * * * ?")) }, By::default()).await.unwrap();
    assert_eq!(idle.job.next_fire, None);
    let bench = bench.crash("04:05:00").await;
    bench.until_runs(&[RunState::Completed, RunState::Skipped]).await;
    let runs = bench.runs().await;
    assert!(runs[0].2.contains("01:30:00") && runs[0].2.contains("too late"), "{runs:?}");
    let view = bench.tasks.get(&often).await.unwrap();
    assert_eq!((view.job.stats.runs, view.job.next_fire), (1, Some(at("04:10:00"))));
    assert_eq!(bench.tasks.get(&daily).await.unwrap().job.stats.runs, 0);
    assert_eq!(*bench.script.starts.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_crash_leaves_an_interrupted_run_and_the_next_fire_is_unaffected() {
    let bench = Bench::new("01:59:59", &[Step::Wait]).await;
    let task = bench.task("t", Some("0 0 * * * ?")).await;
    bench.turn("02:00:00");
    bench.until(async || !bench.store.read(|db| items::of_run(db, 1)).await.unwrap().is_empty()).await;
    let bench = bench.crash("02:10:00").await;
    assert_eq!(bench.runs().await[0].1, RunState::Interrupted);
    let view = bench.tasks.get(&task).await.unwrap();
    assert_eq!((view.job.stats.failures, view.job.stats.last_result.as_deref()), (1, Some("interrupted")));
    assert_eq!((view.active, view.job.next_fire), (None, Some(at("03:00:00"))));
    bench.turn("03:00:00");
    bench.until_runs(&[RunState::Interrupted, RunState::Completed]).await;
}

#[tokio::test]
async fn a_run_ends_at_its_deadline_even_if_it_does_not_listen() {
    let bench = Bench::new("02:00:00", &[Step::Wait, Step::Deaf]).await;
    for (now, deadline, abandoned) in [("02:00:01", "02:10:01", "02:10:01"), ("02:20:00", "02:30:00", "02:30:15")] {
        bench.turn(now);
        let run = bench.tasks.start(NewRun { name: "by hand".into(), spec: spec() }, By::default()).await.unwrap();
        assert_eq!((run.job, run.state), (None, RunState::Running));
        bench.until(async || *bench.script.starts.lock().unwrap() == run.number).await;
        bench.turn(deadline);
        bench.until(async || bench.tasks.active().await.unwrap().is_empty() || abandoned != deadline).await;
        bench.turn(abandoned);
        tokio::time::timeout(Duration::from_secs(10), bench.tasks.wait(run.number)).await.expect("it ends").unwrap();
    }
    bench.until_runs(&[RunState::Failed, RunState::Failed]).await;
    assert!(bench.runs().await.iter().all(|r| r.2 == "it took longer than 10m"), "{:?}", bench.runs().await);
    // What was cut short by it says so too.
    let items = bench.store.read(|db| items::of_run(db, 1)).await.unwrap();
    let told: Vec<(&str, &str)> = items.iter().map(|i| (i.measures["code"].as_str().unwrap_or_default(), i.error.as_str())).collect();
    assert_eq!(told, [("", ""), ("deadline", "it took longer than 10m")]);
}

#[tokio::test]
async fn a_stop_interrupts_what_runs_and_a_start_goes_on_with_the_times() {
    let bench = Bench::new("02:00:00", &[Step::Wait]).await;
    let task = bench.task("t", Some("0 0 * * * ?")).await;
    let run = bench.tasks.run(&task, By::default()).await.unwrap();
    bench.tasks.shutdown().await;
    let Bench { dir, script, clock, tasks, event_loop, store } = bench;
    event_loop.await.unwrap();
    assert!(matches!(tasks.get(&task).await, Err(Error::Stopping)));
    store.close().await.unwrap();
    drop((tasks, store, clock));
    let bench = Bench::boot(dir, script, at("02:30:00")).await;
    assert_eq!(bench.runs().await, [(run.number, RunState::Interrupted, "the daemon was stopped".to_owned())]);
    assert_eq!(bench.tasks.get(&task).await.unwrap().job.next_fire, Some(at("03:00:00")));
}

#[tokio::test]
async fn names_are_free_again_after_a_delete_and_history_is_trimmed() {
    let bench = Bench::new("02:00:00", &[]).await;
    let task = bench.task("t", None).await;
    assert!(matches!(bench.tasks.create(new_task("t", None), By::default()).await, Err(Error::Exists(_))));
    for n in 1..=5 {
        bench.tasks.run(&task, By::default()).await.unwrap();
        bench.tasks.wait(n).await.unwrap();
    }
    assert_eq!(bench.runs().await.iter().map(|r| r.0).collect::<Vec<_>>(), [5, 4, 3]);
    assert_eq!(bench.tasks.get(&task).await.unwrap().job.stats.runs, 5, "totals outlive the runs");
    assert!(bench.store.read(|db| items::of_run(db, 1)).await.unwrap().is_empty(), "items go with their run");
    bench.tasks.delete(&task, Trial::No, By::default()).await.unwrap();
    assert!(matches!(bench.tasks.get(&task).await, Err(Error::NotFound(_))));
    assert_eq!(bench.tasks.create(new_task("t", None), By::default()).await.unwrap().job.number, 2);
    assert_eq!(bench.runs().await.len(), 3, "runs outlive their task");
}

#[tokio::test]
async fn enabling_is_idempotent_and_a_bad_change_changes_nothing() {
    let bench = Bench::new("02:00:00", &[]).await;
    let task = bench.task("t", Some("0 0 3 * * ?")).await;
    for (enabled, next) in [(false, None), (false, None), (true, Some(at("03:00:00"))), (true, Some(at("03:00:00")))] {
        let view = bench.tasks.enable(&task, enabled, By::default()).await.unwrap();
        assert_eq!((view.job.next_fire, view.job.desired == Desired::Running), (next, enabled));
    }
    let bad = TaskChange { trigger: Some(cron("0 0 25 * * ?")), ..TaskChange::default() };
    assert!(matches!(bench.tasks.update(&task, bad, None, By::default()).await, Err(Error::BadCron(_))));
    let before = bench.tasks.get(&task).await.unwrap();
    assert_eq!(before.job.next_fire, Some(at("03:00:00")));
    let change = TaskChange { name: Some("新".into()), trigger: Some(cron("0 0 4 * * ?")), ..TaskChange::default() };
    let index = before.job.job_modify_index;
    let view = bench.tasks.update(&task, change.clone(), Some(index), By::default()).await.unwrap();
    assert_eq!((view.job.next_fire, view.job.name.as_str(), view.job.id), (Some(at("04:00:00")), "新", before.job.id));
    assert!(matches!(bench.tasks.update(&Selector::Any("1".into()), change, Some(index), By::default()).await, Err(Error::Exists(_))));
    let rows = bench
        .store
        .read(|db| crate::store::audit::list(db, &crate::store::audit::Filter { limit: 10, ..Default::default() }))
        .await
        .unwrap();
    let actions: Vec<_> = rows.iter().rev().map(|line| (line.action.as_str(), line.object.as_str())).collect();
    assert_eq!(actions, [("task.create", "task-1"), ("task.disable", "task-1"), ("task.enable", "task-1"), ("task.update", "task-1")]);
    // The old time is nobody's any more.
    bench.turn("03:30:00");
    bench.turn("04:00:00");
    bench.until_runs(&[RunState::Completed]).await;
    assert_eq!(bench.tasks.list(Some(JobKind::Hosts)).await.unwrap().len(), 1);
    assert!(bench.tasks.list(Some(JobKind::Bars)).await.unwrap().is_empty());
}

#[tokio::test]
async fn more_runs_than_slots_wait_with_their_rows_open() {
    let bench = Bench::new("02:00:00", &[Step::Wait, Step::Wait, Step::Finish(1)]).await;
    for n in 1..=3u64 {
        let run = bench.tasks.start(NewRun { name: "x".into(), spec: spec() }, By::default()).await.unwrap();
        assert_eq!(run.number, n);
        if n < 3 {
            bench.until(async || bench.tasks.active().await.unwrap().iter().filter(|a| a.counters.is_some()).count() as u64 == n).await;
        }
    }
    let runs = bench.runs().await;
    assert_eq!((*bench.script.starts.lock().unwrap(), runs[0].1), (2, RunState::Running));
    bench.tasks.cancel(1, By::default()).await.unwrap();
    bench.tasks.wait(3).await.unwrap();
    assert_eq!(bench.runs().await.iter().map(|r| r.1).collect::<Vec<_>>(), [RunState::Completed, RunState::Running, RunState::Cancelled]);
}
