//! What can go wrong between here and a daemon.

use crate::wire::native::error::{Code, ErrorBody};

#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("{server:?} is not a server address: {reason}")]
    BadServer { server: String, reason: String },
    #[error("the daemon at {server} cannot be reached: {reason}")]
    Unreachable { server: String, reason: String, timed_out: bool },
    /// An answer that had begun.
    #[error("the answer of {server} broke off before it was whole: {reason}")]
    Broken { server: String, reason: String },
    #[error("{}", body.message)]
    Api { status: u16, body: Box<ErrorBody> },
    #[error("the reply of {server} is not understood: {reason}")]
    Decode { server: String, reason: String },
}

impl Error {
    /// Stored data is not what was written; what is sound may have come before it.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Api { body, .. } if body.code == Code::Damaged)
    }
}
