//! Real OpenSearch and Elasticsearch nodes for the tests, started by `scripts/services` at first use and shared.

use super::servers::{run, skip};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Child;
use std::sync::OnceLock;

pub(crate) struct Node {
    port: u16,
    http: reqwest::Client,
    _dir: PathBuf,
    /// Keeps the pipe open; the node lives as long as it.
    _guard: Child,
}

/// Returns the shared OpenSearch node, or None where there is none (the skip is printed).
pub(crate) fn opensearch() -> Option<&'static Node> {
    static NODE: OnceLock<Result<Node, String>> = OnceLock::new();
    available(NODE.get_or_init(|| start("opensearch")))
}

/// The same of Elasticsearch 7.17.
pub(crate) fn elasticsearch() -> Option<&'static Node> {
    static NODE: OnceLock<Result<Node, String>> = OnceLock::new();
    available(NODE.get_or_init(|| start("elasticsearch")))
}

/// An OpenSearch of one test alone, gone when dropped.
pub(crate) fn own(name: &str) -> Option<Node> {
    match start_as("opensearch", name) {
        Ok(node) => Some(node),
        Err(missing) => {
            skip(&missing);
            None
        }
    }
}

fn available(outcome: &'static Result<Node, String>) -> Option<&'static Node> {
    match outcome {
        Ok(node) => Some(node),
        Err(missing) => {
            skip(missing);
            None
        }
    }
}

fn start(what: &str) -> Result<Node, String> {
    start_as(what, what)
}

fn start_as(what: &str, name: &str) -> Result<Node, String> {
    let (port, dir, guard) = run(what, name, &[])?;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // No connection is kept: it would die with the runtime of the test that opened it.
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client");
    Ok(Node { port, http, _dir: dir, _guard: guard })
}

impl Node {
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn send(&self, method: reqwest::Method, path: &str, kind: &str, body: String) -> Value {
        let url = format!("{}/{path}", self.endpoint());
        let reply = self.http.request(method, url).header("content-type", kind).body(body).send().await.expect("the node answers");
        let status = reply.status();
        let text = reply.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Where other clusters reach it.
    async fn transport(&self) -> String {
        let about = self.send(reqwest::Method::GET, "_nodes/_local/transport", "application/json", String::new()).await;
        let node = about["nodes"].as_object().and_then(|nodes| nodes.values().next()).expect("one node");
        node["transport"]["publish_address"].as_str().expect("an address").to_owned()
    }

    async fn remote_setting(&self, name: &str, setting: &str, value: Value) {
        let settings = json!({"persistent": {format!("cluster.remote.{name}.{setting}"): value}});
        self.send(reqwest::Method::PUT, "_cluster/settings", "application/json", settings.to_string()).await;
    }

    /// Makes the other cluster known here by this name, as one that must answer.
    pub(crate) async fn remote(&self, name: &str, other: &Self) {
        self.remote_setting(name, "seeds", json!([other.transport().await])).await;
    }

    /// Says whether an answer may leave the other cluster out where it does not answer.
    pub(crate) async fn remote_may_be_skipped(&self, name: &str, may: bool) {
        self.remote_setting(name, "skip_unavailable", json!(may)).await;
    }

    /// Makes an index with these mappings of its fields.
    pub(crate) async fn index(&self, name: &str, properties: Value) {
        let settings = json!({"number_of_shards": 2, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async"});
        let body = json!({"settings": settings, "mappings": {"properties": properties}});
        self.send(reqwest::Method::PUT, name, "application/json", body.to_string()).await;
    }

    /// Writes a document for good measure of time: many at once, in the server's bulk form.
    pub(crate) async fn bulk(&self, index: &str, lines: String) {
        let reply = self.send(reqwest::Method::POST, &format!("{index}/_bulk"), "application/x-ndjson", lines).await;
        assert_eq!(reply["errors"], json!(false), "{}", reply["items"][0]);
    }

    pub(crate) async fn refresh(&self, index: &str) {
        self.send(reqwest::Method::POST, &format!("{index}/_refresh"), "application/json", String::new()).await;
    }
}

/// Puts a document into a bulk body.
pub(crate) fn line(body: &mut String, document: &Value) {
    // Writing into a String cannot fail.
    let _ = write!(body, "{{\"index\":{{}}}}\n{document}\n");
}
