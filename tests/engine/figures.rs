//! What an operator reads of a job is true after a daemon that died, a line that broke and a table that went: figures add
//! up, errors are got over, lag grows while nothing is applied, and nothing stays behind at the target.

use super::replicate_zoo::drop_at;
use crate::support::daemon::Daemon;
use crate::support::line::Line;
use crate::support::servers;
use crate::support::sql;
use crate::support::until::until_some;
use std::time::Duration;
use syncline::wire::native::jobs::{Job, JobState, TableProgress};

async fn shows(daemon: &Daemon, id: &str, what: &str, is: impl Fn(&Job) -> bool) -> Job {
    until_some(Duration::from_secs(90), what, async || Some(daemon.client().job(id).await.expect("the job is there")).filter(|j| is(j)))
        .await
}

fn table<'j>(job: &'j Job, name: &str) -> Option<&'j TableProgress> {
    job.progress.as_ref()?.tables.iter().find(|t| t.table == name)
}

fn changes(job: &Job, name: &str) -> [u64; 3] {
    table(job, name).map_or([0; 3], |t| [t.inserts, t.updates, t.deletes])
}

fn streams(job: &Job) -> bool {
    matches!(job.state, JobState::Streaming | JobState::Lagging)
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_survive_and_nothing_stays_behind() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("figures", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    sql::exec_all(
        &mut conn,
        [
            "CREATE TABLE t (id INT PRIMARY KEY, n INT)",
            "INSERT INTO t SELECT seq, 0 FROM seq_1_to_1000",
            "CREATE TABLE old (id INT PRIMARY KEY)",
            "INSERT INTO old VALUES (1)",
            "CREATE VIEW v AS SELECT * FROM t",
        ],
    )
    .await;
    let mut line = Line::to(to).await;
    let mut daemon = Daemon::start(&[]).await;
    let side = |port: u16| serde_json::json!({ "host": "127.0.0.1", "port": port, "user": servers::USER, "password": servers::PASSWORD });
    let job = serde_json::json!({
        "name": schema, "kind": "sync", "source": side(from.port), "target": side(line.port), "include": [{ "schema": schema }],
    });
    let id = format!("{schema}-sync");
    daemon.client().create_job(&serde_json::from_value(job).expect("a job")).await.expect("it is created");
    shows(&daemon, &id, "the stream", streams).await;
    sql::exec_all(
        &mut conn,
        [
            "INSERT INTO t VALUES (5000, 1)",
            "UPDATE t SET n = 1 WHERE id < 3",
            "DELETE FROM t WHERE id = 9",
            "CREATE TABLE later (id INT PRIMARY KEY)",
            "INSERT INTO later VALUES (1)",
            "RENAME TABLE later TO renamed",
            "DROP TABLE old",
            "CREATE VIEW w AS SELECT * FROM t",
        ],
    )
    .await;
    let noted = |job: &Job| job.progress.as_ref().is_some_and(|p| p.notes.iter().any(|n| n.what.contains("view") && n.count == 1));
    let job = shows(&daemon, &id, "all of it applied", |j| changes(j, "t") == [1, 2, 1] && table(j, "old").is_none() && noted(j)).await;
    assert!(table(&job, "renamed").is_some() && table(&job, "later").is_none(), "{job:#?}");
    let events: Vec<String> = daemon
        .client()
        .job_events(&id)
        .await
        .expect("it answers")
        .events
        .into_iter()
        .map(|e| format!("{}: {}", e.kind, e.message))
        .collect();
    for told in ["Driver: applied: RENAME TABLE later TO renamed", "Driver: applied: DROP TABLE `old`", "Driver: copied "] {
        assert!(events.iter().any(|e| e.starts_with(told)), "{told}: {events:#?}");
    }
    let saved = async || {
        let runs = daemon.client().runs(&Default::default()).await.expect("it answers").runs;
        runs.into_iter().find(|r| r.rows_copied == 1001 && r.rows_applied == 5)
    };
    until_some(Duration::from_secs(30), "the running run shows what it has counted", saved).await;

    // The daemon dies, and finds the target away.
    daemon.kill9();
    line.cut().await;
    daemon.restart().await;
    let waits = |j: &Job| j.state == JobState::Waiting && j.progress.as_ref().is_some_and(|p| p.lag_seconds.is_some());
    let job = shows(&daemon, &id, "it waits", waits).await;
    assert_eq!(changes(&job, "t"), [1, 2, 1], "as before the crash");
    let t = table(&job, "t").expect("listed");
    assert_eq!((t.rows_copied, t.rows_estimated, t.bytes_copied > 0), (1000, 1000, true));
    let before = job.progress.and_then(|p| p.lag_seconds).expect("the lag is told while it waits");
    shows(&daemon, &id, "the lag grows", |j| j.progress.as_ref().and_then(|p| p.lag_seconds).is_some_and(|lag| lag > before)).await;
    line.mend().await;
    daemon.client().retry_job(&id).await.expect("it is tried at once");
    sql::exec(&mut conn, "INSERT INTO t VALUES (5001, 1)").await;
    let job = shows(&daemon, &id, "the stream again", |j| streams(j) && changes(j, "t") == [2, 2, 1]).await;
    let progress = job.progress.as_ref().expect("it runs");
    assert!(progress.last_error.is_some() && progress.last_error_recovered_at.is_some() && progress.errors > 0, "{progress:#?}");
    assert_eq!((progress.rows_copied, progress.rows_estimated), (1000, 1000), "a complete copy is complete");
    assert!(noted(&job) && table(&job, "old").is_none(), "{job:#?}");
    let runs = daemon.client().runs(&Default::default()).await.expect("it answers").runs;
    let died = runs.iter().find(|r| r.state == "interrupted").expect("the first run");
    assert_eq!((died.rows_copied, died.rows_applied), (1001, 5));

    // Deleted while its target is away: collected once it is back.
    line.cut().await;
    let gone = daemon.client().delete_job(&id, false).await.expect("it is deleted here");
    assert!(gone.note.contains("collected"), "{gone:?}");
    let mut target = sql::connect(to).await;
    let left = format!("SELECT COUNT(*) FROM syncline.checkpoint WHERE job = '{id}'");
    assert_eq!(sql::one(&mut target, &left).await.as_deref(), Some("1"));
    daemon.kill9();
    line.mend().await;
    daemon.restart().await;
    until_some(Duration::from_secs(30), "its bookkeeping is gone", async || sql::one(&mut target, &left).await.filter(|n| n == "0")).await;
    assert!(sql::count(&mut target, &format!("`{schema}`.t")).await > 0, "user data stays");
}
