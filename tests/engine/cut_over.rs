//! The end of a migration whose source is made read-only: nothing is lost that was written before, and what is left to do is
//! listed.

use super::kill::job;
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql::{connect, count, exec, exec_all, one, rows, scratch};
use crate::support::until::until;
use std::time::Duration;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs::{JobKind, JobState};

const PATIENCE: Duration = Duration::from_secs(90);

async fn cut_over(flavor: Flavor) {
    let own = |end: &str| servers::own(flavor, &format!("cutover-{end}"));
    let (Some(from), Some(to)) = (own("source"), own("target")) else { return };
    let schema = scratch("cutover", &[&from]).await;
    let mut conn = connect(&from).await;
    exec(&mut conn, &format!("USE `{schema}`")).await;
    exec_all(
        &mut conn,
        [
            "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, n INT)",
            "INSERT INTO a (n) VALUES (1), (2), (3)",
            "DELETE FROM a WHERE id = 3",
            "CREATE VIEW v AS SELECT * FROM a",
            "CREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW SET NEW.n = NEW.n",
            "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1",
            "CREATE PROCEDURE pr() SELECT 1",
        ],
    )
    .await;
    if flavor == Flavor::Mariadb {
        exec_all(&mut conn, ["CREATE SEQUENCE sq", "SELECT NEXT VALUE FOR sq"]).await;
    }
    let mut daemon = Daemon::start(&[]).await;
    let mut create = job(&format!("cutover-{schema}"), &from, &to, &schema);
    create.kind = JobKind::Migration;
    let id = daemon.client().create_job(&create).await.expect("the job is created").id;
    let now = async |daemon: &Daemon| daemon.client().job(&id).await.expect("the job is there");
    until(PATIENCE, "it streams", async || now(&daemon).await.state == JobState::Streaming).await;
    assert!(daemon.client().job_handover(&id).await.is_err(), "it has not finished");

    daemon.client().finish_job(&id, true).await.expect("it is told");
    let waits = async |daemon: &Daemon, why: &str| {
        until(PATIENCE, why, async || {
            let job = now(daemon).await;
            assert_ne!(job.state, JobState::Complete, "it still waits");
            job.progress.and_then(|p| p.finishes_when).is_some_and(|when| when.contains(why))
        })
        .await;
    };
    waits(&daemon, "it takes writes").await;
    // Over a kill too; and what is written meanwhile comes.
    daemon.kill9();
    exec(&mut conn, "INSERT INTO a (n) VALUES (4)").await;
    daemon.restart().await;
    waits(&daemon, "it takes writes").await;
    // One that has written and has not ended: whoever may write all the same could commit it.
    let mut open = connect(&from).await;
    exec_all(&mut open, ["BEGIN".to_owned(), format!("INSERT INTO `{schema}`.a (n) VALUES (5)")]).await;
    exec(&mut conn, "SET GLOBAL read_only = ON").await;
    waits(&daemon, "transactions are over").await;
    exec(&mut open, "COMMIT").await;
    until(PATIENCE, "it is complete", async || now(&daemon).await.state == JobState::Complete).await;

    let handover = daemon.client().job_handover(&id).await.expect("it has one");
    let show = if flavor == Flavor::Mysql { "SHOW BINARY LOG STATUS" } else { "SHOW MASTER STATUS" };
    let at = rows(&mut conn, show).await.remove(0);
    assert!(handover.source_read_only && handover.unknown.is_empty(), "{handover:?}");
    assert_eq!((Some(handover.source.file.clone()), Some(handover.source.file_position.to_string())), (at[0].clone(), at[1].clone()));
    let gtid = if flavor == Flavor::Mysql { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" };
    assert_eq!(Some(handover.source.gtid.clone()), one(&mut conn, gtid).await);
    assert!(!handover.target.file.is_empty());
    let missing: Vec<_> = handover.missing.iter().map(|m| (m.kind.as_str(), m.name.as_str())).collect();
    let sequence = (flavor == Flavor::Mariadb).then_some(("SEQUENCE", "sq"));
    let all: Vec<_> =
        [("EVENT", "ev"), ("PROCEDURE", "pr")].into_iter().chain(sequence).chain([("TRIGGER", "tr"), ("VIEW", "v")]).collect();
    assert_eq!(missing, all);
    if flavor == Flavor::Mariadb {
        assert!(handover.counters.iter().any(|c| c.name == "sq" && c.target.is_none() && c.source > 1), "{handover:?}");
        let mut there = connect(&to).await;
        exec(&mut there, &format!("CREATE SEQUENCE `{schema}`.sq")).await;
        let raise = handover.counters.iter().find(|c| c.name == "sq").expect("it is listed");
        exec(&mut there, &raise.statement).await;
        assert_eq!(one(&mut there, &format!("SELECT NEXT VALUE FOR `{schema}`.sq")).await, Some(raise.source.to_string()));
    }
    let events = daemon.client().job_events(&id).await.unwrap().events;
    assert!(events.iter().any(|e| e.message.starts_with("handover: source ")), "{events:?}");
    let mut target = connect(&to).await;
    assert_eq!(count(&mut target, &format!("`{schema}`.a")).await, 4, "all that was committed");
    assert_eq!(count(&mut conn, "a").await, 4);
    exec(&mut conn, "SET GLOBAL read_only = OFF").await;
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_ends_when_its_source_is_read_only_mariadb() {
    cut_over(Flavor::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_ends_when_its_source_is_read_only_mysql() {
    cut_over(Flavor::Mysql).await;
}

/// Told otherwise, it does not wait for that any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_waits_for_its_source_can_be_told_to_end_now() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = scratch("cutovernow", &[from]).await;
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id INT PRIMARY KEY)")).await;
    let daemon = Daemon::start(&[]).await;
    let mut create = job(&format!("now-{schema}"), from, to, &schema);
    create.kind = JobKind::Migration;
    let id = daemon.client().create_job(&create).await.expect("the job is created").id;
    daemon.client().finish_job(&id, true).await.expect("it is told");
    let now = async || daemon.client().job(&id).await.expect("the job is there");
    until(PATIENCE, "it waits", async || now().await.progress.is_some_and(|p| p.finishes_when.is_some())).await;
    daemon.client().finish_job(&id, false).await.expect("it is told otherwise");
    until(PATIENCE, "it is complete", async || now().await.state == JobState::Complete).await;
    assert!(!daemon.client().job_handover(&id).await.expect("it has one").source_read_only);
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

/// An account that may read the job's tables and the log is not shown everything that a job leaves out: then that is said.
async fn few_privileges(from: &servers::Server, to: &servers::Server) {
    let schema = scratch("handover_few", &[from, to]).await;
    let mut conn = connect(from).await;
    exec(&mut conn, &format!("USE `{schema}`")).await;
    let account = format!("few_{schema}");
    exec_all(
        &mut conn,
        [
            "CREATE TABLE a (id INT PRIMARY KEY)".to_owned(),
            "CREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW SET NEW.id = NEW.id".to_owned(),
            "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1".to_owned(),
            "CREATE PROCEDURE pr() SELECT 1".to_owned(),
            format!("DROP USER IF EXISTS '{account}'@'%'"),
            format!("CREATE USER '{account}'@'%' IDENTIFIED BY 'few'"),
            format!("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '{account}'@'%'"),
            format!("GRANT SELECT ON `{schema}`.* TO '{account}'@'%'"),
        ],
    )
    .await;
    let mut target = connect(to).await;
    exec_all(
        &mut target,
        [
            format!("DROP USER IF EXISTS '{account}'@'%'"),
            format!("CREATE USER '{account}'@'%' IDENTIFIED BY 'few'"),
            format!("GRANT ALL PRIVILEGES ON `{schema}`.* TO '{account}'@'%'"),
            format!("GRANT ALL PRIVILEGES ON syncline.* TO '{account}'@'%'"),
        ],
    )
    .await;
    let daemon = Daemon::start(&[]).await;
    let handed_over = async |name: &str| {
        let mut create = job(&format!("{name}-{schema}"), from, to, &schema);
        (create.source.user, create.source.password) = (account.clone(), "few".to_owned());
        let there = create.target.as_mut().expect("it has a target");
        (there.user, there.password) = (account.clone(), "few".to_owned());
        create.kind = JobKind::Migration;
        create.existing_tables = syncline::wire::native::jobs::ExistingTable::Upsert;
        let looked = daemon.client().create_job_dry_run(&create).await.expect("it is looked at");
        let grants = (looked.source_grants, looked.target_grants);
        let id = daemon.client().create_job(&create).await.expect("the job is created").id;
        let state = async |is: JobState| daemon.client().job(&id).await.expect("the job is there").state == is;
        until(PATIENCE, "it streams", async || state(JobState::Streaming).await).await;
        daemon.client().finish_job(&id, false).await.expect("it is told");
        until(PATIENCE, "it is complete", async || state(JobState::Complete).await).await;
        let handover = daemon.client().job_handover(&id).await.expect("it has one");
        daemon.client().delete_job(&id, false).await.expect("the job is deleted");
        (handover, grants)
    };
    let (blind, grants) = handed_over("blind").await;
    assert!(blind.missing.is_empty() && blind.unknown.len() == 4, "{blind:?}");
    assert!(blind.target.unsaid && blind.unknown[0].starts_with("where the target's log stands: "), "{blind:?}");
    for kind in ["events", "triggers", "routines"] {
        assert!(blind.unknown.iter().any(|what| what.starts_with(&format!("the {kind} of schema {schema}: "))), "{blind:?}");
    }
    exec_all(&mut conn, grants.0).await;
    exec_all(&mut target, grants.1).await;
    let (sees, _) = handed_over("sees").await;
    let missing: Vec<_> = sees.missing.iter().map(|m| (m.kind.as_str(), m.name.as_str())).collect();
    assert_eq!((missing, sees.unknown), (vec![("EVENT", "ev"), ("PROCEDURE", "pr"), ("TRIGGER", "tr")], vec![]));
    assert!(!sees.target.unsaid && !sees.target.file.is_empty(), "{:?}", sees.target);
    exec(&mut target, &format!("DROP USER '{account}'@'%'")).await;
    exec(&mut conn, &format!("DROP USER '{account}'@'%'")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_account_is_not_shown_is_said_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    few_privileges(from, to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_account_is_not_shown_is_said_mysql() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    few_privileges(from, to).await;
}
