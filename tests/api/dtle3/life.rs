//! A job's whole life in dtle's words, between two real MariaDB servers.

use super::super::contract::{assert_shape, json};
use super::super::served::{self, Served};
use super::{create, daemon_status, get, post, refused};
use crate::support::servers::{self, PASSWORD, Server, USER};
use crate::support::sql;
use crate::support::until::until;
use serde_json::{Value, json};
use std::time::Duration;
use std::time::Instant;

pub(super) const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn connection(server: &Server) -> Value {
    json!({"mysql_host": "127.0.0.1", "mysql_port": server.port, "mysql_user": USER, "mysql_password": PASSWORD})
}

/// Waits until the target has so many rows.
pub(super) async fn arrived(target: &Server, table: &str, rows: u64) {
    let mut conn = sql::connect(target).await;
    until(PATIENCE, &format!("{rows} rows in {table}"), async || {
        let query = "SELECT COUNT(*) FROM information_schema.tables WHERE CONCAT(table_schema, '.', table_name) = ";
        sql::one(&mut conn, &format!("{query}'{table}'")).await.as_deref() == Some("1") && sql::count(&mut conn, table).await == rows
    })
    .await;
}

/// The only allocation of a side.
async fn allocation(daemon: &Served, id: &str, side: &str) -> Value {
    let detail = get(daemon, &format!("/v2/job/sync/detail?job_id={id}")).await.body;
    let allocations = detail[format!("{side}_task_detail")]["allocations"].as_array().unwrap().clone();
    assert_eq!(allocations.len(), 1, "one run, one allocation: {detail:#}");
    allocations[0].clone()
}

fn messages(allocation: &Value) -> Vec<String> {
    let events = allocation["task_status"]["task_events"].as_array().unwrap();
    events.iter().map(|e| e["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_job_runs_pauses_resumes_and_goes() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("dtle", &[source, target]).await;
    let table = format!("{schema}.t");
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {table} (id INT PRIMARY KEY, v VARCHAR(20))")).await;
    sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES (1, 'one'), (2, '二')")).await;
    let (daemon, dir) = served::start("").await;
    let config = json!({
        "job_name": "life",
        "src_task": {"task_name": "src", "replicate_do_db": [{"table_schema": schema}], "mysql_connection_config": connection(source)},
        "dest_task": {"task_name": "dest", "mysql_connection_config": connection(target)},
    });

    let validation = post(&daemon, "/v2/validation/job", &config).await.body;
    assert_shape(&validation, &json("dtle3", "validation.response"), &[]);
    assert_eq!(validation["mysql_task_validation_report"], json("dtle3", "validation.response")["mysql_task_validation_report"]);
    assert_eq!(validation["job_validation_error"], "");

    create(&daemon, "sync", &config).await;
    arrived(target, &table, 2).await;
    daemon_status(&daemon, "life-sync", "running").await;
    until(PATIENCE, "the copy is over", async || {
        let seen = messages(&allocation(&daemon, "life-sync", "dest").await);
        seen.iter().any(|m| m == "job_stage_full") && seen.iter().any(|m| m == "job_stage_incr")
    })
    .await;
    let before = allocation(&daemon, "life-sync", "dest").await;
    let src = allocation(&daemon, "life-sync", "src").await;
    assert!(!messages(&src).iter().any(|m| m.starts_with("job_stage")), "only the destination has stages");
    sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES (3, 'three')")).await;
    arrived(target, &table, 3).await;

    assert_eq!(post(&daemon, "/v2/job/pause", "job_id=life-sync").await.body, json!({"message": "ok"}));
    daemon_status(&daemon, "life-sync", "paused").await;
    sql::exec(&mut conn, &format!("DELETE FROM {table} WHERE id = 1")).await;
    let paused = allocation(&daemon, "life-sync", "dest").await;
    assert_eq!((&paused["allocation_id"], &paused["task_status"]["status"]), (&before["allocation_id"], &json!("running")));
    let signals = paused["task_status"]["task_events"].as_array().unwrap().iter().filter(|e| e["event_type"] == "Signaling");
    assert_eq!(signals.map(|e| e["message"].clone()).collect::<Vec<_>>(), ["pause"]);
    let mut at_target = sql::connect(target).await;
    assert_eq!(sql::count(&mut at_target, &table).await, 3, "a paused job applies nothing");

    assert_eq!(post(&daemon, "/v2/job/resume", "job_id=life-sync").await.body, json!({"message": "ok"}));
    arrived(target, &table, 2).await;
    daemon_status(&daemon, "life-sync", "running").await;
    assert_eq!(allocation(&daemon, "life-sync", "dest").await["allocation_id"], before["allocation_id"]);

    // A daemon that is stopped with a running job ends at once, and goes on with it when it is back.
    let began = Instant::now();
    daemon.stop().await;
    assert!(began.elapsed() < Duration::from_secs(4), "the engine was told to stop");
    sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES (4, 'four')")).await;
    let daemon = served::serve(served::settings(dir.path(), "")).await.unwrap();
    arrived(target, &table, 3).await;
    let detail = get(&daemon, "/v2/job/sync/detail?job_id=life-sync").await.body;
    let allocations = detail["dest_task_detail"]["allocations"].as_array().unwrap();
    assert_eq!(allocations.len(), 2, "the old allocation stays listed");
    assert_eq!(allocations[0]["task_status"]["status"], "dead");
    assert_ne!(allocations[0]["task_status"]["finished_at"], "0001-01-01T00:00:00Z");

    assert_eq!(post(&daemon, "/v2/job/delete", "job_id=life-sync").await.body, json!({"message": "ok"}));
    refused(&get(&daemon, "/v2/job/sync/detail?job_id=life-sync").await, 404, "job life-sync does not exist");
    assert_eq!(sql::count(&mut at_target, &table).await, 3, "the data stays");
    let again = post(&daemon, "/v2/validation/job", &config).await.body;
    assert_eq!(again["job_validation_error"], "", "rows at the target are upserted, as dtle's REPLACE did");
    let warning = again["job_validation_warning"].as_str().unwrap();
    assert!(warning.contains(&table), "and warned about: {warning:?}");
    daemon.stop().await;
}
