//! Where a log is read again: GTIDs, files and offsets, positions that are lost, and what cannot be replayed. Facts about whole
//! servers are tried on servers of their own.

use super::{Tail, info, position, stops};
use crate::engine::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::{Job, PATIENCE, Run};
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, one, ours, rows, scratch};
use crate::support::until::until_some;
use mysql_async::Conn;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use syncline::model::gtid::GtidSet;
use syncline::replicate::connect::Flavor;
use syncline::replicate::{Kind, coordinates};

/// A run that streams, up to `condition`.
pub(super) async fn streaming(job: &mut Job) -> Run {
    let mut run = job.start();
    run.streaming().await;
    run
}

/// Waits until the target has this many rows.
pub(super) async fn arrives(run: &mut Run, to: &Server, table: &str, count: u64) {
    let mut conn = connect(to).await;
    let query = format!("SELECT COUNT(*) FROM {table}");
    until_some(PATIENCE, &format!("{count} rows of {table}"), async || {
        let found = one(&mut conn, &query).await;
        (found == Some(count.to_string())).then_some(())
    })
    .await;
    run.until("still running", |_| true).await;
}

/// The GTIDs of a low position are asked for in two ways, by whether something was logged meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_low_position_has_the_gtids_of_its_place() {
    let Some(from) = servers::mariadb(1) else { return };
    let schema = scratch("low", &[from]).await;
    exec(&mut connect(from).await, &format!("CREATE TABLE `{schema}`.t (id INT AUTO_INCREMENT PRIMARY KEY)")).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..2)
        .map(|_| {
            let (stop, insert) = (Arc::clone(&stop), format!("INSERT INTO `{schema}`.t VALUES ()"));
            tokio::spawn(async move {
                let mut conn = connect(from).await;
                while !stop.load(Ordering::Relaxed) {
                    exec(&mut conn, &insert).await;
                }
            })
        })
        .collect();
    let (mut conn, info) = (ours(from).await, info(from).await);
    let mut look = connect(from).await;
    let mut places = BTreeSet::new();
    while places.len() < 100 {
        let at = coordinates::low(&mut conn, &info).await.expect("it has a place");
        let said = one(&mut look, &format!("SELECT BINLOG_GTID_POS('{}', {})", at.file, at.offset)).await.expect("it is known");
        assert_eq!(at.gtid, Some(GtidSet::parse_mariadb(&said).expect("GTIDs")), "{}:{}", at.file, at.offset);
        places.insert((at.file, at.offset));
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("it met no error");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_in_place_of_rows_stop_the_job() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = scratch("statement", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    let mut job = Job::new(&schema, from, to);
    let run = streaming(&mut job).await;
    exec(&mut conn, "SET SESSION binlog_format = STATEMENT").await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1)")).await;
    let error = run.error().await;
    assert_eq!((error.kind, error.code), (Kind::Undecided, "statement_based_event"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tagged_gtids_of_mysql_are_resumed() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let schema = scratch("tagged", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    let table = format!("`{schema}`.t");
    exec(&mut conn, &format!("CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, tag INT)")).await;
    let mut job = Job::new(&schema, from, to);
    let insert = async |conn: &mut Conn| {
        for next in ["AUTOMATIC:first", "AUTOMATIC", "AUTOMATIC:second"] {
            exec(conn, &format!("SET SESSION gtid_next = '{next}'")).await;
            exec(conn, &format!("INSERT INTO {table} (tag) VALUES (1)")).await;
        }
        exec(conn, "SET SESSION gtid_next = 'AUTOMATIC'").await;
    };
    for round in 1..=3 {
        let mut run = streaming(&mut job).await;
        insert(&mut conn).await;
        arrives(&mut run, to, &table, round * 6 - 3).await;
        run.crash().await;
        insert(&mut conn).await;
    }
    streaming(&mut job).await.finish().await;
    expect_equal(from, to, &schema, 1).await;
    let known = position(from).await.display();
    assert!(known.contains(":first:") && known.contains(":second:"), "{known}");
}

/// A server without GTIDs: positions are file and offset, also over the change of a file and over crashes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql_without_gtids_is_resumed_by_file_and_offset() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mysql, "nogtid"), servers::mysql(2)) else { return };
    let from = &from;
    let mut conn = connect(from).await;
    exec_all(&mut conn, ["ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"].map(|mode| format!("SET GLOBAL gtid_mode = {mode}"))).await;
    assert!(!info(from).await.gtid);
    let schema = scratch("nogtid", &[from]).await;
    drop_at(to, &schema).await;
    rotations(from, to, &schema, &mut conn).await;
    // RESET: what the job stands on is gone.
    let mut job = Job::new(&schema, from, to).renamed("reset");
    drop_at(to, &schema).await;
    streaming(&mut job).await.finish().await;
    exec(&mut conn, "RESET BINARY LOGS AND GTIDS").await;
    stops(&job.start().error().await, "position_lost");
}

/// Copies, streams, crashes in the stream, changes the file with changes on both sides of it, goes on.
async fn rotations(from: &Server, to: &Server, schema: &str, conn: &mut Conn) {
    let table = format!("`{schema}`.t");
    exec(conn, &format!("CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, n INT)")).await;
    exec(conn, &format!("INSERT INTO {table} (n) VALUES (0)")).await;
    let mut job = Job::new(schema, from, to);
    let insert = format!("INSERT INTO {table} (n) VALUES (1)");
    let mut have = 1;
    for _ in 0..3 {
        let mut run = streaming(&mut job).await;
        for flush in [false, true, false] {
            if flush {
                exec(conn, "FLUSH BINARY LOGS").await;
            }
            exec_all(conn, [&insert, &insert]).await;
            exec(conn, &format!("UPDATE {table} SET n = n + 1 ORDER BY id DESC LIMIT 1")).await;
        }
        have += 6;
        arrives(&mut run, to, &table, have).await;
        run.crash().await;
        exec(conn, &insert).await;
        exec(conn, "FLUSH BINARY LOGS").await;
        exec(conn, &insert).await;
        have += 2;
    }
    streaming(&mut job).await.finish().await;
    expect_equal(from, to, schema, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_domains_of_mariadb_are_resumed_and_lost_positions_said() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mariadb, "domains"), servers::mariadb(2)) else { return };
    let from = &from;
    let schema = scratch("domains", &[from]).await;
    drop_at(to, &schema).await;
    let (mut first, mut second) = (connect(from).await, connect(from).await);
    exec(&mut second, "SET SESSION gtid_domain_id = 7").await;
    exec_all(&mut first, ["a", "b"].map(|t| format!("CREATE TABLE `{schema}`.{t} (id INT PRIMARY KEY)"))).await;
    let mut job = Job::new(&schema, from, to);
    let mut next = 0;
    let mut insert = async |first: &mut Conn, second: &mut Conn| {
        for _ in 0..5 {
            next += 1;
            exec(first, &format!("INSERT INTO `{schema}`.a VALUES ({next})")).await;
            exec(second, &format!("INSERT INTO `{schema}`.b VALUES ({next})")).await;
        }
        exec(second, "FLUSH BINARY LOGS").await;
    };
    for round in 1..=3 {
        let mut run = streaming(&mut job).await;
        insert(&mut first, &mut second).await;
        for table in ["a", "b"] {
            arrives(&mut run, to, &format!("`{schema}`.{table}"), round * 10 - 5).await;
        }
        run.crash().await;
        insert(&mut first, &mut second).await;
    }
    streaming(&mut job).await.finish().await;
    expect_equal(from, to, &schema, 2).await;
    assert!(position(from).await.display().contains(",7-"), "two domains");

    // What the job needs next is purged: the server says so, not the check before.
    insert(&mut first, &mut second).await;
    let last = position(from).await.file;
    until_some(PATIENCE, "the purge", async || {
        exec(&mut first, "FLUSH BINARY LOGS").await;
        exec(&mut first, &format!("PURGE BINARY LOGS TO '{last}'")).await;
        let files = rows(&mut first, "SHOW BINARY LOGS").await;
        (files[0][0].as_deref() == Some(last.as_str())).then_some(())
    })
    .await;
    stops(&job.start().error().await, "position_lost");
    exec(&mut first, "RESET MASTER").await;
    stops(&job.start().error().await, "position_lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_positions_and_xa_of_mysql_stop_by_name() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mysql, "lost"), servers::mysql(2)) else { return };
    let from = &from;
    let schema = scratch("lost", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    xa(from, &mut conn, &schema).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    let mut job = Job::new(&schema, from, to);
    streaming(&mut job).await.finish().await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1)")).await;
    exec(&mut conn, "FLUSH BINARY LOGS").await;
    exec(&mut conn, &format!("PURGE BINARY LOGS TO '{}'", position(from).await.file)).await;
    stops(&job.start().error().await, "position_lost");
    exec(&mut conn, "RESET BINARY LOGS AND GTIDS").await;
    stops(&job.start().error().await, "position_lost");
}

#[tokio::test]
async fn xa_and_two_phase_alters_of_mariadb_stop_by_name() {
    let Some(server) = servers::own(Flavor::Mariadb, "xa") else { return };
    let schema = scratch("xa", &[&server]).await;
    let mut conn = connect(&server).await;
    xa(&server, &mut conn, &schema).await;
    let mut tail = Tail::begin(&server, &schema).await;
    exec(&mut conn, "SET SESSION binlog_alter_two_phase = 1").await;
    exec(&mut conn, &format!("ALTER TABLE `{schema}`.x ADD COLUMN n INT")).await;
    stops(&tail.error().await, "two_phase_alter_not_supported");
}

/// XA on other tables passes; on the job's tables it stops, and so does the end of one whose beginning was not seen.
async fn xa(server: &Server, conn: &mut Conn, schema: &str) {
    let other = scratch("elsewhere", &[server]).await;
    for s in [schema, &other] {
        exec(conn, &format!("CREATE TABLE `{s}`.x (id INT PRIMARY KEY)")).await;
    }
    let prepare = |name: &str, schema: &str, id: u32| {
        [
            format!("XA START '{name}', 'b', 5"),
            format!("INSERT INTO `{schema}`.x VALUES ({id})"),
            format!("XA END '{name}', 'b', 5"),
            format!("XA PREPARE '{name}', 'b', 5"),
        ]
    };
    let mut tail = Tail::begin(server, schema).await;
    exec_all(conn, prepare("one", &other, 1)).await;
    exec(conn, "XA COMMIT 'one', 'b', 5").await;
    exec_all(conn, prepare("two", &other, 2)).await;
    exec(conn, "XA ROLLBACK 'two', 'b', 5").await;
    exec_all(conn, &prepare("three", &other, 3)[..3]).await;
    exec(conn, "XA COMMIT 'three', 'b', 5 ONE PHASE").await;
    exec(conn, &format!("INSERT INTO `{schema}`.x VALUES (999999)")).await;
    assert_eq!(tail.rows().await.unwrap().len(), 1);

    exec_all(conn, prepare("four", schema, 4)).await;
    stops(&tail.error().await, "xa_not_supported");
    let mut tail = Tail::begin(server, schema).await;
    exec(conn, "XA COMMIT 'four', 'b', 5").await;
    stops(&tail.error().await, "xa_not_supported");
}

/// Preflight refuses the tables that are there; one that comes to be is asked about by name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_becomes_system_versioned_is_asked_about() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    for statement in ["ALTER TABLE t ADD /* from now on */ SYSTEM VERSIONING", "CREATE TABLE late (id INT) WITH SYSTEM VERSIONING"] {
        let schema = scratch("versioned", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = connect(from).await;
        exec_all(&mut conn, [format!("USE `{schema}`"), "CREATE TABLE t (id INT PRIMARY KEY)".to_owned()]).await;
        let mut job = Job::new(&schema, from, to);
        let run = streaming(&mut job).await;
        exec(&mut conn, statement).await;
        let error = run.error().await;
        assert_eq!((error.kind, error.code), (Kind::Undecided, "system_versioned"), "{statement}: {error:?}");
    }
}
