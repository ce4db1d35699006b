//! The error body of every native reply.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub code: Code,
    pub message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// The field of the request that is wrong, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Stable error codes; listed in `syncline help exit-codes` and the man page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    BadRequest,
    UnknownField,
    NotSupported,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    AlreadyExists,
    /// The transition is not allowed in the job's state.
    WrongState,
    PreflightFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    EndpointRefused,
    Unreachable,
    Timeout,
    ShuttingDown,
    Internal,
    /// A code that this client does not know yet.
    #[serde(other)]
    Other,
}
