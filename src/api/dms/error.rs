//! Errors that the handlers make: a status and `{"detail": …}`.

use crate::bars;
use crate::wire::dms::Failure;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(super) type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) status: StatusCode,
    pub(super) detail: String,
}

impl Error {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }
    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }
}

impl From<crate::api::Error> for Error {
    fn from(error: crate::api::Error) -> Self {
        Self::new(error.status, error.in_one_line())
    }
}

/// For the native family, which shows the same nodes.
impl From<Error> for crate::api::Error {
    fn from(Error { status, detail }: Error) -> Self {
        use crate::wire::native::error::Code;
        let code = if status == StatusCode::SERVICE_UNAVAILABLE { Code::Unreachable } else { Code::Internal };
        Self::new(status, code, detail)
    }
}

impl From<crate::scheduler::Error> for Error {
    fn from(error: crate::scheduler::Error) -> Self {
        crate::api::Error::from(error).into()
    }
}

impl From<crate::store::Error> for Error {
    fn from(error: crate::store::Error) -> Self {
        crate::api::Error::from(error).into()
    }
}

/// Of the store: ours, unless the error says otherwise.
impl From<bars::Error> for Error {
    fn from(error: bars::Error) -> Self {
        match error.kind {
            _ if bars::Missing::CODES.contains(&error.code) => Self::unavailable(error.to_string()),
            // The caller's: a series that came damaged must not pass for a daemon that fails.
            _ if matches!(error.code, "bars_block_refused" | "bars_peer_unreadable") => Self::bad(error.to_string()),
            _ if error.code == bars::replica::Master::OTHER => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            bars::Kind::NotFound => Self::not_found(error.to_string()),
            bars::Kind::Config => Self::bad(error.to_string()),
            bars::Kind::Transient => Self::unavailable(error.to_string()),
            bars::Kind::Permanent => {
                tracing::error!(%error, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Json(Failure { detail: self.detail })).into_response()
    }
}
