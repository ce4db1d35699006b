use super::served;
use reqwest::Method;
use serde_json::{Value, json};

/// A job that is stored and does not run: nothing listens at its endpoints.
pub(super) fn body(name: &str) -> Value {
    let endpoint = |port: u16| json!({"host": "127.0.0.1", "port": port, "user": "u", "password": "hunter2"});
    json!({"name": name, "kind": "sync", "source": endpoint(1), "target": endpoint(2), "include": [{"schema": "shop"}], "paused": true})
}

#[tokio::test]
async fn a_job_is_stored_listed_and_deleted_with_its_secrets_masked() {
    let (daemon, dir) = served::start("").await;
    let (status, job) = daemon.post("/api/v1/jobs", &body("orders")).await;
    assert_eq!(status, 201, "{job}");
    assert_eq!((job["id"].as_str(), job["number"].as_u64(), job["state"].as_str()), (Some("orders-sync"), Some(1), Some("paused")));
    assert_eq!(job["config"]["source"]["password"], "*");
    for path in ["/api/v1/jobs/orders-sync", "/api/v1/jobs/1", "/api/v1/jobs/orders"] {
        let (status, shown) = daemon.get(path).await;
        assert_eq!((status.as_u16(), &shown), (200, &job), "{path}");
    }
    let (_, list) = daemon.get("/api/v1/jobs?state=paused").await;
    assert_eq!(list["jobs"].as_array().unwrap().len(), 1);
    let (_, none) = daemon.get("/api/v1/jobs?state=failed").await;
    assert_eq!(none["jobs"], json!([]));

    let (status, again) = daemon.post("/api/v1/jobs", &body("orders")).await;
    assert_eq!((status.as_u16(), again["code"].as_str()), (409, Some("already_exists")));
    let mut same_name = body("orders");
    same_name["id"] = json!("other");
    let (status, again) = daemon.post("/api/v1/jobs", &same_name).await;
    assert_eq!((status.as_u16(), again["code"].as_str()), (409, Some("already_exists")));

    let (status, gone) = daemon.call(Method::DELETE, "/api/v1/jobs/orders", None).await;
    assert_eq!((status.as_u16(), gone["note"].as_str()), (200, Some("")), "it never ran: nothing to forget");
    let (status, missing) = daemon.get("/api/v1/jobs/orders").await;
    assert_eq!((status.as_u16(), missing["code"].as_str()), (404, Some("not_found")));
    let (status, job) = daemon.post("/api/v1/jobs", &body("orders")).await;
    assert_eq!((status.as_u16(), job["number"].as_u64()), (201, Some(2)), "the name is free again, the number is not");
    daemon.stop().await;
    nothing_in_clear(&dir.path().join("data"));
}

/// No file of the data directory holds the password.
fn nothing_in_clear(dir: &std::path::Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(7).any(|w| w == b"hunter2"), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn what_is_done_to_a_job_is_among_its_events() {
    let (daemon, _dir) = served::start("").await;
    let (status, job) = daemon.post("/api/v1/jobs", &body("told")).await;
    assert_eq!(status, 201, "{job}");
    for verb in ["resume", "pause"] {
        let (status, reply) = daemon.post(&format!("/api/v1/jobs/told-sync/{verb}"), &json!({})).await;
        assert_eq!(status, 200, "{reply}");
    }
    let (_, events) = daemon.get("/api/v1/jobs/told-sync/events").await;
    let told: Vec<&str> = events["events"].as_array().unwrap().iter().filter_map(|e| e["message"].as_str()).collect();
    let done: Vec<&&str> = told.iter().filter(|m| m.starts_with("job.")).collect();
    assert_eq!(done, [&"job.create", &"job.resume", &"job.pause"], "{told:?}");
    daemon.stop().await;
}

#[tokio::test]
async fn unknown_ids_are_404_on_every_route() {
    let (daemon, _dir) = served::start("").await;
    for (method, path) in [
        (Method::GET, "/api/v1/jobs/x"),
        (Method::DELETE, "/api/v1/jobs/x"),
        (Method::POST, "/api/v1/jobs/x/pause"),
        (Method::POST, "/api/v1/jobs/x/resume"),
        (Method::POST, "/api/v1/jobs/x/finish"),
        (Method::POST, "/api/v1/jobs/x/retry"),
        (Method::POST, "/api/v1/jobs/x/verify"),
        (Method::GET, "/api/v1/jobs/x/events"),
        (Method::GET, "/api/v1/jobs/x/verify/1"),
        (Method::GET, "/api/v1/runs/1"),
        (Method::GET, "/api/v1/nodes/x"),
    ] {
        let (status, body) = daemon.call(method.clone(), path, None).await;
        assert_eq!((status.as_u16(), body["code"].as_str()), (404, Some("not_found")), "{method} {path}: {body}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn wrong_transitions_are_409_and_pause_is_idempotent() {
    let (daemon, _dir) = served::start("").await;
    daemon.post("/api/v1/jobs", &body("orders")).await;
    for _ in 0..2 {
        let (status, job) = daemon.post("/api/v1/jobs/orders/pause", &json!({})).await;
        assert_eq!((status.as_u16(), job["state"].as_str()), (200, Some("paused")));
    }
    for verb in ["finish", "retry"] {
        let (status, refused) = daemon.post(&format!("/api/v1/jobs/orders/{verb}"), &json!({})).await;
        assert_eq!((status.as_u16(), refused["code"].as_str()), (409, Some("wrong_state")), "{verb}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn an_update_replaces_the_job_keeps_its_secrets_and_compares_before_it_sets() {
    let (daemon, _dir) = served::start("").await;
    let (_, job) = daemon.post("/api/v1/jobs", &body("orders")).await;
    let index = job["job_modify_index"].as_u64().unwrap();
    let put = async |path: &str, if_match: Option<&str>, body: &Value| {
        let request = daemon.request(Method::PUT, path).json(body);
        let request = if let Some(index) = if_match { request.header("if-match", index) } else { request };
        let (status, body) = served::read(request.send().await.unwrap()).await;
        (status.as_u16(), body)
    };
    let mut config = job["config"].clone();
    assert_eq!(put("/api/v1/jobs/orders", None, &config).await.1["job_modify_index"], index, "the same again changes nothing");
    config["include"] = json!([{"schema": "crm"}]);
    config["target"].as_object_mut().unwrap().remove("password");
    let (status, updated) = put(&format!("/api/v1/jobs/1?index={index}"), None, &config).await;
    assert_eq!((status, updated["config"]["include"][0]["schema"].as_str()), (200, Some("crm")), "{updated}");
    assert_eq!(
        (updated["config"]["source"]["password"].as_str(), updated["config"]["target"]["password"].as_str()),
        (Some("*"), Some("*"))
    );
    let now = updated["job_modify_index"].as_u64().unwrap();
    assert!(now > index);

    config["description"] = json!("changed");
    let old = format!("\"{index}\"");
    for (path, header) in [(format!("/api/v1/jobs/orders?index={index}"), None), ("/api/v1/jobs/orders".to_owned(), Some(old.as_str()))] {
        let (status, reply) = put(&path, header, &config).await;
        assert_eq!(status, 409, "{reply}");
    }
    assert_eq!(put("/api/v1/jobs/orders", Some("soon"), &config).await.0, 400);
    let (status, updated) = put("/api/v1/jobs/orders", Some(&format!("\"{now}\"")), &config).await;
    assert_eq!((status, updated["description"].as_str()), (200, Some("changed")));

    for (field, value, status) in [("id", json!("other"), 400), ("name", json!("other"), 409), ("kind", json!("migration"), 409)] {
        let mut other = config.clone();
        other[field] = value;
        let (got, reply) = put("/api/v1/jobs/orders-sync", None, &other).await;
        assert_eq!(got, status, "{field}: {reply}");
    }
    config["source"]["host"] = json!("10.1.1.1");
    let (status, reply) = put("/api/v1/jobs/orders", None, &config).await;
    assert_eq!(status, 400, "a stored password goes to no other server: {reply}");
    assert_eq!(put("/api/v1/jobs/nobody", None, &body("nobody")).await.0, 404);
    daemon.stop().await;
}

#[tokio::test]
async fn gates_are_checked_by_field_kept_with_their_secrets_and_taken_away() {
    let (daemon, dir) = served::start("[security]\nallow_endpoints = [\"127.0.0.0/8\"]\n").await;
    daemon.post("/api/v1/jobs", &body("gated")).await;
    let set = async |body: Value| {
        let (status, reply) = daemon.post("/api/v1/jobs/gated/gates", &body).await;
        (status.as_u16(), reply)
    };
    let replica = |password: &str| json!({"host": "127.0.0.1", "port": 3, "user": "me", "password": password});
    for (wrong, field) in [
        (json!({"max_source_load": {"x' OR 1": 1}}), "gates.max_source_load"),
        (json!({"max_replica_lag_ms": 5}), "gates.replicas"),
        (json!({"replicas": [replica("")]}), "gates.max_replica_lag_ms"),
        (json!({"max_load": {"Threads_running": 5}}), "max_load"),
    ] {
        let (status, reply) = set(wrong).await;
        assert_eq!((status, reply["field"].as_str()), (400, Some(field)), "{reply}");
    }
    let nobody = json!({"max_replica_lag_ms": 5, "replicas": [{"host": "127.0.0.1"}]});
    let (status, reply) = set(nobody).await;
    assert_eq!((status, reply["field"].as_str()), (400, Some("replicas[0].user")), "the target's account is for the target: {reply}");
    let elsewhere = json!({"max_replica_lag_ms": 5, "replicas": [{"host": "10.9.9.9", "user": "me"}]});
    assert_eq!(set(elsewhere).await.1["code"], "endpoint_refused", "a replica is reached only where endpoints may be");
    let masked = json!({"max_replica_lag_ms": 5, "replicas": [replica("*")]});
    assert_eq!(set(masked.clone()).await.0, 400, "nothing is stored that it could stand for");

    let gates = json!({"max_source_load": {"Threads_running": 25}, "max_replica_lag_ms": 5000, "replicas": [replica("hunter2")]});
    let (status, job) = set(gates).await;
    assert_eq!((status, &job["config"]["gates"]["replicas"][0]["password"]), (200, &json!("*")), "{job}");
    assert_eq!(set(masked).await.0, 200, "the stored one stays");
    let other = json!({"max_replica_lag_ms": 5, "replicas": [{"host": "127.0.0.1", "port": 4, "user": "me", "password": "*"}]});
    assert_eq!(set(other).await.0, 400, "a stored password goes to no other server");
    let (_, events) = daemon.get("/api/v1/jobs/gated/events").await;
    assert!(events.to_string().contains("job.gates"), "{events}");
    let (status, job) = set(json!({})).await;
    assert_eq!((status, job["config"].get("gates")), (200, None));
    let (status, none) = daemon.get("/api/v1/jobs/gated/handover").await;
    assert_eq!((status.as_u16(), none["code"].as_str()), (404, Some("not_found")));
    daemon.stop().await;
    nothing_in_clear(&dir.path().join("data"));
}

#[tokio::test]
async fn an_id_that_no_target_has_room_for_is_refused_by_its_field() {
    let (daemon, _dir) = served::start("").await;
    let (long, most) = ("n".repeat(124), "ü".repeat(128));
    for path in ["/api/v1/jobs", "/api/v1/jobs?dry_run=true", "/api/v1/jobs/validate"] {
        let (status, refused) = daemon.post(path, &body(&long)).await;
        assert_eq!((status.as_u16(), refused["field"].as_str()), (400, Some("id")), "{path}: {refused}");
        let said = "id: longer than 128 characters; without one it is the name with the kind behind it";
        assert_eq!(refused["message"], said, "{path}");
    }
    let mut named = body(&long);
    named["id"] = json!(format!("{most}x"));
    let (status, refused) = daemon.post("/api/v1/jobs", &named).await;
    assert_eq!((status.as_u16(), refused["message"].as_str()), (400, Some("id: longer than 128 characters")));
    named["id"] = json!(most);
    let (status, job) = daemon.post("/api/v1/jobs", &named).await;
    assert_eq!(status, 201, "{job}");
    let (status, job) = daemon.call(Method::PUT, &format!("/api/v1/jobs/{most}"), Some(&named)).await;
    assert_eq!(status, 200, "{job}");
    daemon.stop().await;
}
