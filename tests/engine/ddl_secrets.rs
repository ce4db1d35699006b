//! What somebody gives in place of a statement of the log: a secret in it is told to nobody, and one that failed is called that.

use super::replicate_zoo::drop_at;
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql;
use crate::support::until::until_some;
use std::time::Duration;
use syncline::wire::native::jobs::{DdlAction, DdlDecision, DecidedDdl, JobState, WaitingDdl};

const SECRET: &str = "hunter2";
const PATIENCE: Duration = Duration::from_secs(60);

async fn waits(daemon: &Daemon, id: &str, message: &str) -> WaitingDdl {
    until_some(PATIENCE, message, async || {
        daemon.client().job_ddl(id).await.expect("it is listed").waiting.filter(|w| w.message.contains(message))
    })
    .await
}

/// All that is told of a job.
async fn told(daemon: &Daemon, id: &str) -> String {
    let client = daemon.client();
    let (job, ddl) = (client.job(id).await.expect("it is there"), client.job_ddl(id).await.expect("it is listed"));
    let events = client.job_events(id).await.expect("it has some");
    format!("{} {} {}", json(&job), json(&ddl), json(&events))
}

fn json(what: &impl serde::Serialize) -> String {
    serde_json::to_string(what).expect("texts and numbers become JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replacement_runs_as_it_was_given_and_is_shown_without_its_secrets() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let schema = sql::scratch("ddlsecret", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec_all(&mut conn, [format!("USE `{schema}`"), "CREATE TABLE t (id INT PRIMARY KEY)".to_owned()]).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let create = super::kill::job(&schema, from, to, &schema);
    let id = client.create_job(&create).await.expect("the job is created").id;
    super::verify_late::streams(&daemon, &id).await;
    // MySQL has no such word.
    sql::exec_all(&mut conn, ["ALTER TABLE t ADD COLUMN IF NOT EXISTS c INT", "INSERT INTO t VALUES (2, 2)"]).await;
    let waiting = waits(&daemon, &id, "").await;
    let replace = |statement: &str| DdlDecision {
        action: DdlAction::Replace,
        transaction: Some(waiting.transaction.clone()),
        statement: Some(format!("{statement}, CONNECTION='mysql://u:{SECRET}@h/d'")),
    };
    client.decide_ddl(&id, &replace("ALTER TABLE t ADD COLUMN id INT")).await.expect("it is decided");
    waits(&daemon, &id, "Duplicate column").await;
    let listed = client.job_ddl(&id).await.expect("it is listed").decided;
    assert_eq!(listed.iter().map(|d| d.decision.as_str()).collect::<Vec<_>>(), ["failed"], "{listed:?}");
    let all = told(&daemon, &id).await;
    assert!(!all.contains(SECRET) && all.contains("CONNECTION='…'"), "{all}");

    client.decide_ddl(&id, &replace("ALTER TABLE t ADD COLUMN c INT")).await.expect("it is decided");
    let mut target = sql::connect(to).await;
    until_some(PATIENCE, "what follows", async || (sql::count(&mut target, &format!("`{schema}`.t")).await == 1).then_some(())).await;
    let there = sql::rows(&mut target, &format!("SHOW CREATE TABLE `{schema}`.t")).await;
    assert!(there[0][1].as_deref().is_some_and(|text| text.contains(SECRET)), "{there:?}");
    let listed = client.job_ddl(&id).await.expect("it is listed").decided;
    assert_eq!(listed.iter().map(|d| d.decision.as_str()).collect::<Vec<_>>(), ["replace"], "{listed:?}");
    let all = told(&daemon, &id).await;
    assert!(!all.contains(SECRET) && all.contains("CONNECTION='…'"), "{all}");

    // What failed and is left out in the end is listed as left out, and only so.
    sql::exec(&mut conn, "ALTER TABLE t ADD COLUMN IF NOT EXISTS e INT").await;
    let waiting = waits(&daemon, &id, "").await;
    let failing = DdlDecision {
        action: DdlAction::Replace,
        transaction: Some(waiting.transaction.clone()),
        statement: Some("ALTER TABLE t ADD COLUMN id INT".to_owned()),
    };
    client.decide_ddl(&id, &failing).await.expect("it is decided");
    waits(&daemon, &id, "Duplicate column").await;
    let skip = DdlDecision { action: DdlAction::Skip, transaction: Some(waiting.transaction.clone()), statement: None };
    client.decide_ddl(&id, &skip).await.expect("it is decided");
    let of_it = |d: &&DecidedDdl| d.transaction == waiting.transaction;
    let listed = client.job_ddl(&id).await.expect("it is listed").decided;
    assert_eq!(listed.iter().filter(of_it).map(|d| d.decision.as_str()).collect::<Vec<_>>(), ["skip"], "{listed:?}");

    // What is shown can be given back: it stands for what was given.
    let mut again = create.clone();
    again.replace = client.job(&id).await.expect("it is there").config.replace;
    client.update_job(&id, &again, None).await.expect("nothing changes");
    assert_ne!(client.job(&id).await.expect("it is there").state, JobState::Failed);
}
