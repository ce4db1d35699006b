//! Gates: a job that holds back for the load of its servers, and for replicas of its target.

use super::faults::failover::chain;
use super::kill::numbers;
use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::job::Job;
use crate::support::servers::{self, Server};
use crate::support::sql;
use crate::support::until::until;
use mysql_async::Conn;
use std::time::{Duration, Instant};
use syncline::model::endpoint::MysqlEndpoint;
use syncline::model::gates::{Gates, LoadLimit, Replica};
use syncline::model::job::JobState;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs as wire;

const PATIENCE: Duration = Duration::from_secs(90);

/// Queries that keep threads of a server running until they are killed.
struct Sleepers(Vec<(u32, tokio::task::JoinHandle<()>)>);

impl Sleepers {
    async fn at(server: &Server, count: usize) -> Self {
        let mut all = Vec::new();
        for _ in 0..count {
            let mut conn = sql::connect(server).await;
            let id = conn.id();
            let sleep = async move {
                // It is killed.
                let _ = mysql_async::prelude::Queryable::query_drop(&mut conn, "SELECT SLEEP(300)").await;
            };
            all.push((id, tokio::spawn(sleep)));
        }
        let mut conn = sql::connect(server).await;
        until(PATIENCE, "they sleep", async || running(&mut conn).await >= count as u64).await;
        Self(all)
    }

    async fn wake(self, server: &Server) {
        let mut conn = sql::connect(server).await;
        for (id, task) in self.0 {
            sql::exec(&mut conn, &format!("KILL {id}")).await;
            task.await.expect("it sleeps and is killed");
        }
    }
}

async fn running(conn: &mut Conn) -> u64 {
    let found = sql::rows(conn, "SHOW GLOBAL STATUS LIKE 'Threads_running'").await;
    found[0][1].as_deref().and_then(|n| n.parse().ok()).expect("a number")
}

fn threads(most: u64) -> Vec<LoadLimit> {
    vec![LoadLimit { variable: "Threads_running".into(), most }]
}

async fn table(server: &Server, name: &str) -> String {
    let schema = sql::scratch(name, &[server]).await;
    let mut conn = sql::connect(server).await;
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v VARCHAR(50))")).await;
    sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t SELECT i, 'v' FROM ({}) AS s", numbers(3_000))).await;
    schema
}

/// The copy waits for both ends' load, the stream for the target's, and neither is taken for a job that hangs.
async fn load(flavor: Flavor) {
    let own = |end: &str| servers::own(flavor, &format!("load-{end}"));
    let (Some(from), Some(to)) = (own("source"), own("target")) else { return };
    let schema = table(&from, "load").await;
    let busy = Sleepers::at(&from, 20).await;
    let mut job = Job::new(&schema, &from, &to);
    job.limits.stall_seconds = 2;
    job.spec.gates.source = threads(15);
    let mut run = job.start();
    run.until("the source holds the copy", |p| p.held_by.iter().any(|h| h.reason.contains("the source has Threads_running"))).await;
    // For longer than a job that hangs may.
    let since = Instant::now();
    run.until("it is held, and not stalled", |p| {
        assert_eq!((p.dest.rows_done, &p.state), (0, &JobState::Copying));
        since.elapsed() > Duration::from_secs(5)
    })
    .await;
    busy.wake(&from).await;
    run.streaming().await;
    assert!(run.progress.borrow().held_by.is_empty());

    // The source's load does not hold the stream, the target's does.
    let busy = Sleepers::at(&to, 20).await;
    run.tell(|live| live.gates = Gates { source: threads(0), target: threads(15), ..Gates::default() });
    let mut conn = sql::connect(&from).await;
    sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (10001, 'new')")).await;
    let held = |p: &syncline::model::progress::Progress| {
        p.state == JobState::Throttled && p.held_by.iter().any(|h| h.reason.contains("the target has Threads_running"))
    };
    run.until("the target holds the stream", held).await;
    let since = Instant::now();
    run.until("it is held, and not stalled", |p| {
        assert_eq!((p.held_by.len(), p.dest.row_events_applied), (1, 0));
        since.elapsed() > Duration::from_secs(5)
    })
    .await;
    busy.wake(&to).await;
    run.until("the rest comes", |p| p.dest.row_events_applied == 1 && p.state == JobState::Streaming).await;
    // A gate that nobody can watch is shut.
    let unknown = vec![LoadLimit { variable: "Threads_walking".into(), most: 1 }];
    run.tell(|live| live.gates = Gates { target: unknown, ..Gates::default() });
    sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.t WHERE id = 10001")).await;
    run.until("it says so", |p| p.held_by.iter().any(|h| h.reason == "the target has no status variable Threads_walking")).await;
    run.tell(|live| live.gates = Gates::default());
    run.finish().await;
    expect_equal(&from, &to, &schema, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_servers_hold_a_job_back_mariadb() {
    load(Flavor::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_servers_hold_a_job_back_mysql() {
    load(Flavor::Mysql).await;
}

/// A replica of the target that stands still holds the copy, over a kill of the daemon too.
async fn lag(flavor: Flavor, from: &'static Server) {
    let Some((to, mut replica)) = chain(flavor, "gate").await else { return };
    let schema = table(from, "lag").await;
    let mut at = sql::connect(&replica).await;
    let word = if flavor == Flavor::Mysql { "REPLICA" } else { "SLAVE" };
    sql::exec(&mut at, &format!("STOP {word} SQL_THREAD")).await;
    let mut daemon = Daemon::start(&[]).await;
    let side = |server: &Server| {
        let e = server.endpoint();
        serde_json::json!({ "host": e.host, "port": e.port, "user": e.user, "password": e.password.expose() })
    };
    let job = serde_json::json!({
        "name": schema, "kind": "sync", "source": side(from), "target": side(&to), "include": [{ "schema": schema }],
        "gates": { "max_replica_lag_ms": 5000, "replicas": [side(&replica)] },
    });
    // Neither one that replicates from nobody nor an account that it does not know: the job would wait for ever.
    let mut wrong = job.clone();
    for (replica, why) in [
        (side(from), "is no replica"),
        (
            serde_json::json!({ "host": "127.0.0.1", "port": replica.port, "user": "nobody", "password": "x" }),
            "cannot be asked for its lag",
        ),
    ] {
        wrong["gates"]["replicas"] = serde_json::json!([replica]);
        let refused = daemon.client().create_job(&serde_json::from_value(wrong.clone()).unwrap()).await.expect_err(why);
        let refused = format!("{refused:?}");
        assert!(refused.contains("gates: replica 127.0.0.1:") && refused.contains(why), "{refused}");
    }
    let id = daemon.client().create_job(&serde_json::from_value(job).unwrap()).await.expect("the job is created").id;
    let held = async |daemon: &Daemon, why: &str| {
        until(PATIENCE, why, async || {
            let job = daemon.client().job(&id).await.unwrap();
            job.state == wire::JobState::Copying && job.reason.contains(why)
        })
        .await;
    };
    held(&daemon, "does not replicate").await;
    let shown = daemon.client().job(&id).await.unwrap();
    assert_eq!(shown.config.gates.replicas[0].password, "*");
    assert_eq!(shown.progress.unwrap().held_by.len(), 1);
    daemon.kill9();
    daemon.restart().await;
    held(&daemon, "does not replicate").await;
    let mut target = sql::connect(&to).await;
    assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 0);
    // One that is away, and comes again.
    let port = replica.port;
    replica.kill9().await;
    held(&daemon, "cannot be asked").await;
    replica.start_again().await;
    assert_eq!(replica.port, port);
    let mut at = sql::connect(&replica).await;
    sql::exec(&mut at, &format!("START {word}")).await;
    let streams = async || daemon.client().job(&id).await.unwrap().state == wire::JobState::Streaming;
    until(PATIENCE, "the copy goes on", streams).await;
    let none = daemon.client().gate_job(&id, &wire::Gates::default()).await.expect("it is told");
    assert!(none.config.gates.is_empty());
    let events = daemon.client().job_events(&id).await.unwrap().events;
    assert!(events.iter().any(|e| e.message.starts_with("held back: replica ")), "{events:?}");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_stands_still_holds_the_copy_mariadb() {
    let Some(from) = servers::mariadb(1) else { return };
    lag(Flavor::Mariadb, from).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_stands_still_holds_the_copy_mysql() {
    let Some(from) = servers::mysql(1) else { return };
    lag(Flavor::Mysql, from).await;
}

/// One that is a replica of nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_gate_cannot_be_is_refused() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = table(from, "gaterefused").await;
    drop_at(to, &schema).await;
    let mut job = Job::new(&schema, from, to);
    job.spec.gates.lag = Some(Duration::from_secs(1));
    let MysqlEndpoint { host, port, user, password, .. } = from.endpoint();
    job.spec.gates.replicas = vec![Replica { host, port, user, password }];
    let mut run = job.start();
    run.until("the copy waits for what is no replica", |p| p.held_by.iter().any(|h| h.reason.ends_with("is no replica"))).await;
    run.tell(|live| live.gates = Gates::default());
    run.streaming().await;
    run.pause().await;
}

/// Above what is critical nothing of the job is left at either server; below it the job goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_critical_load_makes_a_job_let_go_of_its_servers() {
    let own = |end: &str| servers::own(Flavor::Mariadb, &format!("critical-{end}"));
    let (Some(from), Some(to)) = (own("source"), own("target")) else { return };
    let schema = table(&from, "critical").await;
    let mut job = Job::new(&schema, &from, &to);
    job.spec.gates.critical_source = threads(15);
    let mut run = job.start();
    run.streaming().await;
    let busy = Sleepers::at(&from, 20).await;
    let error = run.error().await;
    assert_eq!((error.kind, error.code), (syncline::replicate::Kind::Transient, "critical_load"), "{error:?}");
    assert!(error.message.contains("the source has Threads_running"), "{error:?}");
    let mut looks = sql::connect(&from).await;
    let dumps = "SELECT COUNT(*) FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'";
    until(Duration::from_secs(30), "its reader is gone", async || sql::one(&mut looks, dumps).await.as_deref() == Some("0")).await;
    // It comes again, and lets go again as long as that lasts.
    assert_eq!(job.start().error().await.code, "critical_load");
    busy.wake(&from).await;
    let mut run = job.start();
    run.streaming().await;
    sql::exec(&mut looks, &format!("INSERT INTO `{schema}`.t VALUES (20001, 'new')")).await;
    run.finish().await;
    expect_equal(&from, &to, &schema, 1).await;
}

/// What is held back is lag, and nobody who waits for the job takes it for caught up.
async fn held_is_behind(from: &Server, to: &Server) {
    let schema = table(from, "held").await;
    drop_at(to, &schema).await;
    let daemon = Daemon::start(&[]).await;
    let side = |server: &Server| {
        let e = server.endpoint();
        serde_json::json!({ "host": e.host, "port": e.port, "user": e.user, "password": e.password.expose() })
    };
    let job = serde_json::json!({
        "name": schema, "kind": "sync", "source": side(from), "target": side(to), "include": [{ "schema": schema }],
    });
    let id = daemon.client().create_job(&serde_json::from_value(job).unwrap()).await.expect("the job is created").id;
    let cli = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_syncline"));
        command.env_clear().env("HOME", daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args(args);
        command.output().expect("the binary runs").status.code()
    };
    let caught_up = |patience: &str| cli(&["jobs", "wait", &id, "--for", "caught-up", "--timeout", patience]);
    assert_eq!(caught_up("90s"), Some(0));
    let (mut source, mut target) = (sql::connect(from).await, sql::connect(to).await);
    let insert = async |source: &mut Conn, first: u32| {
        let rows = numbers(100);
        sql::exec(source, &format!("INSERT INTO `{schema}`.t SELECT {first} + i, 'held' FROM ({rows}) AS s")).await;
    };
    let lag = async || daemon.client().job(&id).await.unwrap().progress.and_then(|p| p.lag_seconds);

    assert_eq!(cli(&["jobs", "throttle", &id, "--max-target-load", "Threads_connected=1"]), Some(0));
    for first in [10_000, 20_000, 30_000] {
        insert(&mut source, first).await;
    }
    until(Duration::from_secs(20), "the lag of a job that a gate holds", async || lag().await.is_some_and(|lag| lag > 3.0)).await;
    assert_eq!(caught_up("3s"), Some(6));
    assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 3_000);
    assert_eq!(cli(&["jobs", "throttle", &id, "--max-target-load", "none"]), Some(0));
    assert_eq!(caught_up("90s"), Some(0));
    assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 3_300);

    // A limit lets a burst through and holds what comes behind it.
    assert_eq!(cli(&["jobs", "throttle", &id, "--rows-per-s", "20"]), Some(0));
    for first in [40_000, 50_000] {
        insert(&mut source, first).await;
    }
    assert_eq!(caught_up("90s"), Some(0), "as soon as what was there is applied");
    assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 3_500);
    insert(&mut source, 60_000).await;
    until(Duration::from_secs(20), "the lag of a job with a limit", async || lag().await.is_some_and(|lag| lag > 2.0)).await;
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_back_is_lag_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    held_is_behind(from, to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_back_is_lag_mysql() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    held_is_behind(from, to).await;
}
