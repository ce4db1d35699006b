//! Errors of this engine: classified where they are made, never retried by a run (`es/send.rs` alone sends again what an
//! answer of the server allows to).

use crate::model::fault::{Fault, Kinds};
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

impl Kinds for Kind {
    const TRANSIENT: Self = Self::Transient;
    const PERMANENT: Self = Self::Permanent;
    const CONFIG: Self = Self::Config;
}

pub type Error = Fault<Kind>;

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
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
}
