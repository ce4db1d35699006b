//! The daemon dies while the last table's indexes are built beside its last rows.

use super::kill::{job, numbers, verified};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, count, exec, one, rows, scratch};
use crate::support::until::until;
use std::time::Duration;
use syncline::wire::native::jobs::JobState;

const PATIENCE: Duration = Duration::from_secs(120);

/// The number of the session that builds, if there is one.
async fn builds(target: &mut mysql_async::Conn, schema: &str) -> Option<String> {
    let all = rows(target, "SHOW FULL PROCESSLIST").await;
    let of_ours = |row: &Vec<Option<String>>| row[7].as_deref().is_some_and(|info| info.contains(schema) && info.contains(" ADD "));
    all.into_iter().find(of_ours)?[0].clone()
}

async fn killed_in_the_build(source: &'static Server, target: &'static Server) {
    let schema = scratch("killindex", &[source, target]).await;
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, k INT, KEY late (k))")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.t SELECT i, i * 7 % 1000 FROM ({}) AS s", numbers(160_000))).await;
    rows(&mut conn, &format!("ANALYZE TABLE `{schema}`.t")).await;
    let mut daemon = Daemon::start(&[]).await;
    let mut create = job(&schema, source, target, &schema);
    create.chunk_rows = None;
    let id = format!("{schema}-sync");
    daemon.client().create_job(&create).await.expect("the job is created");

    // A reader's metadata lock lets rows in, and no build.
    let (mut at, mut reader) = (connect(target).await, connect(target).await);
    let tables = format!("information_schema.tables WHERE table_schema = '{schema}'");
    until(PATIENCE, "the table is made", async || count(&mut at, &tables).await == 1).await;
    exec(&mut reader, "START TRANSACTION").await;
    rows(&mut reader, &format!("SELECT id FROM `{schema}`.t LIMIT 1")).await;
    let mut first = None;
    until(PATIENCE, "the build is begun", async || {
        first = builds(&mut at, &schema).await;
        first.is_some()
    })
    .await;
    daemon.kill9();
    daemon.restart().await;
    // The next owner ends what the dead one left, and begins again.
    until(PATIENCE, "another build is begun", async || {
        let now = builds(&mut at, &schema).await;
        now.is_some() && now != first
    })
    .await;
    exec(&mut reader, "ROLLBACK").await;
    until(PATIENCE, "the stream runs", async || daemon.client().job(&id).await.expect("the job is there").state == JobState::Streaming)
        .await;
    let verdict = verified(&daemon, &id).await;
    assert_eq!(verdict.state, "equal", "{verdict:#?}");
    let index = format!("SELECT COUNT(*) FROM information_schema.statistics WHERE index_name = 'late' AND table_schema = '{schema}'");
    assert_eq!(one(&mut at, &index).await.as_deref(), Some("1"));
    assert_eq!(count(&mut at, &format!("syncline.ddl WHERE job LIKE '/%{id}'")).await, 0, "marks are taken away");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_a_dead_daemon_left_is_ended_and_done_again_mariadb() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    killed_in_the_build(source, target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_a_dead_daemon_left_is_ended_and_done_again_mysql() {
    let (Some(source), Some(target)) = (servers::mysql(1), servers::mysql(2)) else { return };
    killed_in_the_build(source, target).await;
}
