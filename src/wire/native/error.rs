//! The error body of every native reply.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub code: Code,
    /// A more precise code, where there is one: `syncline explain` says what to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// The field of the request that is wrong, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Each thing that is wrong, where there can be several: wrong fields of a body, findings of a preflight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// One of the things that stand against a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Detail {
    pub code: String,
    /// The field of the request, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it is about elsewhere: a side and a table, a variable, an account.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

/// Stable error codes; listed in `syncline help exit-codes` and the man page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
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
    /// A server that the daemon uses refuses the credentials that it has for it.
    AccessDenied,
    Timeout,
    /// The configuration has this part of the daemon switched off.
    Disabled,
    ShuttingDown,
    /// What is stored is not what was written.
    Damaged,
    /// The daemon's data directory has no room.
    DiskFull,
    Internal,
    /// A code that this client does not know yet.
    #[default]
    #[serde(other)]
    Other,
}

impl Code {
    /// Returns the word as it stands in a reply.
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}
