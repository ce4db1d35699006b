//! Errors that the handlers make: a status and `{"message": …}`. Unknown paths and refused callers are the frame's.
//!
//! dtle itself answered 500 to everything. `[compat] dtle_errors = "always_500"` gives that back to clients that look
//! for it; unknown routes and methods, and missing credentials, keep their status there too, as they did in dtle.

use crate::api::App;
use crate::config::DtleErrors;
use crate::scheduler;
use crate::wire::dtle3::reply::Message;
use axum::Json;
use axum::extract::{Request, State};
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
    /// The operator's who configured the daemon, not the caller's.
    pub(crate) fn misconfigured(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

impl From<crate::api::Error> for Error {
    fn from(error: crate::api::Error) -> Self {
        let field = error.field.as_ref().map(|f| format!("{f}: ")).unwrap_or_default();
        Self::new(error.status, format!("{field}{}", error.in_one_line()))
    }
}

impl From<scheduler::Error> for Error {
    fn from(error: scheduler::Error) -> Self {
        crate::api::Error::from(error).into()
    }
}

/// Marks a reply that a handler made, which `always_500` turns into a 500.
#[derive(Debug, Clone, Copy)]
struct Handled;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Message { message: self.message })).into_response();
        response.extensions_mut().insert(Handled);
        response
    }
}

/// Turns the errors that handlers make into dtle's own 500, where the configuration says so.
pub(super) async fn compat(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if app.config.compat.dtle_errors == DtleErrors::Always500 && response.extensions().get::<Handled>().is_some() {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    response
}
