//! The client of one endpoint: one question, one answer that is whole, or an error that says what was wrong with it.
//!
//! `answer` judges what came back, `send` does the sending, repeating and waiting. At most `in_flight` requests are under
//! way; redirects are not followed, proxies of the environment not used, and only the addresses that were handed over
//! are connected to.

mod answer;
mod send;

use answer::judge;
pub(super) use answer::{Answer, Bucket, bad, buckets};

use super::{Credentials, Error, Result, Source};
use crate::model::hosts::EsStyle;
use reqwest::{RequestBuilder, Url};
use serde_json::{Map, Value};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Client {
    http: reqwest::Client,
    source: Source,
    search: Url,
    permits: Semaphore,
    cancel: CancellationToken,
    requests: AtomicU64,
    retries: AtomicU64,
}

impl Client {
    /// Returns a client of the source that connects to these addresses only.
    pub(super) fn new(source: &Source, addresses: &[SocketAddr], cancel: CancellationToken) -> Result<Self> {
        // A second call finds the provider installed, which is what we want.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (host, port) = source.server();
        if addresses.is_empty() {
            return Err(Error::transient("es_unreachable", format!("cannot find {host}: the name does not resolve"))
                .hint("check the endpoint's host name and this machine's DNS"));
        }
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(source.limits.request))
            .timeout(source.limits.request)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(source.limits.in_flight)
            .resolve_to_addrs(host, &addresses.iter().map(|a| SocketAddr::new(a.ip(), port)).collect::<Vec<_>>())
            .user_agent(concat!("syncline/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &source.ca {
            let bad = |e| Error::config("es_bad_ca", "[hosts] ca_file holds no certificate in PEM form").because(e);
            builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem).map_err(bad)?);
        }
        let http =
            builder.build().map_err(|e| Error::config("bad_endpoint", "cannot set up an HTTP client for the endpoint").because(e))?;
        Ok(Self {
            http,
            search: search_url(source),
            permits: Semaphore::new(source.limits.in_flight.max(1)),
            source: source.clone(),
            cancel,
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
        })
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Returns how many requests were sent, and how many of them were repetitions.
    pub(super) fn sent(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.retries.load(Ordering::Relaxed))
    }

    /// Asks once what the body asks, repeating where the server says that it is only busy. The answer is whole.
    pub(super) async fn ask(&self, body: Map<String, Value>) -> Result<Answer> {
        self.repeat(|| self.question(&body), judge).await
    }

    /// Gets a JSON document below the endpoint (`search` style only).
    pub(super) async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Value> {
        let mut url = self.source.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).map_err(|e| bad("it is not JSON").because(e));
        self.repeat(|| self.authorized(self.http.get(url.clone()).query(query)), read).await
    }

    fn question(&self, body: &Map<String, Value>) -> RequestBuilder {
        match self.source.style {
            EsStyle::Search => {
                // The server shall stop, and say so, before we stop listening.
                let mut whole = body.clone();
                whole.insert("timeout".into(), Value::from(format!("{}ms", self.source.limits.request.as_millis() * 9 / 10)));
                self.authorized(self.http.post(self.search.clone()).json(&whole))
            }
            EsStyle::Proxy => {
                let mut whole = Map::new();
                whole.insert("index".into(), Value::from(self.source.index.as_str()));
                whole.extend(body.clone());
                self.authorized(self.http.post(self.search.clone()).json(&whole))
            }
        }
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.source.credentials {
            Credentials::None => request,
            Credentials::Basic { user, password } => request.basic_auth(user, Some(password.expose())),
            Credentials::ApiKey(key) => request.header(reqwest::header::AUTHORIZATION, format!("ApiKey {}", key.expose())),
            Credentials::Bearer(token) => request.bearer_auth(token.expose()),
        }
    }
}

/// `{endpoint}/{index}/_search`, the index encoded as one segment: patterns, clusters and date math in it arrive as written.
fn search_url(source: &Source) -> Url {
    let mut url = source.url.clone();
    if source.style == EsStyle::Search
        && let Ok(mut path) = url.path_segments_mut()
    {
        path.pop_if_empty().push(&source.index).push("_search");
    }
    url
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::hosts::Settings;

    /// A whole answer with these aggregations.
    pub(in crate::hosts) fn whole(aggregations: Value) -> Answer {
        judge(serde_json::json!({"hits": {"total": 0}, "aggregations": aggregations}).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_index_stands_in_the_path_or_not_at_all() {
        let url = |endpoint: &str, style, index: &str| {
            search_url(&Settings::default().source(Some(endpoint), Some(style), Some(index)).unwrap()).to_string()
        };
        assert_eq!(url("http://es:9200", EsStyle::Search, "c1:idx-*,b"), "http://es:9200/c1:idx-*,b/_search");
        assert_eq!(url("http://es:9200/base/", EsStyle::Search, "<logs-{now/d}>"), "http://es:9200/base/%3Clogs-%7Bnow%2Fd%7D%3E/_search");
        assert_eq!(url("http://es/platform/query/es", EsStyle::Proxy, "c*:i"), "http://es/platform/query/es");
    }
}
