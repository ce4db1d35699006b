//! Writes of every shape while a job copies and streams, pauses and crashes.

use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::job::Job;
use crate::support::servers::{self, Server, direction};
use crate::support::sql;
use syncline::model::progress::TablePhase;
use syncline::replicate::run::Limits;
use tokio_util::sync::CancellationToken;

/// Fills `t` with rows 1…n, spread over the key space, and a child table with a secondary unique key.
async fn fill(server: &Server, schema: &str, rows: u32) {
    let mut conn = sql::connect(server).await;
    let make = [
        format!("CREATE TABLE `{schema}`.t (id BIGINT PRIMARY KEY, n INT NOT NULL, u VARCHAR(40) NOT NULL UNIQUE, pad VARCHAR(200))"),
        format!("CREATE TABLE `{schema}`.log (what VARCHAR(20), n INT)"),
        format!("INSERT INTO `{schema}`.log VALUES ('begin', 0), ('begin', 0)"),
        format!("INSERT INTO `{schema}`.t VALUES (0, 0, 'u0', REPEAT('p', 150))"),
    ];
    sql::exec_all(&mut conn, make).await;
    let mut have = 1;
    while have < rows {
        let more = have.min(rows - have);
        let double =
            format!("INSERT INTO `{schema}`.t SELECT id + {have}, n, CONCAT('u', id + {have}), pad FROM `{schema}`.t WHERE id < {more}");
        sql::exec(&mut conn, &double).await;
        have += more;
    }
}

/// Changes rows all over the table until told to stop; never pauses.
async fn write(server: &Server, schema: &str, rows: u32, stop: &CancellationToken) -> u32 {
    let mut conn = sql::connect(server).await;
    let mut round = 0u32;
    while !stop.is_cancelled() {
        round += 1;
        let at = |k: u32| (round.wrapping_mul(7919).wrapping_add(k.wrapping_mul(104_729))) % rows;
        let (a, b) = (at(1), at(2));
        let fresh = rows + round;
        let statements = [
            "BEGIN".to_owned(),
            format!("UPDATE `{schema}`.t SET n = n + 1 WHERE id IN ({a}, {b})"),
            format!("DELETE FROM `{schema}`.t WHERE id = {}", at(3)),
            format!("INSERT INTO `{schema}`.t VALUES ({fresh}, 1, 'f{fresh}', NULL)"),
            format!("INSERT INTO `{schema}`.log VALUES ('round', {})", round % 10),
            format!("REPLACE INTO `{schema}`.t VALUES ({}, {round}, 'r{}', 'replaced')", at(4), at(4)),
            "SAVEPOINT s".to_owned(),
            format!("DELETE FROM `{schema}`.t WHERE id = {}", at(5)),
            "ROLLBACK TO s".to_owned(),
            if round.is_multiple_of(11) { "ROLLBACK" } else { "COMMIT" }.to_owned(),
        ];
        sql::exec_all(&mut conn, statements).await;
        // The secondary unique value wanders between two rows; the key itself moves.
        let swap = [
            "BEGIN".to_owned(),
            format!("UPDATE `{schema}`.t SET u = CONCAT('tmp', {round}) WHERE id = {fresh}"),
            format!("UPDATE `{schema}`.t SET u = 'f{fresh}' WHERE id = {a}"),
            format!("UPDATE `{schema}`.t SET id = -{round} WHERE id = {fresh}"),
            format!("DELETE FROM `{schema}`.log WHERE what = 'round' AND n = {} LIMIT 1", (round + 5) % 10),
            "COMMIT".to_owned(),
        ];
        sql::exec_all(&mut conn, swap).await;
    }
    round
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_never_pauses_loses_nothing() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("writes", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, 20_000).await;
        let stop = CancellationToken::new();
        let mut job = Job::new(&schema, from, to);
        job.spec.src.chunk_rows = Some(500);
        let (rounds, run) = tokio::join!(write(from, &schema, 20_000, &stop), async {
            let mut run = job.start();
            run.streaming().await;
            let before = run.progress.borrow().dest.tx_applied;
            run.until("200 more transactions", |p| p.dest.tx_applied > before + 200).await;
            stop.cancel();
            run
        });
        assert!(rounds > 0);
        run.finish().await;
        expect_equal(from, to, &schema, 2).await;
    }
}

/// Crashes (nothing drained) and pauses in the copy and in the stream; every next run goes on where the last one was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crashes_and_pauses_lose_and_repeat_nothing() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("crash", &[from]).await;
        drop_at(to, &schema).await;
        fill(from, &schema, 30_000).await;
        let stop = CancellationToken::new();
        let mut job = Job::new(&schema, from, to);
        job.spec.src.chunk_rows = Some(200);
        let (_, run) = tokio::join!(write(from, &schema, 30_000, &stop), async {
            for share in 1..=3u64 {
                let mut run = job.start();
                run.until("a part of the copy", |p| {
                    p.tables.iter().any(|t| t.rows_copied >= share * 6_000 || t.phase == TablePhase::Exact)
                })
                .await;
                if share == 2 { run.pause().await } else { run.crash().await }
            }
            for n in 0..4 {
                let mut run = job.start();
                run.streaming().await;
                let before = run.progress.borrow().dest.tx_applied;
                run.until(&format!("50 transactions, crash {n}, {}", direction(from, to)), |p| p.dest.tx_applied > before + 50).await;
                if n == 2 { run.pause().await } else { run.crash().await }
            }
            let mut run = job.start();
            run.streaming().await;
            stop.cancel();
            run
        });
        run.finish().await;
        expect_equal(from, to, &schema, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn big_rows_and_big_transactions_pass_through_small_bounds() {
    let long = std::env::var_os("SYNCLINE_TEST_LONG").is_some();
    let (rows, megabytes) = if long { (1_000_000, 63) } else { (131_072, 12) };
    for (from, to) in servers::directions() {
        let schema = sql::scratch("big", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        let insert = |id: u32| format!("INSERT INTO `{schema}`.b VALUES ({id}, REPEAT(UNHEX('00275C0AFF'), {megabytes} * 209715))");
        sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.b (id INT PRIMARY KEY, body LONGBLOB)")).await;
        sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.m (id INT PRIMARY KEY, n INT)")).await;
        sql::exec_all(&mut conn, (1..=2).map(insert)).await;
        let mut job = Job::new(&schema, from, to);
        job.limits = Limits { memory_bytes: 16 << 20, ..Limits::default() };
        let mut run = job.start();
        run.streaming().await;
        sql::exec_all(&mut conn, (3..=4).map(insert)).await;
        sql::exec(&mut conn, &format!("UPDATE `{schema}`.b SET body = CONCAT(body, 'x') WHERE id IN (1, 3)")).await;
        fill_in_one(&mut conn, &schema, rows).await;
        run.finish().await;
        expect_equal(from, to, &schema, 2).await;
    }
}

/// One transaction of `rows` row changes.
async fn fill_in_one(conn: &mut mysql_async::Conn, schema: &str, rows: u32) {
    sql::exec_all(conn, ["BEGIN".to_owned(), format!("INSERT INTO `{schema}`.m VALUES (0, 0)")]).await;
    let mut have = 1;
    while have < rows {
        let more = have.min(rows - have);
        sql::exec(conn, &format!("INSERT INTO `{schema}`.m SELECT id + {have}, n FROM `{schema}`.m WHERE id < {more}")).await;
        have += more;
    }
    sql::exec(conn, "COMMIT").await;
}
