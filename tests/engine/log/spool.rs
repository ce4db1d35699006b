//! Between the source and the decoder: the spool and its bound, and a dump that ends.

use super::Tail;
use super::positions::{arrives, streaming};
use crate::engine::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::{Job, PATIENCE};
use crate::support::servers;
use crate::support::sql::{connect, exec, exec_all, one, scratch};
use crate::support::until::until_some;
use std::path::Path;
use syncline::replicate::Kind;
use syncline::replicate::run::Limits;
use tokio_util::sync::CancellationToken;

/// Bytes of the files below a folder.
fn bytes_in(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(m) if m.is_dir() => bytes_in(&entry.path()),
        Ok(m) => m.len(),
        // Consumed meanwhile.
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_spool_stays_small_and_loses_nothing() {
    const BOUND: u64 = 256 << 10;
    const ROWS: u32 = 65_536;
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = scratch("bound", &[server]).await;
        let mut conn = connect(server).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, pad CHAR(200) NOT NULL)")).await;
        let packed: &[&str] = if server.is_mysql() { &["OFF", "ON"] } else { &[""] };
        for packed in packed {
            if !packed.is_empty() {
                exec(&mut conn, &format!("SET SESSION binlog_transaction_compression = {packed}")).await;
            }
            exec(&mut conn, &format!("DELETE FROM `{schema}`.t")).await;
            let mut tail = Tail::bounded(server, &schema, BOUND).await;
            exec(&mut conn, "BEGIN").await;
            exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (0, 'p')")).await;
            let mut have = 1;
            while have < ROWS {
                exec(&mut conn, &format!("INSERT INTO `{schema}`.t SELECT id + {have}, REPEAT('p', id % 200) FROM `{schema}`.t")).await;
                have *= 2;
            }
            exec_all(&mut conn, [format!("INSERT INTO `{schema}`.t VALUES (999999, 'p')"), "COMMIT".into()]).await;
            // Nobody reads: it fills and stops.
            until_some(PATIENCE, "the spool is full", async || tail.log.stats().spool_full.then_some(())).await;
            let (dir, reading) = (tail.spool.path().join("spool"), CancellationToken::new());
            let stop = reading.clone();
            let watched = std::thread::spawn(move || {
                let mut most = 0;
                while !stop.is_cancelled() {
                    most = most.max(bytes_in(&dir));
                    std::thread::yield_now();
                }
                most
            });
            let lines = tail.rows().await.unwrap();
            reading.cancel();
            let inserted = lines.iter().filter(|l| l.starts_with("Insert")).count();
            assert_eq!(inserted, ROWS as usize + 1, "compression {packed}");
            let most = watched.join().unwrap();
            assert!(most > BOUND / 2 && most < 8 * BOUND, "compression {packed}: at most {most} bytes on disk");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_killed_at_the_source_is_asked_for_again() {
    for (from, to) in [(servers::mariadb(1), servers::mariadb(2)), (servers::mysql(1), servers::mysql(2))] {
        let (Some(from), Some(to)) = (from, to) else { continue };
        let schema = scratch("killed", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = connect(from).await;
        let table = format!("`{schema}`.t");
        exec(&mut conn, &format!("CREATE TABLE {table} (id INT PRIMARY KEY)")).await;
        // An account of its own tells this dump from those of other tests.
        let user = format!("u_{schema}");
        exec(&mut conn, &format!("CREATE USER {user} IDENTIFIED BY '{}'", servers::PASSWORD)).await;
        exec(&mut conn, &format!("GRANT ALL ON *.* TO {user}")).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.src.endpoint.user.clone_from(&user);
        let mut run = streaming(&mut job).await;
        exec(&mut conn, &format!("INSERT INTO {table} VALUES (1)")).await;
        arrives(&mut run, to, &table, 1).await;
        let dump = format!("SELECT id FROM information_schema.processlist WHERE user = '{user}' AND command LIKE 'Binlog Dump%'");
        let id = one(&mut conn, &dump).await.expect("the dump is there");
        exec(&mut conn, &format!("KILL {id}")).await;
        let error = run.error().await;
        assert_eq!(error.kind, Kind::Transient, "{error:?}");
        exec(&mut conn, &format!("INSERT INTO {table} VALUES (2)")).await;
        streaming(&mut job).await.finish().await;
        expect_equal(from, to, &schema, 1).await;
    }
}

/// The whole way with a spool that is smaller than a transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_with_a_small_spool_ends_equal() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let schema = scratch("narrow", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, pad VARCHAR(500))")).await;
    let mut job = Job::new(&schema, from, to);
    job.limits = Limits { spool_bytes: 256 << 10, ..Limits::default() };
    let run = streaming(&mut job).await;
    exec_all(&mut conn, ["SET SESSION cte_max_recursion_depth = 100000".to_owned(), "BEGIN".into()]).await;
    let series = "WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 20000) SELECT i, REPEAT('x', i % 500) FROM s";
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t {series}")).await;
    exec_all(&mut conn, [format!("UPDATE `{schema}`.t SET pad = CONCAT(pad, 'y') WHERE id % 3 = 0"), "COMMIT".into()]).await;
    run.finish().await;
    expect_equal(from, to, &schema, 1).await;
}
