//! A comparison that the daemon took with it is told, and can be begun again.

use super::kill::job;
use super::replicate_zoo::drop_at;
use super::verify_late::streams;
use crate::support::daemon::Daemon;
use crate::support::line::Line;
use crate::support::servers;
use crate::support::sql;
use crate::support::until::until;
use std::time::Duration;
use syncline::wire::native::verify::VerifyRequest;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_that_died_with_its_daemon_says_so() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("verifykilled", &[from]).await;
    drop_at(to, &schema).await;
    let mut source = sql::connect(from).await;
    let create = format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)");
    sql::exec_all(&mut source, [create, format!("INSERT INTO `{schema}`.t VALUES (1)")]).await;
    let mut line = Line::to(from).await;
    let mut daemon = Daemon::start(&[]).await;
    let mut create = job(&schema, from, to, &schema);
    create.source.port = line.port;
    let id = daemon.client().create_job(&create).await.expect("the job is created").id;
    streams(&daemon, &id).await;
    // It asks a server that is away until the daemon is.
    line.cut().await;
    let begun = daemon.client().verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    daemon.kill9();
    line.mend().await;
    daemon.restart().await;
    let seen = daemon.client().verification(&id, begun.number).await.expect("it is there");
    assert_eq!((seen.state.as_str(), seen.ended.is_some()), ("interrupted", true), "{seen:?}");
    assert!(seen.error.contains("the daemon"), "{seen:?}");
    let told = format!("comparison {} ended with the daemon", begun.number);
    until(PATIENCE, "it is among the job's events", async || {
        let events = daemon.client().job_events(&id).await.expect("it is told");
        events.events.iter().any(|e| e.message.starts_with(&told))
    })
    .await;
}
