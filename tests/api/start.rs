//! Starting and stopping.

use super::jobs::body;
use super::served;
use crate::support::until::{until, until_some};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use syncline::config::{Config, Flags};

#[tokio::test]
async fn a_second_daemon_on_the_same_directory_is_refused() {
    let (daemon, dir) = served::start("").await;
    let error = served::serve(served::settings(dir.path(), "")).await.err().unwrap().to_string();
    assert!(error.contains("in use by another daemon"), "{error}");
    daemon.stop().await;
    served::serve(served::settings(dir.path(), "")).await.unwrap().stop().await;
}

#[tokio::test]
async fn jobs_are_there_again_after_a_restart_and_the_key_file_must_be_too() {
    let (daemon, dir) = served::start("").await;
    let (_, before) = daemon.post("/api/v1/jobs", &body("orders")).await;
    let (_, server) = daemon.get("/api/v1/server").await;
    let address = std::fs::read_to_string(dir.path().join("data/serve.addr")).unwrap();
    assert_eq!(format!("http://{}", address.trim()), daemon.url);
    daemon.stop().await;

    let daemon = served::serve(served::settings(dir.path(), "")).await.unwrap();
    assert_eq!(daemon.get("/api/v1/jobs/orders").await.1, before);
    assert_eq!(daemon.get("/api/v1/server").await.1["node_id"], server["node_id"]);
    daemon.stop().await;

    let key = dir.path().join("data/secret.key");
    let right = std::fs::read(&key).unwrap();
    for (bytes, part) in [(Some(vec![1; 32]), "is not the key"), (Some(vec![1; 3]), "32 bytes"), (None, "is missing")] {
        match bytes {
            Some(bytes) => std::fs::write(&key, bytes).unwrap(),
            None => std::fs::remove_file(&key).unwrap(),
        }
        let error = served::serve(served::settings(dir.path(), "")).await.err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
    std::fs::write(&key, right).unwrap();
    served::serve(served::settings(dir.path(), "")).await.unwrap().stop().await;
}

#[tokio::test]
async fn beyond_loopback_only_with_tokens_or_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let open = "[[listeners]]\naddress = '0.0.0.0:0'\nfamilies = ['native']\n";
    let error = served::serve(served::settings(dir.path(), open)).await.err().unwrap().to_string();
    assert!(error.contains("allow_anonymous_network"), "{error}");
    let config = served::settings(dir.path(), &format!("{open}\n[security]\nallow_anonymous_network = true"));
    let daemon = served::serve(config).await.unwrap();
    let (_, server) = daemon.get("/api/v1/server").await;
    assert_eq!(server["warnings"].as_array().unwrap().len(), 1, "{server}");
    daemon.stop().await;
}

/// Where networks decide, a name has to resolve. DNS that is away for the moment is no reason not to start.
#[tokio::test]
async fn a_name_that_does_not_resolve_keeps_no_daemon_from_starting_and_one_that_leads_astray_does() {
    let config = |host: &str| {
        format!(
            "[security]\nallow_endpoints = ['10.0.0.0/8']\n\
             [[dms.providers]]\nname = 'web'\nkind = 'http'\nformat = 'csv'\nurl = 'http://{host}/{{symbol}}'\n\
             [[dms.backups]]\nname = 'influx'\nhost = 'influx.invalid'\n[[dms.slaves]]\nname = 'far'\nhost = 'far.invalid'\n\
             [[dms.tasks]]\nname = 'daily'\ntype = 'incremental'\nsymbols = ['AAPL']\n"
        )
    };
    let dir = tempfile::tempdir().unwrap();
    // Twice: the second time the task is stored already.
    for _ in 0..2 {
        let daemon = served::serve(served::settings(dir.path(), &config("source.invalid"))).await.unwrap();
        until(Duration::from_secs(20), "market data is open", async || daemon.get("/api/dms/status").await.0 == 200).await;
        let (status, reply) = daemon.call(Method::POST, "/api/dms/tasks/trigger?task_name=daily", None).await;
        assert_eq!(status, 200, "{reply}");
        let task = async || daemon.get("/api/dms/tasks/daily/status").await.1;
        until(Duration::from_secs(20), "it failed", async || task().await["status"] == "failed").await;
        let result = task().await["last_result"].clone();
        assert!(result["message"].as_str().unwrap().contains("source.invalid:80 cannot be found: the name does not resolve"), "{result}");
        let (_, reply) = daemon.call(Method::POST, "/api/dms/sync/trigger?wait=true", None).await;
        assert_eq!(reply["result"]["results"], json!({"influx": false}));
        let (_, history) = daemon.get("/api/dms/sync/history?backup_name=influx&limit=1").await;
        let row = &history["history"][0];
        assert!(row["error_message"].as_str().unwrap().contains("influx.invalid:8086 cannot be found"), "{row}");
        daemon.stop().await;
    }
    let error = served::serve(served::settings(dir.path(), &config("localhost:1"))).await.err().unwrap().to_string();
    assert!(error.contains("dms.tasks[0].provider: localhost:1 is refused: [security] allow_endpoints does not name it"), "{error}");
}

/// The same of a job: it waits until the name resolves, and is refused only where it leads astray.
#[tokio::test]
async fn a_job_whose_name_does_not_resolve_waits() {
    let (daemon, _dir) = served::start("[security]\nallow_endpoints = ['10.0.0.0/8']\n").await;
    let mut job = body("orders");
    for (side, host) in [("source", "db.invalid"), ("target", "10.255.255.1")] {
        job[side]["host"] = json!(host);
    }
    let (status, reply) = daemon.post("/api/v1/jobs", &job).await;
    assert_eq!(status, 201, "{reply}");
    let (status, reply) = daemon.post("/api/v1/jobs/orders/resume", &json!({})).await;
    assert_eq!(status, 200, "{reply}");
    let waiting = async || Some(daemon.get("/api/v1/jobs/orders").await.1).filter(|job| job["state"] == "waiting");
    let waits = until_some(Duration::from_secs(20), "it waits", waiting).await.to_string();
    assert!(waits.contains("db.invalid:1 is not connected to: its name does not resolve"), "{waits}");
    job["source"]["host"] = json!("localhost");
    job["name"] = json!("astray");
    let (status, reply) = daemon.post("/api/v1/jobs", &job).await;
    assert_eq!((status.as_u16(), reply["code"].as_str()), (400, Some("endpoint_refused")));
    daemon.stop().await;
}

#[tokio::test]
async fn status_metrics_and_config_answer() {
    let (daemon, _dir) = served::start("").await;
    daemon.post("/api/v1/jobs", &body("orders")).await;
    let (status, text) = daemon.get("/metrics").await;
    let text = text.as_str().unwrap();
    assert_eq!(status, 200);
    for line in ["syncline_jobs{state=\"paused\"} 1", "syncline_jobs{state=\"failed\"} 0", "syncline_build_info{version="] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let (_, nodes) = daemon.get("/api/v1/nodes").await;
    assert_eq!((nodes["nodes"][0]["leader"].as_bool(), nodes["nodes"][0]["jobs"].as_u64()), (Some(true), Some(1)));
    let (_, config) = daemon.get("/api/v1/server/config").await;
    let listen = config["entries"].as_array().unwrap().iter().find(|e| e["key"] == "server.listen").unwrap();
    assert_eq!(listen["value"], json!("127.0.0.1:0"));
    let (status, page) = daemon.get("/api/v1/logs?limit=5&wait_ms=10").await;
    assert_eq!((status.as_u16(), page["lines"].is_array()), (200, true));
    daemon.stop().await;
}

#[test]
fn the_example_configuration_loads() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml");
    Config::load(Some(&path), [], &Flags::default()).unwrap();
}

#[tokio::test]
async fn a_stop_does_not_wait_for_those_who_wait_for_news() {
    let (daemon, _dir) = served::start("").await;
    let waiting = daemon.request(reqwest::Method::GET, "/api/v1/logs?grep=never-said&wait_ms=30000").send();
    let waiting = tokio::spawn(waiting);
    // It is served while this one is: both go through the same listener in order of arrival.
    daemon.get("/api/v1/server").await;
    let began = std::time::Instant::now();
    daemon.stop().await;
    assert!(began.elapsed().as_secs() < 4, "{:?}", began.elapsed());
    // Answered, or refused because it came too late.
    drop(waiting.await.unwrap());
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let (daemon, _dir) = served::start("").await;
    let mut request = daemon.request(reqwest::Method::GET, "/livez");
    for number in 0..200 {
        request = request.header(format!("x-{number}"), "1");
    }
    assert_eq!(request.send().await.unwrap().status(), 431);
    daemon.stop().await;
}
