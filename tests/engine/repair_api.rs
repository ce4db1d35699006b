//! Repairs through the API of a daemon.

use super::join::fill;
use super::repair::run_script;
use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql;
use crate::support::until::{until, until_some};
use std::time::Duration;
use syncline::wire::native::jobs as wire;
use syncline::wire::native::verify::VerifyRequest;

/// Through the API: what is refused, the file of statements, a kill in the middle, and what is told of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_repairs_and_states_through_the_api() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("mendapi", &[from]).await;
    drop_at(to, &schema).await;
    fill(from, &schema, 3_000).await;
    let mut daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    let streams = async |daemon: &Daemon| {
        until(Duration::from_secs(60), "it streams", async || {
            daemon.client().job(&id).await.is_ok_and(|j| j.state == wire::JobState::Streaming)
        })
        .await;
    };
    let ended = async |daemon: &Daemon, number| {
        let client = daemon.client();
        until(Duration::from_secs(120), "the comparison ends", async || {
            client.verification(&id, number).await.is_ok_and(|v| v.state != "running")
        })
        .await;
        client.verification(&id, number).await.unwrap()
    };
    streams(&daemon).await;
    let mut target = sql::connect(to).await;
    let breaks =
        [format!("UPDATE `{schema}`.second SET n = 5 WHERE id < 50"), format!("DELETE FROM `{schema}`.second WHERE id BETWEEN 50 AND 59")];
    sql::exec_all(&mut target, &breaks).await;

    let stating = VerifyRequest { statements: true, ..VerifyRequest::default() };
    let both = VerifyRequest { repair: true, ..stating.clone() };
    assert!(format!("{:?}", client.verify_job(&id, &both).await.expect_err("one or the other")).contains("repair"));
    let begun = client.verify_job(&id, &stating).await.expect("it begins");
    let found = ended(&daemon, begun.number).await;
    assert_eq!((found.state.as_str(), found.tables.iter().map(|t| t.different).sum::<u64>()), ("different", 60), "{found:?}");
    let mut download = client.verification_statements(&id, begun.number).await.expect("there is a file");
    let mut script = Vec::new();
    while let Some(block) = download.next().await.expect("it comes") {
        script.extend_from_slice(&block);
    }
    let script = String::from_utf8(script).unwrap();
    assert_eq!((script.matches("DELETE FROM").count(), script.matches("REPLACE INTO").count()), (60, 60), "{script}");
    run_script(to, &script).await;
    expect_equal(from, to, &schema, 3).await;

    sql::exec_all(&mut target, &breaks).await;
    client.pause_job(&id).await.expect("it is paused");
    until(Duration::from_secs(30), "it rests", async || client.job(&id).await.is_ok_and(|j| j.state == wire::JobState::Paused)).await;
    let repair = VerifyRequest { repair: true, ..VerifyRequest::default() };
    let refused = client.verify_job(&id, &repair).await.expect_err("it does not run");
    assert!(format!("{refused:?}").contains("beside the stream"), "{refused:?}");
    client.resume_job(&id).await.expect("it is resumed");
    streams(&daemon).await;

    // Killed while it repairs, and asked again.
    sql::exec(&mut target, &format!("UPDATE `{schema}`.first SET pad = 'broken'")).await;
    let begun = client.verify_job(&id, &repair).await.expect("it begins");
    let some = format!("SELECT COUNT(*) FROM `{schema}`.first WHERE pad = 'broken'");
    until(Duration::from_secs(60), "some are right", async || sql::one(&mut target, &some).await.as_deref() != Some("3000")).await;
    daemon.kill9();
    daemon.restart().await;
    streams(&daemon).await;
    let client = daemon.client();
    assert_eq!(client.verification(&id, begun.number).await.unwrap().state, "interrupted", "the kill ended it");
    let begun = client.verify_job(&id, &repair).await.expect("it begins");
    let done = ended(&daemon, begun.number).await;
    assert_eq!(done.state, "equal", "{done:?}");
    assert!(done.tables.iter().any(|t| t.repaired > 0), "{done:?}");
    expect_equal(from, to, &schema, 3).await;
    let events = client.job_events(&id).await.unwrap().events;
    assert!(events.iter().any(|e| e.message.contains("were repaired")), "{events:?}");
}

/// Rows that the target held before the copy, and only it has: told until a comparison has looked at them, and repairs tell what they
/// wrote and what they deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_rows_are_told_until_they_are_compared() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("mendheld", &[from, to]).await;
    for (server, rows) in [(from, "(2, 2), (3, 3)"), (to, "(1, 1), (2, 5), (7, 7)")] {
        let mut conn = sql::connect(server).await;
        let create = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, n INT)");
        sql::exec_all(&mut conn, [create, format!("INSERT INTO `{schema}`.t VALUES {rows}")]).await;
    }
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    super::verify_late::streams(&daemon, &id).await;
    let held = async || client.job(&id).await.unwrap().progress.unwrap().tables[0].held_rows;
    assert!(held().await);
    let mut target = sql::connect(to).await;
    sql::exec(&mut target, &format!("UPDATE `{schema}`.t SET n = 9 WHERE id = 3")).await;
    let verified = async |repair| {
        let begun = client.verify_job(&id, &VerifyRequest { repair, ..VerifyRequest::default() }).await.expect("it begins");
        until_some(Duration::from_secs(120), "the comparison ends", async || {
            client.verification(&id, begun.number).await.ok().filter(|v| v.state != "running")
        })
        .await
    };
    let found = verified(false).await;
    assert_eq!((found.state.as_str(), found.tables[0].different, held().await), ("different", 3, true), "{found:?}");
    let found = verified(true).await;
    assert_eq!((found.state.as_str(), found.tables[0].repaired), ("equal", 3), "{found:?}");
    let notes = client.job(&id).await.unwrap().progress.unwrap().notes;
    let count = |what: &str| notes.iter().find(|n| n.what == what).map(|n| n.count);
    assert_eq!((count("rows written again by a repair"), count("rows deleted by a repair")), (Some(1), Some(2)), "{notes:?}");
    until(Duration::from_secs(30), "nothing is told any more", async || !held().await).await;
    client.pause_job(&id).await.expect("it is paused");
    until(Duration::from_secs(30), "it rests", async || client.job(&id).await.is_ok_and(|j| j.state == wire::JobState::Paused)).await;
    client.resume_job(&id).await.expect("it is resumed");
    super::verify_late::streams(&daemon, &id).await;
    assert!(!held().await, "nor by the next run");
}
