//! The dts family with the contract's own requests, sent as its clients send them; every reply, whoever made it, must be
//! kratos' envelope with kratos' headers.

use super::contract::text;
use super::served::Served;
use crate::support::broker::Broker;
use crate::support::servers::{PASSWORD, Server, USER};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::time::Duration;

mod callers;
mod incremental;
mod life;
mod refused;
mod samples;

const PATIENCE: Duration = Duration::from_secs(60);

/// One who talks to the family.
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    user: Option<(&'static str, &'static str)>,
}

/// What came back, after its envelope and headers were looked at.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: header::HeaderMap,
    code: i64,
    message: String,
    data: Value,
}

impl Client {
    fn new(url: &str, user: Option<(&'static str, &'static str)>) -> Self {
        // A test may talk to a daemon of another process alone; in this one somebody must have said whose TLS it is.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self { http: reqwest::Client::builder().no_proxy().build().unwrap(), url: url.to_owned(), user }
    }

    fn of(daemon: &Served) -> Self {
        Self::new(&daemon.url, None)
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match self.user {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        }
    }

    /// As `curl -d` does it with the contract's own header.
    async fn send(&self, method: Method, path: &str, body: impl ToString) -> Reply {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        read(request.send().await.expect("the daemon answers")).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "").await
    }

    /// Sends what must succeed; returns its data.
    async fn done(&self, method: Method, path: &str, body: impl ToString) -> Value {
        let reply = self.send(method, path, body).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply.data
    }

    async fn submit(&self, body: &Value) -> u64 {
        self.done(Method::POST, "/v1/dispatch/submit", body).await["id"].as_u64().expect("a number")
    }

    async fn detail(&self, id: u64) -> Value {
        self.done(Method::GET, &format!("/v1/task/detail/{id}"), "").await
    }

    /// Waits until the task is in this state.
    async fn state(&self, id: u64, state: &str) {
        let what = format!("task {id} is {state}");
        crate::support::until::until(PATIENCE, &what, async || self.detail(id).await["state"] == state).await;
    }
}

/// Reads a reply of the family, and panics unless it has all that every reply has.
async fn read(reply: reqwest::Response) -> Reply {
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    let text = reply.text().await.expect("a whole body");
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{status}: {e}: {text}"));
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["code", "message", "ttl", "data"], "in the contract's order");
    let code = body["code"].as_i64().unwrap();
    assert_eq!((code, body["ttl"].as_i64()), (if status == 200 { 0 } else { -i64::from(status) }, Some(1)), "{text}");
    assert_eq!(headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
    assert_eq!(headers["kratos-status-code"].to_str().unwrap(), code.to_string());
    assert_eq!(headers["kratos-trace-id"], headers["x-request-id"]);
    assert!(!headers["kratos-trace-id"].is_empty());
    let message = body["message"].as_str().unwrap().to_owned();
    assert!(if code == 0 { message == "0" } else { !message.is_empty() && body["data"] == json!({}) }, "{text}");
    Reply { status, headers, code, message, data: body["data"].clone() }
}

/// The contract's submit, towards our servers.
fn task(source: &Server, broker: &Broker, schema: &str, topic: &str) -> Value {
    let mut body: Value = serde_json::from_str(&text("dts", "submit.request")).unwrap();
    let task = &mut body["task"];
    task["source"] = json!({ "host": "127.0.0.1", "port": source.port, "username": USER, "password": PASSWORD });
    task["kafka"]["addr"] = json!(broker.address());
    task["kafka"]["topic"] = json!(topic);
    for filter in task["filters"].as_array_mut().unwrap() {
        filter["dbname"] = json!(schema);
    }
    body
}

/// The contract's submit, towards nobody.
fn nowhere() -> Value {
    let mut body: Value = serde_json::from_str(&text("dts", "submit.request")).unwrap();
    // Nothing listens on ports 1 and 2 without being root and meaning it.
    body["task"]["source"]["port"] = json!(1);
    body["task"]["kafka"]["addr"] = json!("127.0.0.1:2");
    body
}
