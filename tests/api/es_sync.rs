//! The es-sync family with the contract's own requests, against the real daemon and a real OpenSearch.

use super::contract::{assert_shape, json as sample, samples};
use super::served::{self, Served};
use crate::support::elastic::{self, Node};
use crate::support::until::until;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::time::Duration;

const PREFIX: &str = "/api/cmdb/v1";
const PATIENCE: Duration = Duration::from_secs(60);

/// What a sample is an answer to: method, path, and the request's sample or body.
enum Asked {
    Get(&'static str),
    Body(Method, &'static str, &'static str),
    /// A write without a body.
    Bare(Method, &'static str),
}

/// In the order in which they are asked. `{run}` is the last execution.
fn table() -> Vec<(&'static str, Asked)> {
    vec![
        ("create.response", Asked::Body(Method::POST, "/es-sync-tasks", "create.request")),
        ("enable.response", Asked::Body(Method::PUT, "/es-sync-tasks/enable", "enable.request")),
        ("list.response", Asked::Get("/es-sync-tasks?enabled_only=true")),
        ("show.response", Asked::Get("/es-sync-tasks/1")),
        ("update.response", Asked::Body(Method::PUT, "/es-sync-tasks/1", "update.request")),
        ("full_sync.response", Asked::Body(Method::POST, "/es-sync-full-sync", "full_sync.request")),
        ("full_sync_example.response", Asked::Body(Method::POST, "/es-sync-full-sync", "full_sync.request")),
        ("execute.response", Asked::Body(Method::POST, "/es-sync-execute", "execute.request")),
        ("execute_file.response", Asked::Body(Method::POST, "/es-sync-execute-file", "execute_file.request")),
        ("logs.response", Asked::Get("/es-sync-execution-logs?limit=10")),
        ("detail.response", Asked::Get("/es-sync-execution-detail/{run}")),
        ("delete.response", Asked::Bare(Method::DELETE, "/es-sync-tasks/1")),
    ]
}

#[test]
fn every_sample_is_in_the_table() {
    let mut names: Vec<&str> = table().into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(samples("es_sync"), names);
}

/// Sends as curl does; every reply of the family is JSON.
async fn send(daemon: &Served, method: Method, path: &str, body: Option<String>) -> (StatusCode, Value) {
    let request = daemon.request(method, &format!("{PREFIX}{path}"));
    let request = match body {
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(body),
        None => request,
    };
    let reply = request.send().await.expect("the daemon answers");
    (reply.status(), reply.json().await.expect("every reply of the family is JSON"))
}

fn told(reply: &(StatusCode, Value)) -> (u16, bool, &str) {
    (reply.0.as_u16(), reply.1["success"].as_bool().unwrap(), reply.1["message"].as_str().unwrap())
}

/// Three documents for each host, an hour ago and later: cpu 10, 20 and 30 more than its number.
async fn fill(node: &Node, index: &str, hosts: &[&str]) {
    let text = json!({"type": "text", "fields": {"keyword": {"type": "keyword"}}});
    let number = json!({"type": "double"});
    let fields = json!({
        "@timestamp": {"type": "date"}, "hostIp": {"type": "keyword"}, "hostName": text, "group": text,
        "cpu": number, "available_memory": number, "total_disk_space_all": number,
    });
    node.index(index, fields).await;
    let mut lines = String::new();
    for (n, ip) in hosts.iter().enumerate() {
        for minutes in [60, 40, 20] {
            let time = Timestamp::now() - SignedDuration::from_mins(minutes);
            let cpu = 10.0 * f64::from(u32::try_from(n).unwrap()) + (80.0 - minutes as f64) / 2.0;
            elastic::line(
                &mut lines,
                &json!({"@timestamp": time.to_string(), "hostIp": ip, "hostName": format!("db-{n}"), "group": "DB组", "cpu": cpu,
                    "available_memory": 64.5, "total_disk_space_all": 900}),
            );
        }
    }
    node.bulk(index, lines).await;
    node.refresh(index).await;
}

fn config(node: &Node, index: &str) -> String {
    format!("[hosts]\nendpoint = '{}'\nindex_pattern = '{index}'\n[tasks]\ntime_zone = 'Asia/Shanghai'\n", node.endpoint())
}

#[tokio::test]
async fn every_sample_gets_a_reply_of_its_shape() {
    let Some(node) = elastic::opensearch() else { return };
    fill(node, "es-samples", &["10.1.1.1", "10.1.1.2"]).await;
    let (daemon, _dir) = served::start(&config(node, "es-samples")).await;
    // Known before the full sync, so that it updates one and adds one; without data, so that it fails.
    for ip in ["10.1.1.1", "10.1.1.3"] {
        assert_eq!(daemon.post("/api/v1/hosts", &json!({"ip": ip})).await.0, 201);
    }
    let mut run = 0;
    for (name, asked) in table() {
        let (status, body) = match asked {
            Asked::Get(path) => send(&daemon, Method::GET, &path.replace("{run}", &run.to_string()), None).await,
            Asked::Bare(method, path) => send(&daemon, method, path, None).await,
            Asked::Body(method, path, request) => {
                // Nobody's endpoint but ours is asked.
                let mut request = sample("es_sync", request);
                for (field, value) in [("es_endpoint", node.endpoint()), ("es_index_pattern", "es-samples".to_owned())] {
                    if request.get(field).is_some() {
                        request[field] = json!(value);
                    }
                }
                send(&daemon, method, path, Some(request.to_string())).await
            }
        };
        assert_eq!(status, 200, "{name}: {body:#}");
        let mut expected = sample("es_sync", name);
        if name.starts_with("full_sync") {
            // The lists are as long as there are such hosts.
            for list in ["new_host_ip_list", "updated_host_ip_list", "failed_ip_list"] {
                expected[list] = json!([]);
            }
        }
        assert_shape(&body, &expected, &[]);
        assert_eq!(body["success"], true);
        run = body["execution_id"].as_u64().unwrap_or(run);
        match name {
            "full_sync.response" => {
                assert_eq!(body["message"], "同步完成: 新增1个, 更新1个, 失败0个");
                assert_eq!((&body["new_host_ip_list"], &body["updated_host_ip_list"]), (&json!(["10.1.1.2"]), &json!(["10.1.1.1"])));
            }
            // The third has no data.
            "execute.response" | "execute_file.response" => {
                assert_eq!(body["message"], "同步完成: 成功2个, 失败1个");
                assert_eq!((&body["total_hosts"], &body["failed_ip_list"]), (&json!(3), &json!(["10.1.1.3"])));
            }
            "show.response" => {
                let next = body["task"]["next_execution_time"].as_str().unwrap();
                assert!(next.ends_with(" 02:00:00") && next.len() == 19, "{next}");
            }
            "logs.response" => assert_eq!(body["execution_logs"][0]["execution_status"], "partial"),
            "detail.response" => {
                let hosts = body["execution_details"].as_array().unwrap();
                let of = |ip: &str| hosts.iter().find(|h| h["host_ip"] == ip).unwrap();
                assert_eq!((&of("10.1.1.1")["max_cpu"], &of("10.1.1.1")["avg_cpu"]), (&json!(30.0), &json!(20.0)));
                assert_eq!((&of("10.1.1.1")["data_point_count"], &of("10.1.1.1")["host_name"]), (&json!(3), &json!("db-0")));
                assert_eq!((&of("10.1.1.3")["sync_status"], &of("10.1.1.3")["error_message"]), (&json!("no_data"), &json!("ES中无数据")));
            }
            _ => {}
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn a_task_lives_as_the_contract_says() {
    let Some(node) = elastic::opensearch() else { return };
    fill(node, "es-life", &["10.2.1.1"]).await;
    let (daemon, _dir) = served::start(&config(node, "es-life")).await;
    assert_eq!(daemon.post("/api/v1/hosts", &json!({"ip": "10.2.1.1"})).await.0, 201);
    let create = |name: &str| Some(json!({"task_name": name, "cron_expression": "*/1 * * * * ?", "query_time_range": "1d"}).to_string());
    let made = send(&daemon, Method::POST, "/es-sync-tasks", create("每秒")).await;
    assert_eq!(told(&made), (200, true, "创建任务成功"));
    let path = format!("/es-sync-tasks/{}", made.1["task_id"]);
    let task = async || send(&daemon, Method::GET, &path, None).await.1["task"].clone();
    let new = task().await;
    assert_eq!((&new["is_enabled"], &new["next_execution_time"], &new["last_execution_time"]), (&json!(false), &json!(""), &json!("")));
    assert_eq!(told(&send(&daemon, Method::POST, "/es-sync-tasks", create("每秒")).await), (400, false, "任务名称已存在"));
    let enable = async |on: bool| {
        send(&daemon, Method::PUT, "/es-sync-tasks/enable", Some(json!({"id": made.1["task_id"], "is_enabled": on}).to_string())).await
    };
    assert_eq!(told(&enable(true).await), (200, true, "任务已启用"));
    let logs =
        async |query: &str| send(&daemon, Method::GET, &format!("/es-sync-execution-logs?{query}"), None).await.1["execution_logs"].clone();
    until(PATIENCE, "it has run by itself", async || logs("status=success").await.as_array().is_some_and(|l| !l.is_empty())).await;
    assert_eq!(told(&enable(false).await), (200, true, "任务已禁用"));
    assert_eq!(task().await["next_execution_time"], "");
    assert_ne!(task().await["last_execution_time"], "");
    // Partial: what is absent stays, "" is the default.
    let change = send(&daemon, Method::PUT, &path, Some(json!({"description": "新", "query_time_range": ""}).to_string())).await;
    assert_eq!(told(&change), (200, true, "更新任务成功"));
    let changed = task().await;
    assert_eq!(
        (&changed["task_name"], &changed["description"], &changed["query_time_range"]),
        (&json!("每秒"), &json!("新"), &json!("30d"))
    );
    until(PATIENCE, "nothing runs", async || logs("status=running").await == json!([])).await;
    let begun = send(&daemon, Method::POST, &format!("{path}/run"), None).await;
    assert_eq!(begun.0, 200, "{begun:?}");
    let number = begun.1["execution_id"].clone();
    until(PATIENCE, "the run has ended", async || logs("status=running").await == json!([])).await;
    assert_eq!(told(&send(&daemon, Method::DELETE, &path, None).await), (200, true, "删除任务成功"));
    assert_eq!(told(&send(&daemon, Method::GET, &path, None).await), (404, false, "任务不存在"));
    let kept = logs(&format!("task_id={}", made.1["task_id"])).await;
    assert_eq!((&kept[0]["id"], &kept[0]["task_name"]), (&number, &json!("每秒")), "logs outlive their task");
    assert_eq!(told(&send(&daemon, Method::POST, "/es-sync-tasks", create("每秒")).await).0, 200, "the name is free again");
    daemon.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_family_s_words() {
    let (daemon, _dir) = served::start("[hosts]\nendpoint = 'http://127.0.0.1:1'\n").await;
    let all = |name: &str, cron: &str| json!({"task_name": name, "cron_expression": cron, "es_index_pattern": "i"}).to_string();
    for (method, path, body, status, start) in [
        (Method::POST, "/es-sync-tasks", "{}".to_owned(), 400, "任务名称不能为空"),
        (Method::POST, "/es-sync-tasks", all(" ", "0 0 2 * * ?"), 400, "任务名称不能为空"),
        (Method::POST, "/es-sync-tasks", all("a", ""), 400, "请求参数错误: cron_expression: "),
        (Method::POST, "/es-sync-tasks", all("a", "0 0 2 * *"), 400, "请求参数错误: cron_expression: "),
        (Method::POST, "/es-sync-tasks", all("a", "0 0 0 30 2 ?"), 400, "请求参数错误: cron_expression: "),
        (
            Method::POST,
            "/es-sync-tasks",
            json!({"task_name": "a", "cron_expression": "0 0 2 * * ?"}).to_string(),
            400,
            "请求参数错误: es_index_pattern: ",
        ),
        (
            Method::POST,
            "/es-sync-execute",
            json!({"task_name": "a", "es_index_pattern": "i"}).to_string(),
            400,
            "请求参数错误: host_ip_list: ",
        ),
        (
            Method::POST,
            "/es-sync-execute-file",
            json!({"task_name": "a", "es_index_pattern": "i", "file_content": "10.1.1.1\nx"}).to_string(),
            400,
            "请求参数错误: file_content: 第2行",
        ),
        (Method::POST, "/es-sync-execute", json!({"task_name": 7}).to_string(), 400, "请求参数错误: "),
        (Method::POST, "/es-sync-execute", "{".to_owned(), 400, "请求参数错误: "),
        (Method::PUT, "/es-sync-tasks/enable", json!({"id": 1}).to_string(), 400, "请求参数错误: is_enabled: "),
        (Method::PUT, "/es-sync-tasks/enable", json!({"id": 9, "is_enabled": true}).to_string(), 404, "任务不存在"),
        (Method::PUT, "/es-sync-tasks/9", "{}".to_owned(), 404, "任务不存在"),
        (Method::DELETE, "/es-sync-tasks/-1", String::new(), 404, "任务不存在"),
        (Method::GET, "/es-sync-tasks/x", String::new(), 400, "请求参数错误: "),
        (Method::GET, "/es-sync-execution-detail/9", String::new(), 404, "执行记录不存在"),
        (Method::GET, "/es-sync-execution-logs?limit=-1", String::new(), 400, "请求参数错误: limit: "),
        (Method::GET, "/es-sync-execution-logs?status=odd", String::new(), 400, "请求参数错误: status: "),
        (Method::GET, "/nothing", String::new(), 404, "资源不存在"),
        (Method::PATCH, "/es-sync-tasks", String::new(), 405, "请求方法不支持"),
    ] {
        let reply = send(&daemon, method, path, Some(body.clone())).await;
        let (found, success, message) = told(&reply);
        assert!((found, success) == (status, false) && message.starts_with(start), "{path} {body}: {reply:?}");
    }
    // The host query of a full sync fails: the row is there, and says why.
    let failed = send(&daemon, Method::POST, "/es-sync-full-sync", Some(json!({"es_index_pattern": "i"}).to_string())).await;
    assert_eq!((failed.0.as_u16(), &failed.1["success"]), (500, &json!(false)), "{failed:?}");
    let detail = send(&daemon, Method::GET, &format!("/es-sync-execution-detail/{}", failed.1["execution_id"]), None).await.1;
    assert_eq!((&detail["execution_log"]["execution_status"], &detail["execution_details"]), (&json!("failed"), &json!([])));
    assert!(detail["execution_log"]["error_message"].as_str().unwrap().contains("es_unreachable"), "{detail}");
    daemon.stop().await;
}

#[tokio::test]
async fn a_token_is_wanted_as_bearer_and_a_viewer_only_reads() {
    // The hash is that of "secret-token".
    let config = "[auth]\ntokens = [{ name = 'cmdb', role = 'viewer', token_sha256 = '930bbdc51b6aed5c2a5678fd6e28dee7a05e8a4b643cfc0b4427c3efb86c0d94' }]\n";
    let (daemon, _dir) = served::start(config).await;
    let ask = async |method: Method, authorization: Option<&str>| {
        let request = daemon.request(method, &format!("{PREFIX}/es-sync-tasks"));
        let request = if let Some(value) = authorization { request.header(header::AUTHORIZATION, value) } else { request };
        let reply = request.send().await.unwrap();
        (reply.status(), reply.json::<Value>().await.unwrap())
    };
    // Basic, as dtle's clients may send it, is not this family's.
    for wrong in [None, Some("Bearer other"), Some("Basic OnNlY3JldC10b2tlbg==")] {
        assert_eq!(told(&ask(Method::GET, wrong).await), (401, false, "未授权"), "{wrong:?}");
    }
    assert_eq!(told(&ask(Method::GET, Some("Bearer secret-token")).await), (200, true, "获取成功"));
    assert_eq!(told(&ask(Method::POST, Some("Bearer secret-token")).await).0, 403);
    daemon.stop().await;
}

#[tokio::test]
async fn endpoints_of_users_pass_the_operator_s_list() {
    let (daemon, _dir) = served::start("[hosts]\nindex_pattern = 'i'\n[security]\nallow_endpoints = ['127.0.0.0/8']\n").await;
    let full =
        async |endpoint: &str| send(&daemon, Method::POST, "/es-sync-full-sync", Some(json!({"es_endpoint": endpoint}).to_string())).await;
    let task = async |endpoint: &str| {
        let body = json!({"task_name": endpoint, "cron_expression": "0 0 2 * * ?", "es_endpoint": endpoint});
        send(&daemon, Method::POST, "/es-sync-tasks", Some(body.to_string())).await
    };
    for refused in ["http://192.0.2.1:9200", "http://169.254.169.254/latest", "http://[::ffff:169.254.169.254]/"] {
        for reply in [full(refused).await, task(refused).await] {
            assert!(told(&reply).0 == 400 && told(&reply).2.contains("is refused"), "{refused}: {reply:?}");
        }
    }
    // Allowed, and nobody there: it gets as far as asking.
    assert_eq!(told(&full("http://127.0.0.1:1").await).0, 500);
    assert_eq!(told(&task("http://127.0.0.1:1").await).0, 200);
    // Nothing was begun for the refused ones.
    let logs = send(&daemon, Method::GET, "/es-sync-execution-logs", None).await.1;
    assert_eq!(logs["execution_logs"].as_array().unwrap().len(), 1, "{logs}");
    daemon.stop().await;
}
