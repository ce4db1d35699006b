//! Rows of tables that are not at the source any more when the job comes to read them: renamed, or dropped.

use super::kafka::{caught_up, job, plain, state};
use crate::support::broker::{self, Broker, Record};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec_all, scratch};
use crate::support::until::until;
use serde_json::{Value, json};
use std::time::Duration;
use syncline::wire::native::jobs::JobState;

/// The rows of a table, as they stand after the change.
fn rows(records: &[Record], table: &str) -> Vec<Value> {
    let values = records.iter().filter_map(|r| r.value.as_ref());
    values.filter(|v| v["source"]["table"] == table && v["op"] == "c").map(|v| v["after"].clone()).collect()
}

async fn gone(source: &'static Server, broker: &Broker) {
    let schema = scratch("kfgone", &[source]).await;
    let mut conn = connect(source).await;
    let types = "(id BIGINT UNSIGNED PRIMARY KEY, v VARCHAR(20) CHARACTER SET latin1, e ENUM('a', 'b,c'), d DECIMAL(10,2), \
                 at DATETIME(3), b BINARY(5), t TEXT, n TINYINT UNSIGNED, f BIT(10), j JSON)";
    let row = |table: &str, id: u64| {
        format!(
            "INSERT INTO `{schema}`.{table} VALUES \
             ({id}, 'größe', 'b,c', -12.30, '2026-01-31 12:00:00.5', 'x', '字', 200, b'1000000001', '{{\"k\":[1]}}')"
        )
    };
    exec_all(&mut conn, [format!("CREATE TABLE `{schema}`.stays {types}"), row("stays", 1)]).await;
    let daemon = Daemon::start(&[]).await;
    let id = format!("{schema}-subscription");
    daemon.client().create_job(&job(&schema, source, broker, &schema, plain(&schema))).await.expect("the job is created");
    caught_up(&daemon, source, &id).await;
    daemon.client().pause_job(&id).await.expect("it pauses");
    exec_all(
        &mut conn,
        [
            row("stays", 2),
            format!("CREATE TABLE `{schema}`.born {types}"),
            row("born", 3),
            format!("RENAME TABLE `{schema}`.born TO `{schema}`.later"),
            row("later", 4),
            format!("CREATE TABLE `{schema}`.short {types}"),
            row("short", 5),
            format!("DROP TABLE `{schema}`.short"),
            row("stays", 6),
        ],
    )
    .await;
    daemon.client().resume_job(&id).await.expect("it goes on");
    caught_up(&daemon, source, &id).await;
    let records = broker.read(&schema).await;
    let stays = rows(&records, "stays");
    assert_eq!(stays.len(), 2);
    for (table, id) in [("born", 3), ("short", 5)] {
        let mut like = stays[0].clone();
        like["id"] = rows(&records, table)[0]["id"].clone();
        assert_eq!(rows(&records, table), [like.clone()], "as a row of a table that is there");
        assert_ne!(like["id"], stays[0]["id"], "row {id}");
    }
    // What it held under its other name was told under that one.
    assert_eq!(rows(&records, "later").len(), 1);

    // What the log does not say whole stops the job, with a way out that is one.
    daemon.client().pause_job(&id).await.expect("it pauses");
    let shape = "(id INT PRIMARY KEY, g GEOMETRY)";
    exec_all(
        &mut conn,
        [
            format!("CREATE TABLE `{schema}`.shape {shape}"),
            format!("INSERT INTO `{schema}`.shape VALUES (1, ST_GeomFromText('POINT(1 2)'))"),
            format!("DROP TABLE `{schema}`.shape"),
            row("stays", 7),
        ],
    )
    .await;
    daemon.client().resume_job(&id).await.expect("it goes on");
    until(Duration::from_secs(60), "the job has failed", async || state(&daemon, &id).await == JobState::Failed).await;
    let failure = daemon.client().job(&id).await.unwrap().failure.expect("it says why");
    assert!(failure.code == "definition_unknown" && failure.hint.contains("--ignore"), "{failure:?}");
    let mut without = job(&schema, source, broker, &schema, plain(&schema));
    without.ignore = serde_json::from_value(json!([{ "schema": schema, "tables": ["shape"] }])).expect("a rule");
    daemon.client().update_job(&id, &without, None).await.expect("the table is left out");
    if state(&daemon, &id).await == JobState::Failed {
        daemon.client().retry_job(&id).await.expect("it is tried again");
    }
    caught_up(&daemon, source, &id).await;
    assert_eq!(rows(&broker.read(&schema).await, "stays").len(), 3);
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_tables_that_are_gone_are_read_by_the_log_mariadb() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    gone(source, broker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_tables_that_are_gone_are_read_by_the_log_mysql() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    gone(source, broker).await;
}
