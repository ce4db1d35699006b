//! MariaDB's UUID, INET4 and INET6: bytes in the log, text in SQL.

use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) fn inet4(bytes: &[u8]) -> Option<String> {
    Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).to_string())
}

/// As the server prints it, which is not always as RFC 5952 wants it.
pub(super) fn inet6(bytes: &[u8]) -> Option<String> {
    Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string())
}

pub(super) fn uuid(bytes: &[u8]) -> Option<String> {
    Some(uuid::Uuid::from_bytes(bytes.try_into().ok()?).to_string())
}
