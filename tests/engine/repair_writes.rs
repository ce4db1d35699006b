//! Rows are repaired while others write: no newer change is overwritten, over crashes and beside actions of foreign keys.

use super::join::{fill, write};
use super::repair::{filter_of, repaired, verdict};
use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::Job;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use crate::support::until::until;
use mysql_async::prelude::Queryable as _;
use std::time::Duration;
use syncline::model::live::RateLimit;
use syncline::model::replicate::{ConflictPolicy, SinkSpec, TableName};
use syncline::replicate::repair::{Damaged, Place};
use syncline::replicate::verify::{Options, Outcome};
use tokio_util::sync::CancellationToken;

const BESIDE_WRITES: Options = Options { max_differences: 50, recheck_for: Duration::from_secs(2) };

/// Nothing is wrong with the rows, and they are repaired all the time while everything changes: an older image that comes
/// over a newer change stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_never_overwrites_a_newer_change() {
    const ROWS: u32 = 40;
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("hotmend", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, ROWS).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        for round in 0..3 {
            let stop = CancellationToken::new();
            let mender = run.mender();
            let keys = |id| Place { target: format!("`id`={id}"), sources: vec![format!("`id`={id}")] };
            let all = |table: &str| {
                let name = TableName::new(&schema, table);
                Damaged { target: name.clone(), sources: vec![name], keys: (0..ROWS).map(keys).collect() }
            };
            let mend = async {
                for _ in 0..12 {
                    for table in ["first", "second"] {
                        let mended = mender.mend(all(table)).await.expect("it is repaired");
                        assert_eq!(mended.keys, ROWS as usize, "{way}");
                    }
                }
                stop.cancel();
            };
            // The ids that are written beside these begin behind them.
            tokio::join!(write_on(from, &schema, ROWS, round, &stop), mend);
        }
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

/// The writer of `join`, whose new rows of a later round are other ones.
async fn write_on(from: &Server, schema: &str, rows: u32, round: u32, stop: &CancellationToken) {
    if round > 0 {
        let mut conn = sql::connect(from).await;
        for table in ["first", "second"] {
            sql::exec(&mut conn, &format!("DELETE FROM `{schema}`.{table} WHERE id >= {rows}")).await;
        }
    }
    write(from, schema, rows, stop).await;
}

/// Under writes, and with a run that is dropped in the middle of a repair.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_rows_are_repaired_under_writes_and_over_crashes() {
    const ROWS: u32 = 2_000;
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let schema = sql::scratch("mended", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, ROWS).await;
        let mut job = Job::new(&schema, from, to);
        let SinkSpec::Mysql(sink) = &mut job.spec.dest.sink else { unreachable!("a job into a database") };
        // The writer meets rows that were broken.
        sink.conflict = ConflictPolicy::Overwrite;
        let stop = CancellationToken::new();
        let (_, run) = tokio::join!(write(from, &schema, ROWS, &stop), async {
            let mut run = job.start();
            run.streaming().await;
            let mut target = sql::connect(to).await;
            let broken = [
                "UPDATE `{}`.second SET n = n + 1000000, pad = 'broken' WHERE id % 3 = 0",
                "DELETE FROM `{}`.second WHERE id % 3 = 1",
                "INSERT INTO `{}`.second SELECT id + 5000000, n, CONCAT('x', id), pad FROM `{}`.first WHERE id < 100",
                "UPDATE `{}`.first SET u = CONCAT('v', id) WHERE id BETWEEN 50 AND 60",
            ];
            for sql in broken {
                let sql = sql.replace("{}", &schema);
                until(Duration::from_secs(60), "somebody breaks rows", async || target.query_drop(&sql).await.is_ok()).await;
            }
            // Cut off as soon as some of them are right.
            let filter = filter_of(&schema);
            tokio::select! {
                report = repaired(from, to, &filter, BESIDE_WRITES, &run) => panic!("{way}: it was not cut off: {report:?}"),
                () = async {
                    let first = async || run.progress.borrow().notes.iter().any(|(what, _)| what == "rows written again by a repair");
                    until(Duration::from_secs(100), "a first repair", first).await;
                } => {}
            }
            run.crash().await;
            let mut run = job.start();
            run.streaming().await;
            repaired(from, to, &filter_of(&schema), BESIDE_WRITES, &run).await;
            stop.cancel();
            run
        });
        let report = repaired(from, to, &filter_of(&schema), BESIDE_WRITES, &run).await;
        let second = verdict(&report, "second");
        assert_eq!((&second.outcome, second.different), (&Outcome::Equal, 0), "{way}: {second:?}");
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

/// Tables that actions of foreign keys connect, whose effects MariaDB does not log: the actions are made again beside repairs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_below_cascades_are_repaired_beside_them() {
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let schema = sql::scratch("mendfk", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        let child = |name: &str, parent: &str| {
            format!(
                "CREATE TABLE {name} (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES {parent} (id) ON DELETE CASCADE ON UPDATE CASCADE)"
            )
        };
        sql::exec(&mut conn, "SET foreign_key_checks=1").await;
        sql::exec_all(&mut conn, ["CREATE TABLE a (id INT PRIMARY KEY)".to_owned(), child("b", "a"), child("c", "b")]).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        let (stop, mender) = (CancellationToken::new(), run.mender());
        let load = async {
            let mut round = 0;
            while !stop.is_cancelled() {
                round += 1;
                let n = round % 5 * 10;
                let steps = [
                    format!("INSERT INTO a VALUES ({n}), ({})", n + 1),
                    format!("INSERT INTO b VALUES ({n}, {n}), ({}, {})", n + 1, n + 1),
                    format!("INSERT INTO c VALUES ({n}, {n}), ({}, {})", n + 1, n + 1),
                    format!("UPDATE a SET id = {} WHERE id = {n}", n + 5),
                    format!("UPDATE b SET id = {} WHERE id = {n}", n + 7),
                ];
                sql::exec_all(&mut conn, steps).await;
                if round % 2 == 0 {
                    sql::exec(&mut conn, "DELETE FROM a WHERE id % 10 = 5").await;
                }
                sql::exec(&mut conn, "DELETE FROM a").await;
            }
            sql::exec_all(&mut conn, ["INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (1, 1)", "INSERT INTO c VALUES (1, 1)"]).await;
        };
        let mend = async {
            for _ in 0..15 {
                for table in ["a", "b", "c"] {
                    let name = TableName::new(&schema, table);
                    let keys = |id| Place { target: format!("`id`={id}"), sources: vec![format!("`id`={id}")] };
                    let damaged = Damaged { target: name.clone(), sources: vec![name], keys: (0..60).map(keys).collect() };
                    mender.mend(damaged).await.unwrap_or_else(|e| panic!("{way}: {e:?}"));
                }
            }
            stop.cancel();
        };
        tokio::join!(load, mend);
        run.finish().await;
        expect_equal(from, to, &schema, 3).await;
    }
}

/// Each row changes once, so nothing heals what comes at the wrong place: an image that is written before the stream is where
/// it was read is a conflict with the insert that comes then, one that is written behind it undoes the row's only change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_written_exactly_where_they_were_read() {
    const ROWS: u32 = 600;
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let schema = sql::scratch("gate", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        let before: Vec<String> = (0..2 * ROWS).map(|id| format!("({id}, 0)")).collect();
        sql::exec_all(
            &mut conn,
            [
                format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT)"),
                format!("INSERT INTO `{schema}`.t VALUES {}", before.join(", ")),
            ],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        // The log grows faster than it is applied: it goes on behind every snapshot, and the stream has a way to go to it.
        run.tell(|live| live.throttle.rows = Some(RateLimit { per_second: 3 * u64::from(ROWS) / 6, burst: 1 }));
        let mender = run.mender();
        let (told, begun) = tokio::sync::oneshot::channel();
        let write = async {
            let mut told = Some(told);
            for id in 0..ROWS {
                let steps = [
                    format!("UPDATE `{schema}`.t SET n = 1 WHERE id = {id}"),
                    format!("DELETE FROM `{schema}`.t WHERE id = {}", ROWS + id),
                    format!("INSERT INTO `{schema}`.t VALUES ({}, 1)", 2 * ROWS + id),
                ];
                sql::exec_all(&mut conn, steps).await;
                if id == ROWS / 10 {
                    let _ = told.take().expect("it comes here once").send(());
                }
            }
        };
        let mend = async {
            begun.await.expect("the writer comes there");
            let name = TableName::new(&schema, "t");
            let keys = |id| Place { target: format!("`id`={id}"), sources: vec![format!("`id`={id}")] };
            for _ in 0..4 {
                let damaged = Damaged { target: name.clone(), sources: vec![name.clone()], keys: (0..3 * ROWS).map(keys).collect() };
                let mended = mender.mend(damaged).await.unwrap_or_else(|e| panic!("{way}: {e:?}"));
                assert_eq!(mended.keys, 3 * ROWS as usize, "{way}");
            }
        };
        tokio::join!(write, mend);
        run.finish().await;
        expect_equal(from, to, &schema, 1).await;
    }
}
