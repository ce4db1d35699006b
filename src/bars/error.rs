//! Errors of this engine: classified where they are made. Only `provider/http` tries again by itself, what the other side
//! asked to be tried again.

use std::fmt;

/// What trying again could do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// May pass by itself: unreachable, overloaded, timed out.
    Transient,
    /// Will be the same again: an answer that is none, a damaged block.
    Permanent,
    /// The operator's settings, or a request that makes no sense.
    Config,
    /// What was named does not exist.
    NotFound,
}

#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    /// Stable, e.g. `bars_provider_unreachable`.
    pub code: &'static str,
    /// What failed, on which object; lowercase, no full stop.
    pub message: String,
    /// What helps, where the message alone does not say it; empty: nothing is known to.
    pub hint: &'static str,
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), hint: "", source: None }
    }
    pub fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Transient, code, message)
    }
    pub fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Permanent, code, message)
    }
    pub fn config(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Config, code, message)
    }
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, code, message)
    }
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// The hint is part of it: most who tell an error have one line for it.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, "; {}", self.hint) }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        // A full disk is the one an operator can mend while we wait.
        let kind = match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::DatabaseBusy) => Kind::Transient,
            _ => Kind::Permanent,
        };
        Self::new(kind, "bars_store_failed", format!("bars database: {error}")).because(error)
    }
}
