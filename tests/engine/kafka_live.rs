//! What a subscription tells while it lives: figures per topic, partitions that change.

use super::kafka::{caught_up, job};
use crate::support::broker;
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql::{connect, exec, scratch};
use crate::support::until::{until, until_some};
use serde_json::json;
use std::time::Duration;
use syncline::wire::native::jobs::{Job, TopicProgress};

fn topics(job: &Job) -> Vec<TopicProgress> {
    job.progress.clone().unwrap_or_default().topics
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_counted_over_kills_and_a_changed_partition_count_is_told() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = scratch("kafkatopics", &[source]).await;
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("USE `{schema}`")).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id INT PRIMARY KEY, v INT)")).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.b (id INT PRIMARY KEY, v INT)")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a SELECT seq, 0 FROM seq_1_to_100")).await;
    let (a, b) = (format!("{schema}-a"), format!("{schema}-b"));
    broker.create_topic(&a, 2).await;
    let mut daemon = Daemon::start(&[]).await;
    let name = format!("topics-{schema}");
    let id = format!("{name}-subscription");
    let kafka = json!({ "topic": "{schema}-{table}", "message_schema": false });
    daemon.client().create_job(&job(&name, source, broker, &schema, kafka)).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    exec(&mut conn, &format!("UPDATE `{schema}`.a SET v = 1 WHERE id <= 10")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.b VALUES (1, 1)")).await;
    exec(&mut conn, &format!("DELETE FROM `{schema}`.b")).await;
    caught_up(&daemon, source, &id).await;
    let counted = |job: &Job| topics(job).iter().map(|t| (t.topic.clone(), t.messages)).collect::<Vec<_>>();
    let expected = [(a.clone(), 110), (b.clone(), 3)];
    let shown = until_some(Duration::from_secs(10), "the topics are counted", async || {
        Some(daemon.client().job(&id).await.expect("the job is there")).filter(|j| counted(j) == expected)
    })
    .await;
    let sizes: Vec<u64> = topics(&shown).iter().map(|t| t.bytes).collect();
    assert!(topics(&shown)[0].partitions == 2 && sizes.iter().all(|n| *n > 500), "{shown:?}");
    until(Duration::from_secs(20), "the figures are stored", async || {
        daemon.client().runs(&Default::default()).await.expect("it answers").runs.iter().any(|r| r.rows_applied == 12)
    })
    .await;

    daemon.kill9();
    // More partitions while nobody looks: it is told all the same.
    broker.add_partitions(&a, 3).await;
    daemon.restart().await;
    exec(&mut conn, &format!("UPDATE `{schema}`.a SET v = 2 WHERE id = 1")).await;
    caught_up(&daemon, source, &id).await;
    let told = async |count: u32| {
        let what = format!("topic {a} has {count} partitions");
        until_some(Duration::from_secs(40), "the change is noted", async || {
            let job = daemon.client().job(&id).await.expect("the job is there");
            let noted = job.progress.as_ref().is_some_and(|p| p.notes.iter().any(|n| n.what.starts_with(&what)));
            Some(job).filter(|j| noted && topics(j).first().is_some_and(|t| t.messages >= 111))
        })
        .await
    };
    let shown = told(3).await;
    assert!(topics(&shown)[0].partitions == 3 && counted(&shown)[0].1 >= 111, "{shown:?}");
    broker.add_partitions(&a, 8).await;
    told(8).await;
    exec(&mut conn, &format!("UPDATE `{schema}`.a SET v = 3")).await;
    caught_up(&daemon, source, &id).await;
    let used: std::collections::HashSet<i32> = broker.read(&a).await.iter().map(|r| r.partition).collect();
    assert!(used.len() > 3, "the new partitions are used: {used:?}");
    let events = daemon.client().job_events(&id).await.expect("it answers").events;
    assert_eq!(events.iter().filter(|e| e.message.contains("8 partitions and had 3")).count(), 1, "{events:?}");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}
