//! Who may call: users of the family's own, by HTTP Basic.

use super::super::served;
use super::{Client, nowhere, read};
use reqwest::{Method, header};

const USERS: &str = "[dts]\nusers = [
    { name = 'replicator', role = 'operator', password_sha256 = '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8' },
    { name = '看', role = 'viewer', password_sha256 = '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8' },
]\n";
/// Of `the-token-of-eve`.
const TOKENS: &str = "[auth]\ntokens = [{ name = 'eve', role = 'admin', token_sha256 = '3657b6ffcbd5afe455d753704d1c14259afaa8fef05c88925d9538ff5d4bef4a' }]\n";

const ROUTES: [(Method, &str); 7] = [
    (Method::POST, "/v1/dispatch/submit"),
    (Method::PUT, "/v1/dispatch/alter/1"),
    (Method::PUT, "/v1/dispatch/pause/1"),
    (Method::PUT, "/v1/dispatch/recover/1"),
    (Method::DELETE, "/v1/dispatch/delete/1"),
    (Method::GET, "/v1/task/list"),
    (Method::GET, "/v1/task/detail/1"),
];

#[tokio::test]
async fn users_are_asked_for_and_may_what_their_role_may() {
    let (daemon, _dir) = served::start(USERS).await;
    for user in [None, Some(("replicator", "Password")), Some(("nobody", "password")), Some(("看", "")), Some(("", "password"))] {
        let client = Client { user, ..Client::of(&daemon) };
        for (method, path) in ROUTES {
            let reply = client.send(method, path, "{").await;
            assert_eq!(reply.status, 401, "{user:?} {path}");
            assert!(reply.headers[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Basic "), "{:?}", reply.headers);
            assert!(!reply.message.contains("nobody"), "a name may be a password that went into the wrong field");
        }
    }
    let client = Client::of(&daemon);
    for value in ["Basic", "Basic !!!", "Basic cmVwbGljYXRvcg==", "Bearer password", "basic \u{7f}"] {
        let Ok(value) = header::HeaderValue::from_str(value) else { continue };
        let reply =
            read(client.request(Method::GET, "/v1/task/list").header(header::AUTHORIZATION, value.clone()).send().await.unwrap()).await;
        assert_eq!(reply.status, 401, "{value:?}");
    }
    // Unknown paths and methods are nobody's secret.
    assert_eq!(client.get("/v1/task/nothing").await.status, 404);
    assert_eq!(client.send(Method::POST, "/v1/task/list", "").await.status, 405);

    let viewer = Client { user: Some(("看", "password")), ..Client::of(&daemon) };
    assert_eq!(viewer.get("/v1/task/list").await.status, 200);
    let reply = viewer.send(Method::POST, "/v1/dispatch/submit", nowhere()).await;
    assert_eq!((reply.status, reply.message.as_str()), (403, "the user \"看\" is viewer, this needs operator"));
    let operator = Client { user: Some(("replicator", "password")), ..Client::of(&daemon) };
    assert_eq!(operator.send(Method::PUT, "/v1/dispatch/pause/1", "").await.status, 404);
    // Other families have tokens, and there is none: they are open to this machine, as without users.
    assert_eq!(daemon.get("/api/v1/jobs").await.0, 200);
    daemon.stop().await;
}

#[tokio::test]
async fn with_tokens_and_without_users_nobody_may() {
    let (daemon, _dir) = served::start(TOKENS).await;
    for user in [None, Some(("eve", "the-token-of-eve"))] {
        let reply = Client { user, ..Client::of(&daemon) }.get("/v1/task/list").await;
        assert_eq!((reply.status, reply.code), (401, -401));
    }
    daemon.stop().await;
    let named = "[[listeners]]\naddress = '127.0.0.1:0'\nfamilies = ['dts']\n";
    let (daemon, _dir) = served::start(&format!("{TOKENS}{named}")).await;
    let (status, _) = daemon.get("/livez").await;
    assert_eq!(status, 200);
    let request = daemon.request(Method::GET, "/api/v1/server").bearer_auth("the-token-of-eve");
    let server: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    let warnings = server["warnings"].to_string();
    assert!(warnings.contains("answers 401 to everybody: it serves dts"), "{server}");
    daemon.stop().await;
}

#[tokio::test]
async fn without_tokens_and_users_the_family_is_open_to_this_machine_alone() {
    let (daemon, _dir) = served::start("").await;
    let client = Client::of(&daemon);
    assert_eq!(client.get("/v1/task/list").await.status, 200);
    for (name, value, method, status) in [
        ("host", "evil.example", Method::GET, 403),
        ("origin", "http://evil.example", Method::DELETE, 403),
        ("sec-fetch-site", "cross-site", Method::DELETE, 403),
    ] {
        let path = if method == Method::GET { "/v1/task/list" } else { "/v1/dispatch/delete/1" };
        let reply = read(client.request(method, path).header(name, value).send().await.unwrap()).await;
        assert_eq!(reply.status, status, "{name}");
    }
    daemon.stop().await;
}
