//! A target that turns read-only under a running job makes the job wait with the reason; it goes on by itself.

use super::kill::job;
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, count, exec, exec_all, scratch};
use crate::support::until::until;
use std::time::Duration;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs::JobState;

async fn waits_and_goes_on(source: &'static Server, target: &Server) {
    let schema = scratch("readonly", &[source, target]).await;
    let (mut from, mut to) = (connect(source).await, connect(target).await);
    // The account of the tests may write to a server that is read-only.
    let only = if target.is_mysql() { "super_read_only" } else { "read_only" };
    let account = ["CREATE USER 'plain'@'%' IDENTIFIED BY 'plain'", "GRANT ALL PRIVILEGES ON *.* TO 'plain'@'%'"];
    exec_all(&mut to, account.map(str::to_owned)).await;
    if !target.is_mysql() {
        exec(&mut to, "REVOKE READ ONLY ADMIN ON *.* FROM 'plain'@'%'").await;
    }
    exec(&mut from, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
    exec(&mut from, &format!("INSERT INTO `{schema}`.t VALUES (1)")).await;
    let daemon = Daemon::start(&[]).await;
    let name = format!("readonly-{schema}");
    let mut create = job(&name, source, target, &schema);
    (create.target.user, create.target.password) = ("plain".into(), "plain".into());
    let id = daemon.client().create_job(&create).await.expect("the job is created").id;
    let streams = async || daemon.client().job(&id).await.expect("the job is there").state == JobState::Streaming;
    until(Duration::from_secs(60), "the job streams", streams).await;

    exec(&mut to, &format!("SET GLOBAL {only} = 1")).await;
    exec(&mut from, &format!("INSERT INTO `{schema}`.t VALUES (2)")).await;
    // Once while it writes, and again where a new run looks at the target before it starts.
    for words in ["read", "is read-only"] {
        until(Duration::from_secs(60), "the job waits and says why", async || {
            let job = daemon.client().job(&id).await.expect("the job is there");
            assert!(job.failure.is_none(), "{:?}", job.failure);
            job.state == JobState::Waiting && job.reason.contains(words)
        })
        .await;
    }
    assert_eq!(count(&mut to, &format!("`{schema}`.t")).await, 1);
    exec(&mut to, &format!("SET GLOBAL {only} = 0")).await;
    until(Duration::from_secs(90), "the change arrives", async || count(&mut to, &format!("`{schema}`.t")).await == 2).await;
    until(Duration::from_secs(60), "the job streams again", streams).await;
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_turns_read_only_is_waited_for_mariadb() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::own(Flavor::Mariadb, "readonly")) else { return };
    waits_and_goes_on(source, &target).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_turns_read_only_is_waited_for_mysql() {
    let (Some(source), Some(target)) = (servers::mysql(1), servers::own(Flavor::Mysql, "readonly")) else { return };
    waits_and_goes_on(source, &target).await;
}
