//! The dtle 2.x family, sent as its clients send it: `curl -d @job.json`, which calls JSON a form.
//!
//! Jobs here point at loopback ports where nothing listens, except in `samples` and `life`, which need real servers.

use super::contract::json as sample;
use super::served::{self, Served};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

mod kafka;
mod life;
mod samples;

/// What came back.
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    ignored: String,
    /// A text where it is not JSON.
    body: Value,
}

async fn send(daemon: &Served, method: Method, path: &str, body: impl ToString) -> Reply {
    let request = daemon.request(method, path).body(body.to_string());
    let reply = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").send().await.expect("the daemon answers");
    let ignored = reply.headers().get("x-syncline-ignored").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let kind = reply.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let (status, body) = served::read(reply).await;
    let wanted = if status.is_success() { "application/json" } else { "text/plain" };
    assert!(kind.starts_with(wanted), "{status} as {kind}: {body}");
    Reply { status, ignored, body }
}

async fn get(daemon: &Served, path: &str) -> Value {
    let reply = send(daemon, Method::GET, path, "").await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.body
}

async fn post(daemon: &Served, job: &Value) -> Reply {
    send(daemon, Method::POST, "/v1/jobs", job).await
}

/// A write that must be done; returns its index.
async fn done(daemon: &Served, method: Method, path: &str, body: impl ToString) -> u64 {
    let reply = send(daemon, method, path, body).await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    assert_eq!(reply.body, json!({"Success": true, "Index": reply.body["Index"], "KnownLeader": true, "LastContact": 0}));
    reply.body["Index"].as_u64().unwrap()
}

fn refused(reply: &Reply, status: u16, start: &str) {
    assert_eq!(reply.status.as_u16(), status, "{reply:?}");
    let text = reply.body.as_str().expect("a plain text");
    assert!(text.starts_with(start), "{text:?} does not start with {start:?}");
}

/// The contract's own job, between two ports of this machine.
fn job(id: &str, name: &str, ports: [u16; 2]) -> Value {
    let mut job = sample("dtle2", "job.response");
    (job["ID"], job["Name"]) = (json!(id), json!(name));
    for (task, port) in job["Tasks"].as_array_mut().unwrap().iter_mut().zip(ports) {
        task["Config"]["ConnectionConfig"]["Host"] = json!("127.0.0.1");
        task["Config"]["ConnectionConfig"]["Port"] = json!(port.to_string());
        // The sample's set is of somebody else's server.
        task["Config"]["Gtid"] = json!("");
    }
    job
}

const NOWHERE: [u16; 2] = [1, 2];

/// A task that goes into Kafka.
fn kafka(config: Value) -> Value {
    json!({ "Type": "Dest", "Driver": "Kafka", "Config": { "KafkaConfig": config } })
}

#[tokio::test]
async fn a_config_comes_back_with_the_types_that_were_sent_and_without_secrets() {
    let (daemon, _dir) = served::start("").await;
    let mut sent = job("echo", "echo", NOWHERE);
    let src = &mut sent["Tasks"][0]["Config"];
    src["ChunkSize"] = json!(77);
    src["ConnectionConfig"]["Port"] = json!(1);
    src["BytesLimit"] = json!(5);
    src["Unknown"] = json!("hunter2");
    let reply = post(&daemon, &json!({ "Job": sent })).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    for name in
        ["Job.Tasks[0].Config.Unknown", "Tasks[0].Config.NatsAddr", "Tasks[0].Config.BytesLimit", "Tasks[1].Config.ApproveHeterogeneous"]
    {
        assert!(reply.ignored.split(", ").any(|n| n == name), "{name} in {}", reply.ignored);
    }
    let shown = get(&daemon, "/v1/job/echo").await;
    let config = &shown["Tasks"][0]["Config"];
    assert_eq!((&config["ChunkSize"], &config["ReplChanBufferSize"], &config["BytesLimit"]), (&json!(77), &json!("60"), &json!(5)));
    assert_eq!(config["ConnectionConfig"], json!({"Host": "127.0.0.1", "Port": 1, "User": "lx1", "Password": "*"}));
    assert_eq!(shown["Tasks"][1]["Config"]["ConnectionConfig"]["Port"], "2");
    for path in ["/v1/job/echo", "/v1/jobs"] {
        let text = get(&daemon, path).await.to_string();
        assert!(!text.contains("111111") && !text.contains("hunter2"), "{path}: {text}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn what_was_shown_can_be_posted_back() {
    let (daemon, _dir) = served::start("").await;
    done(&daemon, Method::POST, "/v1/jobs", job("back", "back", NOWHERE)).await;
    let mut shown = get(&daemon, "/v1/job/back").await;
    let before = shown["JobModifyIndex"].as_u64().unwrap();
    shown["Tasks"][0]["Config"]["ChunkSize"] = json!("500");
    let index = done(&daemon, Method::PUT, "/v1/jobs", &shown).await;
    let after = get(&daemon, "/v1/job/back").await;
    assert_eq!(after["Tasks"][0]["Config"]["ChunkSize"], "500");
    assert!(after["JobModifyIndex"].as_u64().unwrap() > before && after["ModifyIndex"].as_u64().unwrap() >= index);
    daemon.stop().await;
}

#[tokio::test]
async fn an_enforced_index_is_compare_and_set() {
    let (daemon, _dir) = served::start("").await;
    let mut sent = job("cas", "cas", NOWHERE);
    (sent["EnforceIndex"], sent["JobModifyIndex"]) = (json!(true), json!(5));
    refused(&post(&daemon, &sent).await, 409, "job cas does not exist");
    sent["JobModifyIndex"] = json!(0);
    assert_eq!(post(&daemon, &sent).await.status, 200, "0 = there is none yet");
    refused(&post(&daemon, &sent).await, 409, "job cas was changed meanwhile");
    sent["JobModifyIndex"] = get(&daemon, "/v1/job/cas").await["JobModifyIndex"].clone();
    sent["Tasks"][0]["Config"]["ChunkSize"] = json!("9");
    assert_eq!(post(&daemon, &sent).await.status, 200);
    refused(&post(&daemon, &sent).await, 409, "job cas was changed meanwhile");
    daemon.stop().await;
}

#[tokio::test]
async fn bad_requests_say_in_plain_text_what_is_wrong() {
    let (daemon, _dir) = served::start("").await;
    let with = |pointer: &str, value: Value| {
        let mut job = job("bad", "bad", NOWHERE);
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        job.pointer_mut(parent).unwrap()[key] = value;
        job
    };
    let into = |destination: Value| {
        let mut job = job("bad", "bad", NOWHERE);
        job["Tasks"][1] = destination;
        job
    };
    let src = "/Tasks/0/Config";
    for (sent, text) in [
        (json!({}), "Name: required"),
        (job(&"i".repeat(129), "a", NOWHERE), "ID: longer than 128 characters"),
        (json!({"Name": "a"}), "Tasks (one of the type Src and one of the type Dest): required"),
        (with(src, Value::Null), "Tasks[0].Config: required"),
        (
            json!({"Name": "a", "Tasks": [{"Type": "Src", "Config": {"ConnectionConfig": {"User": 7}}}]}),
            "Tasks[0].Config.ConnectionConfig.Host, Tasks[0].Config.ConnectionConfig.Port, Tasks[0].Config.ConnectionConfig.Password, \
             Tasks (one of the type Src and one of the type Dest): required",
        ),
        (with("/Tasks/1/Driver", json!("Kafka")), "Tasks[1].Config.Topic, Tasks[1].Config.Brokers: required"),
        (with("/Tasks/0/Driver", json!("Kafka")), "Tasks[0].Driver: expected MySQL: rows come from a database"),
        (with("/Tasks/1/Config/KafkaConfig", json!({})), "Tasks[1].Config.KafkaConfig: goes with the driver Kafka"),
        (into(kafka(json!({}))), "Tasks[1].Config.KafkaConfig.Topic, Tasks[1].Config.KafkaConfig.Brokers: required"),
        (into(kafka(json!({"Topic": "t", "Brokers": ["b"]}))), "Tasks[1].Config.KafkaConfig.Brokers: \"b\" is not HOST:PORT"),
        (into(kafka(json!({"Topic": "a b", "Brokers": ["b:1"]}))), "Tasks[1].Config.KafkaConfig.Topic: a topic has"),
        (
            into(kafka(json!({"Topic": "t", "Brokers": ["b:1"], "Converter": "avro"}))),
            "Tasks[1].Config.KafkaConfig.Converter: expected json",
        ),
        (
            into(kafka(json!({"Topic": "t", "Brokers": ["b:1"], "TimeZone": "Asia/Shanghai"}))),
            "Tasks[1].Config.KafkaConfig.TimeZone: expected UTC",
        ),
        (
            into(kafka(json!({"Topic": "t", "Brokers": ["b:1"], "MessageGroupTimeout": "-1"}))),
            "Tasks[1].Config.KafkaConfig.MessageGroupTimeout: expected a number above 0",
        ),
        (with("/Tasks/1/Driver", json!("Oracle")), "Tasks[1].Driver: expected MySQL or Kafka"),
        (with("/Tasks/1/Type", json!("Src")), "Tasks: there are two of the type Src"),
        (with("/Tasks/1/Type", json!("Sink")), "Tasks[1].Type: expected Src or Dest"),
        (with("/Type", json!("batch")), "Type: expected synchronous"),
        (with("/Region", json!("mars")), "Region: expected global"),
        (with("/Datacenters", json!(["dc7"])), "Datacenters: the only node is in dc1"),
        (with("/Tasks/0/NodeID", json!("nowhere")), "Tasks[0].NodeID: no node has the id nowhere"),
        (with("/Tasks/0/Config/TrafficAgainstLimits", json!(3)), "Tasks[0].Config.TrafficAgainstLimits: not supported yet"),
        (with("/Tasks/1/Config/ExpandSyntaxSupport", json!("true")), "Tasks[1].Config.ExpandSyntaxSupport: not supported yet"),
        (with("/Tasks/1/Config/ReplChanBufferSize", json!(61)), "Tasks[1].Config.ReplChanBufferSize: is not what Tasks[0]"),
        (
            with("/Tasks/0/Config/ConnectionConfig/Password", json!("*")),
            "Tasks[0].Config.ConnectionConfig.Password: password is masked, send it",
        ),
        (with("/Tasks/0/Config/ConnectionConfig/Port", json!("99999")), "Tasks[0].Config.ConnectionConfig.Port: expected a port"),
        (with("/Tasks/0/Config/Gtid", json!("yesterday")), "Tasks[0].Config.Gtid: expected a GTID set"),
        (with("/Tasks/0/Config/ChunkSize", json!([1])), "Tasks[0].Config.ChunkSize: "),
        (with("/Tasks/0/Config/ReplicateDoDb/0/Tables/0/Where", json!(7)), "Tasks[0].Config.ReplicateDoDb[0].Tables[0].Where: "),
    ] {
        refused(&post(&daemon, &sent).await, 400, text);
    }
    refused(&send(&daemon, Method::POST, "/v1/jobs", "{").await, 400, "the body is not valid JSON");
    refused(&send(&daemon, Method::POST, "/v1/jobs", "").await, 400, "the body is empty");
    for (method, path) in
        [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/pause"), (Method::PUT, "/resume"), (Method::GET, "/allocations")]
    {
        refused(&send(&daemon, method, &format!("/v1/job/nobody{path}"), "").await, 404, "job not found");
    }
    refused(&send(&daemon, Method::GET, "/v1/agent/allocation/none/stats", "").await, 404, "alloc not found");
    refused(&send(&daemon, Method::GET, "/v1/nothing", "").await, 404, "there is nothing at this path");
    refused(&send(&daemon, Method::DELETE, "/v1/jobs", "").await, 405, "this path does not answer this method");
    assert_eq!(get(&daemon, "/v1/jobs").await, json!([]));
    daemon.stop().await;
}

#[tokio::test]
async fn a_job_without_an_id_gets_one_and_its_name_is_its_own() {
    let (daemon, _dir) = served::start("").await;
    let mut sent = job("", "作业", NOWHERE);
    done(&daemon, Method::POST, "/v1/jobs", &sent).await;
    let list = get(&daemon, "/v1/jobs").await;
    let id = list[0]["ID"].as_str().unwrap().to_owned();
    assert!(uuid_like(&id), "{id}");
    refused(&post(&daemon, &sent).await, 409, "a sync job named \"作业\" exists already");
    // Pause and resume, as every later client expects them.
    for (verb, status) in [("pause", "pause"), ("pause", "pause"), ("resume", "")] {
        done(&daemon, Method::POST, &format!("/v1/job/{id}/{verb}"), "").await;
        let said = get(&daemon, &format!("/v1/job/{id}")).await;
        assert!(status.is_empty() || said["Status"] == status, "{verb}: {said}");
    }
    // The same name after a delete is the same job.
    done(&daemon, Method::DELETE, &format!("/v1/job/{id}"), "").await;
    sent["Tasks"][0]["Config"]["ConnectionConfig"]["Password"] = json!("*");
    refused(&post(&daemon, &sent).await, 400, "Tasks[0].Config.ConnectionConfig.Password: password is masked, send it");
    done(&daemon, Method::POST, "/v1/jobs", job("", "作业", NOWHERE)).await;
    assert_eq!(get(&daemon, "/v1/jobs").await[0]["ID"], json!(id));
    daemon.stop().await;
}

fn uuid_like(id: &str) -> bool {
    id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[tokio::test]
async fn a_job_shows_in_every_dialect() {
    let (daemon, _dir) = served::start("").await;
    done(&daemon, Method::POST, "/v1/jobs", job("two", "two", NOWHERE)).await;
    let three = json!({
        "job_name": "three",
        "src_task": {"task_name": "src", "chunk_size": 5, "replicate_do_db": [{"table_schema": "s", "tables": [{"table_name": "t"}]}],
            "mysql_connection_config": {"mysql_host": "127.0.0.1", "mysql_port": 1, "mysql_user": "u", "mysql_password": "secret"}},
        "dest_task": {"task_name": "dest",
            "mysql_connection_config": {"mysql_host": "127.0.0.1", "mysql_port": 2, "mysql_user": "u", "mysql_password": "secret"}},
    });
    assert_eq!(daemon.post("/v2/job/sync", &three).await.0, 200);
    // Ours in 3.x and native: it is a sync, and its id has no suffix.
    let (_, list) = daemon.get("/v2/jobs?filter_job_type=sync").await;
    assert_eq!(list["jobs"].as_array().unwrap().iter().map(|j| j["job_id"].clone()).collect::<Vec<_>>(), ["three-sync", "two"]);
    let (status, detail) = daemon.get("/v2/job/sync/detail?job_id=two").await;
    assert_eq!((status.as_u16(), &detail["src_task_detail"]["task_config"]["replicate_do_db"][0]["table_schema"]), (200, &json!("db1")));
    assert_eq!(daemon.get("/api/v1/jobs/two").await.0, 200);
    // The other way: built from the model, numbers of this family's samples as texts.
    let shown = get(&daemon, "/v1/job/three-sync").await;
    super::contract::assert_shape(&shown, &sample("dtle2", "job.response"), &[]);
    let config = &shown["Tasks"][0]["Config"];
    assert_eq!(
        (&config["ChunkSize"], &config["ConnectionConfig"]["Port"], &config["ReplChanBufferSize"]),
        (&json!("5"), &json!("1"), &json!("60"))
    );
    assert_eq!(config["ReplicateDoDb"], json!([{"TableSchema": "s", "Tables": [{"TableName": "t"}]}]));
    assert!(!shown.to_string().contains("secret"));
    daemon.stop().await;
}
