//! What the family says of servers and of running tasks: real MariaDB servers, real figures.

use super::super::contract::json as sample;
use super::super::served;
use super::life::{PATIENCE, arrived, connection};
use super::samples::allocation;
use super::{FORM, create, get, post, refused, send, url_encoded};
use crate::support::servers::{self, PASSWORD, USER};
use crate::support::sql;
use crate::support::until::{until, until_some};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_running_task_shows_where_it_is() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("monitor", &[source, target]).await;
    let table = format!("{schema}.t");
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {table} (id INT PRIMARY KEY)")).await;
    sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES (1), (2), (3)")).await;
    let (daemon, _dir) = served::start("").await;
    let config = json!({
        "job_name": "monitor",
        "src_task": {"task_name": "src", "repl_chan_buffer_size": 20, "replicate_do_db": [{"table_schema": schema}],
            "mysql_connection_config": connection(source)},
        "dest_task": {"task_name": "dest", "mysql_connection_config": connection(target)},
    });
    create(&daemon, "sync", &config).await;
    arrived(target, &table, 3).await;
    let detail = "/v2/job/sync/detail?job_id=monitor-sync";
    let src = allocation(&daemon, detail).await["allocation_id"].as_str().unwrap().to_owned();
    let dest = get(&daemon, detail).await.body["dest_task_detail"]["allocations"][0]["allocation_id"].as_str().unwrap().to_owned();
    for n in 4..8 {
        sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES ({n})")).await;
    }
    arrived(target, &table, 7).await;
    let idle = sample("dtle3", "monitor_task.response")["tasks_status"]["stage"].clone();
    let status = async |allocation: &str, task: &str| {
        let path = format!("/v2/monitor/task?allocation_id={allocation}&task_name={task}&nomad_http_address=x");
        let reply = get(&daemon, &path).await;
        assert_eq!((reply.status.as_u16(), reply.ignored.as_str()), (200, ""), "{reply:?}");
        reply.body["tasks_status"].clone()
    };
    let figures = until_some(PATIENCE, "all is applied", async || {
        let status = status(&src, "src").await;
        (status["exec_master_tx_count"].as_u64() >= Some(4) && status["stage"] == idle && status["delay_count"]["num"] == 0)
            .then_some(status)
    })
    .await;
    assert_eq!((&figures["progress_PCT"], &figures["ETA"], &figures["exec_master_row_count"]), (&json!("100.0"), &json!("0s"), &json!(3)));
    assert_eq!((&figures["backlog"], &figures["read_master_row_count"]), (&json!("0/80"), &json!(3)));
    assert!(figures["nats_message_status"]["out_bytes"].as_u64() > Some(0) && figures["nats_message_status"]["in_bytes"] == 0, "{figures}");
    assert!(figures["timestamp"].as_u64() > Some(1_600_000_000_000_000_000));
    // The set that the source itself has executed.
    let source_is_at = async || sql::one(&mut sql::connect(source).await, "SELECT @@gtid_binlog_pos").await.unwrap();
    until(PATIENCE, "the source's own position", async || {
        status(&dest, "DEST").await["current_coordinates"]["gtid_set"] == source_is_at().await
    })
    .await;
    assert!(status(&dest, "dest").await["nats_message_status"]["in_messages"].as_u64() >= Some(4));
    let groups = &status(&dest, "dest").await["buffer_status"];
    assert!(groups["send_by_timeout"].as_u64() > Some(0), "{groups}");
    let position = get(&daemon, "/v2/job/position?job_id=monitor-sync").await.body;
    assert!(position["message"] == "ok" && position["position"].as_str().unwrap().starts_with("0-"), "{position}");

    for (query, code, text) in [
        ("", 400, "allocation_id, task_name: required"),
        ("?allocation_id=none&task_name=src", 404, "there is no task src of an allocation none"),
        (format!("?allocation_id={src}&task_name=dest").as_str(), 404, "there is no task dest"),
    ] {
        refused(&get(&daemon, &format!("/v2/monitor/task{query}")).await, code, text);
    }
    // What has ended keeps its last figures.
    assert_eq!(post(&daemon, "/v2/job/delete", "job_id=monitor-sync").await.status, 200);
    assert!(status(&src, "src").await["exec_master_tx_count"].as_u64() >= Some(4));
    daemon.stop().await;
}

#[tokio::test]
async fn a_server_shows_its_schemas_and_tables() {
    let Some(source) = servers::mariadb(1) else { return };
    let schema = sql::scratch("库", &[source]).await;
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.`表` (id INT, `名` TEXT)")).await;
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id INT)")).await;
    sql::exec(&mut conn, &format!("CREATE VIEW `{schema}`.v AS SELECT 1")).await;
    let (daemon, _dir) = served::start("").await;
    let server = format!("mysql_host=127.0.0.1&mysql_port={}&mysql_user={USER}&mysql_password={PASSWORD}", source.port);
    let reply = get(&daemon, &format!("/v2/mysql/schemas?{server}&mysql_character_set=utf8mb4&is_mysql_password_encrypted=0")).await;
    assert_eq!((reply.status.as_u16(), reply.ignored.as_str()), (200, ""), "{reply:?}");
    let all = reply.body["schemas"].as_array().unwrap();
    let ours = all.iter().find(|s| s["schema_name"] == schema).unwrap();
    assert_eq!(ours["Tables"], json!([{"table_name": "a"}, {"table_name": "表"}]));
    assert_eq!(ours["tables"], ours["Tables"]);
    for system in ["mysql", "sys", "information_schema", "performance_schema", "syncline"] {
        assert!(!all.iter().any(|s| s["schema_name"] == system), "{system}");
    }
    let table = format!("mysql_schema={}&mysql_table={}", url_encoded(&schema), url_encoded("表"));
    assert_eq!(get(&daemon, &format!("/v2/mysql/columns?{server}&{table}")).await.body, json!({"columns": ["id", "名"], "message": "ok"}));
    let none = format!("mysql_schema={}&mysql_table=none", url_encoded(&schema));
    refused(&get(&daemon, &format!("/v2/mysql/columns?{server}&{none}")).await, 404, "table ");
    assert_eq!(get(&daemon, &format!("/v2/mysql/instance_connection?{server}")).await.body, json!({"message": "ok"}));

    refused(&get(&daemon, "/v2/mysql/schemas?mysql_host=h").await, 400, "mysql_port, mysql_user, mysql_password: required");
    for (query, text) in [
        ("mysql_host=127.0.0.1&mysql_port=1&mysql_user=u&mysql_password=p", "connect to 127.0.0.1:1 as u"),
        ("mysql_host=127.0.0.1&mysql_port=x&mysql_user=u&mysql_password=p", "mysql_port: expected a port"),
    ] {
        for path in ["schemas", "instance_connection"] {
            refused(&get(&daemon, &format!("/v2/mysql/{path}?{query}")).await, 400, text);
        }
    }
    let wrong = server.replace(&format!("mysql_password={PASSWORD}"), "mysql_password=hunter2");
    let reply = get(&daemon, &format!("/v2/mysql/schemas?{wrong}")).await;
    refused(&reply, 400, "connect to 127.0.0.1:");
    assert!(!reply.body.to_string().contains("hunter2"));
    daemon.stop().await;
}

/// The report's sections as text: `ok`, the error, or nothing where it is null.
fn sections(report: &Value) -> Vec<String> {
    let names = ["connection", "privileges", "gtid_mode", "server_id", "binlog"];
    let section = |name: &&str| {
        let section = &report[format!("{name}_validation")];
        match (section["validated"].as_bool(), section["error"].as_str()) {
            (Some(true), Some("")) => "ok".to_owned(),
            (Some(false), Some(error)) if !error.is_empty() => error.to_owned(),
            (None, None) => String::new(),
            _ => panic!("{name}: validated and an error contradict each other: {section}"),
        }
    };
    names.iter().map(section).collect()
}

#[tokio::test]
async fn a_validation_is_as_true_as_the_servers_are() {
    let (Some(source), Some(target)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("valid", &[source, target]).await;
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {schema}.t (id INT PRIMARY KEY)")).await;
    for server in [source, target] {
        let mut conn = sql::connect(server).await;
        sql::exec_all(
            &mut conn,
            ["DROP USER IF EXISTS 'valid_none'@'%'", "CREATE USER 'valid_none'@'%' IDENTIFIED BY 'x'", "FLUSH PRIVILEGES"],
        )
        .await;
    }
    let (daemon, _dir) = served::start("").await;
    let config = |src: Value, dest: Value| {
        json!({
            "job_name": "valid",
            "src_task": {"task_name": "src", "replicate_do_db": [{"table_schema": schema}], "mysql_connection_config": src},
            "dest_task": {"task_name": "dest", "mysql_connection_config": dest},
        })
    };
    let as_user = |mut connection: Value, user: &str, password: &str| {
        (connection["mysql_user"], connection["mysql_password"]) = (json!(user), json!(password));
        connection
    };
    let validate = async |config: Value| {
        let reply = send(&daemon, Method::POST, "/v2/validation/job", Some(FORM), config.to_string()).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.body["message"], "ok");
        reply.body
    };
    let (src, dest) = (connection(source), connection(target));

    let good = validate(config(src.clone(), dest.clone())).await;
    assert_eq!(good["driver_config_validated"], true);
    assert_eq!(sections(&good["mysql_task_validation_report"][0]), ["ok"; 5]);
    assert_eq!(sections(&good["mysql_task_validation_report"][1]), ["ok", "ok", "", "", ""]);

    // A wrong password on either side is told on that side, and behind it nothing was looked at.
    for side in [0, 1] {
        let mut sides = [src.clone(), dest.clone()];
        sides[side] = as_user(sides[side].clone(), USER, "hunter2");
        let [src, dest] = sides;
        let report = validate(config(src, dest)).await;
        let told = sections(&report["mysql_task_validation_report"][side]);
        assert!(told[0].contains("check user and password") && told[1..].iter().all(String::is_empty), "{told:?}");
        assert_eq!(sections(&report["mysql_task_validation_report"][1 - side])[0], "ok");
        assert!(!report.to_string().contains("hunter2"));
    }

    // An account that may do nothing: its connection is good, its privileges are not, on the side that it is.
    let report = validate(config(as_user(src.clone(), "valid_none", "x"), dest.clone())).await;
    let told = sections(&report["mysql_task_validation_report"][0]);
    assert!(told[0] == "ok" && told[1].contains("REPLICATION SLAVE") && told[1].contains("GRANT"), "{told:?}");
    assert_eq!(sections(&report["mysql_task_validation_report"][1])[..2], ["ok", "ok"]);
    let report = validate(config(src.clone(), as_user(dest.clone(), "valid_none", "x"))).await;
    let told = sections(&report["mysql_task_validation_report"][1]);
    assert!(told[0] == "ok" && told[1].contains("GRANT"), "{told:?}");
    assert_eq!(sections(&report["mysql_task_validation_report"][0])[1], "ok");

    // A config that no job can have: nobody was asked.
    let mut loops = config(src.clone(), src.clone());
    let report = validate(loops.clone()).await;
    assert_eq!(
        (&report["driver_config_validated"], &report["job_validation_error"]),
        (&json!(false), &json!("target: source and target are the same server"))
    );
    assert_eq!(sections(&report["mysql_task_validation_report"][0]), [""; 5]);
    loops["src_task"]["gtid"] = json!("yesterday");
    let report = validate(loops).await;
    assert!(report["job_validation_error"].as_str().unwrap().starts_with("src_task.gtid: "), "{report}");
    // A table that is not there is an error of the job, not of a server.
    let mut missing = config(src, dest);
    missing["src_task"]["replicate_do_db"][0]["tables"] = json!([{"table_name": "none"}]);
    let report = validate(missing).await;
    assert!(report["job_validation_error"].as_str().unwrap().contains("none"), "{report}");
    assert_eq!(report["driver_config_validated"], true);
    daemon.stop().await;
}
