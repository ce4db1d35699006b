//! What a copy holds at its source (snapshots, tables that are being read) does not outlive it, whatever becomes of the line;
//! and a snapshot that waits for its turn is not lost by waiting.

use crate::engine::kill::numbers;
use crate::engine::replicate_zoo::expect_equal;
use crate::support::job::{Job, Run};
use crate::support::line::Line;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec_all, rows, scratch};
use crate::support::until::until;
use mysql_async::Conn;
use std::time::Duration;
use syncline::model::endpoint::TlsMode;
use syncline::replicate::Kind;
use syncline::replicate::connect::Flavor;

/// Much shorter than any time limit of a server's.
const NOTICED: Duration = Duration::from_secs(60);

/// A job of two tables without keys, each read in a snapshot of its own, the second while the first waits, over a line to the
/// source that brings so many bytes a second.
async fn reading(name: &str, from: &Server, to: &Server, count: u64, rate: u64) -> (String, Line, Job) {
    let schema = scratch(name, &[from, to]).await;
    let statements = [
        format!("CREATE TABLE `{schema}`.a (n INT NOT NULL, v VARCHAR(1000) CHARACTER SET latin1)"),
        format!("CREATE TABLE `{schema}`.b (n INT NOT NULL)"),
        format!("INSERT INTO `{schema}`.a SELECT i, REPEAT('v', 1000) FROM ({}) AS s", numbers(count)),
        format!("INSERT INTO `{schema}`.b VALUES (1), (1)"),
    ];
    exec_all(&mut connect(from).await, statements).await;
    let line = Line::to(from).await;
    line.slow(rate);
    let mut job = Job::new(&schema, from, to);
    job.limits.copy_workers = 1;
    // Only the line's own end is to end the run.
    job.limits.stall_seconds = 600;
    (job.spec.src.endpoint.port, job.spec.src.endpoint.tls) = (line.port, TlsMode::Disabled);
    (schema, line, job)
}

/// Those that hold something; nobody else does anything at this server. Whoever asks again within 100 ms gets the same answer.
async fn holding(conn: &mut Conn) -> Vec<Option<String>> {
    let ids = "SELECT DISTINCT trx_mysql_thread_id FROM information_schema.innodb_trx";
    rows(conn, ids).await.into_iter().map(|mut row| row.swap_remove(0)).collect()
}

/// One hangs in sending, the other has not been asked for anything yet.
async fn both(run: &mut Run, conn: &mut Conn) -> Vec<Option<String>> {
    let sends = "SELECT id FROM information_schema.processlist \
         WHERE state IN ('Writing to net', 'Sending to client') AND info LIKE 'SELECT `n`, `v` FROM%'";
    run.makes("one snapshot is being sent", async || rows(conn, sends).await.len() == 1).await;
    let held = holding(conn).await;
    assert_eq!(held.len(), 2, "{held:?}");
    held
}

async fn gone(conn: &mut Conn, held: &[Option<String>]) {
    until(NOTICED, "the sessions of before are gone", async || {
        let there = rows(conn, "SELECT id FROM information_schema.processlist").await;
        !there.iter().any(|row| held.contains(&row[0]))
    })
    .await;
}

async fn nothing_is_left_behind(flavor: Flavor) {
    let own = |end: &str| servers::own(flavor, &format!("straggle-{end}"));
    let (Some(from), Some(to)) = (own("source"), own("target")) else { return };
    let (schema, line, mut job) = reading("straggle", &from, &to, 60_000, 2_000_000).await;
    let mut conn = connect(&from).await;

    // Nobody can be asked, and nobody be told, until the next run.
    let mut run = job.start();
    let held = both(&mut run, &mut conn).await;
    line.hangs();
    let error = run.error().await;
    assert_eq!(error.kind, Kind::Transient, "{error:?}");
    assert_eq!(holding(&mut conn).await, held, "the server has not noticed");
    line.answers();
    let mut run = job.start();
    gone(&mut conn, &held).await;

    // Others are answered, and no run follows.
    let held = both(&mut run, &mut conn).await;
    line.goes_dead();
    run.pause().await;
    gone(&mut conn, &held).await;

    line.slow(0);
    let mut run = job.start();
    run.streaming().await;
    run.finish().await;
    expect_equal(&from, &to, &schema, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_leaves_nothing_behind_at_its_source_mariadb() {
    nothing_is_left_behind(Flavor::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_leaves_nothing_behind_at_its_source_mysql() {
    nothing_is_left_behind(Flavor::Mysql).await;
}

/// The server gives idle connections two seconds; the second table waits for some more.
async fn waits_for_its_turn(flavor: Flavor) {
    let own = |end: &str, flags: &[&str]| servers::own_with(flavor, &format!("impatient-{end}"), flags);
    let (Some(from), Some(to)) = (own("source", &["--wait-timeout=2"]), own("target", &[])) else { return };
    let (schema, line, mut job) = reading("impatient", &from, &to, 20_000, 3_000_000).await;
    let mut run = job.start();
    run.until("the second table is copied", |p| p.tables.iter().any(|t| t.table.table == "b" && t.rows_copied == 2)).await;
    line.slow(0);
    run.streaming().await;
    run.finish().await;
    expect_equal(&from, &to, &schema, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_outlasts_an_impatient_source_mariadb() {
    waits_for_its_turn(Flavor::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_outlasts_an_impatient_source_mysql() {
    waits_for_its_turn(Flavor::Mysql).await;
}
