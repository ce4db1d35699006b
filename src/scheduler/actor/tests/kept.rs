//! What a deleted job leaves, and who goes on from it.

use super::*;

#[tokio::test]
async fn a_position_that_was_kept_is_gone_on_from_and_any_other_is_cleared_away_first() {
    let bench = Bench::new(&[]).await;
    let forgotten = |bench: &Bench| bench.script.forgotten.lock().unwrap().len();
    let job = bench.create(ReplicateKind::Sync).await;
    bench.streaming(&job).await;
    // Kept, and the same servers: nothing is cleared away, and where it began is behind it.
    bench.handle.delete(&job, true, By::default()).await.unwrap();
    assert_eq!(bench.handle.kept_id(crate::model::job::JobKind::Sync, "a").await.unwrap(), Some(JobId("a-sync".into())));
    let mut again = new_job(ReplicateKind::Sync);
    again.spec.src.start_gtid = Some("0-1-9".into());
    bench.handle.create(again, Check::Later, By::default()).await.unwrap();
    bench.streaming(&job).await;
    assert_eq!((forgotten(&bench), bench.script.starts.lock().unwrap()[1].spec.src.start_gtid.clone()), (0, None));
    assert_eq!(bench.handle.kept_id(crate::model::job::JobKind::Sync, "a").await.unwrap(), None, "the id is taken");
    // Not kept: nothing of the predecessor counts, its start_gtid least of all.
    bench.handle.delete(&job, false, By::default()).await.unwrap();
    let mut fresh = new_job(ReplicateKind::Sync);
    fresh.spec.src.start_gtid = Some("0-1-5".into());
    bench.handle.create(fresh, Check::Later, By::default()).await.unwrap();
    bench.streaming(&job).await;
    bench.handle.delete(&job, false, By::default()).await.unwrap();
    bench.handle.create(new_job(ReplicateKind::Sync), Check::Later, By::default()).await.unwrap();
    bench.streaming(&job).await;
    let starts: Vec<_> = bench.script.starts.lock().unwrap().iter().map(|s| s.spec.src.start_gtid.clone()).collect();
    assert_eq!(starts[2..], [Some("0-1-5".to_owned()), None]);
    bench.script.forgotten.lock().unwrap().clear();
    // Other servers: it begins anew, which is done once.
    bench.handle.delete(&job, true, By::default()).await.unwrap();
    let mut other = new_job(ReplicateKind::Sync);
    other.spec.src.endpoint.port = 7;
    bench.handle.create(other, Check::Later, By::default()).await.unwrap();
    bench.streaming(&job).await;
    assert_eq!(forgotten(&bench), 1);
    bench.handle.pause(&job, By::default()).await.unwrap();
    bench.handle.resume(&job, By::default()).await.unwrap();
    bench.streaming(&job).await;
    let bench = bench.restart().await;
    bench.streaming(&job).await;
    assert_eq!(forgotten(&bench), 1);
}

#[tokio::test]
async fn a_job_that_must_begin_anew_does_not_run_before_it_has_cleared_away_also_over_a_crash() {
    let bench = Bench::new(&[]).await;
    let job = bench.create(ReplicateKind::Sync).await;
    bench.streaming(&job).await;
    bench.script.unreachable.store(true, Ordering::SeqCst);
    bench.handle.delete(&job, false, By::default()).await.unwrap();
    bench.create(ReplicateKind::Sync).await;
    bench.until(&job, |v| matches!(v.job.state, JobState::Waiting(_))).await;
    let bench = bench.crash().await;
    bench.until(&job, |v| matches!(v.job.state, JobState::Waiting(_))).await;
    assert_eq!(bench.script.starts.lock().unwrap().len(), 1, "only the predecessor's engine has run");
    bench.script.unreachable.store(false, Ordering::SeqCst);
    bench.handle.retry(&job, By::default()).await.unwrap();
    bench.streaming(&job).await;
    assert_eq!((bench.script.forgotten.lock().unwrap().len(), bench.script.starts.lock().unwrap().len()), (1, 2));
}
