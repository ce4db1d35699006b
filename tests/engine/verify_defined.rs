//! Tables and columns that differ because the job has still to bring what the source did to them are late, and no difference;
//! those that differ for good are told.

use super::kill::job;
use super::replicate_zoo::drop_at;
use super::verify_late::{ended, streams};
use crate::support::daemon::Daemon;
use crate::support::line::Line;
use crate::support::servers::{self, Server};
use crate::support::sql;
use crate::support::until::{until, until_some};
use std::time::Duration;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs::JobState;
use syncline::wire::native::verify::{Verification, VerifyRequest};

const PATIENCE: Duration = Duration::from_secs(60);

/// A table of each kind that a change can come to, and the job that streams them.
async fn streaming(daemon: &Daemon, from: &Server, (to, port): (&Server, u16), schema: &str) -> String {
    let mut source = sql::connect(from).await;
    let create = ["grows", "shrinks", "same"].map(|name| format!("CREATE TABLE `{schema}`.{name} (id INT PRIMARY KEY, n INT NOT NULL)"));
    sql::exec_all(&mut source, create).await;
    sql::exec(&mut source, &format!("INSERT INTO `{schema}`.same VALUES (1, 0)")).await;
    let mut create = job(schema, from, to, schema);
    create.target.as_mut().expect("a database").port = port;
    let id = daemon.client().create_job(&create).await.expect("the job is created").id;
    streams(daemon, &id).await;
    id
}

fn changes(schema: &str) -> [String; 4] {
    [
        format!("ALTER TABLE `{schema}`.grows ADD more INT NOT NULL DEFAULT 7"),
        format!("ALTER TABLE `{schema}`.shrinks DROP n"),
        format!("CREATE TABLE `{schema}`.fresh (id INT PRIMARY KEY)"),
        format!("INSERT INTO `{schema}`.fresh VALUES (1), (2)"),
    ]
}

async fn compared(daemon: &Daemon, id: &str) -> Verification {
    let begun = daemon.client().verify_job(id, &VerifyRequest::default()).await.expect("it begins");
    ended(daemon, id, begun.number).await
}

fn states(found: &Verification) -> Vec<(&str, &str, u64)> {
    found.tables.iter().map(|t| (t.table.as_str(), t.state.as_str(), t.different)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_paused_job_has_not_brought_of_definitions_is_late() {
    // Its own: whatever else is written there, a job that rests has not come to.
    let (Some(from), Some(to)) = (servers::own(Flavor::Mariadb, "definedrest"), servers::mariadb(2)) else { return };
    let from = &from;
    let schema = sql::scratch("definedrest", &[from]).await;
    drop_at(to, &schema).await;
    let daemon = Daemon::start(&[]).await;
    let id = streaming(&daemon, from, (to, to.port), &schema).await;
    let client = daemon.client();
    client.pause_job(&id).await.expect("it is paused");
    until(PATIENCE, "it rests", async || client.job(&id).await.is_ok_and(|j| j.state == JobState::Paused)).await;
    sql::exec_all(&mut sql::connect(from).await, changes(&schema)).await;
    let found = compared(&daemon, &id).await;
    let late = [("fresh", "unsettled", 0), ("grows", "unsettled", 0), ("same", "equal", 0), ("shrinks", "unsettled", 0)];
    assert_eq!((found.state.as_str(), states(&found)), ("failed", late.to_vec()), "{found:?}");
    assert!(found.tables[1].error.contains("column more is missing at the target; the job has not come"), "{found:?}");
    client.resume_job(&id).await.expect("it goes on");
    assert_eq!(compared(&daemon, &id).await.state, "equal");
    // What no log brings is told, of a job that rests and of one that streams.
    let mut target = sql::connect(to).await;
    let hand = [format!("ALTER TABLE `{schema}`.grows DROP more"), format!("DROP TABLE `{schema}`.fresh")];
    sql::exec_all(&mut target, hand).await;
    let different = [("fresh", "different", 2), ("grows", "different", 0), ("same", "equal", 0), ("shrinks", "equal", 0)];
    for rests in [false, true] {
        if rests {
            client.pause_job(&id).await.expect("it is paused");
            until(PATIENCE, "it rests", async || client.job(&id).await.is_ok_and(|j| j.state == JobState::Paused)).await;
        }
        let found = compared(&daemon, &id).await;
        assert_eq!((found.state.as_str(), states(&found)), ("different", different.to_vec()), "{found:?}");
    }
}

/// The first change waits for a lock at the target, and the others behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_running_job_is_behind_with_of_definitions_is_waited_for() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("definedrun", &[from]).await;
    drop_at(to, &schema).await;
    let line = Line::to(to).await;
    let daemon = Daemon::start(&[]).await;
    let id = streaming(&daemon, from, (to, line.port), &schema).await;
    let mut holder = sql::connect(to).await;
    sql::exec_all(&mut holder, ["BEGIN".to_owned(), format!("SELECT * FROM `{schema}`.same")]).await;
    let first = format!("ALTER TABLE `{schema}`.same ADD late INT");
    sql::exec_all(&mut sql::connect(from).await, std::iter::once(first).chain(changes(&schema))).await;
    let mut target = sql::connect(to).await;
    let waits = format!(
        "SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata lock' AND info LIKE '%{schema}%'"
    );
    until(PATIENCE, "the job waits for the lock", async || sql::one(&mut target, &waits).await.is_some_and(|n| n != "0")).await;
    line.listens_for("CHARACTER_SET_NAME, COLLATION_NAME FROM information_schema.COLUMNS");
    let begun = daemon.client().verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    // More often than there are tables: of the first one nothing is judged while the lock is held.
    let seen = until_some(PATIENCE, "it was looked at again and again, or judged", async || {
        let seen = daemon.client().verification(&id, begun.number).await.expect("it is there");
        (line.heard() > 6 || seen.state != "running" || !seen.tables.is_empty()).then_some(seen)
    })
    .await;
    assert_eq!((seen.state.as_str(), seen.tables.len()), ("running", 0), "{seen:?}");
    sql::exec(&mut holder, "COMMIT").await;
    let found = ended(&daemon, &id, begun.number).await;
    let equal = ["fresh", "grows", "same", "shrinks"].map(|name| (name, "equal", 0)).to_vec();
    assert_eq!((found.state.as_str(), states(&found)), ("equal", equal), "{found:?}");
    assert_eq!(found.tables[0].target_rows, Some(2), "{found:?}");
}
