//! Which tables and rows of a source a subscription takes, with real servers and a real broker: what a filter lets pass,
//! updates that cross it, patterns and the tables that come to match them, and filters that change.

use super::kafka::{caught_up, job, plain, refusal, state};
use crate::support::broker::{self, Broker, Record};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, scratch};
use crate::support::until::until;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use syncline::client::Error as ClientError;
use syncline::wire::native::error::{Code, ErrorBody};
use syncline::wire::native::jobs::{JobCreate, JobState};

fn with_rules(name: &str, source: &Server, broker: &Broker, include: Value) -> JobCreate {
    let mut job = job(name, source, broker, "", plain(name));
    job.include = serde_json::from_value(include).expect("rules as operators write them");
    job
}

/// Per key of a table: the operations in order with the row that stands for each, and the row's index.
fn told(records: &[Record], table: &str) -> BTreeMap<i64, Vec<String>> {
    let mut told: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for record in records {
        let key: Value = serde_json::from_slice(record.key.as_deref().expect("it has a key")).expect("JSON");
        let words = told.entry(key["id"].as_i64().expect("a number")).or_default();
        let Some(value) = &record.value else {
            if !words.is_empty() {
                words.push("tombstone".into());
            }
            continue;
        };
        if value["source"]["table"] != table {
            continue;
        }
        let image = if value["after"].is_null() { &value["before"] } else { &value["after"] };
        words.push(format!("{} {image} {}", value["op"].as_str().unwrap_or_default(), value["source"]["row"]));
    }
    told.retain(|_, words| !words.is_empty());
    told
}

async fn rows_that_pass(source: &'static Server, broker: &Broker) {
    let schema = scratch("kfrows", &[source]).await;
    let mut conn = connect(source).await;
    let table = "(id BIGINT PRIMARY KEY, secret VARCHAR(20), v INT)";
    exec_all(
        &mut conn,
        [
            format!("CREATE TABLE `{schema}`.a {table}"),
            format!("CREATE TABLE `{schema}`.b {table}"),
            format!("INSERT INTO `{schema}`.a VALUES (1, 's', 5), (2, 's', 15), (3, 's', NULL), (4, 's', 20), (5, 's', 6)"),
            format!("INSERT INTO `{schema}`.b VALUES (1, 's', 5)"),
        ],
    )
    .await;
    let daemon = Daemon::start(&[]).await;
    let name = format!("rows-{}-{schema}", source.flavor.as_str());
    let id = format!("{name}-subscription");
    let include = json!([
        { "schema": schema, "tables": ["a"], "where": "select id, v from a where v > 10" },
        { "schema": schema, "where": "v is not null" },
    ]);
    daemon.client().create_job(&with_rules(&name, source, broker, include)).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    exec_all(
        &mut conn,
        [
            "START TRANSACTION".to_owned(),
            format!("INSERT INTO `{schema}`.a VALUES (6, 's', 1), (7, 's', 30)"),
            format!("UPDATE `{schema}`.a SET v = 16 WHERE id = 2"),
            format!("UPDATE `{schema}`.a SET v = 3 WHERE id = 4"),
            format!("UPDATE `{schema}`.a SET v = 50 WHERE id = 1"),
            format!("UPDATE `{schema}`.a SET v = 7 WHERE id = 3"),
            format!("DELETE FROM `{schema}`.a WHERE id = 5"),
            format!("DELETE FROM `{schema}`.a WHERE id = 2"),
            format!("UPDATE `{schema}`.b SET v = NULL"),
            format!("UPDATE `{schema}`.a SET id = 70 WHERE id = 7"),
            "COMMIT".to_owned(),
        ],
    )
    .await;
    caught_up(&daemon, source, &id).await;
    let records = broker.read(&name).await;
    let a: Vec<Record> = records.iter().filter(|r| r.value.as_ref().is_none_or(|v| v["source"]["table"] == "a")).cloned().collect();
    let read = |text: &str| text.to_owned();
    // What the copy numbers is the place in its chunk, of all rows.
    let expected: BTreeMap<i64, Vec<String>> = BTreeMap::from([
        (1, vec![read(r#"c {"id":1,"v":50} 4"#)]),
        (2, vec![read(r#"r {"id":2,"v":15} 1"#), read(r#"u {"id":2,"v":16} 2"#), read(r#"d {"id":2,"v":16} 7"#), read("tombstone")]),
        (4, vec![read(r#"r {"id":4,"v":20} 3"#), read(r#"d {"id":4,"v":20} 3"#), read("tombstone")]),
        (7, vec![read(r#"c {"id":7,"v":30} 1"#), read(r#"d {"id":7,"v":30} 9"#), read("tombstone")]),
        (70, vec![read(r#"c {"id":70,"v":30} 9"#)]),
    ]);
    let mut found = told(&a, "a");
    // The tombstone of table b's row has the same key in the same topic.
    found.get_mut(&1).expect("it came in").retain(|word| word != "tombstone");
    assert_eq!(found, expected);
    let b: Vec<String> = told(&records, "b").remove(&1).expect("it was copied").into_iter().filter(|w| w != "tombstone").collect();
    assert_eq!(b, [r#"r {"id":1,"secret":"s","v":5} 0"#, r#"d {"id":1,"secret":"s","v":5} 8"#]);
    until(Duration::from_secs(10), "what was left out is shown", async || {
        let shown = daemon.client().job(&id).await.expect("it is there").progress.unwrap_or_default();
        let counts = |name: &str| shown.tables.iter().find(|t| t.table == name).map(|t| (t.inserts, t.updates, t.deletes, t.filtered));
        // Of the copy 1, 3 and 5; of the stream the insert of 6, the update of 3, the delete of 5.
        counts("a") == Some((2, 2, 2, 6)) && counts("b") == Some((0, 0, 1, 0))
    })
    .await;
    // A change that the filter does not fit stops the job, and names it.
    exec_all(&mut conn, [format!("ALTER TABLE `{schema}`.a CHANGE v w INT"), format!("INSERT INTO `{schema}`.a VALUES (99, 's', 99)")])
        .await;
    until(Duration::from_secs(60), "the job has failed", async || state(&daemon, &id).await == JobState::Failed).await;
    let failure = daemon.client().job(&id).await.unwrap().failure.expect("it says why");
    assert_eq!(failure.code, "filter_column");
    assert!(failure.message.contains("the row filter of rule 1") && failure.message.contains("at character 12"), "{failure:?}");
    // A filter that fits goes on where it stopped.
    let include = json!([{ "schema": schema, "tables": ["a"], "where": "select id, w from a where w > 10" }, { "schema": schema }]);
    daemon.client().update_job(&id, &with_rules(&name, source, broker, include), None).await.expect("the filter may change");
    if state(&daemon, &id).await == JobState::Failed {
        daemon.client().retry_job(&id).await.expect("it is tried again");
    }
    caught_up(&daemon, source, &id).await;
    assert_eq!(told(&broker.read(&name).await, "a")[&99], [r#"c {"id":99,"w":99} 0"#]);
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_pass_are_copied_and_followed_across_the_filter_mariadb() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    rows_that_pass(source, broker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_pass_are_copied_and_followed_across_the_filter_mysql() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    rows_that_pass(source, broker).await;
}

async fn patterns(source: &'static Server, broker: &Broker) {
    let schema = scratch("kftables", &[source]).await;
    let mut conn = connect(source).await;
    let table = "(id BIGINT PRIMARY KEY, v INT)";
    let create = |name: &str, id: u64| {
        [format!("CREATE TABLE `{schema}`.{name} {table}"), format!("INSERT INTO `{schema}`.{name} VALUES ({id}, 1), ({id} + 1, 0)")]
    };
    exec_all(&mut conn, [create("shard_1", 10), create("shard_x", 20), create("later", 30), create("gone_9", 40)].concat()).await;
    let daemon = Daemon::start(&[]).await;
    let name = format!("tables-{}-{schema}", source.flavor.as_str());
    let id = format!("{name}-subscription");
    let include = json!([{ "schema": schema, "tables": [r"/shard_\d+/", "/none_.*/"], "where": "v <> 0" }]);
    let job = with_rules(&name, source, broker, include);
    let check = daemon.client().validate_job(&job).await.expect("it is checked");
    let warned: Vec<_> = check.findings.iter().filter(|f| f.code == "pattern_matches_nothing").map(|f| f.object.as_str()).collect();
    assert_eq!((check.valid, warned), (true, vec![format!("{schema}./none_.*/").as_str()]), "{:?}", check.findings);
    daemon.client().create_job(&job).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    exec_all(&mut conn, create("shard_2", 50)).await;
    caught_up(&daemon, source, &id).await;
    exec_all(
        &mut conn,
        [
            format!("INSERT INTO `{schema}`.shard_x VALUES (22, 1)"),
            // Out of the pattern, and what it gets then is nobody's.
            format!("RENAME TABLE `{schema}`.shard_2 TO `{schema}`.old_2"),
            format!("INSERT INTO `{schema}`.old_2 VALUES (52, 1)"),
            // Into it, with the rows that it had.
            format!("RENAME TABLE `{schema}`.later TO `{schema}`.shard_3"),
            format!("INSERT INTO `{schema}`.shard_3 VALUES (32, 1)"),
        ],
    )
    .await;
    caught_up(&daemon, source, &id).await;
    let ids = |records: &[Record]| -> BTreeSet<i64> {
        records.iter().filter_map(|r| r.value.as_ref()).map(|v| v["after"]["id"].as_i64().expect("nothing is deleted")).collect()
    };
    assert_eq!(ids(&broker.read(&name).await), BTreeSet::from([10, 50, 30, 32]));
    let shown = daemon.client().job(&id).await.unwrap().progress.unwrap();
    assert_eq!(shown.tables.iter().map(|t| t.table.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["shard_1", "shard_3"]));
    assert!(shown.notes.iter().any(|n| n.what.contains("renamed out of the job")), "{:?}", shown.notes);
    // An update of the rules brings a table in, with its rows, and takes one out.
    let include = json!([{ "schema": schema, "tables": ["/shard_[3-9]/", "/gone_./"] }]);
    daemon.client().update_job(&id, &with_rules(&name, source, broker, include), None).await.expect("the rules may change");
    exec(&mut conn, &format!("INSERT INTO `{schema}`.shard_1 VALUES (12, 1)")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.gone_9 VALUES (42, 1)")).await;
    caught_up(&daemon, source, &id).await;
    let all = ids(&broker.read(&name).await);
    // What was logged before the job was stopped for the update is of the old rules.
    assert_eq!(all.difference(&BTreeSet::from([12])).copied().collect::<BTreeSet<_>>(), BTreeSet::from([10, 50, 30, 32, 40, 41, 42]));
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_come_to_match_a_pattern_take_part_mariadb() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    patterns(source, broker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_come_to_match_a_pattern_take_part_mysql() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    patterns(source, broker).await;
}

fn body<T: std::fmt::Debug>(reply: Result<T, ClientError>) -> ErrorBody {
    match reply.expect_err("it is refused") {
        ClientError::Api { body, .. } => *body,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_filter_is_refused_by_rule_and_place_and_leaves_nothing_behind() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = scratch("kfbad", &[source]).await;
    exec(&mut connect(source).await, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, v INT)")).await;
    let daemon = Daemon::start(&[]).await;
    let name = format!("bad-{schema}");
    let refused = async |filter: &str| {
        let include = json!([{ "schema": schema, "tables": ["other"] }, { "schema": schema, "where": filter }]);
        daemon.client().create_job(&with_rules(&name, source, broker, include)).await
    };
    let (code, message) = refusal(refused("v >").await);
    assert!(code == Code::BadRequest && message.contains("include[1].where") && message.contains("character 4"), "{message}");
    let error = body(refused("v > 1 and nosuch = 2").await);
    let detail = error.details.iter().find(|d| d.code == "filter_column").expect("it is among what is wrong");
    assert!(detail.field.as_deref() == Some("include[1].where") && detail.message.contains("character 11"), "{detail:?}");
    assert!(daemon.client().jobs(&Default::default()).await.expect("a list").jobs.is_empty());
    // An update that does not fit leaves the job as it is.
    let good = with_rules(&name, source, broker, json!([{ "schema": schema, "where": "v > 1" }]));
    let id = daemon.client().create_job(&good).await.expect("the job is created").id;
    let bad = with_rules(&name, source, broker, json!([{ "schema": schema, "where": "nosuch > 1" }]));
    assert_eq!(body(daemon.client().update_job(&id, &bad, None).await).code, Code::PreflightFailed);
    // Nor does one that leads to brokers that do not answer.
    let mut away = good.clone();
    away.kafka.as_mut().expect("it has brokers").brokers = vec!["127.0.0.1:2".into()];
    let refused = body(daemon.client().update_job(&id, &away, None).await);
    assert!(refused.code == Code::PreflightFailed && refused.message.contains("problem"), "{refused:?}");
    assert_ne!(state(&daemon, &id).await, JobState::Failed);
    assert_eq!(daemon.client().job(&id).await.unwrap().config.include[0].filter.as_deref(), Some("v > 1"));
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

/// Rows with rising ids, of which the first filter takes the even ones and the second the odd ones: at one place the one
/// must end and the other begin.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_changes_under_load_has_no_gap_at_the_seam() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    let schema = scratch("kfseam", &[source]).await;
    exec(&mut connect(source).await, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY)")).await;
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (halt, count, into) = (Arc::clone(&stop), Arc::clone(&done), schema.clone());
    let writer = tokio::spawn(async move {
        let mut conn = connect(source).await;
        while !halt.load(Ordering::Relaxed) {
            let next = count.fetch_add(2, Ordering::Relaxed);
            exec(&mut conn, &format!("INSERT INTO `{into}`.a VALUES ({next}), ({next} + 1)")).await;
        }
    });
    let daemon = Daemon::start(&[]).await;
    let name = format!("seam-{schema}");
    let id = format!("{name}-subscription");
    let of = |rest: u8| with_rules(&name, source, broker, json!([{ "schema": schema, "where": format!("id % 2 = {rest}") }]));
    daemon.client().create_job(&of(0)).await.expect("the job is created");
    let more = async |so_many: u64| {
        let before = done.load(Ordering::Relaxed);
        until(Duration::from_secs(60), "more is written", async || done.load(Ordering::Relaxed) > before + so_many).await;
    };
    until(Duration::from_secs(60), "it streams", async || {
        let progress = daemon.client().job(&id).await.expect("the job is there").progress.unwrap_or_default();
        progress.row_events_applied > 100
    })
    .await;
    more(500).await;
    daemon.client().update_job(&id, &of(1), None).await.expect("the filter may change");
    more(1000).await;
    stop.store(true, Ordering::Relaxed);
    writer.await.expect("the writer met no error");
    caught_up(&daemon, source, &id).await;
    let (mut even, mut odd) = (BTreeSet::new(), BTreeSet::new());
    let mut names: BTreeMap<String, i64> = BTreeMap::new();
    for value in broker.read(&name).await.into_iter().filter_map(|r| r.value) {
        let id = value["after"]["id"].as_i64().expect("rows are inserted only");
        if value["op"] == "c" {
            // The index in the transaction is the row's own, whichever filter let it pass.
            assert_eq!(value["source"]["row"].as_i64(), Some(id % 2), "{value}");
            let before = names.insert(format!("{} {}", value["source"]["gtid"], value["source"]["row"]), id);
            assert!(before.is_none_or(|before| before == id), "one name is of one row: {value}");
        }
        if id % 2 == 0 {
            even.insert(id)
        } else {
            odd.insert(id)
        };
    }
    let (last_even, first_odd) = (*even.last().expect("some"), *odd.first().expect("some"));
    // What was sent and not yet acknowledged when the filter changed is decided again by the new one: of what lies behind the
    // seam some even rows arrived, in whichever partitions were quick.
    let missing: Vec<i64> = (0..first_odd).step_by(2).filter(|n| !even.contains(n)).collect();
    assert!(missing.is_empty(), "every even row up to the seam: {missing:?} of {last_even} {first_odd}");
    let end = i64::try_from(done.load(Ordering::Relaxed)).unwrap();
    assert!((first_odd..end).step_by(2).all(|n| odd.contains(&n)), "every odd row from the seam on");
    assert!(first_odd <= last_even + 3, "no row lies between the filters: {last_even} {first_odd}");
    assert!(odd.len() >= 400 && even.len() >= 300, "{} {}", even.len(), odd.len());
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

/// What tells of whole transactions is about what is sent of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_ends_with_its_last_row_that_is_sent() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = scratch("kfends", &[source]).await;
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, v INT)")).await;
    let daemon = Daemon::start(&[]).await;
    let (maxwell, debezium) = (format!("ends-m-{schema}"), format!("ends-d-{schema}"));
    let include = json!([{ "schema": schema, "where": "v > 0" }]);
    let mut one = with_rules(&maxwell, source, broker, include.clone());
    let mut other = with_rules(&debezium, source, broker, include);
    let kafka = |topic: &str, more: Value| {
        let mut all = json!({ "brokers": [broker.address()], "topic": topic });
        all.as_object_mut().expect("a table").extend(more.as_object().expect("a table").clone());
        serde_json::from_value(all).expect("as operators write it")
    };
    one.kafka = Some(kafka(&maxwell, json!({ "format": "maxwell" })));
    let told = format!("{debezium}-tx");
    other.kafka = Some(kafka(&debezium, json!({ "format": "debezium", "message_schema": false, "transaction_topic": told })));
    let mut ids = Vec::new();
    for job in [&one, &other] {
        let id = daemon.client().create_job(job).await.expect("the job is created").id;
        caught_up(&daemon, source, &id).await;
        ids.push(id);
    }
    exec_all(
        &mut conn,
        [
            "START TRANSACTION".to_owned(),
            format!("INSERT INTO `{schema}`.a VALUES (1, 1), (2, 1), (3, 0)"),
            format!("INSERT INTO `{schema}`.a VALUES (4, 0)"),
            "COMMIT".to_owned(),
            // Nothing of it is sent.
            format!("INSERT INTO `{schema}`.a VALUES (5, 0)"),
        ],
    )
    .await;
    for id in &ids {
        caught_up(&daemon, source, id).await;
    }
    let sent = broker.read(&maxwell).await.into_iter().filter_map(|r| r.value);
    let ends: BTreeMap<i64, bool> = sent.map(|v| (v["data"]["id"].as_i64().expect("a number"), v["commit"] == true)).collect();
    assert_eq!(ends, BTreeMap::from([(1, false), (2, true)]));
    let told: Vec<Value> = broker.read(&told).await.into_iter().filter_map(|r| r.value).collect();
    assert_eq!(told.iter().map(|v| v["status"].as_str().unwrap_or_default()).collect::<Vec<_>>(), ["BEGIN", "END"], "{told:?}");
    assert_eq!(told[1]["event_count"], 2);
    for id in &ids {
        daemon.client().delete_job(id, false).await.expect("the job is deleted");
    }
}
