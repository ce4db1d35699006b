//! Errors of the family: a status, and the same below zero in the envelope.

use crate::api::error::Shape;
use crate::{api, scheduler};
use axum::response::{IntoResponse, Response};

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error(pub(super) api::Error);

impl Error {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self(api::Error::bad_request(message))
    }
    /// A wrong value, with the field's full name in front.
    pub(super) fn field(field: &str, reason: impl std::fmt::Display) -> Self {
        Self::bad(format!("{field}: {reason}"))
    }
    /// What is wrong with a task whose filters were sent under this name.
    pub(super) fn of_task(error: scheduler::Error, filters: &str) -> Self {
        Self(api::Error::of_job(error, &|rule| format!("task.{filters}[{rule}].filter")))
    }
    pub(super) fn no_task(number: u64) -> Self {
        Self(api::Error::not_found(format!("task {number} does not exist")))
    }
}

impl From<api::Error> for Error {
    fn from(error: api::Error) -> Self {
        Self(error)
    }
}

impl From<scheduler::Error> for Error {
    fn from(error: scheduler::Error) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.0.render(Shape::Dts)
    }
}
