//! Errors of the family: a status and `{"message": …}`, whatever went wrong.
//!
//! dtle itself answered 500 to everything. `[compat] dtle_errors = "always_500"` gives that back to clients that look
//! for it; unknown routes and methods, and missing credentials, keep their status there too, as they did in dtle.

use crate::wire::dtle3::reply::Message;
use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
}

impl Error {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
    /// A wrong value, with the field's full name in front.
    pub(crate) fn field(field: &str, reason: impl std::fmt::Display) -> Self {
        Self::bad(format!("{field}: {reason}"))
    }
    pub(crate) fn unknown_job(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("job {id} does not exist"))
    }
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }
    /// Ours, or the operator's who configured it; what is said is fit for a client.
    pub(crate) fn internal_because(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
    /// The details are in the log, not here.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error, see the daemon's log")
    }
}

/// Marks a reply that a handler made, which `always_500` turns into a 500.
#[derive(Debug, Clone, Copy)]
struct Handled;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = shape(self.status, self.message);
        response.extensions_mut().insert(Handled);
        response
    }
}

/// An error reply in the family's shape.
pub(crate) fn shape(status: StatusCode, message: impl Into<String>) -> Response {
    (status, Json(Message { message: message.into() })).into_response()
}

pub(super) async fn unknown_route() -> Response {
    shape(StatusCode::NOT_FOUND, "Not Found")
}

pub(super) async fn wrong_method() -> Response {
    shape(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

/// Turns the errors that handlers make into dtle's own 500.
pub(super) async fn always_500(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.extensions().get::<Handled>().is_some() {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    response
}
