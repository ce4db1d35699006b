//! Memory is bounded by bytes: rows of 64 MB and a transaction of a million rows pass through the shipping daemon, in the
//! copy and in the stream, and its peak stays bounded.
//!
//! An UPDATE of a 64 MB row is one event of 128 MB, which the driver holds twice while it receives it (packet and event,
//! and 32 MB of the socket). On a busy machine the event before it is still on its way into the target then, another 128 MB at
//! most. That is the peak, 416 MB, and everything else has to stay small beside it (494 MB in all at a load of 14).

use super::kill::job;
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, count, exec, exec_all, one, scratch};
use crate::support::until::until;
use std::time::Duration;

const MOST: u64 = 512 << 20;
const ROWS: u32 = 1_000_000;

async fn large_things_pass(source: &'static Server, target: &'static Server) {
    let schema = scratch("memory", &[source, target]).await;
    let mut conn = connect(source).await;
    let into = |table: char, id: u32| format!("INSERT INTO `{schema}`.{table} VALUES ({id}, REPEAT(UNHEX('00275C0AFF'), 13421772))");
    let insert = |id: u32| into('b', id);
    // Two tables, so that two readers of the copy meet such rows.
    for table in ['b', 'c'] {
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.{table} (id INT PRIMARY KEY, body LONGBLOB)")).await;
        exec_all(&mut conn, (1..=2).map(|id| into(table, id))).await;
    }
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.m (id INT PRIMARY KEY, n INT)")).await;
    let daemon = Daemon::start(&[]).await;
    let name = format!("memory-{schema}");
    daemon.client().create_job(&job(&name, source, target, &schema)).await.expect("the job is created");
    let mut at = connect(target).await;
    until(Duration::from_secs(120), "the large rows are copied", async || {
        let made = format!("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME IN ('b', 'c')");
        one(&mut at, &made).await.as_deref() == Some("2")
            && count(&mut at, &format!("`{schema}`.b")).await == 2
            && count(&mut at, &format!("`{schema}`.c")).await == 2
    })
    .await;
    exec_all(&mut conn, (3..=4).map(insert)).await;
    exec(&mut conn, &format!("UPDATE `{schema}`.b SET body = CONCAT(body, 'x') WHERE id IN (1, 3)")).await;
    exec_all(&mut conn, ["BEGIN".to_owned(), format!("INSERT INTO `{schema}`.m VALUES (0, 0)")]).await;
    let mut have = 1;
    while have < ROWS {
        let more = have.min(ROWS - have);
        exec(&mut conn, &format!("INSERT INTO `{schema}`.m SELECT id + {have}, n FROM `{schema}`.m WHERE id < {more}")).await;
        have += more;
    }
    exec(&mut conn, "COMMIT").await;
    until(Duration::from_secs(300), "all of it is at the target", async || {
        count(&mut at, &format!("`{schema}`.m")).await == u64::from(ROWS)
            && one(&mut at, &format!("SELECT COUNT(*) FROM `{schema}`.b WHERE LENGTH(body) = 67108861")).await.as_deref() == Some("2")
    })
    .await;
    for side in [&mut conn, &mut at] {
        exec(side, &format!("USE `{schema}`")).await;
    }
    let sums = format!("SELECT GROUP_CONCAT(SHA2(body, 256) ORDER BY id) FROM `{schema}`.b");
    assert_eq!(one(&mut conn, &sums).await, one(&mut at, &sums).await);
    let peak = daemon.peak_memory();
    assert!(peak < MOST, "peak memory {} MB", peak >> 20);
    daemon.client().delete_job(&format!("{name}-sync"), false).await.expect("the job is deleted");
    exec(&mut conn, &format!("DROP DATABASE `{schema}`")).await;
    exec(&mut at, &format!("DROP DATABASE `{schema}`")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_64_mb_and_a_million_row_transaction_stay_in_bounds_mariadb() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    large_things_pass(source, target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_64_mb_and_a_million_row_transaction_stay_in_bounds_mysql() {
    let (Some(source), Some(target)) = (servers::mysql(1), servers::mysql(2)) else { return };
    large_things_pass(source, target).await;
}
