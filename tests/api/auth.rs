use super::served::{self, Served};
use reqwest::Method;
use serde_json::{Value, json};

const KEYS: [(&str, &str); 3] =
    [("viewer", "viewer-token-0123456789"), ("operator", "operator-token-0123456789"), ("admin", "admin-token-0123456789")];

async fn start() -> (Served, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let mut tokens = String::new();
    for (role, text) in KEYS {
        std::fs::write(dir.path().join(role), format!("{text}\n")).unwrap();
        tokens += &format!("{{ name = '{role}', role = '{role}', token_file = '{role}' }},");
    }
    let config = served::settings(dir.path(), &format!("[auth]\ntokens = [{tokens}]"));
    (served::serve(config).await.unwrap(), dir)
}

async fn status(daemon: &Served, method: Method, path: &str, token: &str) -> (u16, Value) {
    let (status, body) = served::read(daemon.request(method, path).bearer_auth(token).json(&json!({})).send().await.unwrap()).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn roles_open_what_they_say() {
    let (daemon, _dir) = start().await;
    let [viewer, operator, admin] = KEYS.map(|(_, text)| text);
    assert_eq!(status(&daemon, Method::GET, "/api/v1/jobs", viewer).await.0, 200);
    let (refused, body) = status(&daemon, Method::POST, "/api/v1/jobs/x/pause", viewer).await;
    assert_eq!((refused, body["code"].as_str()), (403, Some("forbidden")));
    assert_eq!(status(&daemon, Method::POST, "/api/v1/jobs/x/pause", operator).await.0, 404);
    assert_eq!(status(&daemon, Method::GET, "/api/v1/server/config", operator).await.0, 403);
    assert_eq!(status(&daemon, Method::GET, "/api/v1/server/config", admin).await.0, 200);
    daemon.stop().await;
}

#[tokio::test]
async fn wrong_credentials_are_401_with_a_challenge() {
    let (daemon, _dir) = start().await;
    assert_eq!(status(&daemon, Method::GET, "/api/v1/jobs", "viewer-token").await.0, 401);
    let reply = daemon.request(Method::GET, "/api/v1/jobs").basic_auth("x", Some(KEYS[0].1)).send().await.unwrap();
    assert_eq!(reply.status(), 401, "the native family takes Bearer only");
    assert!(reply.headers().contains_key("www-authenticate"));
    daemon.stop().await;
}

/// Old curl's `-u x:TOKEN`.
#[tokio::test]
async fn dtle_and_dms_take_the_token_as_a_password() {
    let (daemon, _dir) = start().await;
    // 503: let in, and told that this daemon has no bars database.
    for (path, wanted) in [("/api/dms/status", 503), ("/v2/jobs", 200), ("/v1/jobs", 200), ("/api/v1/tasks", 401)] {
        let asked = async |key: &str| daemon.request(Method::GET, path).basic_auth("x", Some(key)).send().await.unwrap().status().as_u16();
        assert_eq!((asked(KEYS[0].1).await, asked("other").await), (wanted, 401), "{path}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing_where_nobody_must_log_in() {
    let (daemon, _dir) = served::start("").await;
    let send = async |name: &str, value: &str, method: Method| {
        let reply = daemon.request(method, "/api/v1/jobs").header(name, value).json(&json!({})).send().await.unwrap();
        reply.status().as_u16()
    };
    assert_eq!(send("origin", "http://evil.example", Method::POST).await, 403);
    assert_eq!(send("sec-fetch-site", "cross-site", Method::POST).await, 403);
    assert_eq!(send("host", "evil.example", Method::GET).await, 403, "DNS rebinding");
    assert_eq!(send("host", "localhost:1", Method::GET).await, 200);
    assert_eq!(send("origin", &daemon.url.clone(), Method::POST).await, 400, "our own origin gets as far as the body");
    daemon.stop().await;
}
