//! What surrounds every request: an id, a slot, a time limit, and an answer even when a handler panics.

use super::app::App;
use super::error::{Error, Shape, Shapes};
use crate::wire::dts::reply::Envelope;
use crate::wire::native::error::Code;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tracing::Instrument as _;

/// Calls that answer after work of any length.
const LONG: [&str; 5] = ["/api/dms/import", "/api/dms/sync/request", "/api/dms/sync/trigger", "/api/v1/bars/import", "/api/v1/bars/verify"];

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static KRATOS_TRACE_ID: HeaderName = HeaderName::from_static("kratos-trace-id");
static KRATOS_STATUS_CODE: HeaderName = HeaderName::from_static("kratos-status-code");

/// The id under which a request is logged; the caller's own if it is short and plain.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

pub(super) async fn frame(State((app, shapes)): State<(App, Shapes)>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let shape = shapes.of(&path);
    request.extensions_mut().insert(RequestId(id.clone()));
    let request = request.map(|body| super::linger::wrap(body, &app.stopping));
    let span = tracing::debug_span!("request", request.id = id);
    let began = Instant::now();
    let mut response = match app.slots.try_acquire() {
        Ok(_slot) => {
            let limit = limit(&app, &path);
            let work = AssertUnwindSafe(next.run(request)).catch_unwind();
            match tokio::time::timeout(limit, work).instrument(span.clone()).await {
                Ok(Ok(response)) => response,
                Ok(Err(_)) => Error::internal(&format!("{method} {path} panicked (request {id})")).render(shape),
                Err(_) => timed_out(limit).render(shape),
            }
        }
        Err(_) => busy().render(shape),
    };
    let status = response.status().as_u16();
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(parent: &span, %method, path, status, ms, "answered");
    if let Ok(value) = HeaderValue::from_str(&id) {
        if shape == Shape::Dts {
            kratos(&mut response, value.clone());
        }
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

/// Calls of es-sync that answer when their work is done have the run's own limit, and a little more for the reply.
fn limit(app: &App, path: &str) -> Duration {
    if LONG.contains(&path) {
        return Duration::MAX;
    }
    if super::es_sync::waits(path) {
        return Duration::from_secs(app.config.tasks.deadline_seconds + 60);
    }
    Duration::from_secs(app.config.limits.request_seconds)
}

/// What every reply of the dts family carries, whoever made it: a handler, a guard, a fallback or this frame.
fn kratos(response: &mut Response, id: HeaderValue) {
    let code = Envelope::code(response.status().as_u16());
    let headers = response.headers_mut();
    headers.insert(KRATOS_TRACE_ID.clone(), id);
    headers.insert(KRATOS_STATUS_CODE.clone(), HeaderValue::from(code));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
}

fn request_id(headers: &HeaderMap) -> String {
    let plain =
        |text: &&str| !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let own = headers.get(&REQUEST_ID).and_then(|v| v.to_str().ok()).filter(plain);
    own.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

fn busy() -> Error {
    Error::new(StatusCode::SERVICE_UNAVAILABLE, Code::Timeout, "too many requests at a time")
        .hint("try again; [limits] concurrent_requests")
}

fn timed_out(limit: Duration) -> Error {
    let message = format!("no answer within {} s", limit.as_secs());
    Error::new(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, message).hint("what was begun goes on; look again")
}

/// Reads a whole body, up to the configured size (the `DefaultBodyLimit` of `api::router`).
pub(super) async fn read_body(request: Request) -> Result<Bytes, Error> {
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Error::new(StatusCode::PAYLOAD_TOO_LARGE, Code::PayloadTooLarge, "the body is too large")
                .hint("[limits] body_bytes sets the limit");
        }
        Error::bad_request("the body ended early")
    })
}
