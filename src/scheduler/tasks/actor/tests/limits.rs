//! Limits of a task's own, and a clock that was wrong.

use super::*;

#[tokio::test]
async fn a_clock_that_was_a_day_ahead_is_forgotten() {
    let bench = Bench::new("20:00:00", &[Step::Wait, Step::Finish(1)]).await;
    let daily = bench.task("daily", Some("0 0 3 * * ?")).await;
    assert_eq!(bench.tasks.get(&daily).await.unwrap().job.next_fire, Some("2026-03-02T03:00:00Z".parse().unwrap()));
    let run = bench.tasks.start(NewRun { name: "by hand".into(), spec: spec() }, By::default()).await.unwrap();
    bench.until(async || *bench.script.starts.lock().unwrap() == run.number).await;
    bench.turn("02:00:00");
    let next = async || bench.tasks.get(&daily).await.unwrap().job.next_fire;
    bench.until(async || next().await == Some(at("03:00:00"))).await;
    // The run by hand has all of its ten minutes again, and no more.
    bench.turn("02:10:00");
    tokio::time::timeout(Duration::from_secs(10), bench.tasks.wait(run.number)).await.expect("it ends").unwrap();
    bench.turn("03:00:00");
    bench.until_runs(&[RunState::Failed, RunState::Completed]).await;
    assert_eq!(next().await, Some("2026-03-02T03:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn a_task_may_have_limits_of_its_own() {
    let bench = Bench::new("01:00:00", &[Step::Wait]).await;
    let limits = |grace, deadline| TaskLimits { grace_seconds: grace, deadline_seconds: deadline };
    let strict = NewTask { limits: limits(Some(0), Some(60)), ..new_task("strict", Some("0 0 2 * * ?")) };
    let strict = Selector::Id(bench.tasks.create(strict, By::default()).await.unwrap().job.id);
    let patient = NewTask { limits: limits(Some(6 * 3600), None), ..new_task("patient", Some("0 30 1 * * ?")) };
    bench.tasks.create(patient, By::default()).await.unwrap();
    bench.script.steps.lock().unwrap().push_front(Step::Finish(1));
    // Down for seven hours' less: the daemon's own grace is an hour.
    let bench = bench.crash("07:00:00").await;
    bench.until_runs(&[RunState::Completed, RunState::Skipped]).await;
    let runs = bench.runs().await;
    assert!(runs[0].2.contains("02:00:00") && runs[0].2.contains("too late"), "{runs:?}");
    let run = bench.tasks.run(&strict, By::default()).await.unwrap();
    bench.until(async || *bench.script.starts.lock().unwrap() == 2).await;
    bench.turn("07:01:00");
    tokio::time::timeout(Duration::from_secs(10), bench.tasks.wait(run.number)).await.expect("it ends").unwrap();
    assert_eq!(bench.runs().await[0], (run.number, RunState::Failed, "it took longer than 1m".to_owned()));
    // They are stored, and a change replaces them.
    let change = TaskChange { limits: Some(limits(None, Some(90))), ..TaskChange::default() };
    let view = bench.tasks.update(&strict, change, None, By::default()).await.unwrap();
    assert_eq!(view.job.limits, limits(None, Some(90)));
    let bench = bench.crash("07:05:00").await;
    assert_eq!(bench.tasks.get(&strict).await.unwrap().job.limits, limits(None, Some(90)));
}
