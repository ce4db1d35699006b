//! Foreign keys that change rows: what a source does to children and does not log arrives all the same, and what it logs is
//! not done twice. MariaDB and MySQL with its engine's own foreign keys log nothing of it; MySQL 9.6 and later do.

use super::bench::long;
use crate::engine::kill::job;
use crate::engine::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::job::Job;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, count, exec, exec_all, one, scratch};
use crate::support::until::until;
use mysql_async::Conn;
use std::time::Duration;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs::JobState;
use tokio_util::sync::CancellationToken;

const TABLES: [&str; 8] = [
    "p (id INT PRIMARY KEY, code VARCHAR(20) NOT NULL COLLATE utf8mb4_general_ci, d DECIMAL(8,2), UNIQUE KEY (code))",
    "c (id INT PRIMARY KEY, p INT, u INT UNIQUE, t TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), \
       FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    // Below a child.
    "g (id INT PRIMARY KEY, c INT, v VARCHAR(9), FOREIGN KEY (c) REFERENCES c (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    "h (id INT AUTO_INCREMENT PRIMARY KEY, g INT, FOREIGN KEY (g) REFERENCES g (id) ON DELETE SET NULL)",
    // Without a key of its own.
    "k (p INT, v INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE)",
    "n (id INT PRIMARY KEY, code VARCHAR(20) COLLATE utf8mb4_general_ci, d DATETIME DEFAULT '2020-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP, \
       FOREIGN KEY (code) REFERENCES p (code) ON DELETE SET NULL ON UPDATE CASCADE)",
    // To itself.
    "s (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES s (id) ON DELETE CASCADE)",
    "w (a INT, b DATE, x INT, y DATE, PRIMARY KEY (a, b), FOREIGN KEY (x, y) REFERENCES w (a, b) ON DELETE SET NULL)",
];

async fn session(server: &Server, schema: &str) -> Conn {
    let mut conn = connect(server).await;
    exec_all(&mut conn, [format!("USE `{schema}`"), "SET foreign_key_checks = 1".to_owned()]).await;
    conn
}

async fn load(server: &Server, schema: &str) {
    let mut conn = session(server, schema).await;
    exec_all(&mut conn, TABLES.map(|table| format!("CREATE TABLE {table}"))).await;
    let n = |most: u32| format!("WITH RECURSIVE numbers AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM numbers WHERE i < {most}) SELECT");
    if server.is_mysql() {
        exec(&mut conn, "SET cte_max_recursion_depth = 100000").await;
    } else {
        exec(&mut conn, "SET max_recursive_iterations = 100000").await;
    }
    let fill = [
        format!("INSERT INTO p {} i, CONCAT('code', i), i / 4 FROM numbers", n(3000)),
        format!("INSERT INTO c {} i, 1 + i % 3000, i, '2020-01-01' FROM numbers", n(9000)),
        format!("INSERT INTO g {} i, 1 + i % 9000, 'x' FROM numbers", n(12_000)),
        format!("INSERT INTO h (g) {} 1 + i % 12000 FROM numbers", n(12_000)),
        format!("INSERT INTO k {} 1 + i % 3000, i FROM numbers", n(4000)),
        format!("INSERT INTO n {} i, CONCAT('CODE', 1 + i % 3000), '2020-01-01' FROM numbers", n(4000)),
        format!("INSERT INTO s {} i, IF(i = 1, NULL, i DIV 2) FROM numbers", n(4000)),
    ];
    exec_all(&mut conn, fill).await;
}

/// Changes parents, and children by themselves, until told to stop.
async fn write(server: &Server, schema: &str, stop: &CancellationToken) -> u32 {
    let mut conn = session(server, schema).await;
    let mut round = 0_u32;
    while !stop.is_cancelled() {
        round += 1;
        let at = |k: u32, most: u32| 1 + round.wrapping_mul(7919).wrapping_add(k.wrapping_mul(104_729)) % most;
        let fresh = 20_000 + round;
        let unchecked = round.is_multiple_of(9);
        let mut statements = vec![
            format!("SET foreign_key_checks = {}", u8::from(!unchecked)),
            "BEGIN".to_owned(),
            format!("DELETE FROM p WHERE id = {}", at(1, 3000)),
            format!("UPDATE IGNORE p SET id = {} WHERE id = {}", 5000 + fresh, at(2, 3000)),
            format!("UPDATE IGNORE p SET code = UPPER(CONCAT(code, 'x')) WHERE id = {}", at(3, 3000)),
            format!("UPDATE p SET d = d + 1 WHERE id = {}", at(4, 3000)),
            format!("UPDATE IGNORE c SET id = {fresh} WHERE id = {}", at(5, 9000)),
            format!("DELETE FROM c WHERE id IN ({}, {})", at(6, 9000), at(7, 9000)),
            format!("INSERT IGNORE INTO p VALUES ({}, 'code{fresh}', 1)", at(8, 3000)),
            format!("INSERT IGNORE INTO c (id, p, u) VALUES ({}, {}, {})", at(9, 9000), at(10, 3000), at(11, 9000)),
            format!("INSERT IGNORE INTO g VALUES ({}, {}, 'y')", at(12, 12_000), at(13, 9000)),
            format!("INSERT IGNORE INTO k VALUES ({}, {round})", at(14, 3000)),
            format!("UPDATE IGNORE c SET p = {} WHERE id = {}", at(15, 3000), at(16, 9000)),
            format!("INSERT IGNORE INTO n (id, code) VALUES ({fresh}, 'Code{}')", at(17, 3000)),
            format!("INSERT IGNORE INTO s VALUES ({fresh}, {})", at(18, 4000)),
            format!("DELETE FROM w WHERE a = {} LIMIT 1", at(19, 50)),
            format!("INSERT IGNORE INTO w SELECT {}, '2020-01-01' + INTERVAL {} DAY, a, b FROM w LIMIT 1", at(20, 50), round % 100),
            format!("INSERT IGNORE INTO w VALUES ({}, '2021-01-01', NULL, NULL)", at(21, 50)),
        ];
        if round.is_multiple_of(20) {
            statements.push(format!("DELETE FROM s WHERE id = {}", 1000 + at(19, 3000)));
        }
        statements.push(if round.is_multiple_of(13) { "ROLLBACK" } else { "COMMIT" }.to_owned());
        exec_all(&mut conn, statements).await;
    }
    round
}

/// Copies and streams under writes; crashes in both.
async fn followed(from: &Server, to: &Server) {
    let schema = scratch("cascade", &[from]).await;
    drop_at(to, &schema).await;
    load(from, &schema).await;
    let stop = CancellationToken::new();
    let mut job = Job::new(&schema, from, to);
    job.spec.src.chunk_rows = Some(300);
    let (rounds, run) = tokio::join!(write(from, &schema, &stop), async {
        for _ in 0..2 {
            let mut run = job.start();
            run.until("a part of the copy", |p| p.tables.iter().any(|t| t.rows_copied > 1000)).await;
            run.crash().await;
        }
        for n in 0..4 {
            let mut run = job.start();
            run.streaming().await;
            let before = run.progress.borrow().dest.tx_applied;
            run.until("30 transactions", |p| p.dest.tx_applied > before + 30).await;
            if n == 2 { run.pause().await } else { run.crash().await }
        }
        let mut run = job.start();
        run.streaming().await;
        stop.cancel();
        run
    });
    assert!(rounds > 0);
    run.finish().await;
    expect_equal(from, to, &schema, TABLES.len()).await;
    let mut conn = connect(from).await;
    assert!(count(&mut conn, &format!("`{schema}`.h WHERE g IS NULL")).await > 0, "the source's keys were at work");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cascades_that_mariadb_does_not_log_arrive() {
    // In the ordinary run to one of them.
    let targets: [fn() -> Option<&'static Server>; 2] = [|| servers::mariadb(2), || servers::mysql(2)];
    for to in targets.iter().take(if long() { 2 } else { 1 }).filter_map(|to| to()) {
        let Some(from) = servers::mariadb(1) else { return };
        followed(from, to).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cascades_that_mysql_logs_are_not_done_twice() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    followed(from, to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cascades_of_mysqls_engine_arrive() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::own_with(Flavor::Mysql, "cascade", &["--innodb-native-foreign-keys=ON"]), servers::mysql(2))
    else {
        return;
    };
    followed(&from, to).await;
}

/// The shipping daemon, killed in the copy and in the stream.
async fn killed(from: &'static Server, to: &'static Server) {
    let schema = scratch("cascadekill", &[from, to]).await;
    drop_at(to, &schema).await;
    load(from, &schema).await;
    let stop = CancellationToken::new();
    let mut daemon = Daemon::start(&[]).await;
    let name = format!("cascade-{schema}");
    daemon.client().create_job(&job(&name, from, to, &schema)).await.expect("the job is created");
    let id = format!("{name}-sync");
    let mut at = connect(to).await;
    let kills = if long() { 30 } else { 3 };
    tokio::join!(write(from, &schema, &stop), async {
        let rows = format!("SELECT COALESCE(SUM(`rows`), 0) FROM syncline.chunk WHERE job = '{id}'");
        until(Duration::from_secs(60), "a part is copied", async || {
            let made = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'syncline' AND TABLE_NAME = 'chunk'";
            one(&mut at, made).await.as_deref() == Some("1") && one(&mut at, &rows).await.is_some_and(|n| n != "0")
        })
        .await;
        for _ in 0..kills {
            daemon.kill9();
            daemon.restart().await;
            until(Duration::from_secs(120), "the job streams", async || {
                let job = daemon.client().job(&id).await.expect("the job is there");
                assert!(job.failure.is_none(), "{:?}", job.failure);
                matches!(job.state, JobState::Streaming | JobState::Lagging)
            })
            .await;
            let applied = format!("SELECT COUNT(*) FROM syncline.applied WHERE job = '{id}'");
            until(Duration::from_secs(60), "transactions above the checkpoint", async || {
                one(&mut at, &applied).await.is_some_and(|n| n != "0")
            })
            .await;
        }
        stop.cancel();
    });
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.last (id INT PRIMARY KEY)")).await;
    until(Duration::from_secs(60), "the last statement is there", async || {
        let made = format!("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME = 'last'");
        one(&mut at, &made).await.as_deref() == Some("1")
    })
    .await;
    expect_equal(from, to, &schema, TABLES.len() + 1).await;
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_among_cascades_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    killed(from, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_among_cascades_mysql() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    killed(from, to).await;
}
