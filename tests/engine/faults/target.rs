//! What a target can do to those who write there: locks of others, rows that are too large for it, no room.

use super::bench::long;
use crate::engine::kill::numbers;
use crate::engine::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::{Job, PATIENCE};
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, count, exec, exec_all, rows, scratch};
use crate::support::until::{until, until_some};
use mysql_async::Conn;
use syncline::replicate::Kind;
use syncline::replicate::connect::Flavor;

const NOTE: &str = "groups applied again after a deadlock or lock wait at the target";

/// The transaction that waits for a lock with a statement on this schema, by the server's number for it. From InnoDB's own
/// report: what information_schema says of transactions is as old as whoever asked before.
async fn stuck(conn: &mut Conn, schema: &str) -> Option<String> {
    let report = rows(conn, "SHOW ENGINE INNODB STATUS").await.remove(0).remove(2).expect("a report");
    let statement = format!("`{schema}`.");
    let mut transactions = report.split("---TRANSACTION ").skip(1);
    let one = transactions.find(|t| t.contains("LOCK WAIT") && t.contains(&statement))?;
    one.split(',').next().map(str::to_owned)
}

/// Waits until there is one.
async fn waiting(conn: &mut Conn, schema: &str) -> String {
    until_some(PATIENCE, "a session waits for a lock", async || stuck(conn, schema).await).await
}

/// A lane is the victim of a deadlock, and waits for longer than its patience: it begins its transaction again.
async fn locked(from: &Server, to: &Server) {
    let schema = scratch("locked", &[from]).await;
    drop_at(to, &schema).await;
    let mut source = connect(from).await;
    let make = [
        format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT NOT NULL)"),
        format!("CREATE TABLE `{schema}`.c (n INT NOT NULL)"),
        format!("INSERT INTO `{schema}`.t SELECT i, 0 FROM ({}) AS s", numbers(500)),
    ];
    exec_all(&mut source, make).await;
    let mut job = Job::new(&schema, from, to);
    let mut run = job.start();
    run.streaming().await;
    let (mut other, mut looks) = (connect(to).await, connect(to).await);
    exec(&mut other, &format!("USE `{schema}`")).await;
    exec(&mut source, &format!("USE `{schema}`")).await;

    // It has changed more rows than the lane has, so the server lets it win.
    exec_all(&mut other, ["BEGIN", "UPDATE t SET n = n + 100 WHERE id >= 2"]).await;
    exec_all(
        &mut source,
        ["BEGIN", "UPDATE t SET n = n + 1 WHERE id = 1", "UPDATE t SET n = n + 1 WHERE id = 2", "INSERT INTO c VALUES (1)", "COMMIT"],
    )
    .await;
    waiting(&mut looks, &schema).await;
    exec(&mut other, "UPDATE t SET n = n + 100 WHERE id = 1").await;
    exec(&mut other, "ROLLBACK").await;
    let noted = |p: &syncline::model::progress::Progress| p.notes.iter().find(|n| n.0 == NOTE).map_or(0, |n| n.1);
    run.until("the deadlock is counted", |p| noted(p) >= 1).await;

    // Others are not held up: a lane of their own brings them.
    exec_all(&mut other, ["BEGIN", "UPDATE t SET n = n + 100 WHERE id = 3"]).await;
    exec_all(&mut source, ["BEGIN", "UPDATE t SET n = n + 1 WHERE id = 3", "INSERT INTO c VALUES (2)", "COMMIT"]).await;
    let first = waiting(&mut looks, &schema).await;
    exec(&mut source, "UPDATE t SET n = n + 1 WHERE id = 4").await;
    let changed = format!("`{schema}`.t WHERE id = 4 AND n = 1");
    until(PATIENCE, "another row is changed meanwhile", async || count(&mut looks, &changed).await == 1).await;
    // Its patience is over, and it begins again: in another transaction of the server's.
    let before = noted(&run.progress.borrow());
    until(PATIENCE, "the transaction is begun again", async || stuck(&mut looks, &schema).await.is_some_and(|now| now != first)).await;
    exec(&mut other, "ROLLBACK").await;
    run.until("the lock wait is counted", |p| noted(p) > before).await;
    run.finish().await;
    expect_equal(from, to, &schema, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_of_others_at_the_target_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    locked(from, to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locks_of_others_at_the_target_mysql() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    locked(from, to).await;
}

/// A row larger than the target takes stops the job by name, in the copy and in the stream; with room for it, it goes on.
async fn too_large(flavor: Flavor, from: &Server) {
    let Some(to) = servers::own_with(flavor, "packet", &["--max-allowed-packet=1M"]) else { return };
    let schema = scratch("packet", &[from]).await;
    let mut source = connect(from).await;
    let insert = |id: u32, megabytes: u32| format!("INSERT INTO `{schema}`.t VALUES ({id}, REPEAT('x', {megabytes} << 20))");
    exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, body LONGTEXT)")).await;
    exec_all(&mut source, [insert(1, 0), insert(2, 3)]).await;
    let mut job = Job::new(&schema, from, &to);
    let allow = async |megabytes: u32| {
        let mut at = connect(&to).await;
        exec(&mut at, &format!("SET GLOBAL max_allowed_packet = {}", megabytes << 20)).await;
    };
    let stops = |error: &syncline::replicate::Error| {
        assert_eq!(error.kind, Kind::Config, "{error:?}");
        assert!(error.code == "packet_too_large" || error.message.contains("max_allowed_packet"), "{error:?}");
        assert!(error.hint.contains("max_allowed_packet"), "{error:?}");
    };
    stops(&job.start().error().await);
    allow(8).await;
    let mut run = job.start();
    run.streaming().await;
    exec(&mut source, &insert(3, 6)).await;
    run.until("it is there", |p| p.dest.tx_applied >= 1).await;
    exec(&mut source, &insert(4, 20)).await;
    stops(&run.error().await);
    stops(&job.start().error().await);
    allow(64).await;
    job.start().finish().await;
    expect_equal(from, &to, &schema, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_larger_than_the_targets_packets_mariadb() {
    if !long() {
        return;
    }
    let Some(from) = servers::mariadb(1) else { return };
    too_large(Flavor::Mariadb, from).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_larger_than_the_targets_packets_mysql() {
    let Some(from) = servers::mysql(1) else { return };
    too_large(Flavor::Mysql, from).await;
}

/// A target without room is told in the server's own words, which name the table and no row, and is waited for.
async fn without_room(flavor: Flavor, from: &Server) {
    let flags = ["--innodb-file-per-table=OFF", "--innodb-data-file-path=ibdata1:12M:autoextend:max:24M"];
    let Some(to) = servers::own_with(flavor, "room", &flags) else { return };
    let schema = scratch("room", &[from]).await;
    let mut source = connect(from).await;
    exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, body LONGTEXT)")).await;
    let mut job = Job::new(&schema, from, &to);
    let mut run = job.start();
    run.streaming().await;
    for id in 0..16 {
        exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES ({id}, REPEAT('hunter2', 300000))")).await;
    }
    let error = run.error().await;
    assert_eq!((error.kind, error.code), (Kind::Transient, "disk_full"), "{error:?}");
    assert!(error.message.contains("1114") && error.message.contains("is full") && !error.message.contains("hunter2"), "{error:?}");
    assert!(error.hint.contains("make room"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_without_room_mysql() {
    let Some(from) = servers::mysql(1) else { return };
    without_room(Flavor::Mysql, from).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_without_room_mariadb() {
    if !long() {
        return;
    }
    let Some(from) = servers::mariadb(1) else { return };
    without_room(Flavor::Mariadb, from).await;
}
