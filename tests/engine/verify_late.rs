//! A comparison beside a job that is behind, or whose lines break: what has not come yet is no difference, and what was asked
//! over a line that broke is asked again.

use super::join::fill;
use super::kill::job;
use super::replicate_zoo::drop_at;
use crate::support::daemon::Daemon;
use crate::support::line::Line;
use crate::support::servers;
use crate::support::sql;
use crate::support::until::{until, until_some};
use std::time::Duration;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs::JobState;
use syncline::wire::native::steer::Throttle;
use syncline::wire::native::verify::{Verification, VerifyRequest};

const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn streams(daemon: &Daemon, id: &str) {
    until(PATIENCE, "it streams", async || daemon.client().job(id).await.is_ok_and(|j| j.state == JobState::Streaming)).await;
}

pub(super) async fn ended(daemon: &Daemon, id: &str, number: u64) -> Verification {
    until_some(Duration::from_secs(240), "the comparison ends", async || {
        daemon.client().verification(id, number).await.ok().filter(|v| v.state != "running")
    })
    .await
}

/// One large transaction on its way for longer than a comparison has patience with rows that nobody brings, and begun anew in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_rows_are_no_differences_when_the_log_is_cut_off() {
    let (Some(from), Some(to)) = (servers::own(Flavor::Mariadb, "verify-late"), servers::mariadb(2)) else { return };
    let schema = sql::scratch("late", &[&from]).await;
    drop_at(to, &schema).await;
    let mut source = sql::connect(&from).await;
    let create = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT NOT NULL)");
    let fill = format!("INSERT INTO `{schema}`.t SELECT seq, 0 FROM seq_1_to_40000");
    sql::exec_all(&mut source, [format!("USE `{schema}`"), create, fill]).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&job(&schema, &from, to, &schema)).await.expect("the job is created").id;
    streams(&daemon, &id).await;
    let slow = Throttle { max_rows_per_second: Some(1000), ..Throttle::default() };
    client.throttle_job(&id, &slow).await.expect("it is told");
    sql::exec(&mut source, &format!("UPDATE `{schema}`.t SET n = n + 1")).await;
    let begun = client.verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    let dumps = "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'";
    let dump = until_some(PATIENCE, "its log is read", async || sql::one(&mut source, dumps).await).await;
    sql::exec(&mut source, &format!("KILL {dump}")).await;
    until(PATIENCE, "it is read again", async || sql::one(&mut source, dumps).await.is_some_and(|id| id != dump)).await;
    let found = ended(&daemon, &id, begun.number).await;
    assert_eq!((found.state.as_str(), found.tables[0].different, found.tables[0].source_rows), ("equal", 0, Some(40_000)), "{found:?}");
}

/// Nobody answers when it begins, and the line breaks again within a table.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_goes_on_when_its_line_has_broken() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("lateline", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, 30_000).await;
    let mut line = Line::to(from).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let mut create = job(&schema, from, to, &schema);
    create.source.port = line.port;
    let id = client.create_job(&create).await.expect("the job is created").id;
    streams(&daemon, &id).await;
    line.cut().await;
    until(PATIENCE, "the job waits", async || client.job(&id).await.is_ok_and(|j| j.state == JobState::Waiting)).await;
    let begun = client.verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    let waits = client.verification(&id, begun.number).await.expect("it is there");
    assert_eq!(waits.state, "running", "{waits:?}");
    line.listens_for("`second`");
    line.mend().await;
    until(PATIENCE, "it is within a table", async || line.heard() > 4).await;
    line.cut().await;
    line.mend().await;
    let found = ended(&daemon, &id, begun.number).await;
    assert_eq!(found.state, "equal", "{found:?}");
    let counts: Vec<_> = found.tables.iter().map(|t| (t.table.as_str(), t.source_rows, t.target_rows)).collect();
    assert_eq!(counts, [("bare", 2, 2), ("first", 30_000, 30_000), ("second", 30_000, 30_000)].map(|(t, s, d)| (t, Some(s), Some(d))));
}

/// A job that rests has not brought what its source did since: that is no difference, also after the daemon was started again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_paused_job_has_not_brought_is_no_difference() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("laterest", &[from]).await;
    drop_at(to, &schema).await;
    let mut source = sql::connect(from).await;
    let create = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT NOT NULL)");
    let bare = format!("CREATE TABLE `{schema}`.bare (n INT NOT NULL)");
    let fill = ["t SELECT seq, 0", "bare SELECT seq"].map(|of| format!("INSERT INTO `{schema}`.{of} FROM seq_1_to_100"));
    sql::exec_all(&mut source, [format!("USE `{schema}`"), create, bare].into_iter().chain(fill)).await;
    let mut daemon = Daemon::start(&[]).await;
    let id = daemon.client().create_job(&job(&schema, from, to, &schema)).await.expect("the job is created").id;
    streams(&daemon, &id).await;
    daemon.client().pause_job(&id).await.expect("it is paused");
    until(PATIENCE, "it rests", async || daemon.client().job(&id).await.is_ok_and(|j| j.state == JobState::Paused)).await;
    for table in ["t", "bare"] {
        sql::exec(&mut source, &format!("UPDATE `{schema}`.{table} SET n = n + 1 WHERE n < 50")).await;
    }
    for restart in [false, true] {
        if restart {
            daemon.kill9();
            daemon.restart().await;
        }
        let begun = daemon.client().verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
        let found = ended(&daemon, &id, begun.number).await;
        let states: Vec<_> = found.tables.iter().map(|t| (t.state.as_str(), t.different, t.target_rows)).collect();
        assert_eq!((found.state.as_str(), states), ("failed", vec![("unsettled", 0, None); 2]), "{found:?}");
    }
    daemon.client().resume_job(&id).await.expect("it goes on");
    let begun = daemon.client().verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    assert_eq!(ended(&daemon, &id, begun.number).await.state, "equal");
}

/// Rows that a job has not copied yet, because it was paused in the midst, are no differences either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_job_paused_in_its_copy_has_not_copied_is_told_as_that() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("latecopy", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, 30_000).await;
    let mut daemon = Daemon::start(&[]).await;
    let slow = syncline::wire::native::jobs::JobCreate { max_rows_per_second: Some(2000), ..job(&schema, from, to, &schema) };
    let id = daemon.client().create_job(&slow).await.expect("the job is created").id;
    let copied = async || daemon.client().job(&id).await.ok().and_then(|j| j.progress).map_or(0, |p| p.rows_copied);
    until(PATIENCE, "it copies", async || copied().await > 0).await;
    daemon.client().pause_job(&id).await.expect("it is paused");
    until(PATIENCE, "it rests", async || daemon.client().job(&id).await.is_ok_and(|j| j.state == JobState::Paused)).await;
    for restart in [false, true] {
        if restart {
            daemon.kill9();
            daemon.restart().await;
        }
        let begun = daemon.client().verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
        let found = ended(&daemon, &id, begun.number).await;
        let second = found.tables.iter().find(|t| t.table == "second").expect("it is listed");
        assert_eq!(
            (found.state.as_str(), second.state.as_str(), second.source_rows, second.target_rows),
            ("failed", "unsettled", None, None),
            "{found:?}"
        );
        assert!(second.error.contains("has not copied it whole yet"), "{found:?}");
    }
}

/// What the source's definitions say now may still be ahead in the log, also of foreign keys whose actions are done at the target.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parent_that_was_renamed_while_nobody_read_the_log_is_followed() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("laterename", &[from]).await;
    drop_at(to, &schema).await;
    let mut source = sql::connect(from).await;
    let statements = [
        "CREATE TABLE parent (id INT PRIMARY KEY)",
        "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)",
        "INSERT INTO parent VALUES (1), (2), (3)",
        "INSERT INTO child VALUES (1, 1), (2, 2), (3, 3)",
    ];
    sql::exec_all(&mut source, std::iter::once(format!("USE `{schema}`")).chain(statements.map(str::to_owned))).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&job(&schema, from, to, &schema)).await.expect("the job is created").id;
    streams(&daemon, &id).await;
    client.pause_job(&id).await.expect("it is paused");
    until(PATIENCE, "it rests", async || client.job(&id).await.is_ok_and(|j| j.state == JobState::Paused)).await;
    let later = [
        "SET foreign_key_checks=1",
        "RENAME TABLE parent TO other",
        "UPDATE other SET id = 11 WHERE id = 1",
        "DELETE FROM other WHERE id = 2",
    ];
    sql::exec_all(&mut source, later.map(str::to_owned)).await;
    client.resume_job(&id).await.expect("it goes on");
    let mut target = sql::connect(to).await;
    let renamed =
        format!("SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.tables WHERE table_schema='{schema}' AND table_name='other'");
    until(PATIENCE, "it is renamed", async || sql::one(&mut target, &renamed).await.as_deref() == Some("1")).await;
    let begun = client.verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    let found = ended(&daemon, &id, begun.number).await;
    let rows: Vec<_> = found.tables.iter().map(|t| (t.table.as_str(), t.target_rows)).collect();
    assert_eq!((found.state.as_str(), rows), ("equal", vec![("child", Some(2)), ("other", Some(2))]), "{found:?}");
}
