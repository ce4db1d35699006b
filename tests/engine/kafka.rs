//! Subscriptions into a real Kafka broker: everything arrives at least once, in order per key from the snapshot into the
//! stream, whatever is killed or stands still meanwhile.
//!
//! Every row carries a version that only rises. A consumer that drops what it has seen of (transaction, row) must find
//! each key's versions rising, and end with what the source holds.

use super::sink_zoo::log_end;
use crate::support::broker::{self, Broker, Record};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, rows, scratch};
use crate::support::until::{until, until_some};
use crate::support::writer::Writer;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};
use syncline::wire::native::error::Code;
use syncline::wire::native::jobs::{JobCreate, JobState};
use syncline::wire::native::verify::VerifyRequest;

pub(super) const ROWS: u64 = 20_000;

pub(super) fn job(name: &str, source: &Server, broker: &Broker, schema: &str, kafka: Value) -> JobCreate {
    let e = source.endpoint();
    let mut kafka = kafka;
    kafka["brokers"] = json!([broker.address()]);
    let job = json!({
        "name": name, "kind": "subscription",
        "source": { "host": e.host, "port": e.port, "user": e.user, "password": e.password.expose() },
        "kafka": kafka,
        "include": [{ "schema": schema }],
    });
    serde_json::from_value(job).expect("a job as operators write it")
}

pub(super) fn plain(topic: &str) -> Value {
    json!({ "topic": topic, "format": "debezium", "message_schema": false })
}

/// Updates, deletes, inserts and changes of the key.
pub(super) fn writer(server: &'static Server, schema: String) -> Writer {
    let mut version = 1_000_000_u64;
    Writer::start(server, move |pick| {
        version += 10;
        let (a, b, c) = (pick.below(ROWS), pick.below(ROWS), pick.below(ROWS));
        vec![
            format!("UPDATE `{schema}`.a SET version = {version} WHERE id <= {a} AND id > {a} - 5"),
            format!("DELETE FROM `{schema}`.a WHERE id = {b}"),
            format!("REPLACE INTO `{schema}`.a VALUES ({b}, {version} + 1, 'again')"),
            format!("UPDATE IGNORE `{schema}`.a SET id = id + {ROWS}, version = {version} + 2 WHERE id = {c}"),
        ]
    })
}

pub(super) async fn load(server: &Server, schema: &str) {
    let mut conn = connect(server).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, v VARCHAR(40))")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (1, 1, 'first')")).await;
    let mut have = 1;
    while have < ROWS {
        let more = have.min(ROWS - have);
        exec(&mut conn, &format!("INSERT INTO `{schema}`.a SELECT id + {have}, 1, v FROM `{schema}`.a WHERE id <= {more}")).await;
        have += more;
    }
}

/// What a consumer ends with, which has checked the order on its way.
pub(super) fn replayed(records: &[Record]) -> BTreeMap<i64, (i64, String)> {
    let mut seen = HashSet::new();
    let mut homes: BTreeMap<Vec<u8>, i32> = BTreeMap::new();
    let mut newest: BTreeMap<i64, i64> = BTreeMap::new();
    let mut state = BTreeMap::new();
    for record in records {
        let key = record.key.clone().expect("the table has a key");
        let home = *homes.entry(key).or_insert(record.partition);
        assert_eq!(home, record.partition, "a key has one partition: {record:?}");
        let Some(value) = &record.value else { continue };
        let source = &value["source"];
        let snapshot = value["op"] == "r";
        if !snapshot && !seen.insert((source["gtid"].to_string(), source["row"].to_string(), value["op"].to_string())) {
            continue;
        }
        let image = if value["after"].is_null() { &value["before"] } else { &value["after"] };
        let (id, version) = (image["id"].as_i64().unwrap(), image["version"].as_i64().unwrap());
        let last = newest.entry(id).or_insert(0);
        // A repeated snapshot is newer or the same; a delete has the version of what it deletes.
        assert!(version >= *last, "row {id} goes back from {last} to {version}: {value}");
        *last = version;
        if value["op"] == "d" {
            state.remove(&id);
        } else {
            state.insert(id, (version, image["v"].as_str().unwrap_or_default().to_owned()));
        }
    }
    state
}

pub(super) async fn held(server: &Server, schema: &str) -> BTreeMap<i64, (i64, String)> {
    let mut conn = connect(server).await;
    let number = |text: &Option<String>| text.as_deref().and_then(|t| t.parse().ok()).expect("a number");
    let found = rows(&mut conn, &format!("SELECT id, version, v FROM `{schema}`.a")).await;
    found.iter().map(|r| (number(&r[0]), (number(&r[1]), r[2].clone().unwrap_or_default()))).collect()
}

pub(super) async fn state(daemon: &Daemon, id: &str) -> JobState {
    daemon.client().job(id).await.expect("the job is there").state
}

/// Waits until what the source has logged by now is kept as delivered. The job's own figure of where the source stands may
/// be of before a pause or a kill.
pub(super) async fn caught_up(daemon: &Daemon, source: &Server, id: &str) {
    let end = log_end(source, &mut connect(source).await).await;
    until(Duration::from_secs(180), "the job has caught up", async || {
        let job = daemon.client().job(id).await.expect("the job is there");
        assert_ne!(job.state, JobState::Failed, "{:?}", job.failure);
        let at = job.progress.unwrap_or_default();
        matches!(job.state, JobState::Streaming | JobState::Lagging) && (at.file, at.file_position) >= end
    })
    .await;
}

async fn everything_arrives_in_order(source: &'static Server, broker: &Broker) {
    let schema = scratch("kafka", &[source]).await;
    load(source, &schema).await;
    let writer = writer(source, schema.clone());
    let daemon = Daemon::start(&[]).await;
    let name = format!("{}-{schema}", source.flavor.as_str());
    let id = format!("{name}-subscription");
    broker.create_topic(&name, 3).await;
    daemon.client().create_job(&job(&name, source, broker, &schema, plain(&name))).await.expect("the job is created");
    until(Duration::from_secs(120), "the snapshot is over", async || {
        matches!(state(&daemon, &id).await, JobState::Streaming | JobState::Lagging)
    })
    .await;
    let before = writer.done();
    until(Duration::from_secs(60), "more is written", async || writer.done() > before + 200).await;
    writer.finish().await;
    caught_up(&daemon, source, &id).await;
    let records = broker.read(&name).await;
    assert!(records.iter().any(|r| r.value.is_none()), "deletes have tombstones");
    let partitions: HashSet<i32> = records.iter().map(|r| r.partition).collect();
    assert!(partitions.len() > 1, "keys are spread");
    assert_eq!(replayed(&records), held(source, &schema).await);
    let shown = daemon.client().job(&id).await.unwrap().progress.unwrap();
    let table = shown.tables.iter().find(|t| t.table == "a").expect("the table is shown");
    assert!(table.rows_copied >= ROWS - 100 && table.updates > 0, "{table:?}");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshot_and_stream_arrive_in_order_mariadb() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    everything_arrives_in_order(source, broker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshot_and_stream_arrive_in_order_mysql() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    everything_arrives_in_order(source, broker).await;
}

/// Ordinary run: 10 kills; SYNCLINE_TEST_LONG=1: 100.
#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_nothing_is_lost() {
    let kills = if std::env::var_os("SYNCLINE_TEST_LONG").is_some() { 100 } else { 10 };
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = scratch("kafkakill", &[source]).await;
    load(source, &schema).await;
    let writer = writer(source, schema.clone());
    let mut daemon = Daemon::start(&[]).await;
    let name = format!("kill-{schema}");
    let id = format!("{name}-subscription");
    daemon.client().create_job(&job(&name, source, broker, &schema, plain(&name))).await.expect("the job is created");
    for _ in 0..kills {
        let written = writer.done();
        until(Duration::from_secs(120), "it has work in hand", async || {
            let progress = daemon.client().job(&id).await.expect("the job is there").progress.unwrap_or_default();
            writer.done() > written + 20 && (progress.rows_copied > 0 || progress.row_events_applied > 0)
        })
        .await;
        daemon.kill9();
        daemon.restart().await;
    }
    assert!(writer.finish().await > 100);
    caught_up(&daemon, source, &id).await;
    assert_eq!(replayed(&broker.read(&name).await), held(source, &schema).await);
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_stands_still_costs_nothing_but_time() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::own("frozen")) else { return };
    let schema = scratch("kafkafrozen", &[source]).await;
    load(source, &schema).await;
    let daemon = Daemon::start(&[]).await;
    let name = format!("frozen-{schema}");
    let id = format!("{name}-subscription");
    daemon.client().create_job(&job(&name, source, &broker, &schema, plain(&name))).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    broker.signal("STOP");
    let writer = writer(source, schema.clone());
    // SYNCLINE_TEST_LONG=1: for a minute.
    let long = Duration::from_secs(if std::env::var_os("SYNCLINE_TEST_LONG").is_some() { 60 } else { 0 });
    let began = Instant::now();
    until(Duration::from_secs(120), "a good deal is written", async || writer.done() > 1500 && began.elapsed() >= long).await;
    writer.finish().await;
    let waits = async || Some(daemon.client().job(&id).await.expect("the job is there")).filter(|j| j.state == JobState::Waiting);
    let job = until_some(Duration::from_secs(30), "it says what it waits for", waits).await;
    assert!(job.reason.contains("the brokers acknowledge no message"), "{}", job.reason);
    assert!(daemon.peak_memory() < 200 << 20, "peak memory {} MB", daemon.peak_memory() >> 20);
    broker.signal("CONT");
    caught_up(&daemon, source, &id).await;
    assert_eq!(replayed(&broker.read(&name).await), held(source, &schema).await);
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

/// Text that does not get below a broker's limit by being compressed.
fn incompressible(length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let letters = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        char::from(LETTERS[(seed >> 58) as usize])
    });
    letters.take(length).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_broker_refuses_stops_the_job_with_its_key_and_the_limit() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = scratch("kafkalarge", &[source]).await;
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, v LONGTEXT)")).await;
    let daemon = Daemon::start(&[]).await;
    let name = format!("large-{schema}");
    let id = format!("{name}-subscription");
    daemon.client().create_job(&job(&name, source, broker, &schema, plain(&name))).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (4711, 1, '{}')", incompressible(3_000_000))).await;
    until(Duration::from_secs(60), "the job has failed", async || state(&daemon, &id).await == JobState::Failed).await;
    let failure = daemon.client().job(&id).await.unwrap().failure.expect("it says why");
    assert_eq!(failure.code, "message_too_large");
    assert!(failure.message.contains("4711") && failure.hint.contains("max.message.bytes"), "{failure:?}");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_changes_while_the_job_rests_is_read_by_what_it_was() {
    for source in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let Some(broker) = broker::kafka() else { return };
        let schema = scratch("kafkaddl", &[source]).await;
        let mut conn = connect(source).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, v VARCHAR(40))")).await;
        let daemon = Daemon::start(&[]).await;
        let name = format!("ddl-{}-{schema}", source.flavor.as_str());
        let id = format!("{name}-subscription");
        let kafka = json!({ "topic": name, "message_schema": false, "ddl_topic": format!("{name}-ddl") });
        daemon.client().create_job(&job(&name, source, broker, &schema, kafka)).await.expect("the job is created");
        caught_up(&daemon, source, &id).await;
        daemon.client().pause_job(&id).await.expect("it pauses");
        until(Duration::from_secs(30), "it is paused", async || state(&daemon, &id).await == JobState::Paused).await;
        exec_all(
            &mut conn,
            [
                format!("INSERT INTO `{schema}`.a VALUES (1, 1, 'one')"),
                format!("ALTER TABLE `{schema}`.a ADD COLUMN more INT FIRST"),
                format!("INSERT INTO `{schema}`.a VALUES (7, 2, 1, 'two')"),
                format!("ALTER TABLE `{schema}`.a DROP COLUMN v, ADD COLUMN last VARCHAR(10)"),
                format!("INSERT INTO `{schema}`.a VALUES (8, 3, 1, 'three')"),
            ],
        )
        .await;
        daemon.client().resume_job(&id).await.expect("it goes on");
        caught_up(&daemon, source, &id).await;
        let mut rows: Vec<Value> = broker.read(&name).await.into_iter().filter_map(|r| r.value).map(|v| v["after"].clone()).collect();
        rows.sort_by_key(|r| r["id"].as_i64());
        assert_eq!(rows[0], json!({ "id": 1, "version": 1, "v": "one" }));
        assert_eq!((rows[1]["more"].as_i64(), rows[1]["id"].as_i64()), (Some(7), Some(2)));
        assert_eq!(rows[2], json!({ "more": 8, "id": 3, "version": 1, "last": "three" }));
        let told = broker.read(&format!("{name}-ddl")).await;
        assert_eq!(told.iter().filter(|r| r.value.as_ref().is_some_and(|v| v["ddl"].as_str().unwrap().contains("ALTER"))).count(), 2);
        daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    }
}

/// Counts the messages of the copy in a topic.
async fn copied(broker: &Broker, topic: &str) -> usize {
    broker.read(topic).await.iter().filter(|r| r.value.as_ref().is_some_and(|v| v["op"] == "r")).count()
}

pub(super) fn refusal<T: std::fmt::Debug>(reply: Result<T, syncline::client::Error>) -> (Code, String) {
    match reply.expect_err("it is refused") {
        syncline::client::Error::Api { body, .. } => (body.code, body.message.clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_keeps_its_source_changes_its_topic_and_goes_on_from_a_kept_position() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    let schema = scratch("kafkasame", &[source]).await;
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, v VARCHAR(40))")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (1, 1, 'one')")).await;
    let daemon = Daemon::start(&[]).await;
    let (name, other) = (format!("same-{schema}"), format!("other-{schema}"));
    let id = format!("{name}-subscription");
    let first = job(&name, source, broker, &schema, plain(&name));
    daemon.client().create_job(&first).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    assert_eq!(copied(broker, &name).await, 1);
    let (code, message) = refusal(daemon.client().verify_job(&id, &VerifyRequest::default()).await);
    assert!(code == Code::WrongState && message.contains("no tables to compare"), "{code:?} {message}");
    let mut moved = first.clone();
    moved.source.port = 1;
    let (code, message) = refusal(daemon.client().update_job(&id, &moved, None).await);
    assert!(code == Code::WrongState && message.contains("the source of a subscription stays"), "{code:?} {message}");

    let elsewhere = job(&name, source, broker, &schema, plain(&other));
    daemon.client().update_job(&id, &elsewhere, None).await.expect("a topic may change");
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (2, 1, 'two')")).await;
    caught_up(&daemon, source, &id).await;
    assert_eq!((copied(broker, &other).await, broker.read(&other).await.len()), (0, 1), "it goes on from its position");

    daemon.client().delete_job(&id, true).await.expect("the job is deleted");
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (3, 1, 'three')")).await;
    daemon.client().create_job(&elsewhere).await.expect("the job is created again");
    caught_up(&daemon, source, &id).await;
    assert_eq!((copied(broker, &other).await, broker.read(&other).await.len()), (0, 2), "the position was kept");

    daemon.client().delete_job(&id, true).await.expect("the job is deleted");
    daemon.client().create_job(&first).await.expect("the job is created again");
    caught_up(&daemon, source, &id).await;
    assert_eq!(copied(broker, &name).await, 4, "another topic begins anew");

    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    daemon.client().create_job(&first).await.expect("the job is created again");
    caught_up(&daemon, source, &id).await;
    assert_eq!(copied(broker, &name).await, 7, "nothing was kept");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_enum_member_is_known_after_a_kill_behind_its_statement() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    let schema = scratch("kafkaenum", &[source]).await;
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, version BIGINT, v ENUM('one', 'two'))")).await;
    let mut daemon = Daemon::start(&[]).await;
    let name = format!("enum-{schema}");
    let id = format!("{name}-subscription");
    daemon.client().create_job(&job(&name, source, broker, &schema, plain(&name))).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    // The types in the log stay the same: only the statement tells that the members do not.
    exec(&mut conn, &format!("ALTER TABLE `{schema}`.a MODIFY v ENUM('zero', 'one', 'two')")).await;
    caught_up(&daemon, source, &id).await;
    daemon.kill9();
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (1, 1, 'zero'), (2, 1, 'two')")).await;
    daemon.restart().await;
    caught_up(&daemon, source, &id).await;
    let mut rows: Vec<Value> = broker.read(&name).await.into_iter().filter_map(|r| r.value).map(|v| v["after"].clone()).collect();
    rows.sort_by_key(|r| r["id"].as_i64());
    assert_eq!((rows[0]["v"].as_str(), rows[1]["v"].as_str()), (Some("zero"), Some("two")));
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}
