use super::served;
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;
use syncline::api::{self, Permission};

const TOKENS: &str = "[auth]\ntokens = [{ name = 'eve', role = 'viewer', token_sha256 = '0000000000000000000000000000000000000000000000000000000000000000' }]";

#[test]
fn every_route_is_declared_once_and_only_liveness_and_the_document_are_public() {
    let routes = api::routes();
    let unique: BTreeSet<String> = routes.iter().map(|r| format!("{} {}", r.method, r.path)).collect();
    assert_eq!(unique.len(), routes.len());
    let public: Vec<&str> = routes.iter().filter(|r| r.permission == Permission::Public).map(|r| r.path.as_str()).collect();
    assert_eq!(public, ["/livez", "/readyz", "/openapi.json", "/swagger", "/swagger/", "/swagger/{*file}"]);
    for route in &routes {
        let reads = route.method == Method::GET;
        let viewer = route.permission == Permission::Role(syncline::config::Role::Viewer);
        assert!(reads || !viewer || route.path.ends_with("/read/batch"), "{} {} changes something as viewer", route.method, route.path);
    }
}

#[tokio::test]
async fn no_route_answers_without_a_token_and_unknown_paths_stay_404() {
    let (daemon, _dir) = served::start(TOKENS).await;
    for route in api::routes() {
        let path = route.path.replace("{id}", "x").replace("{number}", "1").replace("{*file}", "index.html");
        let (status, body) = daemon.call(route.method.clone(), &path, None).await;
        let wanted = if route.permission == Permission::Public { 200 } else { 401 };
        assert_eq!(status, wanted, "{} {path}: {body}", route.method);
        if wanted == 401 {
            // dtle 2.x answers in plain text, dms in a word of its own.
            let word = if path.starts_with("/api/dms/") { "detail" } else { "message" };
            assert!(body[word].is_string() || path.starts_with("/v1/") && body.is_string(), "{path}: {body}");
        }
    }
    for path in ["/", "/nothing", "/api/v1/nothing", "/api/v2/jobs"] {
        let (status, body) = daemon.get(path).await;
        assert_eq!((status.as_u16(), body["code"].as_str()), (404, Some("not_found")), "{path}");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_the_shape_of_their_family() {
    let (daemon, _dir) = served::start("").await;
    let (status, body) = daemon.call(Method::PUT, "/api/v1/jobs", None).await;
    assert_eq!((status.as_u16(), body["code"].as_str()), (405, Some("method_not_allowed")));
    let (status, body) = daemon.get("/v2/nothing").await;
    assert_eq!(status, 404);
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
    for (method, path, status) in [(Method::GET, "/v1/nothing", 404), (Method::DELETE, "/v1/jobs", 405)] {
        let (said, body) = daemon.call(method, path, None).await;
        assert_eq!((said.as_u16(), body.is_string()), (status, true), "{path}: {body}");
    }
    let (status, _) = daemon.call(Method::POST, "/livez", None).await;
    assert_eq!(status, 405);
    daemon.stop().await;
}

#[tokio::test]
async fn a_listener_serves_only_its_families() {
    let (daemon, _dir) = served::start("[[listeners]]\naddress = '127.0.0.1:0'\nfamilies = ['dtle3']\n").await;
    let (_, server) = daemon.get("/api/v1/server").await;
    let listeners = server["listeners"].as_array().unwrap();
    assert_eq!(listeners[1]["families"], json!(["dtle3"]));
    let second = listeners[1]["address"].as_str().unwrap();
    let reply = reqwest::get(format!("http://{second}/api/v1/jobs")).await.unwrap();
    assert_eq!(reply.status(), 404);
    assert_eq!(reqwest::get(format!("http://{second}/livez")).await.unwrap().status(), 200);
    daemon.stop().await;
}
