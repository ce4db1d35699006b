//! Lines that die at a statement of one's choice: whatever a job says to either server at any time of it may be the last that
//! the line carries. The run ends with a reason that passes, the next one does the work, and nothing of the dead one is left
//! at the server.

use crate::engine::replicate_zoo::expect_equal;
use crate::support::job::Job;
use crate::support::line::Line;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, one, scratch};
use crate::support::until::until;
use std::time::{Duration, Instant};
use syncline::model::endpoint::TlsMode;
use syncline::replicate::Kind;

/// Longer than it takes to notice and to be sure, and much shorter than any time limit of a server's.
const NOTICED: Duration = Duration::from_secs(60);

/// What stands in nothing but a row, on its way into the target.
const IN_A_ROW: &str = "7654321";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Source,
    Target,
}

/// A job of two tables, one of them without a key, over a line to one of its servers.
async fn over_a_line(name: &str, from: &Server, to: &Server, end: End) -> (String, Line, Job) {
    let schema = scratch(name, &[from, to]).await;
    let mut conn = connect(from).await;
    exec_all(
        &mut conn,
        [
            format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT, KEY (n))"),
            format!("CREATE TABLE `{schema}`.k (n INT)"),
            format!("INSERT INTO `{schema}`.t VALUES (1, {IN_A_ROW}), (2, 2)"),
            format!("INSERT INTO `{schema}`.k VALUES (1), (1)"),
        ],
    )
    .await;
    let line = Line::to(if end == End::Source { from } else { to }).await;
    let mut job = Job::new(&schema, from, to);
    // Only the line's own end is to end the run.
    job.limits.stall_seconds = 600;
    let endpoint = match end {
        End::Source => &mut job.spec.src.endpoint,
        End::Target => job.spec.dest.sink.endpoint_mut().expect("a database"),
    };
    // The line reads what passes.
    (endpoint.port, endpoint.tls) = (line.port, TlsMode::Disabled);
    (schema, line, job)
}

async fn dies_at(name: &str, from: &Server, to: &Server, end: End, words: &str) {
    let (schema, line, mut job) = over_a_line(name, from, to, end).await;
    line.dies_at(words);
    let run = job.start();
    until(NOTICED, &format!("{words} is said"), async || line.swallowed() == 1).await;
    let began = Instant::now();
    let error = run.error().await;
    let took = began.elapsed();
    assert!(error.kind == Kind::Transient && took < NOTICED, "{end:?} {words}: {error:?} after {took:?}");
    // The server's own limit for a session that holds the job's rows may be first.
    assert_eq!(error.code, "connection_lost", "{end:?} {words}: {error:?}");
    let mut run = job.start();
    run.streaming().await;
    let mut conn = connect(from).await;
    exec_all(&mut conn, [format!("INSERT INTO `{schema}`.t VALUES (3, 3)"), format!("INSERT INTO `{schema}`.k VALUES (2)")]).await;
    run.finish().await;
    expect_equal(from, to, &schema, 2).await;
}

/// All at once: they wait most of their time.
async fn dies_at_each(name: &str, from: &Server, to: &Server, at: &[(End, &str)]) {
    let each = at.iter().enumerate().map(|(n, (end, words))| {
        let name = format!("{name}{n}");
        async move { dies_at(&name, from, to, *end, words).await }
    });
    futures::future::join_all(each).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_may_die_at_any_statement_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    use End::{Source, Target};
    let at = [
        // Preflight, and what a run asks before it begins.
        (Source, "SHOW GRANTS"),
        (Source, "@@hostname"),
        (Target, "SHOW GRANTS"),
        // Positions, definitions, pages and the log.
        (Source, "WITH CONSISTENT SNAPSHOT"),
        (Source, "gtid_binlog_pos"),
        (Source, "SHOW CREATE TABLE"),
        (Source, "FORCE INDEX"),
        (Source, "slave_connect_state"),
        // The bookkeeping, tables, rows, indexes.
        (Target, "syncline.fence"),
        (Target, "CREATE TABLE `dead"),
        (Target, "SELECT ?"),
        (Target, "REPLACE INTO"),
        (Target, IN_A_ROW),
        (Target, "information_schema.statistics"),
    ];
    dies_at_each("deadat", from, to, &at).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_may_die_at_any_statement_mysql() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    use End::{Source, Target};
    let at = [
        (Source, "SHOW GRANTS"),
        (Source, "LOCK TABLES"),
        (Source, "gtid_executed"),
        (Target, "syncline.fence"),
        (Target, "LOAD DATA"),
        (Target, IN_A_ROW),
    ];
    dies_at_each("deadat", from, to, &at).await;
}

/// What was said before has been done: a lock that nobody gives back would keep the source's writers out for hours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_at_the_source_does_not_outlive_its_line() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let (schema, line, mut job) = over_a_line("deadlock", from, to, End::Source).await;
    line.dies_at("UNLOCK TABLES");
    let run = job.start();
    until(NOTICED, "the lock is to be given back", async || line.swallowed() == 1).await;
    let began = Instant::now();
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.k VALUES (3)")).await;
    assert!(began.elapsed() < NOTICED, "the writer waited for {:?}", began.elapsed());
    let error = run.error().await;
    assert_eq!(error.kind, Kind::Transient, "{error:?}");
}

/// The server does not notice by itself what we have given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_hangs_at_the_server_is_ended() {
    let Some(server) = servers::mariadb(1) else { return };
    let line = Line::to(server).await;
    let mut endpoint = server.endpoint();
    (endpoint.port, endpoint.tls) = (line.port, TlsMode::Disabled);
    let mut conn = syncline::replicate::connect::open(&endpoint, false).await.expect("the line carries");
    line.dies_at("SELECT 1");
    conn.query_drop("SELECT 1").await.expect_err("it is never answered");
    let mut looks = connect(server).await;
    let there = format!("SELECT COUNT(*) FROM information_schema.processlist WHERE id = {}", conn.id());
    until(NOTICED, "it is ended", async || one(&mut looks, &there).await.as_deref() == Some("0")).await;
    let again = conn.query_drop("SELECT 2").await.expect_err("what comes next belongs to something else");
    assert!(matches!(again, mysql_async::Error::Driver(mysql_async::DriverError::ConnectionClosed)), "{again:?}");
}
