//! Two daemons and one job: whom another took it from lets go of it, whatever it was doing, and takes nothing with it.

use super::kill::job;
use super::replicate_zoo::drop_at;
use super::verify_late::{ended, streams};
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql::{connect, exec_all, scratch};
use crate::support::until::until;
use crate::support::writer::Writer;
use std::time::Duration;
use syncline::wire::native::jobs::JobState;
use syncline::wire::native::verify::VerifyRequest;

const PATIENCE: Duration = Duration::from_secs(60);

async fn is_taken_over(daemon: &Daemon, id: &str) {
    let code = async || daemon.client().job(id).await.ok().and_then(|job| job.failure).map(|failure| failure.code);
    until(PATIENCE, "it lets go", async || code().await.as_deref() == Some("taken_over")).await;
}

/// Once it runs under writes, once it rests, once its daemon is down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_daemon_that_lost_a_job_leaves_it_alone() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let schema = scratch("takenover", &[from]).await;
    drop_at(to, &schema).await;
    let create = format!("CREATE TABLE `{schema}`.t (id BIGINT PRIMARY KEY, n INT NOT NULL)");
    let fill = format!("INSERT INTO `{schema}`.t SELECT seq, 0 FROM seq_1_to_1000");
    exec_all(&mut connect(from).await, [format!("USE `{schema}`"), create, fill]).await;
    let wanted = job(&schema, from, to, &schema);
    let mut first = Daemon::start(&[]).await;
    let id = first.client().create_job(&wanted).await.expect("the job is created").id;
    streams(&first, &id).await;

    let mut fresh = 1000;
    let table = format!("`{schema}`.t");
    let writer = Writer::start(from, move |pick| {
        fresh += 1;
        vec![format!("INSERT INTO {table} VALUES ({fresh}, 1)"), format!("UPDATE {table} SET n = n + 1 WHERE id = {}", pick.below(1000))]
    });
    let second = Daemon::start(&[]).await;
    assert_eq!(second.client().create_job(&wanted).await.expect("it is created there, too").id, id);
    is_taken_over(&first, &id).await;
    streams(&second, &id).await;
    let restarts = second.client().job(&id).await.expect("it is there").run.map_or(0, |run| run.restarts);
    assert!(restarts <= 1, "nobody fights for it: {restarts}");
    let gone = first.client().delete_job(&id, false).await.expect("it goes");
    assert!(gone.note.contains("another daemon has this job now"), "{gone:?}");

    // Taken back, then lost again as it rests; and as its daemon is down.
    first.client().create_job(&wanted).await.expect("it is created again");
    is_taken_over(&second, &id).await;
    streams(&first, &id).await;
    first.client().pause_job(&id).await.expect("it rests");
    until(PATIENCE, "it rests", async || first.client().job(&id).await.is_ok_and(|job| job.state == JobState::Paused)).await;
    second.client().retry_job(&id).await.expect("it is taken back");
    streams(&second, &id).await;
    let gone = first.client().delete_job(&id, false).await.expect("it goes");
    assert!(gone.note.contains("another daemon has this job now"), "{gone:?}");

    first.client().create_job(&wanted).await.expect("it is created again");
    is_taken_over(&second, &id).await;
    streams(&first, &id).await;
    first.kill9();
    second.client().retry_job(&id).await.expect("it is taken back");
    streams(&second, &id).await;
    first.restart().await;
    is_taken_over(&first, &id).await;

    // A daemon whose clock was an hour ahead has had it: who is told to takes it all the same.
    let ahead = "UPDATE syncline.fence SET epoch = (((epoch >> 20) + 3600000) << 20) | ((epoch & 1048575) ^ 5) WHERE job = ".to_owned();
    exec_all(&mut connect(to).await, [format!("{ahead}'{id}'")]).await;
    is_taken_over(&second, &id).await;
    second.client().retry_job(&id).await.expect("it is taken back");
    streams(&second, &id).await;

    writer.finish().await;
    let begun = second.client().verify_job(&id, &VerifyRequest::default()).await.expect("it begins");
    let found = ended(&second, &id, begun.number).await;
    assert_eq!((found.state.as_str(), found.tables[0].different), ("equal", 0), "{found:?}");
    let target = second.client().job(&id).await.expect("it is there");
    assert_eq!(target.state, JobState::Streaming, "{target:?}");
}
