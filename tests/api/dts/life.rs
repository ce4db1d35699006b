//! A task's whole life, as an operator lives it, with a real source, a real Kafka and a daemon that is killed.

use super::{Client, PATIENCE, task};
use crate::support::broker::{self, Broker};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, PASSWORD, Server, USER};
use crate::support::sql;
use crate::support::until::until;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use syncline::client::Client as Native;
use syncline::client::JobQuery;
use syncline::wire::native::jobs::JobCreate;

use tokio::task::JoinHandle;

const THERE: u64 = 500;

/// Inserts rows one by one until it is told to stop.
struct Writer {
    stop: Arc<AtomicBool>,
    last: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Writer {
    fn start(server: &'static Server, table: String) -> Self {
        let (stop, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(THERE)));
        let (halt, done) = (Arc::clone(&stop), Arc::clone(&last));
        let task = tokio::spawn(async move {
            let mut conn = sql::connect(server).await;
            while !halt.load(Ordering::Relaxed) {
                let id = done.load(Ordering::Relaxed) + 1;
                sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES ({id}, 'written')")).await;
                done.store(id, Ordering::Relaxed);
            }
        });
        Self { stop, last, task }
    }

    /// Waits until it has written more.
    async fn more(&self) {
        let before = self.last.load(Ordering::Relaxed);
        until(PATIENCE, "the writer writes on", async || self.last.load(Ordering::Relaxed) > before + 20).await;
    }

    async fn finish(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
        self.last.load(Ordering::Relaxed)
    }
}

/// The ids in a topic, by how a message carries them.
async fn ids(broker: &Broker, topic: &str, id: impl Fn(&Value) -> Option<String>) -> BTreeSet<u64> {
    let records = broker.read(topic).await;
    records.iter().filter_map(|r| id(r.value.as_ref()?)?.parse().ok()).collect()
}

fn canal(message: &Value) -> Option<String> {
    message["data"][0]["id"].as_str().map(str::to_owned)
}

fn flat(message: &Value) -> Option<String> {
    // Numbers may be numbers here.
    message.get("id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
}

#[tokio::test]
async fn a_task_is_submitted_altered_paused_killed_recovered_and_deleted_and_loses_nothing() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    let schema = sql::scratch("dtslife", &[source]).await;
    let (first, second) = (format!("{schema}_a"), format!("{schema}_b"));
    let table = format!("{schema}.orders");
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {table} (id INT PRIMARY KEY, v VARCHAR(20))")).await;
    let rows = (1..=THERE).map(|id| format!("({id}, 'there')")).collect::<Vec<_>>().join(", ");
    sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES {rows}")).await;

    let users = "[dts]\nusers = [{ name = 'replicator', role = 'operator', password_sha256 = \
        '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8' }]\n";
    let mut daemon = Daemon::configured(users).await;
    let client = |daemon: &Daemon| Client::new(&daemon.url(), Some(("replicator", "password")));
    let mut dts = client(&daemon);
    let mut body = task(source, broker, &schema, &first);
    body["task"]["filters"] = json!([{ "dbname": schema, "match": r"/ord\w+/" }]);
    body["task"]["incr"] = json!(false);
    body["task"]["rate_limit"] = json!({ "rate": 100_000, "capacity": 100_000 });
    let id = dts.submit(&body).await;

    // The copy, then the stream, into the one topic, as Canal writes it.
    let writer = Writer::start(source, table.clone());
    dts.state(id, "Running").await;
    writer.more().await;
    until(PATIENCE, "the copy is in the topic", async || ids(broker, &first, canal).await.len() as u64 > THERE).await;
    let sample = broker.read(&first).await.into_iter().next().unwrap();
    let message = sample.value.unwrap();
    for key in ["data", "old", "database", "table", "type", "es", "ts", "pkNames", "mysqlType", "sqlType", "isDdl"] {
        assert!(message.get(key).is_some(), "{key}: {message}");
    }
    assert!(message["es"].as_i64().unwrap() > 1_600_000_000_000, "milliseconds: {message}");

    // Other families see the same job.
    let native: Native = daemon.client();
    let jobs = native.jobs(&JobQuery::default()).await.unwrap().jobs;
    assert_eq!((jobs[0].id.as_str(), jobs[0].number, jobs[0].origin.as_str()), (format!("dts-{id}-subscription").as_str(), id, "dts"));

    // Altered while it runs and rows are written: from its position on, flat, into the other topic.
    body["task"]["kafka"]["topic"] = json!(second);
    body["task"]["kafka"]["flat_format"] = json!(true);
    body["task"].as_object_mut().unwrap().remove("rate_limit");
    dts.done(Method::PUT, &format!("/v1/dispatch/alter/{id}"), &body).await;
    writer.more().await;
    let detail = dts.detail(id).await;
    assert_eq!((detail["task"]["kafka"]["topic"].as_str(), &detail["task"]["kafka"]["flat_format"]), (Some(second.as_str()), &json!(true)));
    assert_eq!(detail["task"]["rate_limit"], json!({ "rate": 100_000, "capacity": 100_000 }), "absent on alter is unchanged");
    until(PATIENCE, "the other topic fills", async || !ids(broker, &second, flat).await.is_empty()).await;

    // Killed while it runs.
    daemon.kill9();
    writer.more().await;
    daemon.restart().await;
    dts = client(&daemon);
    dts.state(id, "Running").await;

    // Stopped, killed, still stopped; altered it stays so.
    for _ in 0..2 {
        dts.done(Method::PUT, &format!("/v1/dispatch/pause/{id}"), "").await;
    }
    assert_eq!(dts.detail(id).await["state"], "Stopped");
    daemon.kill9();
    daemon.restart().await;
    dts = client(&daemon);
    body["task"]["rate_limit"] = json!({ "rate": 0 });
    dts.done(Method::PUT, &format!("/v1/dispatch/alter/{id}"), &body).await;
    let detail = dts.detail(id).await;
    assert_eq!((detail["state"].as_str(), &detail["task"]["rate_limit"]), (Some("Stopped"), &Value::Null));
    writer.more().await;
    for _ in 0..2 {
        dts.done(Method::PUT, &format!("/v1/dispatch/recover/{id}"), "").await;
    }
    dts.state(id, "Running").await;

    let last = writer.finish().await;
    let all: BTreeSet<u64> = (1..=last).collect();
    until(PATIENCE, "every row is in one of the topics", async || {
        let (a, b) = (ids(broker, &first, canal).await, ids(broker, &second, flat).await);
        a.union(&b).copied().collect::<BTreeSet<_>>() == all
    })
    .await;
    assert!(ids(broker, &second, flat).await.contains(&last));

    dts.done(Method::DELETE, &format!("/v1/dispatch/delete/{id}"), "").await;
    assert_eq!(dts.get(&format!("/v1/task/detail/{id}")).await.status, 404);
    assert_eq!(dts.get("/v1/task/list").await.data["total"], 0);
    // Its id is never given again.
    assert!(dts.submit(&body).await > id);
}

#[tokio::test]
async fn topics_are_named_by_the_mode_and_tasks_of_other_families_are_listed_by_page() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = sql::scratch("dtstopics", &[source]).await;
    let mut conn = sql::connect(source).await;
    for table in ["a", "b"] {
        sql::exec(&mut conn, &format!("CREATE TABLE {schema}.{table} (id INT PRIMARY KEY)")).await;
        sql::exec(&mut conn, &format!("INSERT INTO {schema}.{table} VALUES (1)")).await;
    }
    let daemon = Daemon::start(&[]).await;
    let dts = Client::new(&daemon.url(), None);
    let mut submitted = Vec::new();
    for (mode, filters) in [(0, json!([{ "dbname": schema, "match": "a,b" }])), (1, json!([{ "dbname": schema, "match": "/.*/" }]))] {
        let mut body = task(source, broker, &schema, "not_used");
        body["task"]["kafka"]["topic_mode"] = json!(mode);
        body["task"]["filters"] = filters;
        body["task"]["incr"] = json!(false);
        submitted.push(dts.submit(&body).await);
    }
    for (topic, rows) in [(schema.clone(), 2), (format!("{schema}_a"), 1), (format!("{schema}_b"), 1)] {
        until(PATIENCE, &format!("{rows} rows in {topic}"), async || broker.read(&topic).await.len() == rows).await;
    }
    // The first filter that names a table decides about its rows.
    sql::exec(&mut conn, &format!("INSERT INTO {schema}.a VALUES (2), (3)")).await;
    let (rows, mut body) = (format!("{schema}_rows"), task(source, broker, &schema, "not_used"));
    body["task"]["kafka"]["topic"] = json!(rows);
    body["task"]["incr"] = json!(false);
    body["task"]["filters"] = json!([
        { "dbname": schema, "match": "a", "filter": "select * from t where id % 2 = 1 and id > 1" },
        { "dbname": schema, "match": "/.*/" },
    ]);
    let filtered = dts.submit(&body).await;
    dts.state(filtered, "Running").await;
    sql::exec(&mut conn, &format!("INSERT INTO {schema}.a VALUES (4), (5)")).await;
    let ids = || async { ids(broker, &rows, |m| canal(m).filter(|_| m["table"] == "a")).await.into_iter().collect::<Vec<_>>() };
    until(PATIENCE, "the rows that the filter keeps", async || ids().await == [3, 5]).await;
    dts.done(Method::DELETE, &format!("/v1/dispatch/delete/{filtered}"), "").await;

    let detail = dts.detail(submitted[0]).await;
    assert_eq!((&detail["task"]["kafka"]["topic_mode"], &detail["task"]["kafka"]["topic"]), (&json!(0), &Value::Null));
    assert!(detail["note"].as_str().unwrap().contains("not_used"), "{detail}");

    // One of the native family.
    let native = json!({
        "name": "dtsother", "kind": "subscription",
        "source": { "host": "127.0.0.1", "port": source.port, "user": USER, "password": PASSWORD },
        "kafka": { "brokers": [broker.address()], "topic": format!("{schema}.x") },
        "include": [{ "schema": schema }],
    });
    let native: JobCreate = serde_json::from_value(native).unwrap();
    let created = daemon.client().create_job(&native).await.unwrap();
    let list = async |query: &str| dts.done(Method::GET, &format!("/v1/task/list{query}"), "").await;
    let ids = |page: &Value| page["tasks"].as_array().unwrap().iter().map(|t| t["id"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(ids(&list("").await), [submitted[0], submitted[1], created.number]);
    let page = list("?per_page=2&page=2").await;
    assert_eq!((ids(&page), &page["total"]), (vec![created.number], &json!(3)));
    assert_eq!(ids(&list("?per_page=2&page=3").await), [] as [u64; 0]);
    assert_eq!(ids(&list("?per_page=0&page=0").await).len(), 3, "0 is what clients write that have not set it");
    // It can be steered here too.
    dts.done(Method::PUT, &format!("/v1/dispatch/pause/{}", created.number), "").await;
    dts.state(created.number, "Stopped").await;
}
