//! `incr: true`: what is changed after the reply is in the topic, however late the task gets to run.

use super::super::served;
use super::{Client, PATIENCE, task};
use crate::support::broker::{self, Broker};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql;
use crate::support::until::until;
use serde_json::json;
use syncline::replicate::connect::Flavor;

async fn ids(broker: &Broker, topic: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for record in broker.read(topic).await {
        let row = &record.value.expect("no tombstones in Canal's form")["data"][0];
        ids.push(row["id"].as_str().unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    ids
}

async fn from_the_reply_on(source: &Server, broker: &Broker, form: &str) {
    let schema = sql::scratch("dtsincr", &[source]).await;
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {schema}.check_delay (id INT PRIMARY KEY)")).await;
    sql::exec(&mut conn, &format!("INSERT INTO {schema}.check_delay VALUES (1)")).await;
    let mut daemon = Daemon::start(&[]).await;
    let mut body = task(source, broker, &schema, &schema);
    body["task"]["filters"] = json!([{ "dbname": schema, "match": "check_delay" }]);
    let id = Client::new(&daemon.url(), None).submit(&body).await;
    // The reply is there: the daemon dies before the task can have done anything worth keeping.
    daemon.kill9();
    sql::exec(&mut conn, &format!("INSERT INTO {schema}.check_delay VALUES (2), (3)")).await;
    daemon.restart().await;
    let client = Client::new(&daemon.url(), None);
    let detail = client.detail(id).await;
    assert!(detail["pos"].as_str().unwrap().starts_with(form), "{detail}");
    assert_eq!(detail["task"]["incr"], true);
    until(PATIENCE, "what came after the reply", async || ids(broker, &schema).await == ["2", "3"]).await;
    client.state(id, "Running").await;
    assert_eq!(ids(broker, &schema).await, ["2", "3"], "nothing that was there before");
}

#[tokio::test]
async fn what_comes_after_the_reply_is_never_missed() {
    let (Some(mysql), Some(mariadb), Some(broker)) = (servers::mysql(1), servers::mariadb(1), broker::kafka()) else { return };
    from_the_reply_on(mysql, broker, "MySQL56/").await;
    from_the_reply_on(mariadb, broker, "MariaDB/").await;
}

#[tokio::test]
async fn a_source_without_gtids_is_gone_on_from_by_file_and_offset() {
    let (Some(source), Some(broker)) = (servers::own(Flavor::Mysql, "dts"), broker::kafka()) else { return };
    let mut conn = sql::connect(&source).await;
    sql::exec_all(&mut conn, ["ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"].map(|mode| format!("SET GLOBAL gtid_mode = {mode}"))).await;
    from_the_reply_on(&source, broker, "FilePos/").await;
}

#[tokio::test]
async fn a_server_on_which_nothing_was_done_yet_can_be_followed() {
    let (Some(source), Some(broker)) = (servers::own(Flavor::Mariadb, "dtsempty"), broker::kafka()) else { return };
    let mut conn = sql::connect(&source).await;
    let schema = sql::scratch("dtsempty", &[&source]).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {schema}.check_delay (id INT PRIMARY KEY)")).await;
    sql::exec(&mut conn, "RESET MASTER").await;
    let (daemon, _dir) = served::start("").await;
    let client = Client::of(&daemon);
    let mut body = task(&source, broker, &schema, &schema);
    body["task"]["filters"] = json!([{ "dbname": schema, "match": "check_delay" }]);
    let id = client.submit(&body).await;
    assert_eq!(client.detail(id).await["task"]["incr"], true, "an empty set is a position too");
    sql::exec(&mut conn, &format!("INSERT INTO {schema}.check_delay VALUES (5)")).await;
    until(PATIENCE, "the row", async || ids(broker, &schema).await == ["5"]).await;
    daemon.stop().await;
}
