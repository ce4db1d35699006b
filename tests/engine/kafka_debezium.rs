//! Our messages beside Debezium's own: the same tables with every column type, read by both, from the snapshot and from
//! the log. (Debezium's embedded engine comes from Maven: `scripts/services install debezium`.) Only in the long run: two
//! Java programs and two database servers of their own.

use super::kafka::job;
use crate::support::broker::{self, Broker, Record};
use crate::support::daemon::Daemon;
use crate::support::java;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, scratch};
use crate::support::until::until;
use crate::support::zoo;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;
use syncline::replicate::connect::Flavor;

/// Writes the settings of Debezium and of its producer; the same as ours where there is a choice.
fn settings(dir: &Path, server: &Server, broker: &Broker, schema: &str) -> [String; 2] {
    let e = server.endpoint();
    let class = if server.is_mysql() { "mysql.MySqlConnector" } else { "mariadb.MariaDbConnector" };
    let at = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let engine = [
        "name=beside".to_owned(),
        format!("connector.class=io.debezium.connector.{class}"),
        "topic.prefix=theirs".to_owned(),
        format!("database.hostname={}\ndatabase.port={}", e.host, e.port),
        format!("database.user={}\ndatabase.password={}", e.user, e.password.expose()),
        "driver.allowPublicKeyRetrieval=true\ndatabase.server.id=4712".to_owned(),
        format!("database.include.list={schema}"),
        "bigint.unsigned.handling.mode=precise".to_owned(),
        "offset.storage=org.apache.kafka.connect.storage.FileOffsetBackingStore".to_owned(),
        format!("offset.storage.file.filename={}\noffset.flush.interval.ms=1000", at("offsets")),
        "schema.history.internal=io.debezium.storage.file.history.FileSchemaHistory".to_owned(),
        format!("schema.history.internal.file.filename={}", at("history")),
        "include.schema.changes=false\nconverter.schemas.enable=true".to_owned(),
    ];
    std::fs::write(dir.join("engine"), engine.join("\n")).expect("a file");
    std::fs::write(
        dir.join("producer"),
        format!("bootstrap.servers={}\nacks=all\ncompression.type=lz4\nmax.request.size=10000000\n", broker.address()),
    )
    .expect("a file");
    [at("engine"), at("producer")]
}

/// Messages with values, by key and operation.
fn by_key(records: &[Record]) -> BTreeMap<(String, String), (Value, Value)> {
    let parsed = records.iter().filter_map(|r| {
        let value = r.value.clone()?;
        let key: Value = serde_json::from_slice(r.key.as_deref()?).expect("a key is JSON");
        Some(((key["payload"].to_string(), value["payload"]["op"].to_string()), (key, value)))
    });
    parsed.collect()
}

/// Where Debezium and we differ on purpose: an end of the path, what is known of the two values, and why.
type Known = (&'static str, fn(&Value, &Value) -> bool, &'static str);
const KNOWN: &[Known] = &[
    (".ts_ms", numbers, "when the message was made; at the source MySQL's GTID event has fractions, our time is the event's second"),
    (".ts_us", numbers, "the same"),
    (".ts_ns", numbers, "the same"),
    (".source.version", |_, _| true, "each has its own"),
    (".source.pos", numbers, "ours is where the transaction begins, Debezium's that of the event"),
    (".source.file", |a, _| *a == "", "a copied row is of no place in the log"),
    (".source.row", numbers, "ours counts over the whole transaction, or the copied chunk; Debezium's begins anew with each event"),
    (".source.server_id", |_, b| *b == 0, "Debezium has none in the snapshot"),
    (".source.thread", |a, _| a.is_null(), "we do not read it"),
    (".source.snapshot", |a, _| *a == "true", "Debezium marks the first and the last"),
    (".default", |a, _| absent(a), "our schemas have no defaults"),
    (".c_stored", |a, _| absent(a), "generated columns are left out"),
    (".c_virtual", |a, _| absent(a), "generated columns are left out"),
    (".c_json", |a, b| alike(&json_of(a), &json_of(b)), "ours is MySQL's own text, Debezium writes what is in the log in its own way"),
    (
        ".c_enum",
        |a, b| text_of(b).replace("\\,", ",").replace("\\\\", "\\") == text_of(a),
        "Debezium escapes comma and backslash in the value, and the latter in the snapshot not",
    ),
    (
        ".c_enum.parameters.allowed",
        |a, b| text_of(b).replace("\\\\", "\\") == text_of(a),
        "Debezium takes the backslash of the DDL for two",
    ),
    (".d", |a, _| a.as_i64() < Some(-600_000), "Debezium moves years below 100 into our century"),
    (".u", |_, b| text_of(b).starts_with("0000123e"), "Debezium gets the bytes of the log's UUID wrong"),
    (".c_float", |a, b| near(a, b), "Debezium's copy reads six digits"),
];

fn numbers(a: &Value, b: &Value) -> bool {
    a.is_number() && b.is_number()
}
fn absent(value: &Value) -> bool {
    *value == ABSENT
}
fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
fn json_of(value: &Value) -> Value {
    serde_json::from_str(text_of(value)).unwrap_or_default()
}
/// The same JSON but for how numbers, fractions of seconds and bytes are spelt.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| alike(v, w))),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(v, w)| alike(v, w)),
        (Value::Number(_), Value::Number(_)) => a.as_f64() == b.as_f64(),
        // Bytes have MySQL's mark before them.
        (Value::String(a), Value::String(b)) => a.trim_start_matches("base64:type15:").trim_end_matches('0') == b.trim_end_matches('0'),
        (a, b) => a == b,
    }
}
fn near(a: &Value, b: &Value) -> bool {
    matches!((a.as_f64(), b.as_f64()), (Some(a), Some(b)) if a as f32 == b as f32 || (a - b).abs() <= a.abs() * 1e-5)
}
/// A zero TIMESTAMP is null with us; Debezium's is in the snapshot, and the epoch in the log.
fn zero_time(path: &str, ours: &Value, theirs: &Value) -> bool {
    path.contains(".ts") && ours.is_null() && text_of(theirs).starts_with("1970-01-01T00:00:00")
}

const ABSENT: &str = "(absent)";

/// Collects where two documents differ but for what is known, by path; fields of a schema go by their names.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut BTreeMap<String, String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                let of = |m: &Map<String, Value>| m.get(name).cloned().unwrap_or_else(|| json!(ABSENT));
                differences(&format!("{path}.{name}"), &of(a), &of(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.iter().chain(b).all(|f| f.get("field").is_some()) => {
            let name = |f: &Value| text_of(&f["field"]).to_owned();
            let named = |list: &[Value]| Value::Object(list.iter().map(|f| (name(f), f.clone())).collect());
            differences(path, &named(a), &named(b), found);
            let order = |list: &[Value], other: &[Value]| {
                list.iter().filter(|f| other.iter().any(|o| name(o) == name(f))).map(name).collect::<Vec<_>>()
            };
            assert_eq!(order(a, b), order(b, a), "the order of fields at {path}");
        }
        (a, b) if a == b || zero_time(path, a, b) => {}
        (a, b) if KNOWN.iter().any(|(end, known, _)| path.ends_with(end) && known(a, b)) => {}
        (a, b) => {
            let short = |v: &Value| v.to_string().chars().take(150).collect::<String>();
            found.entry(path.to_owned()).or_insert_with(|| format!("ours {}, theirs {}", short(a), short(b)));
        }
    }
}

/// What Debezium 3.5 fails on: types that it cannot parse, columns and values that end its snapshot or its stream.
fn leave_out(tables: &mut [zoo::Table]) {
    let column = |c: &zoo::Column| matches!(c.definition, "INET4" | "INET6") || c.definition.ends_with("COMPRESSED");
    let value = |v: &String| ["'0000'", "'2021-00-00", "'2023-02-31"].iter().any(|bad| v.starts_with(bad));
    for table in tables {
        table.columns.retain(|c| !column(c));
        table.columns.iter_mut().for_each(|c| c.values.retain(|v| !value(v)));
    }
}

async fn messages(broker: &Broker, prefix: &str, schema: &str, tables: &[zoo::Table]) -> BTreeMap<String, Vec<Record>> {
    let mut all = BTreeMap::new();
    for table in tables {
        all.insert(table.name.to_owned(), broker.read(&format!("{prefix}.{schema}.{}", table.name)).await);
    }
    all
}

async fn beside_debezium(flavor: Flavor) {
    if std::env::var_os("SYNCLINE_TEST_LONG").is_none() {
        return;
    }
    // A server of its own: what others write into the log would end Debezium.
    let (Some(server), Some(broker)) = (servers::own(flavor, "debezium"), broker::kafka()) else { return };
    let Some(debezium) = java::compiled("debezium", "bench/peer/Debezium.java") else { return };
    let schema = scratch("beside", &[&server]).await;
    // Topics of other names are not spelt alike; without a key there is nothing to tell rows by.
    let plain = |t: &zoo::Table| t.keyed && t.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut tables: Vec<zoo::Table> = zoo::tables_for(&server, &server).into_iter().filter(plain).collect();
    leave_out(&mut tables);
    zoo::load(&server, &schema, &tables).await;
    let daemon = Daemon::start(&[]).await;
    let kafka = json!({ "topic": "ours.{schema}.{table}", "format": "debezium" });
    daemon.client().create_job(&job("beside", &server, broker, &schema, kafka)).await.expect("the job is created");
    let dir = tempfile::tempdir().expect("a folder");
    let [engine, producer] = settings(dir.path(), &server, broker, &schema);
    let log = dir.path().join("log");
    let mut running = debezium.start(&[&engine, &producer], &log);
    let mut both_have = async |count: usize| {
        until(Duration::from_secs(120), "both have written", async || {
            assert!(running.is_alive(), "{}", std::fs::read_to_string(&log).unwrap_or_default());
            let mut done = true;
            for prefix in ["ours", "theirs"] {
                done &= messages(broker, prefix, &schema, &tables).await.values().map(Vec::len).sum::<usize>() >= count;
            }
            done
        })
        .await;
    };
    let rows: usize = tables.iter().map(zoo::Table::row_count).sum();
    both_have(rows).await;
    let mut conn = connect(&server).await;
    for table in &tables {
        table.insert(&mut conn, &schema, 1001).await;
        exec(&mut conn, &format!("DELETE FROM {} WHERE id < 1000", table.quoted(&schema))).await;
    }
    // A delete has its tombstone.
    both_have(rows * 4).await;
    let (ours, theirs) = (messages(broker, "ours", &schema, &tables).await, messages(broker, "theirs", &schema, &tables).await);
    let mut found = BTreeMap::new();
    for table in &tables {
        let (a, b) = (by_key(&ours[table.name]), by_key(&theirs[table.name]));
        assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{}", table.name);
        for (key, (our_key, our_value)) in &a {
            let (their_key, their_value) = &b[key];
            let spelt = |v: &Value| serde_json::from_str::<Value>(&v.to_string().replace("\"theirs", "\"ours")).expect("JSON");
            differences(&format!("{} key", table.name), our_key, &spelt(their_key), &mut found);
            differences(&format!("{} {}", table.name, key.1), our_value, &spelt(their_value), &mut found);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    daemon.client().delete_job("beside-subscription", false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_those_of_debezium_mariadb() {
    beside_debezium(Flavor::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_those_of_debezium_mysql() {
    beside_debezium(Flavor::Mysql).await;
}
