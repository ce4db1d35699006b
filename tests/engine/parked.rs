//! A commit that is in the log and not yet visible while the job starts is not lost: the reason why low positions must be
//! visibility-safe (replication.md §1). Semi-sync with AFTER_SYNC parks it there: the transaction is written to the log and
//! waits for an acknowledgement that nobody sends before it is committed in the engine.

use super::kill::job;
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, count, exec, one, rows, scratch};
use crate::support::until::until;
use std::time::Duration;

/// Switches parking on or off. Off also lets parked commits go.
async fn park(server: &Server, on: bool) {
    let mut conn = connect(server).await;
    let prefix = if server.is_mysql() { "rpl_semi_sync_source" } else { "rpl_semi_sync_master" };
    if server.is_mysql()
        && rows(&mut conn, "SELECT 1 FROM information_schema.plugins WHERE plugin_name = 'rpl_semi_sync_source'").await.is_empty()
    {
        exec(&mut conn, "INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'").await;
    }
    if on {
        exec(&mut conn, &format!("SET GLOBAL {prefix}_wait_point = 'AFTER_SYNC'")).await;
        exec(&mut conn, &format!("SET GLOBAL {prefix}_timeout = 600000")).await;
        exec(&mut conn, &format!("SET GLOBAL {prefix}_wait_no_{} = 1", if server.is_mysql() { "replica" } else { "slave" })).await;
    }
    exec(&mut conn, &format!("SET GLOBAL {prefix}_enabled = {}", u8::from(on))).await;
}

async fn parked_commit_arrives(source: &'static Server, target: &'static Server) {
    let schema = scratch("parked", &[source, target]).await;
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v INT)")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES (1, 1), (2, 2)")).await;
    park(source, true).await;
    let insert = format!("INSERT INTO `{schema}`.t VALUES (3, 3)");
    let parked = tokio::spawn(async move {
        let mut conn = connect(source).await;
        exec(&mut conn, &insert).await;
    });
    until(Duration::from_secs(20), "the commit is parked", async || {
        let found =
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'INSERT INTO `parked%' AND state LIKE '%semi%sync%'";
        one(&mut conn, found).await.is_some_and(|n| n != "0")
    })
    .await;
    assert_eq!(count(&mut conn, &format!("`{schema}`.t")).await, 2, "the parked row is not visible yet");

    let daemon = Daemon::start(&[]).await;
    let name = format!("parked-{schema}");
    daemon.client().create_job(&job(&name, source, target, &schema)).await.expect("the job is created");
    let mut at = connect(target).await;
    until(Duration::from_secs(60), "the copy is over", async || {
        // The job makes the bookkeeping: on a fresh server it is not there yet.
        let made = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'syncline' AND table_name = 'table_state'";
        if one(&mut at, made).await.as_deref() != Some("1") {
            return false;
        }
        let phase = format!(
            "SELECT COUNT(*) FROM syncline.table_state WHERE job = '{name}-sync' AND table_name = 't' AND phase IN ('converging', 'exact')"
        );
        one(&mut at, &phase).await.is_some_and(|n| n != "0")
    })
    .await;
    park(source, false).await;
    parked.await.expect("the parked commit succeeds");
    until(Duration::from_secs(60), "the parked row arrives", async || count(&mut at, &format!("`{schema}`.t")).await == 3).await;
    daemon.client().delete_job(&format!("{name}-sync"), false).await.expect("the job is deleted");
}

/// Parking stops every commit of its server, so these run on servers of their own, not on the shared ones.
#[tokio::test(flavor = "multi_thread")]
async fn parked_commit_is_not_lost_mariadb() {
    let (Some(source), Some(target)) = (servers::mariadb(3), servers::mariadb(2)) else { return };
    parked_commit_arrives(source, target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parked_commit_is_not_lost_mysql() {
    let (Some(source), Some(target)) = (servers::mysql(3), servers::mysql(2)) else { return };
    parked_commit_arrives(source, target).await;
}
