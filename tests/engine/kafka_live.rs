//! What a subscription tells while it lives: figures per topic, partitions that change.

use super::kafka::{caught_up, job};
use crate::support::broker;
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql::{connect, exec, exec_all, scratch};
use crate::support::until::{until, until_some};
use serde_json::{Value, json};
use std::time::Duration;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs::{Job, JobState, TopicProgress};

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

#[tokio::test(flavor = "multi_thread")]
async fn rows_between_two_changes_are_read_by_the_members_and_charsets_of_their_time() {
    for source in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let Some(broker) = broker::kafka() else { return };
        let schema = scratch("kafkatime", &[source]).await;
        let mut conn = connect(source).await;
        exec(&mut conn, &format!("USE `{schema}`")).await;
        let create = "CREATE TABLE a (id INT PRIMARY KEY, other INT NOT NULL, e ENUM('one', 'two'), s SET('x', 'y'), \
                      c VARCHAR(10) CHARACTER SET utf8mb4, g GEOMETRY)";
        exec(&mut conn, create).await;
        let daemon = Daemon::start(&[]).await;
        let name = format!("time-{}-{schema}", source.flavor.as_str());
        let id = format!("{name}-subscription");
        let kafka = json!({ "topic": name, "message_schema": false });
        daemon.client().create_job(&job(&name, source, broker, &schema, kafka)).await.expect("the job is created");
        caught_up(&daemon, source, &id).await;
        daemon.client().pause_job(&id).await.expect("it pauses");
        until(Duration::from_secs(30), "it is paused", async || {
            daemon.client().job(&id).await.expect("the job is there").state == JobState::Paused
        })
        .await;
        exec_all(
            &mut conn,
            [
                "INSERT INTO a VALUES (1, 1, 'two', 'y', 'é', NULL)",
                "ALTER TABLE a MODIFY e ENUM('zero', 'it''s', 'two'), MODIFY s SET('w', 'x', 'y'), MODIFY c VARCHAR(10) CHARACTER SET latin1",
                "INSERT INTO a VALUES (2, 2, 'it''s', 'w,y', 'é', NULL)",
                "ALTER TABLE a MODIFY e ENUM('two', 'it''s', 'four', 'zero'), MODIFY s SET('y', 'w', 'x'), MODIFY c VARCHAR(10) CHARACTER SET cp1250",
                "INSERT INTO a VALUES (3, 3, 'four', 'x', 'ř', NULL)",
                "ALTER TABLE a DROP PRIMARY KEY, ADD PRIMARY KEY (other)",
                "INSERT INTO a VALUES (4, 5, 'zero', 'w', 'ř', NULL)",
                "ALTER TABLE a DROP PRIMARY KEY, ADD PRIMARY KEY (id, other), MODIFY e ENUM('zero', 'four', 'two', 'it''s')",
            ],
        )
        .await;
        daemon.client().resume_job(&id).await.expect("it goes on");
        caught_up(&daemon, source, &id).await;
        let mut rows: Vec<(serde_json::Value, serde_json::Value)> = broker
            .read(&name)
            .await
            .into_iter()
            .map(|r| (r.value.expect("a change")["after"].clone(), serde_json::from_slice(&r.key.expect("a key")).expect("JSON")))
            .collect();
        rows.sort_by_key(|r| r.0["id"].as_i64());
        let (two, three, four) = (json!({ "id": 2 }), json!({ "id": 3 }), json!({ "other": 5 }));
        assert_eq!(rows[0].0, json!({ "id": 1, "other": 1, "e": "two", "s": "y", "c": "é", "g": null }));
        assert_eq!(rows[1], (json!({ "id": 2, "other": 2, "e": "it's", "s": "w,y", "c": "é", "g": null }), two));
        assert_eq!(rows[2], (json!({ "id": 3, "other": 3, "e": "four", "s": "x", "c": "ř", "g": null }), three));
        assert_eq!(rows[3], (json!({ "id": 4, "other": 5, "e": "zero", "s": "w", "c": "ř", "g": null }), four));
        daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_key_is_named_and_maxwell_says_where_a_transaction_ends() {
    for source in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let Some(broker) = broker::kafka() else { return };
        let schema = scratch("kafkaends", &[source]).await;
        let mut conn = connect(source).await;
        exec(&mut conn, &format!("USE `{schema}`")).await;
        exec(&mut conn, "CREATE TABLE a (id INT PRIMARY KEY, v INT)").await;
        exec(&mut conn, "CREATE TABLE b (id INT PRIMARY KEY, v INT)").await;
        let daemon = Daemon::start(&[]).await;
        let (debezium, maxwell) = (format!("ends-d-{schema}"), format!("ends-m-{schema}"));
        let of = |name: &str| format!("{name}-subscription");
        for (name, format) in [(&debezium, "debezium"), (&maxwell, "maxwell")] {
            let kafka = json!({ "topic": name, "format": format, "message_schema": false });
            daemon.client().create_job(&job(name, source, broker, &schema, kafka)).await.expect("the job is created");
            caught_up(&daemon, source, &of(name)).await;
        }
        let transaction = [
            "START TRANSACTION",
            "INSERT INTO a VALUES (1, 1), (2, 1)",
            "INSERT INTO b VALUES (1, 1)",
            "UPDATE a SET id = 9 WHERE id = 1",
            "COMMIT",
            "INSERT INTO b VALUES (2, 1)",
        ];
        exec_all(&mut conn, transaction).await;
        for name in [&debezium, &maxwell] {
            caught_up(&daemon, source, &of(name)).await;
        }
        let mut sent = broker.read(&debezium).await;
        sent.retain(|r| !r.headers.is_empty());
        let told: Vec<(bool, &str, String)> = sent
            .iter()
            .map(|r| (r.value.is_none(), r.headers[0].0.as_str(), String::from_utf8(r.headers[0].1.clone()).expect("JSON")))
            .collect();
        let (new, old) = (("__debezium.newkey", r#"{"id":9}"#), ("__debezium.oldkey", r#"{"id":1}"#));
        for (tombstone, (name, key)) in [(false, new), (true, new), (false, old)] {
            assert_eq!(told.iter().filter(|t| **t == (tombstone, name, key.to_owned())).count(), 1, "{told:?}");
        }
        assert_eq!(told.len(), 3);

        let mut rows: Vec<Value> = broker.read(&maxwell).await.into_iter().map(|r| r.value.expect("Maxwell has no tombstones")).collect();
        rows.sort_by_key(|r| (r["xid"].as_u64(), r["xoffset"].as_u64(), r["type"] == "insert"));
        let told: Vec<(&str, u64, bool)> = rows
            .iter()
            .map(|r| (r["type"].as_str().expect("a text"), r["xoffset"].as_u64().expect("a number"), r["commit"] == true))
            .collect();
        let expected = [
            ("insert", 0, false),
            ("insert", 1, false),
            ("insert", 2, false),
            ("delete", 3, false),
            ("insert", 3, true),
            ("insert", 0, true),
        ];
        assert_eq!(told, expected);
        assert!(rows[..5].iter().all(|r| r["xid"].is_u64() && r["xid"] == rows[0]["xid"]) && rows[5]["xid"] != rows[0]["xid"], "{rows:?}");
        for name in [&debezium, &maxwell] {
            daemon.client().delete_job(&of(name), false).await.expect("the job is deleted");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_table_on_a_busy_server_keeps_its_place_and_heartbeats_tell_that_the_job_lives() {
    // Servers of its own: what others write while the daemon is away would be read too.
    for source in [servers::own(Flavor::Mariadb, "quiet"), servers::own(Flavor::Mysql, "quiet")].iter().flatten() {
        let Some(broker) = broker::kafka() else { return };
        let schema = scratch("kafkaquiet", &[source]).await;
        let busy = scratch("kafkabusy", &[source]).await;
        let mut conn = connect(source).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id INT PRIMARY KEY)")).await;
        exec(&mut conn, &format!("CREATE TABLE `{busy}`.b (id INT PRIMARY KEY)")).await;
        let mut daemon = Daemon::start(&[]).await;
        let name = format!("quiet-{schema}");
        let id = format!("{name}-subscription");
        let beats = format!("{name}-beats");
        let kafka = json!({ "topic": name, "message_schema": false, "heartbeat_topic": beats, "heartbeat_seconds": 1 });
        daemon.client().create_job(&job(&name, source, broker, &schema, kafka)).await.expect("the job is created");
        caught_up(&daemon, source, &id).await;
        exec(&mut conn, &format!("INSERT INTO `{busy}`.b VALUES (1), (2)")).await;
        exec(&mut conn, "FLUSH BINARY LOGS").await;
        exec(&mut conn, &format!("INSERT INTO `{busy}`.b VALUES (3)")).await;
        caught_up(&daemon, source, &id).await;
        daemon.kill9();
        daemon.restart().await;
        caught_up(&daemon, source, &id).await;
        let after = daemon.client().job(&id).await.expect("the job is there").progress.expect("it runs");
        assert_eq!(after.transactions_read, 0, "nothing was read again: {after:?}");
        until(Duration::from_secs(20), "heartbeats go on", async || broker.read(&beats).await.len() >= 4).await;
        let sent = broker.read(&beats).await;
        let times: Vec<i64> = sent.iter().map(|r| r.value.as_ref().expect("a value")["ts_ms"].as_i64().expect("a time")).collect();
        assert!(times.windows(2).all(|w| w[0] < w[1]) && sent.iter().all(|r| r.partition == 0), "{sent:?}");
        assert_eq!(sent[0].key.as_deref(), Some(format!(r#"{{"serverName":"{name}"}}"#).as_bytes()));
        daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_told_with_what_is_in_them() {
    for source in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let Some(broker) = broker::kafka() else { return };
        let schema = scratch("kafkatx", &[source]).await;
        let mut conn = connect(source).await;
        exec(&mut conn, &format!("USE `{schema}`")).await;
        exec(&mut conn, "CREATE TABLE a (id INT PRIMARY KEY, v LONGTEXT)").await;
        exec(&mut conn, "CREATE TABLE b (id INT PRIMARY KEY, v INT)").await;
        let daemon = Daemon::start(&[]).await;
        let name = format!("tx-{schema}");
        let id = format!("{name}-subscription");
        let told = format!("{name}.transaction");
        let kafka = json!({ "topic": name, "message_schema": false, "transaction_topic": told });
        daemon.client().create_job(&job(&name, source, broker, &schema, kafka)).await.expect("the job is created");
        caught_up(&daemon, source, &id).await;
        let transaction = [
            "START TRANSACTION",
            "INSERT INTO a VALUES (1, 'x')",
            "INSERT INTO b VALUES (1, 1), (2, 1)",
            "UPDATE a SET id = 9 WHERE id = 1",
            "COMMIT",
            // Larger than what is held of a transaction.
            "START TRANSACTION",
            "INSERT INTO a VALUES (11, REPEAT('x', 800000)), (12, REPEAT('x', 800000)), (13, REPEAT('x', 800000))",
            "INSERT INTO a VALUES (14, REPEAT('x', 800000)), (15, REPEAT('x', 800000)), (16, REPEAT('x', 800000))",
            "INSERT INTO b VALUES (11, 1)",
            "COMMIT",
        ];
        exec_all(&mut conn, transaction).await;
        caught_up(&daemon, source, &id).await;
        let sent: Vec<Value> = broker.read(&told).await.into_iter().map(|r| r.value.expect("a value")).collect();
        let of = |status: &str| sent.iter().filter(|v| v["status"] == status).collect::<Vec<_>>();
        assert_eq!((of("BEGIN").len(), of("END").len()), (2, 2), "{sent:?}");
        let counts = |v: &Value| {
            let per_table =
                |c: &Value| (c["data_collection"].as_str().expect("a name").to_owned(), c["event_count"].as_u64().expect("a number"));
            (v["event_count"].as_u64(), v["data_collections"].as_array().expect("a list").iter().map(per_table).collect::<Vec<_>>())
        };
        let (a, b) = (format!("{schema}.a"), format!("{schema}.b"));
        let small = of("END").into_iter().find(|v| v["event_count"] == 5).expect("the first");
        assert_eq!(counts(small), (Some(5), vec![(a.clone(), 3), (b.clone(), 2)]));
        let large = of("END").into_iter().find(|v| v["event_count"] == 7).expect("the second");
        assert_eq!(counts(large), (Some(7), vec![(a, 6), (b, 1)]));
        let rows: Vec<Value> = broker.read(&name).await.into_iter().filter_map(|r| r.value).collect();
        for end in [small, large] {
            let mut places: Vec<(u64, u64, bool)> = rows
                .iter()
                .filter(|r| r["transaction"]["id"] == end["id"])
                .map(|r| {
                    let number = |field: &str| r["transaction"][field].as_u64().expect("a number");
                    (number("total_order"), number("data_collection_order"), r["source"]["table"] == "a")
                })
                .collect();
            places.sort_unstable();
            let expected: Vec<(u64, u64, bool)> = if end["event_count"] == 5 {
                vec![(1, 1, true), (2, 1, false), (3, 2, false), (4, 2, true), (5, 3, true)]
            } else {
                (1..=6).map(|n| (n, n, true)).chain([(7, 1, false)]).collect()
            };
            assert_eq!(places, expected);
        }
        assert!(rows.iter().all(|r| r["source"]["ts_ms"].as_i64().is_some_and(|t| t > 0)), "parts of a transaction have its time");
        daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    }
}
