//! A daemon in this process: the real `serve::run`, on port 0 and a directory of its own.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::path::Path;
use syncline::config::{Config, Flags};
use syncline::serve;
use syncline::telemetry::Telemetry;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) struct Served {
    pub(crate) url: String,
    http: reqwest::Client,
    cancel: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

/// Settings for a test: everything in `dir`, one listener on port 0.
pub(crate) fn settings(dir: &Path, more: &str) -> Config {
    let file = dir.join("test.toml");
    let text = format!("{more}\n[server]\nlisten = '127.0.0.1:0'\ndata_dir = '{}'\nshutdown_seconds = 5\n", dir.join("data").display());
    std::fs::write(&file, text).unwrap();
    Config::load(Some(&file), [], &Flags::default()).unwrap()
}

pub(crate) async fn serve(config: Config) -> anyhow::Result<Served> {
    // The client is built with the process's TLS provider, which the daemon installs as well.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let telemetry = Telemetry::install(&config.log).unwrap();
    let bound = serve::bind(&config).await?;
    let url = format!("http://{}", bound[0].serves.address);
    let cancel = CancellationToken::new();
    let task = tokio::spawn(serve::run(config, telemetry, bound, cancel.clone()));
    let served = Served { url, http: reqwest::Client::builder().no_proxy().build().unwrap(), cancel, task };
    crate::support::until::until(std::time::Duration::from_secs(20), "the daemon is ready", async || {
        served.task.is_finished() || served.http.get(format!("{}/readyz", served.url)).send().await.is_ok_and(|r| r.status() == 200)
    })
    .await;
    if served.task.is_finished() {
        served.task.await??;
        anyhow::bail!("the daemon ended");
    }
    Ok(served)
}

/// A daemon with default settings, and the directory that it lives in.
pub(crate) async fn start(more: &str) -> (Served, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (serve(settings(dir.path(), more)).await.unwrap(), dir)
}

impl Served {
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request with an optional JSON body; returns status and body.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let request = self.request(method, path);
        let request = if let Some(body) = body { request.json(body) } else { request };
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Ends it in order.
    pub(crate) async fn stop(self) {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// Returns status and body; a body that is not JSON becomes a text.
pub(crate) async fn read(response: reqwest::Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
