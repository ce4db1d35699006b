use super::jobs::body;
use super::served::{self, read};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_wrong_body_names_what_is_wrong_and_stores_nothing() {
    let (daemon, _dir) = served::start("").await;
    let send = async |text: String| {
        let request = daemon.request(Method::POST, "/api/v1/jobs").header("content-type", "application/json").body(text);
        let (status, body) = read(request.send().await.unwrap()).await;
        (status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned(), body)
    };
    let with = |change: fn(&mut Value)| {
        let mut body = body("a");
        change(&mut body);
        body.to_string()
    };

    let (status, code, reply) = send("{\"name\": ".to_owned()).await;
    assert_eq!((status, code.as_str()), (400, "bad_request"));
    assert!(reply["message"].as_str().unwrap().contains("line 1"), "{reply}");

    let (status, code, reply) = send(with(|b| b["source"]["hots"] = json!("x"))).await;
    assert_eq!((status, code.as_str(), reply["field"].as_str()), (400, "unknown_field", Some("source.hots")));

    let (status, code, reply) = send(with(|b| b["target"]["port"] = json!("hunter2"))).await;
    assert_eq!((status, code.as_str(), reply["field"].as_str()), (400, "bad_request", Some("target.port")));
    assert!(!reply.to_string().contains("hunter2"));

    let (status, code, _) = send(with(|b| b["source"]["password"] = json!("*"))).await;
    assert_eq!((status, code.as_str()), (400, "bad_request"), "a mask where nothing is stored");

    let (status, code, reply) = send(with(|b| b["target"] = json!({"port": 70000, "hots": "x"}))).await;
    assert_eq!((status, code.as_str()), (400, "bad_request"), "{reply}");
    let told: Vec<String> = reply["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| format!("{} {}", d["field"].as_str().unwrap(), d["code"].as_str().unwrap()))
        .collect();
    assert_eq!(told, ["target.port bad_request", "target.hots unknown_field", "target.host bad_request", "target.user bad_request"]);
    assert_eq!(reply["details"][0]["message"], "must be a whole number from 0 to 65535");

    let (status, code, _) = send(with(|b| b["source"]["host"] = json!("169.254.169.254"))).await;
    assert_eq!((status, code.as_str()), (400, "endpoint_refused"));

    let (status, code, _) = send(with(|b| b["description"] = json!("x".repeat(10 << 20)))).await;
    assert_eq!((status, code.as_str()), (413, "payload_too_large"));

    let form = daemon.request(Method::POST, "/api/v1/jobs").header("content-type", "application/x-www-form-urlencoded").body("a=b");
    let (status, reply) = read(form.send().await.unwrap()).await;
    assert_eq!((status.as_u16(), reply["code"].as_str()), (415, Some("unsupported_media_type")));

    let (_, list) = daemon.get("/api/v1/jobs").await;
    assert_eq!(list, json!({"jobs": []}));
    daemon.stop().await;
}

#[tokio::test]
async fn queries_are_strict_too() {
    let (daemon, _dir) = served::start("").await;
    for (path, code, field) in [
        ("/api/v1/jobs?stat=failed", "unknown_field", "stat"),
        ("/api/v1/jobs?state=odd", "bad_request", "state"),
        ("/api/v1/runs?limit=many", "bad_request", "limit"),
        ("/api/v1/runs?since=yesterday", "bad_request", "since"),
        ("/api/v1/logs?level=loud", "bad_request", "level"),
        ("/api/v1/logs?target=x", "bad_request", "target"),
    ] {
        let (status, body) = daemon.get(path).await;
        assert_eq!((status.as_u16(), body["code"].as_str(), body["field"].as_str()), (400, Some(code), Some(field)), "{path} {body}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn what_this_release_has_not_is_refused_by_name_and_field() {
    let (daemon, _dir) = served::start("").await;
    for (field, change) in [
        ("driver", (|b| b["driver"] = json!("kafka")) as fn(&mut Value)),
        ("target.kafka", |b| b["target"]["kafka"] = json!({"brokers": []})),
        ("include[0].rename", |b| b["include"][0]["rename"] = json!("store")),
        ("column_map", |b| b["column_map"] = json!({})),
        ("include[0].tables[0]", |b| b["include"][0]["tables"] = json!([{"table": "orders", "where": "1"}])),
        ("include[0].schema", |b| b["include"][0]["schema"] = json!("~shop.*")),
    ] {
        let mut body = body("a");
        change(&mut body);
        for path in ["/api/v1/jobs", "/api/v1/jobs/validate"] {
            let (status, reply) = daemon.post(path, &body).await;
            assert_eq!(
                (status.as_u16(), reply["code"].as_str(), reply["field"].as_str()),
                (400, Some("not_supported"), Some(field)),
                "{reply}"
            );
            assert!(!reply["hint"].as_str().unwrap_or_default().is_empty(), "{reply}");
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn a_bad_pattern_is_refused_with_its_field_and_place() {
    let (daemon, _dir) = served::start("").await;
    for (word, says) in [("/tmp_(/", "character 6: unclosed group"), ("tmp_*", "not between slashes")] {
        let mut body = body("a");
        body["ignore"] = json!([{"schema": "shop", "tables": ["a", word]}]);
        let (status, reply) = daemon.post("/api/v1/jobs", &body).await;
        let field = reply["field"].as_str();
        assert_eq!((status.as_u16(), reply["code"].as_str(), field), (400, Some("bad_request"), Some("ignore[0].tables[1]")), "{reply}");
        assert!(reply["message"].as_str().unwrap_or_default().contains(says), "{reply}");
    }
    let mut body = body("a");
    body["include"] = json!([{"schema": "shop", "tables": ["orders", r"/shard_\d{1,3}/"]}]);
    let (status, reply) = daemon.post("/api/v1/jobs", &body).await;
    assert_eq!((status.as_u16(), &reply["config"]["include"]), (201, &body["include"]), "{reply}");
    daemon.stop().await;
}

#[tokio::test]
async fn findings_of_a_preflight_come_one_by_one() {
    let (daemon, _dir) = served::start("").await;
    let mut body = body("a");
    body["paused"] = json!(false);
    let (status, reply) = daemon.post("/api/v1/jobs", &body).await;
    assert_eq!((status.as_u16(), reply["code"].as_str()), (400, Some("preflight_failed")), "{reply}");
    let details = reply["details"].as_array().unwrap();
    assert_eq!(details.len(), 2, "one per dead server: {reply}");
    assert!(
        details[0]["object"].as_str().unwrap().starts_with("source") && details[1]["object"].as_str().unwrap().starts_with("target"),
        "{reply}"
    );
    assert!(!reply["message"].as_str().unwrap().contains("unreachable") && !reply.to_string().contains("Input/output error"), "{reply}");
    daemon.stop().await;
}
