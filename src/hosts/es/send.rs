//! Sending: one permit, one time limit, an answer of bounded size; and sending again where that is the server's wish.
//!
//! Repeated are only answers that say "later" (429, 502, 503, 504) and connections that broke before an answer; the
//! wait is the server's `Retry-After`, else it doubles. A request that ran into its time limit is not repeated as it is:
//! the run asks for less.

use super::Client;
use super::answer::{denied, refusal};
use crate::hosts::{Error, Kind, Result};
use bytes::BytesMut;
use futures::StreamExt as _;
use jiff::Timestamp;
use reqwest::header::RETRY_AFTER;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often one question is sent at most to a server that says "later", and over connections that break.
const ATTEMPTS: u32 = 5;
const CONNECTIONS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Longest wait that a server's `Retry-After` can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Error bodies are read up to here.
const ERROR_BYTES: usize = 64 << 10;

/// One attempt that failed.
struct Failed {
    error: Error,
    /// Send again; after so long, if the server said how long.
    again: Option<Option<Duration>>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, again: None }
    }
}

impl Client {
    /// Sends what `make` makes until `read` can read the answer, or it is final, or it was tried often enough.
    pub(super) async fn repeat<T>(&self, make: impl Fn() -> RequestBuilder, read: impl Fn(&[u8]) -> Result<T>) -> Result<T> {
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let outcome = self.attempt(make()).await.and_then(|bytes| {
                // "Later" may also come in an answer of status 200.
                read(&bytes).map_err(|error| Failed { again: (error.code == "es_overloaded").then_some(None), error })
            });
            let Failed { error, again } = match outcome {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let most = if error.code == "es_connection_lost" { CONNECTIONS } else { ATTEMPTS };
            let Some(told) = again.filter(|_| attempt < most) else { return Err(error) };
            // A server that names a time is obeyed; the own wait is spread so that ten do not come back at once.
            let pause = told.map_or_else(|| wait.mul_f64(spread(self.requests.load(Ordering::Relaxed))), |t| t.min(LONGEST_WAIT));
            wait *= 2;
            tokio::select! {
                () = self.cancel.cancelled() => return Err(cancelled()),
                () = tokio::time::sleep(pause) => {}
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
        }
        Err(Error::transient("es_failed", "the request was never sent"))
    }

    async fn attempt(&self, request: RequestBuilder) -> std::result::Result<Vec<u8>, Failed> {
        let _permit = tokio::select! {
            () = self.cancel.cancelled() => return Err(cancelled().into()),
            permit = self.permits.acquire() => permit.map_err(|_| cancelled())?,
        };
        self.requests.fetch_add(1, Ordering::Relaxed);
        tokio::select! {
            () = self.cancel.cancelled() => Err(cancelled().into()),
            outcome = self.exchange(request) => outcome,
        }
    }

    async fn exchange(&self, request: RequestBuilder) -> std::result::Result<Vec<u8>, Failed> {
        let reply = request.send().await.map_err(|e| self.broken(e))?;
        let status = reply.status();
        if status == StatusCode::OK {
            return self.body(reply, self.source.limits.response_bytes).await;
        }
        let told = retry_after(&reply);
        let again = matches!(status.as_u16(), 429 | 502 | 503 | 504).then_some(told);
        if matches!(status.as_u16(), 401 | 403) {
            return Err(denied(status.as_u16()).into());
        }
        if status.is_redirection() {
            return Err(Error::config("es_redirect", format!("the endpoint answers with a redirect (status {})", status.as_u16()))
                .hint("name the address that it leads to: redirects are not followed")
                .into());
        }
        let body = self.body(reply, ERROR_BYTES).await.unwrap_or_default();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let error = match (status.as_u16(), body.get("error")) {
            (code, Some(error)) => refusal(code, error),
            (404, None) => Error::config("es_not_found", "the endpoint answers 404").hint("check the endpoint's path and its style"),
            (413, None) => Error::permanent("es_too_large", "the endpoint takes no request of this size (status 413)"),
            (code, None) => refusal(code, &Value::Null),
        };
        Err(Failed { error, again })
    }

    /// Reads the body to its end, or to the limit.
    async fn body(&self, reply: Response, limit: usize) -> std::result::Result<Vec<u8>, Failed> {
        let mut bytes = BytesMut::new();
        let mut stream = reply.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|e| self.broken(e))?;
            if bytes.len() + chunk.len() > limit {
                return Err(Error::permanent("es_too_large", format!("the answer is larger than {limit} bytes")).into());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.into())
    }

    /// Says what broke an exchange: the way to the server, the time limit, or the server itself.
    fn broken(&self, error: reqwest::Error) -> Failed {
        let (host, port) = self.source.server();
        let place = format!("{host}:{port}");
        if error.is_connect() {
            if chain(&error).any(is_of_tls) {
                let message = format!("no TLS connection to {place}: {}", innermost(&error));
                return Error::config("es_tls", message).hint("check [hosts] ca_file, and that the certificate names this host").into();
            }
            let message = format!("cannot connect to {place}: {}", innermost(&error));
            let error = Error::transient("es_unreachable", message).hint("check endpoint and firewall, and that the server runs");
            return Failed { error, again: Some(None) };
        }
        if error.is_timeout() {
            let seconds = self.source.limits.request.as_secs_f64();
            return Error::transient("es_timeout", format!("no whole answer from {place} within {seconds} s")).into();
        }
        let message = format!("the connection to {place} broke: {}", innermost(&error));
        Failed { error: Error::transient("es_connection_lost", message), again: Some(None) }
    }
}

fn cancelled() -> Error {
    Error::new(Kind::Transient, "cancelled", "the run was cancelled")
}

fn chain<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |e| e.source())
}

/// An I/O error hides what it was made of from its chain, and may be made of another I/O error.
fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let inside = || error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || inside().is_some_and(|inner| is_of_tls(inner))
}

/// The outer layers repeat the address and say "error sending request"; the innermost says what happened.
fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default().trim_end_matches('.').to_owned()
}

/// Seconds, or a date.
fn retry_after(reply: &Response) -> Option<Duration> {
    let text = reply.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(at.duration_since(Timestamp::now()).try_into().unwrap_or(Duration::ZERO))
}

/// 0.5 to 1.5, different for each request.
fn spread(number: u64) -> f64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
    0.5 + f64::from(u16::try_from(mixed).unwrap_or(0)) / 65_536.0
}
