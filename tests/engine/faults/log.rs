//! What can happen to a source's log: another reader under our server id, changes of definitions among what waits in it.
//! Purged and reset logs are in `engine::log`.

use super::bench::long;
use crate::engine::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::Job;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, scratch};
use futures::StreamExt as _;
use mysql_async::BinlogStreamRequest;
use syncline::model::progress::Progress;
use syncline::replicate::Kind;
use syncline::replicate::connect::Flavor;

/// The source keeps the newer of two replicas with one id: the older is told why, and comes again by itself.
async fn taken(from: &Server, to: &Server) {
    let schema = scratch("taken", &[from]).await;
    drop_at(to, &schema).await;
    let mut source = connect(from).await;
    exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    let mut job = Job::new(&schema, from, to);
    let server_id = job.context().0.server_id;
    let mut run = job.start();
    run.streaming().await;
    exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES (1)")).await;
    run.until("the log is read", |p| p.dest.tx_applied >= 1).await;
    let file = run.progress.borrow().src.file.clone();
    let mut other = connect(from).await;
    exec(&mut other, "SET @master_binlog_checksum = 'NONE', @source_binlog_checksum = 'NONE', @mariadb_slave_capability = 4").await;
    let request = BinlogStreamRequest::new(server_id).with_filename(file.as_bytes()).with_pos(4_u64);
    let mut stream = other.get_binlog_stream(request).await.expect("the intruder is let in");
    stream.next().await.expect("it gets the log").expect("it gets the log");
    let error = run.error().await;
    assert_eq!((error.kind, error.code), (Kind::Transient, "server_id_in_use"), "{error:?}");
    assert!(error.hint.contains(&format!("this job's is {server_id}")) && error.hint.contains("copy of this data directory"), "{error:?}");
    exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES (2)")).await;
    drop(stream);
    let mut run = job.start();
    run.streaming().await;
    run.finish().await;
    expect_equal(from, to, &schema, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_id_that_another_replica_uses_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    taken(from, to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_id_that_another_replica_uses_mysql() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    taken(from, to).await;
}

/// Rows of three definitions wait in the log, with the statements between them; crashes fall in among them.
async fn altered(from: &Server, to: &Server) {
    let schema = scratch("altered", &[from]).await;
    drop_at(to, &schema).await;
    let mut source = connect(from).await;
    exec(&mut source, &format!("USE `{schema}`")).await;
    exec_all(&mut source, ["CREATE TABLE t (id INT PRIMARY KEY, a INT)", "CREATE TABLE c (n INT)", "INSERT INTO t VALUES (0, 0)"]).await;
    let mut job = Job::new(&schema, from, to);
    let mut run = job.start();
    run.streaming().await;
    run.pause().await;
    let mut id = 0;
    let mut rows = async |source: &mut mysql_async::Conn, insert: &dyn Fn(u32) -> String| {
        for _ in 0..150 {
            id += 1;
            exec_all(
                source,
                [insert(id), format!("INSERT INTO c (n) VALUES ({id})"), format!("UPDATE t SET a = a + 1 WHERE id = {}", id / 2)],
            )
            .await;
        }
    };
    rows(&mut source, &|id| format!("INSERT INTO t VALUES ({id}, 1)")).await;
    exec(&mut source, "ALTER TABLE t ADD COLUMN b VARCHAR(10) NOT NULL DEFAULT 'x' FIRST, MODIFY a BIGINT").await;
    rows(&mut source, &|id| format!("INSERT INTO t VALUES ('{id}', {id}, 9000000000)")).await;
    exec_all(&mut source, ["ALTER TABLE t RENAME TO u", "CREATE TABLE t LIKE u", "INSERT INTO t SELECT * FROM u"]).await;
    exec(&mut source, "ALTER TABLE t DROP COLUMN b, ADD COLUMN d DATETIME NULL, ADD KEY (a)").await;
    exec(&mut source, "TRUNCATE TABLE c").await;
    rows(&mut source, &|id| format!("INSERT INTO t VALUES ({id}, 2, '2020-02-02')")).await;
    for _ in 0..4 {
        let mut run = job.start();
        let some = |p: &Progress| p.dest.tx_applied >= 50 || !p.source_position.is_empty() && p.source_position == p.dest.position;
        run.until("some of it is applied, or all", some).await;
        run.crash().await;
    }
    job.start().finish().await;
    expect_equal(from, to, &schema, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn definitions_that_change_among_what_waits_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    altered(from, to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn definitions_that_change_among_what_waits_mysql() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    altered(from, to).await;
}

/// A source that was reset has come past the job's GTIDs again: the same names, other transactions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_was_reset_and_is_ahead_again_is_told() {
    for (flavor, to) in [(Flavor::Mysql, servers::mysql(2)), (Flavor::Mariadb, servers::mariadb(2))] {
        let (Some(to), Some(from)) = (to, servers::own(flavor, "reset")) else { continue };
        let schema = scratch("reset", &[&from]).await;
        drop_at(to, &schema).await;
        let mut source = connect(&from).await;
        exec_all(&mut source, ["FLUSH BINARY LOGS"; 3]).await;
        exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT AUTO_INCREMENT PRIMARY KEY)")).await;
        let mut job = Job::new(&schema, &from, to);
        let mut run = job.start();
        run.streaming().await;
        exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES ()")).await;
        run.until("it is there", |p| p.dest.tx_applied >= 1).await;
        run.pause().await;
        exec(&mut source, if from.is_mysql() { "RESET BINARY LOGS AND GTIDS" } else { "RESET MASTER" }).await;
        for _ in 0..100 {
            exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES ()")).await;
        }
        let error = job.start().error().await;
        assert_eq!((error.kind, error.code), (Kind::Permanent, "position_lost"), "{error:?}");
        assert!(error.hint.contains("reset"), "{error:?}");
    }
}
