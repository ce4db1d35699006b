//! The dtle 3.x family with the contract's own requests, sent as its clients send them.
//!
//! The samples name hosts of somebody's network: every request goes through [`local`], which puts a loopback port there
//! where nothing listens. Jobs in these tests therefore wait for their source; shapes do not depend on that.

use super::contract::{assert_shape, json, text};
use super::served::{self, Served};
use crate::support::until::{until, until_some};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::time::Duration;

mod life;
mod look;
mod samples;

const FORM: &str = "application/x-www-form-urlencoded";
const SECONDS: Duration = Duration::from_secs(30);

/// Points a config object at a loopback port where nothing listens.
fn local(sample: &str) -> String {
    // Nothing listens on ports 1 and 2 without being root and meaning it.
    sample.replace("\"10.186.63.28\"", "\"127.0.0.1\"").replace("3307", "1").replace("3308", "2")
}

/// The same, as a value under another job name.
fn named(sample: &str, name: &str) -> Value {
    let mut config: Value = serde_json::from_str(&local(&text("dtle3", sample))).unwrap();
    config["job_name"] = json!(name);
    config
}

/// What came back.
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    ignored: String,
    body: Value,
}

async fn send(daemon: &Served, method: Method, path: &str, content_type: Option<&str>, body: impl Into<String>) -> Reply {
    let mut request = daemon.request(method, path).body(body.into());
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    let reply = request.send().await.expect("the daemon answers");
    let status = reply.status();
    let ignored = reply.headers().get("x-syncline-ignored").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    assert!(reply.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("application/json"), "every reply of the family is JSON");
    let body = reply.json().await.expect("every reply of the family is JSON");
    Reply { status, ignored, body }
}

async fn get(daemon: &Served, path: &str) -> Reply {
    send(daemon, Method::GET, path, None, "").await
}

/// As `curl -d` does it: whatever it is, it is called a form.
async fn post(daemon: &Served, path: &str, body: impl ToString) -> Reply {
    send(daemon, Method::POST, path, Some(FORM), body.to_string()).await
}

async fn create(daemon: &Served, kind: &str, config: &Value) -> Value {
    let reply = post(daemon, &format!("/v2/job/{kind}"), config).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body
}

fn refused(reply: &Reply, status: u16, start: &str) {
    assert_eq!(reply.status.as_u16(), status, "{reply:?}");
    assert_eq!(reply.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
    let message = reply.body["message"].as_str().unwrap();
    assert!(message.starts_with(start), "{message:?} does not start with {start:?}");
}

#[tokio::test]
async fn every_sample_of_a_job_gets_a_reply_of_its_sample() {
    let (daemon, _dir) = served::start("").await;
    for kind in ["migration", "sync"] {
        let reply = post(&daemon, &format!("/v2/job/{kind}"), local(&text("dtle3", &format!("{kind}.request")))).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let sample: Value = serde_json::from_str(&local(&text("dtle3", &format!("{kind}.response")))).unwrap();
        assert_shape(&reply.body, &sample, &[]);
        // Values and the order of keys too.
        assert_eq!(reply.body["job"].to_string(), sample["job"].to_string());
        assert!(reply.body["eval_create_index"].as_u64() > reply.body["job_modify_index"].as_u64());
        assert_eq!(reply.ignored, "");
    }
    let list = get(&daemon, "/v2/jobs").await;
    assert_shape(&list.body, &json("dtle3", "jobs.response"), &[]);
    let ids = |body: &Value| body["jobs"].as_array().unwrap().iter().map(|j| j["job_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&list.body), ["job1-migration", "job1-sync"]);
    assert_eq!(ids(&get(&daemon, "/v2/jobs?filter_job_type=sync").await.body), ["job1-sync"]);
    assert!(ids(&get(&daemon, "/v2/jobs?filter_job_type=other").await.body).is_empty());
    for kind in ["migration", "sync"] {
        let path = format!("/v2/job/{kind}/detail?job_id=job1-{kind}");
        let sample: Value = serde_json::from_str(&local(&text("dtle3", &format!("{kind}_detail.response")))).unwrap();
        let detail = until_some(SECONDS, "both sides have an allocation", async || {
            let body = get(&daemon, &path).await.body;
            ["src", "dest"].iter().all(|s| !body[format!("{s}_task_detail")]["allocations"].as_array().unwrap().is_empty()).then_some(body)
        })
        .await;
        assert_shape(&detail, &sample, &[]);
        for side in ["src_task_detail", "dest_task_detail"] {
            assert_eq!(detail[side]["task_config"].to_string(), sample[side]["task_config"].to_string());
            let allocation = &detail[side]["allocations"][0];
            let types: Vec<_> =
                allocation["task_status"]["task_events"].as_array().unwrap().iter().map(|e| e["event_type"].clone()).collect();
            assert_eq!(types[..3], ["Received", "Task Setup", "Started"]);
            assert_eq!(allocation["task_status"]["finished_at"], "0001-01-01T00:00:00Z");
        }
    }
    let nodes = get(&daemon, "/v2/nodes").await;
    assert_shape(&nodes.body, &json("dtle3", "nodes.response"), &[]);
    assert_eq!(nodes.body["nodes"][0]["node_status"], "ready");
    daemon.stop().await;
}

#[tokio::test]
async fn a_job_is_steered_by_form_query_or_json() {
    let (daemon, _dir) = served::start("").await;
    for (i, content_type, path, body) in [
        (1, Some(FORM), "", "job_id=j1-sync"),
        (2, None, "?job_id=j2-sync", ""),
        (3, Some("application/json"), "", r#"{"job_id":"j3-sync"}"#),
        (
            4,
            Some("multipart/form-data; boundary=b"),
            "",
            "--b\r\nContent-Disposition: form-data; name=\"job_id\"\r\n\r\nj4-sync\r\n--b--\r\n",
        ),
    ] {
        create(&daemon, "sync", &named("sync.request", &format!("j{i}"))).await;
        // Pause and resume are idempotent.
        for verb in ["pause", "pause", "resume", "resume", "delete"] {
            let reply = send(&daemon, Method::POST, &format!("/v2/job/{verb}{path}"), content_type, body).await;
            assert_eq!(reply.status, 200, "{verb} {body} {reply:?}");
            assert_shape(&reply.body, &json("dtle3", &format!("{verb}.response")), &[]);
            if verb == "pause" {
                daemon_status(&daemon, &format!("j{i}-sync"), "paused").await;
            }
        }
        refused(&get(&daemon, &format!("/v2/job/sync/detail?job_id=j{i}-sync")).await, 404, "job j");
    }
    for verb in ["pause", "resume", "delete"] {
        refused(&post(&daemon, &format!("/v2/job/{verb}"), "job_id=nobody").await, 404, "job nobody does not exist");
        refused(&post(&daemon, &format!("/v2/job/{verb}"), "").await, 400, "job_id: required");
    }
    daemon.stop().await;
}

/// Waits until the list shows the job in this status.
async fn daemon_status(daemon: &Served, id: &str, status: &str) {
    until(SECONDS, &format!("{id} is {status}"), async || {
        let list = get(daemon, "/v2/jobs").await.body;
        list["jobs"].as_array().unwrap().iter().any(|j| j["job_id"] == id && j["job_status"] == status)
    })
    .await;
}

#[tokio::test]
async fn an_update_keeps_masked_passwords_and_an_id_keeps_its_name() {
    let (daemon, _dir) = served::start("").await;
    let mut config = named("migration.request", "up");
    let first = create(&daemon, "migration", &config).await;
    config["src_task"]["mysql_connection_config"]["mysql_password"] = json!("*");
    config["dest_task"]["mysql_connection_config"].as_object_mut().unwrap().remove("mysql_password");
    config["src_task"]["chunk_size"] = json!(77);
    config["src_task"]["group_max_size"] = json!(4096);
    config["src_task"]["repl_chan_buffer_size"] = json!(9);
    let second = create(&daemon, "migration", &config).await;
    assert_eq!((&second["job"]["job_id"], &second["job"]["src_task"]["chunk_size"]), (&json!("up-migration"), &json!(77)));
    assert!(second["job_modify_index"].as_u64() > first["job_modify_index"].as_u64());
    let rows = get(&daemon, "/v2/jobs").await.body;
    assert_eq!(rows["jobs"].as_array().unwrap().len(), 1);
    config["job_id"] = json!("up");
    config["job_name"] = json!("other");
    refused(&post(&daemon, "/v2/job/migration", &config).await, 409, "job up-migration");
    // The detail is the updated one, and shows no password.
    let detail = get(&daemon, "/v2/job/migration/detail?job_id=up-migration").await.body;
    assert_eq!(detail["src_task_detail"]["task_config"]["chunk_size"], 77);
    assert_eq!(detail["src_task_detail"]["task_config"]["mysql_connection_config"]["mysql_password"], "*");
    // The native family says all of it: what it shows makes the same job again.
    let native = get(&daemon, "/api/v1/jobs/up-migration").await.body["config"].clone();
    assert_eq!((&native["chunk_rows"], &native["group_bytes"], &native["queue_length"]), (&json!(77), &json!(4096), &json!(9)));
    daemon.stop().await;
}

#[tokio::test]
async fn a_config_may_be_wrapped_and_unknown_fields_are_named() {
    let (daemon, _dir) = served::start("").await;
    for (kind, content_type) in [("migration", "text/plain"), ("sync", "application/xml")] {
        let mut config = named(&format!("{kind}.request"), "wrapped");
        config["retry"] = json!(2);
        config["src_task"]["binlog_relay"] = json!(true);
        let body = json!({ format!("{kind}_job_config"): config }).to_string();
        let reply = send(&daemon, Method::POST, &format!("/v2/job/{kind}"), Some(content_type), body).await;
        assert_eq!((reply.status.as_u16(), &reply.body["job"]["job_id"]), (200, &json!(format!("wrapped-{kind}"))));
        assert_eq!(reply.ignored, format!("{kind}_job_config.src_task.binlog_relay, {kind}_job_config.retry"));
    }
    daemon.stop().await;
}

#[tokio::test]
async fn bad_requests_change_nothing_and_say_what_is_wrong() {
    let (daemon, _dir) = served::start("").await;
    let with = |pointer: &str, value: Value| {
        let mut config = named("migration.request", "bad");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        config.pointer_mut(parent).unwrap()[key] = value;
        config.to_string()
    };
    let table = |field: &str, value: Value| json!([{"table_schema": "a", "tables": [{"table_name": "t", field: value}]}]);
    for (body, status, message) in [
        (String::new(), 400, "the body is empty"),
        ("{\"job_name\": }".to_owned(), 400, "the body is not valid JSON: expected value at line 1 column 14"),
        ("[]".to_owned(), 400, "the body is not a JSON object"),
        ("{\"job_name\":\"a\"".to_owned(), 400, "the body is not valid JSON: EOF"),
        (with("/failover", json!("perhaps")), 400, "failover: "),
        (with("/failover", json!(false)), 400, "src_task.node_id: required when failover is false"),
        (with("/src_task/node_id", json!("nowhere")), 400, "src_task.node_id: "),
        (with("/src_task/mysql_connection_config/mysql_port", json!("x")), 400, "src_task.mysql_connection_config.mysql_port: "),
        (with("/src_task/mysql_connection_config/mysql_password", json!("*")), 400, "src_task.mysql_connection_config.mysql_password: "),
        (
            with("/src_task/replicate_do_db", table("where", json!("now()>1"))),
            400,
            "src_task.replicate_do_db[0].tables[0].where: read the filter at character 1: NOW cannot be used",
        ),
        (with("/dest_task/parallel_workers", json!(65)), 400, "dest_task.parallel_workers: "),
        (
            with("/is_mysql_password_encrypted", json!(true)),
            400,
            "is_mysql_password_encrypted: this daemon has no RSA key; set [security] rsa_private_key_file",
        ),
        (with("/src_task/gtid", json!("not a gtid")), 400, "src_task.gtid: "),
        (with("/job_name", Value::Null), 400, "job_name: required"),
        (with("/job_name", json!("n".repeat(129))), 400, "job_name: longer than 128 characters"),
        (with("/job_name", json!("n".repeat(119))), 400, "job_id: longer than 128 characters; without one it is the job_name with"),
        (
            json!({"src_task": {"task_name": "src", "mysql_connection_config": {"mysql_user": "u"}}, "dest_task": {}}).to_string(),
            400,
            "job_name, src_task.mysql_connection_config.mysql_host, src_task.mysql_connection_config.mysql_port, \
             src_task.mysql_connection_config.mysql_password, dest_task.task_name, dest_task.mysql_connection_config: required",
        ),
    ] {
        refused(&post(&daemon, "/v2/job/migration", &body).await, status, message);
    }
    let sample: Value = serde_json::from_str(&local(&text("dtle3", "subscription.request"))).unwrap();
    for (pointer, value, message) in [
        ("/dest_task/kafka_broker_addrs", json!(["nowhere"]), "dest_task.kafka_broker_addrs: \"nowhere\" is not HOST:PORT"),
        ("/dest_task/kafka_topic", json!("a b"), "dest_task.kafka_topic: a topic has 1 to 249 letters"),
        ("/dest_task/kafka_topic", json!(null), "dest_task.kafka_topic: required"),
        ("/dest_task/message_group_timeout", json!(-1), "dest_task.message_group_timeout"),
    ] {
        let mut config = sample.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        config.pointer_mut(parent).unwrap()[key] = value;
        refused(&post(&daemon, "/v2/job/subscription", config.to_string()).await, 400, message);
    }
    let xml = send(&daemon, Method::POST, "/v2/job/migration", Some("text/xml"), "<a/>").await;
    refused(&xml, 415, "the content type text/xml is not supported");
    let huge = with("/job_name", json!("x".repeat(10 << 20)));
    refused(&post(&daemon, "/v2/job/migration", huge).await, 413, "the body is too large");
    refused(&get(&daemon, "/v2/no/such/thing").await, 404, "there is nothing at this path");
    refused(&get(&daemon, "/v2").await, 404, "there is nothing at this path");
    refused(&send(&daemon, Method::PUT, "/v2/jobs", None, "").await, 405, "this path does not answer this method");
    refused(&get(&daemon, "/v2/job/migration/detail").await, 400, "job_id: required");
    assert_eq!(get(&daemon, "/v2/jobs").await.body["jobs"], json!([]));
    daemon.stop().await;
}

#[tokio::test]
async fn a_detail_is_asked_for_by_its_own_type() {
    let (daemon, _dir) = served::start("").await;
    create(&daemon, "sync", &named("sync.request", "typed")).await;
    refused(&get(&daemon, "/v2/job/migration/detail?job_id=typed-sync").await, 400, "job typed-sync is of the type sync");
    refused(&get(&daemon, "/v2/job/subscription/detail?job_id=typed-sync").await, 400, "job typed-sync is of the type sync");
    refused(&get(&daemon, "/v2/job/other/detail?job_id=typed-sync").await, 404, "there is nothing at this path");
    daemon.stop().await;
}

#[tokio::test]
async fn a_job_pinned_to_this_node_names_it() {
    let (daemon, _dir) = served::start("").await;
    let node = get(&daemon, "/v2/nodes").await.body["nodes"][0]["node_id"].clone();
    let mut config = named("sync.request", "pinned");
    config["failover"] = json!(false);
    config["src_task"]["node_id"] = node.clone();
    config["dest_task"]["node_id"] = node.clone();
    let created = create(&daemon, "sync", &config).await;
    assert_eq!((&created["job"]["failover"], &created["job"]["src_task"]["node_id"]), (&json!(false), &node));
    let detail = get(&daemon, "/v2/job/sync/detail?job_id=pinned-sync").await.body;
    assert_eq!((&detail["failover"], &detail["dest_task_detail"]["task_config"]["node_id"]), (&json!(false), &node));
    daemon.stop().await;
}

#[tokio::test]
async fn a_config_is_validated_by_post_get_body_or_query() {
    let (daemon, _dir) = served::start("").await;
    let mut config = named("validation.request", "valid");
    config["is_mysql_password_encrypted"] = json!(false);
    let query: String = url_encoded(&config.to_string());
    let wrapped = json!({ "job_config": config }).to_string();
    for (method, path, body) in [
        (Method::POST, "/v2/validation/job".to_owned(), config.to_string()),
        (Method::GET, "/v2/validation/job".to_owned(), config.to_string()),
        (Method::POST, "/v2/validation/job".to_owned(), wrapped),
        (Method::GET, format!("/v2/validation/job?job_config={query}"), String::new()),
    ] {
        let reply = send(&daemon, method, &path, Some(FORM), body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        // Behind a connection that failed nothing was looked at.
        let unreached = ["privileges_validation", "gtid_mode_validation", "server_id_validation", "binlog_validation"];
        assert_shape(&reply.body, &json("dtle3", "validation.response"), &unreached);
        let report = &reply.body["mysql_task_validation_report"];
        assert_eq!((&report[0]["task_name"], &report[1]["task_name"]), (&json!("src"), &json!("dest")));
        assert_eq!(report[0]["connection_validation"]["validated"], false, "nothing listens there");
        assert_ne!(report[0]["connection_validation"]["error"], "");
    }
    // The sample as it is wants a key for its encrypted passwords.
    let encrypted = local(&text("dtle3", "validation.request"));
    refused(&post(&daemon, "/v2/validation/job", encrypted).await, 400, "is_mysql_password_encrypted: ");
    assert_eq!(get(&daemon, "/v2/jobs").await.body["jobs"], json!([]), "validation creates nothing");
    daemon.stop().await;
}

fn url_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn passwords_may_come_encrypted_for_the_daemons_key() {
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa::{KeySize, Pkcs1PublicEncryptingKey, PrivateDecryptingKey};
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let keys = tempfile::tempdir().unwrap();
    let file = keys.path().join("rsa.pem");
    let pem = base64.encode(key.as_der().unwrap().as_ref());
    std::fs::write(&file, format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n")).unwrap();
    let public = Pkcs1PublicEncryptingKey::new(key.public_key()).unwrap();
    let mut room = vec![0; public.ciphertext_size()];
    let encrypted = base64.encode(public.encrypt(b"secret", &mut room).unwrap());

    let (daemon, _dir) = served::start(&format!("[security]\nrsa_private_key_file = '{}'\n", file.display())).await;
    // The sample's own passwords are encrypted for somebody else's key.
    let mut config = named("validation.request", "rsa");
    let reply = post(&daemon, "/v2/validation/job", &config).await;
    refused(&reply, 400, "src_task.mysql_connection_config.mysql_password: the password cannot be decrypted");
    for task in ["src_task", "dest_task"] {
        config[task]["mysql_connection_config"]["mysql_password"] = json!(encrypted);
    }
    assert_eq!(post(&daemon, "/v2/validation/job", &config).await.status, 200);
    let created = create(&daemon, "migration", &config).await;
    assert_eq!(created["job"]["is_mysql_password_encrypted"], true);
    assert_eq!(created["job"]["src_task"]["mysql_connection_config"]["mysql_password"], "*");
    // Wherever a password may stand: these were decrypted, for then nobody answered.
    let server = "mysql_host=127.0.0.1&mysql_port=1&mysql_user=u&mysql_schema=s&mysql_table=t&is_mysql_password_encrypted=true";
    for path in ["schemas", "columns", "instance_connection"] {
        let path = format!("/v2/mysql/{path}?{server}&mysql_password=");
        refused(&get(&daemon, &format!("{path}{}", url_encoded(&encrypted))).await, 400, "connect to 127.0.0.1:1 as u");
        refused(&get(&daemon, &format!("{path}clear")).await, 400, "mysql_password: the password cannot be decrypted");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn old_clients_can_have_500_for_everything() {
    let (daemon, _dir) = served::start("[compat]\ndtle_errors = \"always_500\"\n").await;
    refused(&post(&daemon, "/v2/job/pause", "job_id=nobody").await, 500, "job nobody does not exist");
    refused(&post(&daemon, "/v2/job/migration", "{").await, 500, "the body is not valid JSON");
    refused(&get(&daemon, "/v2/no/such/thing").await, 404, "there is nothing at this path");
    daemon.stop().await;
}

#[tokio::test]
async fn the_later_route_names_say_what_they_mean() {
    let (daemon, _dir) = served::start("").await;
    let config = named("sync.request", "later");
    refused(&post(&daemon, "/v2/job/sync/update", &config).await, 404, "job later-sync does not exist");
    assert_eq!(post(&daemon, "/v2/job/sync/create", &config).await.body["job"]["job_id"], "later-sync");
    refused(&post(&daemon, "/v2/job/sync/create", &config).await, 409, "job later-sync exists already");
    assert_eq!(post(&daemon, "/v2/job/sync/update", &config).await.status, 200);
    refused(
        &post(&daemon, "/v2/job/subscription/create", &config).await,
        400,
        "dest_task.kafka_topic, dest_task.kafka_broker_addrs: required",
    );
    create(&daemon, "migration", &named("migration.request", "other")).await;
    for verb in ["pause", "resume", "delete"] {
        refused(&post(&daemon, &format!("/v2/job/migration/{verb}"), "job_id=later-sync").await, 400, "job later-sync is of the type sync");
        refused(&post(&daemon, &format!("/v2/job/sync/{verb}"), "job_id=nobody").await, 404, "job nobody does not exist");
        refused(&post(&daemon, &format!("/v2/job/other/{verb}"), "job_id=later-sync").await, 404, "there is nothing at this path");
    }
    let ids = async |path: &str| {
        let body = get(&daemon, path).await.body;
        body["jobs"].as_array().unwrap_or_else(|| panic!("{path}: {body}")).iter().map(|j| j["job_id"].clone()).collect::<Vec<_>>()
    };
    create(&daemon, "sync", &named("sync.request", "another")).await;
    assert_eq!(ids("/v2/jobs/sync").await, ["another-sync", "later-sync"]);
    assert_eq!(ids("/v2/jobs/sync?filter_job_id=la&filter_job_src_port=1&filter_job_dest_ip=127.0.0.1").await, ["later-sync"]);
    assert_eq!(ids("/v2/jobs/sync?order_by=job_name").await, ["another-sync", "later-sync"]);
    assert!(ids("/v2/jobs/sync?filter_job_dest_port=1").await.is_empty());
    assert!(ids("/v2/jobs/subscription").await.is_empty());
    refused(&get(&daemon, "/v2/jobs/sync?order_by=x").await, 400, "order_by: ");
    assert_eq!(post(&daemon, "/v2/job/sync/pause", "job_id=later-sync").await.body, json!({"message": "ok"}));
    assert_eq!(ids("/v2/jobs/sync?filter_job_status=paused").await, ["later-sync"]);
    // Its target is nowhere, which the message says; the job is gone all the same.
    assert_eq!(post(&daemon, "/v2/job/sync/delete", "job_id=later-sync").await.status, 200);
    assert_eq!(ids("/v2/jobs/sync").await, ["another-sync"]);
    daemon.stop().await;
}

#[tokio::test]
async fn the_log_level_takes_dtles_words() {
    let (daemon, _dir) = served::start("").await;
    for (body, said) in [("dtle_log_level=DEBUG", "DEBUG"), ("dtle_log_level=warn", "WARN"), ("dtle_log_level=info", "INFO")] {
        assert_eq!(post(&daemon, "/v2/log/level", body).await.body, json!({"dtle_log_level": said, "message": "ok"}));
        assert_eq!(daemon.get("/api/v1/log-level").await.1["level"], said.to_ascii_lowercase());
    }
    refused(&post(&daemon, "/v2/log/level", "dtle_log_level=loud").await, 400, "dtle_log_level: expected TRACE, DEBUG, INFO, WARN, ERROR");
    refused(&post(&daemon, "/v2/log/level", "").await, 400, "dtle_log_level: required");
    daemon.stop().await;
}
