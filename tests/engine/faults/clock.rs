//! Clocks that jump: the daemon's own while it copies and follows, and the one that the source's log tells.

use super::bench::{Bench, PATIENCE};
use crate::support::clock::Clock;
use crate::support::daemon::Daemon;
use crate::support::job::Job;
use crate::support::servers;
use crate::support::sql::{connect, exec, exec_all, scratch};
use crate::support::until::until;
use jiff::{SignedDuration, Timestamp};

const DAY: i64 = 86_400;

/// What the daemon's clock says, by the last line of its log.
fn logged(daemon: &Daemon) -> Option<Timestamp> {
    let log = daemon.log();
    let line: serde_json::Value = serde_json::from_str(log.lines().last()?).ok()?;
    line["timestamp"].as_str()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemons_clock_is_set_while_it_works() {
    let (Some(from), Some(to), Some(clock)) = (servers::mariadb(1), servers::mariadb(2), Clock::here()) else { return };
    let daemon = Daemon::with_environment(clock.environment()).await;
    let mut bench = Bench::start_by(daemon, "clock", from, to).await;
    for ahead in [2 * 3600, -3 * DAY, 0] {
        clock.set(ahead);
        bench.in_copy().await;
    }
    clock.set(DAY);
    bench.in_stream().await;
    for ahead in [-DAY, 400 * DAY, -3600] {
        clock.set(ahead);
        bench.brings().await;
        // It is said by the source's clock.
        until(PATIENCE, "the lag is no jump of a clock", async || {
            bench.job().await.progress.and_then(|p| p.lag_seconds).is_some_and(|lag| lag < 1800.0)
        })
        .await;
    }
    // One that begins in the past goes on from what it wrote in the future.
    clock.set(DAY);
    bench.brings().await;
    bench.daemon.kill9();
    clock.set(-DAY);
    bench.daemon.restart().await;
    bench.brings().await;
    let (now, said) = (Timestamp::now(), logged(&bench.daemon).expect("it logs"));
    assert!(now.duration_since(said) > SignedDuration::from_hours(20), "the clock was set: {said} at {now}");
    bench.ends_equal().await;
}

/// A session, or a server, whose clock was ahead: the lag of what comes later is seen all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_from_the_future_hides_no_lag() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = scratch("future", &[from, to]).await;
    let (mut source, mut target) = (connect(from).await, connect(to).await);
    exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    let mut job = Job::new(&schema, from, to);
    let mut run = job.start();
    run.streaming().await;
    exec_all(
        &mut source,
        [
            format!("SET timestamp = UNIX_TIMESTAMP() + {DAY}"),
            format!("INSERT INTO `{schema}`.t VALUES (1)"),
            "SET timestamp = DEFAULT".into(),
            format!("INSERT INTO `{schema}`.t VALUES (2)"),
        ],
    )
    .await;
    run.until("both are there", |p| p.dest.row_events_applied >= 2 && p.dest.queue == 0).await;
    exec(&mut target, &format!("LOCK TABLES `{schema}`.t WRITE")).await;
    exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES (3)")).await;
    run.until("what waits has an age", |p| p.dest.delay_seconds.is_some_and(|lag| (2.0..60.0).contains(&lag))).await;
    exec(&mut target, "UNLOCK TABLES").await;
    run.until("it is there, and nothing is late", |p| p.dest.row_events_applied >= 3 && p.dest.delay_seconds == Some(0.0)).await;
    run.finish().await;
}
