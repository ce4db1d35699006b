//! Errors of this engine: classified where they are made, never retried by a run (`es/send.rs` alone sends again what an
//! answer of the server allows to).

use std::fmt;
use std::net::IpAddr;

/// What trying again could do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// May pass by itself: unreachable, overloaded, timed out.
    Transient,
    /// Will be the same again.
    Permanent,
    /// The operator's settings: endpoint, credentials, index, fields, database.
    Config,
    /// What was named does not exist.
    NotFound,
    /// It is there already.
    Conflict,
}

#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    /// Stable, e.g. `es_unreachable`.
    pub code: &'static str,
    /// What failed, on which object; lowercase, no full stop.
    pub message: String,
    /// What to do, if there is something.
    pub hint: String,
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), hint: String::new(), source: None }
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
    pub(super) fn not_found(host: u64) -> Self {
        Self::new(Kind::NotFound, "host_not_found", format!("host {host} is not in the pool")).hint("`syncline hosts list` shows the pool")
    }
    pub(super) fn host_exists(ip: IpAddr) -> Self {
        Self::new(Kind::Conflict, "host_exists", format!("{ip} is in the pool already"))
    }
    /// The address stays with its row, so that a host that comes back is the one that it was.
    pub(super) fn deleted_host_has(ip: IpAddr, other: u64) -> Self {
        Self::new(Kind::Conflict, "host_exists", format!("{ip} is the address of host {other}, which was deleted"))
            .hint("add that address again instead: the deleted host comes back")
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
