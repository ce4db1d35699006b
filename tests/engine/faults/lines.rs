//! Lines that break: cut and refused, dead without a word, and lost with the answer to a COMMIT; towards either server, in
//! the copy and in the stream.

use super::bench::{Bench, PATIENCE, long};
use crate::engine::replicate_zoo::expect_equal;
use crate::support::job::Job;
use crate::support::line::Line;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, one, rows, scratch};
use crate::support::until::until;
use std::time::{Duration, Instant};
use syncline::replicate::Kind;
use syncline::replicate::connect::Flavor;

#[derive(Debug, Clone, Copy)]
enum Side {
    Source,
    Target,
}

fn line(bench: &mut Bench, side: Side) -> &mut Line {
    match side {
        Side::Source => &mut bench.source,
        Side::Target => &mut bench.target,
    }
}

/// Cut until the job says so, and for at least so long.
async fn cut(bench: &mut Bench, side: Side, least: Duration) {
    let began = Instant::now();
    line(bench, side).cut().await;
    bench.waits().await;
    until(Duration::from_secs(60), "the line stays cut", async || began.elapsed() >= least).await;
    line(bench, side).mend().await;
}

async fn cuts(from: &Server, to: &Server) {
    let least = Duration::from_secs(if long() { 30 } else { 1 });
    let mut bench = Bench::start("cut", from, to).await;
    for side in [Side::Source, Side::Target] {
        bench.in_copy().await;
        cut(&mut bench, side, least).await;
    }
    bench.in_copy().await;
    bench.in_stream().await;
    for side in [Side::Source, Side::Target] {
        cut(&mut bench, side, least).await;
        bench.brings().await;
    }
    bench.ends_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_are_cut_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    cuts(from, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_are_cut_mysql() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    cuts(from, to).await;
}

/// A connection that carries nothing any more is given up, and the job goes on over others. With servers of its own: what
/// hangs there holds its tables' locks until the line is given up, and other tests would wait for them.
async fn dead(name: &str, side: Side, copying: bool) {
    on_own_servers(name, copying, async |_, bench| line(bench, side).goes_dead()).await;
}

/// A job that goes on after what `breaks` does to it in the copy, or in the stream.
async fn on_own_servers(name: &str, copying: bool, breaks: impl AsyncFn(&Server, &mut Bench)) {
    for flavor in [Flavor::Mariadb, Flavor::Mysql].into_iter().take(if long() { 2 } else { 1 }) {
        let own = |end: &str| servers::own(flavor, &format!("{name}-{end}"));
        let (Some(from), Some(to)) = (own("source"), own("target")) else { continue };
        let mut bench = Bench::start(&name.replace('-', "_"), &from, &to).await;
        bench.in_copy().await;
        if !copying {
            bench.in_stream().await;
        }
        breaks(&from, &mut bench).await;
        if copying {
            bench.in_copy().await;
        } else {
            bench.brings().await;
        }
        bench.ends_equal().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_source_in_the_copy() {
    dead("dead-copy", Side::Source, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_target_in_the_copy() {
    if long() {
        dead("dead-load", Side::Target, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_source_in_the_stream() {
    if long() {
        dead("dead-log", Side::Source, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_target_in_the_stream() {
    dead("dead-stream", Side::Target, false).await;
}

/// Those that come anew hang as well: nobody can ask whether the server is at work. The job says what it waits for as long as that
/// lasts, and goes on by itself when somebody answers again.
async fn hanging(name: &str, side: Side, copying: bool) {
    on_own_servers(name, copying, async |from, bench| {
        let began = Instant::now();
        line(bench, side).hangs();
        let reason = bench.waits().await;
        // Fifteen seconds of silence, and ten for each of the connections that ask after it.
        assert!(began.elapsed() < Duration::from_secs(60), "it was noticed after {:?}", began.elapsed());
        let said = ["unreachable", "no answer", "sent nothing", "connect to"];
        assert!(said.iter().any(|words| reason.contains(words)), "{reason}");
        // Nobody could end what the copy holds at the source.
        let mut conn = connect(from).await;
        let holds = "SELECT p.id FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = trx_mysql_thread_id \
             WHERE p.time > 5";
        let held = if copying && matches!(side, Side::Source) { rows(&mut conn, holds).await } else { Vec::new() };
        line(bench, side).answers();
        until(PATIENCE, "what the copy held is given back", async || {
            let there = rows(&mut conn, "SELECT id FROM information_schema.processlist").await;
            !held.iter().any(|id| there.contains(id))
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_hangs_for_everybody_in_the_stream() {
    hanging("hang-log", Side::Source, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_hangs_for_everybody_in_the_stream() {
    hanging("hang-stream", Side::Target, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_hangs_for_everybody_in_the_copy() {
    hanging("hang-copy", Side::Source, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_hangs_for_everybody_in_the_copy() {
    hanging("hang-load", Side::Target, true).await;
}

/// What does not go in a packet of the lanes' or the copy's is not waited for for ever either: a take-over, whose rows somebody
/// holds, and a statement of the log, whose end is never told.
async fn dead_beside_the_rows(flavor: Flavor) {
    let own = |end: &str| servers::own(flavor, &format!("dead-beside-{end}"));
    let (Some(from), Some(to)) = (own("source"), own("target")) else { return };
    let schema = scratch("deadbeside", &[&from]).await;
    let mut at_source = connect(&from).await;
    exec_all(&mut at_source, [format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)"), format!("INSERT INTO `{schema}`.t VALUES (1)")])
        .await;
    let line = Line::to(&to).await;
    let mut job = Job::new(&schema, &from, &to);
    job.limits.stall_seconds = 600;
    let endpoint = job.spec.dest.sink.endpoint_mut().expect("a database");
    (endpoint.port, endpoint.tls) = (line.port, syncline::model::endpoint::TlsMode::Disabled);
    let mut run = job.start();
    run.streaming().await;

    // A reader keeps the table's definition; the statement waits for it.
    let mut holder = connect(&to).await;
    exec_all(&mut holder, ["BEGIN".to_owned(), format!("SELECT * FROM `{schema}`.t")]).await;
    exec(&mut at_source, &format!("ALTER TABLE `{schema}`.t ADD COLUMN n INT")).await;
    let mut looks = connect(&to).await;
    let waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata lock%'";
    until(Duration::from_secs(60), "the statement waits", async || one(&mut looks, waiting).await.as_deref() == Some("1")).await;
    line.goes_dead();
    exec(&mut holder, "ROLLBACK").await;
    let began = Instant::now();
    let error = run.error().await;
    assert!(error.kind == Kind::Transient && began.elapsed() < Duration::from_secs(60), "{error:?} after {:?}", began.elapsed());
    let mut run = job.start();
    run.streaming().await;
    exec(&mut at_source, &format!("INSERT INTO `{schema}`.t VALUES (2, 2)")).await;
    run.until("the statement has run once", |p| p.tables.iter().any(|t| t.inserts == 1)).await;
    run.pause().await;

    // A take-over waits for the job's row.
    exec_all(&mut holder, ["BEGIN", "SELECT * FROM syncline.fence FOR UPDATE"]).await;
    let run = job.start();
    let waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT epoch FROM syncline.fence%FOR UPDATE'";
    until(Duration::from_secs(60), "the take-over waits", async || one(&mut looks, waiting).await.as_deref() == Some("1")).await;
    line.goes_dead();
    let began = Instant::now();
    let error = run.error().await;
    assert!(error.kind == Kind::Transient && began.elapsed() < Duration::from_secs(60), "{error:?} after {:?}", began.elapsed());
    exec(&mut holder, "ROLLBACK").await;
    let mut run = job.start();
    run.streaming().await;
    run.finish().await;
    expect_equal(&from, &to, &schema, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_line_beside_the_rows_mariadb() {
    dead_beside_the_rows(Flavor::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_line_beside_the_rows_mysql() {
    dead_beside_the_rows(Flavor::Mysql).await;
}

/// Nobody told us, and it was done: the row in `applied` says so, and the chunk's in `chunk`.
async fn lost_answers(from: &Server, to: &Server) {
    let mut bench = Bench::start("commit", from, to).await;
    // The copy has not got many more.
    let (copying, streaming) = if long() { (5, 20) } else { (2, 2) };
    for n in 1..=copying {
        bench.in_copy().await;
        bench.target.lose_a_commit();
        until(Duration::from_secs(30), "the answer is lost", async || bench.target.lost() == n).await;
    }
    bench.in_stream().await;
    for n in copying + 1..=copying + streaming {
        bench.target.lose_a_commit();
        until(Duration::from_secs(30), "the answer is lost", async || bench.target.lost() == n).await;
        bench.brings().await;
    }
    bench.ends_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_commits_that_are_lost_mariadb() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    lost_answers(from, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_commits_that_are_lost_mysql() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    lost_answers(from, to).await;
}
