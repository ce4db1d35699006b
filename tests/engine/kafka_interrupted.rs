//! Snapshots into Kafka that are interrupted: what was published and then deleted, or given another key, before the table
//! is read anew does not stay in the topic, and no older image comes after a newer one.

use super::kafka::{caught_up, held, job, load, plain, replayed, state, writer};
use crate::support::broker::{self, Broker};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec_all, scratch};
use crate::support::until::until;
use serde_json::json;
use std::time::Duration;
use syncline::wire::native::jobs::JobState;

#[derive(Debug, Clone, Copy)]
enum By {
    Kill,
    Pause,
}

async fn interrupted(source: &'static Server, broker: &Broker, by: By) {
    let schema = scratch("kafkaghost", &[source]).await;
    load(source, &schema).await;
    let name = format!("ghost-{schema}");
    let id = format!("{name}-subscription");
    let mut daemon = Daemon::start(&[]).await;
    let mut create = serde_json::to_value(job(&name, source, broker, &schema, plain(&name))).expect("a job is a document");
    create["max_rows_per_second"] = json!(4_000);
    let create = serde_json::from_value(create).expect("a job with limits");
    daemon.client().create_job(&create).await.expect("the job is created");
    let mut conn = connect(source).await;
    for round in 0..3 {
        until(Duration::from_secs(120), "a part is published", async || {
            let job = daemon.client().job(&id).await.expect("the job is there");
            assert!(!matches!(job.state, JobState::Streaming | JobState::Lagging | JobState::Failed), "{:?} {:?}", job.state, job.failure);
            job.progress.unwrap_or_default().rows_copied > 1_000
        })
        .await;
        match by {
            By::Kill => daemon.kill9(),
            By::Pause => drop(daemon.client().pause_job(&id).await.expect("it pauses")),
        }
        let from = round * 100;
        let changes = [
            format!("DELETE FROM `{schema}`.a WHERE id BETWEEN {from} AND {from} + 50"),
            format!("UPDATE `{schema}`.a SET id = id + 1000000, version = version + 1 WHERE id BETWEEN {from} + 60 AND {from} + 70"),
            format!("UPDATE `{schema}`.a SET version = version + 1 WHERE id BETWEEN {from} + 80 AND {from} + 99"),
        ];
        exec_all(&mut conn, changes).await;
        match by {
            By::Kill => daemon.restart().await,
            By::Pause => drop(daemon.client().resume_job(&id).await.expect("it goes on")),
        }
    }
    // The last time changes come while the log is followed and the snapshot opened.
    let writer = writer(source, schema.clone());
    until(Duration::from_secs(180), "the snapshot is over", async || {
        matches!(state(&daemon, &id).await, JobState::Streaming | JobState::Lagging | JobState::Throttled)
    })
    .await;
    writer.finish().await;
    caught_up(&daemon, source, &id).await;
    let (found, expected) = (replayed(&broker.read(&name).await), held(source, &schema).await);
    let ghosts: Vec<_> = found.keys().filter(|id| !expected.contains_key(id)).collect();
    assert!(ghosts.is_empty(), "{by:?}: rows that the source does not have any more: {ghosts:?}");
    assert_eq!(found, expected, "{by:?}");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_and_is_gone_is_told_mariadb() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    interrupted(source, broker, By::Kill).await;
    interrupted(source, broker, By::Pause).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_and_is_gone_is_told_mysql() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    interrupted(source, broker, By::Kill).await;
}
