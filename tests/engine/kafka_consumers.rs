//! Other people's clients read what we write: Kafka Connect's JSON converter, Kafka's console consumer, kcat, and a Python
//! client in a consumer group. (`scripts/services install kafka consumers` brings them.)

use super::kafka::{caught_up, job};
use crate::support::broker::{self, Broker};
use crate::support::daemon::Daemon;
use crate::support::java;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, scratch};
use serde_json::json;
use std::collections::BTreeMap;
use std::process::{Command, Output};

/// Column, type, value, and what Connect makes of it: schema type, schema name, Java class, value.
type Case = (&'static str, &'static str, &'static str, [&'static str; 4]);
const CASES: &[Case] = &[
    ("id", "INT PRIMARY KEY", "{id}", ["int32", "null", "Integer", "{id}"]),
    ("dec", "DECIMAL(10,3)", "-12.34", ["bytes", "org.apache.kafka.connect.data.Decimal", "BigDecimal", "-12.340"]),
    (
        "big",
        "BIGINT UNSIGNED",
        "18446744073709551615",
        ["bytes", "org.apache.kafka.connect.data.Decimal", "BigDecimal", "18446744073709551615"],
    ),
    ("small", "SMALLINT", "-32768", ["int16", "null", "Short", "-32768"]),
    ("wide", "INT UNSIGNED", "4294967295", ["int64", "null", "Long", "4294967295"]),
    ("f", "FLOAT", "1.5", ["float32", "null", "Float", "1.5"]),
    ("dbl", "DOUBLE", "-2.25", ["float64", "null", "Double", "-2.25"]),
    ("d", "DATE", "'2024-02-29'", ["int32", "io.debezium.time.Date", "Integer", "19782"]),
    ("t", "TIME(3)", "'-01:02:03.456'", ["int64", "io.debezium.time.MicroTime", "Long", "-3723456000"]),
    ("dt", "DATETIME(3)", "'2024-02-29 01:02:03.456'", ["int64", "io.debezium.time.Timestamp", "Long", "1709168523456"]),
    ("dt6", "DATETIME(6)", "'2024-02-29 01:02:03.456789'", ["int64", "io.debezium.time.MicroTimestamp", "Long", "1709168523456789"]),
    (
        "ts",
        "TIMESTAMP(2) NULL",
        "'2024-02-29 01:02:03.45'",
        ["string", "io.debezium.time.ZonedTimestamp", "String", "2024-02-29T01:02:03.45Z"],
    ),
    ("y", "YEAR", "2155", ["int32", "io.debezium.time.Year", "Integer", "2155"]),
    ("b1", "BIT(1)", "1", ["boolean", "null", "Boolean", "true"]),
    ("b9", "BIT(9)", "258", ["bytes", "io.debezium.data.Bits", "byte[]", "0201"]),
    ("e", "ENUM('a','b,c')", "'b,c'", ["string", "io.debezium.data.Enum", "String", "b,c"]),
    ("s", "SET('x','y','z')", "'x,z'", ["string", "io.debezium.data.EnumSet", "String", "x,z"]),
    ("bl", "BLOB", "x'00FF'", ["bytes", "null", "byte[]", "00ff"]),
    ("v", "VARCHAR(20) CHARACTER SET latin1", "'é\"'", ["string", "null", "String", "é\""]),
    ("no", "INT", "NULL", ["int32", "null", "null", "null"]),
];
const MARIADB: Case = (
    "u",
    "UUID",
    "'123e4567-e89b-12d3-a456-426655440000'",
    ["string", "io.debezium.data.Uuid", "String", "123e4567-e89b-12d3-a456-426655440000"],
);
const MYSQL: Case = ("j", "JSON", "'{\"a\": [1, null]}'", ["string", "io.debezium.data.Json", "String", "{\"a\": [1, null]}"]);

/// What one program did not say.
fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{errors}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout.clone()).unwrap_or_else(|e| panic!("{e}\n{errors}"))
}

/// A topic with rows of every case: one from the copy, then from the log an insert, an update, and a delete of that one.
async fn publish(server: &'static Server, broker: &Broker, cases: &[Case]) -> (String, Daemon) {
    let schema = scratch("consumers", &[server]).await;
    let mut conn = connect(server).await;
    let columns: Vec<String> = cases.iter().map(|(name, kind, ..)| format!("`{name}` {kind}")).collect();
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a ({}, version INT NOT NULL)", columns.join(", "))).await;
    let insert = |id: &str| {
        let values: Vec<String> = cases.iter().map(|(_, _, value, _)| value.replace("{id}", id)).collect();
        format!("INSERT INTO `{schema}`.a VALUES ({}, 1)", values.join(", "))
    };
    exec(&mut conn, &insert("1")).await;
    let daemon = Daemon::start(&[]).await;
    let topic = format!("consumers-{}-{schema}", server.flavor.as_str());
    let id = format!("{topic}-subscription");
    let kafka = json!({ "topic": topic, "format": "debezium" });
    daemon.client().create_job(&job(&topic, server, broker, &schema, kafka)).await.expect("the job is created");
    caught_up(&daemon, server, &id).await;
    exec(&mut conn, &insert("2")).await;
    exec(&mut conn, &format!("UPDATE `{schema}`.a SET version = 2 WHERE id = 2")).await;
    exec(&mut conn, &format!("DELETE FROM `{schema}`.a WHERE id = 2")).await;
    caught_up(&daemon, server, &id).await;
    (topic, daemon)
}

/// Snapshot, insert, update, delete, tombstone.
const MESSAGES: usize = 5;

async fn connect_reads_every_type(server: &'static Server, broker: &Broker, own: Case) {
    let Some(reader) = java::compiled("consumers", "tests/support/ConnectReader.java") else { return };
    let cases: Vec<Case> = CASES.iter().copied().chain([own]).collect();
    let (topic, _daemon) = publish(server, broker, &cases).await;
    let text = said(&reader.run(&[&broker.address(), &topic]));
    let mut messages: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        messages.entry(fields[0]).or_default().insert(fields[1], fields[2..].to_vec());
    }
    assert_eq!(messages.len(), MESSAGES, "{text}");
    let of =
        |op: &str| messages.values().find(|m| m.get("value.op").is_some_and(|f| f[3] == op)).unwrap_or_else(|| panic!("no {op}: {text}"));
    for (op, image, id) in [("r", "after", "1"), ("c", "after", "2"), ("u", "before", "2"), ("u", "after", "2"), ("d", "before", "2")] {
        let message = of(op);
        for (name, _, _, expected) in &cases {
            let expected: Vec<String> = expected.iter().map(|e| e.replace("{id}", id)).collect();
            assert_eq!(message[format!("value.{image}.{name}").as_str()], expected, "{}: {op} {image}.{name}", server.flavor.as_str());
        }
        assert_eq!(message["key.id"], ["int32", "null", "Integer", id]);
        assert_eq!(message["value.source.table"], ["string", "null", "String", "a"]);
        assert_eq!(message["value.source.snapshot"][..2], ["string", "io.debezium.data.Enum"]);
    }
    let tombstone = messages.values().find(|m| m.contains_key("value")).expect("a tombstone");
    assert_eq!(tombstone["value"], ["none", "null", "null"], "the converter knows a tombstone");
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_connect_reads_every_type_mariadb() {
    let (Some(server), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    connect_reads_every_type(server, broker, MARIADB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kafka_connect_reads_every_type_mysql() {
    let (Some(server), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    connect_reads_every_type(server, broker, MYSQL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_consumers_read_the_same_keys_and_values() {
    let (Some(server), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let (topic, _daemon) = publish(server, broker, &CASES[..2]).await;
    let address = broker.address();
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let text = |bytes: Option<Vec<u8>>| bytes.map_or("null".to_owned(), |b| String::from_utf8(b).expect("UTF-8"));
    let value = |v: Option<serde_json::Value>| v.map_or("null".to_owned(), |v| v.to_string());
    let records = broker.read(&topic).await;
    let ours = sorted(&records.into_iter().map(|r| format!("{}\t{}\n", text(r.key), value(r.value))).collect::<String>());
    assert_eq!(ours.len(), MESSAGES);

    let kcat = Command::new("kcat").args(["-C", "-q", "-e", "-Z", "-b", &address, "-t", &topic, "-f", "%k\t%s\n"]).output();
    match kcat {
        Ok(read) => assert_eq!(sorted(&said(&read).replace("\tNULL", "\tnull")), ours, "kcat"),
        Err(e) => servers::skip(&format!("kcat cannot be run: {e}")),
    }

    if let Some(console) = java::class("consumers", "org.apache.kafka.tools.consumer.ConsoleConsumer") {
        let count = MESSAGES.to_string();
        let arguments = [
            "--bootstrap-server",
            &address,
            "--topic",
            &topic,
            "--from-beginning",
            "--max-messages",
            &count,
            "--property",
            "print.key=true",
        ];
        assert_eq!(sorted(&said(&console.run(&arguments))), ours, "the console consumer");
    }

    if let Some(python) = java::python() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/group_reader.py");
        let read = |count: usize| {
            let run = Command::new(&python).args([script, &address, &topic, "readers", &count.to_string()]).output();
            said(&run.expect("Python is here"))
        };
        let (first, rest) = (read(2), read(MESSAGES - 2));
        assert_eq!((first.lines().count(), rest.lines().count()), (2, MESSAGES - 2));
        assert_eq!(sorted(&(first + &rest)), ours, "a group goes on behind what it committed");
    }
}
