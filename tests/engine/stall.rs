//! A job that does not move although its source does says what each part waits for, ends its run, and goes on when it can;
//! and one that falls behind what the source keeps of its log is told of in time.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::job::{Job, Run};
use crate::support::servers;
use crate::support::sql;
use crate::support::until::{until, until_some};
use std::time::Duration;
use syncline::model::job::JobState;
use syncline::model::progress::Progress;
use syncline::replicate::Kind;
use syncline::wire::native::jobs as wire;
use syncline::wire::native::verify::VerifyRequest;

/// Waits until the run says that it is stalled; what its state says, which is short, and what all parts wait for.
async fn stalled(run: &mut Run) -> (String, String) {
    let look = async || match &run.progress.borrow().state {
        JobState::Stalled(why) => Some(why.clone()),
        _ => None,
    };
    let why = until_some(Duration::from_secs(60), "it is stalled", look).await;
    let told = std::iter::from_fn(|| run.events.try_recv().ok()).find(|e| e.message.starts_with("stalled: "));
    (why, told.expect("it is among the events").message)
}

/// A lock at the target that nobody gives back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_job_says_where_it_stands_and_begins_again() {
    for (from, to) in servers::directions().into_iter().take(2) {
        let schema = sql::scratch("stall", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec_all(&mut conn, ["CREATE TABLE t (id INT PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 1), (2, 2)"]).await;
        let mut job = Job::new(&schema, from, to);
        job.limits.stall_seconds = 3;
        let mut run = job.start();
        run.streaming().await;
        let mut holder = sql::connect(to).await;
        sql::exec_all(&mut holder, ["BEGIN".to_owned(), format!("UPDATE `{schema}`.t SET n = 0 WHERE id = 1")]).await;
        let holds = format!("a lock in {schema}.t that connection {} holds (", holder.id());
        sql::exec(&mut conn, "UPDATE t SET n = 5 WHERE id = 1").await;
        let ((why, said), ()) = tokio::join!(stalled(&mut run), async {
            // The source goes on.
            for n in 0..40 {
                sql::exec(&mut conn, &format!("UPDATE t SET n = {n} WHERE id = 2")).await;
                tokio::task::yield_now().await;
            }
        });
        let error = run.error().await;
        assert_eq!((error.kind, error.code), (Kind::Transient, "stalled"), "{error:?}");
        for part in ["the log reader has read", "the pump", "lane 1 applies", "connection", &holds] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(why.contains(&holds) && why == error.message && !why.contains("lane"), "{why}");
        sql::exec(&mut holder, "ROLLBACK").await;
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_equal(from, to, &schema, 1).await;
    }
}

/// What waits is what was read and is not applied: in transactions as far as the log is decoded, in bytes behind that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_blocked_target_has_before_it_is_counted() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("backlog", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    sql::exec_all(&mut conn, ["CREATE TABLE t (id INT PRIMARY KEY, n INT, pad LONGTEXT)", "INSERT INTO t VALUES (1, 1, ''), (2, 2, '')"])
        .await;
    let mut job = Job::new(&schema, from, to);
    let mut run = job.start();
    run.streaming().await;
    let mut holder = sql::connect(to).await;
    sql::exec_all(&mut holder, ["BEGIN".to_owned(), format!("UPDATE `{schema}`.t SET n = 0 WHERE id = 1")]).await;
    for n in 0..41 {
        sql::exec(&mut conn, &format!("UPDATE t SET n = {n} + 100 WHERE id = 1")).await;
    }
    run.until("what waits is counted", |p| p.dest.queue == 41 && p.spool_bytes == 0).await;
    // More than is held in memory.
    for n in 0..8 {
        sql::exec(&mut conn, &format!("UPDATE t SET pad = REPEAT('{n}', 4 << 20) WHERE id = 1")).await;
    }
    let holds = format!("a lock in {schema}.t that connection {} holds (", holder.id());
    let told =
        |p: &Progress| p.target_stands.as_ref().is_some_and(|s| s.starts_with("the target has taken nothing for ") && s.contains(&holds));
    run.until("who holds it is told before it is stalled", |p| told(p) && !matches!(p.state, JobState::Stalled(_))).await;
    run.until("what is on disk is told", |p| p.spool_bytes > 8 << 20 && (42..49).contains(&p.dest.queue)).await;
    sql::exec(&mut holder, "ROLLBACK").await;
    run.until("nothing waits", |p| p.spool_bytes == 0 && p.dest.queue == 0 && p.target_stands.is_none()).await;
    run.finish().await;
    expect_equal(from, to, &schema, 1).await;
}

/// The same in the copy, where the log is not looked at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_copy_says_where_it_stands_and_goes_on() {
    for (from, to) in servers::directions().into_iter().take(2) {
        let schema = sql::scratch("stallcopy", &[from, to]).await;
        let table = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT)");
        let mut conn = sql::connect(from).await;
        sql::exec_all(&mut conn, [table.clone(), format!("INSERT INTO `{schema}`.t VALUES (1, 1), (2, 2)")]).await;
        let mut holder = sql::connect(to).await;
        let lock = format!("UPDATE `{schema}`.t SET n = 0 WHERE id = 1");
        sql::exec_all(&mut holder, [table, format!("INSERT INTO `{schema}`.t VALUES (1, 1)"), "BEGIN".to_owned(), lock]).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.existing_table = syncline::model::replicate::ExistingTable::Upsert;
        job.limits.stall_seconds = 3;
        let mut run = job.start();
        let (why, said) = stalled(&mut run).await;
        let error = run.error().await;
        assert_eq!((error.kind, error.code), (Kind::Transient, "stalled"), "{error:?}");
        for part in ["no row was read or written for 3 s", "copy writer 1 writes 2 rows of", "has nothing to read", "connection"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(why.contains("connection") && why == error.message && !why.contains("copy writer"), "{why}");
        sql::exec(&mut holder, "ROLLBACK").await;
        let mut run = job.start();
        run.streaming().await;
        run.finish().await;
        expect_equal(from, to, &schema, 1).await;
    }
}

/// The daemon shows it as stalled until it moves again, and tells it among the events.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_job_is_shown_and_started_again_by_the_daemon() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("stalled", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    sql::exec_all(&mut conn, ["CREATE TABLE t (id INT PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 1), (2, 2)"]).await;
    let daemon = Daemon::configured("[replication]\nstall_seconds = 10\n").await;
    let client = daemon.client();
    let id = client.create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    until(Duration::from_secs(60), "it streams", async || client.job(&id).await.unwrap().state == wire::JobState::Streaming).await;
    let kept = until_some(Duration::from_secs(30), "how long the source keeps its log", async || {
        client.job(&id).await.unwrap().progress.and_then(|p| Some((p.log_kept_seconds?, p.purge_in_seconds?)))
    });
    sql::exec(&mut conn, "SET GLOBAL binlog_expire_logs_seconds = 86400").await;
    client.pause_job(&id).await.unwrap();
    client.resume_job(&id).await.unwrap();
    let (kept, left) = kept.await;
    assert!(kept == 86_400.0 && left > 86_000.0, "{kept} {left}");
    sql::exec(&mut conn, "SET GLOBAL binlog_expire_logs_seconds = 0").await;
    let mut holder = sql::connect(to).await;
    sql::exec_all(&mut holder, ["BEGIN".to_owned(), format!("UPDATE `{schema}`.t SET n = 0 WHERE id = 1")]).await;
    sql::exec_all(&mut conn, ["UPDATE t SET n = 5 WHERE id = 1", "UPDATE t SET n = 6 WHERE id = 2"]).await;
    let stalled = until_some(Duration::from_secs(60), "it is stalled", async || {
        sql::exec(&mut conn, "UPDATE t SET n = n + 1 WHERE id = 2").await;
        Some(client.job(&id).await.unwrap()).filter(|j| j.state == wire::JobState::Stalled)
    })
    .await;
    assert!(stalled.reason.contains(" that connection "), "{}", stalled.reason);
    // A comparison waits for what the job has still to bring, and is ended meanwhile.
    let begun = client.verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    client.cancel_verification(&id).await.expect("it is under way");
    until(Duration::from_secs(30), "it is ended", async || client.verification(&id, begun.number).await.unwrap().state == "cancelled")
        .await;
    let refused = client.cancel_verification(&id).await.expect_err("there is none");
    assert!(format!("{refused:?}").contains("no verification"), "{refused:?}");
    sql::exec(&mut holder, "ROLLBACK").await;
    until(Duration::from_secs(60), "it goes on", async || client.job(&id).await.unwrap().state == wire::JobState::Streaming).await;
    let events = client.job_events(&id).await.unwrap().events;
    assert!(events.iter().any(|e| e.message.starts_with("stalled: no progress for")), "{events:?}");
    client.delete_job(&id, false).await.expect("the job is deleted");
    // What became of it is told when it is gone.
    let events = client.job_events(&id).await.expect("its events are kept").events;
    assert!(events.iter().any(|e| e.kind == "Killed") && events.iter().any(|e| e.message.contains("job.delete")), "{events:?}");
}
