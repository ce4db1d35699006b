//! The typed client of the native API: what the command line and the tests speak.
//!
//! One method per route, in a file per noun (`jobs.rs` ↔ `wire/native/jobs.rs` ↔ `api/native/jobs.rs`). It holds no
//! policy: no retries, no waiting, no printing. Invariant: a reply is either the type its route promises or one of
//! the errors of [`Error`]; a token goes to no other server than the one it was given for (no redirects).

mod bars;
mod error;
mod hosts;
mod jobs;
mod logs;
mod mysql;
mod nodes;
mod runs;
mod server;
mod stream;
mod sync;
mod tasks;

pub use bars::{BarImport, BarQuery};
pub use error::Error;
pub use jobs::JobQuery;
pub use logs::LogQuery;
pub use runs::RunQuery;
pub use stream::{Download, Pieces, TapQuery};

use crate::secret::Secret;
use crate::wire::native::error::ErrorBody;
use reqwest::{Method, RequestBuilder, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to one daemon. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<Secret>,
}

/// A reply as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    pub status: u16,
    pub body: Vec<u8>,
    /// Fields of the body that had no effect.
    pub ignored: Option<String>,
}

impl Client {
    /// Returns a client of `server` (`http://host:port`; `http://` may be left out). `timeout` bounds each request.
    pub fn new(server: &str, token: Option<Secret>, timeout: Duration) -> Result<Self, Error> {
        let base = parse_server(server)?;
        // A second call finds the provider installed, which is what we want.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("syncline/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|e| Error::BadServer { server: server.to_owned(), reason: e.to_string() })?;
        Ok(Self { http, base, token })
    }

    /// Returns the base URL without a slash at its end.
    pub fn server(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("parse_server allows http and https only").pop_if_empty().extend(["api", "v1"]).extend(segments);
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        }
    }

    /// Sends one request as it is told to and returns what came, whatever the status. `path` begins with a slash and may
    /// have a query; it stays below the server's address, and so does the token.
    pub async fn raw(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Result<Raw, Error> {
        let bad = |reason: String| Error::BadServer { server: format!("{}{path}", self.server()), reason };
        let url = Url::parse(&format!("{}{path}", self.server())).map_err(|e| bad(e.to_string()))?;
        if url.origin() != self.base.origin() {
            return Err(bad("the path leads to another server".to_owned()));
        }
        let method = Method::from_bytes(method.as_bytes()).map_err(|e| bad(e.to_string()))?;
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(body) = body {
            request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body);
        }
        let reply = request.send().await.map_err(|e| self.unreachable(e))?;
        let status = reply.status().as_u16();
        let ignored = reply.headers().get("x-syncline-ignored").and_then(|names| names.to_str().ok()).map(str::to_owned);
        let body = reply.bytes().await.map_err(|e| self.unreachable(e))?.to_vec();
        Ok(Raw { status, body, ignored })
    }

    async fn get<T: DeserializeOwned>(&self, segments: &[&str], query: &[(&str, String)]) -> Result<T, Error> {
        self.send(self.request(Method::GET, segments).query(query)).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &[(&str, String)],
        body: &(impl Serialize + Sync),
    ) -> Result<T, Error> {
        self.send(self.request(Method::POST, segments).query(query).json(body)).await
    }

    async fn put<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &[(&str, String)],
        body: &(impl Serialize + Sync),
    ) -> Result<T, Error> {
        self.send(self.request(Method::PUT, segments).query(query).json(body)).await
    }

    async fn delete<T: DeserializeOwned>(&self, segments: &[&str], query: &[(&str, String)]) -> Result<T, Error> {
        self.send(self.request(Method::DELETE, segments).query(query)).await
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let reply = request.send().await.map_err(|e| self.unreachable(e))?;
        let status = reply.status();
        let body = reply.bytes().await.map_err(|e| self.unreachable(e))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|e| Error::Decode { server: self.server().to_owned(), reason: e.to_string() });
        }
        let status = status.as_u16();
        Err(Error::Api { status, body: error_body(status, &body) })
    }

    /// Of an answer that had begun.
    fn broken(&self, error: reqwest::Error) -> Error {
        match self.unreachable(error) {
            Error::Unreachable { server, reason, timed_out: false } => Error::Broken { server, reason },
            other => other,
        }
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        let timed_out = error.is_timeout();
        Error::Unreachable { server: self.server().to_owned(), reason: root_cause(&error), timed_out }
    }
}

/// The last cause says what happened; the ones before it say where, which the message does already.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    loop {
        // What TLS says of it is a link into a library's manual.
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if io == Some(std::io::ErrorKind::UnexpectedEof) {
            return "it closed the connection before it had answered".to_owned();
        }
        match cause.source() {
            Some(next) => cause = next,
            None => return cause.to_string(),
        }
    }
}

/// Reads an error reply; one in a shape that is not the native API's says its status.
pub fn error_body(status: u16, body: &[u8]) -> Box<ErrorBody> {
    Box::new(serde_json::from_slice(body).unwrap_or_else(|_| foreign(status, body)))
}

/// An error reply of a dialect, of a proxy, or of another program on that port.
fn foreign(status: u16, body: &[u8]) -> ErrorBody {
    let said = serde_json::from_slice::<serde_json::Value>(body).ok().and_then(|v| v["message"].as_str().map(str::to_owned));
    if let Some(message) = said {
        return ErrorBody { message, ..ErrorBody::default() };
    }
    ErrorBody {
        message: format!("the server answered HTTP {status} without a reason of its own"),
        hint: "is this the address of a Syncline daemon?".into(),
        ..ErrorBody::default()
    }
}

fn parse_server(server: &str) -> Result<Url, Error> {
    let bad = |reason: &str| Error::BadServer { server: server.to_owned(), reason: reason.to_owned() };
    let full = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
    let url = Url::parse(&full).map_err(|e| bad(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("only http:// and https:// are spoken"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // The text itself is not repeated: it holds the secret.
        return Err(Error::BadServer {
            server: "(hidden)".into(),
            reason: "credentials do not belong into a URL; use a token file".into(),
        });
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("a server address has no query and no fragment"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_addresses() {
        for (text, base) in [
            ("127.0.0.1:8190", "http://127.0.0.1:8190"),
            ("https://sync.example/", "https://sync.example"),
            ("https://gate.example/syncline", "https://gate.example/syncline"),
            ("http://[::1]:8190", "http://[::1]:8190"),
        ] {
            assert_eq!(Client::new(text, None, CONNECT_TIMEOUT).unwrap().server(), base, "{text}");
        }
        for text in ["", "ftp://x", "http://", "http://a:secret@host", "http://h/?q=1"] {
            let error = Client::new(text, None, CONNECT_TIMEOUT).unwrap_err();
            assert!(matches!(error, Error::BadServer { .. }), "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn ids_are_escaped_in_paths() {
        let client = Client::new("http://h/base", None, CONNECT_TIMEOUT).unwrap();
        let request = client.request(Method::GET, &["jobs", "a/b c?"]).build().unwrap();
        assert_eq!(request.url().as_str(), "http://h/base/api/v1/jobs/a%2Fb%20c%3F");
    }
}
